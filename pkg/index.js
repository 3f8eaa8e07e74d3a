/**
 * The host side of Tessera: the custom element that a merchant puts into a page.
 *
 * It owns one cross-origin frame and one MessagePort. Card and account numbers are typed into the frame and
 * never come here; what comes is a one-time token and what the merchant's page may know beside it.
 * Importing this file does nothing, in a browser or elsewhere: call `define`, or import `auto.js`.
 */

const DEADLINE_MS = 15_000;
const METHODS = ["card", "ach"];
const HELP = "docs/errors.md#";

/** Heights in px of what the frame shows, so that the page does not jump when it arrives. */
const FORM_HEIGHT = 324;
const CHOOSER_HEIGHT = 68;

const problem = (code, classification, message, field = null) => ({
  code,
  classification,
  field,
  message,
  help: HELP + code,
});

const badOption = (option, accepted) => problem("bad_option", "merchant", `"${option}" must be ${accepted}.`);

const LATE = problem(
  "frame_timeout",
  "environment",
  "The payment form did not answer within 15 seconds. Check the connection and reload the page.",
);
const SLOW = problem("deadline", "environment", "The payment service did not answer in time. Try again.");
const GONE = problem("not_connected", "merchant", "The payment form is not in the page, or was moved or removed.");
const ABORTED = problem("aborted", "merchant", "The page cancelled this attempt. Nothing was charged.");

const isLoopback = (name) => ["localhost", "127.0.0.1", "[::1]"].includes(name) || name.endsWith(".localhost");

/** Turns the attributes into strict values, or throws the problem with the first one that is wrong. */
const readOptions = (element) => {
  const text = (name) => element.getAttribute(name)?.trim() ?? "";
  let vault;
  try {
    vault = new URL(text("vault"));
  } catch {
    vault = new URL("about:blank");
  }
  const secure = vault.protocol === "https:" || (vault.protocol === "http:" && isLoopback(vault.hostname));
  if (!secure || vault.pathname !== "/" || vault.search || vault.hash || vault.username || vault.password) {
    throw badOption("vault", "the vault's origin, such as https://vault.example (http: only on localhost)");
  }
  const key = text("publishable-key");
  const keyId = /^pk_(?:test|live)_([0-9A-Za-z]{12})_[0-9A-Za-z]{32}$/.exec(key)?.[1];
  if (!keyId) {
    throw badOption("publishable-key", "a publishable key, which begins with pk_test_ or pk_live_");
  }
  const methods = [...new Set((text("methods") || METHODS.join(" ")).split(/\s+/))];
  if (!methods.every((method) => METHODS.includes(method))) {
    throw badOption("methods", `a list of: ${METHODS.join(", ")}`);
  }
  const locale = text("locale") || "en";
  if (!/^en(-|$)/i.test(locale)) {
    throw badOption("locale", "one of: en");
  }
  const [gateway, endpoint, gatewayKey] = ["gateway", "endpoint", "gateway-key"].map(text);
  if (gateway && !(endpoint && gatewayKey)) {
    throw badOption(endpoint ? "gateway-key" : "endpoint", "given when gateway is");
  }
  const direct = gateway && { gateway, endpoint: endpoint.replace(/\/+$/, ""), gatewayKey };
  const dialect = text("dialect") || "tessera";
  return { origin: vault.origin, keyId, hello: { key, methods, locale, dialect, session: text("session"), ...direct } };
};

const nonce = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The token message in the words of JavaScript. */
const tokenOf = ({ token, kind, scheme, bin, last4, exp_month, exp_year, expires_at }) => ({
  token,
  kind,
  scheme,
  bin,
  last4,
  expMonth: exp_month,
  expYear: exp_year,
  expiresAt: expires_at,
});

