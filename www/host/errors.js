/** The errors that the element makes itself; the others come from the frame and are passed on. */

const HELP = "docs/errors.md#";

const problem = (code, classification, message, field = null) => ({
  code,
  classification,
  field,
  message,
  help: HELP + code,
});

export const badOption = (option, accepted) =>
  problem("bad_option", "merchant", `"${option}" must be ${accepted}.`);

export const LATE = problem(
  "frame_timeout",
  "environment",
  "The payment form did not answer within 15 seconds. Check the connection and reload the page.",
);
export const SLOW = problem("deadline", "environment", "The payment service did not answer in time. Try again.");
export const GONE = problem(
  "not_connected",
  "merchant",
  "The payment form is not in the page, or was moved or removed.",
);
export const ABORTED = problem("aborted", "merchant", "The page cancelled this attempt. Nothing was charged.");
