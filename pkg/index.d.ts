/** What a form asks for: a card, a US bank account over ACH, or the security code alone of a stored card. */
export type Method = "card" | "ach" | "code";

/** What is thought of a field. */
export type Verdict = "empty" | "partial" | "invalid" | "complete";

/** Who can mend an error. */
export type Classification = "shopper" | "merchant" | "gateway" | "environment" | "internal";

/** The names of the fields; they do not change. */
export type FieldName =
  | "number"
  | "expiry"
  | "code"
  | "holder"
  | "routing_number"
  | "account_number"
  | "account_number_confirmation"
  | "account_type"
  | "account_holder_type"
  | "sec_code"
  | "consent";

/** How many leading digits of a card number the page may know. */
export type BinDigits = "none" | "6" | "8";

/** Why the frame did not come. */
export type LoadErrorCode =
  | "blocked_by_csp"
  | "frame_refused"
  | "integrity_mismatch"
  | "network"
  | "offline"
  | "timeout"
  | "wasm_unavailable";

/** The codes of errors that the element itself makes. */
export type ElementErrorCode = LoadErrorCode | "aborted" | "bad_option" | "internal" | "not_connected";

/** Every other code comes from the fields, the vault or a gateway: see docs/errors.md. */
export type ErrorCode = ElementErrorCode | (string & {});

/** An error. Never holds a number, a code or a key. */
export interface TesseraError {
  /** Stable; `help` explains it. */
  readonly code: ErrorCode;
  readonly classification: Classification;
  /** The field it is about, if any. */
  readonly field: FieldName | null;
  /** One sentence that says what to do. */
  readonly message: string;
  /** A page of the vault that explains the code. */
  readonly help: string;
}

/** A one-time token with what your page may know of the instrument behind it. */
export interface TesseraToken {
  /** Send it to your server, which spends it once. */
  readonly token: string;
  readonly kind: Method;
  /** The card scheme's id, such as `visa`; null for a bank account and a security code. */
  readonly scheme: string | null;
  /** The scheme that the shopper picked on a card that carries two; null if there was no choice, or none was made. */
  readonly preferredScheme: string | null;
  /** Six or eight leading digits of a card number, or what the attribute `bin` leaves of them. */
  readonly bin: string | null;
  /** Of the number; empty for a security code. */
  readonly last4: string;
  /** 1 to 12. */
  readonly expMonth: number | null;
  /** With its century. */
  readonly expYear: number | null;
  /** RFC 3339; null if it does not end, or the gateway does not say. */
  readonly expiresAt: string | null;
}

/** What `tokenize` resolves to. */
export type TokenizeResult =
  | (TesseraToken & { readonly error?: undefined })
  | { readonly error: TesseraError; readonly token?: undefined };

/** What `mount` resolves to. */
export type MountResult =
  | { readonly ready: true; readonly error?: undefined }
  | { readonly error: TesseraError; readonly ready?: undefined };

/** How long a call may take, and how it ends before. */
export interface CallOptions {
  readonly signal?: AbortSignal | null;
  /** Milliseconds; 15,000 if absent. */
  readonly deadlineMs?: number;
}

/** What a field says of itself; never its value. */
export interface FieldState {
  readonly verdict: Verdict;
  /** A stable code, if the verdict is `invalid`. */
  readonly reason: string | null;
  readonly empty: boolean;
  readonly focused: boolean;
}

/** The choice between the schemes of a card that carries two. */
export interface Cobadge {
  /** Their ids, the one that is shown first. */
  readonly schemes: readonly string[];
  /** What was picked, by the shopper or by the attribute `cobadge`; null as long as nothing was. */
  readonly chosen: string | null;
}

export interface TesseraReadyDetail {
  readonly methods: readonly Method[];
}

export interface TesseraChangeDetail {
  readonly method: Method;
  /** Nothing is missing: `tokenize` will not be refused by the fields. */
  readonly complete: boolean;
  readonly scheme: string | null;
  /** The schemes of a card that carries two, if the shopper can choose. */
  readonly cobadge: Cobadge | null;
  /** The bank of the routing number, if the vault was given a directory and it has the number. */
  readonly bankName: string | null;
  readonly fields: Readonly<Partial<Record<FieldName, FieldState>>>;
}

export interface TesseraBinDetail {
  /**
   * Six digits as soon as they are typed, eight once there are 16, if the attribute `bin` allows; null: taken back.
   */
  readonly bin: string | null;
  readonly scheme: string | null;
}

/** How often a bank account is debited; `on_request` is a standing authorisation. */
export type MandateFrequency =
  | "once"
  | "weekly"
  | "every_two_weeks"
  | "monthly"
  | "quarterly"
  | "every_six_months"
  | "yearly"
  | "on_request";

/** What ACH debits are to be authorised for; see docs/mandates.md. */
export interface TesseraMandate {
  /** Who debits; at most 100 bytes of UTF-8. */
  merchant: string;
  /** Where you hear of a revocation; at most 70 bytes of UTF-8. */
  contact?: string;
  /** Dollars and cents such as `25.00`, or `varying`. */
  amount: string | number;
  currency?: "USD";
  frequency: MandateFrequency;
  /** The first day of a debit, `YYYY-MM-DD`. */
  date: string;
}

/** Whose tokens to make. */
export type Dialect = "tessera" | "fluidpay" | "paydock" | "flute" | "payments_ai";

