// The three journeys, for card and bank account, with and without a script of the merchant's, on every face.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ACCOUNT, CARDS, Checkout, DECLINED_NUMBER, launch, openPage } from "./chromium.mjs";
import { ask, startDemo } from "./services.mjs";

let demo;
let browser;

before(async () => {
  demo = await startDemo();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  const ended = await demo?.end();
  assert.deepEqual(ended, { code: 0, signal: null }, "the demo ends cleanly");
});

const FACES = {
  native: { new: checkNewCustomer, returning: checkReturningCustomer, guest: checkGuest },
  fluidpay: { new: checkFluidpayCustomer, returning: checkFluidpayCustomer, guest: checkPaidByToken },
  paydock: { new: checkStored, returning: checkStored, guest: checkVaultToken },
  flute: { new: checkStored, returning: checkStored, guest: checkOrphan },
  paymentsai: { new: checkStored, returning: checkStored, guest: checkStored },
};

/** Where a gateway goes another way than one might expect, the page says which, before and after. */
const WAYS = [
  [{ face: "fluidpay", journey: "guest" }, "FluidPay documents no payment method without a customer"],
  [{ face: "paydock", journey: "returning" }, "Paydock documents no customer without a payment source"],
  [{ face: "paymentsai", journey: "guest" }, "payments.ai documents no transaction without a customer"],
  [{ face: "paymentsai", method: "ach" }, "payments.ai documents no way to tokenize a bank account"],
];

for (const [face, journeys] of Object.entries(FACES)) {
  for (const [journey, check] of Object.entries(journeys)) {
    for (const [method, script] of [["card", "on"], ["ach", "on"], ["card", "off"]]) {
      test(`${face}: ${journey}, ${method}, script ${script}`, async () => {
        const page = await openPage(browser);
        const choice = { journey, method, script, face };
        const checkout = await Checkout.open(page, demo.ready.shop, choice);
        await assertWay(page, choice);
        await checkout.typeMethod(method);
        const result = await checkout.pay();

        await assertWay(page, choice);
        assertAnswered(result);
        assert.deepEqual([result.journey, result.method, result.face], [journey, method, face]);
        if (face === "native") {
          assert.equal(result.payment, undefined, "the vault's own API charges nobody");
        } else {
          assertPaid(result);
          await page.getByText("sandbox", { exact: true }).waitFor();
        }
        await check(result, method, page);
        assertNoSecret(await page.content());
        await page.close();
      });
    }
  }
}

for (const face of Object.keys(FACES).filter((each) => each !== "native")) {
  test(`${face}: a declined card is an answer, and no error`, async () => {
    const page = await openPage(browser);
    const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new", face });
    await checkout.typeCard({ ...CARDS.visa, number: DECLINED_NUMBER });
    const result = await checkout.pay();
    assert.equal(result.refused, undefined);
    assert.deepEqual([result.payment.outcome, result.payment.processor], ["declined", "sandbox"]);
    await page.getByRole("heading", { name: "Your payment was declined" }).waitFor();
    assert.equal(await page.locator(".problem").count(), 0);
    // The card is no worse for it: the customer is there.
    assert.equal((await ask(demo.ready, `/v1/customers/${result.customer_id}`)).status, 200);
    await page.close();
  });
}

test("flute: the id of somebody else's payment method pays nothing", async () => {
  const victim = await openPage(browser);
  const bought = await Checkout.open(victim, demo.ready.shop, { journey: "guest", face: "flute" });
  await bought.typeCard();
  const { payment_method_id } = await bought.pay();

  const page = await openPage(browser);
  await Checkout.open(page, demo.ready.shop, { journey: "guest", face: "flute" });
  const preparation = await page.locator("input[name=preparation]").inputValue();
  const data = { journey: "guest", face: "flute", token: payment_method_id };
  const bare = await page.request.post(`${demo.ready.shop}/pay`, { data });
  assert.equal(bare.status(), 400, "a page that the shop has not prepared");

  const posted = await page.request.post(`${demo.ready.shop}/pay`, { data: { ...data, preparation } });
  const { result } = await posted.json();
  assert.notEqual(result, new URL(victim.url()).pathname, "and nobody sees the other's order");
  await page.goto(demo.ready.shop + result);
  const { refused, payment } = JSON.parse(await page.locator("#result").textContent());
  assert.deepEqual([refused.code, payment], ["session_not_completed", undefined]);
  await victim.close();
  await page.close();
});

