/**
 * Faults that a merchant's tests ask for, such as `fault="timeout@tokenize"`: the element then behaves as if that had
 * happened, at once and every time. With live keys there are none.
 */

import { problem } from "./errors.js";

/** The codes, by the moment, and who can mend them. */
const FAULTS = {
  load: {
    offline: "environment",
    network: "environment",
    timeout: "environment",
    wasm_unavailable: "environment",
    integrity_mismatch: "environment",
    blocked_by_csp: "merchant",
    frame_refused: "merchant",
  },
  tokenize: {
    offline: "environment",
    network: "environment",
    timeout: "environment",
    declined: "shopper",
    internal: "internal",
  },
};

const accepted = () =>
  Object.entries(FAULTS)
    .flatMap(([moment, codes]) => Object.keys(codes).map((code) => `${code}@${moment}`))
    .join(", ");

/** `{ load: error }` or `{ tokenize: error }`; nothing for an empty text. */
export const readFault = (text, key) => {
  if (!text) {
    return undefined;
  }
  if (!key.startsWith("pk_test_")) {
    throw "absent: faults are for publishable test keys";
  }
  const [code, moment] = (text === "decline" ? "declined@tokenize" : text).split("@");
  const classification = Object.hasOwn(FAULTS, moment) && Object.hasOwn(FAULTS[moment], code) && FAULTS[moment][code];
  if (!classification) {
    throw `one of: ${accepted()}`;
  }
  return { [moment]: problem(code, classification, `The attribute fault="${text}" asked for this error.`) };
};
