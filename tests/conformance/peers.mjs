// Judges the two corpora with every library of package.json and with our own module in Node.js. Reads
// `{valid: [number], invalid: {class: [number]}}` from standard input; `cargo xtask conformance` makes a table of
// what is printed.
// Usage: node peers.mjs [directory of tessera.js and tessera_bg.wasm]
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const cardValidator = require("card-validator");
const creditCardType = require("credit-card-type");
const creditcards = require("creditcards");
const payform = require("payform");
const payment = require("payment");
const reactPaymentInputs = require("react-payment-inputs/lib/utils/validator.js");
const validator = require("validator");

const directory = resolve(process.argv[2] ?? new URL("../../pkg/wasm", import.meta.url).pathname);
const tessera = await import(pathToFileURL(`${directory}/tessera.js`).href);
await tessera.default({ module_or_path: readFileSync(`${directory}/tessera_bg.wasm`) });

/** How each library's documentation says that a number is checked. */
const PEERS = {
  "ours, in wasm": (text) => tessera.inspectCard(text).verdict === "complete",
  "card-validator": (text) => cardValidator.number(text).isValid,
  // It names types only; a shop that checks with it compares the length and nothing else.
  "credit-card-type": (text) => creditCardType(text).some(({ lengths }) => lengths.includes(text.length)),
  creditcards: (text) => creditcards.card.isValid(creditcards.card.parse(text)),
  payform: (text) => payform.validateCardNumber(text),
  payment: (text) => payment.fns.validateCardNumber(text),
  "react-payment-inputs": (text) => reactPaymentInputs.getCardNumberError(text) === undefined,
  validator: (text) => validator.isCreditCard(text),
};

/** A library that throws on a text does not take it. */
const takes = (check, text) => {
  try {
    return check(text) === true;
  } catch {
    return false;
  }
};

const { valid, invalid } = JSON.parse(readFileSync(0, "utf8"));
const manifest = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
const answers = Object.entries(PEERS).map(([name, check]) => ({
  name,
  version: manifest.devDependencies[name] ?? "",
  refused: valid.filter((text) => !takes(check, text)),
  accepted: Object.fromEntries(
    Object.entries(invalid).map(([kind, texts]) => [kind, texts.filter((text) => takes(check, text)).length]),
  ),
}));
process.stdout.write(JSON.stringify(answers) + "\n");
