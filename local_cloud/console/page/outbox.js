// Messages to people, each as it would look: an e-mail in a frame that runs nothing, an SMS as a bubble, a push as a
// card.

import { element, show } from "./dom.js";
import { clock } from "./format.js";
import { empty, facts } from "./parts.js";

const PUSH = new Set(["ADM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "BAIDU", "GCM"]);
const list = document.getElementById("message-list");
const detail = document.getElementById("message");

export function showOutbox(store, [number]) {
  const messages = store.latestMessages;
  if (!messages.length) {
    const call = element("code", {}, "SendMessages");
    show(list, empty("Nothing was sent yet. What ", call, " sends shows here; nothing leaves this machine."));
    show(detail);
    return;
  }
  const chosen = messages.find((message) => String(message.number) === number);
  show(
    list,
    element(
      "ul",
      {},
      messages.map((message) => element("li", {}, entry(message, message === chosen))),
    ),
  );
  show(detail, ...(chosen ? preview(chosen) : []));
}

function entry(message, chosen) {
  return element(
    "a",
    {
      href: `#outbox/${message.number}`,
      "data-key": `message ${message.number}`,
      "aria-current": chosen ? "true" : null,
    },
    element("span", { class: "name" }, message.title || message.body || "(without text)"),
    element("span", { class: "muted" }, `${message.channel} to ${message.address}, ${clock(Date.parse(message.time))}`),
  );
}

function preview(message) {
  const pairs = [
    ["To", message.address],
    ["Endpoint", message.endpoint_id],
    ["From", message.sender],
    ["Channel", message.channel],
    ["Sent", clock(Date.parse(message.time))],
    ["Message id", message.message_id],
  ];
  return [
    element("a", { class: "back", href: "#outbox", "data-key": "back" }, "All messages"),
    element("h3", { tabindex: "-1" }, message.title || `${message.channel} message`),
    facts(pairs),
    content(message),
  ];
}

function content(message) {
  if (message.html) {
    return [
      element("iframe", {
        class: "mail",
        sandbox: "",
        src: `messages/${message.number}.html`,
        title: `E-mail: ${message.title}`,
      }),
      message.body
        ? element(
            "details",
            { "data-name": "text" },
            element("summary", { "data-key": "text" }, "Text part"),
            element("pre", {}, message.body),
          )
        : null,
    ];
  }
  if (message.channel === "SMS") {
    return element("p", { class: "bubble" }, message.body);
  }
  if (PUSH.has(message.channel)) {
    return element("div", { class: "push" }, element("strong", {}, message.title), element("p", {}, message.body));
  }
  return element("pre", {}, message.body);
}
