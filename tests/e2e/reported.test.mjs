// Bugs that users reported to other libraries and that only a browser shows: keys of input methods, events of
// password managers, writing direction. The name of a test says whose it was: library, and number of the issue.
// Those that need no browser are in `crates/instrument/tests/reported_bugs.rs`.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { CARDS, Checkout, launch, openPage, shows } from "./chromium.mjs";
import { startDemo } from "./services.mjs";

let demo;
let browser;
let page;
let checkout;
let number;
let devtools;

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
  number = checkout.input("number");
  await page.locator("#known-fields", { hasText: "number" }).waitFor();
  devtools = await page.context().newCDPSession(page);
});

afterEach(() => page.close());

const caret = (input) => input.evaluate(({ selectionStart }) => selectionStart);

/** What an input method shows of a text that is not decided yet. */
const compose = (text) =>
  devtools.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });

/** Text without key events: what an input method decides on, or an on-screen keyboard enters. */
const commit = (text) => devtools.send("Input.insertText", { text });

/** A value that a program sets, and the events that it dispatches. */
const fill = (name, value, ...events) =>
  checkout.input(name).evaluate(
    (input, [text, types]) => {
      input.value = text;
      for (const type of types) {
        input.dispatchEvent(type === "custom" ? new CustomEvent("input", { bubbles: true }) : new Event(type, { bubbles: true }));
      }
    },
    [value, events],
  );

test("maskito#418, #467: a composition is left alone and taken once", async () => {
  await checkout.type("number", "41");
  for (const text of ["1", "11", "112", "1122"]) {
    await compose(text);
    assert.equal(await number.inputValue(), `41${text}`, "untouched while it lasts");
  }
  await commit("1122");
  await shows(number, "4111 22");
  assert.equal(await caret(number), 7);
  await number.pressSequentially("3");
  await shows(number, "4111 223");
});

test("maskito#418, #467: a composition in the middle keeps its place", async () => {
  await checkout.type("number", "41112222");
  await number.evaluate((input) => input.setSelectionRange(2, 2));
  await compose("9");
  await compose("98");
  await commit("98");
  await shows(number, "4198 1122 22");
  assert.equal(await caret(number), 4);
});

test("a composition that is given up leaves what was there", async () => {
  await checkout.type("number", "4111");
  await compose("9");
  await compose("");
  await shows(number, "4111 ");
});

test("full-width digits of an input method are digits", async () => {
  await number.focus();
  await compose("４１１１");
  await commit("４１１１１");
  await shows(number, "4111 1");
  await checkout.input("expiry").focus();
  await compose("１２３");
  await commit("１２３９");
  await shows(checkout.input("expiry"), "12 / 39");
});

test("cleave.js#142, #143, payform#21: digits without key events stay in order, the caret behind them", async () => {
  await number.focus();
  let typed = "";
  for (const digit of CARDS.amex.number) {
    await commit(digit);
    typed += digit;
    assert.equal((await number.inputValue()).replaceAll(" ", ""), typed);
    assert.equal(await caret(number), (await number.inputValue()).length, `behind ${typed.length} digits`);
  }
  await shows(number, CARDS.amex.shown);
  await checkout.input("expiry").focus();
  for (const digit of "1138") {
    await commit(digit);
  }
  await shows(checkout.input("expiry"), CARDS.amex.expiry);
});

test("payform#21: every digit as a composition of its own, with key 229", async () => {
  await number.focus();
  for (const digit of CARDS.visa.number) {
    await devtools.send("Input.dispatchKeyEvent", { type: "rawKeyDown", windowsVirtualKeyCode: 229, key: "Process" });
    await compose(digit);
    await commit(digit);
    await devtools.send("Input.dispatchKeyEvent", { type: "keyUp", windowsVirtualKeyCode: 229, key: "Process" });
  }
  await shows(number, CARDS.visa.shown);
});

