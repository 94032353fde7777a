// Events of a page without a tag manager: gtm/README.md says how. Browsers since 2020.
//
//   <script src="/engagement.js" data-url="https://.../events" data-endpoint-id="7f3a..."></script>
//   <script>engagement.track("page_view", { page_path: location.pathname })</script>
(() => {
  const options = { ...document.currentScript?.dataset };
  // null: the visitor has not answered yet, so events wait.
  let granted = options.consent === "required" ? null : true;
  let queue = [];
  let timer;

  const warn = (text) => console.warn("engagement: " + text);
  const isSet = (value) =>
    (["string", "boolean"].includes(typeof value) || Number.isFinite(value)) &&
    !["", "undefined", "null"].includes(String(value).trim());

  // One image for each event, where a POST is blocked.
  const draw = (event) => {
    try {
      const query = Object.entries(event).map((pair) => pair.map(encodeURIComponent).join("="));
      new Image().src = options.url + "?" + query.join("&");
    } catch {
      warn("half a character cannot be sent");
    }
  };

  const post = (events, leaving) => {
    const body = JSON.stringify(events);
    // The pixel takes 100 events and a beacon 64 KiB; a character has up to 3 bytes.
    if (events.length > 1 && (events.length > 100 || body.length > 21000)) {
      const half = events.length >> 1;
      post(events.slice(0, half), leaving);
      post(events.slice(half), leaving);
      return;
    }
    try {
      // A text needs no preflight, so no page has to be listed in cors. A beacon outlives the page, and cannot say that it
      // was blocked.
      if (leaving && navigator.sendBeacon(options.url, body)) return;
    } catch {}
    const send = (keepalive) => fetch(options.url, { method: "POST", body, mode: "no-cors", keepalive });
    // What outlives the page has 64 KiB for all requests under way.
    send(true)
      .catch(() => send(false))
      .catch(() => events.forEach(draw));
  };

  const flush = (leaving) => {
    clearTimeout(timer);
    timer = 0;
    if (granted && queue.length) post(queue.splice(0), leaving);
  };

  self.engagement = {
    /** Set `url`, `endpointId` or `token`, like the script's data- attributes; what is not given stays. */
    init(given) {
      Object.assign(options, given);
    },
    /** Send an event within a second. A name without evat_, evme_ or usat_ is an event attribute; event_id is its own. */
    track(name, values) {
      if (![name, options.url, options.endpointId].every(isSet)) return warn("no event, URL or endpoint ID, so nothing is sent");
      if (granted === false || queue.length > 499) return;
      const event = { event: name, endpoint_id: options.endpointId, token: options.token, ts: Date.now(), event_id: self.crypto?.randomUUID?.() };
      for (const key in values) event[/^(evat|evme|usat)_|^event_id$/.test(key) ? key : "evat_" + key] = values[key];
      queue.push(Object.fromEntries(Object.entries(event).flatMap(([key, value]) => (isSet(value) ? [[key, String(value)]] : []))));
      timer = timer || setTimeout(flush, 1000);
    },
    /** Whether the visitor agrees: true sends what waits, anything else forgets it and what follows. */
    consent(given) {
      granted = given === true;
      if (!granted) queue = [];
      flush();
    },
  };

  addEventListener("pagehide", () => flush(true));
  document.addEventListener("visibilitychange", () => document.hidden && flush(true));
})();
