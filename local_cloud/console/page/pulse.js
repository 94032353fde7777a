// Hits per second as bars, and how much lies in the queues.

import { element, graphic, show } from "./dom.js";
import { count, number } from "./format.js";

const SECONDS = 60;
const HEIGHT = 40;
const STEP = 4;
const DEPTHS = [
  ["queue", "Waiting", "in the queues"],
  ["rejects", "Rejected", "in rejects queues"],
  ["dlq", "Dead letters", "in dead-letter queues"],
];

const bars = Array.from({ length: SECONDS }, (_, index) => ({
  taken: graphic("rect", { class: "taken", x: index * STEP, width: STEP - 1 }),
  refused: graphic("rect", { class: "refused", x: index * STEP, width: STEP - 1 }),
}));
const chart = graphic(
  "svg",
  { viewBox: `0 0 ${SECONDS * STEP - 1} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" },
  bars.flatMap(({ taken, refused }) => [taken, refused]),
);
document.getElementById("rate-chart").append(chart);

export function showPulse(store) {
  const totals = store.rate.map(([taken, refused]) => taken + refused);
  const peak = Math.max(0, ...totals);
  // The last second is not over yet.
  const now = totals.at(-2) ?? 0;
  store.rate.forEach(([taken, refused], index) => draw(bars[index], taken, refused, Math.max(peak, 4)));
  const sum = totals.reduce((one, other) => one + other, 0);
  const turnedAway = store.rate.reduce((all, [, refused]) => all + refused, 0);
  const refused = turnedAway ? `, ${number(turnedAway)} refused` : "";
  const note = sum
    ? `${number(sum)} in the last minute, at most ${number(peak)} in a second${refused}`
    : "No hits in the last minute";
  document.getElementById("rate-now").textContent = number(now);
  document.getElementById("rate-note").textContent = note;
  chart.setAttribute("aria-label", `Hits per second over the last minute: ${number(now)} now. ${note}.`);
  show(document.getElementById("depths"), ...DEPTHS.map((depth) => tile(store.queues, ...depth)));
}

function draw({ taken, refused }, takenCount, refusedCount, scale) {
  const low = (takenCount / scale) * HEIGHT;
  const high = (refusedCount / scale) * HEIGHT;
  taken.setAttribute("y", HEIGHT - low);
  taken.setAttribute("height", low);
  refused.setAttribute("y", HEIGHT - low - high);
  refused.setAttribute("height", high);
}

function tile(queues, role, word, where) {
  const depth = queues
    .filter((queue) => queue.role === role)
    .reduce((sum, queue) => sum + queue.visible + queue.hidden + queue.delayed, 0);
  return element(
    "li",
    { class: `depth ${role}${depth ? " some" : ""}` },
    element(
      "a",
      { href: "#queues", "data-key": role, "aria-label": `${word}: ${count(depth, "message")} ${where}` },
      element("strong", {}, number(depth)),
      element("span", {}, word),
    ),
  );
}
