// Checkout sessions: what the merchant's server has signed goes through the element and the frame to the vault, which
// holds the shopper's entry to it.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { CARDS, Checkout, launch, openPage } from "./chromium.mjs";
import { ask, keysCommand, startSite, startVault, temporaryDirectory } from "./services.mjs";

let directory;
let site;
let vault;
let key;
let browser;

before(async () => {
  directory = temporaryDirectory();
  const data = join(directory.path, "data");
  site = await startSite(() => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Pay</title><main></main>`);
  vault = await startVault({ data, origins: [site.origin] });
  const merchant = vault.ready.organization_id;
  const kind = ["--kind", "publishable", "--allow-origin", site.origin];
  const scopes = ["--scope", "tokenize", "--scope", "session:required"];
  ({ key } = await keysCommand(data, ["api", "create", "--merchant", merchant, ...kind, ...scopes]));
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await vault?.end();
  await site?.end();
  directory?.remove();
});

async function signed(more) {
  const { status, body } = await ask(vault.ready, "/v1/sessions", { origin: site.origin, ...more });
  assert.equal(status, 201);
  return body;
}

/** A form that takes cards with the key that requires a session. */
async function open(attributes) {
  const page = await openPage(browser);
  await page.goto(site.origin);
  await page.evaluate(
    async (attributes) => {
      await import(`${attributes.vault}/tessera.js`);
      const element = document.createElement("tessera-checkout");
      for (const [name, value] of Object.entries(attributes)) {
        element.setAttribute(name, value);
      }
      document.querySelector("main").append(element);
    },
    { vault: vault.ready.vault, "publishable-key": key, methods: "card", ...attributes },
  );
  const checkout = new Checkout(page);
  await checkout.ready();
  return checkout;
}

const tokenize = ({ page }) => page.evaluate(() => document.querySelector("tessera-checkout").tokenize());

test("a key that requires a session makes tokens in one, and they pay what it says", async () => {
  const without = await open({});
  await without.typeCard();
  const { error } = await tokenize(without);
  assert.deepEqual([error.code, error.classification], ["session_required", "merchant"]);

  const { id, session } = await signed({ amount: 1299, currency: "USD", schemes: ["visa"] });
  const checkout = await open({ session });
  await checkout.typeCard();
  const { token } = await tokenize(checkout);
  const { body: method } = await ask(vault.ready, "/v1/payment-methods", { token });
  assert.deepEqual(method.session, { id, amount: 1299, currency: "USD" });

  const pay = (amount) => ask(vault.ready, "/v1/payments", { payment_method: method.id, amount, currency: "USD" });
  assert.equal((await pay(1300)).body.error.code, "session_amount_mismatch");
  assert.equal((await pay(1299)).body.status, "approved");
});

test("a card that the session does not take is told to the shopper at its number", async () => {
  const { session } = await signed({ schemes: ["mastercard"] });
  const checkout = await open({ session });
  await checkout.typeCard();
  const { error } = await tokenize(checkout);
  assert.deepEqual([error.code, error.field, error.classification], ["card_invalid", "number", "shopper"]);
});
