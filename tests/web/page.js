// What the browser tests need of a page and cannot say shortly in Rust. Loaded as a snippet of wasm-bindgen.

/** The real form of frame.html in this document. */
export function frameForm(html) {
  const form = new DOMParser().parseFromString(html, "text/html").querySelector("form");
  document.body.append(document.adoptNode(form));
  document.documentElement.dataset.origins = `https://other.example ${location.origin}`;
  location.hash = "nonce-of-the-test";
  return form;
}

/** A greeting as the host sends it, changed by `change`, with the host's end of the channel. */
export function greeting(change) {
  const { port1, port2 } = new MessageChannel();
  const data = {
    tessera: 1,
    nonce: "nonce-of-the-test",
    key: "pk_test_123456789ABC_23456789ABCDEFGHJKLMNPQRSTUVWXYZ",
    methods: ["card", "ach"],
    locale: "en",
    dialect: "tessera",
    ...change.data,
  };
  const event = new MessageEvent("message", {
    data,
    origin: change.origin ?? location.origin,
    source: change.stranger ? document.createElement("iframe").contentWindow : window.parent,
    ports: change.portless ? [] : [port2],
  });
  return { event, host: new Host(port1) };
}

/** The host's end of the channel: every message is kept until somebody asks for it. */
class Host {
  #port;
  #kept = [];
  #waiting = null;
  log = [];

  constructor(port) {
    this.#port = port;
    port.onmessage = ({ data }) => {
      this.log.push(JSON.stringify(data));
      this.#kept.push(data);
      this.#look();
    };
  }

  #look() {
    const at = this.#waiting ? this.#kept.findIndex(this.#waiting.fits) : -1;
    if (at >= 0) {
      const [found] = this.#kept.splice(0, at + 1).slice(-1);
      this.#waiting.resolve(found);
      this.#waiting = null;
    }
  }

  /** The next message of this type for which the condition holds; earlier ones are dropped. */
  next(type, condition = "true") {
    const holds = new Function("m", `return ${condition}`);
    return new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error(`no ${type} with ${condition}; seen: ${this.log.join("\n")}`)), 8000);
      this.#waiting = { resolve, fits: (message) => message.type === type && holds(message) };
      this.#look();
    });
  }

  send(message) {
    this.#port.postMessage(message);
  }

  close() {
    this.#port.close();
  }
}

export const next = (host, type, condition) => host.next(type, condition);
export const send = (host, message) => host.send(message);
export const heard = (host) => host.log.join("\n");

/** One edit at the caret, as the browser announces it. True if it was taken. */
export function edit(form, name, inputType, data) {
  const event = new InputEvent("beforeinput", { inputType, data, bubbles: true, cancelable: true });
  return !form.elements[name].dispatchEvent(event);
}

/** One key with modifiers, written `Control+z`; a letter that is not Latin is where z is. True if it was taken. */
export function press(form, name, keys) {
  const modifiers = keys.split("+");
  const key = modifiers.pop();
  const held = {
    ctrlKey: modifiers.includes("Control"),
    metaKey: modifiers.includes("Meta"),
    altKey: modifiers.includes("Alt"),
    shiftKey: modifiers.includes("Shift"),
  };
  const code = `Key${key > "~" ? "Z" : key.toUpperCase()}`;
  const event = new KeyboardEvent("keydown", { key, code, ...held, bubbles: true, cancelable: true });
  return !form.elements[name].dispatchEvent(event);
}

/** Types text character by character into a focused input. */
export function type(form, name, text) {
  form.elements[name].focus();
  form.elements[name].dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
  for (const character of text) {
    edit(form, name, "insertText", character);
  }
}

/** Fills an input as a password manager does: the value at once and an untrusted event. */
export function fill(form, name, value, event = "input") {
  form.elements[name].value = value;
  form.elements[name].dispatchEvent(new Event(event, { bubbles: true }));
}

export function fire(form, name, event) {
  const kind = event.startsWith("composition") ? CompositionEvent : event.startsWith("focus") ? FocusEvent : Event;
  form.elements[name].dispatchEvent(new kind(event, { bubbles: true, cancelable: true }));
}

export const value = (form, name) => form.elements[name].value;
export const caret = (form, name) => form.elements[name].selectionStart;
export const select = (form, name, start, end) => form.elements[name].setSelectionRange(start, end);
export const wordsOf = (form, name) => form.querySelector(`#${name}-error`).textContent;
export const isMarkedInvalid = (form, name) => form.elements[name].getAttribute("aria-invalid") === "true";
export const isShown = (form, selector) => !form.querySelector(selector).closest("[hidden]");
export const textOf = (form, selector) => form.querySelector(selector).textContent;

const realFetch = window.fetch;

/**
 * Answers the module's requests. `steps` are for `/v1/tokens`, in order; the last one is repeated. Gives back
 * the log of those requests.
 */
export function stubFetch(keys, steps) {
  const requests = [];
  const plan = [...steps];
  window.fetch = async (request, init) => {
    const { pathname } = new URL(request.url ?? request, location.href);
    if (!pathname.startsWith("/v1/")) {
      return realFetch.call(window, request, init);
    }
    const beside = globalThis.besides?.[pathname];
    if (beside) {
      requests.besides = (requests.besides ?? 0) + 1;
      return Response.json(beside.body, { status: beside.status });
    }
    if (pathname === "/v1/keys") {
      requests.keys = (requests.keys ?? 0) + 1;
      return Response.json(JSON.parse(keys));
    }
    requests.push({
      url: request.url,
      idempotency_key: request.headers.get("idempotency-key"),
      authorization: request.headers.get("authorization"),
      body: await request.clone().json().catch(() => null),
    });
    const step = plan.length > 1 ? plan.shift() : plan[0];
    if ("reject" in step) {
      throw step.reject;
    }
    if (step.hang) {
      return new Promise((_, reject) => {
        if (request.signal.aborted) {
          reject(request.signal.reason);
        }
        request.signal.addEventListener("abort", () => reject(request.signal.reason));
      });
    }
    return new Response(step.text ?? JSON.stringify(step.body), { status: step.status, headers: step.headers });
  };
  return requests;
}

export const restoreFetch = () => {
  window.fetch = realFetch;
  delete globalThis.besides;
};

/** A card whose number never stands in the module except by being typed: made of parts here. */
export function fillUnseen(form) {
  fill(form, "number", ["6011", "0009", "9013", "9424"].join(""));
  fill(form, "expiry", "12/2030");
  fill(form, "code", "987");
}

/**
 * How often that number stands in the module's memory above its stack, which the linker puts into the first
 * mebibyte. Dead stack frames are overwritten by later calls and not wiped.
 */
export function sightings(memory) {
  const number = new TextEncoder().encode(["6011", "0009", "9013", "9424"].join(""));
  const bytes = new Uint8Array(memory.buffer, 1 << 20);
  let count = 0;
  for (let at = bytes.indexOf(number[0]); at >= 0; at = bytes.indexOf(number[0], at + 1)) {
    count += number.every((byte, index) => bytes[at + index] === byte) ? 1 : 0;
  }
  return count;
}

export const choose = (form, method) => form.querySelector(`[name=method][value=${method}]`).click();
export const evaluate = (script) => (0, eval)(script);
export const show = (thing) => JSON.stringify(thing);
