// Messages to people, each as it would look: an e-mail in a frame that runs nothing, an SMS as a bubble, a push as a
// card.

import { element, show } from "./dom.js";
import { post } from "./feed.js";
import { DID, clock } from "./format.js";
import { chip, empty, facts } from "./parts.js";

const PUSH = new Set(["ADM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "BAIDU", "GCM"]);
// What records of the event stream say of a message; of a push notification none says more than that it was sent.
const RECORDS = {
  "_email.delivered": "delivered",
  "_email.open": "opened",
  "_email.click": "clicked",
  "_email.hardbounce": "bounced",
  "_email.softbounce": "soft_bounced",
  "_email.rejected": "rejected",
  "_email.complaint": "complained",
  "_email.unsubscribe": "unsubscribed",
  "_SMS.SUCCESS": "delivered",
  "_SMS.FAILURE": "bounced",
  "_SMS.OPTOUT": "opted_out",
  "_campaign.opened_notification": "opened",
  "_journey.opened_notification": "opened",
};
const SENT = { "_campaign.send": "delivered", "_journey.send": "delivered" };
// What a recipient can do, in the words of the control interface.
const DEEDS = {
  EMAIL: {
    open: "Open",
    click: "Click a link",
    hardbounce: "Bounce",
    complaint: "Complain",
    unsubscribe: "Unsubscribe",
  },
  SMS: { optout: "Opt out" },
  PUSH: { open: "Open" },
};
const UNHEARD = "Its project has no event stream: what its recipient does is not recorded.";
const list = document.getElementById("message-list");
const detail = document.getElementById("message");
const answer = document.getElementById("message-answer");

detail.addEventListener("click", async (event) => {
  const { did, message } = event.target.closest("button")?.dataset ?? {};
  if (did) {
    answer.textContent = await tell(Number(message), did);
  }
});

export function showOutbox(store, [number = ""]) {
  const messages = store.latestMessages;
  if (!messages.length) {
    const call = element("code", {}, "SendMessages");
    const known = "Nothing was sent yet. What campaigns, journeys and ";
    show(list, empty(known, call, " send shows here; nothing leaves this machine."));
    show(detail);
    return;
  }
  if (answer.dataset.message !== number) {
    // What was told of another message.
    answer.textContent = "";
    answer.dataset.message = number;
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
  show(detail, ...(chosen ? preview(chosen, store.applications) : []));
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
    chips(message),
  );
}

/** What its recipient did, or what became of it, as far as the event stream told it. */
function chips({ channel, records }) {
  const known = PUSH.has(channel) ? { ...RECORDS, ...SENT } : RECORDS;
  const did = new Set(records.map((record) => known[record]).filter(Boolean));
  return did.size ? element("span", { class: "did" }, [...did].map((kind) => chip(DID, kind))) : null;
}

function preview(message, applications) {
  const pairs = [
    ["To", message.address],
    ["Endpoint", message.endpoint_id],
    ["From", message.sender],
    ["Channel", message.channel],
    ["Destination", message.destination],
    ["Sent", clock(Date.parse(message.time))],
    ["Message id", message.message_id],
  ];
  return [
    element("a", { class: "back", href: "#outbox", "data-key": "back" }, "All messages"),
    element("h3", { tabindex: "-1" }, message.title || `${message.channel} message`),
    facts(pairs),
    ...(message.destination === "pinpoint" ? recipient(message, applications) : []),
    content(message),
  ];
}

function recipient(message, applications) {
  const deeds = Object.entries(DEEDS[PUSH.has(message.channel) ? "PUSH" : message.channel] ?? {});
  const heard = applications.some(({ id, event_stream: stream }) => id === message.application_id && stream);
  return [
    element("h4", {}, "Recipient"),
    chips(message),
    (heard || message.journey_id) && deeds.length
      ? element(
          "div",
          { class: "deeds", role: "group", "aria-label": "Do as the recipient" },
          deeds.map(([did, word]) =>
            element(
              "button",
              { type: "button", "data-key": did, "data-did": did, "data-message": message.number },
              word,
            ),
          ),
        )
      : null,
    heard ? null : element("p", { class: "muted" }, UNHEARD),
  ].filter(Boolean);
}

async function tell(message, did) {
  try {
    const { event_type: record } = await post("../pinpoint/interactions", { message, did });
    return `Told as ${record}.`;
  } catch (error) {
    return error.message;
  }
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
