// Lets axe-core judge a page and the payment frame in it.

import assert from "node:assert/strict";

import axe from "axe-core";

/**
 * Asserts that axe has no objection to a page and the payment frame in it, judged together as one document, the
 * way axe does it for frames of other origins: one partial run in each, finished in the page.
 */
export async function assertAccessible({ page }, where) {
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
export async function showBackdrop(checkout) {
  const colour = await checkout.page
    .locator("fieldset", { has: checkout.page.locator("tessera-checkout") })
    .evaluate((fieldset) => getComputedStyle(fieldset).backgroundColor);
  const inside = await checkout.inside();
  await inside.evaluate((backdrop) => {
    document.documentElement.style.backgroundColor = backdrop;
  }, colour);
}
