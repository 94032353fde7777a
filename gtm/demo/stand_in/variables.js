/** Values of a container's variables at one moment. */

const BUILT_IN = {
  EVENT: ({ event }) => event,
  PAGE_URL: ({ page }) => page.location.href.split("#")[0],
  PAGE_HOSTNAME: ({ page }) => page.location.hostname,
  PAGE_PATH: ({ page }) => page.location.pathname,
  REFERRER: ({ page }) => page.document.referrer.split("#")[0],
};

/** Types of built-in variables that are emulated. */
export const BUILT_IN_TYPES = new Set(Object.keys(BUILT_IN));

/**
 * @param {object} variable Description of `readContainer`.
 * @param {{event: string, model: DataLayerModel, page: Window}} moment
 * @returns {unknown} Its value, after *Format value*.
 */
export function evaluate(variable, moment) {
  switch (variable.type) {
    case "constant":
      return variable.value;
    case "built-in":
      return BUILT_IN[variable.builtIn](moment);
    case "data layer": {
      const value = moment.model.get(variable.path);
      return format(value === undefined ? variable.defaultValue : value, variable.format);
    }
  }
}

function format(value, { ifUndefined, ifNull, ifTrue, ifFalse }) {
  const replacements = new Map([
    [undefined, ifUndefined],
    [null, ifNull],
    [true, ifTrue],
    [false, ifFalse],
  ]);
  return replacements.get(value) ?? value;
}
