import { Attempts, tokenOf } from "./attempts.js";
import { ABORTED, GONE, LATE, SLOW, badOption } from "./errors.js";
import { Frame } from "./frame.js";
import { OBSERVED, readOptions, updateOf } from "./options.js";
import { Submission } from "./submission.js";

const DEADLINE_MS = 15_000;

/**
 * A payment form in one cross-origin frame.
 *
 * @element tessera-checkout
 * @attr {string} name - Name under which the surrounding form posts the token; `tessera_token` if absent
 * @attr {string} vault - Origin of the vault
 * @attr {string} publishable-key - The merchant's publishable key
 * @attr {string} methods - Payment methods offered, in order: `card`, `ach` or both
 * @attr {string} locale - Language of the texts: `en`
 * @attr {string} dialect - Which gateway's tokens to make: `tessera`, `fluidpay`, `paydock`, `flute` or `payments_ai`
 * @attr {string} session - Flute payment session that the vault completes with what is typed
 * @attr {string} gateway - Send what is typed to this gateway itself, not sealed: `paydock` or `flute`
 * @attr {string} endpoint - The gateway's documented base URL
 * @attr {string} gateway-key - What the gateway takes from a page: a public key, or a short-lived bearer
 * @attr {boolean} disabled - As on any form control
 * @fires tessera-ready - The frame can be used
 * @fires tessera-change - What the fields say of themselves: verdicts, never values
 * @fires tessera-bin - The leading digits are known, or `null`: no longer
 * @fires tessera-token - There is a token
 * @fires tessera-error - Something went wrong
 */
export class TesseraCheckout extends (globalThis.HTMLElement ?? class {}) {
  static formAssociated = true;
  static observedAttributes = OBSERVED;

