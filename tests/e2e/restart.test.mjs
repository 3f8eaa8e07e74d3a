// The vault is killed while a shopper is about to pay, and started again on the same data.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Checkout, launch, openPage } from "./chromium.mjs";
import { ask, freePort, startDemo, startShop, startVault, temporaryDirectory } from "./services.mjs";

let browser;
let data;
let vault;
let shop;
let restart;

before(async () => {
  // The demo builds the vault if that is needed; these services are the test's own.
  await (await startDemo()).end();
  browser = await launch();
  data = temporaryDirectory();
  const port = await freePort();
  const origins = [`http://localhost:${port}`];
  vault = await startVault({ data: data.path, origins });
  shop = await startShop({ port, vault: vault.ready });
  restart = () => startVault({ data: data.path, origins, port: Number(new URL(vault.ready.vault).port) });
});

after(async () => {
  await browser?.close();
  await shop?.end();
  await vault?.end();
  data?.remove();
});

test("the shopper is told, and pays when the vault is back; nothing acknowledged is lost", async () => {
  const page = await openPage(browser);
  const earlier = await Checkout.open(page, shop.ready.shop, { journey: "new" });
  await earlier.typeCard();
  const { customer_id } = await earlier.pay();

  const checkout = await Checkout.open(page, shop.ready.shop, { journey: "new" });
  await checkout.typeCard();
  assert.deepEqual(await vault.end("SIGKILL"), { code: null, signal: "SIGKILL" });
  await checkout.payButton.click();
  await page.locator("#problem:not(:empty)").waitFor();

  const before = vault.ready;
  vault = await restart();
  assert.deepEqual(vault.ready, before, "the same keys and addresses");
  const result = await checkout.pay();
  assert.ok(result.steps.every(({ status }) => status < 300), JSON.stringify(result));

  const { status, body } = await ask(vault.ready, `/v1/customers/${customer_id}`);
  assert.deepEqual([status, body.id], [200, customer_id]);
  await page.close();
});
