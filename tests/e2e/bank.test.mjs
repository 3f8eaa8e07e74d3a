// A bank account from the frame's inputs to the merchant's server: the number twice, the entry class, the text that the
// owner agrees to, the bank's name, and the evidence that comes back.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import axe from "axe-core";

import { ACCOUNT, Checkout, launch, openPage, shows } from "./chromium.mjs";
import { ask, startSite, startVault, temporaryDirectory } from "./services.mjs";

const MANDATE = {
  merchant: "Blue Bottle Books",
  contact: "billing@bluebottle.example",
  amount: "25.00",
  frequency: "monthly",
  date: "2026-12-01",
};
const BANK = "First <b>Example</b> Bank";

let directory;
let site;
let vault;
let browser;

before(async () => {
  directory = temporaryDirectory();
  const banks = join(directory.path, "banks.csv");
  writeFileSync(banks, `# of the test\n${ACCOUNT.routing},${BANK}\n`);
  site = await startSite(
    () => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Pay</title><main><h1>Pay</h1></main></html>`,
  );
  vault = await startVault({
    data: join(directory.path, "data"),
    origins: [site.origin],
    flags: ["--bank-directory", banks],
  });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await vault?.end();
  await site?.end();
  directory?.remove();
});

/** A page with the element, which has these attributes besides those that it must have. */
async function open(attributes) {
  const page = await openPage(browser);
  await page.goto(site.origin);
  await page.evaluate(
    async ({ vault, key, attributes }) => {
      await import(`${vault}/tessera.js`);
      globalThis.events = [];
      const element = document.createElement("tessera-checkout");
      for (const type of ["change", "error"]) {
        element.addEventListener(`tessera-${type}`, ({ detail }) => globalThis.events.push({ type, ...detail }));
      }
      const all = { vault, "publishable-key": key, methods: "ach", ...attributes };
      for (const [name, value] of Object.entries(all)) {
        element.setAttribute(name, value);
      }
      document.querySelector("main").append(element);
    },
    { vault: vault.ready.vault, key: vault.ready.publishable_key, attributes },
  );
  const checkout = new Checkout(page);
  await checkout.input("routing_number").waitFor();
  return checkout;
}

const tokenize = ({ page }) => page.evaluate(() => document.querySelector("tessera-checkout").tokenize());

const server = (path, body) => {
  const { vault: address, secret_key } = vault.ready;
  return fetch(`${address}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret_key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  }).then((answer) => answer.json());
};

/** What the merchant's server reads of the payment method that it makes of a token. */
async function kept(token) {
  const { id } = await server("/v1/payment-methods", { token });
  const { status, body } = await ask(vault.ready, `/v1/payment-methods/${id}`);
  assert.equal(status, 200);
  return body;
}

/** The hash as docs/mandates.md tells merchants to make it. */
function hashOf({ version, locale, accepted_at, sec_code, text }) {
  const parts = [String(version), locale, accepted_at, sec_code, text];
  const form = `tessera-mandate-1\n${parts.map((part) => `${Buffer.byteLength(part)}:${part}\n`).join("")}`;
  return createHash("sha256").update(form).digest("hex");
}

async function assertAccessible(checkout, where) {
  const inside = await checkout.inside();
  // The frame is transparent, and axe cannot see the page behind it.
  await inside.evaluate(() => {
    document.documentElement.style.backgroundColor = "white";
  });
  await inside.evaluate(axe.source);
  const { violations } = await inside.evaluate(() =>
    globalThis.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }),
  );
  const told = violations.map(({ id, nodes }) => `${id}\n  ${nodes.map(({ html }) => html).join("\n  ")}`);
  assert.equal(told.join("\n"), "", where);
}

test("an account with its owner's agreement, from the inputs to the merchant's server", async () => {
  const checkout = await open({ mandate: JSON.stringify(MANDATE) });
  const asked = [];
  checkout.page.on("request", (request) => {
    asked.push(new URL(request.url()).pathname);
    assert.ok(!request.url().includes(ACCOUNT.routing) && !request.url().includes(ACCOUNT.number));
  });
  const terms = checkout.frame.locator("#terms");
  await terms.filter({ hasText: "I authorize Blue Bottle Books to debit USD 25.00 every month" }).waitFor();
  await assertAccessible(checkout, "empty");

  await checkout.type("routing_number", ACCOUNT.routing);
  await checkout.frame.locator("#bank-name", { hasText: BANK }).waitFor();
  await checkout.type("account_number", ACCOUNT.number);
  await checkout.type("account_number_confirmation", ACCOUNT.number.slice(0, -1));
  const error = checkout.frame.locator("#account_number_confirmation-error");
  assert.equal(await error.textContent(), "", "nothing is said in the middle");
  await checkout.type("holder", ACCOUNT.holder);
  await error.filter({ hasText: "the two entries differ" }).waitFor();
  assert.equal((await tokenize(checkout)).error.code, "required", "the box is not ticked");
  await checkout.frame.locator("#consent-error", { hasText: "Tick the box" }).waitFor();
  await assertAccessible(checkout, "with problems");

  await checkout.input("consent").check();
  assert.equal((await tokenize(checkout)).error.code, "account_mismatch");
  // Pasted whole: nothing stands in the way of a paste.
  await checkout.input("account_number_confirmation").fill(ACCOUNT.number);
  await assertAccessible(checkout, "complete");
  const shown = await terms.textContent();
  const from = Date.now();
  const { token, error: refused } = await tokenize(checkout);
  assert.equal(refused, undefined);

  const method = await kept(token);
  assert.deepEqual(
    { ...method.ach },
    {
      routing_number_last4: ACCOUNT.routing.slice(-4),
      last4: ACCOUNT.last4,
      account_type: "checking",
      account_holder_type: "personal",
      sec_code: "web",
      holder: ACCOUNT.holder,
    },
  );
  const { mandate } = method;
  assert.equal(mandate.text, shown, "to the letter");
  assert.deepEqual(mandate.terms, { ...MANDATE, currency: "USD" });
  assert.equal(mandate.sha256, hashOf(mandate));
  const at = Date.parse(mandate.accepted_at);
  assert.ok(at >= from && at <= Date.now(), mandate.accepted_at);
  assert.equal(asked.filter((path) => path === "/v1/bank-names").length, 1);

  const events = await checkout.page.evaluate(() => globalThis.events);
  const changes = events.filter(({ type }) => type === "change");
  assert.equal(changes.at(-1).bankName, BANK);
  assert.ok(changes.at(-1).complete);
  assert.equal(JSON.stringify(events).includes(ACCOUNT.number), false);
  await checkout.page.close();
});

