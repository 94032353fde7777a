// Every queue with its depth; dead letters and rejects can be sent back to where they came from.

import { element, show } from "./dom.js";
import { post } from "./feed.js";
import { count, duration, number, place } from "./format.js";
import { empty, table } from "./parts.js";

const COLUMNS = ["Queue", "Waiting", "In flight", "Delayed", "Oldest", "Send back"];
const ROLES = { queue: "", dlq: "dead letters", rejects: "rejects" };
const ORDER = ["queue", "dlq", "rejects"];
const list = document.getElementById("queue-list");
const answer = document.getElementById("queue-answer");

list.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (button && button.getAttribute("aria-disabled") !== "true") {
    answer.textContent = await sendBack(button.dataset.key);
  }
});

export function showQueues(store) {
  if (!store.queues.length) {
    show(list, empty("There is no queue."));
    return;
  }
  const families = new Map();
  for (const queue of store.queues) {
    const family = queue.source || queue.arn;
    families.set(family, [...(families.get(family) ?? []), queue]);
  }
  show(list, table("queues", COLUMNS, ...[...families.values()].map(body)));
}

function body(family) {
  const sorted = family.sort((one, other) => ORDER.indexOf(one.role) - ORDER.indexOf(other.role));
  return element("tbody", { role: "rowgroup" }, sorted.map(row));
}

function row(queue) {
  const depth = queue.visible + queue.hidden + queue.delayed;
  return element(
    "tr",
    { role: "row", class: `${queue.role}${depth ? " some" : ""}` },
    element(
      "th",
      { role: "rowheader", scope: "row", "data-name": "Queue" },
      element("span", { class: "name" }, queue.name),
      " ",
      element("span", { class: "muted" }, ROLES[queue.role] || place(queue)),
    ),
    cell("Waiting", number(queue.visible)),
    cell("In flight", number(queue.hidden)),
    cell("Delayed", number(queue.delayed)),
    cell("Oldest", depth ? duration(queue.oldest) : "–"),
    element(
      "td",
      { role: "cell", "data-name": "Send back", class: "action" },
      queue.role === "queue" ? "" : button(queue),
    ),
  );
}

function cell(name, text) {
  return element("td", { role: "cell", "data-name": name, class: "number" }, text);
}

function button(queue) {
  const empty = !queue.visible;
  return element(
    "button",
    {
      type: "button",
      "data-key": queue.arn,
      "aria-disabled": String(empty),
      "aria-label": `Send back ${count(queue.visible, "message")} of ${queue.name}`,
    },
    empty ? "Empty" : `Send back ${number(queue.visible)}`,
  );
}

async function sendBack(arn) {
  const name = arn.split(":").pop();
  try {
    const { messages } = await post("replay", { queue: arn });
    return `${count(messages, "message")} of ${name} ${messages === 1 ? "goes" : "go"} back.`;
  } catch (error) {
    return `${name}: ${error.message}`;
  }
}
