// The whole way without a pointer.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ACCOUNT, CARDS, Checkout, launch, openPage } from "./chromium.mjs";
import { startDemo } from "./services.mjs";

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

/** Presses Tab until the input `name` of the frame has the focus; far fewer stops than the limit are there. */
async function tabTo(checkout, name) {
  const input = checkout.input(name);
  await input.waitFor();
  for (let presses = 0; presses < 40; presses += 1) {
    await checkout.page.keyboard.press("Tab");
    if (await input.evaluate((element) => document.hasFocus() && document.activeElement === element)) {
      return;
    }
  }
  assert.fail(`Tab never reached ${name}`);
}

test("a card is paid with the keyboard alone, and Enter in the last field submits", async () => {
  const page = await openPage(browser);
  const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new" });
  await tabTo(checkout, "number");
  await page.keyboard.type(CARDS.visa.number);
  await tabTo(checkout, "expiry");
  await page.keyboard.type("1239");
  await tabTo(checkout, "code");
  await page.keyboard.type(CARDS.visa.code);
  await page.keyboard.press("Enter");
  const result = await checkout.result();
  assert.equal(result.method, "card");
  await page.close();
});

test("the method is chosen with an arrow key, and the button is reached from the frame", async () => {
  const page = await openPage(browser);
  const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new" });
  const chosen = checkout.frame.locator('[name="method"]:checked');
  await chosen.waitFor();
  await chosen.focus();
  await page.keyboard.press("ArrowRight");
  await tabTo(checkout, "routing_number");
  await page.keyboard.type(ACCOUNT.routing);
  await tabTo(checkout, "account_number");
  await page.keyboard.type(ACCOUNT.number);
  await tabTo(checkout, "account_number_confirmation");
  await page.keyboard.type(ACCOUNT.number);
  await tabTo(checkout, "holder");
  await page.keyboard.type(ACCOUNT.holder);
  await page.keyboard.press("Tab");
  assert.ok(await checkout.payButton.evaluate((button) => document.activeElement === button));
  await page.keyboard.press("Enter");
  const result = await checkout.result();
  assert.equal(result.method, "ach");
  await page.close();
});

test("Enter on incomplete fields shows the problem and puts the focus there", async () => {
  const page = await openPage(browser);
  const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new", script: "off" });
  await tabTo(checkout, "number");
  await page.keyboard.type(CARDS.visa.number);
  await page.keyboard.press("Enter");
  await checkout.frame.locator("#expiry-error:not(:empty)").waitFor();
  await checkout.frame.locator('[name="expiry"]:focus').waitFor();
  await page.close();
});
