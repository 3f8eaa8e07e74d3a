// The payment methods: which are offered, and which one's fields are shown.

import { page } from "./page.js";

const METHODS = ["card", "ach", "code"];

/** A message's list of methods; none if it is no list, holds a stranger or is empty. */
export const methodsOf = (list) =>
  Array.isArray(list) && list.length && list.every((method) => METHODS.includes(method)) ? list : null;

/** Shows the parts of the page's method, except those that nobody asks for. */
export const showMethod = () => {
  for (const part of page.form.querySelectorAll("[data-method]")) {
    part.hidden = !part.dataset.method.includes(page.method) || part.dataset.asked === "false";
  }
};

/** What browsers and password managers know a card's fields by. */
const PURPOSES = { number: "cc-number", expiry: "cc-exp", code: "cc-csc", holder: "cc-name" };

/** Asks browsers and password managers to fill in these fields of a card, and no others. */
export const autofill = (names) => {
  page.filled = Array.isArray(names) ? names : Object.keys(PURPOSES);
  for (const [name, purpose] of Object.entries(PURPOSES)) {
    // The account's owner is a name, too, but not that on a card.
    const isWanted = page.filled.includes(name) && (page.method === "card" || name !== "holder");
    page.controls[name].autocomplete = isWanted ? purpose : "off";
  }
};

/** Shows the fields of a method. */
export const choose = (method) => {
  page.method = method;
  page.checkout.choose(method);
  showMethod();
  page.element(`[name=method][value=${method}]`).checked = true;
  autofill(page.filled);
};

/** Offers these methods: the chooser shows only when there is a choice. */
export const offer = (methods) => {
  page.element("#methods").hidden = methods.length < 2;
  // The first is shown unless the shopper has begun with another.
  if (methods.length && (!page.touched.size || !methods.includes(page.method))) {
    choose(methods[0]);
  }
};
