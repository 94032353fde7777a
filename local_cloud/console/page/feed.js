// Asks for what changed, once a second, while the page is seen and not paused.

const INTERVAL = 1000;
const PATIENCE = 10_000;

export class Feed {
  #mark = "";
  #timer;
  #receive;
  #tell;
  paused = false;

  /** `receive` gets each answer; `tell` hears `live`, `paused` or `lost`. */
  constructor(receive, tell) {
    this.#receive = receive;
    this.#tell = tell;
    document.addEventListener("visibilitychange", () => this.#next(0));
  }

  start() {
    this.#next(0);
  }

  pause(paused) {
    this.paused = paused;
    this.#tell(paused ? "paused" : "live");
    this.#next(0);
  }

  #next(delay) {
    clearTimeout(this.#timer);
    if (!this.paused && !document.hidden) {
      this.#timer = setTimeout(() => this.#ask(), delay);
    }
  }

  async #ask() {
    let state = "live";
    try {
      const answer = await get(`feed?since=${encodeURIComponent(this.#mark)}`);
      if (this.paused) {
        return;
      }
      this.#mark = answer.next;
      this.#receive(answer);
    } catch (error) {
      if (!(error instanceof UnreachableError)) {
        throw error;
      }
      state = "lost";
    } finally {
      this.#next(INTERVAL);
    }
    if (!this.paused) {
      this.#tell(state);
    }
  }
}

/** The cloud did not answer. */
export class UnreachableError extends Error {}

/** Read a JSON document; null if there is none. */
export async function get(path) {
  const { ok, text } = await reach(path, {});
  return ok ? JSON.parse(text) : null;
}

/** Ask for a change; the answer, or an error with the reason of the refusal. */
export async function post(path, document) {
  const { ok, text } = await reach(path, { method: "POST", body: JSON.stringify(document) });
  const answer = JSON.parse(text);
  if (!ok) {
    throw new Error(answer.message);
  }
  return answer;
}

async function reach(path, options) {
  try {
    const response = await fetch(path, { ...options, signal: AbortSignal.timeout(PATIENCE) });
    // An answer can break off, or take too long, when it has begun.
    return { ok: response.ok, text: await response.text() };
  } catch (error) {
    throw new UnreachableError(error.message);
  }
}
