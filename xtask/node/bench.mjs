// What one keystroke and one card check cost through the built module, as a ratio to plain JavaScript that does
// the same digits' work in the same run. Nanoseconds differ between machines and minutes; ratios hardly do.
import { readFileSync } from "node:fs";

import * as tessera from "../../pkg/wasm/tessera.js";

const SAMPLES = 41;
const SAMPLE_MS = 5;
const NUMBER = "4111111111111111";

await tessera.default({ module_or_path: readFileSync(new URL("../../pkg/wasm/tessera_bg.wasm", import.meta.url)) });

/** Strip, Luhn, group by four: the least that any card field does. */
function plain(text) {
  let digits = "";
  let shown = "";
  let sum = 0;
  for (const character of text) {
    if (character >= "0" && character <= "9") {
      shown += digits.length > 0 && digits.length % 4 === 0 ? ` ${character}` : character;
      digits += character;
    }
  }
  for (let index = 0; index < digits.length; index += 1) {
    let value = digits.charCodeAt(digits.length - 1 - index) - 48;
    if (index % 2 === 1) {
      value = value > 4 ? value * 2 - 9 : value * 2;
    }
    sum += value;
  }
  return { shown, valid: sum % 10 === 0 };
}

const CASES = {
  "plain JavaScript: strip, Luhn, group": () => plain(NUMBER).valid,
  "edit: one more digit": () => tessera.edit("number", "4111 1111 1111 111", 18, 18, "1", "insert").text.length === 19,
  "inspectCard: everything about a number": () => tessera.inspectCard(NUMBER).verdict === "complete",
};

/** Calls per millisecond, counted in one short sample. */
function sample(work) {
  const start = performance.now();
  let calls = 0;
  while (performance.now() - start < SAMPLE_MS) {
    for (let turn = 0; turn < 50; turn += 1) {
      work();
    }
    calls += 50;
  }
  return calls / (performance.now() - start);
}

const rates = Object.fromEntries(Object.keys(CASES).map((name) => [name, []]));
for (const [name, work] of Object.entries(CASES)) {
  if (!work()) {
    throw new Error(`${name}: the module gave an unexpected answer`);
  }
}
// Interleaved, so that a busy moment hits all of them.
for (let round = 0; round < SAMPLES; round += 1) {
  for (const [name, work] of Object.entries(CASES)) {
    rates[name].push(sample(work));
  }
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const [reference] = Object.keys(CASES);
const base = 1e6 / median(rates[reference]);
console.log(`${"".padEnd(42)} ${"ns".padStart(8)} ${"ratio".padStart(8)}`);
for (const [name, measured] of Object.entries(rates)) {
  const ns = 1e6 / median(measured);
  console.log(`${name.padEnd(42)} ${ns.toFixed(0).padStart(8)} ${(ns / base).toFixed(1).padStart(8)}`);
}
