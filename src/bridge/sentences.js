// What the shopper reads or hears beside the inputs: a sentence under a field, a notice, an announcement.

import { page } from "./page.js";

/** Shows a sentence under a field; none for an empty one. */
export const say = (name, sentence) => {
  if (sentence === (page.sentences[name] ?? "")) {
    return;
  }
  page.sentences[name] = sentence;
  page.element(`#${name}-error`).textContent = sentence;
  if (sentence) {
    page.controls[name].setAttribute("aria-invalid", "true");
  } else {
    page.controls[name].removeAttribute("aria-invalid");
  }
};

/** As `say`, but not while somebody types there. */
export const settle = (name, sentence) => {
  if (page.focused !== name) {
    say(name, sentence);
  }
};

/** The sentence of the first problem that is shown. */
export const sentence = (page) => {
  const name = Object.keys(page.controls).find((name) => page.isShown(name) && page.sentences[name]);
  return page.sentences[name] ?? "";
};

/** Tells assistive technology something that sighted people see. */
export const announce = (page, text) => {
  page.element("#announcement").textContent = text;
};

/** Shows a problem that is about no field; nothing for an empty text. */
export const notice = (page, text) => {
  const notice = page.element("#notice");
  if (notice.textContent !== text) {
    notice.textContent = text;
  }
};
