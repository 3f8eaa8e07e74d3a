// The three journeys, for card and bank account, with and without a script of the merchant's, on both faces.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { ACCOUNT, CARDS, Checkout, launch, openPage } from "./chromium.mjs";
import { startDemo } from "./services.mjs";

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
});

after(async () => {
  await browser?.close();
  const ended = await demo?.end();
  assert.deepEqual(ended, { code: 0, signal: null }, "the demo ends cleanly");
});

const JOURNEYS = {
  native: { new: checkNewCustomer, returning: checkReturningCustomer, guest: checkGuest },
  fluidpay: { new: checkFluidpayCustomer, returning: checkFluidpayCustomer },
};

for (const [face, journeys] of Object.entries(JOURNEYS)) {
  for (const [journey, check] of Object.entries(journeys)) {
    for (const method of ["card", "ach"]) {
      for (const script of ["on", "off"]) {
        test(`${face}: ${journey}, ${method}, script ${script}`, async () => {
          const page = await openPage(browser);
          const checkout = await Checkout.open(page, demo.ready.shop, { journey, method, script, face });
          await checkout.typeMethod(method);
          const result = await checkout.pay();

          const statuses = result.steps.map(({ status }) => status);
          assert.ok(statuses.every((status) => status < 300), JSON.stringify(result, null, 2));
          assert.deepEqual([result.journey, result.method, result.face], [journey, method, face]);
          await check(result, method, page);
          assertNoSecret(await page.content());
          await page.close();
        });
      }
    }
  }
}

test("the method named first is the one shown first", async () => {
  for (const [method, first] of Object.entries({ card: "number", ach: "routing_number" })) {
    const page = await openPage(browser);
    const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new", method });
    await checkout.input(first).waitFor();
    await page.close();
  }
});

describe("what does not exist is said clearly", () => {
  test("FluidPay has no guest checkout", async () => {
    const page = await openPage(browser);
    await Checkout.open(page, demo.ready.shop, { journey: "guest", face: "fluidpay" });
    await page.getByText("FluidPay documents no payment method without a customer").waitFor();
    assert.equal(await page.locator("tessera-checkout").count(), 0);
    await page.close();
  });

  test("an unknown journey names the known ones", async () => {
    const page = await openPage(browser);
    const response = await page.goto(`${demo.ready.shop}/?journey=lost`);
    assert.equal(response.status(), 400);
    await page.getByText("new, returning, guest").waitFor();
    await page.close();
  });
});

test("a returning customer sees the method saved before, and the next one is added to it", async () => {
  const page = await openPage(browser);
  const before = await Checkout.open(page, demo.ready.shop, { journey: "returning" });
  await before.typeCard();
  const first = await before.pay();
  const checkout = await Checkout.open(page, demo.ready.shop, { journey: "returning", method: "ach" });
  await page.getByText("visa, ends in 1111").waitFor();
  await checkout.typeAccount();
  const second = await checkout.pay();
  assert.equal(second.customer_id, first.customer_id);
  const ids = second.steps.at(-1).answer.data.map(({ id }) => id).sort();
  assert.deepEqual(ids, [first.payment_method_id, second.payment_method_id].sort());
  await page.close();
});

function checkNewCustomer({ steps, customer_id, payment_method_id }, method) {
  const [made, read, listed] = steps;
  assert.equal(made.request.path, "/v1/customers");
  assert.equal(read.answer.default_payment_method, payment_method_id);
  assert.equal(listed.answer.data.length, 1);
  assert.match(customer_id, /^cus_/);
  checkMethod(listed.answer.data[0], { method, customer_id });
}

function checkReturningCustomer({ steps, customer_id, payment_method_id }, method) {
  const [added, listed] = steps;
  assert.equal(added.request.body.customer_id, customer_id);
  checkMethod(added.answer, { method, customer_id });
  assert.ok(listed.answer.data.some(({ id }) => id === payment_method_id));
}

async function checkGuest({ steps, payment_method_id, customer_id }, method, page) {
  assert.equal(customer_id, undefined);
  checkMethod(steps[1].answer, { method, customer_id: null });

  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByRole("heading", { name: "Your account is ready" }).waitFor();
  const claimed = JSON.parse(await page.locator("#result").textContent());
  const read = claimed.steps.at(-1).answer;
  assert.equal(read.id, payment_method_id);
  checkMethod(read, { method, customer_id: claimed.customer_id });
  assert.equal(await page.locator("#claim").count(), 0, "an orphan is claimed once");
}

function checkMethod(found, { method, customer_id }) {
  assert.equal(found.kind, method);
  assert.equal(found.customer_id, customer_id);
  assert.equal(found.orphan, customer_id === null);
  if (method === "card") {
    const { scheme, bin, last4, exp_month, exp_year } = found.card;
    assert.deepEqual([scheme, bin, last4, exp_month, exp_year], ["visa", "41111111", "1111", 12, 2039]);
  } else {
    assert.equal(found.ach.last4, ACCOUNT.last4);
    assert.equal(found.ach.account_type, "checking");
  }
}

function checkFluidpayCustomer({ steps, customer_id, payment_method_id }, method) {
  const { answer } = steps.at(-1);
  assert.equal(answer.status, "success");
  assert.equal(answer.data.id, customer_id);
  const { cards, ach } = answer.data.data.customer.payments;
  const found = (method === "card" ? cards : ach).find(({ id }) => id === payment_method_id);
  assert.ok(found, "the customer that is read back holds the payment method");
  if (method === "card") {
    assert.equal(found.masked_number, "411111******1111");
    assert.equal(found.card_type, "visa");
  }
}

function assertNoSecret(text) {
  for (const secret of [CARDS.visa.number, CARDS.visa.shown, ACCOUNT.number, demo.ready.secret_key]) {
    assert.ok(!text.includes(secret), "the result page holds no secret");
  }
  assert.doesNotMatch(text, /tok_(test|live)_[0-9A-Za-z]{8}/, "the token is shortened");
}
