// The test kit that merchants get, used as they would: against a real vault, from the package's own entry.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ACCOUNT, CARDS, TesseraKit } from "../../pkg/testing/index.js";
import { launch, openPage } from "./chromium.mjs";
import { startDemo, startSite, startVault, temporaryDirectory } from "./services.mjs";

let browser;
let data;
let vault;
let site;

const page = (fault) => `<!doctype html><title>shop</title>
  <script type="module" src="${vault.ready.vault}/tessera.js"></script>
  <tessera-checkout vault="${vault.ready.vault}" publishable-key="${vault.ready.publishable_key}"
    ${fault ? `fault="${fault}"` : ""}></tessera-checkout>`;

before(async () => {
  await (await startDemo()).end();
  browser = await launch();
  data = temporaryDirectory();
  site = await startSite(({ url }) => page(new URL(url, "http://localhost").searchParams.get("fault")));
  vault = await startVault({ data: data.path, origins: [site.origin] });
});

after(async () => {
  await browser?.close();
  await site?.end();
  await vault?.end();
  data?.remove();
});

async function open(fault = "") {
  const page = await openPage(browser);
  await page.goto(`${site.origin}/?fault=${fault}`);
  return { page, kit: new TesseraKit(page) };
}

for (const [name, card] of Object.entries(CARDS)) {
  test(`fills a card: ${name}`, async () => {
    const { page, kit } = await open();
    await kit.expectState("empty");
    await kit.fillCard({ ...card, holder: "Ada Morel" });
    await kit.expectState("complete");
    await kit.expectNoState("empty", "invalid", "busy");
    const told = kit.event("token");
    const { token, last4, kind } = await kit.tokenize();
    assert.match(token, /^tok_/);
    assert.deepEqual([kind, last4], ["card", card.number.slice(-4)]);
    assert.equal((await told).token, token);
    await page.close();
  });
}

test("fills a bank account, and sees what is wrong", async () => {
  const { page, kit } = await open();
  await kit.fillAccount();
  await kit.expectState("complete");
  const { kind, last4 } = await kit.tokenize();
  assert.deepEqual([kind, last4], ["ach", ACCOUNT.number.slice(-4)]);
  await kit.fillCard({ number: "5555555555554445" });
  await kit.expectState("invalid");
  const { error } = await kit.tokenize({ deadlineMs: 5_000 });
  assert.deepEqual([error.code, error.field], ["luhn", "number"]);
  await page.close();
});

for (const code of [
  "offline", "network", "timeout", "wasm_unavailable", "integrity_mismatch", "blocked_by_csp", "frame_refused",
]) {
  test(`${code} at load`, async () => {
    const { page, kit } = await open(`${code}@load`);
    const { error } = await kit.tokenize();
    assert.equal(error.code, code);
    const ready = kit.event("ready");
    await kit.fault();
    await ready;
    await kit.expectState("ready");
    await page.close();
  });
}

test("faults of an attempt come after what really happens, and a retry gives the same token", async () => {
  const { page, kit } = await open();
  await kit.expectState("ready");
  await kit.fault("timeout@tokenize");
  assert.equal((await kit.tokenize()).error.code, "required", "the fields come first");
  await kit.fillCard();
  await kit.expectState("complete");
  for (const [fault, code, classification] of [
    ["timeout@tokenize", "timeout", "environment"],
    ["offline@tokenize", "offline", "environment"],
    ["network@tokenize", "network", "environment"],
    ["internal@tokenize", "internal", "internal"],
    ["declined@tokenize", "declined", "shopper"],
    ["decline", "declined", "shopper"],
  ]) {
    await kit.fault(fault);
    const told = kit.event("error");
    const { error } = await kit.tokenize();
    assert.deepEqual([error.code, error.classification, error.field], [code, classification, null], fault);
    assert.deepEqual(await told, error);
  }
  await kit.fault();
  const { token } = await kit.tokenize();
  assert.equal((await kit.tokenize()).token, token, "the card is still there, and it is one attempt");
  await page.close();
});

test("a fault that does not exist is refused", async () => {
  const { page, kit } = await open("explosion@load");
  const { error } = await kit.tokenize();
  assert.equal(error.code, "bad_option");
  assert.match(error.message, /one of: offline@load, /);
  const help = await page.goto(error.help);
  assert.equal(help.status(), 200);
  assert.equal(await page.locator("#bad_option").innerText(), "bad_option");
  await page.close();
});
