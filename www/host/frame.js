/**
 * One frame's life: the iframe, the greeting, the port, and what is done when the frame does not come.
 *
 * A browser does not tell a page why a frame of another origin is empty: for its own error page it fires `load` as for
 * any other (Chromium), or never (Firefox). So the document has to answer the greeting, which its first script does at
 * once; it is greeted when it has loaded, or when it has been there for a while. If it does not answer, it is asked for
 * again, a few times; and at last another page of the vault, which any page may show and which answers that the
 * frame was refused. If not even that comes, the vault cannot be reached.
 */

import { BLOCKED, UNREACHABLE } from "./errors.js";
import { reservedHeight } from "./height.js";

/** How often the frame is asked for. */
const TRIES = 3;
/** The longest wait before the second try; it doubles, and the wait is drawn between half of it and the whole. */
const BACKOFF_MS = 300;
/** How long a document that has loaded may take to answer; and one whose scripts may still be under way. */
const ANSWER_MS = 1_500;
const SLOW_ANSWER_MS = 2_000;
/** How often it is looked whether there is a document at all. */
const LOOK_MS = 700;

const nonce = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

export class Frame {
  iframe;
  /** What it was opened with; live attributes renew it. */
  options;
  /** Whether the frame has taken the greeting. */
  ready = false;
  #width;
  #hear;
  #failed;
  #port = null;
  /** The frame takes a greeting only with it. */
  #secret;
  #tries = 0;
  /** Runs until there is a document, until that answers, and until it is asked for again. */
  #timer = 0;
  #answered = false;
  /** Until the document's first `load`. */
  #loading = true;
  /** It has failed for good. */
  #over = false;
  #life = new AbortController();

  /** `width()` gives how wide the frame will be, `hear(message)` gets what the frame says; `failed(error)` is called when it will not come. */
  constructor(options, width, hear, failed) {
    this.options = options;
    this.#width = width;
    this.#hear = hear;
    this.#failed = failed;
    addEventListener("securitypolicyviolation", (event) => this.#violated(event), { signal: this.#life.signal });
    this.#load();
  }

  /** Keeps what was reserved while the frame does not know. */
  set height(px) {
    if (px) {
      this.iframe.style.height = `${Math.ceil(px)}px`;
    }
  }

  /** Behind a frame of another colour scheme than its own, browsers put an opaque canvas. */
  shade() {
    const { colorScheme } = this.options.hello;
    this.iframe.style.colorScheme = colorScheme === "auto" ? "" : colorScheme;
  }

  post(message) {
    if (this.ready) {
      this.#port.postMessage(message);
    }
  }

  /** The browser loads the document again by itself, because the element was moved. */
  moved() {
    this.#tries = 0;
    this.#over = false;
    this.#loading = true;
    this.#hangUp();
    this.#look(this.iframe);
  }

  close() {
    this.#hangUp();
    this.#life.abort();
    this.iframe.remove();
  }

  /** Forgets the document that was in the frame. */
  #hangUp() {
    this.ready = this.#answered = false;
    clearTimeout(this.#timer);
    this.#port?.close();
    this.#port = null;
  }

  /** A new iframe each time: another address in the old one would be a step in the page's history. */
  #load() {
    const { origin, keyId, hello } = this.options;
    const { gateway, endpoint, locale, preset, colorScheme, layout, methods } = hello;
    const before = this.iframe;
    const iframe = document.createElement("iframe");
    const query = new URLSearchParams({
      page: [location.origin, ...(location.ancestorOrigins ?? [])].join(" "),
      // The page in the frame comes in them, so that it need not change.
      theme: preset,
      scheme: colorScheme,
      layout,
      methods,
      ...(locale !== "en" && { locale }),
      ...(gateway && { gateway, endpoint }),
    });
    const path = this.#tries < TRIES ? `frame/${keyId}?${query}` : "refused";
    this.#secret = nonce();
    this.iframe = iframe;
    this.height = reservedHeight(hello, this.#width());
    this.shade();
    iframe.part = "frame";
    iframe.title = "Payment details";
    iframe.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms");
    iframe.referrerPolicy = "no-referrer";
    iframe.src = `${origin}/${path}#${this.#secret}`;
    iframe.addEventListener("load", () => this.#loaded(iframe));
    this.#loading = true;
    before?.replaceWith(iframe);
    this.#look(iframe);
  }

  #loaded(iframe) {
    // A document that has answered already need not be greeted again; one that came in its place must be.
    if (!this.#loading || !this.#answered) {
      this.#greet(iframe, ANSWER_MS);
    }
    this.#loading = false;
  }

  /** A new iframe shows an empty page of ours, until it has a document of the vault's, or one that says why not. */
  #look(iframe) {
    this.#timer = setTimeout(
      () => (iframe.contentDocument ? this.#look(iframe) : this.#greet(iframe, SLOW_ANSWER_MS)),
      LOOK_MS,
    );
  }

  #greet(iframe, answerMs) {
    if (this.#over || iframe !== this.iframe || !iframe.contentWindow) {
      return;
    }
    this.#hangUp();
    const { origin, hello } = this.options;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = ({ data }) => this.#port === port1 && this.#heard(data);
    this.#timer = setTimeout(() => this.#missed(UNREACHABLE), answerMs);
    iframe.contentWindow.postMessage({ tessera: 1, nonce: this.#secret, ...hello }, origin, [port2]);
  }

  #heard(message) {
    this.#answered = true;
    clearTimeout(this.#timer);
    if (message.type === "failed") {
      if (message.passing) {
        this.#missed(message.error);
      } else {
        this.#fail(message.error);
      }
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
    if (this.#tries < TRIES + (error === UNREACHABLE)) {
      const longest = BACKOFF_MS * 2 ** (this.#tries - 1);
      this.#timer = setTimeout(again, longest * (0.5 + Math.random() / 2));
    } else {
      this.#fail(error);
    }
  }

  #fail(error) {
    this.#hangUp();
    this.#over = true;
    this.#failed(error);
  }

  #violated({ disposition, effectiveDirective, blockedURI }) {
    const ours = /^(frame|child|default)-src/.test(effectiveDirective) && blockedURI.startsWith(this.options.origin);
    if (ours && disposition === "enforce" && !this.ready && !this.#over) {
      this.#fail(BLOCKED);
    }
  }
}
