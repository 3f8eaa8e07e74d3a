// The element's life: a load that fails says why, every call settles, and what is removed leaves nothing behind.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, before, test } from "node:test";

import { placeholder } from "../../pkg/server.js";
import { mountIn, startBareShop } from "./bare-shop.mjs";
import { Checkout, WITHOUT_WEBASSEMBLY, launch, openPage } from "./chromium.mjs";
import { freePort, startDemo, startVault, temporaryDirectory } from "./services.mjs";

const UNKNOWN_KEY = "pk_test_111111111111_11111111111111111111111111111111";

let browser;
let data;
let vault;
let shop;
let foreign;

before(async () => {
  // The demo builds the vault if that is needed; these services are the test's own.
  await (await startDemo()).end();
  browser = await launch();
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

/** Puts the element into a page, or into one of its frames, and waits for `mount`. */
function mount(page, { address = vault.ready.vault, key = vault.ready.publishable_key, options = {} } = {}) {
  return page.evaluate(mountIn, { address, key, options });
}

async function openShop(path = "/", origin = shop.origin) {
  const page = await openPage(browser);
  await page.goto(origin + path);
  return page;
}

/** Fails unless the load ended with this code, once, with a link that leads to the code. */
async function assertFails(page, result, code, classification) {
  assert.equal(result.error?.code, code, JSON.stringify(result));
  assert.equal(result.error.classification, classification);
  assert.equal(result.error.field, null);
  assert.ok(result.error.message.length > 20);
  assert.ok(result.error.help.endsWith(`/docs/errors#${code}`), result.error.help);
  assert.deepEqual(await page.evaluate(() => told), [code], "told once");
}

test("a policy without frame-src is named", async () => {
  const page = await openShop("/?policy=frame-src%20%27none%27");
  await page.clock.install();
  const started = performance.now();
  await assertFails(page, await mount(page), "blocked_by_csp", "merchant");
  assert.ok(performance.now() - started < 4_000, "at once: nothing that comes later can help");
  // The browser's own page in the frame, which has loaded, is not greeted, awaited or replaced.
  await page.clock.runFor(20_000);
  assert.deepEqual(await page.evaluate(() => told), ["blocked_by_csp"]);
  await page.close();
});

test("a page of a foreign origin is told at once", async () => {
  const page = await openShop("/", foreign.origin);
  const started = performance.now();
  const result = await mount(page);
  await assertFails(page, result, "frame_refused", "merchant");
  assert.match(result.error.message, /origin/);
  assert.ok(performance.now() - started < 4_000, "without waiting for anything");
  await page.close();
});

test("so is an allowed page in a foreign one, and a page with an unknown key", async () => {
  const around = await openShop("/", foreign.origin);
  await around.evaluate((address) => {
    const iframe = document.createElement("iframe");
    iframe.src = address;
    document.body.append(iframe);
    return new Promise((resolve) => iframe.addEventListener("load", resolve));
  }, shop.origin);
  const inner = around.frames().find((frame) => frame.url().startsWith(shop.origin));
  await assertFails(inner, await mount(inner), "frame_refused", "merchant");
  await around.close();

  const page = await openShop();
  const result = await mount(page, { key: UNKNOWN_KEY });
  await assertFails(page, result, "frame_refused", "merchant");
  assert.match(result.error.message, /key/);
  await page.close();
});

test("what only the browser knows of is found out: a frame that something else forbids", async () => {
  const page = await openShop();
  await page.route("**/frame/**", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": "frame-ancestors 'none'" } });
  });
  const result = await mount(page);
  await assertFails(page, result, "frame_refused", "merchant");
  assert.match(result.error.message, /browser/);
  await page.close();
});

test("a vault that is not there is a network failure, a silent one a timeout", async () => {
  const page = await openShop();
  const result = await mount(page, { address: `http://127.0.0.1:${await freePort()}` });
  await assertFails(page, result, "network", "environment");
  await page.close();

  const silent = createServer().listen(0, "127.0.0.1");
  const sockets = new Set();
  silent.on("connection", (socket) => sockets.add(socket.on("error", () => {})));
  await once(silent, "listening");
  const waiting = await openShop();
  const address = `http://127.0.0.1:${silent.address().port}`;
  await assertFails(waiting, await mount(waiting, { address, options: { deadlineMs: 800 } }), "timeout", "environment");
  await waiting.close();
  sockets.forEach((socket) => socket.destroy());
  silent.close();
});

test("a frame that fails to load for a moment comes by itself", async () => {
  const page = await openShop();
  let failures = 2;
  await page.route("**/frame/**", (route) => (failures-- > 0 ? route.abort("connectionreset") : route.continue()));
  assert.deepEqual(await mount(page), { ready: true });
  assert.equal(failures, -1, "the third try");
  assert.deepEqual(await page.evaluate(() => [history.length, told]), [2, []], "and nobody steps back through the tries");
  await page.close();
});

test("an offline shopper is told so, and served when the connection is back", async () => {
  const page = await openShop();
  await page.evaluate(() => import("/index.js"));
  await page.context().setOffline(true);
  await assertFails(page, await mount(page, { options: { deadlineMs: 2_500 } }), "offline", "environment");
  const ready = page.evaluate(
    () => new Promise((resolve) => document.addEventListener("tessera-ready", () => resolve(true), { once: true })),
  );
  await page.context().setOffline(false);
  assert.equal(await ready, true);
  await page.close();
});

test("who goes offline in the middle and comes back gets the token of that attempt", async () => {
  const page = await openShop();
  assert.deepEqual(await mount(page), { ready: true });
  const checkout = new Checkout(page);
  await checkout.typeCard();
  const made = [];
  let lost;
  const isLost = new Promise((resolve) => (lost = resolve));
  await page.route("**/v1/tokens", async (route) => {
    // The vault makes the token each time; the first answer is lost together with the connection.
    const response = await route.fetch();
    made.push([route.request().postDataJSON().idempotency_key, (await response.json()).token]);
    if (made.length > 1) {
      await route.fulfill({ response });
      return;
    }
    await page.context().setOffline(true);
    await route.abort("internetdisconnected");
    lost();
  });
  const pending = page.evaluate(async () => (await document.querySelector("tessera-checkout").tokenize()).token);
  await isLost;
  await page.context().setOffline(false);
  const token = await pending;
  assert.equal(made.length, 2);
  assert.deepEqual(made[0], made[1], "the same attempt, and the same token");
  assert.equal(token, made[0][1]);
  await page.close();
});

const FILES = WITHOUT_WEBASSEMBLY ? ["tessera.js-only.js"] : ["tessera.js", "tessera_bg.wasm"];

for (const file of FILES) {
  test(`${file} of another build is not run`, async () => {
    const page = await openShop();
    await page.route(`**/assets/${file}`, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: Buffer.concat([await response.body(), Buffer.from("\n")]) });
    });
    await assertFails(page, await mount(page), "integrity_mismatch", "environment");
    await page.close();
  });

  test(`${file} that does not come for a moment is fetched again`, async () => {
    const page = await openShop();
    let failures = 2;
    await page.route(`**/assets/${file}`, (route) => (failures-- > 0 ? route.abort() : route.continue()));
    assert.deepEqual(await mount(page), { ready: true });
    assert.deepEqual(await page.evaluate(() => told), []);
    await page.close();
  });
}

