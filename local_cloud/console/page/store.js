// What the page knows: the last hits and messages, and the newest word on everything else.

const MOST_HITS = 300;
const MOST_MESSAGES = 200;

export class Store {
  hits = new Map();
  messages = new Map();
  rate = [];
  queues = [];
  runs = [];
  journeys = [];
  applications = [];
  pixels = [];

  /** Take in one answer of the feed. */
  apply(answer) {
    if (answer.whole) {
      this.hits.clear();
      this.messages.clear();
    }
    merge(this.hits, answer.hits, MOST_HITS);
    merge(this.messages, answer.messages, MOST_MESSAGES);
    this.rate = answer.rate;
    this.queues = answer.queues;
    this.runs = answer.runs;
    this.journeys = answer.journeys;
    this.applications = answer.applications;
    this.pixels = answer.pixels;
  }

  /** Newest first. */
  get latestHits() {
    return [...this.hits.values()].sort((one, other) => other.number - one.number);
  }

  get latestMessages() {
    return [...this.messages.values()].sort((one, other) => other.number - one.number);
  }
}

function merge(known, items, most) {
  for (const item of items) {
    known.set(item.number, item);
  }
  const surplus = [...known.keys()].sort((one, other) => one - other).slice(0, Math.max(0, known.size - most));
  surplus.forEach((number) => known.delete(number));
}
