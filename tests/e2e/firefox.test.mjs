// What is typed, in the other browser: its events come in another order and its editor undoes in another way.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { ACCOUNT, CARDS, eventually } from "./chromium.mjs";
import { KEYS, launchFirefox } from "./firefox.mjs";
import { startDemo } from "./services.mjs";

let demo;
let browser;

before(async () => {
  demo = await startDemo();
  browser = await launchFirefox();
});

after(async () => {
  await browser?.close();
  await demo?.end();
});

beforeEach(() => open({ journey: "new" }));

async function open(choice) {
  await browser.go(`${demo.ready.shop}/?${new URLSearchParams(choice)}`);
  await browser.enter("tessera-checkout");
  // Announced by the module's first words to the page.
  await browser.leave();
  await eventually(
    () => browser.run('return document.querySelector("#known-fields").textContent.includes("number")'),
    () => "the frame has told the page of its fields",
  );
  await browser.enter("tessera-checkout");
}

/** Puts the focus and the caret into an input. */
const focus = (name, start = 99, end = start) =>
  browser.run(
    "const [input] = document.getElementsByName(arguments[0]); input.focus(); input.setSelectionRange(arguments[1], arguments[2]);",
    ...[name, start, end],
  );

/** What an input shows, with `|` where the caret is, or around the selection. */
const marked = (name) =>
  browser.run(
    `const [{ value, selectionStart, selectionEnd }] = document.getElementsByName(arguments[0]);
     const bar = selectionStart === selectionEnd ? "|" : "|" + value.slice(selectionStart, selectionEnd) + "|";
     return value.slice(0, selectionStart) + bar + value.slice(selectionEnd);`,
    name,
  );

async function shows(name, expected) {
  let shown;
  await eventually(
    async () => (shown = await marked(name)) === expected,
    () => `${name} shows "${expected}", it shows "${shown}"`,
  );
}

async function type(name, text) {
  await focus(name);
  await browser.type(text);
}

for (const [scheme, card] of Object.entries(CARDS)) {
  test(`Firefox: a card is typed key by key: ${scheme}`, async () => {
    await type("number", card.number);
    await shows("number", `${card.shown}|`);
    await type("expiry", card.expiry.replaceAll(/\D/g, ""));
    await shows("expiry", `${card.expiry}|`);
    await type("code", card.code);
    await shows("code", `${card.code}|`);
  });
}

test("Firefox: the groups follow the scheme, and the caret its digit", async () => {
  await type("number", "37828224631");
  await shows("number", "3782 822463 1|");
  // A 4 in front makes it a Visa card.
  await focus("number", 0);
  await browser.type("4");
  await shows("number", "4|378 2822 4631");
  await browser.press(KEYS.backspace);
  await shows("number", "|3782 822463 1");
});

test("Firefox: editing in the middle", async () => {
  await type("number", "41111111");
  await focus("number", 5);
  await browser.press(KEYS.backspace);
  await shows("number", "411|1 111");
  await focus("number", 4);
  await browser.press(KEYS.delete);
  await shows("number", "4111| 11");
  await focus("number", 1, 6);
  await browser.type("2");
  await shows("number", "42|1");
});

test("Firefox: undo and redo", async () => {
  await type("number", "411111");
  await focus("number", 2);
  await browser.type("9");
  await shows("number", "419|1 111");
  await browser.chord(KEYS.control, "z");
  await shows("number", "41|11 11");
  await browser.chord(KEYS.control, "z");
  await shows("number", "|");
  await browser.chord(KEYS.control, KEYS.shift, "z");
  await browser.chord(KEYS.control, "y");
  await shows("number", "419|1 111");
});

test("Firefox: pasted text is reduced to its digits, over a selection, too", async () => {
  await browser.leave();
  await browser.click('input[name="last_name"]');
  await browser.type("Card: 3782-822463.10005");
  await browser.chord(KEYS.control, "a");
  await browser.chord(KEYS.control, "c");
  await browser.enter("tessera-checkout");
  await type("number", "4111");
  await browser.chord(KEYS.control, "a");
  await browser.chord(KEYS.control, "v");
  await shows("number", `${CARDS.amex.shown}|`);
  await browser.chord(KEYS.control, "z");
  await shows("number", "4111|");
});

