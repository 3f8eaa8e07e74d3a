// Bank accounts: which of their inputs are asked for, the text that an account's owner agrees to, and the bank's name.

import { showMethod } from "./methods.js";
import { page } from "./page.js";
import { plain, problem } from "./problem.js";

/** The entry classes, in the order of their bits and of the options in the page. */
const CLASSES = ["WEB", "PPD", "CCD", "TEL"];

/** Which inputs are asked for; of the entry classes, those among which there is a choice. */
export const ask = (repeats, offered, chosen) => {
  const { account_number_confirmation: confirmation, sec_code: select } = page.controls;
  confirmation.closest("[data-method]").dataset.asked = repeats;
  // More than one bit.
  select.closest("[data-method]").dataset.asked = !!(offered & (offered - 1));
  for (const option of select.options) {
    option.hidden = option.disabled = !(offered & (1 << option.index));
  }
  select.value = chosen;
  showMethod();
};

/** Shows the text to agree to, if there is one, and the box to tick, if it takes one. */
export const authorise = (text, locale, ticks) => {
  const terms = page.element("#terms");
  terms.textContent = text;
  terms.lang = locale;
  terms.parentElement.dataset.asked = !!text;
  page.controls.consent.parentElement.hidden = !ticks;
  showMethod();
};

const post = (page, path, body) => {
  const headers = { authorization: `Bearer ${page.key}`, "content-type": "application/json" };
  const request = { method: "POST", headers, body: JSON.stringify(body), cache: "no-store", credentials: "omit" };
  return fetch(path, request);
};

/** Asks the vault for the texts that the owner of an account is to agree to, in the page's language. */
export const loadTexts = async (page) => {
  const { lang } = document.documentElement;
  const { terms } = page;
  let answer;
  let made;
  try {
    answer = await post(page, "/v1/mandates", { ...terms, locale: lang });
    made = await answer.json();
  } catch {
    // The attempt that needs them says so, and asks again.
    return;
  }
  if (terms !== page.terms || lang !== document.documentElement.lang) {
    // What was asked for since then has its own answer.
  } else if (answer.ok) {
    const { version, locale, terms, web, ppd, ccd } = made;
    page.act(() => page.checkout.propose(version, locale, terms, web, ppd, ccd));
  } else if (made.error?.classification === "merchant") {
    const message = `The attribute "mandate" is not right: ${made.error.message}`;
    page.post({ type: "failed", error: plain(problem("bad_option", "merchant", null, message)) });
  }
};

const decide = () => page.checkout.decide(page.repeats, page.classes, !!page.terms);

// The options about bank accounts; each is called with what a message holds for it. They are declared as functions,
// because the port lists them while the modules of this folder are still being evaluated.

export function confirmAccount(asked) {
  page.repeats = asked === true;
  decide();
}

export function secCodes(list = []) {
  if (!Array.isArray(list) || !list.every((name) => CLASSES.includes(name))) {
    throw problem("bad_option", "merchant", null, `The attribute "sec-codes" must be a list of: ${CLASSES.join(", ")}.`);
  }
  page.classes = list.reduce((bits, name) => bits | (1 << CLASSES.indexOf(name)), 0);
  decide();
}

export function mandate(terms) {
  // Whatever was agreed to before is not agreed to any more.
  page.terms = null;
  decide();
  if (terms && typeof terms === "object") {
    page.terms = terms;
    decide();
    const asking = page;
    asking.listener ??= new MutationObserver(() => loadTexts(asking));
    asking.listener.observe(document.documentElement, { attributeFilter: ["lang"] });
    loadTexts(asking);
  }
}

/** Shows the name of a bank; none for an empty one. */
const showBank = (page, name) => {
  page.bank = name || null;
  page.element("#bank-name").textContent = name;
};

/** Asks the vault whose routing number this is, once for each that is complete, if the vault has a directory. */
export const nameBank = (routing) => {
  const asking = page;
  const number = routing?.verdict === "complete" ? asking.controls.routing_number.value : "";
  if (!document.documentElement.dataset.banks || !asking.key || number === asking.routing) {
    return;
  }
  asking.routing = number;
  showBank(asking, "");
  if (number) {
    post(asking, "/v1/bank-names", { routing_number: number })
      .then((answer) => answer.json())
      .then(({ name }) => {
        if (typeof name === "string" && number === asking.routing) {
          asking.act(() => showBank(asking, name));
        }
      })
      // A name is a comfort; without one the form is as good.
      .catch(() => {});
  }
};
