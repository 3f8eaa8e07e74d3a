// Ring 2, without a browser: the module and its translation to JavaScript, side by side. Thousands of generated
// inputs go through every export of both, and the answers, refusals included, must be the same.
// Usage: node tests/node/translation.mjs [seed]
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

const seed = Number(process.argv[2] ?? Date.now() % 1_000_000);
process.stdout.write(`translation: seed ${seed}\n`);

const directory = new URL("../../pkg/wasm/", import.meta.url);
const wasm = await import(new URL("tessera.js", directory));
await wasm.default({ module_or_path: await readFile(new URL("tessera_bg.wasm", directory)) });

// The translation is loaded as browsers load it that have no WebAssembly; nothing of it may need that.
const { WebAssembly } = globalThis;
delete globalThis.WebAssembly;
const js = await import(new URL("tessera.js-only.js", directory));
await js.default();

let state = seed;
/** An even number from 0 up to `limit`: mulberry32, so that a seed repeats a failure. */
function random(limit) {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
}
const pick = (list) => list[random(list.length)];
const times = (count, make) => Array.from({ length: count }, make);

const STARTS = ["4", "51", "2221", "34", "37", "6011", "65", "36", "305", "3528", "62", "5018", "6304", "9792", "2200", "606282", "60", "8171"];
const digit = () => pick("0123456789");
const STRANGE = ["\u0664", "\uff14", "\u00a0", "\u2013", "\u200f", "\u{1f4b3}", "\u00e9", "\ud800", "\0", "x", ".", "/", "-", " "];
const digits = (count) => times(count, digit).join("");

