// What the host learns of the fields: verdicts, the scheme, the leading digits. Never a value.

import { nameBank } from "./bank.js";
import { offerBadges } from "./cobadge.js";
import { page } from "./page.js";
import { announce, notice } from "./sentences.js";
import { text } from "./words.js";

/** One shown field's part of the publication that `publish` ends. */
export const state = (name, verdict, reason, needed) => {
  page.controls[name].required = needed;
  const empty = verdict === "empty";
  page.states[name] = { verdict, reason: reason ?? null, empty, focused: name === page.focused };
  if (verdict !== "complete" && (needed || !empty)) {
    page.found ??= name;
  }
};

/** One scheme of a card that carries several, for the publication that `publish` ends. */
export const badge = (id, name, chosen) => {
  page.marks.push({ id, name, chosen });
};

/** The leading digits of a number that the merchant's page may know. */
export const cut = (bin) => bin?.slice(0, page.binDigits) || null;

/** Shows the scheme and tells the host what became of the fields. */
export const publish = (scheme, schemeName, codeHint, bin, revision) => {
  const fields = page.states;
  page.problem = page.found;
  page.states = {};
  page.found = undefined;
  const card = page.method === "card";
  if (scheme !== page.scheme) {
    page.scheme = scheme;
    const mark = page.element("#scheme");
    mark.textContent = schemeName ?? "";
    mark.hidden = !scheme;
    page.controls.code.dataset.hint = codeHint;
    page.controls.code.placeholder = text(codeHint);
    if (scheme && card) {
      announce(page, text("scheme", { name: schemeName }));
    }
  }
  const badges = page.marks;
  page.marks = [];
  offerBadges(badges);
  page.chosen = badges.find(({ chosen }) => chosen)?.id ?? null;
  if (revision !== page.revision) {
    page.revision = revision;
    notice(page);
  }
  // The leading digits of a card say nothing while another method is shown.
  const known = { bin: cut((card && bin) || null), scheme: (card && scheme) || null };
  const cobadge = card && badges[0] ? { schemes: badges.map(({ id }) => id), chosen: page.chosen } : null;
  nameBank(fields.routing_number);
  page.post({
    type: "change",
    method: page.method,
    complete: !page.problem,
    scheme: known.scheme,
    cobadge,
    bankName: card ? null : page.bank,
    fields,
    revision,
  });
  if (known.bin !== page.bin) {
    page.bin = known.bin;
    page.post({ type: "bin", ...known });
  }
};
