// What the shopper reads or hears beside the inputs: a sentence under a field, a notice, an announcement.

import { page } from "./page.js";
import { errorText, hostTexts, label, reasonText, speak, text } from "./words.js";

/** Says under a field what it needs, by the reason's code; nothing for an empty one. */
export const say = (name, reason) => {
  if (reason === (page.reasons[name] ?? "")) {
    return;
  }
  page.reasons[name] = reason;
  show(page, name);
  if (reason) {
    page.controls[name].setAttribute("aria-invalid", "true");
  } else {
    page.controls[name].removeAttribute("aria-invalid");
  }
};

/** As `say`, but not while somebody types there. */
export const settle = (name, reason) => {
  if (page.focused !== name) {
    say(name, reason);
  }
};

const sentence = (page, name) => (page.reasons[name] ? reasonText(page.reasons[name], name) : "");

const show = (page, name) => {
  page.element(`#${name}-error`).textContent = sentence(page, name);
};

/** The shown fields under which a problem is said, in the order of the page. */
export const problems = (page) => Object.keys(page.controls).filter((name) => page.isShown(name) && page.reasons[name]);

/** Tells assistive technology something that sighted people see. */
export const announce = (page, text) => {
  page.element("#announcement").textContent = text;
};

/** Tells what is said under the fields: the sentence, or how many there are and the first. */
export const announceProblems = (page) => {
  const names = problems(page);
  const first = names.length ? sentence(page, names[0]) : "";
  announce(page, names.length > 1 ? text("problems", { count: names.length, first }) : first);
};

/** Shows an error that is about no field; nothing for none. */
export const notice = (page, error) => {
  page.noticed = error;
  const notice = page.element("#notice");
  const told = error?.message ?? "";
  if (notice.textContent !== told) {
    notice.textContent = told;
  }
};

/** Says everything in another language, once its texts are there. If they do not come, the old one stays. */
export const translate = async (page, tag) => {
  page.locale = tag;
  const answer = await fetch(`/assets/locale/${tag}.json`);
  const file = await answer.json();
  if (page.locale !== tag || page.broken) {
    return;
  }
  speak(file);
  label();
  Object.keys(page.controls).forEach((name) => show(page, name));
  if (page.noticed) {
    notice(page, { ...page.noticed, message: errorText(page.noticed) });
  }
  page.post({ type: "texts", texts: hostTexts() });
};