test("another text is not agreed to yet, and is another attempt", async () => {
  const checkout = await open({ "confirm-account": "off", "sec-codes": "WEB PPD CCD", mandate: JSON.stringify(MANDATE) });
  assert.equal(await checkout.input("account_number_confirmation").isVisible(), false);
  await checkout.frame.locator("#terms", { hasText: "over the internet" }).waitFor();
  await checkout.type("routing_number", ACCOUNT.routing);
  await checkout.type("account_number", ACCOUNT.number);
  await checkout.type("holder", ACCOUNT.holder);
  await checkout.input("consent").check();
  const first = await tokenize(checkout);

  await checkout.input("sec_code").selectOption("ppd");
  await checkout.frame.locator("#terms", { hasText: "my written authorization" }).waitFor();
  assert.equal(await checkout.input("consent").isChecked(), false);
  await checkout.input("consent").check();
  const second = await tokenize(checkout);
  assert.notEqual(second.token, first.token);
  assert.equal((await kept(second.token)).mandate.sec_code, "ppd");

  // The merchant changes the terms while the form is open.
  await checkout.page.evaluate((terms) => {
    document.querySelector("tessera-checkout").mandate = terms;
  }, { ...MANDATE, amount: "varying" });
  await checkout.frame.locator("#terms", { hasText: "an amount that varies" }).waitFor();
  assert.equal(await checkout.input("consent").isChecked(), false);

  await checkout.input("account_holder_type").selectOption("business");
  await checkout.frame.locator("#terms", { hasText: "Nacha Operating Rules" }).waitFor();
  assert.equal(await checkout.input("sec_code").isVisible(), false);
  assert.equal(await checkout.input("consent").isVisible(), false);
  const third = await tokenize(checkout);
  const { mandate, ach } = await kept(third.token);
  assert.deepEqual([ach.sec_code, mandate.sec_code, mandate.terms.amount], ["ccd", "ccd", "varying"]);
  await checkout.page.close();
});

test("without a mandate nothing is shown and nothing is kept", async () => {
  const checkout = await open({ "sec-codes": "TEL" });
  assert.equal(await checkout.frame.locator("#terms").isVisible(), false);
  assert.equal(await checkout.input("sec_code").isVisible(), false, "a fixed class is no question");
  await checkout.typeAccount();
  await shows(checkout.input("account_number_confirmation"), ACCOUNT.number);
  const { token } = await tokenize(checkout);
  const method = await kept(token);
  assert.deepEqual([method.ach.sec_code, method.mandate], ["tel", null]);
  await checkout.page.close();
});

for (const [attribute, value, message] of [
  ["mandate", "{", '"mandate" must be a JSON object with merchant, amount, frequency and date.'],
  ["mandate", JSON.stringify({ ...MANDATE, frequency: "hourly" }), /"mandate\.frequency" must be one of once, weekly,/],
  ["mandate", JSON.stringify({ ...MANDATE, payee: "x" }), /no member `payee`/],
  ["sec-codes", "WEB POP", '"sec-codes" must be a list of: WEB, PPD, CCD, TEL.'],
  ["confirm-account", "no", '"confirm-account" must be one of: on, off.'],
]) {
  test(`${attribute}="${value.slice(0, 20)}" is refused with what is accepted`, async () => {
    const page = await openPage(browser);
    await page.goto(site.origin);
    const error = await page.evaluate(
      async ({ vault, key, attribute, value }) => {
        await import(`${vault}/tessera.js`);
        const element = document.createElement("tessera-checkout");
        const failed = new Promise((resolve) => element.addEventListener("tessera-error", (event) => resolve(event.detail)));
        const attributes = { vault, "publishable-key": key, [attribute]: value };
        for (const [name, text] of Object.entries(attributes)) {
          element.setAttribute(name, text);
        }
        document.querySelector("main").append(element);
        return failed;
      },
      { vault: vault.ready.vault, key: vault.ready.publishable_key, attribute, value },
    );
    assert.deepEqual([error.code, error.classification], ["bad_option", "merchant"]);
    if (typeof message === "string") {
      assert.equal(error.message, message);
    } else {
      assert.match(error.message, message);
    }
    await page.close();
  });
}
