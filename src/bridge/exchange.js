// One exchange with the payment service: what the module asks for is sent, and it hears what came.

import { loadTexts } from "./bank.js";
import { internal, plain, problem } from "./problem.js";
import { cut } from "./publication.js";
import { notice, problems } from "./sentences.js";

/** Why a limit was reached by itself; an attempt that the host aborts has the browser's own reason. */
const LATE = "deadline";

/** What work is asked for, and what was done. */
const WORK = "tessera-work";

/** How every request is made: nothing of the browser's goes along, and nothing is kept. */
export const init = (signal) => ({
  signal,
  cache: "no-store",
  credentials: "omit",
  redirect: "error",
  referrerPolicy: "no-referrer",
});

/** Whether the browser says that it is online. */
export const onLine = () => navigator.onLine;

/** Waits, but not longer than the signal lets, nor longer than until the connection is back. */
const rest = (durationMs, signal) =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, durationMs);
    addEventListener("online", done);
    signal.addEventListener("abort", done, { once: true });
  });

const asked = (page, exchange, signal) => {
  try {
    page.enter();
    return exchange.ask(signal);
  } catch (error) {
    if (error.field) {
      page.reported();
    }
    throw error;
  }
};

/** Sends what the module asks for and lets it hear what came, until it has what it wants. */
export const run = async (page, exchange, durationMs, id) => {
  const controller = new AbortController();
  const { signal } = controller;
  const until = Date.now() + durationMs;
  const timer = setTimeout(() => controller.abort(LATE), Math.min(durationMs, 2 ** 31 - 1));
  page.running.set(id, controller);
  let work;
  try {
    for (;;) {
      const request = asked(page, exchange, signal);
      if (!request) {
        return undefined;
      }
      let answer;
      let text;
      try {
        if (work) {
          request.headers.set(WORK, work);
        }
        const fetched = await fetch(request);
        // More cards come than usual: the same is asked again, with work.
        const wanted = fetched.headers.get(WORK);
        if (wanted) {
          const { worked } = await import("/assets/work.js");
          work = await worked(wanted, signal);
          continue;
        }
        text = await fetched.text();
        answer = fetched instanceof Response ? fetched : undefined;
      } catch {
        // Nothing came; the module knows what to say to that.
      }
      if (page.broken) {
        throw internal();
      }
      let heard = exchange.hear(answer, text, signal, until - Date.now());
      while (heard instanceof Uint8Array) {
        const hash = await crypto.subtle.digest("SHA-512", heard);
        heard = exchange.weigh(new Uint8Array(hash));
      }
      if (typeof heard === "object") {
        return heard;
      }
      if (heard) {
        await rest(heard, signal);
      }
    }
  } catch (error) {
    page.broke(error);
    throw error;
  } finally {
    clearTimeout(timer);
    page.running.delete(id);
    // What was typed hangs on it, and nobody else gives it back.
    if (!page.trapped) {
      exchange.free();
    }
  }
};

/** One `tokenize` of the host, which gets exactly one answer. */
export const tokenize = async (page, id, deadlineMs) => {
  try {
    if (page.broken) {
      throw internal();
    }
    const { chosen } = page;
    const token = await run(page, page.checkout.tokenize(), deadlineMs, id);
    page.checkout.forget();
    notice(page);
    // A fault that was asked for before may still be on its way.
    await page.dressed;
    if (page.fault) {
      throw problem(page.fault.code, page.fault.classification);
    }
    page.post({ type: "token", id, token: { ...token, bin: cut(token.bin), preferred_scheme: chosen } });
  } catch (error) {
    if (!page.broke(error)) {
      // What stands under a field already need not be said twice.
      if (error.code !== "aborted" && !problems(page).length) {
        notice(page, error);
      }
      page.post({ type: "error", id, error: plain(error.code ? error : internal()) });
      if (error.code === "mandate_unavailable") {
        loadTexts(page);
      }
    }
  }
};
