// Endpoints of one project: the last changed ones, and one of them with its attributes and its history.

import { element, show } from "./dom.js";
import { get } from "./feed.js";
import { clock, number, place } from "./format.js";
import { empty, endpointAddress, facts } from "./parts.js";

const choice = document.getElementById("application");
const filter = document.getElementById("endpoint-filter");
const list = document.getElementById("endpoint-list");
const detail = document.getElementById("endpoint");

let turn = 0;

/** Call `again` whenever the person changes what shall be shown. */
export function followEndpoints(again) {
  filter.addEventListener("input", again);
  choice.addEventListener("change", () => {
    location.hash = `#endpoints/${choice.value}`;
  });
}

/** Show the project and endpoint that the address names; the first project if it names none. */
export async function showEndpoints(store, [application, endpoint]) {
  show(
    choice,
    ...store.applications.map(({ id, name, ...where }) =>
      element("option", { value: id }, `${name} (${place(where)})`),
    ),
  );
  const chosen = store.applications.find(({ id }) => id === application) ?? store.applications[0];
  if (!chosen) {
    show(list, empty("There is no Pinpoint project and no Customer Profiles domain."));
    show(detail);
    return;
  }
  choice.value = chosen.id;
  const own = ++turn;
  const base = `applications/${encodeURIComponent(chosen.id)}/endpoints`;
  const [found, one] = await Promise.all([
    get(`${base}?text=${encodeURIComponent(filter.value.trim())}`),
    endpoint ? get(`${base}?id=${encodeURIComponent(endpoint)}`) : null,
  ]);
  if (own !== turn) {
    // A later look was answered first.
    return;
  }
  show(list, ...index(found ?? { endpoints: [], found: 0 }, chosen.id, endpoint));
  show(detail, ...(endpoint ? describe(one, endpoint, chosen.id) : []));
}

function index({ endpoints, found }, application, chosen) {
  if (!endpoints.length) {
    return [
      empty(
        filter.value.trim()
          ? "No endpoint fits the filter."
          : "No endpoints yet. The first event of a visitor makes one.",
      ),
    ];
  }
  const more = found - endpoints.length;
  return [
    element(
      "ul",
      {},
      endpoints.map((endpoint) => element("li", {}, entry(endpoint, application, chosen))),
    ),
    more ? element("p", { class: "note" }, `and ${number(more)} more: filter to find them`) : null,
  ];
}

function entry(endpoint, application, chosen) {
  const id = endpoint.Id;
  return element(
    "a",
    {
      href: endpointAddress(application, id),
      "data-key": id,
      "aria-current": id === chosen ? "true" : null,
    },
    element("span", { class: "name" }, id),
    element(
      "span",
      { class: "muted" },
      [since(endpoint), endpoint.ChannelType, endpoint.User?.UserId]
        .filter(Boolean)
        .join(" · "),
    ),
  );
}

/** When it changed last; of a profile without objects nothing is known. */
function since({ EffectiveDate: date }) {
  return Date.parse(date) ? clock(Date.parse(date)) : undefined;
}

function describe(one, endpoint, application) {
  const back = element("a", { class: "back", href: `#endpoints/${application}`, "data-key": "back" }, "All endpoints");
  if (!one) {
    return [back, element("h3", { tabindex: "-1" }, endpoint), empty("This project has no such endpoint.")];
  }
  const known = one.endpoint;
  return [
    back,
    element("h3", { tabindex: "-1" }, known.Id),
    facts([
      ["Profile", known.ProfileId],
      ["Objects", known.Objects],
      ["Status", known.EndpointStatus],
      ["Channel", known.ChannelType],
      ["Address", known.Address],
      ["Opt-out", known.OptOut],
      ["User", known.User?.UserId],
      ["Changed", since(known) && known.EffectiveDate],
      ["Made", known.CreationDate],
    ]),
    values("User attributes", known.User?.UserAttributes),
    values("Attributes", known.Attributes),
    values("Metrics", known.Metrics),
    element("h4", {}, "History"),
    history(one),
  ];
}

function values(title, held) {
  const pairs = Object.entries(held ?? {});
  return pairs.length
    ? [element("h4", {}, title), facts(pairs.sort().map(([name, value]) => [name, [value].flat().join(", ")]))]
    : null;
}

function history({ events, changes }) {
  const entries = [...events.map(ofEvent), ...changes.map(ofChange)].sort((one, other) => other.moment - one.moment);
  if (!entries.length) {
    return element("p", { class: "muted" }, "Nothing since this cloud was started.");
  }
  return element("ol", { class: "history" }, entries.map(line));
}

function ofEvent({ moment, event, status, attributes, metrics }) {
  const values = Object.entries({ ...attributes, ...metrics }).map(([name, value]) => `${name}=${value}`);
  return { moment, title: event, refused: status === 202 ? "" : ` refused: ${status}`, values };
}

function ofChange({ time, change }) {
  const title =
    change === null ? "Endpoint deleted" : Object.keys(change).length ? "Endpoint changed" : "Endpoint made";
  return { moment: Date.parse(time), title, refused: "", values: flat(change) };
}

function line({ moment, title, refused, values }) {
  return element(
    "li",
    {},
    element("time", { datetime: new Date(moment).toISOString() }, clock(moment)),
    element(
      "span",
      {},
      element("strong", {}, title),
      refused,
      " ",
      element("span", { class: "muted" }, values.join(", ")),
    ),
  );
}

/** The values of a change with their paths, such as `User.UserId=ada`. */
function flat(change, path = "") {
  return Object.entries(change ?? {}).flatMap(([name, value]) =>
    typeof value === "object" && !Array.isArray(value)
      ? flat(value, `${path}${name}.`)
      : [`${path}${name}=${[value].flat().join("|")}`],
  );
}
