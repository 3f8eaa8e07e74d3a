// Faults that a merchant's tests ask for, such as `fault="timeout@tokenize"`: the frame then behaves as if that had
// happened, at once and every time. With live keys there are none. Loaded for those who ask only.

/** The codes, by the moment. */
const FAULTS = {
  load: ["offline", "network", "timeout", "wasm_unavailable", "integrity_mismatch", "blocked_by_csp", "frame_refused"],
  tokenize: ["offline", "network", "timeout", "declined", "internal"],
};

/** Who can mend those that are not of the environment. */
const CLASSES = {
  declined: "shopper",
  internal: "internal",
  blocked_by_csp: "merchant",
  frame_refused: "merchant",
};

const problem = (code, classification, message) => ({ code, classification, field: null, message });

const badOption = (accepted) => problem("bad_option", "merchant", `"fault" must be ${accepted}.`);

const isKnown = (code, moment) => Object.hasOwn(FAULTS, moment) && FAULTS[moment].includes(code);

/** From now on the page behaves as if this fault had happened; without a text, as it does. */
export const pretend = (text, page) => {
  page.fault = null;
  if (!text) {
    return;
  }
  const fail = (error) => page.post({ type: "failed", error });
  if (!page.key.startsWith("pk_test_")) {
    fail(badOption("absent: faults are for publishable test keys"));
    return;
  }
  const [code, moment] = (text === "decline" ? "declined@tokenize" : `${text}`).split("@");
  if (!isKnown(code, moment)) {
    const all = Object.entries(FAULTS).flatMap(([when, codes]) => codes.map((one) => `${one}@${when}`));
    fail(badOption(`one of: ${all.join(", ")}`));
    return;
  }
  const classification = CLASSES[code] ?? "environment";
  if (moment === "load") {
    fail(problem(code, classification, `The attribute fault="${text}" asked for this error.`));
  } else {
    page.fault = { code, classification };
  }
};
