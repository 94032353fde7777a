// Journeys: the newest ones, and one of them as the diagram of its activities with who stands where.

import { element, show } from "./dom.js";
import { get } from "./feed.js";
import { JOURNEYS, count, date, number, place } from "./format.js";
import { arrow, chip, empty, endpointAddress, facts, journeyAddress, runAddress } from "./parts.js";

const KINDS = {
  CUSTOM: "Function",
  EMAIL: "E-mail",
  SMS: "SMS",
  PUSH: "Push notification",
  Wait: "Wait",
  ConditionalSplit: "Yes/no split",
  MultiCondition: "Multivariate split",
  RandomSplit: "Random split",
  Holdout: "Holdout",
  ContactCenter: "Contact center",
};
const COMPANY = /^company-([0-9a-f]{40})$/;
const list = document.getElementById("journey-list");
const detail = document.getElementById("journey");

let turn = 0;

/** Show the journey that the address names. */
export async function showJourneys(store, [application, journey]) {
  show(list, store.journeys.length ? index(store.journeys, journey) : empty("There is no journey."));
  const own = ++turn;
  const path = `journeys/${encodeURIComponent(application)}/${encodeURIComponent(journey)}`;
  const known = journey ? await get(path) : null;
  if (own === turn) {
    // Otherwise a later look was answered first.
    show(detail, ...(journey ? describe(known, journey, store.runs) : []));
  }
}

function index(journeys, chosen) {
  return element(
    "ul",
    {},
    journeys.map((journey) => element("li", {}, entry(journey, journey.id === chosen))),
  );
}

function entry(journey, chosen) {
  return element(
    "a",
    {
      href: journeyAddress(journey),
      "data-key": `journey ${journey.id}`,
      "aria-current": chosen ? "true" : null,
    },
    element(
      "span",
      { class: "title" },
      element("span", { class: "name" }, journey.name),
      chip(JOURNEYS, journey.state),
    ),
    element(
      "span",
      { class: "muted" },
      [`since ${date(journey.since)}`, place(journey), journey.inside ? `${number(journey.inside)} inside` : ""]
        .filter(Boolean)
        .join(" · "),
    ),
  );
}

function describe(journey, id, runs) {
  const back = element("a", { class: "back", href: "#journeys", "data-key": "back" }, "All journeys");
  if (!journey) {
    return [back, element("h3", { tabindex: "-1" }, id), empty("There is no such journey.")];
  }
  const draw = new Diagram(journey, runs);
  return [
    back,
    element("h3", { tabindex: "-1" }, journey.name),
    element("p", { class: "progress" }, chip(JOURNEYS, journey.state), `since ${date(journey.since)}`),
    facts([
      ["Who enters", element("ul", {}, journey.entry.map((line) => element("li", {}, line)))],
      ["From", journey.begins && date(journey.begins)],
      ["Until", journey.ends && date(journey.ends)],
      ["Entered", journey.begins && count(journey.entered, "endpoint")],
      ["Inside", journey.begins && count(journey.entered - journey.ended, "endpoint")],
      ["Left", journey.begins && count(journey.ended, "endpoint")],
      ["In", place(journey)],
      ["Id", journey.id],
    ]),
    counted("Left out or taken out", journey.drops),
    journey.errors.length ? [element("h4", {}, "Errors of functions"), errors(journey.errors)] : null,
    journey.flows.length ? [element("h4", {}, "Activities"), ...draw.all()] : null,
  ];
}

function counted(title, drops) {
  const pairs = Object.entries(drops).map(([metric, sum]) => [metric, number(sum)]);
  return pairs.length ? [element("h4", {}, title), element("div", { class: "metrics" }, facts(pairs))] : null;
}

function errors(found) {
  return element(
    "ul",
    { class: "faults" },
    found.map((error) => element("li", {}, error)),
  );
}

/** Draws flows: lists of boxes from top to bottom, in which a split has a list for each of its branches. */
class Diagram {
  #journey;
  #runs;

  constructor(journey, runs) {
    this.#journey = journey;
    this.#runs = runs.filter(({ account, region }) => account === journey.account && region === journey.region);
  }

  all() {
    const [first, ...others] = this.#journey.flows.map((flow) => element("div", { class: "plan" }, this.#flow(flow)));
    return others.length ? [first, element("h4", {}, "Not connected"), ...others] : [first];
  }

  #flow({ steps, ends, to }) {
    const end = endOf(ends, to);
    return element(
      "ol",
      { class: "flow" },
      steps.map((step, place) =>
        element("li", {}, place ? arrow() : null, this.#box(step), step.branches.length ? this.#branches(step) : null),
      ),
      end ? element("li", {}, steps.length ? arrow() : null, element("p", { class: "end" }, end)) : null,
    );
  }

  #branches({ id, branches }) {
    const { took } = this.#journey.activities[id];
    return element(
      "ul",
      { class: "branches", "aria-label": `Branches of ${id}` },
      branches.map(({ label, metric, flow }) =>
        element(
          "li",
          {},
          element(
            "p",
            { class: "way" },
            label,
            " ",
            element("span", { class: "muted" }, `${number(took[metric])} so far`),
          ),
          arrow(),
          this.#flow(flow),
        ),
      ),
    );
  }

  #box({ id }) {
    const activity = this.#journey.activities[id];
    const drops = Object.entries(activity.drops).map(([metric, sum]) => `${metric} ${number(sum)}`);
    const kind = activity.kind === "Wait" ? "wait" : "";
    const word = KINDS[activity.kind] ?? "not whole";
    return element(
      "div",
      { class: `step ${kind} ${activity.count ? "waiting" : ""}` },
      element(
        "p",
        { class: "title" },
        element("strong", {}, activity.description || id),
        element("span", { class: "muted" }, `${word}${activity.description ? ` · ${id}` : ""}`),
        activity.count ? element("span", { class: "chip queued" }, `${count(activity.count, "endpoint")} here`) : null,
      ),
      activity.details.map((line) => element("p", {}, line)),
      activity.until ? element("p", { class: "muted" }, `the first goes on at ${date(activity.until)}`) : null,
      activity.standing.length ? this.#standing(activity, id) : null,
      element("p", { class: "muted" }, `${number(activity.passed)} passed`),
      drops.length ? element("p", { class: "muted" }, drops.join(" · ")) : null,
    );
  }

  #standing({ standing, count: all }, id) {
    const more = all - standing.length;
    return [
      element(
        "ul",
        { class: "standing", "aria-label": `Who stands at ${id}` },
        standing.map((endpoint) => element("li", {}, this.#participant(endpoint, id))),
        more ? element("li", { class: "muted" }, `and ${number(more)} more`) : null,
      ),
    ];
  }

  #participant(endpoint, activity) {
    const run = COMPANY.exec(endpoint)?.[1];
    const known = this.#runs.find((one) => one.run === run);
    const href = run ? runAddress(run, known?.ledger) : endpointAddress(this.#journey.application_id, endpoint);
    const text = run ? `Run ${known?.key ?? run}` : endpoint;
    return element("a", { href, "data-key": `${activity} ${endpoint}` }, text);
  }
}

function endOf(ends, to) {
  return {
    leaves: "leaves the journey",
    joins: "goes on below",
    elsewhere: `goes on at ${to}`,
    missing: `goes on at ${to}, which does not exist`,
  }[ends];
}
