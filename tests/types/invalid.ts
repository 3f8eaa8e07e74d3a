// Mistakes that the compiler must find: every line below a mark is one, and a mark without a mistake is one as well.
import { define, type TesseraAttributes, type TesseraState } from "tessera-checkout";
import { placeholder } from "tessera-checkout/server";
import { TesseraKit } from "tessera-checkout/testing";

define();
const element = document.createElement("tessera-checkout");

// @ts-expect-error: there is no such option
element.tokenize({ timeout: 10 });
// @ts-expect-error: a controller is no signal
element.tokenize({ signal: new AbortController() });
// @ts-expect-error: milliseconds are a number
element.mount({ deadlineMs: "10s" });
// @ts-expect-error: only the shopper and the fields decide that
element.validity = {};
// @ts-expect-error: a form cannot be given
element.form = document.createElement("form");
// @ts-expect-error: the element has no value
element.value;
// @ts-expect-error: registering takes one name
define({ name: "my-checkout" });

export async function pay() {
  const result = await element.tokenize();
  // @ts-expect-error: it may be an error
  result.token.length;
  // @ts-expect-error: it may be a token
  result.error.code;
  if (result.token) {
    // @ts-expect-error: a token has no number
    result.number;
    // @ts-expect-error: nobody changes a token
    result.token = "tok_other";
  }
}

element.addEventListener("tessera-change", ({ detail }) => {
  // @ts-expect-error: there is no such field
  detail.fields.pan;
  // @ts-expect-error: a field never says what it holds
  detail.fields.number?.value;
});
element.addEventListener("tessera-error", ({ detail }) => {
  // @ts-expect-error: nobody else can mend anything
  detail.classification === "bank";
});
// @ts-expect-error: the listener is of another event
element.addEventListener("tessera-token", ({ detail }: CustomEvent<{ bin: number }>) => detail.bin);

// @ts-expect-error: without a vault there is no form
export const keyOnly: TesseraAttributes = { "publishable-key": "pk_test_x" };
const both = { vault: "https://vault.example", "publishable-key": "pk_test_x" };
// @ts-expect-error: no such method
export const cash: TesseraAttributes = { ...both, methods: "cash" };
// @ts-expect-error: no such dialect
export const dialect: TesseraAttributes = { ...both, dialect: "acme" };
// @ts-expect-error: a fault names its moment
export const fault: TesseraAttributes = { ...both, fault: "timeout" };
// @ts-expect-error: the frame cannot be declined
export const moment: TesseraAttributes = { ...both, fault: "declined@load" };
// @ts-expect-error: no such state
export const state: TesseraState = "valid";
// @ts-expect-error: the names are those of HTML
placeholder({ ...both, payButton: "Pay" });

declare const page: { locator(selector: string): unknown; frameLocator(selector: string): unknown };
const kit = new TesseraKit(page);
// @ts-expect-error: no such part of a card
kit.fillCard({ cvc: "123" });
// @ts-expect-error: no such event
kit.event("submit");
// @ts-expect-error: at least one state
kit.expectNoState();
