/** The shop: what a visitor does becomes messages for the data layer. */

import { element } from "./dom.js";
import { orderFaults } from "./local_cloud.js";

/** Odd names on purpose: what they become on their way is the point of this page. */
const PRODUCTS = [
  { item_id: "shoe", item_name: "Trail shoe", value: 89.9 },
  { item_id: "tea", item_name: "O'Brien & Söhne \"A+B\" 100%", value: 7.5 },
  { item_id: "dessert", item_name: "Crème brûlée №5", value: 3 },
  { item_id: "surprise", item_name: undefined, value: undefined },
];
/** Values of single events. The data layer keeps a value until it is overwritten, so each push overwrites all. */
const EMPTY = Object.fromEntries(
  ["item_id", "item_name", "value", "quantity", "currency", "search_term", "interest", "plan", "newsletter"].map(
    (name) => [name, undefined],
  ),
);
const THROTTLE = { target: "apigateway.stage", kind: "throttle", times: 1 };
const REFUSE = { target: "sqs.SendMessage", kind: "refuse", times: 1 };

export class Shop {
  #cart = [];

  /**
   * @param {(message: object) => void} push To the data layer.
   * @param {Visitor} visitor
   * @param {(error: Error) => void} onError Hears when the local cloud does not take an order.
   */
  constructor(push, visitor, onError) {
    this.push = push;
    this.visitor = visitor;
    this.onError = onError;
    document.querySelector("#products").append(...PRODUCTS.map((product) => this.#card(product)));
    this.#onClick("#buy", () => this.#buy());
    this.#onSubmit("#search", () => this.#track("search", { search_term: value("#term") }));
    this.#onSubmit("#newsletter", () => this.#track("newsletter_subscribe", { interest: value("#interest") }));
    this.#onSubmit("#sign-up", () =>
      this.#track("sign_up", { plan: value("#plan"), newsletter: value("#letters") }),
    );
    this.#onClick("#throttled", () => this.#fail(THROTTLE));
    this.#onClick("#refused", () => this.#fail(REFUSE));
    this.#onClick("#no-endpoint", () => this.push({ ...EMPTY, event: "page_view", endpoint_id: undefined }));
  }

  /** The visitor sees the page. */
  viewPage() {
    this.#track("page_view", { page_path: location.pathname, page_title: document.title });
  }

  #track(event, values) {
    if (this.visitor.validate()) {
      this.push({ ...EMPTY, event, endpoint_id: this.visitor.endpointId, ...values });
    }
  }

  #card(product) {
    const name = product.item_name ?? "Surprise box";
    const price = product.value === undefined ? "no price yet" : `€ ${product.value.toFixed(2)}`;
    const offer = { ...product, currency: "EUR" };
    const button = (text, act) => {
      const made = element("button", { type: "button", onclick: act }, text);
      made.setAttribute("aria-label", `${text}: ${name}`);
      return made;
    };
    return element(
      "li",
      {},
      element("h3", {}, name),
      element("p", {}, price),
      button("View", () => this.#track("view_item", offer)),
      button("Add to cart", () => this.#add(offer)),
    );
  }

  #add(offer) {
    this.#cart.push(offer);
    this.#showCart();
    this.#track("add_to_cart", { ...offer, quantity: 1 });
  }

  #buy() {
    this.#track("purchase_success", { value: this.#total(), quantity: this.#cart.length, currency: "EUR" });
    this.#cart = [];
    this.#showCart();
  }

  #total() {
    return Number(this.#cart.reduce((sum, offer) => sum + (offer.value ?? 0), 0).toFixed(2));
  }

  #showCart() {
    const count = this.#cart.length;
    document.querySelector("#cart").textContent = count
      ? `${count} in the cart, € ${this.#total().toFixed(2)}`
      : "The cart is empty.";
  }

  async #fail(rule) {
    try {
      await orderFaults(rule);
      this.viewPage();
    } catch (error) {
      this.onError(error);
    }
  }

  #onSubmit(selector, act) {
    document.querySelector(selector).addEventListener("submit", (event) => {
      event.preventDefault();
      act();
    });
  }

  #onClick(selector, act) {
    document.querySelector(selector).addEventListener("click", act);
  }
}

function value(selector) {
  return document.querySelector(selector).value;
}
