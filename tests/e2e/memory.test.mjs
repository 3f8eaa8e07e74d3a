// What is left of a number in the memory of the module that shoppers get: nothing but what the form still shows, and
// nothing at all once it shows nothing, after a trap, or when the frame is gone. The module is the one of the release,
// hooked as the browser instantiates it; that of the tests in tests/web is another.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ACCOUNT, CARDS, Checkout, eventually, launch, openPage } from "./chromium.mjs";
import { heapTexts } from "./heap.mjs";
import { startDemo, startSite, startVault, temporaryDirectory } from "./services.mjs";

const CARD = CARDS.amex;
/** What stays: proof that the search finds what is there. */
const CONTROL = "8461-control-7350";

let browser;
let data;
let vault;
let shop;

before(async () => {
  // The demo builds the vault if that is needed; these services are the test's own.
  await (await startDemo()).end();
  browser = await launch({ withoutWebAssembly: false });
  data = temporaryDirectory();
  shop = await startSite(() => shopPage());
  vault = await startVault({ data: data.path, origins: [shop.origin] });
});

after(async () => {
  await browser?.close();
  await shop?.end();
  await vault?.end();
  data?.remove();
});

const element = () =>
  `<tessera-checkout vault="${vault.ready.vault}" publishable-key="${vault.ready.publishable_key}"></tessera-checkout>`;

const shopPage = () => `<!doctype html><title>shop</title>
<script type="module" src="${vault.ready.vault}/tessera.js"></script>${element()}`;

/** Runs in every frame before its scripts: keeps the instances of WebAssembly, and counts what is in their memory. */
function watch() {
  const instances = [];
  globalThis.instances = instances;
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const original = WebAssembly[name];
    WebAssembly[name] = async (...given) => {
      const made = await original.apply(WebAssembly, given);
      instances.push(made.instance ?? made);
      return made;
    };
  }
  /** The build shortens the names of exports. */
  const memories = () =>
    instances
      .flatMap(({ exports }) => Object.values(exports))
      .filter((thing) => thing instanceof WebAssembly.Memory)
      .map(({ buffer }) => new Uint8Array(buffer));
  const ascii = (text) => Array.from(text, (one) => one.charCodeAt(0));
  const digits = (text) => Array.from(text.replaceAll(/\D/g, ""), Number);
  /** Every way in which a text may lie in a memory. */
  const forms = (text) => {
    const bare = text.replaceAll(/\D/g, "") || text;
    const wide = (text) => ascii(text).flatMap((byte) => [byte, 0]);
    // Of the three ways to lie in base64, without the characters that depend on what stands around.
    const coded = [0, 1, 2].map((before) => ascii(btoa("\0".repeat(before) + bare).replaceAll("=", "").slice(2, -2)));
    const halves = digits(bare);
    const packed = [halves, [0, ...halves]].map((all) =>
      Array.from({ length: all.length >> 1 }, (_, at) => all[2 * at] * 16 + all[2 * at + 1]),
    );
    return { ascii: ascii(bare), shown: ascii(text), wide: wide(bare), digits: digits(bare), coded0: coded[0],
      coded1: coded[1], coded2: coded[2], packed0: packed[0], packed1: packed[1] };
  };
  const count = (memory, wanted) => {
    let found = 0;
    for (let at = memory.indexOf(wanted[0]); at >= 0; at = memory.indexOf(wanted[0], at + 1)) {
      found += wanted.every((byte, index) => memory[at + index] === byte);
    }
    return found;
  };
  globalThis.sightings = (texts) => {
    const found = {};
    for (const memory of memories()) {
      for (const [name, text] of Object.entries(texts)) {
        for (const [form, bytes] of Object.entries(forms(text)).filter(([, bytes]) => bytes.length > 3)) {
          const sightings = count(memory, bytes);
          if (sightings) {
            found[`${name} ${form}`] = (found[`${name} ${form}`] ?? 0) + sightings;
          }
        }
      }
    }
    return found;
  };
  globalThis.inUse = () => memories().reduce((sum, memory) => sum + memory.filter(Boolean).length, 0);
  /** Calls one export after the other for an object that lies where there is no memory, until the module traps. */
  globalThis.trap = () => {
    const calls = Object.values(instances[0].exports).filter((thing) => typeof thing === "function");
    for (const call of calls) {
      try {
        call(...Array(call.length).fill(0xfffffff0));
      } catch (error) {
        if (error instanceof WebAssembly.RuntimeError) {
          throw error;
        }
      }
    }
  };
}

