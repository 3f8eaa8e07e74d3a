/** A way to pay: a card, or a US bank account over ACH. */
export type Method = "card" | "ach";

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
  | "account_type"
  | "account_holder_type";

/** An error. Never holds a number, a code or a key. */
export interface TesseraError {
  /** Stable; `help` explains it. */
  readonly code: string;
  readonly classification: Classification;
  /** The field it is about, if any. */
  readonly field: FieldName | null;
  /** One sentence that says what to do. */
  readonly message: string;
  readonly help: string;
}

/** A one-time token with what your page may know of the instrument behind it. */
export interface TesseraToken {
  /** Send it to your server, which spends it once. */
  readonly token: string;
  readonly kind: Method;
  /** The card scheme's id, such as `visa`; null for a bank account. */
  readonly scheme: string | null;
  /** Six or eight leading digits of a card number. */
  readonly bin: string | null;
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

export interface TesseraReadyDetail {
  readonly methods: readonly Method[];
}

export interface TesseraChangeDetail {
  readonly method: Method;
  /** Nothing is missing: `tokenize` will not be refused by the fields. */
  readonly complete: boolean;
  readonly scheme: string | null;
  readonly fields: Readonly<Partial<Record<FieldName, FieldState>>>;
}

export interface TesseraBinDetail {
  /** Six digits as soon as they are typed, eight once a number of 16 or more digits is valid; null: taken back. */
  readonly bin: string | null;
  readonly scheme: string | null;
}

/** The element's events; all of them bubble and cross shadow roots. */
export interface TesseraEventMap {
  "tessera-ready": CustomEvent<TesseraReadyDetail>;
  "tessera-change": CustomEvent<TesseraChangeDetail>;
  "tessera-bin": CustomEvent<TesseraBinDetail>;
  "tessera-token": CustomEvent<TesseraToken>;
  "tessera-error": CustomEvent<TesseraError>;
}

/** The element's events together with those of every element. */
export interface TesseraElementEventMap extends HTMLElementEventMap, TesseraEventMap {}

/** `<tessera-checkout>`: a payment form in one cross-origin frame, and a form control of the form around it. */
export class TesseraCheckout extends HTMLElement {
  static readonly formAssociated: true;
  readonly form: HTMLFormElement | null;
  /** The name under which the token is posted; `tessera_token` if the attribute is absent. */
  name: string;
  /** Whether the attribute is there; a disabled fieldset around disables, too. */
  disabled: boolean;
  readonly type: string;
  readonly validity: ValidityState;
  readonly validationMessage: string;
  readonly willValidate: boolean;
  checkValidity(): boolean;
  reportValidity(): boolean;
  /** Empties the fields and forgets the attempt. */
  reset(): void;
  /** Waits for the frame; opens it again if it has failed. Never rejects and always settles. */
  mount(options?: CallOptions): Promise<MountResult>;
  /** Never rejects and always settles, after 15 seconds at the latest unless told otherwise. */
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
