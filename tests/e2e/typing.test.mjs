// What happens to characters: grouping, the caret, pasted and filled text, and keys typed too early.

import assert from "node:assert/strict";
import { after, before, beforeEach, afterEach, test } from "node:test";

import { CARDS, Checkout, launch, openPage, shows } from "./chromium.mjs";
import { startDemo } from "./services.mjs";

/** What the form cannot work without, in browsers with WebAssembly and in those without. */
const MODULE = /\/assets\/tessera(_bg\.wasm|\.js-only\.js)$/;

let demo;
let browser;
let page;
let checkout;

before(async () => {
  demo = await startDemo();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await demo?.end();
});

beforeEach(async () => {
  page = await openPage(browser);
  checkout = await Checkout.open(page, demo.ready.shop, { journey: "new" });
  await checkout.ready();
});

afterEach(() => page.close());

/** Gives the caret of an input, or its selection. */
const caret = (input) => input.evaluate(({ selectionStart, selectionEnd }) => [selectionStart, selectionEnd]);

for (const [scheme, card] of Object.entries(CARDS)) {
  test(`a number is grouped as printed on the card: ${scheme}`, async () => {
    await checkout.type("number", card.number);
    await shows(checkout.input("number"), card.shown);
    await page.locator("#known-scheme", { hasText: scheme }).waitFor();
    await checkout.type("expiry", card.expiry.replaceAll(/\D/g, ""));
    await shows(checkout.input("expiry"), card.expiry);
  });
}

test("editing in the middle leaves the caret where the shopper works", async () => {
  const number = checkout.input("number");
  await checkout.type("number", "41111111");
  await shows(number, "4111 1111 ");
  for (let step = 0; step < 7; step += 1) {
    await number.press("ArrowLeft");
  }
  assert.deepEqual(await caret(number), [3, 3]);
  await number.press("5");
  await shows(number, "4115 1111 1");
  assert.deepEqual(await caret(number), [4, 4]);
  await number.press("Backspace");
  await shows(number, "4111 1111");
  assert.deepEqual(await caret(number), [3, 3]);
  await number.press("Delete");
  await shows(number, "4111 111");
});

test("backspace over a space takes the digit before it", async () => {
  const number = checkout.input("number");
  await checkout.type("number", "411122");
  await shows(number, "4111 22");
  await number.press("ArrowLeft");
  await number.press("ArrowLeft");
  await number.press("Backspace");
  await shows(number, "4112 2");
});

test("pasted text is reduced to its digits", async () => {
  // Copied from a field of the shop's own, as from a note.
  const note = page.getByLabel("Last name");
  await note.fill("Card: 4111-1111.1111 1111");
  await note.press("Control+a");
  await note.press("Control+c");
  const number = checkout.input("number");
  await number.focus();
  await number.press("Control+v");
  await shows(number, CARDS.visa.shown);
});

test("letters never stay", async () => {
  await checkout.type("number", "4a1b1c1");
  await shows(checkout.input("number"), "4111 ");
});

test("what a password manager fills is taken like typed text", async () => {
  const fill = (name, value) =>
    checkout.input(name).evaluate((input, text) => {
      input.value = text;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }, value);
  await fill("number", CARDS.visa.number);
  await fill("expiry", "12/2039");
  await fill("code", CARDS.visa.code);
  await shows(checkout.input("number"), CARDS.visa.shown);
  await shows(checkout.input("expiry"), CARDS.visa.expiry);
  const result = await checkout.pay();
  assert.equal(result.steps.at(-1).answer.data[0].card.exp_year, 2039);
});

test("undo and redo bring back what was typed, step by step", async () => {
  const number = checkout.input("number");
  await checkout.type("number", "411111");
  await number.press("Home");
  await number.press("2");
  await shows(number, "2411 111");
  await number.press("Control+z");
  await shows(number, "4111 11");
  assert.deepEqual(await caret(number), [0, 0]);
  await number.press("Control+z");
  await shows(number, "");
  await number.press("Control+Shift+z");
  await number.press("Control+y");
  await shows(number, "2411 111");
  assert.deepEqual(await caret(number), [1, 1]);
});

