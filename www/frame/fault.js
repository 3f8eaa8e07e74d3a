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

/** From now on what the page tells its host is the truth, except for this fault; without a text, all of it. */
export const pretend = (text, page) => {
  delete page.post;
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
  const error = problem(code, CLASSES[code] ?? "environment", `The attribute fault="${text}" asked for this error.`);
  if (moment === "load") {
    fail(error);
    return;
  }
  const post = page.post.bind(page);
  page.post = (message) => post(message.type === "token" ? { type: "error", id: message.id, error } : message);
};
