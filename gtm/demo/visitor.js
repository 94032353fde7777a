/** Who visits: endpoint ID, log in and log out, consent. */

import { logIn } from "./local_cloud.js";

const CONSENT_TYPES = ["ad_storage", "ad_user_data", "ad_personalization", "analytics_storage"];
const REMEMBERED = "demo-endpoint-id";

export class Visitor {
  #field = document.querySelector("#endpoint-id");
  #error = document.querySelector("#endpoint-error");
  #help = document.querySelector("#endpoint-help");
  #button = document.querySelector("#log-in");
  #consent = document.querySelector("#consent");
  #loggedIn = false;

  /**
   * @param {(message: object) => void} push To the data layer.
   * @param {() => void} onChange Hears of another endpoint ID.
   */
  constructor(push, onChange) {
    this.push = push;
    this.#field.value = sessionStorage.getItem(REMEMBERED) ?? `visitor-${crypto.randomUUID().slice(0, 8)}`;
    this.#field.addEventListener("change", onChange);
    this.#consent.addEventListener("change", () => this.declareConsent("update"));
    document.querySelector("#visitor").addEventListener("submit", (event) => {
      event.preventDefault();
      void (this.#loggedIn ? this.#logOut() : this.#logIn());
    });
    this.#show();
  }

  /** The endpoint ID as typed, also when it is blank. */
  get endpointId() {
    return this.#field.value.trim();
  }

  /** @returns {boolean} Whether there is an endpoint ID; says so beside the field if not. */
  validate() {
    const valid = this.endpointId !== "";
    this.#complain(valid ? "" : "Give an endpoint ID: without one no event can belong to anybody.");
    if (valid) {
      sessionStorage.setItem(REMEMBERED, this.endpointId);
    }
    return valid;
  }

  /** Tell the tag manager what the switch says. */
  declareConsent(action) {
    const answer = this.#consent.checked ? "granted" : "denied";
    this.#gtag("consent", action, Object.fromEntries(CONSENT_TYPES.map((type) => [type, answer])));
  }

  #gtag() {
    // A command is an arguments object, not an array: so it is told from a message.
    this.push(arguments);
  }

  async #logIn() {
    if (!this.validate()) {
      return;
    }
    try {
      const { token } = await logIn(this.endpointId);
      this.#loggedIn = true;
      this.push({ event: "login", endpoint_id: this.endpointId, token });
    } catch (error) {
      this.#complain(error.message);
    }
    this.#show();
  }

  #logOut() {
    this.#loggedIn = false;
    // The data layer keeps the token until something overwrites it.
    this.push({ token: undefined });
    this.#show();
  }

  #show() {
    this.#button.textContent = this.#loggedIn ? "Log out" : "Log in";
    this.#field.readOnly = this.#loggedIn;
    this.#help.textContent = this.#loggedIn
      ? "Logged in: the shop's backend has minted a token for this endpoint."
      : "Opaque, never an e-mail address: URLs end up in logs.";
  }

  #complain(text) {
    this.#error.textContent = text;
    this.#error.hidden = text === "";
    this.#field.setAttribute("aria-invalid", String(text !== ""));
    if (text) {
      this.#field.focus();
    }
  }
}
