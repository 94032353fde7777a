// What several views are made of.

import { element, graphic } from "./dom.js";

/** A table whose rows turn into cards on a phone; the roles keep it a table for those who hear it. */
export function table(kind, columns, ...bodies) {
  const heads = columns.map((name) => element("th", { role: "columnheader", scope: "col" }, name));
  return element(
    "table",
    { role: "table", class: kind, "aria-labelledby": `${kind}-title` },
    element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, heads)),
    bodies,
  );
}

/** Names with their values, texts or elements; those without a value are left out. */
export function facts(pairs) {
  const known = pairs.filter(([, value]) => value !== undefined && value !== "");
  return element(
    "dl",
    {},
    known.flatMap(([name, value]) => [
      element("dt", {}, name),
      element("dd", {}, value instanceof Node ? value : String(value)),
    ]),
  );
}

/** A state with its sign, looked up in one of the tables of states; `more` follows its word. */
export function chip(states, state, more = "") {
  const { word, sign, look, meaning } = states[state] ?? { word: state, sign: "?", look: "", meaning: "" };
  return element(
    "span",
    { class: `chip ${look}`, title: meaning },
    element("span", { "aria-hidden": "true" }, sign),
    ` ${word}${more}`,
  );
}

/** What stands between two boxes of a diagram. */
export function arrow() {
  return graphic(
    "svg",
    { class: "arrow", viewBox: "0 0 12 24", "aria-hidden": "true" },
    graphic("path", { d: "M6 0V21M1.5 16L6 21.5L10.5 16" }),
  );
}

/** Address of a run's page; its ledger is named where it is known, as several may have the same run. */
export function runAddress(run, ledger = "") {
  return `#runs/${encodeURIComponent(run)}${ledger ? `/${encodeURIComponent(ledger)}` : ""}`;
}

/** Address of a journey's page. */
export function journeyAddress({ application_id: application, id }) {
  return `#journeys/${application}/${id}`;
}

/** Address of an endpoint's page; half a surrogate pair, which JSON can carry, has no place in one. */
export function endpointAddress(application, id) {
  return `#endpoints/${application}/${encodeURIComponent(id.toWellFormed())}`;
}

/** What stands where nothing can be shown. */
export function empty(...text) {
  return element("div", { class: "empty" }, ...text);
}
