import { ABORTED, GONE, late, linked } from "./errors.js";
import { Frame } from "./frame.js";
import { OBSERVED, STYLING, readOptions, textOf, updateOf } from "./options.js";
import { DEADLINE_MS, Pending } from "./pending.js";
import { Submission } from "./submission.js";
import { tokenOf } from "./token.js";

const STYLE =
  ":host{display:block}:host([hidden]){display:none}iframe{display:block;width:100%;border:0;background:none}";

/** A choice is never empty, so it says nothing about whether the shopper has begun. */
const isChoice = (name) => /_(type|code)$/.test(name);

const slot = (name = "") => Object.assign(document.createElement("slot"), { name });

/**
 * A payment form in one cross-origin frame. Form-associated: posts the token under its name.
 *
 * The build makes `custom-elements.json` of these lines and of the class in `pkg/index.d.ts`.
 *
 * @element tessera-checkout
 * @attr {string} [name=tessera_token] - Name under which the surrounding form posts the token
 * @attr {string} vault - Origin of the vault; required. `http:` only on localhost
 * @attr {string} publishable-key - The merchant's publishable key, `pk_test_…` or `pk_live_…`; required
 * @attr {string} [methods=card ach] - Methods offered, in order: `card`, `ach` or both
 * @attr {"code"} mode - `code` asks for the security code of a stored card alone, whatever `methods` says
 * @attr {string} scheme - With `mode`: id of the stored card's scheme, for the length of its code; 3 or 4 digits if absent
 * @attr {string} last4 - With `mode`: last four digits of the stored card, to show which one is meant
 * @attr {string} locale - Language of the texts, as a language tag; that of the page if absent
 * @attr {string} [confirm-account=on] - Whether an account number is asked for twice: `on` or `off`
 * @attr {string} sec-codes - ACH entry classes that are allowed: `WEB`, `PPD`, `CCD`, `TEL`; a single one is not shown
 * @attr {string} mandate - What ACH debits are to be authorised for, as a JSON object; see docs/mandates.md
 * @attr {string} [layout=columns] - `columns`, `stacked`, `line`, `compact`, or rows of areas: `'number expiry code'`
 * @attr {string} [theme=plain] - `plain`, `soft` or `ledger`; `auto`, `light` or `dark`; or one of each
 * @attr {Dialect} [dialect=tessera] - Whose tokens to make: `tessera`, `fluidpay`, `paydock`, `flute` or `payments_ai`
 * @attr {string} session - checkout session that the merchant's server had signed; with `dialect="flute"` a payment session
 * @attr {string} gateway - Send what is typed to this gateway itself, not sealed: `paydock` or `flute`
 * @attr {string} endpoint - The documented base URL of that gateway
 * @attr {string} gateway-key - What that gateway takes from a page: a public key, or a short-lived bearer token
 * @attr {string} accepted - Ids of the card schemes that are taken, such as `visa mastercard`; all usual ones if absent
 * @attr {string} cobadge - Id of the scheme preselected on a card that carries it and another; none if absent
 * @attr {BinDigits} [bin=8] - How many leading digits of a card the page may know: `none`, `6` or `8`
 * @attr {string} [amex-code=four] - Codes of American Express that are taken: `four` or `three_or_four`
 * @attr {string} [maestro-code=optional] - Whether a Maestro card may have no code: `optional` or `required`
 * @attr {string} [unionpay-luhn=warning] - A wrong check digit of a UnionPay number: `warning` or `error`
 * @attr {string} autofill - Fields of a card that browsers are asked to fill in: of `number`, `expiry`, `code`, `holder`; or `off`
 * @attr {string} prefill - What is known already, as JSON by fields' names: `holder`, `account_type`, `account_holder_type`
 * @attr {Fault} fault - A fault for the merchant's tests, such as `timeout@tokenize`; with test keys only
 * @attr {string} pay-button - Text of a pay button inside the element; no button if absent
 * @attr {boolean} disabled - As on any form control
 * @fires {CustomEvent<TesseraReadyDetail>} tessera-ready - The frame can be used
 * @fires {CustomEvent<TesseraChangeDetail>} tessera-change - What the fields say of themselves: verdicts, never values
 * @fires {CustomEvent<TesseraBinDetail>} tessera-bin - The leading digits are known, or `null`: no longer
 * @fires {CustomEvent<TesseraToken>} tessera-token - There is a token
 * @fires {CustomEvent<TesseraError>} tessera-error - Something went wrong
 * @slot before - What stands above the frame
 * @slot - What stands below the frame
 * @slot pay - Takes the place of the pay button, below everything
 * @csspart frame - The iframe
 * @csspart pay - The pay button
 * @cssstate ready - The frame can be used
 * @cssstate empty - Nothing was typed
 * @cssstate focused - A field has the focus
 * @cssstate invalid - A field holds what no further typing can mend
 * @cssstate complete - Nothing is missing
 * @cssstate busy - A token is being made
 */
