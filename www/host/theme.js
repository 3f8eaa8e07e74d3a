/** What the page says about looks. The frame parses all of it; here it is only collected. */

const PRESETS = ["plain", "soft", "ledger"];
const SCHEMES = ["auto", "light", "dark"];

/** The tokens of `crates/look/src/theme.rs`. */
const TOKENS =
  "text text-soft backdrop surface tile border border-strong accent danger border-width focus-width radius space " +
  "control-height font-size label-size font-family shadow";

/** The word of an attribute's text that is one of these; none of its words may be a stranger. */
const wordOf = (known) => (given) => {
  const words = given.split(/\s+/).filter(Boolean);
  if (!words.every((word) => PRESETS.includes(word) || SCHEMES.includes(word))) {
    throw `one of ${PRESETS.join(", ")}, one of ${SCHEMES.join(", ")}, or one of each`;
  }
  return words.find((word) => known.includes(word)) ?? known[0];
};

/** What the page makes of the element; nothing on a server. */
const styleOf = (element) => globalThis.getComputedStyle?.(element);

export const preset = wordOf(PRESETS);

const schemeWord = wordOf(SCHEMES);

/** Without a word of the attribute it is the page's own scheme, if that has one. */
export const colorScheme = (given, element) => {
  const word = schemeWord(given);
  const [own, ...others] = styleOf(element)?.colorScheme.match(/light|dark/g) ?? [];
  return word === "auto" && own && !others.length ? own : word;
};

export const tokens = (given, element) => {
  const style = styleOf(element);
  const pairs = TOKENS.split(" ").map((name) => [name, style?.getPropertyValue(`--tessera-${name}`).trim()]);
  return Object.fromEntries(pairs.filter(([, value]) => value));
};