async function open() {
  const page = await openPage(browser);
  await page.addInitScript(watch);
  await page.goto(shop.origin);
  const checkout = new Checkout(page);
  await checkout.ready();
  const inside = await checkout.inside();
  const sightings = (texts) => inside.evaluate((texts) => globalThis.sightings(texts), texts);
  const tokenize = () => page.evaluate(() => document.querySelector("tessera-checkout").tokenize());
  const reset = async () => {
    await page.evaluate(() => document.querySelector("tessera-checkout").reset());
    await eventually(async () => (await checkout.input("number").inputValue()) === "", () => "the form is empty");
  };
  return { page, checkout, inside, sightings, tokenize, reset };
}

/** A number without the part that a page may know of it, and what else is secret. */
const SECRETS = { number: CARD.number.slice(3), start: CARD.number.slice(0, 12), code: CARD.code, expiry: CARD.expiry };

/** What there is more of than before; short secrets occur by chance in tables. */
const beyond = (found, before) =>
  Object.fromEntries(Object.entries(found).filter(([name, count]) => count > (before[name] ?? 0)));

test("the module is that of the release, and the search finds what is there", async () => {
  const { page, checkout, inside, sightings } = await open();
  assert.equal(await inside.evaluate(() => globalThis.instances.length), 1);
  const before = await sightings(SECRETS);
  assert.deepEqual(Object.keys(before).filter((name) => /number|start/.test(name)), [], "no number from the start");
  await checkout.typeCard(CARD);
  const found = Object.keys(beyond(await sightings(SECRETS), before));
  for (const name of ["number", "start", "code", "expiry"]) {
    assert.ok(found.some((one) => one.startsWith(name)), `${name} is found: ${found}`);
  }
  await page.close();
});

test("sealing leaves no copy besides what the form still shows, and a reset leaves nothing", async (context) => {
  const { page, checkout, sightings, tokenize, reset } = await open();
  const empty = await sightings(SECRETS);
  await checkout.typeCard(CARD);
  const typed = await sightings(SECRETS);
  assert.match((await tokenize()).token, /^tok_/);
  const sealed = await sightings(SECRETS);
  context.diagnostic(`typed ${JSON.stringify(beyond(typed, empty))}, sealed ${JSON.stringify(beyond(sealed, empty))}`);
  assert.deepEqual(beyond(sealed, typed), {});
  await reset();
  assert.deepEqual(beyond(await sightings(SECRETS), empty), {});
  await page.close();
});

test("nor does a number that is refused", async () => {
  const { page, checkout, sightings, tokenize, reset } = await open();
  const empty = await sightings(SECRETS);
  await checkout.typeCard({ ...CARD, expiry: "11 / 20" });
  const typed = await sightings(SECRETS);
  assert.equal((await tokenize()).error.field, "expiry");
  assert.deepEqual(beyond(await sightings(SECRETS), typed), {});
  await reset();
  assert.deepEqual(beyond(await sightings(SECRETS), empty), {});
  await page.close();
});

