/** The calls of `tokenize` that are under way. Each settles once: with its answer, at its deadline, or by the page. */

import { ABORTED } from "./errors.js";

export class Attempts {
  #open = new Map();
  #lastId = 0;
  #settled;

  /** `settled(id, result, byFrame)` is called before the promise resolves. */
  constructor(settled) {
    this.#settled = settled;
  }

  /** Opens an attempt; `late()` gives the error if the deadline passes. Gives its id and its promise. */
  open(signal, deadlineMs, late) {
    const id = ++this.#lastId;
    const promise = new Promise((resolve) => {
      const abort = () => this.settle(id, { error: ABORTED });
      const timer = setTimeout(() => this.settle(id, { error: late() }), deadlineMs);
      const done = (result) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        resolve(result);
      };
      this.#open.set(id, { done, until: Date.now() + deadlineMs });
      signal?.addEventListener("abort", abort);
      if (signal?.aborted) {
        abort();
      }
    });
    return { id, promise };
  }

  /** What is asked of the frame for an attempt that is open. */
  question(id) {
    // A little less than our own, so that the frame's better word on what went wrong comes first.
    const left = this.#open.get(id).until - Date.now() - 500;
    return { type: "tokenize", id, deadline_ms: Math.max(left, 1) };
  }

  has(id) {
    return this.#open.has(id);
  }

  ids() {
    return [...this.#open.keys()];
  }

  settle(id, result, byFrame = false) {
    const attempt = this.#open.get(id);
    if (attempt) {
      this.#open.delete(id);
      this.#settled(id, result, byFrame);
      attempt.done(result);
    }
  }

  /** Settles every attempt with an error; tells whether there was one. */
  settleAll(error) {
    const ids = this.ids();
    ids.forEach((id) => this.settle(id, { error }));
    return ids.length > 0;
  }
}

/** The token message in the words of JavaScript. */
export const tokenOf = ({ token, kind, scheme, bin, last4, exp_month, exp_year, expires_at }) => ({
  token,
  kind,
  scheme,
  bin,
  last4,
  expMonth: exp_month,
  expYear: exp_year,
  expiresAt: expires_at,
});
