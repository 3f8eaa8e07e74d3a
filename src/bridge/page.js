// The page around the module: finds the inputs, hears their events, paints what the module answers, and talks to
// the host over one MessagePort. Rules, sentences and cryptography are the module's; nothing is decided here that
// a test of the module could not see. wasm-bindgen takes this file into the module's glue (`bridge.rs`).

const METHODS = ["card", "ach"];

/** What the module edits itself. Words, lines, drops: the browser knows best where they begin and end. */
const ACTIONS = new Map([
  ["insertText", "insert"],
  ["insertFromPaste", "insert"],
  ["deleteContentBackward", "backspace"],
  ["deleteContentForward", "delete"],
  ["historyUndo", "undo"],
  ["historyRedo", "redo"],
]);

/** Why a limit was reached by itself; an attempt that the host aborts has the browser's own reason. */
const LATE = "deadline";

/** An error as every export throws it. */
export const problem = (code, classification, field, message) =>
  Object.assign(new Error(message), { code, classification, field: field ?? null, help: `docs/errors.md#${code}` });

/** The answer to every call after a breakdown. */
export const internal = () =>
  problem("internal", "internal", null, "The payment form stopped working. Reload the page; nothing was charged.");

/** The view of one edit, as `edit` gives it back. */
export const view = (text, caret, verdict, reason) => ({ text, caret, verdict, reason: reason ?? null });

/** The months of our calendar until yesterday, where the shopper is: no clock is to cost a card its last day. */
export const month = () => {
  const day = new Date(Date.now() - 864e5);
  return day.getFullYear() * 12 + day.getMonth();
};

/** How every request is made: nothing of the browser's goes along, and nothing is kept. */
export const init = (signal) => ({
  signal,
  cache: "no-store",
  credentials: "omit",
  redirect: "error",
  referrerPolicy: "no-referrer",
});

export const onLine = () => navigator.onLine;

/** Waits, but not longer than the signal lets. */
const rest = (durationMs, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, durationMs);
    signal.addEventListener("abort", () => resolve(clearTimeout(timer)), { once: true });
  });

/** Takes over a form: the page, `null` for a form that is not ours, nothing for what is no form. */
export const open = (form, checkout) => {
  if (!globalThis.HTMLFormElement || !(form instanceof HTMLFormElement)) {
    return undefined;
  }
  return form.elements.number && form.elements.holder ? new Page(form, checkout) : null;
};

const plain = ({ code, classification, field, message, help }) => ({ code, classification, field, message, help });

/** A message's list of methods; none if it is no list, holds a stranger or is empty. */
const methodsOf = (list) =>
  Array.isArray(list) && list.length && list.every((method) => METHODS.includes(method)) ? list : null;

/** The page that calls the module, which answers to it. */
export let page;

class Page {
  #form;
  #checkout;
  /** The inputs and selects, by name. */
  #controls = {};
  /** What stands under them, by name, in the order of the page. */
  #sentences = {};
  #states = {};
  #port = null;
  #method = "card";
  #scheme;
  #bin = null;
  #revision = 0;
  /** The revision until the shopper begins. */
  #untouched;
  /** The first field that needs something, and that of the publication under way. */
  #problem;
  #found;
  #focused;
  /** Between `compositionstart` and `compositionend` the input method owns the text. */
  #composing;
  #trapped = false;
  /** After a trap or the end: nothing of the module is called any more. */
  #broken = false;
  #running = new Map();
  #life = new AbortController();

