/** The address that a Custom Image tag calls. */

/**
 * Split a text at its variables.
 *
 * @param {string} text Such as `{{Pixel URL}}?event={{Event}}`.
 * @returns {Array<{text: string} | {variable: string}>} The parts in order, empty texts left out.
 */
export function parseTemplate(text) {
  return text
    .split(/\{\{([^{}]+)\}\}/)
    .map((part, index) => (index % 2 ? { variable: part } : { text: part }))
    .filter((part) => part.variable || part.text);
}

/**
 * Fill in the variables as GTM does, by position: the one that opens the address is the address of the pixel and stays
 * as it is; every other one is encoded, unset ones included (`undefined`, `null`, `[object Object]`).
 *
 * @param {ReturnType<typeof parseTemplate>} parts
 * @param {(name: string) => unknown} resolve Value of a variable.
 * @returns {string} Absolute URL. It went through the `href` of a link like GTM's does, which decodes HTML's named
 *   references: `&copy_` in the tag's own text becomes a sign.
 */
export function fill(parts, resolve) {
  const html = parts.map((part, index) => {
    if (part.text) {
      return part.text;
    }
    const value = String(resolve(part.variable));
    return index === 0 ? escapeAttribute(value) : encode(value);
  });
  // A document of its own, in which nothing runs and nothing is loaded.
  const inert = new DOMParser().parseFromString(`<a href="${html.join("")}"></a>`, "text/html");
  return inert.querySelector("a").href;
}

/**
 * Add a parameter that makes each call's address new, because a browser asks for the same image only once per page.
 *
 * @param {string} url
 * @param {string} parameter
 * @returns {string} The URL with a random number from 0 to 2147483647.
 */
export function bustCache(url, parameter) {
  const separator = url.includes("?") ? (/[?&]$/.test(url) ? "" : "&") : "?";
  return `${url}${separator}${parameter}=${Math.floor(Math.random() * 2 ** 31)}`;
}

function encode(value) {
  return encodeURIComponent(value).replace(/['()]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
}

function escapeAttribute(value) {
  return value.replace(/&/g, "&amp;").replace(/"/g, "&quot;");
}
