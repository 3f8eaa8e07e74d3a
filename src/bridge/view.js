// What one edit looks like, for whoever draws an own input.

/** The view of one edit, as `edit` gives it back. */
export const view = (text, caret, verdict, reason) => ({ text, caret, verdict, reason: reason ?? null });
