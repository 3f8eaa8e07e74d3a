import { TesseraCheckout } from "./element.js";

/** Registers the element; again is fine. Does nothing where there are no custom elements (on a server). */
export function define(name = "tessera-checkout") {
  const { customElements } = globalThis;
  if (!customElements || customElements.get(name)) {
    return TesseraCheckout;
  }
  // One class can carry one name only.
  const taken = customElements.getName?.(TesseraCheckout);
  customElements.define(name, taken ? class extends TesseraCheckout {} : TesseraCheckout);
  return TesseraCheckout;
}
