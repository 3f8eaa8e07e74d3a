// Browsers without WebAssembly get the module as JavaScript; all others never ask for it. Whether the two do the
// same is for tests/node/translation.mjs, and for the other files here, which run once with each.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { CARDS, Checkout, eventually, launch, openPage, shows } from "./chromium.mjs";
import { startDemo } from "./services.mjs";

const TRANSLATION = "/assets/tessera.js-only.js";

let demo;
let withIt;
let withoutIt;

before(async () => {
  demo = await startDemo();
  [withIt, withoutIt] = await Promise.all([false, true].map((withoutWebAssembly) => launch({ withoutWebAssembly })));
});

after(async () => {
  await withIt?.close();
  await withoutIt?.close();
  await demo?.end();
});

/** A checkout page, and the paths that its frame asks the vault for. */
async function open(browser, prepare = () => {}) {
  const page = await openPage(browser);
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await prepare(page);
  const checkout = await Checkout.open(page, demo.ready.shop, { journey: "guest" });
  return { page, asked, checkout };
}

async function pays(checkout) {
  await checkout.typeCard();
  const result = await checkout.pay();
  assert.equal(result.steps.at(-1).answer.card.last4, CARDS.visa.last4);
}

test("a browser with WebAssembly never asks for the translation", async () => {
  const { page, asked, checkout } = await open(withIt);
  await pays(checkout);
  assert.ok(asked.includes("/assets/tessera_bg.wasm"));
  assert.ok(!asked.includes(TRANSLATION), asked.join(" "));
  await page.close();
});

test("a browser without WebAssembly loads the translation and pays", async () => {
  const { page, asked, checkout } = await open(withoutIt);
  assert.equal(await (await checkout.inside()).evaluate("typeof WebAssembly"), "undefined");
  await pays(checkout);
  assert.ok(asked.includes(TRANSLATION), asked.join(" "));
  await page.close();
});

test("a browser that refuses to compile the module loads the translation and pays", async () => {
  const { page, asked, checkout } = await open(withIt, (page) =>
    page.route("**/frame/**", async (route) => {
      const response = await route.fetch();
      const policy = response.headers()["content-security-policy"].replace(" 'wasm-unsafe-eval'", "");
      await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": policy } });
    }),
  );
  await pays(checkout);
  assert.ok(asked.includes(TRANSLATION), asked.join(" "));
  await page.close();
});

test("a module that does not arrive is not followed by the translation, which would not arrive either", async () => {
  const { page, asked, checkout } = await open(withIt, (page) =>
    page.route("**/tessera_bg.wasm", (route) => route.abort()),
  );
  await checkout.frame.getByRole("alert").getByText("could not start the payment form").waitFor();
  assert.ok(!asked.includes(TRANSLATION), asked.join(" "));
  await page.close();
});

test("a translation that is not the one that belongs to the frame is not run", async () => {
  const { page, checkout } = await open(withoutIt, (page) =>
    page.route(`**${TRANSLATION}`, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${await response.text()}\n;globalThis.ran = true;` });
    }),
  );
  await checkout.frame.getByRole("alert").getByText("could not start the payment form").waitFor();
  assert.equal(await (await checkout.inside()).evaluate("globalThis.ran"), undefined);
  const { error } = await page.evaluate(() => document.querySelector("tessera-checkout").tokenize());
  assert.equal(error.code, "integrity_mismatch");
  await page.close();
});

test("a breakdown of the translation is told to the page, and nothing is answered after it", async () => {
  const { page, checkout } = await open(withoutIt);
  await checkout.type("number", CARDS.visa.number);
  await shows(checkout.input("number"), CARDS.visa.shown);
  await page.evaluate(() => {
    window.told = [];
    addEventListener("tessera-error", ({ detail }) => window.told.push(detail.code));
  });
  // A field of nobody's: the module finds no memory for it and traps, outside of any call of the page.
  await (await checkout.inside()).evaluate(async (translation) => {
    const { Typing } = await import(translation);
    setTimeout(() => Object.assign(Object.create(Typing.prototype), { __wbg_ptr: 0 }).clear());
  }, TRANSLATION);
  const told = () => page.evaluate("window.told");
  await eventually(async () => (await told()).length, () => "the page is told");
  assert.deepEqual(await told(), ["internal"]);
  const { error } = await page.evaluate(() => document.querySelector("tessera-checkout").tokenize());
  assert.equal(error.code, "internal");
  await page.close();
});
