import type {
  Fault,
  FieldName,
  Method,
  TesseraBinDetail,
  TesseraChangeDetail,
  TesseraError,
  TesseraReadyDetail,
  TesseraState,
  TesseraToken,
  TokenizeResult,
} from "../index.js";

/** What is used of Playwright's `Page`; any version's will do. */
export interface PageLike {
  locator(selector: string): unknown;
  frameLocator(selector: string): unknown;
}

/** A card to type. A part that is left out is Visa's. */
export interface CardToType {
  number?: string;
  expiry?: string;
  code?: string;
  holder?: string;
}

/** A bank account to type. */
export interface AccountToType {
  routing?: string;
  number?: string;
  holder?: string;
}

/** Published test numbers. */
export const CARDS: Readonly<Record<"visa" | "mastercard" | "amex" | "declined", Required<Omit<CardToType, "holder">>>>;
export const ACCOUNT: Readonly<Required<AccountToType>>;

/** The details of the events, by what stands behind `tessera-`. */
export interface TesseraDetails {
  ready: TesseraReadyDetail;
  change: TesseraChangeDetail;
  bin: TesseraBinDetail;
  token: TesseraToken;
  error: TesseraError;
}

/** One `<tessera-checkout>` in a Playwright page. */
export class TesseraKit<Page extends PageLike = PageLike> {
  constructor(page: Page, selector?: string);
  /** The element, as a locator of your Playwright. */
  readonly element: ReturnType<Page["locator"]>;
  /** The frame in which the shopper types. */
  readonly frame: ReturnType<Page["frameLocator"]>;
  /** The input or select with this public name. */
  field(name: FieldName): ReturnType<Page["locator"]>;
  /** Waits until the element is in a state. */
  expectState(state: TesseraState): Promise<void>;
  /** Waits until the element is in none of these states. */
  expectNoState(...states: [TesseraState, ...TesseraState[]]): Promise<void>;
  /** Picks a payment method. */
  choose(method: Method): Promise<void>;
  fillCard(card?: CardToType): Promise<void>;
  fillAccount(account?: AccountToType): Promise<void>;
  tokenize(options?: { deadlineMs?: number }): Promise<TokenizeResult>;
  /** Asks for a fault from now on; for none without an argument. With publishable test keys only. */
  fault(name?: Fault | null): Promise<void>;
  /** The next event of this kind, as its detail. Begin to wait before you cause it. */
  event<Kind extends keyof TesseraDetails>(kind: Kind): Promise<TesseraDetails[Kind]>;
}
