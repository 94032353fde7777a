// Times, numbers and states as people read them.

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DATE = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const NUMBER = new Intl.NumberFormat("en-GB");

/** Every state of an event: its word, its sign, and the sentence that explains it. */
export const STATES = {
  arrived: { word: "Arrived", sign: "✓", meaning: "The engagement service took the event." },
  queued: { word: "Queued", sign: "…", meaning: "It waits in a queue, or the function works on it." },
  accepted: { word: "Taken", sign: "→", meaning: "The gateway took the call." },
  rejected: { word: "Rejected", sign: "✕", meaning: "It lies in the rejects queue with this reason." },
  refused: { word: "Refused", sign: "⊘", meaning: "The gateway refused the call: nothing was queued." },
  dead: { word: "Dead letter", sign: "■", meaning: "It came back too often and lies in the dead-letter queue." },
  gone: {
    word: "No trace",
    sign: "–",
    meaning: "It left the queue and did not arrive: a privacy signal was obeyed, or somebody took it.",
  },
};

/** Every state of a run and of its steps, in the same words. */
export const PROGRESS = {
  running: { word: "Running", sign: "…", look: "queued", meaning: "Its plan is being carried out." },
  completed: { word: "Completed", sign: "✓", look: "arrived", meaning: "Done." },
  refused: { word: "Refused", sign: "⊘", look: "refused", meaning: "The event came, and nothing was made for it." },
  failed: { word: "Failed", sign: "✕", look: "rejected", meaning: "It could not go on; nothing more is made." },
  stopped: { word: "Stopped", sign: "■", look: "dead", meaning: "Somebody stopped it; nothing more is made." },
  not_begun: { word: "Not begun", sign: "○", look: "", meaning: "The steps before come first." },
  working: { word: "Working", sign: "…", look: "queued", meaning: "Segments and campaigns are being made." },
  settling: {
    word: "Settling",
    sign: "…",
    look: "queued",
    meaning: "Something may have been made without an answer: it waits until that would be listed.",
  },
  counting: { word: "Counting", sign: "…", look: "queued", meaning: "Its audiences are being exported." },
  sending: { word: "Sending", sign: "…", look: "queued", meaning: "Its campaigns have not ended yet." },
  stamping: { word: "Stamping", sign: "…", look: "queued", meaning: "Attributes are being written." },
  waiting: { word: "Waiting", sign: "…", look: "queued", meaning: "The plan waits here." },
  awaited: { word: "Awaited", sign: "…", look: "queued", meaning: "It waits for its journey's call." },
  listening: {
    word: "Listening",
    sign: "…",
    look: "queued",
    meaning: "It waits until what recipients did has been recorded.",
  },
};

/** Every state of a journey, in Pinpoint's own terms. */
export const JOURNEYS = {
  DRAFT: { word: "Draft", sign: "○", look: "", meaning: "It was not published: nobody enters." },
  ACTIVE: { word: "Active", sign: "→", look: "arrived", meaning: "Participants enter and go on." },
  PAUSED: { word: "Paused", sign: "…", look: "refused", meaning: "Nobody enters, and nobody goes on." },
  CLOSED: { word: "Closed", sign: "…", look: "queued", meaning: "Nobody enters; those who are inside go on." },
  COMPLETED: { word: "Completed", sign: "✓", look: "", meaning: "Everybody has left." },
  CANCELLED: { word: "Cancelled", sign: "■", look: "dead", meaning: "Everybody was taken out, for good." },
};

/** What recipients did, or what became of their message. */
export const DID = {
  delivered: { word: "Delivered", sign: "✓", look: "", meaning: "The message has arrived." },
  opened: { word: "Opened", sign: "◉", look: "arrived", meaning: "Its recipient looked at it." },
  clicked: { word: "Clicked", sign: "↗", look: "arrived", meaning: "Its recipient followed a link." },
  bounced: { word: "Bounced", sign: "✕", look: "rejected", meaning: "The address does not take it." },
  soft_bounced: { word: "Soft bounce", sign: "…", look: "refused", meaning: "It could not be delivered for now." },
  rejected: { word: "Rejected", sign: "✕", look: "rejected", meaning: "The mail server did not send it." },
  complained: { word: "Complained", sign: "!", look: "rejected", meaning: "Its recipient called it spam." },
  opted_out: { word: "Opted out", sign: "⊘", look: "refused", meaning: "Its recipient wants no more SMS." },
  unsubscribed: { word: "Unsubscribed", sign: "⊘", look: "refused", meaning: "Its recipient wants no more e-mails." },
};

export function clock(moment) {
  const date = new Date(moment);
  if (Number.isNaN(date.valueOf())) {
    return "–";
  }
  return `${CLOCK.format(date)}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** Day and time; a dash without one. */
export function date(moment) {
  const found = new Date(moment);
  return Number.isNaN(found.valueOf()) ? "–" : DATE.format(found);
}

export function number(value) {
  return NUMBER.format(value);
}

export function count(value, one, many = `${one}s`) {
  return `${number(value)} ${value === 1 ? one : many}`;
}

export function duration(seconds) {
  const units = [
    [86400, "d"],
    [3600, "h"],
    [60, "min"],
  ];
  const [size, unit] = units.find(([length]) => seconds >= length) ?? [1, "s"];
  return `${Math.floor(seconds / size)} ${unit}`;
}

/** Where something is, if it is not in the account and Region that everything else is in. */
export function place({ account, region }) {
  return account === "000000000000" ? region : `${account}, ${region}`;
}
