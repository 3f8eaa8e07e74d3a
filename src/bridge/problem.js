// Errors as every export throws them and as the host gets them.

import { errorText, text } from "./words.js";

/** An error as every export throws it. Without a message it has the one of the shopper's language, if there is any. */
export const problem = (code, classification, field, message) => {
  const help = `docs/errors.md#${code}`;
  const told = message ?? errorText({ code, classification, field });
  return Object.assign(new Error(told || help), { code, classification, field: field ?? null, help });
};

/** The answer to every call after a breakdown. */
export const internal = () =>
  problem("internal", "internal", null, text("error.stopped"));

/** An error as it crosses a port. */
export const plain = ({ code, classification, field, message, help }) => ({ code, classification, field, message, help });