/** Digits whose last one makes the sum of Luhn right. */
function withCheckDigit(number) {
  const sum = [...number].toReversed().reduce((sum, char, at) => {
    const doubled = at % 2 ? Number(char) : Number(char) * 2;
    return sum + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return `${number}${(10 - (sum % 10)) % 10}`;
}

function number() {
  const start = pick(STARTS);
  const whole = start + digits(Math.max(0, 11 + random(9) - start.length));
  return pick([() => withCheckDigit(whole), () => whole, () => whole.slice(0, random(whole.length + 1)), () => digits(random(40))])();
}

/** Something strange put in somewhere, now and then. */
function disturbed(text) {
  const chars = [...text];
  for (let left = pick([0, 0, 0, 1, 3, 8]); left > 0; left -= 1) {
    chars.splice(random(chars.length + 1), random(2), pick(STRANGE));
  }
  return chars.join("");
}

const grouped = (text) => text.replaceAll(/(.{4})/g, `$1${pick([" ", "-", "\u00a0"])}`);
const expiry = () => `${random(15)}${pick(["/", " / ", "-", "", " "])}${pick([random(100), 2000 + random(100)])}`;
const dated = () => pick([expiry, () => `20${10 + random(90)}-${10 + random(4)}`, () => digits(random(7))])();
const name = () => times(random(30), () => pick("abcDEF '-.\u00e9\u00df\u4e2d\u0661")).join("");
const text = () => disturbed(pick([number, () => grouped(number()), dated, name, () => digits(random(20))])());
/** What is no text, or no number. */
const stranger = () => pick([undefined, null, true, 7, -1, 1.5, NaN, Infinity, 2 ** 40, 9n, "", {}, [], Symbol.iterator]);
/** A good argument, or rarely one that is none. */
const mostly = (make) => () => (random(40) === 0 ? stranger() : make());
const maybe = (make) => () => (random(3) === 0 ? undefined : make());

const KINDS = ["number", "expiry", "code", "holder", "routing_number", "account_number"];
const SCHEMES = ["visa", "mastercard", "amex", "discover", "diners", "jcb", "unionpay", "maestro", "visacard"];
const policy = () =>
  Object.fromEntries(
    [
      ["accepted", () => times(random(4), () => pick(SCHEMES))],
      ["unionpayLuhn", () => pick(["warning", "error", "other"])],
      ["amexCode", () => pick(["four", "three_or_four"])],
      ["maestroCode", () => pick(["optional", "required"])],
      ["unknown", () => 1],
    ]
      .filter(([member]) => random(member === "unknown" ? 30 : 2) === 0)
      .map(([member, value]) => [member, value()]),
  );
const place = () => random(24);

/** How each exported function is called; a function that is not here fails the test. */
const CALLS = {
  inspectCard: [mostly(text), maybe(mostly(policy))],
  inspectExpiry: [mostly(text), mostly(() => 2020 + random(30)), mostly(() => random(14))],
  inspectCode: [mostly(text), maybe(mostly(() => pick(SCHEMES))), maybe(mostly(policy))],
  inspectRouting: [mostly(text)],
  inspectAccount: [mostly(text), maybe(mostly(text))],
  edit: [mostly(() => pick(KINDS)), mostly(text), mostly(place), mostly(place), mostly(text), mostly(() => pick(["insert", "backspace", "delete"]))],
  // It takes an element, and there is none here: what browsers do with it is the browser ring's.
  start: [stranger, stranger],
};
/** Classes, with the test that they have below or elsewhere. */
const CLASSES = { Typing: "below", Checkout: "browser journeys", Exchange: "browser journeys" };

const EACH = 4_000;

/** What a call gives, or how it refuses. */
function outcome(act) {
  try {
    return { value: act() };
  } catch (error) {
    const { name, code, classification, field, message, help } = error;
    return { name, code, classification, field, message, help };
  }
}

const exported = (module) => Object.keys(module).filter((name) => name !== "default").sort();
assert.deepEqual(exported(js), exported(wasm), "both have the same exports");
assert.deepEqual(exported(wasm), [...Object.keys(CALLS), ...Object.keys(CLASSES)].sort(), "every export is compared");

let compared = 0;
for (const [name, parameters] of Object.entries(CALLS)) {
  const seen = new Set();
  for (let left = EACH; left > 0; left -= 1) {
    const given = parameters.map((make) => make());
    const [one, other] = [wasm, js].map((module) => outcome(() => module[name](...given)));
    assert.deepEqual(other, one, `${name}(${given.map(String).join(", ")})`);
    seen.add(one.value?.verdict ?? one.code);
    compared += 1;
  }
  // Generated inputs that all end alike would prove nothing.
  assert.ok(name === "start" || seen.size > 2, `${name} gave only ${[...seen]}`);
}

/** Presses the same keys in a field of each module. */
function type() {
  const fields = [wasm, js].map((module) => module.Typing.number());
  for (let left = 60; left > 0; left -= 1) {
    const act = pick(["press", "press", "press", "press", "backspace", "delete", "clear"]);
    const [start, end] = [random(fields[0].text.length + 1), random(fields[0].text.length + 1)].sort((a, b) => a - b);
    const caret = random(4) === 0 ? [start, end] : [fields[0].text.length, fields[0].text.length];
    const code = random(10) === 0 ? pick(STRANGE).codePointAt(0) : digit().charCodeAt(0);
    const rest = { press: [code, ...caret], clear: [] }[act] ?? caret;
    const [one, other] = fields.map((field) => [random(1) + field[act](...rest), field.text]);
    assert.deepEqual(other, one, `${act}(${rest})`);
    const named = [wasm, js].map(({ Typing }) => [Typing.scheme(one[0]), Typing.reason(one[0])]);
    assert.deepEqual(named[1], named[0]);
    compared += 1;
  }
  fields.forEach((field) => field.free());
}
times(200, type);

// A text that is larger than the whole memory: it grows, and everything that looked at the old one looks again.
const fields = [wasm, js].map((module) => module.Typing.number());
for (const size of [3_000_000, 9_000_000]) {
  const long = digits(16).repeat(size / 16);
  const views = [wasm, js].map((module) => module.inspectAccount(long));
  assert.deepEqual(views[1], views[0]);
  const outcomes = fields.map((field) => [field.press("4".charCodeAt(0), 0, 0), field.text]);
  assert.deepEqual(outcomes[1], outcomes[0]);
  assert.ok(outcomes[0][1].startsWith("4"));
}

// A breakdown is an exception in both, and no call is answered after it.
const broken = [wasm, js].map((module) => {
  const nobody = Object.assign(Object.create(module.Typing.prototype), { __wbg_ptr: 0 });
  return outcome(() => nobody.clear());
});
assert.deepEqual(broken.map(({ value, message }) => [value, message]), [[undefined, "unreachable"], [undefined, "unreachable"]]);
assert.ok(WebAssembly);

process.stdout.write(`translation: ${compared} calls, the same answers\n`);