export class TesseraCheckout extends (globalThis.HTMLElement ?? class {}) {
  static formAssociated = true;
  static observedAttributes = [...OBSERVED, "pay-button"];

  #internals = this.attachInternals();
  /** Open, because it hides nothing: what must be hidden lies behind the frame's origin. */
  #root = this.attachShadow({ mode: "open", delegatesFocus: true });
  #top = slot("before");
  #pay = slot("pay");
  #frame = null;
  /** What the frame has told in the shopper's language. */
  #texts = {};
  /** Runs while a frame may still come in time. */
  #timer = 0;
  /** Why no token can be made until an attribute changes, or the element is connected or mounted again. */
  #broken = null;
  /** Calls of `mount` and of `tokenize`. */
  #mounts = new Pending((id, result) => this.#mounted(result));
  #attempts = new Pending((id, result, byFrame) => this.#settled(id, result, byFrame));
  /** Which state of the fields the page knows of; the frame counts. */
  #revision = 0;
  /** Ends what is listened to while the element is connected. */
  #life;
  #submission = new Submission(this, (message) => this.#complain(message));

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.#root.adoptedStyleSheets = [sheet];
    this.#root.append(this.#top, slot(), this.#pay);
    this.addEventListener("invalid", (event) => {
      // The frame says it better than the browser's bubble, as long as there is a frame.
      if (this.#frame?.ready && !this.#broken) {
        event.preventDefault();
        this.#post({ type: "report" });
      }
    });
  }

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    this.#submission.listen(signal);
    addEventListener("pageshow", ({ persisted }) => persisted && this.#unsent(), { signal });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.refreshTheme(), { signal });
    if (this.#frame) {
      // Moved: the browser loads the frame again by itself, and its `load` event greets it.
      this.#attempts.settleAll({ error: GONE });
      this.#broken = null;
      this.#frame.moved();
      this.#await();
    } else {
      this.#open();
    }
  }

  /** Present so that `moveBefore` keeps the frame and what was typed. */
  connectedMoveCallback() {}

  disconnectedCallback() {
    this.#life.abort();
    queueMicrotask(() => this.isConnected || this.#close());
  }

  attributeChangedCallback(attribute, before, after) {
    if (attribute === "pay-button") {
      this.#offerToPay(after);
    } else if (STYLING.includes(attribute)) {
      this.refreshTheme();
    } else if (before !== after && this.isConnected && !this.#updated()) {
      this.#close();
      // Several attributes set one after the other make one frame.
      queueMicrotask(() => this.isConnected && !this.#frame && this.#open());
    }
  }

  /**
   * Reads the custom properties again. The element does so by itself when its own attributes or the preferred colour
   * scheme change; call it after you have changed a style sheet or something around the element.
   */
  refreshTheme() {
    this.#updated();
  }

  formAssociatedCallback(form) {
    this.#submission.form = form;
    this.#submission.forget();
  }

  formDisabledCallback(disabled) {
    this.#post({ type: "update", disabled });
    this.#restrain();
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

  /** What ACH debits are to be authorised for: what the attribute holds, as an object. */
  get mandate() {
    try {
      return JSON.parse(this.getAttribute("mandate"));
    } catch {
      return null;
    }
  }

  set mandate(terms) {
    if (terms == null) {
      this.removeAttribute("mandate");
    } else {
      this.setAttribute("mandate", JSON.stringify(terms));
    }
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
    this.#attempts.settleAll({ error: ABORTED });
    this.#unsent();
    this.#post({ type: "reset" });
  }

  /**
   * Waits until the frame can be used; opens it again if it has failed. Never rejects and always settles: with
   * `{ ready: true }` or `{ error }`, at the deadline at the latest. Nobody has to call it.
   */
  mount(options) {
    return this.#mounts.open(options, (id) => {
      if (!this.isConnected) {
        this.#mounts.settle(id, { error: GONE });
      } else if (this.#frame?.ready && !this.#broken) {
        this.#mounts.settle(id, { ready: true });
      } else {
        if (this.#broken || !this.#frame || !this.#timer) {
          this.#open();
        }
        this.#await(options?.deadlineMs);
      }
    });
  }

  /**
   * Exchanges what was typed for a one-time token. Never rejects and always settles: with the token, or with
   * `{ error }`, at the deadline at the latest.
   */
  tokenize(options) {
    return this.#attempts.open(options, (id) => {
      if (this.#broken?.classification === "environment") {
        this.#open();
      }
      if (this.#broken || !this.#frame) {
        this.#attempts.settle(id, { error: this.#broken ?? GONE });
      } else {
        this.#hold("busy", true);
        this.#ask(id);
      }
    });
  }

  #ask(id) {
    // A little less than our own, so that the frame's better word on what went wrong comes first.
    this.#post({ type: "tokenize", id, deadline_ms: Math.max(this.#attempts.leftMs(id) - 500, 1) });
  }

  #post(message) {
    this.#frame?.post(message);
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(`tessera-${type}`, { detail, bubbles: true, composed: true }));
  }

  /** Enters a state that style sheets see as `:state(name)`, or leaves it. */
  #hold(name, on) {
    this.#internals.states?.[on ? "add" : "delete"](name);
    if (name === "busy") {
      this.#restrain();
    }
  }

  /** The pay button is only for an element that is neither busy nor disabled. */
  #restrain() {
    const button = this.#pay.firstChild;
    if (button) {
      button.disabled = this.#attempts.size > 0 || this.matches(":disabled");
    }
  }

  #offerToPay(label) {
    this.#pay.replaceChildren();
    if (label) {
      const button = document.createElement("button");
      button.type = "button";
      button.part = "pay";
      button.textContent = label;
      button.addEventListener("click", () => this.#press());
      this.#pay.append(button);
      this.#restrain();
    }
  }

  #press() {
    // Without a form around, the element's own button asks for the token.
    if (!this.#submission.press() && this.#pay.firstChild) {
      this.tokenize();
    }
  }

  #mounted(result) {
    if (!result.error) {
      return result;
    }
    if (result.error === ABORTED && !this.#mounts.size && this.#frame && !this.#frame.ready) {
      this.#close();
      this.#broken = ABORTED;
    }
    return { error: this.#linked(result.error) };
  }

  #settled(id, result, byFrame) {
    this.#hold("busy", this.#attempts.size > 0);
    if (!byFrame) {
      this.#post({ type: "abort", id });
    }
    if (result.error) {
      const error = this.#linked(result.error);
      if (error.code !== ABORTED.code) {
        this.#emit("error", error);
      }
      return { error };
    }
    // With its own name, because an element without a `name` attribute would post nothing.
    const value = new FormData();
    value.set(this.name, result.token);
    this.#internals.setFormValue(value);
    this.#emit("token", result);
    return result;
  }

  #linked(error) {
    const told = error.classification === "environment" && this.#texts[`error.${error.code}`];
    return linked({ ...error, message: told || error.message }, textOf(this, "vault"));
  }

  /** The frame has texts in another language: for what the page or the browser says in its place. */
  #speak(texts) {
    this.#texts = texts;
    this.#frame.iframe.title = texts.form;
    if (this.validity.customError) {
      this.#demand();
    }
  }

  #demand() {
    const told = this.#texts["form.incomplete"] ?? "Please complete the payment details.";
    this.#internals.setValidity({ customError: true }, told, this.#frame.iframe);
  }

  /** Nothing works until something changes. */
  #break(error) {
    clearTimeout(this.#timer);
    this.#broken = error;
    this.#internals.setValidity({});
    this.#fail(error);
  }

  /** Tells once, by whoever waits or else by itself; and the merchant's console, where nobody may listen yet. */
  #fail(error) {
    const told = this.#linked(error);
    console.error(`<tessera-checkout> ${told.message} See ${told.help}`);
    this.#mounts.settleAll({ error });
    if (!this.#attempts.settleAll({ error })) {
      this.#emit("error", told);
    }
  }

  #open() {
    this.#frame?.close();
    this.#frame = this.#broken = null;
    let options;
    try {
      options = readOptions(this);
    } catch (error) {
      this.#break(error);
      return;
    }
    this.#frame = new Frame(
      options,
      () => this.clientWidth,
      (message) => this.#hear(message),
      (error) => this.#break(error),
    );
    this.#top.after(this.#frame.iframe);
    this.#await();
  }

  /** Tells the frame that is there of changed attributes, if that is enough. */
  #updated() {
    if (!this.#frame?.ready || this.#broken) {
      return false;
    }
    try {
      const options = readOptions(this);
      const update = updateOf(options, this.#frame.options);
      if (update) {
        this.#frame.options = options;
        this.#frame.shade();
      }
      if (update?.type) {
        this.#post(update);
      }
      return update;
    } catch {
      // `#open` finds it again and tells.
      return false;
    }
  }

  /** Starts waiting for a frame that is about to load. */
  #await(deadlineMs = DEADLINE_MS) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.#fail(late());
    }, deadlineMs);
    this.#forget();
  }

  /** What the fields said holds no more. */
  #forget() {
    ["ready", "empty", "focused", "invalid", "complete"].forEach((name) => this.#hold(name, false));
    this.#internals.setValidity({});
    this.#internals.setFormValue(null);
  }

  #close() {
    clearTimeout(this.#timer);
    this.#frame?.close();
    this.#frame = this.#broken = null;
    this.#mounts.settleAll({ error: GONE });
    this.#attempts.settleAll({ error: GONE });
    this.#forget();
    this.#submission.forget();
  }

  #hear(message) {
    const { type, ...detail } = message;
    const frame = this.#frame;
    if (message.texts) {
      this.#speak(message.texts);
    }
    switch (type) {
      case "ready":
        clearTimeout(this.#timer);
        frame.height = message.height;
        // What may have changed since the greeting.
        this.refreshTheme();
        if (this.matches(":disabled")) {
          this.#post({ type: "update", disabled: true });
        }
        this.#hold("ready", true);
        this.#emit("ready", { methods: frame.options.hello.methods });
        this.#mounts.settleAll({ ready: true });
        this.#attempts.ids().forEach((id) => this.#ask(id));
        break;
      case "height":
        // Before it is ready, the frame has not got its looks yet.
        if (frame.ready) {
          frame.height = message.height;
        }
        break;
      case "change":
        this.#changed(message);
        break;
      case "bin":
        this.#emit("bin", detail);
        break;
      case "warning":
        console.warn(`<tessera-checkout> ${message.error.message} See ${this.#linked(message.error).help}`);
        break;
      case "submit":
        this.#press();
        break;
      case "token":
        this.#attempts.settle(message.id, tokenOf(message.token), true);
        break;
      case "error":
        this.#attempts.settle(message.id, { error: message.error }, true);
        break;
    }
  }

  #changed({ type: _, revision, ...detail }) {
    const { complete, fields } = detail;
    if (revision !== this.#revision) {
      this.#revision = revision;
      this.#internals.setFormValue(null);
      this.#submission.changed();
    }
    if (complete) {
      this.#internals.setValidity({});
    } else {
      this.#demand();
    }
    const states = Object.entries(fields);
    this.#hold("complete", complete);
    this.#hold("invalid", states.some(([, { verdict }]) => verdict === "invalid"));
    this.#hold("focused", states.some(([, { focused }]) => focused));
    this.#hold("empty", states.every(([name, { empty }]) => empty || isChoice(name)));
    this.#emit("change", detail);
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

  /** No token is there, and none was sent. */
  #unsent() {
    this.#internals.setFormValue(null);
    this.#submission.forget();
  }
}
