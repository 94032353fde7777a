// What several views are made of.

import { element } from "./dom.js";

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

/** Names with their values; those without a value are left out. */
export function facts(pairs) {
  const known = pairs.filter(([, value]) => value !== undefined && value !== "");
  return element(
    "dl",
    {},
    known.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, String(value))]),
  );
}

/** Address of an endpoint's page; half a surrogate pair, which JSON can carry, has no place in one. */
export function endpointAddress(application, id) {
  return `#endpoints/${application}/${encodeURIComponent(id.toWellFormed())}`;
}

/** What stands where nothing can be shown. */
export function empty(...text) {
  return element("div", { class: "empty" }, ...text);
}
