// Work that the vault asks for when more cards come than usual: the frame does it by itself, and nobody notices but by the
// time it takes.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { Checkout, launch, openPage } from "./chromium.mjs";
import { ask, startSite, startVault, temporaryDirectory } from "./services.mjs";

let directory;
let site;
let vault;
let browser;

before(async () => {
  directory = temporaryDirectory();
  const data = join(directory.path, "data");
  site = await startSite(() => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Pay</title><main></main>`);
  const flags = ["--limit", "key=off address=off bin=off cards=off work=1/h"];
  vault = await startVault({ data, origins: [site.origin], flags });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await vault?.end();
  await site?.end();
  directory?.remove();
});

/** A form with a card in it, and what its frame asks the vault for. */
async function filled() {
  const page = await openPage(browser);
  const asked = [];
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (pathname === "/v1/tokens" || pathname.endsWith("work.js")) {
      asked.push([pathname, response.status()]);
    }
  });
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
    { vault: vault.ready.vault, "publishable-key": vault.ready.publishable_key, methods: "card" },
  );
  const checkout = new Checkout(page);
  await checkout.ready();
  await checkout.typeCard();
  return { page, asked };
}

const tokenize = (page, options) =>
  page.evaluate((options) => document.querySelector("tessera-checkout").tokenize(options), options);

test("the frame does the work that is asked for, and loads what it takes only then", async () => {
  const first = await filled();
  assert.ok((await tokenize(first.page)).token);
  assert.deepEqual(first.asked, [["/v1/tokens", 201]]);

  const second = await filled();
  const { token } = await tokenize(second.page);
  const expected = [
    ["/v1/tokens", 429],
    ["/assets/work.js", 200],
    ["/v1/tokens", 201],
  ];
  assert.deepEqual(second.asked, expected);
  const { status } = await ask(vault.ready, "/v1/customers", { token });
  assert.equal(status, 201);
});

test("work ends with its deadline and with the page's patience", async () => {
  const { page, asked } = await filled();
  // What no browser finds in time.
  await page.route("**/v1/tokens", async (route) => {
    const answer = await route.fetch();
    const [challenge] = (answer.headers()["tessera-work"] ?? "").split(" ");
    const headers = { ...answer.headers(), "tessera-work": `${challenge} 32 2000` };
    await route.fulfill({ response: answer, headers });
  });
  const late = await tokenize(page, { deadlineMs: 1_500 });
  assert.equal(late.error.code, "timeout");
  const aborted = page.evaluate(() => {
    const controller = new AbortController();
    globalThis.stop = () => controller.abort();
    return document.querySelector("tessera-checkout").tokenize({ signal: controller.signal });
  });
  await page.waitForResponse((response) => response.url().endsWith("/v1/tokens"));
  await page.evaluate(() => globalThis.stop());
  assert.equal((await aborted).error.code, "aborted");
  assert.ok(asked.every(([path, status]) => path !== "/v1/tokens" || status === 429));
});
