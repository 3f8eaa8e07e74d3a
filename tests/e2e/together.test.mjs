// More than one element in a page, and an element where no document can see it: nothing of one is shared with another.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { CARDS, launch, openPage } from "./chromium.mjs";
import { startSite, startVault, temporaryDirectory } from "./services.mjs";

const data = temporaryDirectory();
let site;
let vault;
let browser;

before(async () => {
  site = await startSite(
    () => `<!doctype html><title>Together</title><script type="module" src="${vault.ready.vault}/tessera.js"></script>`,
  );
  vault = await startVault({ data: data.path, origins: [site.origin] });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await vault?.end();
  await site?.end();
  data.remove();
});

/** Puts an element into a new part of the page, in a shadow root of the page's own if it is `hidden`. */
async function add(page, id, { hidden = false } = {}) {
  await page.evaluate(
    ({ id, hidden, address, key }) => {
      const part = document.createElement("section");
      part.id = id;
      document.body.append(part);
      const element = document.createElement("tessera-checkout");
      element.setAttribute("vault", address);
      element.setAttribute("publishable-key", key);
      element.setAttribute("methods", "card");
      (hidden ? part.attachShadow({ mode: "open" }) : part).append(element);
    },
    { id, hidden, address: vault.ready.vault, key: vault.ready.publishable_key },
  );
  return page.locator(`#${id} tessera-checkout`);
}

async function type(element, { number, expiry, code }) {
  const frame = element.locator("iframe").contentFrame();
  await frame.locator('[name="number"]').pressSequentially(number);
  await frame.locator('[name="expiry"]').pressSequentially(expiry.replaceAll(/\D/g, ""));
  await frame.locator('[name="code"]').pressSequentially(code);
}

const tokenize = (element) => element.evaluate((checkout) => checkout.tokenize());

test("two elements in one page know nothing of each other", async () => {
  const page = await openPage(browser);
  await page.goto(site.origin);
  const [one, other] = [await add(page, "one"), await add(page, "other")];
  await type(one, CARDS.visa);
  await type(other, CARDS.amex);
  const results = await Promise.all([tokenize(one), tokenize(other)]);
  assert.deepEqual(
    results.map(({ error, last4 }) => error ?? last4),
    [CARDS.visa.last4, CARDS.amex.last4],
  );
  assert.notEqual(results[0].token, results[1].token);
  // What happens to one does not happen to the other.
  await one.evaluate((checkout) => checkout.remove());
  assert.equal((await tokenize(other)).token, results[1].token);
  await page.close();
});

test("an element works in a shadow root of the page's own, and its events come out of it", async () => {
  const page = await openPage(browser);
  await page.goto(site.origin);
  await page.evaluate(() => {
    window.heard = [];
    for (const type of ["tessera-ready", "tessera-token"]) {
      addEventListener(type, (event) => window.heard.push(event.type));
    }
  });
  const element = await add(page, "hidden", { hidden: true });
  await type(element, CARDS.visa);
  assert.equal((await tokenize(element)).last4, CARDS.visa.last4);
  assert.deepEqual(await page.evaluate("heard"), ["tessera-ready", "tessera-token"]);
  await page.close();
});

test("two elements in one form are submitted together, once, each with its token", async () => {
  const page = await openPage(browser);
  await page.goto(site.origin);
  const [one, other] = [await add(page, "one"), await add(page, "other")];
  await page.evaluate(() => {
    globalThis.posted = [];
    globalThis.tokens = 0;
    const form = document.createElement("form");
    form.append(document.querySelector("#one"), document.querySelector("#other"), document.createElement("button"));
    document.body.append(form);
    document.querySelector("#other tessera-checkout").setAttribute("name", "second");
    addEventListener("tessera-token", () => {
      globalThis.tokens += 1;
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      globalThis.posted.push(Object.fromEntries(new FormData(form)));
    });
  });
  for (const [element, card] of [[one, CARDS.visa], [other, CARDS.amex]]) {
    await type(element, card);
    await element.and(page.locator(":state(complete)")).waitFor();
  }
  await page.locator("button").click();
  await page.waitForFunction(() => globalThis.posted.length > 0);
  const { posted, tokens } = await page.evaluate(() => ({ posted: globalThis.posted, tokens: globalThis.tokens }));
  assert.deepEqual([posted.length, tokens, Object.keys(posted[0])], [1, 2, ["tessera_token", "second"]]);
  assert.ok(Object.values(posted[0]).every((token) => token.startsWith("tok_")));
  await page.close();
});
