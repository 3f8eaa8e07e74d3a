// The texts of the shopper's language, by name. All of them come from a file of `pkg/locale`, the English ones too.

let locale = "en";
let dir = "ltr";
let messages = {};

/** From now on the texts are those of a file. */
export const speak = (file) => {
  ({ locale, dir, messages } = file);
};

/** A text, with what is to stand in it; empty for a name that is not there. */
export const text = (name, values) => {
  let found = messages[name] ?? "";
  if (typeof found !== "string") {
    const [by, cases] = found;
    found = cases[new Intl.PluralRules(locale).select(values[by])] ?? cases.other;
  }
  // A name in Latin letters must not turn the rest of a line around that runs from right to left.
  const [from, to] = dir === "rtl" ? ["\u2068", "\u2069"] : ["", ""];
  return found.replace(/{(\w+)}/g, (_, name) => `${from}${values[name]}${to}`);
};

/** What is said of a mistake: the field's own sentence, or one for every field. */
export const reasonText = (code, field) => text(`${field}.${code}`) || text(`reason.${code}`);

/** What is said of an error: the sentence for its code, or else for whoever can mend it. */
export const errorText = ({ code, classification, field }) =>
  reasonText(code, field) || text(`error.${code}`) || text(`error.${classification}`);

/** What the host says in the shopper's language. */
export const hostTexts = () => Object.fromEntries(Object.entries(messages).filter(([name]) => /^(form|error)\b/.test(name)));

/** Writes the texts into the document where it names them, as the vault does when it makes the page. */
export const label = () => {
  Object.assign(document.documentElement, { lang: locale, dir });
  for (const element of document.querySelectorAll("[data-say]")) {
    element.textContent = text(element.dataset.say, element.dataset);
  }
  for (const element of document.querySelectorAll("[data-hint]")) {
    element.placeholder = text(element.dataset.hint);
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.ariaLabel = text(element.dataset.label);
  }
};
