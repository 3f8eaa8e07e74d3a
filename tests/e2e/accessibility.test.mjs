// axe-core finds nothing to object to: in the shop, inside the frame, in error states, on the result page.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import axe from "axe-core";

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

/**
 * Asserts that axe has no objection to a page and the payment frame in it, judged together as one document, the
 * way axe does it for frames of other origins: one partial run in each, finished in the page.
 */
async function assertAccessible({ page }, where) {
  const main = page.mainFrame();
  await main.evaluate(axe.source);
  const partials = [await main.evaluate(() => globalThis.axe.runPartial())];
  const contexts = await main.evaluate(() => globalThis.axe.utils.getFrameContexts().map((each) => each.frameContext));
  const frames = page.frames().filter((frame) => frame.parentFrame() === main);
  assert.equal(contexts.length, frames.length, "axe looks at every frame");
  for (const [index, frame] of frames.entries()) {
    await frame.evaluate(axe.source);
    partials.push(await frame.evaluate((context) => globalThis.axe.runPartial(context), contexts[index]));
  }
  const { violations } = await main.evaluate((each) => globalThis.axe.finishRun(each), partials);
  const told = violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map(({ html }) => html).join("\n  ")}`);
  assert.equal(told.join("\n"), "", where);
}

/** The frame is transparent, and axe cannot see the page behind it: paints the page's colour into the frame. */
async function showBackdrop(checkout) {
  const colour = await checkout.page
    .locator("fieldset", { has: checkout.page.locator("tessera-checkout") })
    .evaluate((fieldset) => getComputedStyle(fieldset).backgroundColor);
  const inside = await checkout.inside();
  await inside.evaluate((backdrop) => {
    document.documentElement.style.backgroundColor = backdrop;
  }, colour);
}

for (const colorScheme of ["light", "dark"]) {
  for (const method of ["card", "ach"]) {
    test(`${method}, ${colorScheme}`, async () => {
      const page = await openPage(browser, { colorScheme });
      const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new", method });
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
  await checkout.typeCard({ ...CARDS.visa, number: "4111111111111112" });
  await checkout.payButton.click();
  const number = checkout.input("number");
  await checkout.frame.locator("#number-error:not(:empty)").waitFor();
  const described = await number.getAttribute("aria-describedby");
  assert.ok(described.split(" ").includes("number-error"));
  assert.equal(await number.getAttribute("aria-invalid"), "true");
  await page.close();
});
