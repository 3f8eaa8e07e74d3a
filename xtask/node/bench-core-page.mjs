// The page of `cargo xtask bench core`: types whole card numbers through each contender, in turns, and tells the
// median rate of each. Bundled by bench-core.mjs; `run` is what that calls.
import cardValidator from "card-validator";
import { formatCreditCard, getCreditCardType } from "cleave-zen";
import payform from "payform";

import schemes from "../../crates/instrument/tests/fixtures/schemes.json";
import { Control, VERDICTS } from "./bench-core-control.mjs";

/** Numbers that gateways publish for tests: every common grouping and length. */
const NUMBERS = [
  "4242424242424242", // Stripe
  "4111111111111111", // most gateways
  "4222222222222", // PayPal, 13 digits
  "5555555555554444", // Stripe
  "2223003122003222", // Stripe
  "378282246310005", // PayPal
  "6011111111111117", // PayPal
  "30569309025904", // PayPal
  "3530111333300000", // PayPal
  "6205500000000000004", // Stripe, 19 digits
  "6759649826438453", // Adyen
];
const KEYSTROKES = NUMBERS.reduce((count, number) => count + number.length, 0);

const SAMPLES = 61;
const SAMPLE_MS = 4;

/** Types every number key by key; gives a sum over all outcomes, so that no work can be left out. */
function typing({ clear, key }) {
  return () => {
    let sum = 0;
    for (const number of NUMBERS) {
      clear();
      for (let index = 0; index < number.length; index += 1) {
        sum += key(number.charCodeAt(index));
      }
    }
    return sum;
  };
}

/** A contender that keeps only the shown text, as these libraries' users do. */
function stateless(step) {
  let shown = "";
  return typing({
    clear: () => {
      shown = "";
    },
    key: (code) => {
      shown = step(shown + String.fromCharCode(code));
      return shown.length;
    },
  });
}

function contenders(tessera) {
  const control = new Control(schemes.schemes);
  let at = 0;
  const all = new Map();

  if (tessera.Typing) {
    const field = tessera.Typing.number();
    let end = 0;
    all.set("tessera", typing({
      clear: () => {
        field.clear();
        end = 0;
      },
      key: (code) => {
        const outcome = field.press(code, end, end);
        end = outcome & 63;
        return field.text.length + outcome;
      },
    }));
  }
  let shown = { text: "", caret: 0 };
  all.set("tessera, edit (no state, an object per key)", typing({
    clear: () => {
      shown = { text: "", caret: 0 };
    },
    key: (code) => {
      shown = tessera.edit("number", shown.text, shown.caret, shown.caret, String.fromCharCode(code), "insert");
      return shown.text.length + shown.caret;
    },
  }));
  all.set("JavaScript port of the same algorithm", typing({
    clear: () => {
      control.clear();
      at = 0;
    },
    key: (code) => {
      const outcome = control.press(code, at, at);
      at = outcome & 63;
      return control.text.length + outcome;
    },
  }));
  all.set("cleave-zen + card-validator", stateless((text) => {
    const formatted = formatCreditCard(text);
    return cardValidator.number(formatted).isValid ? `${formatted}` : formatted;
  }));
  all.set("cleave-zen: format + detect", stateless((text) => {
    const formatted = formatCreditCard(text);
    return getCreditCardType(formatted) === "" ? "" : formatted;
  }));
  all.set("cleave-zen: format", stateless((text) => formatCreditCard(text)));
  all.set("payform: parse + validate + format", stateless((text) => {
    const digits = text.replace(/\D/g, "");
    const formatted = payform.formatCardNumber(digits);
    return payform.parseCardType(digits) === "" || payform.validateCardNumber(digits) === "" ? "" : formatted;
  }));
  all.set("payform: parse + format", stateless((text) => {
    const digits = text.replace(/\D/g, "");
    const formatted = payform.formatCardNumber(digits);
    return payform.parseCardType(digits) === "" ? "" : formatted;
  }));
  return all;
}

/** The same keys give the same text, caret and verdict in the module and in its port: otherwise a ratio is void. */
function compare(tessera) {
  const control = new Control(schemes.schemes);
  const field = tessera.Typing?.number();
  for (const number of NUMBERS) {
    let shown = { text: "", caret: 0 };
    let at = 0;
    control.clear();
    field?.clear();
    for (const digit of number) {
      shown = tessera.edit("number", shown.text, shown.caret, shown.caret, digit, "insert");
      const outcome = control.press(digit.charCodeAt(0), at, at);
      const views = [[control.text, outcome & 63, VERDICTS[(outcome >> 12) & 3]]];
      if (field) {
        const own = field.press(digit.charCodeAt(0), at, at);
        views.push([field.text, own & 63, VERDICTS[(own >> 12) & 3]]);
      }
      at = outcome & 63;
      const expected = JSON.stringify([shown.text, shown.caret, shown.verdict]);
      for (const view of views) {
        if (JSON.stringify(view) !== expected) {
          throw new Error(`typing "${number}": edit says ${expected}, another says ${JSON.stringify(view)}`);
        }
      }
    }
  }
}

/** Keystrokes per second in one short sample. */
function sample(work) {
  const start = performance.now();
  let rounds = 0;
  let now;
  do {
    work();
    rounds += 1;
    now = performance.now();
  } while (now - start < SAMPLE_MS);
  return (rounds * KEYSTROKES * 1_000) / (now - start);
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** One run: every contender's median rate, in keystrokes per second. */
globalThis.run = async () => {
  const tessera = await import("/pkg/tessera.js");
  await tessera.default({ module_or_path: "/pkg/tessera_bg.wasm" });
  compare(tessera);
  const all = contenders(tessera);
  const rates = new Map([...all.keys()].map((name) => [name, []]));
  for (const work of all.values()) {
    for (let round = 0; round < 200; round += 1) {
      work();
    }
  }
  // In turns, so that a busy moment hits all of them.
  for (let round = 0; round < SAMPLES; round += 1) {
    for (const [name, work] of all) {
      rates.get(name).push(sample(work));
    }
  }
  return [...rates].map(([name, values]) => [name, median(values)]);
};
