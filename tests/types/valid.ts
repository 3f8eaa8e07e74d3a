// What a merchant's engineer writes, and what the compiler must know of it.
import { TesseraCheckout, define, type TesseraAttributes, type TesseraError, type TesseraToken } from "tessera-checkout";
import "tessera-checkout/auto";
import { placeholder } from "tessera-checkout/server";
import { ACCOUNT, CARDS, TesseraKit } from "tessera-checkout/testing";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>) => undefined;

const element: TesseraCheckout = document.createElement("tessera-checkout");
const registered: typeof TesseraCheckout = define("my-checkout");
export const another = new registered();

export async function pay(signal: AbortSignal): Promise<TesseraToken | TesseraError> {
  const mounted = await element.mount({ signal, deadlineMs: 5_000 });
  if (mounted.error) {
    same<typeof mounted.ready, undefined>(true);
    return mounted.error;
  }
  same<typeof mounted.ready, true>(true);
  const result = await element.tokenize({ signal: null });
  if (result.error) {
    same<typeof result.token, undefined>(true);
    switch (result.error.code) {
      case "offline":
      case "blocked_by_csp":
      case "a_code_of_a_later_version":
        return result.error;
    }
    return result.error;
  }
  same<typeof result.token, string>(true);
  same<typeof result.bin, string | null>(true);
  return result;
}

element.addEventListener("tessera-ready", ({ detail }) => detail.methods.includes("ach"));
element.addEventListener("tessera-change", function ({ detail }) {
  same<typeof this, TesseraCheckout>(true);
  const { verdict, reason, empty, focused } = detail.fields.number ?? {};
  same<typeof reason, string | null | undefined>(true);
  return [verdict === "invalid", empty, focused, detail.complete, detail.scheme, detail.method];
});
element.addEventListener("tessera-bin", ({ detail: { bin, scheme } }) => [bin?.length, scheme]);
document.addEventListener("tessera-token", ({ detail }) => detail.token.length);
window.addEventListener("tessera-error", ({ detail }) => {
  same<typeof detail.classification, "shopper" | "merchant" | "gateway" | "environment" | "internal">(true);
  return detail.help;
});
element.addEventListener("click", (event) => event.clientX);
element.focus({ preventScroll: true });
element.reset();
export const isValid: boolean = element.checkValidity() && element.reportValidity() && element.validity.valid;

const attributes: TesseraAttributes = {
  vault: "https://vault.example",
  "publishable-key": "pk_test_x",
  methods: "ach card",
  mode: "code",
  scheme: "amex",
  last4: "0005",
  dialect: "payments_ai",
  fault: "wasm_unavailable@load",
  disabled: true,
};
export const html: string = placeholder(attributes);

interface Locator {
  count(): Promise<number>;
}
declare const page: { locator(selector: string): Locator; frameLocator(selector: string): { first(): unknown } };
const kit = new TesseraKit(page, "#checkout");
export async function drive() {
  await kit.fillCard({ ...CARDS.amex, holder: "Ada Morel" });
  await kit.fillAccount(ACCOUNT);
  await kit.expectState("complete");
  await kit.expectNoState("busy", "invalid");
  await kit.fault("timeout@tokenize");
  await kit.fault();
  const error = await kit.event("error");
  same<typeof error, TesseraError>(true);
  const field: Locator = kit.field("routing_number");
  return field.count();
}