/** What a merchant's test can ask the element to suffer, at once and every time. Refused with live keys. */
export type Fault =
  | `${LoadErrorCode}@load`
  | `${"offline" | "network" | "timeout" | "declined" | "internal"}@tokenize`
  | "decline";

/** What the element's style sheet sees as `:state(…)`. */
export type TesseraState = "ready" | "empty" | "focused" | "invalid" | "complete" | "busy";

/** A ready theme. */
export type Preset = "plain" | "soft" | "ledger";

/** Which half of a theme is shown; `auto` is the page's own, or the shopper's where the page has none. */
export type Scheme = "auto" | "light" | "dark";

/** The attributes of the element, by their names in HTML. */
export interface TesseraAttributes {
  vault: string;
  "publishable-key": string;
  name?: string;
  methods?: "card" | "ach" | "card ach" | "ach card";
  /** `code` asks for the security code alone of a stored card. */
  mode?: "code";
  /** With `mode`: id of the stored card's scheme. */
  scheme?: string;
  /** With `mode`: last four digits of the stored card. */
  last4?: string;
  locale?: string;
  "confirm-account"?: "on" | "off";
  "sec-codes"?: string;
  mandate?: string;
  /** `columns`, `stacked`, `line`, `compact`, or rows of areas such as `'number number' 'expiry code'`. */
  layout?: "columns" | "stacked" | "line" | "compact" | (string & {});
  /** `plain`, `soft` or `ledger`; `auto`, `light` or `dark`; or one of each. */
  theme?: Preset | Scheme | `${Preset} ${Scheme}` | `${Scheme} ${Preset}`;
  dialect?: Dialect;
  session?: string;
  gateway?: "paydock" | "flute";
  endpoint?: string;
  "gateway-key"?: string;
  accepted?: string;
  cobadge?: string;
  bin?: BinDigits;
  "amex-code"?: "four" | "three_or_four";
  "maestro-code"?: "optional" | "required";
  "unionpay-luhn"?: "warning" | "error";
  /** Some of `number expiry code holder`, or `off`. */
  autofill?: string;
  prefill?: string;
  fault?: Fault;
  "pay-button"?: string;
  disabled?: boolean;
}

/** The element's events; all of them bubble and cross shadow roots. */
export interface TesseraEventMap {
  "tessera-ready": CustomEvent<TesseraReadyDetail>;
  "tessera-change": CustomEvent<TesseraChangeDetail>;
  "tessera-bin": CustomEvent<TesseraBinDetail>;
  "tessera-token": CustomEvent<TesseraToken>;
  "tessera-error": CustomEvent<TesseraError>;
}

/** The events as handlers, as JSX of React 19 and Svelte 5 name them: `ontessera-token`. */
export type TesseraHandlers = {
  [Type in keyof TesseraEventMap as `on${Type}`]?: (event: TesseraEventMap[Type]) => unknown;
};

/** The element's events together with those of every element. */
export interface TesseraElementEventMap extends HTMLElementEventMap, TesseraEventMap {}

/** `<tessera-checkout>`: a payment form in one cross-origin frame, and a form control of the form around it. */
export class TesseraCheckout extends HTMLElement {
  static readonly formAssociated: true;
  /** The form around the element. */
  readonly form: HTMLFormElement | null;
  /** The name under which the token is posted; `tessera_token` if the attribute is absent. */
  name: string;
  /** Whether the attribute is there; a disabled fieldset around disables, too. */
  disabled: boolean;
  /** What ACH debits are to be authorised for: the JSON of the attribute, as an object. */
  mandate: TesseraMandate | null;
  /** The element's name in HTML. */
  readonly type: string;
  /** As on any form control: valid when nothing is missing. */
  readonly validity: ValidityState;
  /** As on any form control. */
  readonly validationMessage: string;
  /** As on any form control. */
  readonly willValidate: boolean;
  /** As on any form control; the frame shows what is missing. */
  checkValidity(): boolean;
  /** As on any form control; the frame shows what is missing. */
  reportValidity(): boolean;
  /** Puts the focus into the first field that still needs something. */
  focus(options?: FocusOptions): void;
  /** Empties the fields and forgets the attempt. */
  reset(): void;
  /** Reads the `--tessera-*` properties again, after a change of a style sheet or of something around the element. */
  refreshTheme(): void;
  /** Waits for the frame; opens it again if it has failed. Never rejects and always settles. */
  mount(options?: CallOptions): Promise<MountResult>;
  /** Exchanges what was typed for a one-time token. Never rejects and always settles, after 15 seconds unless told otherwise. */
  tokenize(options?: CallOptions): Promise<TokenizeResult>;
  addEventListener<K extends keyof TesseraElementEventMap>(
    type: K,
    listener: (this: TesseraCheckout, event: TesseraElementEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof TesseraElementEventMap>(
    type: K,
    listener: (this: TesseraCheckout, event: TesseraElementEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void;
}

/** Registers the element, as `tessera-checkout` unless another name is given. Again is fine; on a server it does nothing. */
export function define(name?: string): typeof TesseraCheckout;

declare global {
  interface HTMLElementTagNameMap {
    "tessera-checkout": TesseraCheckout;
  }
  interface HTMLElementEventMap extends TesseraEventMap {}
  interface DocumentEventMap extends TesseraEventMap {}
  interface WindowEventMap extends TesseraEventMap {}
}
