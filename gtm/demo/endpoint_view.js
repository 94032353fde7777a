/** The visitor's endpoint as Pinpoint holds it. */

import { definitions, element } from "./dom.js";
import { endpoints } from "./local_cloud.js";

export class EndpointView {
  #place = document.querySelector("#endpoint");
  #turn = 0;

  /**
   * @param {string} applicationId Pinpoint project.
   * @param {string} consolePath Page of the console.
   */
  constructor(applicationId, consolePath) {
    this.applicationId = applicationId;
    this.consolePath = consolePath;
  }

  /** Look, and show it. */
  async refresh(endpointId) {
    const own = ++this.#turn;
    const all = await endpoints(this.applicationId);
    if (own !== this.#turn) {
      // A later look was answered first.
      return;
    }
    const found = Object.hasOwn(all, endpointId) ? all[endpointId] : null;
    this.#place.replaceChildren(found ? this.#describe(endpointId, found) : this.#nothing(endpointId));
  }

  #describe(endpointId, { EndpointStatus: status, User: user }) {
    const attributes = Object.entries(user?.UserAttributes ?? {}).map(([name, values]) => [name, values.join(", ")]);
    const place = `${this.consolePath}#endpoints/${this.applicationId}/${encodeURIComponent(endpointId)}`;
    return element(
      "div",
      {},
      definitions([["endpoint", endpointId], ["status", status ?? "-"], ...attributes.sort()]),
      element("a", { href: place }, "Its history in the console"),
    );
  }

  #nothing(endpointId) {
    return element("p", { className: "quiet" }, `Pinpoint knows no endpoint ${endpointId || "without a name"} yet.`);
  }
}
