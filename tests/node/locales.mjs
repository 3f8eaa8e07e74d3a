// What only a runtime with the languages' data can tell of the compiled messages: plural forms, directions, digits.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../pkg/locale/", import.meta.url);
const files = readdirSync(folder);
assert.ok(files.length >= 24, "`cargo xtask build` makes them");

for (const name of files) {
  const text = readFileSync(new URL(name, folder), "utf8");
  const { locale, dir, messages } = JSON.parse(text);

  assert.equal(Intl.getCanonicalLocales(locale)[0], locale, "the name of a locale is a canonical language tag");
  assert.equal(Intl.DisplayNames.supportedLocalesOf(locale).length, 1, `${locale}: there is such a language`);
  const { direction } = new Intl.Locale(locale).getTextInfo?.() ?? new Intl.Locale(locale).textInfo ?? { direction: dir };
  assert.equal(dir, direction, locale);

  const { pluralCategories } = new Intl.PluralRules(locale).resolvedOptions();
  for (const [id, said] of Object.entries(messages).filter(([, said]) => Array.isArray(said))) {
    assert.equal(said[0], "count", `${locale}: ${id} is chosen by a count`);
    assert.deepEqual(Object.keys(said[1]).sort(), [...pluralCategories].sort(), `${locale}: the plural forms of ${id}`);
  }

  for (const [id, said] of Object.entries(messages)) {
    const told = JSON.stringify(said);
    // The digits in the texts are the ones on the card and in the inputs.
    assert.doesNotMatch(told.replaceAll(/[0-9]/g, ""), /\p{Nd}/u, `${locale}: ${id}`);
    assert.doesNotMatch(told, /[<>]|\s{2}|^"\s|\s"$/, `${locale}: ${id}`);
    assert.equal(told, told.normalize("NFC"), `${locale}: ${id}`);
  }
}
console.log(`${files.length} locales`);
