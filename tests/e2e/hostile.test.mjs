// A page that listens to everything never sees a number, and a page that is not allowed gets no frame.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ACCOUNT, CARDS, Checkout, launch, openPage } from "./chromium.mjs";
import { heapTexts } from "./heap.mjs";
import { hostilePage } from "./hostile-page.mjs";
import { startDemo, startSite, startVault, temporaryDirectory } from "./services.mjs";

/** What the shopper types into a field of the hostile page itself: proof that the search finds things. */
const CONTROL = "8461-control-7350";

let browser;
let data;
let vault;
let hostile;
let foreign;

before(async () => {
  // The demo builds the vault if that is needed; these services are the test's own.
  await (await startDemo()).end();
  browser = await launch();
  data = temporaryDirectory();
  const page = () => hostilePage(vault.ready);
  hostile = await startSite(page);
  foreign = await startSite(page);
  vault = await startVault({ data: data.path, origins: [hostile.origin] });
});

after(async () => {
  await browser?.close();
  await hostile?.end();
  await foreign?.end();
  await vault?.end();
  data?.remove();
});

/** Every way a number could be written: as typed, as shown, and without what a page may know (BIN, last four). */
function tracesOf(number, shown = number) {
  return [number, shown, number.slice(0, 12), number.slice(3)];
}

const TRACES = [...tracesOf(CARDS.amex.number, CARDS.amex.shown), ...tracesOf(ACCOUNT.number)];

async function attack(fill) {
  const page = await openPage(browser);
  await page.goto(hostile.origin);
  await page.locator("#control").pressSequentially(CONTROL);
  const checkout = new Checkout(page);
  await fill(checkout);
  const outcome = await page.evaluate(() => document.querySelector("tessera-checkout").tokenize());
  assert.match(outcome.token ?? JSON.stringify(outcome), /^tok_/);
  return { page, spoils: await page.evaluate(() => globalThis.spoils()), texts: await heapTexts(page), outcome };
}

function assertNothingSeen({ spoils, texts, outcome }) {
  assert.ok(spoils.includes(outcome.token), "the hooks work: they saw the token");
  assert.ok(texts.some((text) => text.includes(CONTROL)), "the heap search works: it finds what the page may see");
  for (const trace of TRACES) {
    assert.ok(!spoils.includes(trace), `no hook saw a number (${trace})`);
    assert.ok(!texts.some((text) => text.includes(trace)), `no number is in the page's heap (${trace})`);
  }
}

test("a card", async () => {
  const attacked = await attack((checkout) => checkout.typeCard(CARDS.amex));
  assertNothingSeen(attacked);
  // Four digits alone can occur by chance inside other text: here they must not be a text of their own.
  assert.ok(!attacked.spoils.split("\u0000").includes(CARDS.amex.code), "no hook saw the security code");
  assert.ok(!attacked.texts.includes(CARDS.amex.code), "no security code is in the page's heap");
  await attacked.page.close();
});

test("a bank account", async () => {
  const attacked = await attack((checkout) => checkout.typeAccount());
  assertNothingSeen(attacked);
  await attacked.page.close();
});

/** A hostile page with a form that can be used, and the leading digits that it was told so far. */
const listen = async () => {
  const page = await openPage(browser);
  await page.goto(hostile.origin);
  const checkout = new Checkout(page);
  await checkout.ready();
  await page.evaluate(() => {
    globalThis.bins = [];
    addEventListener("tessera-bin", ({ detail }) => globalThis.bins.push(detail.bin));
  });
  return { page, checkout, bins: () => page.evaluate(() => globalThis.bins.filter(Boolean)) };
};

/** Types a number key by key while the page does something after some of them; gives the leading digits it was told. */
const cut = async (number, after, act) => {
  const { page, checkout, bins } = await listen();
  await checkout.input("number").focus();
  for (const [index, digit] of [...number].entries()) {
    if (index === after) {
      await page.evaluate(act);
    }
    await page.keyboard.press(digit);
  }
  const told = await bins();
  await page.close();
  return told;
};

