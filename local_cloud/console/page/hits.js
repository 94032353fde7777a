// The stream of hits: what was called, what was answered, and what became of it.

import { element, keep, show } from "./dom.js";
import { STATES, clock, count, number, place } from "./format.js";
import { empty, endpointAddress, facts, table } from "./parts.js";

const COLUMNS = ["Time", "Call", "Event", "Endpoint", "Outcome"];
const list = document.getElementById("hit-list");
const none = document.getElementById("no-hits");
const filter = document.getElementById("hit-filter");
const states = document.getElementById("hit-states");
const rows = element("tbody", { role: "rowgroup" });
const stream = table("hits", COLUMNS, rows);
list.append(stream);
const texts = new WeakMap();
let wanted = "all";

/** Call `again` whenever the person changes what shall be shown. */
export function followHits(again) {
  filter.addEventListener("input", again);
  states.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) {
      wanted = wanted === button.dataset.key ? "all" : button.dataset.key;
      again();
    }
  });
}

export function showHits(store) {
  const hits = store.latestHits;
  show(states, ...choices(hits));
  const shown = hits.filter(isWanted);
  keep(rows, shown, (hit) => hit.number, row);
  // Which API it was only matters where there are several.
  stream.classList.toggle("several", new Set(hits.map((hit) => hit.api_id)).size > 1);
  list.hidden = !shown.length;
  none.hidden = !list.hidden;
  show(none, hits.length ? nothingFound() : nothingYet(store.pixels));
}

function choices(hits) {
  const sums = Object.fromEntries(
    Object.keys(STATES).map((state) => [state, hits.filter((hit) => has(hit, state)).length]),
  );
  const present = Object.keys(STATES).filter((state) => sums[state] || state === wanted);
  return [["all", "All", hits.length], ...present.map((state) => [state, STATES[state].word, sums[state]])].map(
    ([key, word, sum]) =>
      element(
        "button",
        { type: "button", class: `state ${key}`, "data-key": key, "aria-pressed": String(key === wanted) },
        word,
        " ",
        element("b", {}, number(sum)),
      ),
  );
}

function has(hit, state) {
  return hit.fates.some((fate) => fate.state === state);
}

function isWanted(hit) {
  return (wanted === "all" || has(hit, wanted)) && textOf(hit).includes(filter.value.trim().toLowerCase());
}

function textOf(hit) {
  if (!texts.has(hit)) {
    texts.set(hit, JSON.stringify(hit).toLowerCase());
  }
  return texts.get(hit);
}

function row(hit) {
  return element(
    "tr",
    { role: "row" },
    cell("Time", element("time", { datetime: new Date(hit.moment).toISOString() }, clock(hit.moment))),
    cell(
      "Call",
      element("code", {}, `${hit.method} ${hit.route || "(no such path)"}`),
      " ",
      element("span", { class: "api muted" }, hit.api),
    ),
    cell("Event", hit.events.length > 1 ? several(hit) : hit.events[0]?.event || dash()),
    cell("Endpoint", hit.events.length > 1 ? endpointsOf(hit) : endpoint(hit.events[0], hit.fates[0])),
    cell("Outcome", element("div", { class: "fates" }, outcomes(hit)), more(hit)),
  );
}

function cell(name, ...content) {
  return element("td", { role: "cell", "data-name": name, class: name.toLowerCase() }, ...content);
}

function dash() {
  return element("span", { class: "muted" }, "–");
}

function several(hit) {
  return element(
    "details",
    { "data-name": "events" },
    element("summary", { "data-key": "events" }, count(hit.events.length, "event")),
    element(
      "ol",
      { class: "events", start: "0" },
      hit.events.map((event, index) =>
        element(
          "li",
          {},
          event.event || dash(),
          " ",
          endpoint(event, hit.fates[index]),
          " ",
          chip(hit.fates[index] ?? hit.fates[0]),
        ),
      ),
    ),
  );
}

function endpointsOf(hit) {
  const ids = new Set(hit.events.map((event) => event.endpoint_id));
  return ids.size === 1
    ? endpoint(hit.events[0], hit.fates[0])
    : element("span", { class: "muted" }, count(ids.size, "endpoint"));
}

function endpoint(event, fate) {
  if (!event?.endpoint_id) {
    return dash();
  }
  if (!fate?.application_id) {
    return event.endpoint_id;
  }
  return element(
    "a",
    {
      href: endpointAddress(fate.application_id, event.endpoint_id),
      "data-key": `endpoint ${event.endpoint_id}`,
    },
    event.endpoint_id,
  );
}

function outcomes(hit) {
  const groups = new Map();
  for (const fate of hit.fates) {
    const key = JSON.stringify([fate.state, fate.reason, fate.detail]);
    groups.set(key, { fate, sum: (groups.get(key)?.sum ?? 0) + 1 });
  }
  return [...groups.values()].map(({ fate, sum }) =>
    element(
      "div",
      { class: "outcome" },
      chip(fate, sum),
      fate.reason ? element("span", { class: "reason" }, fate.reason) : null,
      fate.detail ? element("span", { class: "muted" }, fate.detail) : null,
    ),
  );
}

function chip(fate, sum = 1) {
  const { word, sign, meaning } = STATES[fate.state];
  return element(
    "span",
    { class: `chip ${fate.state}`, title: meaning },
    element("span", { "aria-hidden": "true" }, sign),
    " ",
    sum > 1 ? `${number(sum)} ${word.toLowerCase()}` : word,
  );
}

function more(hit) {
  const pairs = [
    ["Answer", String(hit.status)],
    ["Request id", hit.request_id],
    ["Event id", hit.events[0]?.event_id],
    ["API", `${hit.api} (${hit.api_id}), stage ${hit.stage}`],
    ["In", place(hit)],
    ...[...new Set(hit.fates.map((fate) => fate.state))].map((state) => [STATES[state].word, STATES[state].meaning]),
  ];
  return element(
    "details",
    { "data-name": "more", class: "more" },
    element("summary", { "data-key": "more", "aria-label": `More of the hit at ${clock(hit.moment)}` }, "More"),
    facts(pairs),
  );
}

function nothingFound() {
  return empty("No hit fits the filter.");
}

function nothingYet(pixels) {
  if (!pixels.length) {
    const command = element("code", {}, "make demo");
    return empty("No hits yet, and no API is deployed. Apply a configuration to this address, as ", command, " does.");
  }
  const demo = element("a", { href: "../demo/", "data-key": "demo" }, "demo page");
  return empty(
    element("p", {}, "No hits yet. Open the ", demo, ", or call one of these:"),
    element("ul", {}, pixels.slice(0, 6).map(callable)),
  );
}

function callable({ path }) {
  const link = { href: path, target: "_blank", rel: "noreferrer", "data-key": path };
  return element("li", {}, element("a", link, `${location.origin}${path}`));
}
