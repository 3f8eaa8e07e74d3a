// The payment methods: which are offered, and which one's fields are shown.

import { page } from "./page.js";

const METHODS = ["card", "ach"];

/** A message's list of methods; none if it is no list, holds a stranger or is empty. */
export const methodsOf = (list) =>
  Array.isArray(list) && list.length && list.every((method) => METHODS.includes(method)) ? list : null;

/** Shows the parts of the page's method, except those that nobody asks for. */
export const showMethod = () => {
  for (const part of page.form.querySelectorAll("[data-method]")) {
    part.hidden = part.dataset.method !== page.method || part.dataset.asked === "false";
  }
};

/** Shows the fields of a method. */
export const choose = (method) => {
  page.method = method;
  page.checkout.choose(method);
  showMethod();
  page.element(`[name=method][value=${method}]`).checked = true;
  page.controls.holder.setAttribute("autocomplete", method === "card" ? "cc-name" : "off");
};

/** Offers these methods: the chooser shows only when there is a choice. */
export const offer = (methods) => {
  page.element("#methods").hidden = methods.length < 2;
  // The first is shown unless the shopper has begun with another.
  if (methods.length && (!page.touched.size || !methods.includes(page.method))) {
    choose(methods[0]);
  }
};
