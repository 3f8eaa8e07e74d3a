// What the host learns of the fields: verdicts, the scheme, the leading digits. Never a value.

import { page } from "./page.js";
import { announce, notice } from "./sentences.js";

/** One shown field's part of the publication that `publish` ends. */
export const state = (name, verdict, reason, needed) => {
  page.controls[name].required = needed;
  const empty = verdict === "empty";
  page.states[name] = { verdict, reason: reason ?? null, empty, focused: name === page.focused };
  if (verdict !== "complete" && (needed || !empty)) {
    page.found ??= name;
  }
};

/** Shows the scheme and tells the host what became of the fields. */
export const publish = (scheme, schemeName, placeholder, bin, revision) => {
  const fields = page.states;
  page.problem = page.found;
  page.states = {};
  page.found = undefined;
  if (scheme !== page.scheme) {
    page.scheme = scheme;
    const mark = page.element("#scheme");
    mark.textContent = schemeName ?? "";
    mark.hidden = !scheme;
    page.controls.code.placeholder = placeholder;
    if (scheme) {
      announce(page, `Card type: ${schemeName}`);
    }
  }
  if (revision !== page.revision) {
    page.revision = revision;
    notice(page, "");
  }
  // The leading digits of a card say nothing while a bank account is shown.
  const card = page.method === "card";
  const known = { bin: (card && bin) || null, scheme: (card && scheme) || null };
  page.post({ type: "change", method: page.method, complete: !page.problem, scheme: known.scheme, fields, revision });
  if (known.bin !== page.bin) {
    page.bin = known.bin;
    page.post({ type: "bin", ...known });
  }
};
