/** Promises that are under way. Each settles once: with its answer, at its deadline, or because the page aborts it. */

import { ABORTED, badOption, late } from "./errors.js";

export const DEADLINE_MS = 15_000;

/** `signal` and `deadlineMs` of a call, or throws the problem with them. */
const read = (options) => {
  const { signal = null, deadlineMs = DEADLINE_MS } = options ?? {};
  if (signal && !(signal instanceof AbortSignal)) {
    throw badOption("signal", "an AbortSignal");
  }
  if (!(deadlineMs > 0 && deadlineMs < 2 ** 31)) {
    throw badOption("deadlineMs", "a number of milliseconds above 0");
  }
  return { signal, deadlineMs };
};

export class Pending {
  #open = new Map();
  #lastId = 0;
  #settled;

  /** `settled(id, result, byFrame)` gives what the promise resolves to. */
  constructor(settled) {
    this.#settled = settled;
  }

  /** Opens one with the options of the page's call and starts it with its id. Gives the promise. */
  open(options, start) {
    return new Promise((resolve) => {
      const id = ++this.#lastId;
      try {
        const { signal, deadlineMs } = read(options);
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
        } else {
          start(id);
        }
      } catch (error) {
        resolve(this.#settled(id, { error }));
      }
    });
  }

  get size() {
    return this.#open.size;
  }

  ids() {
    return [...this.#open.keys()];
  }

  leftMs(id) {
    return this.#open.get(id).until - Date.now();
  }

  settle(id, result, byFrame = false) {
    const pending = this.#open.get(id);
    if (pending) {
      this.#open.delete(id);
      pending.done(this.#settled(id, result, byFrame));
    }
  }

  /** Settles every one alike; tells whether there was one. */
  settleAll(result) {
    const ids = this.ids();
    ids.forEach((id) => this.settle(id, result));
    return ids.length > 0;
  }
}