  constructor(form, checkout) {
    this.#form = form;
    this.#checkout = checkout;
    for (const control of form.querySelectorAll("[aria-describedby]")) {
      this.#controls[control.name] = control;
      if (control === document.activeElement) {
        this.#focused = control.name;
      }
    }
    this.#on("beforeinput", (name, event) => this.#before(name, event));
    this.#on("keydown", (name, event) => this.#recall(name, event));
    this.#on("input", (name) => this.#fill(name));
    this.#on("change", (name) => this.#fill(name));
    this.#on("compositionstart", (name) => {
      this.#composing = name;
    });
    this.#on("compositionend", (name) => {
      this.#composing = undefined;
      this.#fill(name);
    });
    this.#on("focusin", (name) => {
      this.#focused = name;
    });
    this.#on("focusout", (name) => {
      this.#focused = this.#composing = undefined;
      // Some managers fill in without any event at all.
      this.#fill(name);
      this.#checkout.leave(name);
    });
    const { signal } = this.#life;
    form.addEventListener("change", ({ target }) => target.name === "method" && this.#act(() => this.#choose(target.value)), { signal });
    form.addEventListener(
      "submit",
      (event) => {
        event.preventDefault();
        this.#post({ type: "submit" });
      },
      { signal },
    );
    // A trap in the middle of a promise arrives here.
    addEventListener("error", ({ error }) => this.#broke(error), { signal });
    addEventListener("unhandledrejection", ({ reason }) => this.#broke(reason), { signal });
    const observer = new ResizeObserver(() => this.#post({ type: "height", height: document.body.offsetHeight }));
    observer.observe(form);
    signal.addEventListener("abort", () => observer.disconnect());
    // What the selects hold from the start was not chosen by the shopper; what was typed before the module was.
    this.#act(() => this.#fillAll((control) => control.options));
    this.#untouched = this.#revision;
    this.#act(() => {
      this.#fillAll(() => true);
      this.#choose("card");
    });
  }

  /** A window message: the host's greeting, or something that is ignored. */
  greet({ data, source, origin, ports: [port] }) {
    const allowed = (document.documentElement.dataset.origins ?? "").split(/\s+/);
    const nonce = location.hash.slice(1);
    if (
      this.#broken || !origin || source !== parent || !allowed.includes(origin) || data?.tessera !== 1 ||
      !nonce || data.nonce !== nonce || typeof data.key !== "string" || !port
    ) {
      return;
    }
    this.#port?.close();
    this.#port = port;
    port.onmessage = (event) => this.#hear(event.data);
    try {
      const { endpoint } = document.documentElement.dataset;
      if (data.gateway) {
        this.#checkout.connectGateway(`${data.gatewayKey}`, `${data.endpoint}`, endpoint ?? "", origin, `${data.gateway}`);
      } else {
        this.#checkout.connect(data.key, location.origin, origin, `${data.dialect}`, data.session || undefined);
      }
    } catch (error) {
      this.#post({ type: "failed", error: plain(error) });
      return;
    }
    this.#bin = null;
    this.#act(() => {
      this.#offer(methodsOf(data.methods) ?? []);
      this.#post({ type: "ready", height: document.body.offsetHeight });
    });
    // Ahead of need; if it fails, the attempt that needs it says why.
    this.#exchange(this.#checkout.prepare(), 10_000).catch((error) => this.#broke(error));
  }

  /** Stops everything and empties the inputs. */
  close() {
    this.#broken = true;
    this.#life.abort();
    this.#running.forEach((controller) => controller.abort());
    this.#port?.close();
    this.#checkout.free();
    this.#empty();
  }

  // What the module calls.

  paint(name, text, caret) {
    const control = this.#controls[name];
    if (control.value !== text) {
      control.value = text;
    }
    // Only where the caret is: in Safari a selection takes the focus along.
    if (this.#focused === name) {
      control.setSelectionRange?.(caret, caret);
    }
  }

  say(name, sentence) {
    if (sentence === (this.#sentences[name] ?? "")) {
      return;
    }
    this.#sentences[name] = sentence;
    this.#element(`#${name}-error`).textContent = sentence;
    if (sentence) {
      this.#controls[name].setAttribute("aria-invalid", "true");
    } else {
      this.#controls[name].removeAttribute("aria-invalid");
    }
  }

  /** As `say`, but not while somebody types there. */
  settle(name, sentence) {
    if (this.#focused !== name) {
      this.say(name, sentence);
    }
  }

  /** One shown field's part of the publication that `publish` ends. */
  state(name, verdict, reason, needed) {
    this.#controls[name].required = needed;
    const empty = verdict === "empty";
    this.#states[name] = { verdict, reason: reason ?? null, empty, focused: name === this.#focused };
    if (verdict !== "complete" && (needed || !empty)) {
      this.#found ??= name;
    }
  }

  publish(scheme, schemeName, placeholder, bin, revision) {
    const fields = this.#states;
    this.#problem = this.#found;
    this.#states = {};
    this.#found = undefined;
    if (scheme !== this.#scheme) {
      this.#scheme = scheme;
      const mark = this.#element("#scheme");
      mark.textContent = schemeName ?? "";
      mark.hidden = !scheme;
      this.#controls.code.placeholder = placeholder;
      if (scheme) {
        this.#announce(`Card type: ${schemeName}`);
      }
    }
    if (revision !== this.#revision) {
      this.#revision = revision;
      this.#notice("");
    }
    // The leading digits of a card say nothing while a bank account is shown.
    const card = this.#method === "card";
    const known = { bin: (card && bin) || null, scheme: (card && scheme) || null };
    this.#post({
      type: "change",
      method: this.#method,
      complete: !this.#problem,
      scheme: known.scheme,
      fields,
      revision,
    });
    if (known.bin !== this.#bin) {
      this.#bin = known.bin;
      this.#post({ type: "bin", ...known });
    }
  }

  #on(type, act) {
    const listener = (event) => {
      const { name } = event.target;
      if (this.#controls[name] === event.target) {
        this.#act(() => act(name, event));
      }
    };
    this.#form.addEventListener(type, listener, { signal: this.#life.signal });
  }

  /** Does something with the fields and tells the host what came of it; nothing after a breakdown. */
  #act(act) {
    if (this.#broken) {
      return;
    }
    try {
      page = this;
      act();
      this.#checkout.publish();
    } catch (error) {
      if (!this.#broke(error)) {
        throw error;
      }
    }
  }

  /** Every problem stands under its field: now lead to the first. */
  #reported() {
    this.#act(() => {});
    this.#announce(this.#sentence());
    this.#controls[this.#problem]?.focus();
  }

  /** Notices a trap: the module is in no known state, so nothing of it is called again. */
  #broke(error) {
    const trap = error instanceof WebAssembly.RuntimeError;
    this.#trapped ||= trap;
    if (trap && !this.#broken) {
      this.#broken = true;
      this.#post({ type: "failed", error: plain(internal()) });
    }
    return trap;
  }

  #before(name, event) {
    const action = ACTIONS.get(event.inputType);
    if (!action || this.#composing === name || event.isComposing || !event.cancelable) {
      return;
    }
    const text = action === "insert" ? (event.data ?? event.dataTransfer?.getData("text/plain")) : "";
    if (text != null) {
      this.#edit(name, event, text, action);
    }
  }

  /** The keys of undo and redo. The browser remembers nothing to undo, because we set the value. */
  #recall(name, event) {
    const { key, code, ctrlKey, metaKey, altKey, shiftKey, target } = event;
    if (ctrlKey === metaKey || altKey || this.#composing === name || event.isComposing || target.options) {
      return;
    }
    // Where the layout has no Latin letters, the place of the key counts.
    const letter = (key > "~" ? code.at(-1) : key).toLowerCase();
    if (letter === "z" || (letter === "y" && ctrlKey && !shiftKey)) {
      this.#edit(name, event, "", letter === "y" || shiftKey ? "redo" : "undo");
    }
  }

  #edit(name, event, text, action) {
    const { selectionStart, selectionEnd } = event.target;
    this.#checkout.edit(name, selectionStart, selectionEnd, text, action);
    event.preventDefault();
  }

  /** Takes over what stands in the input: after autofill, a password manager, an input method, a drop. */
  #fill(name) {
    const { value, selectionEnd } = this.#controls[name];
    if (this.#composing !== name) {
      this.#checkout.fill(name, value, this.#focused === name ? (selectionEnd ?? 0) : value.length);
    }
  }

  #fillAll(which) {
    Object.values(this.#controls)
      .filter(which)
      .forEach(({ name }) => this.#fill(name));
  }

  #choose(method) {
    this.#method = method;
    this.#checkout.choose(method);
    for (const part of this.#form.querySelectorAll("[data-method]")) {
      part.hidden = part.dataset.method !== method;
    }
    this.#element(`[name=method][value=${method}]`).checked = true;
    this.#controls.holder.setAttribute("autocomplete", method === "card" ? "cc-name" : "off");
  }

  /** Offers these methods: the chooser shows only when there is a choice. */
  #offer(methods) {
    this.#element("#methods").hidden = methods.length < 2;
    // The first is shown unless the shopper has begun with another.
    if (methods.length && (this.#revision === this.#untouched || !methods.includes(this.#method))) {
      this.#choose(methods[0]);
    }
  }

  #hear(message) {
    const { type, id, deadline_ms, disabled } = message ?? {};
    if (type === "tokenize" && typeof id === "number" && typeof deadline_ms === "number") {
      this.#tokenize(id, deadline_ms);
    } else if (type === "abort") {
      this.#running.get(id)?.abort();
    } else if (type === "report") {
      this.#act(() => this.#checkout.report());
      this.#reported();
    } else if (type === "focus") {
      const shown = ({ name }) => this.#problem === name || (!this.#problem && this.#isShown(name));
      Object.values(this.#controls).find(shown)?.focus();
    } else if (type === "update") {
      this.#act(() => {
        const methods = methodsOf(message.methods);
        if (methods) {
          this.#offer(methods);
        }
        if (typeof disabled === "boolean") {
          for (const control of this.#form.elements) {
            control.toggleAttribute("disabled", disabled);
          }
        }
      });
    } else if (type === "reset") {
      this.#act(() => {
        this.#checkout.clear();
        this.#empty();
        this.#fillAll(() => true);
        this.#notice("");
      });
    }
  }

  /** One `tokenize` of the host, which gets exactly one answer. */
  async #tokenize(id, deadlineMs) {
    try {
      if (this.#broken) {
        throw internal();
      }
      const token = await this.#exchange(this.#checkout.tokenize(), deadlineMs, id);
      this.#checkout.forget();
      this.#notice("");
      this.#post({ type: "token", id, token });
    } catch (error) {
      if (!this.#broke(error)) {
        // What stands under a field already need not be said twice.
        if (error.code !== "aborted" && !this.#sentence()) {
          this.#notice(error.message);
        }
        this.#post({ type: "error", id, error: plain(error.code ? error : internal()) });
      }
    }
  }

  /** Sends what the module asks for and lets it hear what came, until it has what it wants. */
  async #exchange(exchange, durationMs, id) {
    const controller = new AbortController();
    const { signal } = controller;
    const until = Date.now() + durationMs;
    const timer = setTimeout(() => controller.abort(LATE), Math.min(durationMs, 2 ** 31 - 1));
    this.#running.set(id, controller);
    try {
      for (;;) {
        const request = this.#asked(exchange, signal);
        if (!request) {
          return undefined;
        }
        let answer;
        let text;
        try {
          const fetched = await fetch(request);
          text = await fetched.text();
          answer = fetched instanceof Response ? fetched : undefined;
        } catch {
          // Nothing came; the module knows what to say to that.
        }
        if (this.#broken) {
          throw internal();
        }
        const heard = exchange.hear(answer, text, signal, until - Date.now());
        if (typeof heard === "object") {
          return heard;
        }
        if (heard) {
          await rest(heard, signal);
        }
      }
    } catch (error) {
      this.#broke(error);
      throw error;
    } finally {
      clearTimeout(timer);
      this.#running.delete(id);
      // What was typed hangs on it, and nobody else gives it back.
      if (!this.#trapped) {
        exchange.free();
      }
    }
  }

  #asked(exchange, signal) {
    try {
      page = this;
      return exchange.ask(signal);
    } catch (error) {
      if (error.field) {
        this.#reported();
      }
      throw error;
    }
  }

  #empty() {
    for (const [name, control] of Object.entries(this.#controls)) {
      this.#composing = undefined;
      if (control.options) {
        control.selectedIndex = 0;
      } else {
        control.value = "";
      }
      this.say(name, "");
    }
  }

  /** The sentence of the first problem that is shown. */
  #sentence() {
    const name = Object.keys(this.#controls).find((name) => this.#isShown(name) && this.#sentences[name]);
    return this.#sentences[name] ?? "";
  }

  #isShown(name) {
    return !this.#controls[name].closest("[hidden]");
  }

  /** Tells assistive technology something that sighted people see. */
  #announce(text) {
    this.#element("#announcement").textContent = text;
  }

  /** Shows a problem that is about no field; nothing for an empty text. */
  #notice(text) {
    const notice = this.#element("#notice");
    if (notice.textContent !== text) {
      notice.textContent = text;
    }
  }

  #element(selector) {
    return this.#form.querySelector(selector);
  }

  #post(message) {
    this.#port?.postMessage(message);
  }
}
