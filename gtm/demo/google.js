/** The real Google Tag Manager in place of the stand-in. */

const ID = /^GTM-[A-Z0-9]{4,12}$/;

/**
 * @returns {string | null} The container that the page's own address asks for with `?gtm=GTM-XXXX`.
 * @throws {Error} It asks for something that is no container.
 */
export function wantedContainer() {
  const wanted = new URLSearchParams(location.search).get("gtm");
  if (wanted !== null && !ID.test(wanted)) {
    throw new Error("?gtm= must name a container, such as ?gtm=GTM-ABC1234");
  }
  return wanted;
}

/**
 * Load a published container; messages are shown, its tags are for GTM's own preview to show.
 *
 * @param {string} id
 * @param {(message: object) => void} onMessage Hears of each message of the page.
 */
export function loadTagManager(id, onMessage) {
  const { dataLayer } = window;
  const append = dataLayer.push;
  dataLayer.push = (...messages) => {
    messages.forEach((message) => onMessage(message));
    return append.apply(dataLayer, messages);
  };
  dataLayer.forEach((message) => onMessage(message));
  const script = document.createElement("script");
  script.src = `https://www.googletagmanager.com/gtm.js?id=${id}`;
  document.head.append(script);
}
