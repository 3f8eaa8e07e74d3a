/**
 * Faults that a merchant's tests ask for, such as `fault="timeout@tokenize"`: the element then behaves as if that had
 * happened, at once and every time. With live keys there are none.
 */

import { problem } from "./errors.js";

/** The codes, by the moment. */
const FAULTS = {
  load: "offline network timeout wasm_unavailable integrity_mismatch blocked_by_csp frame_refused".split(" "),
  tokenize: "offline network timeout declined internal".split(" "),
};

/** Who can mend those that are not of the environment. */
const CLASSES = {
  declined: "shopper",
  internal: "internal",
  blocked_by_csp: "merchant",
  frame_refused: "merchant",
};

/** `{ load: error }` or `{ tokenize: error }`; nothing for an empty text. */
export const readFault = (text, key) => {
  if (!text) {
    return undefined;
  }
  if (!key.startsWith("pk_test_")) {
    throw "absent: faults are for publishable test keys";
  }
  const [code, moment] = (text === "decline" ? "declined@tokenize" : text).split("@");
  if (!Object.hasOwn(FAULTS, moment) || !FAULTS[moment].includes(code)) {
    const all = Object.entries(FAULTS).flatMap(([when, codes]) => codes.map((one) => `${one}@${when}`));
    throw `one of: ${all.join(", ")}`;
  }
  const classification = CLASSES[code] ?? "environment";
  return { [moment]: problem(code, classification, `The attribute fault="${text}" asked for this error.`) };
};
