/**
 * The host side of Tessera: the custom element that a merchant puts into a page.
 *
 * It owns one cross-origin frame and one MessagePort. Card and account numbers are typed into the frame and
 * never come here; what comes is a one-time token and what the merchant's page may know beside it.
 * Importing this file does nothing, in a browser or elsewhere: call `define`, or import `auto.js`.
 */

export { define } from "./define.js";
export { TesseraCheckout } from "./element.js";
