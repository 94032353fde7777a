// Times, numbers and states as people read them.

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
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

export function clock(moment) {
  const date = new Date(moment);
  if (Number.isNaN(date.valueOf())) {
    return "–";
  }
  return `${CLOCK.format(date)}.${String(date.getMilliseconds()).padStart(3, "0")}`;
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