test("what a server writes keeps its place until the frame is there", async () => {
  const { vault: address, publishable_key: key } = vault.ready;
  shop.show(`${placeholder({ vault: address, "publishable-key": key })}<p>below</p>`);
  // No style and no script of the page's own.
  const policy = `default-src 'none'; script-src 'self' 'unsafe-eval'; frame-src ${address}`;
  const page = await openShop(`/?policy=${encodeURIComponent(policy)}`);
  shop.show("");
  const top = () => page.evaluate(() => document.querySelector("main > p").getBoundingClientRect().top);
  const reserved = await top();
  assert.ok(reserved > 300, `the place is kept: ${reserved}`);
  const upgraded = await page.evaluate(async () => {
    const { define } = await import("/index.js");
    const ready = new Promise((resolve) => document.addEventListener("tessera-ready", resolve, { once: true }));
    define();
    const { top } = document.querySelector("main > p").getBoundingClientRect();
    await ready;
    return top;
  });
  assert.equal(upgraded, reserved, "and the element takes exactly that place");
  await new Checkout(page).typeCard();
  assert.equal(await page.locator("tessera-checkout iframe").count(), 1);
  await page.close();
});

test("mounting twice, moving and removing at any moment is silent", async () => {
  const page = await openShop();
  const failures = [];
  page.on("pageerror", (error) => failures.push(error.message));
  await mount(page);
  const codes = await page.evaluate(async () => {
    const element = document.querySelector("tessera-checkout");
    const main = document.querySelector("main");
    const codes = [];
    const note = async (promise) => codes.push((await promise).error?.code ?? "ready");
    // As React's StrictMode does: effect, clean-up, effect.
    const first = new AbortController();
    element.remove();
    main.append(element);
    const gone = note(element.mount({ signal: first.signal }));
    first.abort();
    await gone;
    await note(element.mount());
    // Moved while it loads, after it has loaded, and removed in the middle of each step of a load.
    main.prepend(element);
    await note(element.mount());
    for (const waited of [0, 1, 5, 20, 60, 120]) {
      element.remove();
      main.append(element);
      const mounted = note(element.mount());
      await new Promise((resolve) => setTimeout(resolve, waited));
      element.remove();
      await mounted;
    }
    main.append(element);
    await note(element.mount());
    return codes;
  });
  assert.deepEqual(codes.slice(0, 3), ["aborted", "ready", "ready"]);
  assert.ok(codes.slice(3, -1).every((code) => ["not_connected", "ready"].includes(code)), codes.join());
  assert.equal(codes.at(-1), "ready");
  assert.deepEqual(failures, []);
  assert.deepEqual(await page.evaluate(() => told), []);
  const checkout = new Checkout(page);
  await checkout.typeCard();
  assert.match(await page.evaluate(async () => (await document.querySelector("tessera-checkout").tokenize()).token), /^tok_/);
  await page.close();
});

