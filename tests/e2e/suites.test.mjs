// Sealing keys of X-Wing in a real browser: with the module that speaks both suites a card becomes a token; the usual
// module refuses such a key, and does not go back to another one; and a vault goes over from one suite to the other under
// an open page. `cargo xtask build --post-quantum` makes the second module.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { CARDS, Checkout, launch, openPage } from "./chromium.mjs";
import { ask, freePort, startDemo, startShop, startVault, temporaryDirectory } from "./services.mjs";

/** Characters of an envelope. */
const LENGTH = { x25519: 759, "x-wing": 2210 };

let browser;
let data;
let vault;
let shop;
let origins;

/** Starts the vault, on the same data and at the same address, with keys of another choice. */
const restart = async (suite) => {
  const port = vault ? Number(new URL(vault.ready.vault).port) : 0;
  await vault?.end();
  vault = await startVault({ data: data.path, origins, port, flags: ["--sealing-suite", suite] });
};

before(async () => {
  // The demo builds the vault if that is needed; these services are the test's own.
  await (await startDemo()).end();
  browser = await launch();
  data = temporaryDirectory();
  const port = await freePort();
  origins = [`http://localhost:${port}`];
  await restart("x25519");
  shop = await startShop({ port, vault: vault.ready });
});

after(async () => {
  await browser?.close();
  await shop?.end();
  await vault?.end();
  data?.remove();
});

/** A checkout with a card in it, and the envelopes that it posts; `answer` makes the list of keys of the vault's. */
async function open(answer) {
  const page = await openPage(browser);
  const posted = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && new URL(request.url()).pathname === "/v1/tokens") {
      posted.push(request.postDataJSON().envelope);
    }
  });
  if (answer) {
    await page.route("**/v1/keys", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { keys: answer((await response.json()).keys) } });
    });
  }
  const checkout = await Checkout.open(page, shop.ready.shop, { journey: "guest" });
  await checkout.ready();
  await checkout.typeCard();
  return { page, checkout, posted };
}

const tokenize = (page) =>
  page.evaluate(() => document.querySelector("tessera-checkout").tokenize({ deadlineMs: 20_000 }));

/** The keys that the vault lists. */
const keys = async () => {
  const headers = { authorization: `Bearer ${vault.ready.publishable_key}` };
  return (await (await fetch(`${vault.ready.vault}/v1/keys`, { headers })).json()).keys;
};

test("with keys of X-Wing and the module for them a card becomes a token, which is spent", async () => {
  await restart("x-wing");
  assert.deepEqual(
    (await keys()).map((key) => key.suite),
    ["hpke-x-wing-hkdf-sha256-chacha20poly1305"],
  );
  const { page, posted } = await open();
  const result = await tokenize(page);
  assert.equal(result.last4, CARDS.visa.last4, JSON.stringify(result));
  assert.deepEqual(
    posted.map((envelope) => [Buffer.from(envelope, "base64url")[0], envelope.length]),
    [[2, LENGTH["x-wing"]]],
  );
  const { status, body } = await ask(vault.ready, "/v1/payment-methods", { token: result.token });
  assert.deepEqual([status, body.card?.last4], [201, CARDS.visa.last4], JSON.stringify(body));
  await page.close();
});

test("the usual module refuses a key of X-Wing that its root has signed, and sends nothing", async () => {
  await restart("x-wing");
  const [key] = await keys();
  await restart("x25519");
  const { page, posted } = await open(() => [key]);
  const result = await tokenize(page);
  assert.equal(result.error?.code, "component_outdated", JSON.stringify(result));
  assert.deepEqual(posted, []);
  await page.close();
});

test("a page that is open while the vault goes over to X-Wing pays with its old key, and the next page with a new one", async () => {
  await restart("x25519");
  const { page, posted } = await open();
  await restart("x-wing");
  const result = await tokenize(page);
  assert.equal(result.last4, CARDS.visa.last4, JSON.stringify(result));
  await page.close();
  const next = await open();
  assert.equal((await tokenize(next.page)).last4, CARDS.visa.last4);
  await next.page.close();
  assert.deepEqual(
    [...posted, ...next.posted].map((envelope) => envelope.length),
    [LENGTH.x25519, LENGTH["x-wing"]],
  );
});

test("where X25519 is retired, a page of before is told so, and no token is made", async () => {
  await restart("x25519");
  const { page, posted } = await open();
  await restart("x-wing-only");
  const result = await tokenize(page);
  assert.equal(result.error?.code, "suite_retired", JSON.stringify(result));
  assert.deepEqual(
    posted.map((envelope) => envelope.length),
    [LENGTH.x25519],
  );
  await page.close();
});
