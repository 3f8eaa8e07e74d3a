// What shoppers repeat: clicks, reloads, and the browser's own resending. One order stays one order.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Checkout, launch, openPage } from "./chromium.mjs";
import { countCustomers, startDemo } from "./services.mjs";

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

/** Collects every token the vault issues to the page. Each answer is read before the page has it, and leaves. */
async function collectTokens(page) {
  const tokens = new Set();
  await page.route("**/v1/tokens", async (route) => {
    const response = await route.fetch();
    const { token } = await response.json();
    if (token) {
      tokens.add(token);
    }
    await route.fulfill({ response });
  });
  return () => [...tokens];
}

for (const script of ["on", "off"]) {
  test(`a double click makes one token and one customer, script ${script}`, async () => {
    const page = await openPage(browser);
    const tokens = await collectTokens(page);
    const customers = await countCustomers(demo.ready);
    const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new", script });
    await checkout.typeCard();
    await checkout.payButton.dblclick();
    await checkout.result();
    assert.equal(tokens().length, 1);
    assert.equal(await countCustomers(demo.ready), customers + 1);
    await page.close();
  });

  test(`a reload in the middle starts afresh and pays, script ${script}`, async () => {
    const page = await openPage(browser);
    const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new", script });
    await checkout.type("number", "4111 1111");
    await page.reload();
    const number = checkout.input("number");
    await number.waitFor();
    // Whatever the browser restores, the shopper starts with an empty field.
    await number.fill("");
    await checkout.typeCard();
    const result = await checkout.pay();
    assert.ok(result.steps.every(({ status }) => status < 300));
    await page.close();
  });
}

test("a reload of the result repeats nothing", async () => {
  const page = await openPage(browser);
  const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new", script: "off" });
  await checkout.typeCard();
  const result = await checkout.pay();
  const customers = await countCustomers(demo.ready);
  await page.reload();
  assert.deepEqual(await checkout.result(), result);
  assert.equal(await countCustomers(demo.ready), customers);
  await page.close();
});

test("an order that is sent twice is answered from the first", async () => {
  const page = await openPage(browser);
  const tokens = await collectTokens(page);
  const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new" });
  await checkout.typeCard();
  await checkout.pay();
  const [token] = tokens();
  const customers = await countCustomers(demo.ready);
  const again = await page.request.post(`${demo.ready.shop}/pay`, { data: { journey: "new", token } });
  assert.equal(new URL(page.url()).pathname, (await again.json()).result);
  assert.equal(await countCustomers(demo.ready), customers);
  await page.close();
});

test("a spent token is refused to everybody else", async () => {
  const page = await openPage(browser);
  const tokens = await collectTokens(page);
  const checkout = await Checkout.open(page, demo.ready.shop, { journey: "guest" });
  await checkout.typeCard();
  await checkout.pay();
  const [token] = tokens();
  const response = await fetch(`${demo.ready.vault}/v1/payment-methods`, {
    method: "POST",
    headers: { authorization: `Bearer ${demo.ready.secret_key}`, "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
  assert.equal((await response.json()).error.code, "token_already_used");
  await page.close();
});

test("a changed card after a refused order makes a new token", async () => {
  const page = await openPage(browser);
  const tokens = await collectTokens(page);
  // The shop fails once, after the token was made.
  let failures = 1;
  await page.route("**/pay", (route) =>
    failures-- > 0 ? route.fulfill({ status: 503, json: { error: "Come back in a moment." } }) : route.continue(),
  );
  const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new" });
  await checkout.typeCard();
  await checkout.payButton.click();
  await page.getByText("Come back in a moment.").waitFor();
  await checkout.input("number").fill("5555555555554444");
  const result = await checkout.pay();
  assert.equal(result.steps.at(-1).answer.data[0].card.last4, "4444");
  assert.equal(tokens().length, 2);
  await page.close();
});