/** What the page holds after everything that can be collected was. */
async function holdings(session) {
  await session.send("HeapProfiler.collectGarbage");
  await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  const counted = Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  const { Nodes, Documents, Frames, JSEventListeners } = counted;
  return { heap: usedSize, Nodes, Documents, Frames, JSEventListeners };
}

test("a thousand mounts and unmounts leave nothing behind", { timeout: 600_000 }, async (context) => {
  const page = await openShop();
  await mount(page);
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  await session.send("HeapProfiler.enable");
  /** Some wait until the frame can be used, some go in the middle of its load, some at once. */
  const cycle = (count) =>
    page.evaluate(async (count) => {
      const main = document.querySelector("main");
      const { vault, key } = globalThis.given;
      const errors = [];
      for (let at = 0; at < count; at += 1) {
        const element = document.createElement("tessera-checkout");
        element.setAttribute("vault", vault);
        element.setAttribute("publishable-key", key);
        main.append(element);
        const mounted = element.mount();
        if (at % 10 === 0) {
          errors.push((await mounted).error?.code);
        } else if (at % 10 < 5) {
          await new Promise((resolve) => setTimeout(resolve, at % 10));
        }
        const token = element.tokenize();
        element.remove();
        errors.push((await mounted).error?.code, (await token).error?.code);
      }
      return [...new Set(errors)].sort();
    }, count);
  await page.evaluate(
    ([vault, key]) => {
      document.querySelector("main").replaceChildren();
      globalThis.given = { vault, key };
    },
    [vault.ready.vault, vault.ready.publishable_key],
  );
  await cycle(50);
  const before = await holdings(session);
  assert.deepEqual(await cycle(1_000), ["not_connected", undefined]);
  const after = await holdings(session);
  context.diagnostic(`before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`);
  for (const counter of ["Nodes", "Documents", "Frames", "JSEventListeners"]) {
    assert.ok(after[counter] <= before[counter], `${counter}: ${before[counter]} before, ${after[counter]} after`);
  }
  // 100 bytes a mount would show; compiled code and the browser's own counters move by less.
  assert.ok(after.heap - before.heap < 100_000, `the heap grew by ${after.heap - before.heap} bytes`);
  await page.close();
});
