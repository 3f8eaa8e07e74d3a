// How the form comes: what is asked for one after the other, because each step is a journey to the vault and back.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Checkout, launch, openPage } from "./chromium.mjs";
import { startDemo } from "./services.mjs";

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

/** What the frame cannot work without. */
const FILES = ["en.json", "frame.css", "frame.js", "tessera.js", "tessera_bg.wasm"];

test("everything that the frame needs is asked for at once", async () => {
  const page = await openPage(browser);
  const missing = new Set(FILES);
  let complete;
  const isComplete = new Promise((resolve) => (complete = resolve));
  // Nothing is answered until all of it is asked for: what waits for another file would never be.
  await page.route(`${demo.ready.vault}/assets/**`, async (route) => {
    missing.delete(new URL(route.request().url()).pathname.split("/").at(-1));
    if (!missing.size) {
      complete();
    }
    await isComplete;
    await route.continue();
  });
  const checkout = await Checkout.open(page, demo.ready.shop, { journey: "guest" });
  await isComplete;
  await checkout.type("number", "4111");
  await page.close();
});

test("each file comes once, and the element's script in one piece", async () => {
  const page = await openPage(browser);
  const asked = [];
  page.on("request", (request) => {
    const { origin, pathname } = new URL(request.url());
    if (origin === demo.ready.vault) {
      asked.push(pathname);
    }
  });
  const key = page.waitForResponse("**/v1/keys*");
  const checkout = await Checkout.open(page, demo.ready.shop, { journey: "guest" });
  await key;
  await checkout.input("number").waitFor();
  assert.equal(asked[0], "/tessera.js");
  assert.match(asked[1], /^\/frame\//);
  assert.deepEqual(
    asked.slice(2).filter((path, at, paths) => paths.indexOf(path) !== at || path.endsWith("/index.js")),
    [],
    "nothing twice, and no second script of the element",
  );
  await page.close();
});
