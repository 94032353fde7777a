/** Conditions of Custom Event triggers. */

const OPERATORS = {
  EQUALS: (value, wanted) => value === wanted,
  CONTAINS: (value, wanted) => value.includes(wanted),
  STARTS_WITH: (value, wanted) => value.startsWith(wanted),
  ENDS_WITH: (value, wanted) => value.endsWith(wanted),
  MATCH_REGEX: (value, wanted, ignoreCase) => new RegExp(wanted, ignoreCase ? "i" : "").test(value),
};

/** Types of conditions that are emulated. */
export const OPERATOR_TYPES = new Set(Object.keys(OPERATORS));

/**
 * @param {object} trigger Description of `readContainer`.
 * @param {(name: string) => unknown} resolve Value of a variable.
 * @returns {boolean} Whether all its conditions hold.
 */
export function holds(trigger, resolve) {
  return trigger.conditions.every(({ operator, variable, wanted, negate, ignoreCase }) => {
    const fold = (text) => (ignoreCase && operator !== "MATCH_REGEX" ? text.toLowerCase() : text);
    const met = OPERATORS[operator](fold(String(resolve(variable))), fold(wanted), ignoreCase);
    return met !== negate;
  });
}
