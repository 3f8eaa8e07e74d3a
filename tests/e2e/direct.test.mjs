// Straight to a gateway: what is typed goes to its documented endpoint in clear, and nowhere else.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { CARDS, Checkout, launch, openPage } from "./chromium.mjs";
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

/** Gives the element of a shop's page these attributes, which makes a new frame; resolves when it is ready or failed. */
async function direct(page, attributes) {
  return page.evaluate(
    (attributes) =>
      new Promise((resolve) => {
        const element = document.querySelector("tessera-checkout");
        element.addEventListener("tessera-ready", () => resolve("ready"), { once: true });
        element.addEventListener("tessera-error", ({ detail }) => resolve(detail.code), { once: true });
        for (const [name, value] of Object.entries(attributes)) {
          element.setAttribute(name, value);
        }
      }),
    attributes,
  );
}

test("a card goes to Paydock's own endpoint, with its public key, and comes back as its token", async () => {
  const page = await openPage(browser);
  const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new" });
  await checkout.input("number").waitFor();
  const sent = [];
  page.on("request", (request) => {
    if (request.method() === "POST") {
      sent.push({ path: new URL(request.url()).pathname, body: request.postData() ?? "" });
    }
  });
  const { paydock } = demo.ready.faces;
  const attributes = { "gateway-key": demo.ready.publishable_key, endpoint: `${paydock}/`, gateway: "paydock" };
  assert.equal(await direct(page, attributes), "ready");
  await checkout.input("number").fill(CARDS.visa.number);
  await checkout.input("expiry").fill("12/39");
  await checkout.input("code").fill(CARDS.visa.code);
  await checkout.input("holder").fill("Ada Morel");
  const result = await page.evaluate(() => document.querySelector("tessera-checkout").tokenize());
  assert.match(result.token ?? JSON.stringify(result), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.equal(result.last4, CARDS.visa.number.replaceAll(" ", "").slice(-4));
  assert.equal(result.expiresAt, null);
  const withNumber = sent.filter(({ body }) => body.includes(CARDS.visa.number.replaceAll(" ", "")));
  assert.deepEqual(withNumber.map(({ path }) => path), ["/paydock/v1/payment_sources/tokens"]);
  await page.close();
});

for (const [what, attributes] of [
  ["an endpoint that nobody documents", { gateway: "paydock", endpoint: "https://gateway.example" }],
  ["another gateway's endpoint", { gateway: "paydock", endpoint: "https://api.flute.com" }],
  ["a gateway that takes nothing in clear", { gateway: "fluidpay", endpoint: "https://app.fluidpay.com/api" }],
]) {
  test(`${what} is refused before anything is typed`, async () => {
    const page = await openPage(browser);
    const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new" });
    await checkout.input("number").waitFor();
    assert.equal(await direct(page, { "gateway-key": "pk", ...attributes }), "endpoint_not_allowed");
    await page.close();
  });
}
