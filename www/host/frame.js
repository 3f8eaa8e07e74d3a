/**
 * One frame's life: the iframe, the greeting, the port, and what is done when the frame does not come.
 *
 * A browser does not tell a page why a frame of another origin is empty: it fires `load` for its own error page, too.
 * So the document has to answer the greeting, which its first script does at once. If it does not, it is asked for
 * again, a few times; and at last another page of the vault, which any page may show and which answers that the
 * frame was refused. If not even that comes, the vault cannot be reached.
 */

import { BLOCKED, UNREACHABLE } from "./errors.js";
import { reservedHeight } from "./height.js";

/** How often the frame is asked for. */
const TRIES = 3;
/** The longest wait before the second try; it doubles, and the wait is drawn between half of it and the whole. */
const BACKOFF_MS = 400;
/** How long a document that has loaded may take to answer. */
const ANSWER_MS = 1_500;

const nonce = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export class Frame {
  iframe;
  /** What it was opened with; live attributes renew it. */
  options;
  /** Whether the frame has taken the greeting. */
  ready = false;
  #hear;
  #failed;
  #port = null;
  #tries = 0;
  /** Runs until the document answers, then until it is asked for again. */
  #timer = 0;
  #life = new AbortController();

  /** `hear(message)` gets what the frame says; `failed(error)` is called when it will not come. */
  constructor(options, hear, failed) {
    this.options = options;
    this.#hear = hear;
    this.#failed = failed;
    addEventListener("securitypolicyviolation", (event) => this.#violated(event), { signal: this.#life.signal });
    this.#load();
  }

  set height(px) {
    this.iframe.style.height = `${Math.min(Math.max(Math.ceil(px), 0), 2000)}px`;
  }

  post(message) {
    if (this.ready) {
      this.#port.postMessage(message);
    }
  }

  /** The browser loads the document again by itself, because the element was moved. */
  moved() {
    this.#tries = 0;
    this.#hangUp();
  }

  close() {
    this.#hangUp();
    this.#life.abort();
    this.iframe.remove();
  }

  /** Forgets the document that was in the frame. */
  #hangUp() {
    this.ready = false;
    clearTimeout(this.#timer);
    this.#port?.close();
    this.#port = null;
  }

  /** A new iframe each time: another address in the old one would be a step in the page's history. */
  #load() {
    const { origin, keyId, hello } = this.options;
    const { gateway, endpoint } = hello;
    const before = this.iframe;
    const iframe = document.createElement("iframe");
    const query = new URLSearchParams({ page: [location.origin, ...(location.ancestorOrigins ?? [])].join(" ") });
    if (gateway) {
      query.set("gateway", gateway);
      query.set("endpoint", endpoint);
    }
    const path = this.#tries < TRIES ? `frame/${keyId}?${query}` : "refused";
    const secret = nonce();
    this.iframe = iframe;
    this.height = reservedHeight(hello);
    iframe.part = "frame";
    iframe.title = "Payment details";
    iframe.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms");
    iframe.referrerPolicy = "no-referrer";
    iframe.src = `${origin}/${path}#${secret}`;
    iframe.addEventListener("load", () => iframe === this.iframe && iframe.contentWindow && this.#greet(secret));
    before?.replaceWith(iframe);
  }

  #greet(secret) {
    this.#hangUp();
    const { origin, hello } = this.options;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = ({ data }) => this.#port === port1 && this.#answered(data);
    this.#timer = setTimeout(() => this.#missed(UNREACHABLE), ANSWER_MS);
    this.iframe.contentWindow.postMessage({ tessera: 1, nonce: secret, ...hello }, origin, [port2]);
  }

  #answered(message) {
    clearTimeout(this.#timer);
    if (message.type === "failed") {
      (message.passing ? () => this.#missed(message.error) : this.#failed)(message.error);
    } else if (message.type !== "here") {
      this.ready ||= message.type === "ready";
      this.#hear(message);
    }
  }

  /** Asks again for what may come at another time. */
  #missed(error) {
    const { signal } = this.#life;
    const again = () => !signal.aborted && !this.ready && this.#load();
    if (!navigator.onLine) {
      addEventListener("online", again, { signal, once: true });
      return;
    }
    this.#tries += 1;
    if (this.#tries < TRIES || (this.#tries === TRIES && error === UNREACHABLE)) {
      const longest = BACKOFF_MS * 2 ** (this.#tries - 1);
      this.#timer = setTimeout(again, longest * (0.5 + Math.random() / 2));
    } else {
      this.#failed(error);
    }
  }

  #violated({ disposition, effectiveDirective, blockedURI }) {
    const ours = /^(frame|child|default)-src/.test(effectiveDirective) && blockedURI.startsWith(this.options.origin);
    if (ours && disposition === "enforce" && !this.ready) {
      this.#hangUp();
      this.#failed(BLOCKED);
    }
  }
}
