// What a merchant's page decides about the fields, and the choice on a card with two schemes.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import axe from "axe-core";

import { CARDS, Checkout, eventually, launch, openPage } from "./chromium.mjs";
import { startDemo } from "./services.mjs";

const DANKORT = "4571994000062336";

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

/** A checkout whose element has these attributes before anything is typed, with the events that it fires. */
async function open(attributes = {}) {
  const checkout = await Checkout.open(await openPage(browser), demo.ready.shop, { journey: "guest", method: "card" });
  const element = checkout.page.locator("tessera-checkout");
  await element.evaluate((element, attributes) => {
    globalThis.events = [];
    for (const name of ["change", "bin", "token", "error"]) {
      element.addEventListener(`tessera-${name}`, ({ detail }) => events.push([name, detail]));
    }
    for (const [name, value] of Object.entries(attributes)) {
      element.setAttribute(name, value);
    }
  }, attributes);
  const events = (wanted) => checkout.page.evaluate((wanted) => events.filter(([name]) => name === wanted).map(([, detail]) => detail), wanted);
  return { checkout, element, events, inside: await checkout.inside() };
}

test("the shopper chooses the network by keyboard, and the token says so", async () => {
  const { checkout, element, events, inside } = await open();
  await checkout.typeCard({ ...CARDS.visa, number: DANKORT });
  const group = inside.getByRole("group", { name: "Choose the card network" });
  const radios = group.getByRole("radio");
  await radios.first().waitFor();
  assert.deepEqual(await radios.evaluateAll((all) => all.map(({ value, checked }) => [value, checked])), [
    ["visa", false],
    ["dankort", false],
  ]);
  const sizes = await group.locator("label").evaluateAll((all) => all.map((label) => label.getBoundingClientRect().toJSON()));
  assert.deepEqual([sizes[0].width, sizes[0].height], [sizes[1].width, sizes[1].height]);
  assert.ok(sizes[0].height >= 24);

  await inside.evaluate(axe.source);
  const { violations } = await inside.evaluate(() => globalThis.axe.run("#payment", { rules: { "color-contrast": { enabled: false } } }));
  assert.deepEqual(violations.map(({ id }) => id), []);

  await inside.locator("#number").focus();
  await checkout.page.keyboard.press("Tab");
  await checkout.page.keyboard.press("ArrowDown");
  await eventually(async () => (await events("change")).at(-1)?.cobadge?.chosen === "dankort", () => "the choice is told");
  const token = await element.evaluate((element) => element.tokenize());
  assert.equal(token.preferredScheme, "dankort");
  assert.equal(token.scheme, "visa");
});

test("what is accepted changes without a new frame, and a wrong name breaks until it is mended", async () => {
  const { checkout, element, events, inside } = await open({ accepted: "visa mastercard" });
  await checkout.type("number", "34");
  await eventually(async () => (await events("change")).at(-1)?.fields.number.reason === "not_accepted", () => "it is refused");
  await element.evaluate((element) => element.setAttribute("accepted", "amex"));
  await eventually(async () => (await events("change")).at(-1)?.fields.number.verdict === "partial", () => "it is taken");
  assert.equal(await inside.locator("#number").inputValue(), "34");

  await element.evaluate((element) => element.setAttribute("accepted", "amexco"));
  await eventually(async () => (await events("error")).length === 1, () => "it is told");
  const [error] = await events("error");
  assert.equal(error.code, "bad_option");
  assert.match(error.message, /"accepted" must be .*visa, mastercard, amex/);
  const mended = await element.evaluate((element) => {
    element.setAttribute("accepted", "amex");
    return element.mount();
  });
  assert.equal(mended.ready, true);
});

test("leading digits by policy", async () => {
  const { checkout, element, events } = await open({ bin: "6" });
  await checkout.typeCard(CARDS.visa);
  await eventually(async () => (await events("bin")).at(-1)?.bin?.length === 6, () => "six digits are told");
  await element.evaluate((element) => element.setAttribute("bin", "none"));
  await eventually(async () => (await events("bin")).at(-1)?.bin === null, () => "they are taken back");
  assert.equal((await element.evaluate((element) => element.tokenize())).bin, null);
});

test("programs are asked to fill in what the merchant says", async () => {
  const { checkout, element, events, inside } = await open();
  await checkout.ready();
  const asked = () =>
    inside
      .locator("#number, #expiry, #code, #holder")
      .evaluateAll((inputs) => inputs.map((input) => input.getAttribute("autocomplete")));
  const all = ["cc-number", "cc-exp", "cc-csc", "cc-name"];
  assert.deepEqual((await asked()).sort(), [...all].sort());
  for (const [value, expected] of [
    ["off", ["off", "off", "off", "off"]],
    ["holder expiry", ["cc-exp", "cc-name", "off", "off"]],
    ["", [...all].sort()],
  ]) {
    await element.evaluate((element, value) => element.setAttribute("autofill", value), value);
    await eventually(async () => `${(await asked()).sort()}` === `${expected}`, () => value);
  }
  await element.evaluate((element) => element.setAttribute("autofill", "cvc"));
  await eventually(async () => (await events("error")).at(-1)?.code === "bad_option", () => "a stranger is refused");
});

test("what is known already is filled in, and never a number", async () => {
  const { element, events, inside } = await open({ prefill: '{"holder":"Ada Lovelace"}' });
  await eventually(async () => (await inside.locator("#holder").inputValue()) === "Ada Lovelace", () => "the name is there");
  await element.evaluate((element) => element.setAttribute("prefill", '{"number":"4111111111111111"}'));
  await eventually(async () => (await events("error")).length === 1, () => "it is refused");
  const [{ code, message }] = await events("error");
  assert.equal(code, "bad_option");
  assert.ok(!message.includes("4111"));
});