test("undo brings back a field that was filled over, cut or emptied", async () => {
  const number = checkout.input("number");
  await checkout.type("number", "378282");
  await number.evaluate((input, value) => {
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }, CARDS.visa.number);
  await shows(number, CARDS.visa.shown);
  await number.press("Control+z");
  await shows(number, "3782 82");
  await number.press("Control+a");
  await number.press("Control+x");
  await shows(number, "");
  await number.press("Control+z");
  await shows(number, "3782 82");
});

test("after a token there is nothing to undo", async () => {
  await checkout.typeCard();
  await page.evaluate(() => document.querySelector("tessera-checkout").tokenize());
  for (const name of ["number", "expiry", "code"]) {
    const before = await checkout.input(name).inputValue();
    await checkout.input(name).press("Control+z");
    await shows(checkout.input(name), before);
  }
});

test("text dropped into a field is taken like pasted text", async () => {
  const number = checkout.input("number");
  const { x, y, width, height } = await number.boundingBox();
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [{ mimeType: "text/plain", data: CARDS.amex.number }], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    await devtools.send("Input.dispatchDragEvent", { type, x: x + width / 2, y: y + height / 2, data });
  }
  await shows(number, CARDS.amex.shown);
});

test("a wrong number is told in the frame and to the page, and nothing is sent", async () => {
  const sent = [];
  page.on("request", (request) => {
    if (request.method() === "POST") {
      sent.push(request.url());
    }
  });
  await checkout.typeCard({ ...CARDS.visa, number: "4111111111111112" });
  await checkout.payButton.click();
  await checkout.frame.locator("#number-error:not(:empty)").waitFor();
  assert.equal(await checkout.input("number").getAttribute("aria-invalid"), "true");
  assert.match(await page.locator("#known-fields").textContent(), /number: (?!complete)/);
  assert.deepEqual(sent, []);
});

/** A page whose module arrives when `release` is called. */
const openEarly = async () => {
  const slow = await openPage(browser);
  let release;
  const released = new Promise((resolve) => {
    release = resolve;
  });
  await slow.route(MODULE, async (route) => {
    await released;
    await route.continue();
  });
  return { slow, release, early: await Checkout.open(slow, demo.ready.shop, { journey: "new" }) };
};

test("keys typed before the module arrives are kept", async () => {
  const { slow, release, early } = await openEarly();
  await early.type("number", CARDS.amex.number);
  assert.equal(await early.input("number").inputValue(), CARDS.amex.number, "the module is not there yet");
  release();
  await shows(early.input("number"), CARDS.amex.shown);
  await early.type("expiry", CARDS.amex.expiry);
  await early.type("code", CARDS.amex.code);
  const result = await early.pay();
  assert.equal(result.steps.at(-1).answer.data[0].card.scheme, "amex");
  await slow.close();
});

test("a wrong number that was left before the module arrives is told when it does", async () => {
  const { slow, release, early } = await openEarly();
  await early.type("number", "4111111111111112");
  await early.input("expiry").focus();
  assert.equal(await early.frame.locator("#number-error").textContent(), "", "nobody could judge it");
  release();
  await early.frame.locator("#number-error:not(:empty)").waitFor();
  assert.equal(await early.frame.locator("#expiry-error").textContent(), "", "the shopper is still there");
  await slow.close();
});

test("without the module the form says so and takes nothing", async () => {
  const blocked = await openPage(browser);
  await blocked.route(MODULE, (route) => route.abort());
  const told = blocked.waitForEvent("console", (line) => line.text().includes("#network"));
  const dead = await Checkout.open(blocked, demo.ready.shop, { journey: "new" });
  await dead.frame.getByRole("alert").getByText("could not start the payment form").waitFor();
  assert.equal(await dead.input("number").isDisabled(), true);
  await told;
  await blocked.close();
});
