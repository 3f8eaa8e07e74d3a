/** Types for Svelte 5. Import them once: `import type {} from "tessera-checkout/svelte"`. */
import type { HTMLAttributes } from "svelte/elements";
import type { TesseraAttributes, TesseraCheckout, TesseraHandlers } from "./index.js";

export type TesseraCheckoutProps = HTMLAttributes<TesseraCheckout> & TesseraAttributes & TesseraHandlers;

declare module "svelte/elements" {
  interface SvelteHTMLElements {
    "tessera-checkout": TesseraCheckoutProps;
  }
}
