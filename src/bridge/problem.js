// Errors as every export throws them and as the host gets them.

/** An error as every export throws it. */
export const problem = (code, classification, field, message) =>
  Object.assign(new Error(message), { code, classification, field: field ?? null, help: `docs/errors.md#${code}` });

/** The answer to every call after a breakdown. */
export const internal = () =>
  problem("internal", "internal", null, "The payment form stopped working. Reload the page; nothing was charged.");

/** An error as it crosses a port. */
export const plain = ({ code, classification, field, message, help }) => ({ code, classification, field, message, help });