test("payform#41, Inputmask#2790: digits run left to right on a page that does not", async () => {
  const inside = await checkout.inside();
  await inside.evaluate(() => document.documentElement.setAttribute("dir", "rtl"));
  await checkout.typeCard();
  for (const name of ["number", "expiry", "code", "routing_number", "account_number"]) {
    const direction = await checkout.input(name).evaluate((input) => getComputedStyle(input).direction);
    assert.equal(direction, "ltr", name);
  }
  assert.equal(await number.inputValue(), CARDS.visa.shown, "and no mark of direction in it");
});

test("payform#63: a key in the middle does not send the caret to the end", async () => {
  await checkout.type("number", "41112222");
  await number.evaluate((input) => input.setSelectionRange(6, 6));
  await number.press("3");
  await shows(number, "4111 2322 2");
  assert.equal(await caret(number), 7);
});

test("cleave.js#160: backspace leaves no gap at the end", async () => {
  await checkout.type("number", "41111");
  await number.press("Backspace");
  await shows(number, "4111");
  await checkout.type("expiry", "123");
  await checkout.input("expiry").press("Backspace");
  await checkout.input("expiry").press("Backspace");
  await shows(checkout.input("expiry"), "1");
});

test("cleave.js#374: backspace behind a gap is not eaten, however often", async () => {
  await checkout.type("number", "411122223");
  for (const left of ["4111 2222", "4111 222", "4111 22", "4111 2", "4111", "411", "41", "4", ""]) {
    await number.press("Backspace");
    await shows(number, left);
  }
});

test("angular-credit-cards#83, Inputmask#745: gaps take no room from a number of 19 digits", async () => {
  await checkout.type("number", "6205500000000000004");
  await shows(number, "6205 5000 0000 0000 004");
  assert.equal(await number.getAttribute("maxlength"), null);
});

test("recurly-js#476: the caret stays behind the 11th digit of a Diners number", async () => {
  await checkout.type("number", "30569309025904");
  assert.equal(await caret(number), (await number.inputValue()).length);
  assert.equal((await number.inputValue()).replaceAll(" ", ""), "30569309025904");
});

test("braintree-web-drop-in#650: a paste that keyboards tell twice is pasted once", async () => {
  await number.focus();
  // A scheme whose numbers are of one length; a Visa card may have 19 digits.
  await commit("5555555555554444");
  await commit("5555555555554444");
  await shows(number, "5555 5555 5555 4444");
});

test("braintree-web-drop-in#849, braintree-web#660: a second autofill replaces the first", async () => {
  await fill("number", CARDS.visa.number, "input", "change");
  await shows(number, CARDS.visa.shown);
  await fill("number", CARDS.amex.number, "input", "change");
  await shows(number, CARDS.amex.shown);
  await fill("number", CARDS.visa.shown, "input", "change");
  await shows(number, CARDS.visa.shown);
});

for (const events of [["input"], ["change"], ["keydown", "keypress", "keyup", "input"], ["custom"], ["focusin", "focusout"]]) {
  test(`what programs fill in is taken with ${events.join(", ")}, trusted or not`, async () => {
    await fill("number", CARDS.visa.number, ...events);
    await shows(number, CARDS.visa.shown);
    await page.locator("#known-scheme", { hasText: "visa" }).waitFor();
  });
}

for (const filled of ["2039-12", "12/2039", "12/39", "1239", "122039", "2039/12", "12-2039", "12 / 2039"]) {
  test(`bitwarden#646, #1727, #4373, #6734, #12631, #13217, cleave.js#486: an expiry filled in as ${filled}`, async () => {
    const expiry = checkout.input("expiry");
    await fill("expiry", filled, "input", "change");
    await shows(expiry, "12 / 39");
    // And once more, into the field that is formatted now.
    await fill("expiry", filled, "input", "change");
    await expiry.focus();
    await expiry.blur();
    await shows(expiry, "12 / 39");
    await page.locator("#known-fields", { hasText: "expiry: complete" }).waitFor();
  });
}

test("a longer text in the clipboard gives its number only", async () => {
  const note = page.getByLabel("Last name");
  await note.fill("4111 1111 1111 1111 12/39 737");
  await note.press("Control+a");
  await note.press("Control+c");
  await number.focus();
  await number.press("Control+v");
  await shows(number, CARDS.visa.shown);
});
