// Vue 3 and Svelte 5: the types that their template compilers look up.
import type { SvelteHTMLElements } from "svelte/elements";
import type {} from "tessera-checkout/svelte";
import type {} from "tessera-checkout/vue";
import type { GlobalComponents } from "vue";

type VueProps = InstanceType<GlobalComponents["tessera-checkout"]>["$props"];
type SvelteProps = SvelteHTMLElements["tessera-checkout"];

const vault = "https://vault.example";

export const inVue: VueProps = {
  vault,
  publishableKey: "pk_test_x",
  class: ["checkout"],
  payButton: "Pay now",
  onTesseraToken: ({ detail }) => detail.token.length,
};
export const inSvelte: SvelteProps = {
  vault,
  "publishable-key": "pk_test_x",
  class: "checkout",
  "ontessera-change": ({ detail }) => detail.complete,
};

// @ts-expect-error: without a key there is no form
export const keyless: VueProps = { vault };
// @ts-expect-error: the event has no such detail
export const detail: VueProps = { vault, publishableKey: "pk_test_x", onTesseraBin: ({ detail }) => detail.pan };
// @ts-expect-error: no such dialect
export const dialect: SvelteProps = { vault, "publishable-key": "pk_test_x", dialect: "acme" };
// @ts-expect-error: the handler is of another event
export const handler: SvelteProps = { vault, "publishable-key": "pk_test_x", "ontessera-token": (event: MouseEvent) => event.x };
