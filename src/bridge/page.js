// The page around the module: one form that was taken over, from its start to its end. The other modules of this
// folder do one thing each with what it holds. Rules, sentences and cryptography are the module's; nothing is decided
// here that a test of the module could not see. wasm-bindgen takes these files into the module's glue (`bridge.rs`).

import { empty, fillAll, held, listen } from "./inputs.js";
import { choose } from "./methods.js";
import { greet, height } from "./port.js";
import { internal, plain } from "./problem.js";
import { announceProblems } from "./sentences.js";
import { speak } from "./words.js";

/** The page that calls the module, which answers to it. */
export let page;

/** Takes over a form and its texts: the page, `null` for a form that is not ours, nothing for what is no form. */
export const open = (form, checkout, words, memory) => {
  if (!globalThis.HTMLFormElement || !(form instanceof HTMLFormElement)) {
    return undefined;
  }
  if (!form.elements.number || !form.elements.holder) {
    return null;
  }
  if (words) {
    speak(words);
  }
  return new Page(form, checkout, memory);
};

class Page {
  /** The inputs and selects, by name. */
  controls = {};
  /** The reasons that are told under them, by name. */
  reasons = {};
  /** The error that the notice tells. */
  noticed;
  /** The language that the host asked for. */
  locale = new URLSearchParams(location.search).get("locale") ?? "en";
  states = {};
  port = null;
  method = "card";
  scheme;
  bin = null;
  /** The publishable key, once a host has greeted. */
  key;
  /** The routing number that a bank was asked for, and the bank's name. */
  routing = "";
  bank = null;
  /** Whether an account number is asked for twice, and the entry classes that are allowed, as bits. */
  repeats = false;
  classes = 0;
  /** What debits are to be authorised for, and who notices that the page's language changes. */
  terms = null;
  listener;
  revision = 0;
  /** How many leading digits of a card the host may know. */
  binDigits = 8;
  /** The ids of the schemes that the shopper can choose from, and what was chosen. */
  marks = [];
  badges = "";
  chosen = null;
  /** The names of what the shopper has typed or picked, and what the merchant has instead. */
  touched = new Set();
  /** The names of the fields that programs are asked to fill in; all if nothing is said. */
  filled;
  prefill = {};
  /** The first field that needs something, and that of the publication under way. */
  problem;
  found;
  focused;
  /** Between `compositionstart` and `compositionend` the input method owns the text. */
  composing;
  trapped = false;
  /** After a trap or the end: nothing of the module is called any more. */
  broken = false;
  /** Resolves when the look and the fault that the host asked for last are there. */
  dressed;
  /** The error that a merchant's tests want instead of a token. */
  fault;
  /** The exchanges under way, by the host's number. */
  running = new Map();
  #life = new AbortController();

  constructor(form, checkout, memory) {
    this.form = form;
    this.memory = memory;
    this.checkout = checkout;
    listen(this);
    this.on("change", ({ target: { name, value } }) => {
      if (name === "method") {
        this.touched.add(name);
        this.act(() => choose(value));
      } else if (name === "preferred_scheme") {
        this.act(() => this.checkout.pick(value));
      }
    });
    this.on("submit", (event) => {
      event.preventDefault();
      this.post({ type: "submit" });
    });
    const { signal } = this.#life;
    // A trap in the middle of a promise arrives here.
    addEventListener("error", ({ error }) => this.broke(error), { signal });
    addEventListener("unhandledrejection", ({ reason }) => this.broke(reason), { signal });
    const observer = new ResizeObserver(() => this.post({ type: "height", height: height() }));
    observer.observe(form);
    signal.addEventListener("abort", () => observer.disconnect());
    this.act(() => {
      fillAll((name, control) => {
        // What the selects hold from the start was not chosen by the shopper; what was typed before the module was.
        if (held(control) && !control.options) {
          this.touched.add(name);
        }
      });
      choose("card");
      // And left again before the module was, so that it was not heard.
      this.touched.forEach((name) => name === this.focused || checkout.leave(name));
    });
  }

  /** A window message. */
  greet(event) {
    greet(this, event);
  }

  /** Stops everything and empties the inputs. */
  close() {
    this.broken = true;
    this.#life.abort();
    this.running.forEach((controller) => controller.abort());
    this.port?.close();
    this.listener?.disconnect();
    if (!this.trapped) {
      this.checkout.free();
    }
    this.enter();
    empty();
  }

  /** From now on the module answers to this page. */
  enter() {
    page = this;
  }

  /** Hears an event of the form until the page ends. */
  on(type, listener) {
    this.form.addEventListener(type, listener, { signal: this.#life.signal });
  }

  /** Does something with the fields and tells the host what came of it; nothing after a breakdown. */
  act(act) {
    if (this.broken) {
      return;
    }
    try {
      this.enter();
      act();
      this.checkout.publish();
    } catch (error) {
      if (!this.broke(error)) {
        throw error;
      }
    }
  }

  /** Every problem stands under its field: now lead to the first. */
  reported() {
    this.act(() => {});
    announceProblems(this);
    this.controls[this.problem]?.focus();
  }

  /**
   * Notices a trap: the module is in no known state, so nothing of it is called again, and what it held is wiped
   * here, because it cannot do that any more.
   */
  broke(error) {
    const trap = error instanceof WebAssembly.RuntimeError;
    this.trapped ||= trap;
    if (trap && !this.broken) {
      this.broken = true;
      if (this.memory) {
        new Uint8Array(this.memory.buffer).fill(0);
      }
      this.post({ type: "failed", error: plain(internal()) });
    }
    return trap;
  }

  isShown(name) {
    return !this.controls[name].closest("[hidden]");
  }

  element(selector) {
    return this.form.querySelector(selector);
  }

  post(message) {
    this.port?.postMessage(message);
  }
}
