// The security code of a stored card, asked for again: one input, a token of its own kind, a payment with it.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { reservedHeight } from "../../www/host/height.js";
import { assertAccessible } from "./axe.mjs";
import { CARDS, Checkout, eventually, launch, openPage } from "./chromium.mjs";
import { startSite, startVault, temporaryDirectory } from "./services.mjs";

let directory;
let site;
let vault;
let browser;

before(async () => {
  directory = temporaryDirectory();
  site = await startSite(
    () => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Pay</title><main><h1>Pay</h1></main></html>`,
  );
  vault = await startVault({ data: join(directory.path, "data"), origins: [site.origin], flags: [] });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await vault?.end();
  await site?.end();
  directory?.remove();
});

/** A page with the element, which has these attributes besides those that it must have. */
async function open(attributes, options) {
  const page = await openPage(browser, options);
  await page.goto(site.origin);
  await page.evaluate(
    async ({ vault, key, attributes }) => {
      globalThis.shifts = [];
      new PerformanceObserver((list) => globalThis.shifts.push(...list.getEntries().map(({ value }) => value)))
        .observe({ type: "layout-shift", buffered: true });
      await import(`${vault}/tessera.js`);
      const element = document.createElement("tessera-checkout");
      for (const [name, value] of Object.entries({ vault, "publishable-key": key, ...attributes })) {
        element.setAttribute(name, value);
      }
      const below = document.createElement("p");
      below.textContent = "Below the form.";
      document.querySelector("main").append(element, below);
    },
    { vault: vault.ready.vault, key: vault.ready.publishable_key, attributes },
  );
  return new Checkout(page);
}

async function ready(attributes, options) {
  const checkout = await open(attributes, options);
  await checkout.ready();
  return checkout;
}

const tokenize = ({ page }) => page.evaluate(() => document.querySelector("tessera-checkout").tokenize());

const server = async (path, body) => {
  const { vault: address, secret_key } = vault.ready;
  const answer = await fetch(`${address}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret_key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
};

/** A card that the merchant has stored; gives its id. */
async function storedCard(card) {
  const checkout = await ready({ methods: "card" });
  await checkout.typeCard(card);
  const { token } = await tokenize(checkout);
  const { body } = await server("/v1/payment-methods", { token });
  await checkout.page.close();
  return body.id;
}

test("a stored card pays with its code, which made nothing else and was nowhere else", async () => {
  const method = await storedCard(CARDS.amex);
  const checkout = await ready({ mode: "code", scheme: "amex", last4: CARDS.amex.last4 });
  const urls = [];
  checkout.page.on("request", (request) => urls.push(request.url()));
  await checkout.type("code", CARDS.amex.code);
  const token = await tokenize(checkout);
  assert.deepEqual(
    [token.kind, token.scheme, token.bin, token.last4, token.expMonth],
    ["code", null, null, "", null],
    "the token shows nothing of a card",
  );
  assert.ok(!JSON.stringify(token).includes(CARDS.amex.code));
  assert.ok(urls.length && !urls.some((url) => url.includes(CARDS.amex.code)));

  for (const path of ["/v1/customers", "/v1/payment-methods"]) {
    const { status, body } = await server(path, { token: token.token });
    assert.deepEqual([status, body.error.code, body.error.classification], [422, "code_alone", "merchant"]);
  }
  const order = { payment_method: method, code_token: token.token, amount: 1299, currency: "USD" };
  const paid = await server("/v1/payments", order);
  assert.deepEqual([paid.status, paid.body.status], [201, "approved"]);
  assert.equal((await server("/v1/payments", order)).body.error.code, "token_already_used");
});

test("only the code is asked for, of the card that is shown, in every language", async () => {
  const checkout = await ready({ mode: "code", scheme: "amex", last4: "0005", methods: "ach", prefill: '{"holder":"A"}' });
  const { frame, page } = checkout;
  const shown = await frame.locator(".field:visible").evaluateAll((fields) => fields.map(({ dataset }) => dataset.area));
  assert.deepEqual(shown, ["code"]);
  assert.ok(await frame.getByRole("textbox", { name: "Security code Card ending in 0005", exact: true }).isVisible());
  assert.equal(await checkout.input("code").getAttribute("placeholder"), "4 digits");
  assert.equal(await checkout.input("code").getAttribute("autocomplete"), "cc-csc");
  await assertAccessible(checkout, "code");

  await page.evaluate(() => document.querySelector("tessera-checkout").setAttribute("locale", "ja"));
  await frame.locator("#stored", { hasText: "末尾が0005のカード" }).waitFor();
  await page.evaluate(() => document.querySelector("tessera-checkout").setAttribute("locale", "ar"));
  const arabic = frame.locator("#stored");
  await eventually(async () => (await arabic.textContent()).includes("\u20680005\u2069"), () => "Arabic around the digits");
  await assertAccessible(checkout, "code, in Arabic");
});

test("the scheme decides how long a code is, and without one both lengths will do", async () => {
  for (const [scheme, hint, short, long] of [
    ["amex", "4 digits", "739", "7391"],
    ["visa", "3 digits", "73", "737"],
    ["", "3 or 4 digits", "73", "737"],
    ["", "3 or 4 digits", "73", "7391"],
    ["a-scheme-of-tomorrow", "3 or 4 digits", "73", "7391"],
    ["maestro", "3 or 4 digits", "", "737"],
  ]) {
    const checkout = await ready({ mode: "code", scheme });
    assert.equal(await checkout.input("code").getAttribute("placeholder"), hint, scheme);
    await checkout.type("code", short);
    const refused = await tokenize(checkout);
    assert.deepEqual([refused.error.code, refused.error.field], [short ? "too_short" : "required", "code"], scheme);
    const error = checkout.frame.locator("#code-error");
    await error.filter({ hasText: short ? "Finish the security code." : "Enter the security code." }).waitFor();
    assert.equal(await checkout.input("code").getAttribute("aria-invalid"), "true");
    await checkout.type("code", long.slice(short.length));
    assert.equal((await tokenize(checkout)).kind, "code", scheme);
    await checkout.page.close();
  }
});

test("emptied, the form still knows whose code it asks for", async () => {
  const checkout = await ready({ mode: "code", scheme: "amex" });
  await checkout.type("code", "7391");
  await checkout.page.evaluate(() => document.querySelector("tessera-checkout").reset());
  await eventually(async () => (await checkout.input("code").inputValue()) === "", () => "the input is empty");
  await checkout.type("code", "739");
  assert.equal((await tokenize(checkout)).error.code, "too_short");
});

for (const layout of ["columns", "stacked", "line", "compact", "'number number' 'expiry code' 'holder holder'"]) {
  test(`the height of the one field is reserved: ${layout}`, async () => {
    for (const width of [320, 800]) {
      const attributes = { mode: "code", scheme: "visa", last4: "1111", layout };
      const checkout = await open(attributes, { viewport: { width, height: 900 } });
      const height = () => checkout.page.locator("tessera-checkout").evaluate((element) => element.offsetHeight);
      const before = await height();
      assert.equal(before, reservedHeight({ methods: ["code"], mode: 1, layout, theme: {} }, width - 16));
      await checkout.ready();
      assert.equal(await height(), before, `${width}`);
      const inside = await checkout.inside();
      assert.equal(await inside.evaluate(() => document.body.offsetHeight), before, `${width}`);
      assert.deepEqual(await checkout.page.evaluate(() => globalThis.shifts), [], `${width}`);
      await checkout.page.close();
    }
  });
}

test("a wrong mode is told, a changed one is another form, and no gateway gets a code in clear", async () => {
  const checkout = await open({ mode: "cvv" });
  const mount = ({ page }) => page.evaluate(() => document.querySelector("tessera-checkout").mount());
  const { error } = await mount(checkout);
  assert.equal(error.code, "bad_option");
  assert.ok(error.message.includes("mode") && error.message.includes("one of: code"), error.message);
  await checkout.page.evaluate(() => document.querySelector("tessera-checkout").setAttribute("mode", "code"));
  assert.deepEqual(await mount(checkout), { ready: true });
  assert.ok(await checkout.input("number").isHidden());
  await checkout.page.evaluate(() => document.querySelector("tessera-checkout").removeAttribute("mode"));
  await checkout.input("number").waitFor();

  const whole = await open({ mode: "code", last4: "4111111111111111" });
  assert.equal((await mount(whole)).error.code, "bad_option", "a whole number is not for the page");

  const direct = await open({
    mode: "code",
    gateway: "paydock",
    endpoint: "https://api-sandbox.paydock.com",
    "gateway-key": "public",
  });
  assert.equal((await mount(direct)).error.code, "endpoint_not_allowed");
  assert.equal((await mount(await open({ mode: "code", dialect: "flute" }))).error.code, "bad_option");
});

test("what was typed for one card is not there for another", async () => {
  const checkout = await ready({ mode: "code", scheme: "visa", last4: "4242" });
  await checkout.type("code", "111");
  await checkout.page.locator("tessera-checkout:state(complete)").waitFor();
  await checkout.page.evaluate(() => document.querySelector("tessera-checkout").setAttribute("last4", "1111"));
  await checkout.frame.locator("#stored", { hasText: "1111" }).waitFor();
  await checkout.page.locator("tessera-checkout:state(ready)").waitFor();
  assert.equal(await checkout.input("code").inputValue(), "");
  await checkout.page.close();
});