  #internals = this.attachInternals();
  /** Open, because it hides nothing: what must be hidden lies behind the frame's origin. */
  #root = this.attachShadow({ mode: "open", delegatesFocus: true });
  #frame = null;
  /** Runs out when a frame that should load does not answer. */
  #timer = 0;
  /** Why no token can be made until an attribute changes or the element is connected again. */
  #broken = null;
  #attempts = new Attempts((id, result, byFrame) => this.#settled(id, result, byFrame));
  /** Which state of the fields the page knows of; the frame counts. */
  #revision = 0;
  #submission = new Submission(this, (message) => this.#complain(message));

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      ":host{display:block}:host([hidden]){display:none}iframe{display:block;width:100%;border:0;background:none}",
    );
    this.#root.adoptedStyleSheets = [sheet];
    this.addEventListener("invalid", (event) => {
      // The frame says it better than the browser's bubble, as long as there is a frame.
      if (this.#frame?.ready && !this.#broken) {
        event.preventDefault();
        this.#post({ type: "report" });
      }
    });
  }

  connectedCallback() {
    this.#submission.listen();
    addEventListener("pageshow", this.#onPageShow);
    if (this.#frame) {
      // Moved: the browser loads the frame again by itself, and its `load` event greets it.
      this.#attempts.settleAll(GONE);
      this.#await();
    } else {
      this.#open();
    }
  }

  /** Present so that `moveBefore` keeps the frame and what was typed. */
  connectedMoveCallback() {}

  disconnectedCallback() {
    this.#submission.unlisten();
    removeEventListener("pageshow", this.#onPageShow);
    queueMicrotask(() => this.isConnected || this.#close());
  }

  attributeChangedCallback(attribute, before, after) {
    if (before === after || !this.isConnected) {
      return;
    }
    if (this.#frame?.ready) {
      try {
        const options = readOptions(this);
        const update = updateOf(attribute, options);
        if (update) {
          this.#frame.options = options;
          this.#post(update);
          return;
        }
      } catch {
        // `#open` finds it again and tells.
      }
    }
    this.#close();
    // Several attributes set one after the other make one frame.
    queueMicrotask(() => this.isConnected && !this.#frame && this.#open());
  }

  formAssociatedCallback(form) {
    this.#submission.form = form;
    this.#submission.forget();
  }

  formDisabledCallback(disabled) {
    this.#post({ type: "update", disabled });
  }

  formResetCallback() {
    this.reset();
  }

  get form() {
    return this.#internals.form;
  }

  get name() {
    return this.getAttribute("name") || "tessera_token";
  }

  set name(value) {
    this.setAttribute("name", value);
  }

  get disabled() {
    return this.hasAttribute("disabled");
  }

  set disabled(value) {
    this.toggleAttribute("disabled", !!value);
  }

  get type() {
    return this.localName;
  }

  get validity() {
    return this.#internals.validity;
  }

  get validationMessage() {
    return this.#internals.validationMessage;
  }

  get willValidate() {
    return this.#internals.willValidate;
  }

  checkValidity() {
    return this.#internals.checkValidity();
  }

  reportValidity() {
    return this.#internals.reportValidity();
  }

  /** Puts the focus into the first field that still needs something. */
  focus(options) {
    super.focus(options);
    this.#post({ type: "focus" });
  }

  /** Empties the fields and forgets the attempt; pending promises settle with `aborted`. */
  reset() {
    this.#attempts.settleAll(ABORTED);
    this.#internals.setFormValue(null);
    this.#submission.forget();
    this.#post({ type: "reset" });
  }

  /**
   * Exchanges what was typed for a one-time token. Never rejects and always settles: with the token, or with
   * `{ error }` after 15 seconds at the latest.
   */
  tokenize(options) {
    const signal = options?.signal ?? null;
    if (signal && !(signal instanceof AbortSignal)) {
      return Promise.resolve({ error: badOption("signal", "an AbortSignal") });
    }
    const { id, promise } = this.#attempts.open(signal, DEADLINE_MS, () => (this.#frame?.ready ? SLOW : LATE));
    if (this.#broken || !this.#frame) {
      this.#attempts.settle(id, { error: this.#broken ?? GONE });
    } else if (this.#frame.ready && this.#attempts.has(id)) {
      this.#post(this.#attempts.question(id));
    }
    return promise;
  }

  #post(message) {
    this.#frame?.post(message);
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(`tessera-${type}`, { detail, bubbles: true, composed: true }));
  }

  #settled(id, result, byFrame) {
    if (!byFrame) {
      this.#post({ type: "abort", id });
    }
    if (result.token) {
      // With its own name, because an element without a `name` attribute would post nothing.
      const value = new FormData();
      value.set(this.name, result.token);
      this.#internals.setFormValue(value);
      this.#emit("token", result);
    } else if (result.error !== ABORTED) {
      this.#emit("error", result.error);
    }
  }

  /** Tells once, by whoever waits or else by itself; and the merchant's console, where nobody may listen yet. */
  #fail(error) {
    console.error(`<tessera-checkout> ${error.message} See ${error.help}`);
    if (!this.#attempts.settleAll(error)) {
      this.#emit("error", error);
    }
  }

  #open() {
    this.#broken = null;
    let options;
    try {
      options = readOptions(this);
    } catch (error) {
      this.#broken = error;
      this.#fail(error);
      return;
    }
    this.#frame = new Frame(options, (message) => this.#hear(message));
    this.#await();
    this.#root.replaceChildren(this.#frame.iframe);
  }

  /** Starts waiting for a frame that is about to load. */
  #await() {
    this.#frame.hangUp();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fail(LATE), DEADLINE_MS);
    this.#internals.setValidity({});
    this.#internals.setFormValue(null);
  }

  #close() {
    clearTimeout(this.#timer);
    this.#frame?.close();
    this.#frame = null;
    this.#attempts.settleAll(GONE);
    this.#internals.setValidity({});
    this.#internals.setFormValue(null);
    this.#submission.forget();
  }

  #hear(message) {
    const frame = this.#frame;
    switch (message.type) {
      case "ready":
        clearTimeout(this.#timer);
        frame.ready = true;
        frame.height = message.height;
        if (this.matches(":disabled")) {
          this.#post({ type: "update", disabled: true });
        }
        this.#emit("ready", { methods: frame.options.hello.methods });
        this.#attempts.ids().forEach((id) => this.#post(this.#attempts.question(id)));
        break;
      case "height":
        frame.height = message.height;
        break;
      case "change":
        this.#changed(message);
        break;
      case "bin":
        this.#emit("bin", { bin: message.bin, scheme: message.scheme });
        break;
      case "submit":
        this.#submission.press();
        break;
      case "token":
        this.#attempts.settle(message.id, tokenOf(message.token), true);
        break;
      case "error":
        this.#attempts.settle(message.id, { error: message.error }, true);
        break;
      case "failed":
        clearTimeout(this.#timer);
        this.#broken = message.error;
        this.#internals.setValidity({});
        this.#fail(message.error);
        break;
    }
  }

  #changed({ method, complete, scheme, fields, revision }) {
    if (revision !== this.#revision) {
      this.#revision = revision;
      this.#internals.setFormValue(null);
      this.#submission.changed();
    }
    if (complete) {
      this.#internals.setValidity({});
    } else {
      this.#internals.setValidity({ customError: true }, "Please complete the payment details.", this.#frame.iframe);
    }
    this.#emit("change", { method, complete, scheme, fields });
  }

  /** Without a frame that could say it, the browser's own bubble must. */
  #complain(message) {
    if (!this.#broken && this.#frame?.ready) {
      return;
    }
    this.#internals.setValidity({ customError: true }, message, this.#frame?.iframe);
    this.#internals.reportValidity();
    this.#internals.setValidity({});
  }

  #onPageShow = ({ persisted }) => {
    if (persisted) {
      this.#submission.forget();
      this.#internals.setFormValue(null);
    }
  };
}
