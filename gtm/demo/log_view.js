/** What happened, newest first: each message of the data layer, the tags that it set off, and what reached Pinpoint. */

import { definitions, element } from "./dom.js";

const MOST_ENTRIES = 50;

export class LogView {
  #list = document.querySelector("#entries");
  #latest = document.querySelector("#latest");
  #entries = new WeakMap();

  constructor() {
    // The browser notes a limited number of requests, and this page makes many; each is looked up at once.
    performance.addEventListener("resourcetimingbufferfull", () => performance.clearResourceTimings());
  }

  /**
   * @param {object} message What was pushed.
   * @param {Firing[] | null} firings The tags that it set off; null if only the tag manager knows.
   */
  add(message, firings) {
    const name = title(message);
    const entry = element("li", {}, element("h3", {}, name), time(), pushed(message));
    entry.dataset.event = name;
    for (const firing of firings ?? []) {
      const part = element("div", { className: "firing" });
      this.#entries.set(firing, { name, part, answer: "" });
      entry.append(part);
      this.update(firing);
    }
    if (message.event && firings?.length === 0) {
      entry.append(element("p", { className: "quiet" }, "No tag fires on this event."));
    }
    this.#list.prepend(entry);
    [...this.#list.children].slice(MOST_ENTRIES).forEach((old) => old.remove());
  }

  /**
   * Show how a firing stands.
   *
   * @param {Firing} firing
   * @param {{state: string, event?: object}} [arrival] What became of it in Pinpoint, when that becomes known.
   */
  update(firing, arrival) {
    const entry = this.#entries.get(firing);
    const { name, part } = entry;
    entry.answer ||= answered(firing.url);
    entry.arrival ??= arrival;
    const detail = firing.status === "failed" ? "Nothing was queued." : firing.tag;
    const steps = [step("Tag", tagState(firing, entry.answer), detail)];
    if (firing.status === "loaded") {
      steps.push(pinpointStep(entry.arrival));
    }
    part.querySelectorAll(".step").forEach((old) => old.remove());
    part.prepend(...steps);
    // The address stays in its place: moved, it would lose the focus.
    if (firing.url && !part.querySelector("details")) {
      part.append(details(firing.url));
    }
    this.#latest.textContent = `${name}: ${part.querySelector(".step:last-of-type .chip").textContent}`;
  }
}

function title(message) {
  if (message[0] === "consent") {
    return `consent ${[...new Set(Object.values(message[2]))].join(", ")}`;
  }
  return message.event ?? "values";
}

function time() {
  const now = new Date();
  return element("time", { dateTime: now.toISOString() }, now.toLocaleTimeString("en-GB"));
}

function pushed(message) {
  if (message[0] === "consent") {
    return element("p", { className: "quiet" }, Object.keys(message[2]).join(", "));
  }
  const given = Object.entries(message).filter(([name, value]) => name !== "event" && value !== undefined);
  const cleared = Object.keys(message).length - given.length - (message.event ? 1 : 0);
  return element(
    "div",
    { className: "step" },
    element("h4", {}, "Data layer"),
    definitions(given.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)])),
    cleared ? element("p", { className: "quiet" }, `values cleared: ${cleared}`) : "",
  );
}

function tagState({ status, denied }, answer) {
  switch (status) {
    case "held back":
      return { kind: "off", text: `not fired: ${denied.join(", ")} denied` };
    case "waiting":
      return { kind: "busy", text: "calling" };
    case "loaded":
      return { kind: "good", text: `fired${answer}` };
    case "failed":
      return { kind: "bad", text: `failed${answer}` };
  }
}

/** The status that the browser noted; other origins keep it to themselves. */
function answered(url) {
  const status = performance.getEntriesByName(url).at(-1)?.responseStatus;
  return status ? `, answer ${status}` : "";
}

function pinpointStep(arrival) {
  switch (arrival?.state) {
    case "arrived":
      return step("Pinpoint", { kind: "good", text: "arrived" }, said(arrival.event));
    case "missing":
      return step("Pinpoint", { kind: "bad", text: "did not arrive" }, "The console says why.");
    default:
      return step("Pinpoint", { kind: "busy", text: "on its way" }, "The function collects calls for a moment.");
  }
}

function step(where, { kind, text }, detail) {
  return element(
    "div",
    { className: "step" },
    element("h4", {}, where),
    element("p", {}, element("span", { className: `chip ${kind}` }, text)),
    detail,
  );
}

function said({ EventType: type, Attributes: attributes = {}, Metrics: metrics = {} }) {
  const { event_id: _, ...values } = { ...attributes, ...metrics };
  return definitions([["event", type], ...Object.entries(values).map(([name, value]) => [name, String(value)])]);
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
