// React 19 with TypeScript.
import { createRef } from "react";
import type { TesseraCheckout } from "tessera-checkout";
import type {} from "tessera-checkout/react";

const reference = createRef<TesseraCheckout>();
const given = { vault: "https://vault.example", "publishable-key": "pk_test_x" };

export const checkout = (
  <tessera-checkout
    {...given}
    ref={reference}
    className="checkout"
    methods="card"
    pay-button="Pay now"
    ontessera-token={({ detail }) => detail.token.length}
    ontessera-error={({ detail }) => detail.code === "offline"}
  >
    <p slot="before">Pay by card</p>
  </tessera-checkout>
);

export const mistakes = [
  // @ts-expect-error: without a vault there is no form
  <tessera-checkout publishable-key="pk_test_x" />,
  // @ts-expect-error: no such method
  <tessera-checkout {...given} methods="cash" />,
  // @ts-expect-error: the event has no such detail
  <tessera-checkout {...given} ontessera-token={({ detail }) => detail.number} />,
  // @ts-expect-error: the element is no form
  <tessera-checkout {...given} ref={createRef<HTMLFormElement>()} />,
];
