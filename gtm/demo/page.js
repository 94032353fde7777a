/** The demo page: a shop with a data layer, a tag manager, and a view of what becomes of each message. */

import { Arrivals } from "./arrivals.js";
import { EndpointView } from "./endpoint_view.js";
import { loadTagManager, wantedContainer } from "./google.js";
import { settings } from "./local_cloud.js";
import { LogView } from "./log_view.js";
import { Shop } from "./shop.js";
import { startTagManager } from "./stand_in/tag_manager.js";
import { Visitor } from "./visitor.js";

window.dataLayer = [];
const push = (message) => window.dataLayer.push(message);

try {
  await start();
} catch (error) {
  complain(error);
}

async function start() {
  const googleId = wantedContainer();
  const { container, application_id: applicationId, console: consolePath } = await settings();
  document.querySelector("#console").href = consolePath;

  const log = new LogView();
  const endpoint = new EndpointView(applicationId, consolePath);
  const refresh = () => endpoint.refresh(visitor.endpointId).catch(complain);
  const visitor = new Visitor(push, refresh);
  const shop = new Shop(push, visitor, complain);
  const arrivals = new Arrivals(applicationId, settled, complain);
  await Promise.all([arrivals.start(), refresh()]);

  visitor.declareConsent("default");
  push({ "gtm.start": Date.now(), event: "gtm.js" });
  shop.viewPage();
  if (googleId) {
    loadTagManager(googleId, (message) => show(message, null));
    say(`Google Tag Manager runs ${googleId}; its preview shows the tags. Messages are listed here.`);
  } else {
    startTagManager(container, { onMessage: show, onResult: finished });
    say("Each click is a message for the data layer. An offline stand-in for Google Tag Manager runs the exported container.");
  }

  function show(message, firings) {
    // The runtime's own messages set off no tag of this container.
    if (!String(message.event).startsWith("gtm.")) {
      log.add(message, firings);
      firings?.filter(({ url }) => url).forEach((firing) => arrivals.watch(firing));
    }
  }

  function finished(firing) {
    if (firing.status === "failed") {
      arrivals.forget(firing);
    }
    log.update(firing);
  }

  function settled(firing, arrival) {
    log.update(firing, arrival);
    void refresh();
  }
}

function say(text) {
  document.querySelector("#runs").textContent = text;
}

function complain(error) {
  const alert = document.querySelector("#alert");
  alert.textContent = error.message;
  alert.hidden = false;
}
