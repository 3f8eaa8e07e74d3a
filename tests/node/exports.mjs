// Ring 2, without a browser: the module runs in Node.js from its bytes, with no `window`.
// Usage: node tests/node/exports.mjs [directory of tessera.js and tessera_bg.wasm]
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

assert.equal(typeof window, "undefined");

const directory = resolve(process.argv[2] ?? new URL("../../pkg/wasm", import.meta.url).pathname);
const tessera = await import(pathToFileURL(`${directory}/tessera.js`).href);
await tessera.default({ module_or_path: await readFile(`${directory}/tessera_bg.wasm`) });

const card = tessera.inspectCard("4111 1111 1111 1111");
assert.deepEqual(Object.keys(card), [
  "verdict", "reason", "digitsLength", "formatted", "scheme", "candidates", "bin", "last4",
]);
assert.equal(card.verdict, "complete");
assert.equal(card.reason, null);
assert.equal(card.digitsLength, 16);
assert.equal(card.formatted, "4111 1111 1111 1111");
assert.equal(card.scheme, "visa");
assert.equal(card.bin, "41111111");
assert.equal(card.last4, "1111");
assert.deepEqual(Object.keys(card.candidates[0]), [
  "scheme", "name", "confident", "luhnOk", "codeName", "codeLengths", "lengthOk", "complete", "rail",
]);
assert.deepEqual(card.candidates[0].codeLengths, [3]);

// Numbers that gateways publish for tests.
for (const [number, scheme, bin] of [
  ["5555555555554444", "mastercard", "55555555"],
  ["378282246310005", "amex", "378282"],
  ["6011111111111117", "discover", "60111111"],
  ["30569309025904", "diners", "305693"],
  ["3530111333300000", "jcb", "35301113"],
]) {
  const found = tessera.inspectCard(number);
  assert.deepEqual([found.verdict, found.scheme, found.bin], ["complete", scheme, bin]);
}
const mistyped = tessera.inspectCard("378282246310006");
assert.deepEqual([mistyped.verdict, mistyped.reason, mistyped.last4], ["invalid", "luhn", null]);

assert.deepEqual(tessera.inspectExpiry("01/30", 2026, 11), {
  verdict: "complete", reason: null, month: 1, year: 2030,
});
assert.equal(tessera.inspectExpiry("10/26", 2026, 11).reason, "expired");
assert.deepEqual(tessera.inspectCode("1234", "amex"), { verdict: "complete", reason: null });
assert.equal(tessera.inspectCode("123").verdict, "complete");
assert.deepEqual(tessera.inspectRouting("021000021"), { verdict: "complete", reason: null });
assert.equal(tessera.inspectRouting("000000000").verdict, "invalid");
assert.deepEqual(tessera.inspectAccount("000123456789"), { verdict: "complete", reason: null });

assert.deepEqual(tessera.edit("number", "4111", 4, 4, "1", "insert"), {
  text: "4111 1", caret: 6, verdict: "partial", reason: null,
});
assert.deepEqual(tessera.edit("number", "4111 1", 5, 5, "", "backspace"), {
  text: "4111", caret: 3, verdict: "partial", reason: null,
});
const year = new Date().getFullYear() + 2;
const edited = tessera.edit("expiry", "", 0, 0, `12/${year}`, "insert");
assert.deepEqual([edited.text, edited.verdict], [`12 / ${year % 100}`, "complete"]);

for (const [call, part] of [
  [() => tessera.inspectCard(undefined), '"text" must be a string'],
  [() => tessera.inspectCode("123", "visacard"), "visa"],
  [() => tessera.edit("pan", "", 0, 0, "1", "insert"), "number, expiry, code, holder"],
  [() => tessera.edit("number", "", 0, 0, "1", "type"), "insert, backspace, delete"],
  [() => tessera.start(null), '"form"'],
]) {
  assert.throws(call, (error) => {
    assert.ok(error instanceof Error);
    assert.equal(error.code, "bad_argument");
    assert.equal(error.classification, "merchant");
    assert.equal(error.field, null);
    assert.equal(error.help, "docs/errors.md#bad_argument");
    return error.message.includes(part);
  });
}

// The element's file can be imported here as well, and does nothing.
const element = await import("../../pkg/index.js");
assert.equal(typeof element.define, "function");
element.define();

console.log("exports: ok");
