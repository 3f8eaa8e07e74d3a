/**
 * The errors that the element makes itself; the others come from the frame and are passed on. `docs/errors.json`
 * explains every code.
 */

/** A text as an address, or nothing. */
export const urlOf = (text, base) => {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
};

export const problem = (code, classification, message) => ({ code, classification, field: null, message });

export const badOption = (option, accepted) =>
  problem("bad_option", "merchant", `"${option}" must be ${accepted}.`);

export const TIMEOUT = problem(
  "timeout",
  "environment",
  "The payment service did not answer in time. Try again.",
);
export const OFFLINE = problem(
  "offline",
  "environment",
  "There is no internet connection. Try again.",
);
export const UNREACHABLE = problem(
  "network",
  "environment",
  "The payment service could not be reached. Try again.",
);
export const BLOCKED = problem(
  "blocked_by_csp",
  "merchant",
  "The page's Content-Security-Policy must name the vault in frame-src.",
);
export const GONE = problem(
  "not_connected",
  "merchant",
  "The payment form is not in the page, or was moved.",
);
export const ABORTED = problem("aborted", "merchant", "The page cancelled this attempt.");

/** What a deadline that has passed means. */
export const late = () => (navigator.onLine ? TIMEOUT : OFFLINE);

/** An error as the page gets it: with a link to the vault's page of errors, as far as the vault is known. */
export const linked = (error, vault) => ({
  ...error,
  help: `${urlOf("/docs/errors", vault) ?? "docs/errors.md"}#${error.code}`,
});
