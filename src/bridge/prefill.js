// What the merchant knows already and the shopper need not type: never a number, a code or an account.

import { fill } from "./inputs.js";
import { page } from "./page.js";
import { problem } from "./problem.js";

const FIELDS = ["holder", "account_type", "account_holder_type"];

const refused = () =>
  problem("bad_option", "merchant", null, `The attribute "prefill" must be an object of texts by: ${FIELDS.join(", ")}.`);

/** Takes texts by the fields' names, or nothing. What the shopper has typed or picked stays. */
export const prefill = (texts = {}) => {
  for (const [name, text] of Object.entries(texts)) {
    if (!FIELDS.includes(name) || typeof text !== "string") {
      throw refused();
    }
    const control = page.controls[name];
    if (!page.touched.has(name)) {
      control.value = text;
      if (control.value !== text) {
        throw refused();
      }
      fill(name);
    }
  }
  page.prefill = texts;
};
