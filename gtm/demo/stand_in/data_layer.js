/**
 * Google Tag Manager's data layer, version 2: every message is merged into one model that lasts as long as the page.
 *
 * So values are sticky: a value that an earlier event has pushed rides along with the next one until it is overwritten.
 */

const FORBIDDEN = new Set(["__proto__", "constructor", "prototype"]);

/**
 * @param {unknown} value
 * @returns {boolean} Whether it is an object literal: what is merged and not replaced.
 */
export function isPlain(value) {
  return Object.prototype.toString.call(value) === "[object Object]";
}

export class DataLayerModel {
  #values = {};

  /**
   * Take over a message.
   *
   * @param {object} message Dots in its keys stand for nesting: `{"item.name": 1}` is `{item: {name: 1}}`.
   */
  merge(message) {
    for (const [key, value] of Object.entries(message)) {
      merge(
        this.#values,
        key.split(".").reduceRight((inner, part) => ({ [part]: inner }), value),
      );
    }
  }

  /**
   * @param {string} path Name of a data layer variable; dots reach into nested values.
   * @returns {unknown} The value now, undefined if there is none.
   */
  get(path) {
    return path.split(".").reduce((value, part) => own(value, part), this.#values);
  }
}

function own(value, part) {
  return value !== null && typeof value === "object" && Object.hasOwn(value, part) ? value[part] : undefined;
}

function merge(target, source) {
  for (const [key, value] of Object.entries(source)) {
    if (FORBIDDEN.has(key)) {
      throw new TypeError(`a data layer key must not be ${key}`);
    }
    if (Array.isArray(value)) {
      merge((target[key] = Array.isArray(target[key]) ? target[key] : []), value);
    } else if (isPlain(value)) {
      merge((target[key] = isPlain(target[key]) ? target[key] : {}), value);
    } else {
      target[key] = value;
    }
  }
}
