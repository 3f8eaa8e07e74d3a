/** JSX types for React 19. Import them once: `import type {} from "tessera-checkout/react"`. */
import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { TesseraAttributes, TesseraCheckout, TesseraHandlers } from "./index.js";

export type TesseraCheckoutProps = DetailedHTMLProps<HTMLAttributes<TesseraCheckout>, TesseraCheckout> &
  TesseraAttributes &
  TesseraHandlers;

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "tessera-checkout": TesseraCheckoutProps;
    }
  }
}