for (const [what, answer] of [
  ["a seal that the vault refuses", { status: 400, code: "envelope_unopenable", classification: "merchant" }],
  ["a vault that fails", { status: 500, code: "internal", classification: "internal" }],
]) {
  test(`nor does ${what}`, async () => {
    const { page, checkout, sightings, tokenize, reset } = await open();
    const empty = await sightings(SECRETS);
    await page.route("**/v1/tokens", (route) =>
      route.fulfill({ status: answer.status, json: { error: { ...answer, message: "No.", field: null } } }),
    );
    await checkout.typeCard(CARD);
    const typed = await sightings(SECRETS);
    assert.equal((await tokenize()).error.code, answer.code);
    assert.deepEqual(beyond(await sightings(SECRETS), typed), {});
    await reset();
    assert.deepEqual(beyond(await sightings(SECRETS), empty), {});
    await page.close();
  });
}

test("nor does an account", async () => {
  const secrets = { account: ACCOUNT.number, part: ACCOUNT.number.slice(2) };
  const { page, checkout, sightings, tokenize } = await open();
  assert.deepEqual(await sightings(secrets), {});
  await checkout.typeAccount();
  const typed = await sightings(secrets);
  assert.ok(Object.keys(typed).length, "the search finds it");
  assert.match((await tokenize()).token, /^tok_/);
  assert.deepEqual(beyond(await sightings(secrets), typed), {});
  await page.evaluate(() => document.querySelector("tessera-checkout").reset());
  await eventually(async () => (await checkout.input("account_number").inputValue()) === "", () => "the form is empty");
  assert.deepEqual(await sightings(secrets), {});
  await page.close();
});

test("after a trap the whole memory is wiped, and the page is told", async () => {
  const { page, checkout, inside, sightings, tokenize } = await open();
  await checkout.typeCard(CARD);
  assert.match((await tokenize()).token, /^tok_/);
  assert.notDeepEqual(await sightings({ number: SECRETS.number }), {});
  await page.evaluate(() => {
    globalThis.told = new Promise((resolve) =>
      addEventListener("tessera-error", ({ detail }) => resolve(detail.code), { once: true }),
    );
  });
  assert.ok((await inside.evaluate(() => globalThis.inUse())) > 10_000);
  // Outside of any call of the page.
  await inside.evaluate(() => setTimeout(globalThis.trap) && undefined);
  assert.equal(await page.evaluate(() => globalThis.told), "internal");
  assert.equal(await inside.evaluate(() => globalThis.inUse()), 0, "not a byte is left");
  assert.deepEqual(await sightings(SECRETS), {});
  assert.equal((await tokenize()).error.code, "internal");
  await page.close();
});

test("when a frame is gone, no number is in the heap of its process", async () => {
  const { page, inside } = await open();
  // A second frame of the vault keeps the process of the first alive.
  await page.evaluate(() => {
    const other = document.querySelector("tessera-checkout").cloneNode();
    other.id = "other";
    document.body.append(other);
    return other.mount();
  });
  const other = await (await page.locator("#other iframe").elementHandle()).contentFrame();
  await other.evaluate((control) => (globalThis.control = `${control}!`), CONTROL);
  for (const [name, text] of [["number", CARD.number], ["expiry", "1138"], ["code", CARD.code]]) {
    await inside.locator(`[name="${name}"]`).pressSequentially(text);
  }
  assert.match(await page.evaluate(async () => (await document.querySelector("tessera-checkout").tokenize()).token), /^tok_/);
  // The texts of inputs are not in this heap, unless a script has one.
  await inside.evaluate(() => (globalThis.copy = `${document.querySelector("[name=number]").value}!`));
  const traces = [CARD.number, CARD.shown, CARD.number.slice(0, 12), CARD.number.slice(3)];
  const finds = (texts, trace) => texts.some((text) => text.includes(trace));
  assert.ok(finds(await heapTexts(page, other), CARD.shown), "the search finds what the first frame holds");
  await page.evaluate(() => document.querySelector("tessera-checkout").remove());
  await eventually(async () => page.frames().length === 2, () => "the frame is gone");
  const texts = await heapTexts(page, other);
  assert.ok(finds(texts, CONTROL), "and what the other holds");
  for (const trace of traces) {
    assert.ok(!finds(texts, trace), `no number is left (${trace})`);
  }
  assert.ok(!texts.includes(CARD.code), "and no code");
  await page.close();
});
