import type { TesseraAttributes } from "./index.js";

/**
 * `<tessera-checkout>` as HTML that keeps its place before any script has run; for servers that render pages.
 * Throws a `TypeError` with `code: "bad_option"` for an attribute that has none of the accepted values.
 */
export function placeholder(attributes: TesseraAttributes): string;
