/**
 * An offline stand-in for Google Tag Manager: it runs the Custom Image tags of an exported container in a page.
 *
 * It does what `gtm.js` does with them (the sticky data layer, encoding by position, consent, cache buster, success and
 * failure by what the browser makes of the answer) and refuses everything else, so that a container which runs here
 * holds nothing that was not tried.
 */

import { Consent } from "./consent.js";
import { readContainer } from "./container.js";
import { DataLayerModel, isPlain } from "./data_layer.js";
import { holds } from "./triggers.js";
import { bustCache, fill } from "./url.js";
import { evaluate } from "./variables.js";

/** Keys of a message with which a page asks GTM for more than a value. */
const NOT_EMULATED = ["eventCallback", "eventTimeout", "_clear"];

/**
 * @typedef {object} Firing One tag that a message set off.
 * @property {string} tag Its name.
 * @property {"held back" | "waiting" | "loaded" | "failed"} status Held back: a consent that it needs is denied.
 * @property {string[]} denied Consent types that held it back.
 * @property {string | null} url What it called; null if it was held back.
 */

/**
 * Start the stand-in: from now on the page's data layer sets off tags. Messages that wait in it are handled first.
 *
 * @param {object} exported A container as GTM exports it.
 * @param {object} options
 * @param {(message: object, firings: Firing[]) => void} options.onMessage Hears of each message that was handled.
 * @param {(firing: Firing) => void} options.onResult Hears of a firing whose image has loaded or failed.
 * @param {Window} [options.page] The page; this one by default.
 * @throws {ContainerError} The container holds what is not emulated; nothing was started.
 */
export function startTagManager(exported, { onMessage, onResult, page = window }) {
  const container = readContainer(exported);
  const runner = new Runner(container, { onMessage, onResult, page });
  const dataLayer = (page.dataLayer ??= []);
  const append = dataLayer.push;
  dataLayer.push = (...messages) => {
    const length = append.apply(dataLayer, messages);
    runner.take(messages);
    return length;
  };
  runner.take([...dataLayer]);
  const { document } = page;
  announce("gtm.dom", document.readyState !== "loading", "DOMContentLoaded");
  announce("gtm.load", document.readyState === "complete", "load");

  function announce(event, isPast, coming) {
    const push = () => dataLayer.push({ event });
    if (isPast) {
      push();
    } else {
      page.addEventListener(coming, push, { once: true });
    }
  }
}

class Runner {
  #model = new DataLayerModel();
  #consent = new Consent();
  #firedOnThisPage = new Set();
  #queue = [];
  #busy = false;

  constructor(container, { onMessage, onResult, page }) {
    this.container = container;
    this.onMessage = onMessage;
    this.onResult = onResult;
    this.page = page;
  }

  /** Handle messages one after the other, also those that are pushed meanwhile. */
  take(messages) {
    this.#queue.push(...messages);
    if (this.#busy) {
      return;
    }
    this.#busy = true;
    try {
      while (this.#queue.length) {
        this.#handle(this.#queue.shift());
      }
    } finally {
      this.#busy = false;
    }
  }

  #handle(message) {
    if (Object.prototype.toString.call(message) === "[object Arguments]") {
      this.#command(...message);
      this.onMessage(message, []);
      return;
    }
    if (!isPlain(message)) {
      throw new TypeError("a data layer message must be an object; functions and command arrays are not emulated");
    }
    const unknown = NOT_EMULATED.find((key) => Object.hasOwn(message, key));
    if (unknown) {
      throw new TypeError(`data layer: ${unknown} is not emulated`);
    }
    this.#model.merge(message);
    this.onMessage(message, message.event ? this.#fireAll(message.event) : []);
  }

  #command(name, action, answers) {
    if (name !== "consent") {
      throw new TypeError(`gtag: ${name} is not emulated`);
    }
    this.#consent.declare(action, answers);
  }

  #fireAll(event) {
    const moment = { event, model: this.#model, page: this.page };
    const resolve = (name) => evaluate(this.container.variables.get(name), moment);
    const matches = (id) => holds(this.container.triggers.get(id), resolve);
    return this.container.tags.flatMap((tag) => {
      const met = tag.blocking.some(matches) ? 0 : tag.firing.filter(matches).length;
      const times = tag.option === "UNLIMITED" ? met : Math.min(met, 1);
      return Array.from({ length: this.#firedOnThisPage.has(tag) ? 0 : times }, () => this.#fire(tag, resolve));
    });
  }

  #fire(tag, resolve) {
    const denied = this.#consent.denied(tag.consent);
    const firing = { tag: tag.name, status: denied.length ? "held back" : "waiting", denied, url: null };
    if (denied.length) {
      return firing;
    }
    if (tag.option === "ONCE_PER_LOAD") {
      this.#firedOnThisPage.add(tag);
    }
    const url = fill(tag.url, resolve);
    firing.url = tag.cacheBuster ? bustCache(url, tag.cacheBuster) : url;
    const image = new this.page.Image(1, 1);
    const settle = (status) => () => {
      firing.status = status;
      this.onResult(firing);
    };
    image.onload = settle("loaded");
    image.onerror = settle("failed");
    image.src = firing.url;
    return firing;
  }
}
