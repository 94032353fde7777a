/** Making elements. Texts only ever become text nodes, so no value of an event can become markup. */

/**
 * @param {string} tag
 * @param {object} properties Properties of the element.
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/**
 * @param {Iterable<[string, string]>} entries
 * @returns {HTMLElement} A list of names with their values.
 */
export function definitions(entries) {
  const rows = [...entries].map(([name, value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, value)),
  );
  return element("dl", {}, ...rows);
}
