/** What happened, newest first: each message of the data layer, the tags that it set off, and what reached Pinpoint. */

import { definitions, element } from "./dom.js";

const MOST_ENTRIES = 50;

export class LogView {
  #list = document.querySelector("#log");
  #latest = document.querySelector("#latest");
  #entries = new Map();

  /**
   * @param {object} message What was pushed.
   * @param {Firing[]} firings The tags that it set off.
   */
  add(message, firings) {
    const name = title(message);
    const entry = element("li", {}, element("h3", {}, name), time(), pushed(message));
    entry.dataset.event = name;
    for (const firing of firings) {
      const part = element("div", { className: "firing" });
      this.#entries.set(firing, { name, part });
      entry.append(part);
      this.update(firing);
    }
    if (message.event && !firings.length) {
      entry.append(element("p", { className: "quiet" }, "No tag fires on this event."));
    }
    this.#list.prepend(entry);
    [...this.#list.children].slice(MOST_ENTRIES).forEach((old) => old.remove());
  }

  /**
   * Show how a firing stands.
   *
   * @param {Firing} firing
   * @param {{state: string, event?: object}} [arrival] What became of it in Pinpoint, once that is known.
   */
  update(firing, arrival) {
    const { name, part } = this.#entries.get(firing);
    const tag = tagState(firing);
    const states = [state("Tag", tag, firing.tag)];
    const where = firing.status === "loaded" ? pinpointState(arrival) : null;
    if (where) {
      states.push(state("Pinpoint", where, arrival?.event ? said(arrival.event) : ""));
    }
    const address = part.querySelector("details") ?? (firing.url ? details(firing.url) : "");
    part.replaceChildren(element("dl", { className: "states" }, ...states), address);
    this.#latest.textContent = `${name}: ${(where ?? tag).text}`;
  }
}

function title(message) {
  return message.event ?? (message[0] === "consent" ? `consent ${message[1]}` : "values");
}

function time() {
  const now = new Date();
  return element("time", { dateTime: now.toISOString() }, now.toLocaleTimeString("en-GB"));
}

function pushed(message) {
  const values = message[0] === "consent" ? message[2] : message;
  const given = Object.entries(values).filter(([name, value]) => name !== "event" && value !== undefined);
  return definitions(given.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]));
}

function tagState({ status, denied, url }) {
  switch (status) {
    case "held back":
      return { kind: "off", text: `not fired: ${denied.join(", ")} denied` };
    case "waiting":
      return { kind: "busy", text: "calling" };
    case "loaded":
      return { kind: "good", text: `fired${answered(url)}` };
    case "failed":
      return { kind: "bad", text: `failed${answered(url)}` };
  }
}

/** The status that the browser noted; other origins keep it to themselves. */
function answered(url) {
  const status = performance.getEntriesByName(url).at(-1)?.responseStatus;
  return status ? `, answer ${status}` : "";
}

function pinpointState(arrival) {
  switch (arrival?.state) {
    case "arrived":
      return { kind: "good", text: "arrived" };
    case "missing":
      return { kind: "bad", text: "did not arrive: the console says why" };
    default:
      return { kind: "busy", text: "on its way: calls are collected for 5 seconds" };
  }
}

function state(where, { kind, text }, detail) {
  const chip = element("span", { className: `chip ${kind}` }, text);
  return element("div", {}, element("dt", {}, where), element("dd", {}, chip, " ", detail));
}

function said({ EventType: type, Attributes: attributes = {}, Metrics: metrics = {} }) {
  const { event_id: _, ...values } = { ...attributes, ...metrics };
  const list = definitions(Object.entries(values).map(([name, value]) => [name, String(value)]));
  return element("div", { className: "said" }, element("strong", {}, type), list);
}

function details(url) {
  const { searchParams: parameters } = new URL(url);
  return element(
    "details",
    {},
    element("summary", {}, "URL"),
    element("code", {}, url),
    definitions([...parameters].map(([name, value]) => [name, value || "(empty)"])),
  );
}
