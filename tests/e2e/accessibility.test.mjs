// axe-core finds nothing to object to: in the shop, inside the frame, in error states, on the result page.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { assertAccessible, showBackdrop } from "./axe.mjs";
import { CARDS, Checkout, DECLINED_NUMBER, launch, openPage } from "./chromium.mjs";
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

for (const colorScheme of ["light", "dark"]) {
  for (const method of ["card", "ach"]) {
    test(`${method}, ${colorScheme}`, async () => {
      const page = await openPage(browser, { colorScheme });
      const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new", method });
      await checkout.ready();
      await checkout.choose(method);
      await checkout.input(method === "ach" ? "routing_number" : "number").waitFor();
      await showBackdrop(checkout);
      await assertAccessible(checkout, "empty");

      await checkout.payButton.click();
      const first = method === "ach" ? "routing_number" : "number";
      await checkout.frame.locator(`#${first}-error:not(:empty)`).waitFor();
      await assertAccessible(checkout, "with problems");

      await checkout.typeMethod(method);
      await assertAccessible(checkout, "complete");
      await checkout.pay();
      await assertAccessible(checkout, "the result page");
      await page.close();
    });
  }
}

for (const colorScheme of ["light", "dark"]) {
  test(`a gateway that goes another way, and a decline, ${colorScheme}`, async () => {
    const page = await openPage(browser, { colorScheme });
    const checkout = await Checkout.open(page, demo.ready.shop, { journey: "guest", face: "fluidpay" });
    await checkout.ready();
    await checkout.typeCard({ ...CARDS.visa, number: DECLINED_NUMBER });
    await showBackdrop(checkout);
    await assertAccessible(checkout, "complete");
    await checkout.pay();
    await assertAccessible(checkout, "the result page");
    await page.close();
  });
}

test("every problem is tied to its field and announced", async () => {
  const page = await openPage(browser);
  const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new" });
  await checkout.ready();
  await checkout.typeCard({ ...CARDS.visa, number: "4111111111111112" });
  await checkout.payButton.click();
  const number = checkout.input("number");
  await checkout.frame.locator("#number-error:not(:empty)").waitFor();
  const described = await number.getAttribute("aria-describedby");
  assert.ok(described.split(" ").includes("number-error"));
  assert.equal(await number.getAttribute("aria-invalid"), "true");
  await page.close();
});

test("what was said of an empty field stays when it is left as it is", async () => {
  const page = await openPage(browser);
  const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new" });
  await checkout.ready();
  await checkout.payButton.click();
  const told = (name) => checkout.frame.locator(`#${name}-error`).textContent();
  await checkout.frame.locator("#number-error:not(:empty)").waitFor();
  const before = await told("number");
  await checkout.input("number").focus();
  await checkout.input("expiry").focus();
  assert.deepEqual([await told("number"), (await told("expiry")) !== ""], [before, true]);
  await checkout.type("number", "4");
  assert.equal(await told("number"), "", "who types need not be told");
  await page.close();
});
