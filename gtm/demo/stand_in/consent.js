/** Consent as pages declare it with `gtag("consent", "default" | "update", {...})`. */

/** Types of consent that Google defines. */
export const CONSENT_TYPES = new Set([
  "ad_storage",
  "ad_user_data",
  "ad_personalization",
  "analytics_storage",
  "functionality_storage",
  "personalization_storage",
  "security_storage",
]);
const ANSWERS = new Set(["granted", "denied"]);

export class Consent {
  #answers = { default: {}, update: {} };

  /**
   * Take over a declaration.
   *
   * @param {string} action `default` or `update`; an update wins over every default.
   * @param {Record<string, "granted" | "denied">} answers Answers by consent type.
   * @throws {TypeError} The declaration holds what is not emulated, such as regions or a waiting time.
   */
  declare(action, answers) {
    if (!Object.hasOwn(this.#answers, action)) {
      throw new TypeError(`consent: ${action} is not emulated`);
    }
    for (const [type, answer] of Object.entries(answers)) {
      if (!CONSENT_TYPES.has(type) || !ANSWERS.has(answer)) {
        throw new TypeError(`consent: ${type} = ${answer} is not emulated`);
      }
    }
    Object.assign(this.#answers[action], answers);
  }

  /**
   * @param {string[]} types What a tag requires.
   * @returns {string[]} Those that are denied now. A type that nobody declared counts as granted, as in GTM.
   */
  denied(types) {
    const now = { ...this.#answers.default, ...this.#answers.update };
    return types.filter((type) => now[type] === "denied");
  }
}