test("a page that empties the form in the middle of a number is told no digit of it", async () => {
  for (const after of [6, 9, 10]) {
    const bins = await cut(CARDS.amex.number, after, () => document.querySelector("tessera-checkout").reset());
    assert.deepEqual(bins, [], `after ${after} digits`);
  }
});

test("what ends up behind a half number, because a page moved the focus there, is not told", async () => {
  const { page, checkout, bins } = await listen();
  await checkout.type("number", "34");
  await checkout.type("number", CARDS.amex.code);
  await page.waitForFunction(() => document.querySelector("tessera-checkout").matches(":not(:state(empty))"));
  assert.deepEqual(await bins(), []);
  // The search finds what there is to find: a whole number is told of.
  await checkout.input("number").fill("");
  await checkout.type("number", CARDS.amex.number);
  await page.waitForFunction(() => globalThis.bins.includes("378282"));
  await page.close();
});

test("the frame cannot be read", async () => {
  const page = await openPage(browser);
  await page.goto(hostile.origin);
  const checkout = new Checkout(page);
  await checkout.type("number", CARDS.amex.number);
  const read = await page.evaluate(() =>
    globalThis.tryToRead(document.querySelector("tessera-checkout").shadowRoot.querySelector("iframe")),
  );
  const refused = Object.fromEntries(Object.keys(read).map((what) => [what, "SecurityError"]));
  // `frames[0]` of a frame without frames is undefined, whose document cannot be read either.
  assert.deepEqual(read, { ...refused, document: null, inner: read.inner });
  assert.match(read.inner, /^(Security|Type)Error$/);
  await page.close();
});

test("a foreign origin gets no form, and learns why", async () => {
  const page = await openPage(browser);
  await page.goto(foreign.origin);
  const { error } = await page.evaluate(() => document.querySelector("tessera-checkout").mount());
  assert.equal(error.code, "frame_refused");
  const checkout = new Checkout(page);
  await checkout.frame.getByText("may not be shown here").waitFor();
  assert.equal(await checkout.input("number").count(), 0);
  await page.close();
});

for (const [lie, query] of [
  ["says nothing of itself", () => ""],
  ["says that it is another", () => `?page=${encodeURIComponent(hostile.origin)}`],
]) {
  test(`a foreign origin that ${lie} cannot frame it either`, async () => {
    const page = await openPage(browser);
    await page.goto(foreign.origin);
    const refused = page.waitForEvent("console", (message) => message.text().includes("frame-ancestors"));
    const { vault: origin, publishable_key } = vault.ready;
    await page.evaluate((address) => {
      const iframe = document.createElement("iframe");
      iframe.id = "stolen";
      iframe.src = address;
      document.body.append(iframe);
    }, `${origin}/frame/${publishable_key.split("_")[2]}${query()}`);
    await refused;
    assert.equal(await page.frameLocator("#stolen").locator("input").count(), 0);
    await page.close();
  });
}

test("a foreign origin gets no token even with a stolen publishable key", async () => {
  const { vault: origin, publishable_key } = vault.ready;
  const page = await openPage(browser);
  await page.goto(foreign.origin);
  const answer = await page.evaluate(
    async ([url, key]) => {
      try {
        const response = await fetch(`${url}/v1/tokens`, {
          method: "POST",
          headers: { authorization: `Bearer ${key}`, "idempotency-key": "0123456789abcdef", "content-type": "application/json" },
          body: JSON.stringify({ envelope: "AA", kind: "card", page_origin: location.origin }),
        });
        return response.status;
      } catch (error) {
        return error.name;
      }
    },
    [origin, publishable_key],
  );
  // Without CORS the page does not even learn the status.
  assert.ok(answer === "TypeError" || answer === 403, String(answer));
  await page.close();
});