test("the first line of the demo says where every face is", () => {
  const { vault, faces, organization_id } = demo.ready;
  const below = Object.keys(FACES).map((face) => [face, `${vault}/${face === "native" ? "v1" : face}`]);
  assert.deepEqual(faces, Object.fromEntries(below));
  assert.match(organization_id, /^mer_[0-9A-Za-z]+$/);
});

test("the method named first is the one shown first", async () => {
  for (const [method, first] of Object.entries({ card: "number", ach: "routing_number" })) {
    const page = await openPage(browser);
    const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new", method });
    await checkout.input(first).waitFor();
    await page.close();
  }
});

test("an unknown journey names the known ones", async () => {
  const page = await openPage(browser);
  const response = await page.goto(`${demo.ready.shop}/?journey=lost`);
  assert.equal(response.status(), 400);
  await page.getByText("new, returning, guest").waitFor();
  await page.close();
});

test("the selector leads to every face, journey and method", async () => {
  const page = await openPage(browser);
  await Checkout.open(page, demo.ready.shop);
  for (const label of ["FluidPay", "Paydock", "Flute", "payments.ai", "Guest", "Bank account"]) {
    const link = page.getByRole("navigation", { name: "Variants" }).getByRole("link", { name: label, exact: true });
    await link.click();
    await page.locator(`nav a[aria-current="page"]`, { hasText: label }).waitFor();
  }
  assert.equal(new URL(page.url()).search, "?journey=guest&method=ach&face=paymentsai&script=on");
  await page.close();
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

/** The vault's own API shows the method that another face has stored for a customer. */
async function checkStored({ customer_id, payment_method_id }, method) {
  const customer = await ask(demo.ready, `/v1/customers/${customer_id}`);
  assert.deepEqual([customer.body.first_name, customer.body.last_name], ["Ada", "Morel"]);
  const { status, body } = await ask(demo.ready, `/v1/payment-methods?customer_id=${customer_id}`);
  assert.equal(status, 200);
  const found = body.data.find(({ id }) => id === payment_method_id);
  checkMethod(found, { method, customer_id });
}

async function checkOrphan({ customer_id, payment_method_id }, method) {
  assert.equal(customer_id, undefined);
  const { status, body } = await ask(demo.ready, `/v1/payment-methods/${payment_method_id}`);
  assert.equal(status, 200);
  checkMethod(body, { method, customer_id: null });
}

/** A vault token belongs to nobody; a customer made of it has a payment source of its own. */
async function checkVaultToken(result, method, page) {
  await checkOrphan(result, method);
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByRole("heading", { name: "Your account is ready" }).waitFor();
  const claimed = JSON.parse(await page.locator("#result").textContent());
  const { body } = await ask(demo.ready, `/v1/payment-methods?customer_id=${claimed.customer_id}`);
  assert.equal(body.data.length, 1);
  checkMethod(body.data[0], { method, customer_id: claimed.customer_id });
}

/** The token has paid, and nothing is kept. */
async function checkPaidByToken({ steps, customer_id, payment_method_id }) {
  assert.deepEqual([steps.length, customer_id, payment_method_id], [1, undefined, undefined]);
}

async function assertWay(page, choice) {
  const applies = ([when]) => Object.entries(when).every(([name, value]) => choice[name] === value);
  for (const [, sentence] of WAYS.filter(applies)) {
    await page.locator(".way", { hasText: sentence }).waitFor();
  }
}

function assertAnswered(result) {
  assert.ok(result.steps.every(({ status }) => status < 300), JSON.stringify(result, null, 2));
  assert.deepEqual([result.refused, result.unconfirmed], [undefined, undefined]);
}

function assertPaid({ payment }) {
  assert.deepEqual([payment.outcome, payment.processor], ["approved", "sandbox"]);
  assert.match(payment.id, /^[0-9A-Za-z_-]{10,}$/);
}

function assertNoSecret(text) {
  for (const secret of [CARDS.visa.number, CARDS.visa.shown, ACCOUNT.number, demo.ready.secret_key]) {
    assert.ok(!text.includes(secret), "the result page holds no secret");
  }
  assert.doesNotMatch(text, /tok_(test|live)_[0-9A-Za-z]{8}/, "the token is shortened");
}
