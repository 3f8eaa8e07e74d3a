// How a load fails and recovers in the other browser, which shows its error pages in another way.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { mountIn, startBareShop } from "./bare-shop.mjs";
import { launchFirefox } from "./firefox.mjs";
import { freePort, startDemo, startVault, temporaryDirectory } from "./services.mjs";

const UNKNOWN_KEY = "pk_test_111111111111_11111111111111111111111111111111";

let browser;
let data;
let vault;
let shop;
let foreign;

before(async () => {
  await (await startDemo()).end();
  browser = await launchFirefox();
  data = temporaryDirectory();
  shop = await startBareShop();
  foreign = await startBareShop();
  vault = await startVault({ data: data.path, origins: [shop.origin] });
});

after(async () => {
  await browser?.close();
  await shop?.end();
  await foreign?.end();
  await vault?.end();
  data?.remove();
});

/** Opens a page, puts the element in and gives what `mount` gives, with the codes that were told. */
async function mount(origin, { path = "/", address = vault.ready.vault, key = vault.ready.publishable_key } = {}) {
  await browser.go(origin + path);
  const script = `return (${mountIn})(arguments[0]).then((result) => ({ ...result, told: globalThis.told }))`;
  return browser.run(script, { address, key, options: {} });
}

for (const [name, code, options] of [
  ["a policy without frame-src", "blocked_by_csp", { path: "/?policy=frame-src%20%27none%27" }],
  ["an unknown key", "frame_refused", { key: UNKNOWN_KEY }],
]) {
  test(`${name} is named`, async () => {
    const { error, told } = await mount(shop.origin, options);
    assert.deepEqual([error?.code, told], [code, [code]]);
  });
}

test("a page of a foreign origin is told so", async () => {
  const { error, told } = await mount(foreign.origin);
  assert.deepEqual([error?.code, told], ["frame_refused", ["frame_refused"]]);
});

test("a vault that is not there is a network failure", async () => {
  const { error, told } = await mount(shop.origin, { address: `http://127.0.0.1:${await freePort()}` });
  assert.deepEqual([error?.code, told], ["network", ["network"]]);
});

test("an allowed page gets the frame, also after moving and removing the element", async () => {
  assert.deepEqual(await mount(shop.origin), { ready: true, told: [] });
  const codes = await browser.run(`
    const element = document.querySelector("tessera-checkout");
    const main = document.querySelector("main");
    const code = async (promise) => (await promise).error?.code ?? "ready";
    return (async () => {
      element.remove();
      main.append(element);
      const moved = await code(element.mount());
      const pending = element.mount();
      main.prepend(element);
      const again = element.mount();
      element.remove();
      return [moved, await code(pending), await code(again)];
    })();`);
  assert.equal(codes[0], "ready");
  assert.ok(codes.every((code) => ["ready", "not_connected"].includes(code)), codes.join());
});
