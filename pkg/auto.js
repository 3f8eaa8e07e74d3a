/** Imports the element and registers it as `<tessera-checkout>`. */
import { define } from "./index.js";

export * from "./index.js";

define();
