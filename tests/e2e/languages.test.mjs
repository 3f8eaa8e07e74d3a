// The frame in the shopper's language: from its first byte, changed while it is there, from right to left, and as
// assistive technology hears it. Snapshots of the accessibility tree are kept in `fixtures/aria`; to write them anew,
// set TESSERA_WRITE_SNAPSHOTS=1.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { assertAccessible, showBackdrop } from "./axe.mjs";
import { CARDS, Checkout, eventually, launch, openPage } from "./chromium.mjs";
import { startDemo } from "./services.mjs";

const SNAPSHOTS = new URL("./fixtures/aria/", import.meta.url);

let demo;
let browser;

before(async () => {
  demo = await startDemo();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await demo?.end();
});

/** The shop with a payment form that is in this language from the start. */
async function openIn(locale, method) {
  const page = await openPage(browser);
  await page.route(/\/frame\/[^/]+\?/, async (route) => {
    const url = new URL(route.request().url());
    assert.equal(url.searchParams.get("locale") ?? "en", locale);
    await route.continue();
  });
  await page.addInitScript((tag) => {
    new MutationObserver((_, observer) => {
      if (document.documentElement) {
        document.documentElement.lang = tag;
        observer.disconnect();
      }
    }).observe(document, { childList: true, subtree: true });
  }, locale);
  const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new", method });
  return checkout;
}

const snapshot = async (checkout, name) => {
  const found = `${await checkout.frame.locator("#payment").ariaSnapshot()}\n`;
  const file = new URL(`${name}.yml`, SNAPSHOTS);
  if (process.env.TESSERA_WRITE_SNAPSHOTS) {
    mkdirSync(SNAPSHOTS, { recursive: true });
    writeFileSync(file, found);
  }
  assert.equal(found, readFileSync(file, "utf8"), name);
};

const html = (checkout) => checkout.frame.locator("html").evaluate(({ lang, dir }) => ({ lang, dir }));

for (const [locale, dir, label] of [
  ["en", "ltr", "Card number"],
  ["ar", "rtl", "رقم البطاقة"],
  ["ja", "ltr", "カード番号"],
]) {
  for (const method of ["card", "ach"]) {
    test(`${locale}, ${method}: language, direction, words, axe and the accessibility tree`, async () => {
      const checkout = await openIn(locale, method);
      await checkout.frame.locator("label[for=number]").filter({ hasText: label }).waitFor({ state: "attached" });
      await eventually(async () => (await html(checkout)).lang === locale, () => `the frame is in ${locale}`);
      assert.deepEqual(await html(checkout), { lang: locale, dir });
      await checkout.choose(method);
      const first = method === "card" ? "number" : "routing_number";
      await checkout.input(first).waitFor();
      const style = await checkout.input(first).evaluate((input) => {
        const { direction, textAlign } = getComputedStyle(input);
        return { direction, textAlign };
      });
      assert.equal(style.direction, "ltr", "digits run from left to right");
      assert.equal(style.textAlign, dir === "rtl" ? "right" : "start");
      await showBackdrop(checkout);
      await assertAccessible(checkout, "empty");
      await snapshot(checkout, `${locale}-${method}-empty`);

      await checkout.page.evaluate(() => document.querySelector("tessera-checkout").reportValidity());
      await checkout.frame.locator(`#${first}-error:not(:empty)`).waitFor();
      await checkout.frame.locator("#announcement:not(:empty)").waitFor();
      await assertAccessible(checkout, "with problems");
      await snapshot(checkout, `${locale}-${method}-problems`);
      await checkout.page.close();
    });
  }
}

test("another language is spoken without another frame, and what was typed stays", async () => {
  const page = await openPage(browser);
  const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new" });
  await checkout.ready();
  await checkout.type("number", "4111111111111112");
  await checkout.input("number").press("Tab");
  await checkout.frame.locator("#number-error").filter({ hasText: "mistyped" }).waitFor();
  const frame = await checkout.inside();
  await frame.evaluate(() => {
    globalThis.sameDocument = true;
  });
  for (const [tag, lang, dir, error] of [
    ["de-AT", "de", "ltr", "Prüfen Sie die Kartennummer"],
    ["ar-EG", "ar", "rtl", "تحقق من رقم البطاقة"],
    ["zh-TW", "zh-Hant", "ltr", "請檢查卡號"],
    ["tlh", "en", "ltr", "Check the card number"],
  ]) {
    await page.evaluate((locale) => document.querySelector("tessera-checkout").setAttribute("locale", locale), tag);
    await checkout.frame.locator("#number-error").filter({ hasText: error }).waitFor();
    assert.deepEqual(await html(checkout), { lang, dir });
    assert.equal(await checkout.input("number").inputValue(), "4111 1111 1111 1112");
    assert.equal(await frame.evaluate(() => globalThis.sameDocument), true);
    const title = await checkout.frame.locator("#payment").getAttribute("aria-label");
    const told = () => page.evaluate(() => document.querySelector("tessera-checkout").shadowRoot.querySelector("iframe").title);
    await eventually(async () => (await told()) === title, () => `the frame's title is "${title}"`);
  }
  await page.close();
});

test("only the shopper's language is loaded, and at once with the module", async () => {
  const page = await openPage(browser);
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new" });
  await checkout.typeCard(CARDS.visa);
  const files = asked.filter((path) => path.startsWith("/assets/locale/"));
  assert.deepEqual([...new Set(files)], ["/assets/locale/en.json"]);
  await page.close();
});
