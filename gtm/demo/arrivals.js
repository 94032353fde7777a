/** Watching Pinpoint for the events that tags have sent. */

import { pinpointRequests } from "./local_cloud.js";

const LOOK_EVERY_MS = 500;
/** The function collects calls for seconds; what has not come long after that was rejected. */
const PATIENCE_MS = 120_000;

export class Arrivals {
  #open = [];
  #looking = false;
  #next = Number.MAX_SAFE_INTEGER;

  /**
   * @param {string} applicationId Pinpoint project.
   * @param {(firing: Firing, arrival: {state: "arrived" | "missing", event?: object}) => void} onSettled
   * @param {(error: Error) => void} onError Hears when the local cloud does not answer.
   */
  constructor(applicationId, onSettled, onError) {
    this.applicationId = applicationId;
    this.onSettled = onSettled;
    this.onError = onError;
  }

  /** Begin: from now on what comes is looked at. */
  async start() {
    this.#next = (await pinpointRequests(this.#next)).next;
  }

  /** Wait for what a tag sends: it can arrive before the tag has heard so. */
  watch(firing) {
    const sent = new URL(firing.url).searchParams;
    this.#open.push({ firing, sent, until: performance.now() + PATIENCE_MS });
    if (!this.#looking) {
      this.#looking = true;
      void this.#look();
    }
  }

  /** Nothing comes of what a tag has sent. */
  forget(firing) {
    this.#open = this.#open.filter((one) => one.firing !== firing);
  }

  async #look() {
    try {
      const { next, requests } = await pinpointRequests(this.#next);
      this.#next = next;
      for (const [endpointId, event] of requests.flatMap((request) => this.#accepted(request))) {
        const found = bestMatch(this.#open, endpointId, event);
        if (found) {
          this.#settle(found, { state: "arrived", event });
        }
      }
    } catch (error) {
      this.onError(error);
    }
    for (const late of this.#open.filter(({ until }) => until < performance.now())) {
      this.#settle(late, { state: "missing" });
    }
    this.#looking = this.#open.length > 0;
    if (this.#looking) {
      setTimeout(() => this.#look(), LOOK_EVERY_MS);
    }
  }

  #settle(one, arrival) {
    this.#open.splice(this.#open.indexOf(one), 1);
    this.onSettled(one.firing, arrival);
  }

  #accepted({ operation, application_id: applicationId, request, response }) {
    if (operation !== "PutEvents" || applicationId !== this.applicationId || !response?.Results) {
      return [];
    }
    return Object.entries(request.BatchItem).flatMap(([endpointId, { Events: events }]) =>
      Object.entries(events)
        .filter(([id]) => response.Results[endpointId]?.EventsItemResponse?.[id]?.StatusCode === 202)
        .map(([, event]) => [endpointId, event]),
    );
  }
}

/** The oldest of those that said nothing else than what arrived, and the least beyond it; those still calling last. */
function bestMatch(open, endpointId, event) {
  const { event_id: _, ...attributes } = event.Attributes ?? {};
  const said = ({ sent }) =>
    sent.get("endpoint_id") === endpointId &&
    sent.get("event") === event.EventType &&
    // A long value arrives cut.
    Object.entries(attributes).every(([name, value]) => sent.get(`evat_${name}`)?.startsWith(value)) &&
    Object.entries(event.Metrics ?? {}).every(([name, value]) => Number(sent.get(`evme_${name}`)) === value);
  const given = ({ sent }) => [...sent].filter(([name, value]) => /^ev(at|me)_/.test(name) && value !== "").length;
  const waiting = ({ firing }) => Number(firing.status === "waiting");
  return open.filter(said).sort((one, other) => given(one) - given(other) || waiting(one) - waiting(other))[0];
}