test("Firefox: cut text is gone, and can be brought back", async () => {
  await type("number", "411122223333");
  await focus("number", 5, 10);
  await browser.chord(KEYS.control, "x");
  await shows("number", "4111| 3333");
  await browser.chord(KEYS.control, "z");
  await shows("number", "4111 2222 3333|");
});

test("Firefox: deleting a word is the browser's, the groups are ours", async () => {
  await type("number", "411111112222");
  await focus("number", 9);
  await browser.chord(KEYS.control, KEYS.backspace);
  await shows("number", "4111| 2222");
});

test("Firefox: what a password manager fills in needs no key", async () => {
  const fill = (name, value) =>
    browser.run(
      `const [input] = document.getElementsByName(arguments[0]);
       input.value = arguments[1];
       input.dispatchEvent(new Event("input", { bubbles: true }));`,
      ...[name, value],
    );
  await fill("number", CARDS.visa.number);
  await shows("number", `${CARDS.visa.shown}|`);
  await fill("expiry", "2039-12");
  await shows("expiry", "12 / 39|");
});

/** Types into the fields of a method from the first to the last, with the tab key between them. */
async function typeMethod(method) {
  const { number, expiry, code } = CARDS.visa;
  const digits = (text) => text.replaceAll(/\D/g, "");
  if (method === "card") {
    await type("number", number);
    await browser.press(KEYS.tab);
    await browser.type(digits(expiry));
    await browser.press(KEYS.tab);
    await browser.type(code);
    await shows("code", `${code}|`);
  } else {
    await type("routing_number", ACCOUNT.routing);
    await browser.press(KEYS.tab);
    await browser.type(ACCOUNT.number);
    await shows("account_number", `${ACCOUNT.number}|`);
    await browser.press(KEYS.tab);
    await browser.type(ACCOUNT.number);
    await type("holder", ACCOUNT.holder);
    await shows("holder", `${ACCOUNT.holder}|`);
  }
}

/** The shop's record, from the page after the order. */
async function result() {
  await eventually(async () => (await browser.url()).includes("/result/"), () => "the page after the order");
  await browser.find("#result");
  return JSON.parse(await browser.run('return document.querySelector("#result").textContent'));
}

function checkMethod(found, method, customer) {
  assert.deepEqual([found.kind, found.customer_id, found.orphan], [method, customer, customer === null]);
  if (method === "card") {
    const { scheme, last4, exp_month, exp_year } = found.card;
    assert.deepEqual([scheme, last4, exp_month, exp_year], ["visa", CARDS.visa.last4, 12, 2039]);
  } else {
    assert.equal(found.ach.last4, ACCOUNT.last4);
  }
}

/** What the shop's steps must have come to, by journey. */
const JOURNEYS = {
  new: ({ steps, customer_id }, method) => checkMethod(steps.at(-1).answer.data[0], method, customer_id),
  returning: ({ steps, customer_id }, method) => {
    assert.equal(steps[0].request.body.customer_id, customer_id);
    checkMethod(steps[0].answer, method, customer_id);
  },
  guest: ({ steps, customer_id }, method) => {
    assert.equal(customer_id, undefined);
    checkMethod(steps.at(-1).answer, method, null);
  },
};

for (const [journey, check] of Object.entries(JOURNEYS)) {
  for (const method of ["card", "ach"]) {
    test(`Firefox: ${journey}, ${method}, from the first key to the shop's record`, async () => {
      await open({ journey, method, face: "native" });
      await typeMethod(method);
      await browser.leave();
      await browser.run('document.querySelector("tessera-checkout").form.requestSubmit()');
      const order = await result();
      assert.deepEqual([order.journey, order.method, order.refused], [journey, method, undefined]);
      check(order, method);
    });
  }
}