/** What a form does on Enter: its first submit button counts as pressed. */
const defaultButton = (form) =>
  [...form.elements].find((control) => control.type === "submit");

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
  static observedAttributes = ["vault", "publishable-key", "methods", "locale", "dialect", "session", "gateway", "endpoint", "gateway-key"];

  #internals = this.attachInternals();
  /** Open, because it hides nothing: what must be hidden lies behind the frame's origin. */
  #root = this.attachShadow({ mode: "open", delegatesFocus: true });
  /** One frame's life: { options, iframe, nonce, port, ready, timer }. */
  #session = null;
  /** Why no token can be made until an attribute changes or the element is connected again. */
  #broken = null;
  /** Attempts under way, by id. */
  #attempts = new Map();
  #lastId = 0;
  /** Which state of the fields the page knows of; the frame counts. */
  #revision = 0;
  #form = null;
  /** Idle, tokenizing, passing (our own submit is being sent) or sent. */
  #submission = "idle";
  #passed = null;

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      ":host{display:block}:host([hidden]){display:none}iframe{display:block;width:100%;border:0;background:none}",
    );
    this.#root.adoptedStyleSheets = [sheet];
    this.addEventListener("invalid", (event) => {
      // The frame says it better than the browser's bubble, as long as there is a frame.
      if (this.#session?.ready && !this.#broken) {
        event.preventDefault();
        this.#post({ type: "report" });
      }
    });
  }

  connectedCallback() {
    addEventListener("submit", this.#onSubmit, true);
    addEventListener("pageshow", this.#onPageShow);
    if (this.#session) {
      // Moved: the browser loads the frame again by itself, and its `load` event greets it.
      this.#settleAll(GONE);
      this.#await(this.#session);
    } else {
      this.#open();
    }
  }

  /** Present so that `moveBefore` keeps the frame and what was typed. */
  connectedMoveCallback() {}

  disconnectedCallback() {
    removeEventListener("submit", this.#onSubmit, true);
    removeEventListener("pageshow", this.#onPageShow);
    queueMicrotask(() => this.isConnected || this.#close(GONE));
  }

  attributeChangedCallback(attribute, before, after) {
    if (before === after || !this.isConnected) {
      return;
    }
    let options = null;
    try {
      options = readOptions(this);
    } catch {
      // `#open` finds it again and tells.
    }
    if (options && this.#session?.ready && (attribute === "methods" || attribute === "locale")) {
      this.#session.options = options;
      this.#post({ type: "update", methods: options.hello.methods, locale: options.hello.locale });
      return;
    }
    this.#close(GONE);
    // Several attributes set one after the other make one frame.
    queueMicrotask(() => this.isConnected && !this.#session && this.#open());
  }

  formAssociatedCallback(form) {
    this.#form = form;
    this.#submission = "idle";
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
    this.#settleAll(ABORTED, true);
    this.#internals.setFormValue(null);
    this.#submission = "idle";
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
    return new Promise((resolve) => {
      const id = ++this.#lastId;
      const abort = () => this.#settle(id, { error: ABORTED }, true);
      const timer = setTimeout(() => this.#settle(id, { error: this.#session?.ready ? SLOW : LATE }, true), DEADLINE_MS);
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
      };
      this.#attempts.set(id, { resolve, done, until: Date.now() + DEADLINE_MS });
      signal?.addEventListener("abort", abort);
      if (signal?.aborted) {
        abort();
      } else if (this.#broken || !this.#session) {
        this.#settle(id, { error: this.#broken ?? GONE });
      } else if (this.#session.ready) {
        this.#ask(id);
      }
    });
  }

  #ask(id) {
    // A little less than our own, so that the frame's better word on what went wrong comes first.
    const left = this.#attempts.get(id).until - Date.now() - 500;
    this.#post({ type: "tokenize", id, deadline_ms: Math.max(left, 1) });
  }

  #post(message) {
    if (this.#session?.ready) {
      this.#session.port.postMessage(message);
    }
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(`tessera-${type}`, { detail, bubbles: true, composed: true }));
  }

  #settle(id, result, tellFrame = false) {
    const attempt = this.#attempts.get(id);
    if (!attempt) {
      return;
    }
    this.#attempts.delete(id);
    attempt.done();
    if (tellFrame) {
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
    attempt.resolve(result);
  }

  #settleAll(error, tellFrame = false) {
    const ids = [...this.#attempts.keys()];
    ids.forEach((id) => this.#settle(id, { error }, tellFrame));
    return ids.length;
  }

  /** Tells once, by whoever waits or else by itself; and the merchant's console, where nobody may listen yet. */
  #fail(error) {
    console.error(`<tessera-checkout> ${error.message} See ${error.help}`);
    if (!this.#settleAll(error)) {
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
    const iframe = document.createElement("iframe");
    const session = { options, iframe, nonce: nonce(), port: null, ready: false, timer: 0 };
    this.#session = session;
    iframe.title = "Payment details";
    iframe.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms");
    iframe.referrerPolicy = "no-referrer";
    iframe.style.height = `${FORM_HEIGHT + (options.hello.methods.length > 1 ? CHOOSER_HEIGHT : 0)}px`;
    const { gateway, endpoint } = options.hello;
    const query = gateway ? `?${new URLSearchParams({ gateway, endpoint })}` : "";
    iframe.src = `${options.origin}/frame/${options.keyId}${query}#${session.nonce}`;
    iframe.addEventListener("load", () => this.#greet(session));
    this.#await(session);
    this.#root.replaceChildren(iframe);
  }

  /** Starts waiting for a frame that is about to load. */
  #await(session) {
    session.ready = false;
    session.port?.close();
    session.port = null;
    clearTimeout(session.timer);
    session.timer = setTimeout(() => this.#fail(LATE), DEADLINE_MS);
    this.#internals.setValidity({});
    this.#internals.setFormValue(null);
  }

  #greet(session) {
    if (session !== this.#session) {
      return;
    }
    const { port1, port2 } = new MessageChannel();
    session.port?.close();
    session.port = port1;
    port1.onmessage = ({ data }) => session.port === port1 && this.#hear(session, data);
    const { origin, hello } = session.options;
    session.iframe.contentWindow.postMessage({ tessera: 1, nonce: session.nonce, ...hello }, origin, [port2]);
  }

  #close(error) {
    const session = this.#session;
    this.#session = null;
    if (session) {
      clearTimeout(session.timer);
      session.port?.close();
      session.iframe.remove();
    }
    this.#settleAll(error);
    this.#internals.setValidity({});
    this.#internals.setFormValue(null);
    this.#submission = "idle";
  }

  #hear(session, message) {
    const height = Math.min(Math.max(Math.ceil(message.height), 0), 2000);
    switch (message.type) {
      case "ready":
        clearTimeout(session.timer);
        session.ready = true;
        session.iframe.style.height = `${height}px`;
        if (this.matches(":disabled")) {
          this.#post({ type: "update", disabled: true });
        }
        this.#emit("ready", { methods: session.options.hello.methods });
        [...this.#attempts.keys()].forEach((id) => this.#ask(id));
        break;
      case "height":
        session.iframe.style.height = `${height}px`;
        break;
      case "change":
        this.#changed(session, message);
        break;
      case "bin":
        this.#emit("bin", { bin: message.bin, scheme: message.scheme });
        break;
      case "submit":
        if (this.#form && !defaultButton(this.#form)?.disabled) {
          this.#form.requestSubmit(defaultButton(this.#form));
        }
        break;
      case "token":
        this.#settle(message.id, tokenOf(message.token));
        break;
      case "error":
        this.#settle(message.id, { error: message.error });
        break;
      case "failed":
        clearTimeout(session.timer);
        this.#broken = message.error;
        this.#internals.setValidity({});
        this.#fail(message.error);
        break;
    }
  }

  #changed(session, { method, complete, scheme, fields, revision }) {
    if (revision !== this.#revision) {
      this.#revision = revision;
      this.#internals.setFormValue(null);
      if (this.#submission === "sent") {
        this.#submission = "idle";
      }
    }
    if (complete) {
      this.#internals.setValidity({});
    } else {
      this.#internals.setValidity({ customError: true }, "Please complete the payment details.", session.iframe);
    }
    this.#emit("change", { method, complete, scheme, fields });
  }

  /**
   * The shopper submits the surrounding form. The first submit event is taken away before anybody sees it; when
   * the token is there, the form is submitted again with the same button, and everybody sees that one.
   */
  #onSubmit = (event) => {
    const form = this.#form;
    if (event.target !== form || event.defaultPrevented || this.matches(":disabled")) {
      return;
    }
    if (this.#submission === "passing") {
      this.#passed = event;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.#submission === "idle") {
      this.#submit(form, event.submitter);
    }
  };

  async #submit(form, submitter) {
    this.#submission = "tokenizing";
    const { error } = await this.tokenize();
    if (this.#submission !== "tokenizing" || form !== this.#form) {
      return;
    }
    this.#submission = "idle";
    if (error) {
      if (this.#broken || !this.#session?.ready) {
        this.#complain(error.message);
      }
      return;
    }
    this.#submission = "passing";
    this.#passed = null;
    form.requestSubmit(submitter?.form === form ? submitter : undefined);
    // Nothing was passed if another control of the form is invalid by now.
    this.#submission = this.#passed && !this.#passed.defaultPrevented ? "sent" : "idle";
  }

  /** Without a frame that could say it, the browser's own bubble must. */
  #complain(message) {
    this.#internals.setValidity({ customError: true }, message, this.#session?.iframe);
    this.#internals.reportValidity();
    this.#internals.setValidity({});
  }

  #onPageShow = ({ persisted }) => {
    if (persisted) {
      this.#submission = "idle";
      this.#internals.setFormValue(null);
    }
  };
}

/** Registers the element; again is fine. Does nothing where there are no custom elements (on a server). */
export function define(name = "tessera-checkout") {
  const { customElements } = globalThis;
  if (!customElements || customElements.get(name)) {
    return TesseraCheckout;
  }
  // One class can carry one name only.
  const taken = customElements.getName?.(TesseraCheckout);
  customElements.define(name, taken ? class extends TesseraCheckout {} : TesseraCheckout);
  return TesseraCheckout;
}
