// The list of sealing keys in somebody else's hands: whatever is put in place of a key, nothing is sealed to it and
// nothing is sent. The root of development, with which the vault signs here, is everybody's: the test signs with it, too.

import assert from "node:assert/strict";
import { createPrivateKey, sign } from "node:crypto";
import { after, before, test } from "node:test";

import { CARDS, Checkout, launch, openPage } from "./chromium.mjs";
import { startDemo } from "./services.mjs";

const DAY_MS = 24 * 60 * 60 * 1000;

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

/** A private Ed25519 key of its 32 bytes. */
const signer = (seed) =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.from(seed)]),
    format: "der",
    type: "pkcs8",
  });
const ROOT = signer("tessera development root, public");
const LABEL = Buffer.from("tessera sealing key statement 1\n");

/** The text of a statement with a signature. */
const signed = (statement, root = ROOT) =>
  Buffer.concat([sign(null, Buffer.concat([LABEL, statement]), root), statement]).toString("base64url");

/** The statement in a text, without its signature. */
const statementOf = (text) => Buffer.from(text, "base64url").subarray(64);

/** A statement that `change` has written into. */
const changed = (statement, change) => {
  const copy = Buffer.from(statement);
  change(copy);
  return copy;
};

/** Where the parts of a statement begin: see crates/seal/src/statement.rs. */
const AT = { version: 0, suite: 1, suites: 2, component: 3, id: 5, notBefore: 13, notAfter: 21, key: 29, vault: 61 };

const time = (copy, begins, ends) => {
  copy.writeBigUInt64BE(BigInt(begins), AT.notBefore);
  copy.writeBigUInt64BE(BigInt(ends), AT.notAfter);
};

/** What each attacker, or each mistake, makes of the text of a good entry; and what the form says to it. */
const CASES = {
  "a key that was put in the place of another": [
    (text) => {
      const bytes = Buffer.from(text, "base64url");
      bytes.fill(9, 64 + AT.key, 64 + AT.vault);
      return bytes.toString("base64url");
    },
    "sealing_key_untrusted",
  ],
  "a signature with one bit changed": [
    (text) => changed(Buffer.from(text, "base64url"), (copy) => (copy[40] ^= 1)).toString("base64url"),
    "sealing_key_untrusted",
  ],
  "a key that another root has signed": [
    (text) => signed(statementOf(text), signer("a root that nobody pins in a mod")),
    "sealing_key_untrusted",
  ],
  "a key of another vault of the same root": [
    (text) => signed(Buffer.concat([statementOf(text).subarray(0, AT.vault), Buffer.from("https://other.example")])),
    "sealing_key_untrusted",
  ],
  "a key that was over two days ago": [
    (text) =>
      signed(changed(statementOf(text), (copy) => time(copy, Date.now() - 4 * DAY_MS, Date.now() - 2 * DAY_MS))),
    "sealing_key_expired",
  ],
  "a key for the day after tomorrow": [
    (text) =>
      signed(changed(statementOf(text), (copy) => time(copy, Date.now() + 2 * DAY_MS, Date.now() + 4 * DAY_MS))),
    "sealing_key_expired",
  ],
  "a key that asks for a newer component": [
    (text) => signed(changed(statementOf(text), (copy) => copy.writeUInt16BE(999, AT.component))),
    "component_outdated",
  ],
  "a key of a suite that this component does not speak": [
    (text) => signed(changed(statementOf(text), (copy) => (copy[AT.suite] = 2))),
    "component_outdated",
  ],
  "a key whose suite the root has retired": [
    (text) => signed(changed(statementOf(text), (copy) => (copy[AT.suites] = 1 << 2))),
    "suite_retired",
  ],
  "an entry without a statement": [() => undefined, "keys_malformed"],
};

/** A checkout whose list of keys `answer` makes of the vault's; and what was posted to the vault's `/v1/tokens`. */
async function openWith(answer) {
  const page = await openPage(browser);
  const posted = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && new URL(request.url()).pathname === "/v1/tokens") {
      posted.push(request.postData());
    }
  });
  await page.route("**/v1/keys", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { keys: answer((await response.json()).keys) } });
  });
  const checkout = await Checkout.open(page, demo.ready.shop, { journey: "guest" });
  await checkout.typeCard();
  return { page, posted };
}

const tokenize = (page) =>
  page.evaluate(() => document.querySelector("tessera-checkout").tokenize({ deadlineMs: 20_000 }));

for (const [what, [change, code]] of Object.entries(CASES)) {
  test(`${what}: nothing is sealed to it`, async () => {
    const { page, posted } = await openWith((keys) =>
      keys.map((key) => ({ ...key, statement: change(key.statement) })),
    );
    const result = await tokenize(page);
    assert.equal(result.error?.code, code, JSON.stringify(result));
    assert.deepEqual(posted, []);
    await page.close();
  });
}

test("what is not signed of an entry counts for nothing, and a bad entry does not spoil a good one", async () => {
  const { page, posted } = await openWith((keys) => [
    { ...keys[0], statement: CASES["a key that asks for a newer component"][0](keys[0].statement) },
    { ...keys[0], public_key: Buffer.alloc(32, 9).toString("base64url"), expires_at: "1970-01-01T00:00:00Z" },
  ]);
  const result = await tokenize(page);
  assert.equal(result.last4, CARDS.visa.last4, JSON.stringify(result));
  assert.equal(posted.length, 1);
  await page.close();
});

test("a shopper's clock may be wrong by most of a day", async () => {
  const page = await openPage(browser);
  await page.clock.install({ time: Date.now() + 0.9 * DAY_MS });
  const checkout = await Checkout.open(page, demo.ready.shop, { journey: "guest" });
  await checkout.typeCard();
  const result = await tokenize(page);
  assert.equal(result.last4, CARDS.visa.last4, JSON.stringify(result));
  await page.close();
});
