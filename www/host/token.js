/** `confirm-account` or `exp_month` as JavaScript writes it. */
export const camel = (name) => name.replace(/[-_](.)/g, (_, letter) => letter.toUpperCase());

/** What the frame tells of a token, in the words of JavaScript. */
export const tokenOf = (token) =>
  Object.fromEntries(Object.entries(token).map(([member, value]) => [camel(member), value]));
