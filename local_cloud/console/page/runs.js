// Runs of plans: the newest ones, and one of them as the diagram of its plan with the state of each step.

import { element, show } from "./dom.js";
import { get } from "./feed.js";
import { DID, PROGRESS, count, date, number, place } from "./format.js";
import { arrow, chip, empty, facts, journeyAddress, runAddress } from "./parts.js";

const ALWAYS = ["delivered", "opened", "clicked"];
const KINDS = { stamp: "Stamp", send: "Send", wait: "Wait" };
const list = document.getElementById("run-list");
const detail = document.getElementById("run");

let turn = 0;

/** Show the run that the address names; a run may be in several ledgers, so the address names that too. */
export async function showRuns(store, [run, ledger = ""]) {
  show(list, store.runs.length ? index(store.runs, run, ledger) : nothingYet());
  const own = ++turn;
  const known = run ? await get(`../runs/${encodeURIComponent(run)}?ledger=${encodeURIComponent(ledger)}`) : null;
  if (own === turn) {
    // Otherwise a later look was answered first.
    show(detail, ...(run ? describe(known, run, store.journeys) : []));
  }
}

function nothingYet() {
  const command = element("code", {}, "make demo");
  return empty("No plan was carried out yet. A company event on its bus starts one, as ", command, " shows.");
}

function index(runs, chosen, ledger) {
  return element(
    "ul",
    {},
    runs.map((run) => element("li", {}, entry(run, run.run === chosen && ["", run.ledger].includes(ledger)))),
  );
}

function entry(run, chosen) {
  return element(
    "a",
    {
      href: runAddress(run.run, run.ledger),
      "data-key": `run ${run.ledger} ${run.run}`,
      "aria-current": chosen ? "true" : null,
    },
    element("span", { class: "title" }, element("span", { class: "name" }, run.plan), chip(PROGRESS, run.status)),
    element("span", { class: "muted" }, [date(run.began), place(run), ...marks(run)].join(" · ")),
    run.reason ? element("span", { class: "muted name" }, run.reason) : null,
  );
}

function marks({ dry_run: dry, stopping, status }) {
  return [dry ? "dry run" : "", stopping && status === "running" ? "stopping" : ""].filter(Boolean);
}

function describe(run, id, journeys) {
  const back = element("a", { class: "back", href: "#runs", "data-key": "back" }, "All runs");
  if (!run) {
    return [back, element("h3", { tabindex: "-1" }, id), empty("No ledger knows this run.")];
  }
  return [
    back,
    element("h3", { tabindex: "-1" }, run.plan),
    element(
      "p",
      { class: "progress" },
      chip(PROGRESS, run.status),
      run.reason ? element("span", {}, run.reason) : null,
    ),
    facts([
      ["Run", run.run],
      ["Key", run.key],
      ["Began", date(run.began)],
      ["Ended", run.ended ? date(run.ended) : ""],
      ["Dry run", run.dry_run ? "yes: campaigns are not made" : ""],
      ["Journey", journeyOf(run, journeys)],
      ["Fall-back", run.lost ? `went on without it because ${run.lost}` : ""],
      ["Only step", run.only_step],
      ["Stopping", run.stopping && run.status === "running" ? "yes: nothing more is made" : ""],
      ["In", place(run)],
    ]),
    run.faults.length ? [element("h4", {}, "Faults"), faults(run.faults)] : null,
    valuesOf(run.values),
    run.steps.length ? [element("h4", {}, "Plan"), diagram(run.steps)] : null,
  ];
}

/** The version of a plan's journey that the run is in; a link to the journey, whose name ends with it, if it exists. */
function journeyOf({ journey, account, region }, journeys) {
  const known = journeys.find(
    (one) => journey && one.name.endsWith(`-${journey}`) && one.account === account && one.region === region,
  );
  return known ? element("a", { href: journeyAddress(known), "data-key": "journey" }, known.name) : journey;
}

/** Each fault as `path: rule. remedy.` */
function faults(found) {
  return element(
    "ul",
    { class: "faults" },
    found.map((fault) => {
      const path = fault.startsWith("$") ? fault.split(": ", 1)[0] : "";
      return element("li", {}, path ? element("code", {}, path) : null, path ? fault.slice(path.length) : fault);
    }),
  );
}

function valuesOf(values) {
  const pairs = Object.entries(values).sort();
  return pairs.length ? [element("h4", {}, "Values of the event"), facts(pairs)] : null;
}

function diagram(steps) {
  return element(
    "ol",
    { class: "plan" },
    steps.map((step, place) => element("li", {}, place ? arrow() : null, box(step))),
  );
}

function box(step) {
  const until = step.state === "waiting" && step.until ? ` until ${date(step.until)}` : "";
  return element(
    "div",
    { class: `step ${step.kind in KINDS ? step.kind : ""} ${step.state in PROGRESS ? step.state : ""}` },
    element(
      "p",
      { class: "title" },
      element("strong", {}, step.id),
      element("span", { class: "muted" }, KINDS[step.kind] ?? step.kind),
      chip(PROGRESS, step.state, until),
    ),
    step.details.map((line) => element("p", {}, line)),
    made(step),
    element("p", { class: "muted" }, times(step)),
  );
}

function times({ began, ended }) {
  if (!began) {
    return "";
  }
  return ended ? `${date(began)} to ${date(ended)}` : `since ${date(began)}`;
}

function made(step) {
  const campaigns = step.made.filter(({ kind }) => kind === "campaign");
  const segments = step.made.filter(({ kind }) => kind === "segment").length;
  const lines = [
    ...Object.entries(step.counts).map(([audience, sum]) => `${audience}: ${count(Number(sum), "endpoint")}`),
    segments ? `${count(segments, "segment")} made` : "",
    step.unstamped ? `${count(step.unstamped, "endpoint")} still to be stamped` : "",
    step.heard ? `known of what recipients did: ${step.heard}` : "",
    recipients(step.did),
  ];
  return [
    campaigns.length ? element("ul", { class: "campaigns" }, campaigns.map(campaign)) : null,
    ...lines.filter(Boolean).map((line) => element("p", { class: "muted" }, line)),
  ];
}

/** How many recipients did what; empty as long as nothing was recorded. */
function recipients(did) {
  const kinds = Object.keys(DID).filter((kind) => did[kind] || ALWAYS.includes(kind));
  const words = kinds.map((kind) => `${number(did[kind] ?? 0)} ${DID[kind].word.toLowerCase()}`);
  return Object.keys(did).length ? `recipients: ${words.join(", ")}` : "";
}

function campaign({ audience, channel, status, starts, attempted, reached }) {
  return element(
    "li",
    {},
    element("span", {}, `${audience}, ${channel}`),
    element("span", { class: "reached" }, `${number(reached)} of ${number(attempted)} reached`),
    element("span", { class: "muted" }, status || `starts ${date(starts)}`),
  );
}
