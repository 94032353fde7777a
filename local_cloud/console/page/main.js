// Puts the parts together: one feed, one store, and the view that the address names.

import { followEndpoints, showEndpoints } from "./endpoints.js";
import { Feed, UnreachableError } from "./feed.js";
import { number } from "./format.js";
import { followHits, showHits } from "./hits.js";
import { showJourneys } from "./journeys.js";
import { showOutbox } from "./outbox.js";
import { showPulse } from "./pulse.js";
import { showQueues } from "./queues.js";
import { showRuns } from "./runs.js";
import { Store } from "./store.js";

const VIEWS = {
  hits: showHits,
  queues: showQueues,
  endpoints: showEndpoints,
  outbox: showOutbox,
  runs: showRuns,
  journeys: showJourneys,
};
const CONNECTION = { live: "Live", paused: "Paused", lost: "No answer from the local cloud. Trying again." };
const main = document.getElementById("main");
const connection = document.getElementById("connection");
const pause = document.getElementById("pause");
const links = [...document.querySelectorAll("#navigation a")];
let draws = 0;
// Whether what the address names was not shown yet since it was chosen.
let arriving = false;

const store = new Store();
const feed = new Feed((answer) => {
  store.apply(answer);
  render();
}, tell);

function tell(state) {
  if (connection.dataset.state !== state) {
    connection.dataset.state = state;
    connection.textContent = CONNECTION[state];
  }
}

/** The view and what it shall show, such as `["endpoints", "<project>", "<endpoint>"]`. */
function address() {
  const [view, ...rest] = location.hash.slice(1).split("/");
  return view in VIEWS ? [view, ...rest.map(decoded)] : ["hits"];
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

async function render() {
  const own = ++draws;
  const [view, ...rest] = address();
  for (const name of Object.keys(VIEWS)) {
    document.getElementById(`view-${name}`).hidden = name !== view;
  }
  main.classList.toggle("one", rest.length > (view === "endpoints" ? 1 : 0));
  showPulse(store);
  showBadges(view);
  try {
    await VIEWS[view](store, rest);
  } catch (error) {
    if (!(error instanceof UnreachableError)) {
      throw error;
    }
    return;
  }
  // Only the latest draw shows something: one that was overtaken by the feed leaves it to that.
  if (arriving && own === draws) {
    arriving = false;
    reveal();
  }
}

function arrive() {
  arriving = true;
  return render();
}

/** Go to what was chosen: it may be far above the place where it was chosen, or stand in its place. */
function reveal() {
  const title = main.querySelector("section:not([hidden]) h3");
  title?.scrollIntoView({ block: "nearest" });
  if (document.activeElement === document.body) {
    title?.focus();
  }
}

function showBadges(view) {
  const sums = [
    store.hits.size,
    store.queues.length,
    store.applications.reduce((sum, { endpoints }) => sum + endpoints, 0),
    store.messages.size,
    store.runs.length,
    store.journeys.length,
  ];
  links.forEach((link, index) => {
    link.querySelector(".badge").textContent = number(sums[index]);
    if (link.hash === `#${view}`) {
      link.setAttribute("aria-current", "page");
    } else {
      link.removeAttribute("aria-current");
    }
  });
}

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
pause.addEventListener("click", () => {
  feed.pause(!feed.paused);
  pause.textContent = feed.paused ? "Resume" : "Pause";
});
addEventListener("hashchange", arrive);
followHits(render);
followEndpoints(render);
feed.start();
