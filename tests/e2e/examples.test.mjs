// The projects in `examples`, as a merchant has them: the packed element installed, built with their own tools, and
// used by a shopper. `cargo xtask examples` installs them.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { CARDS, Checkout, launch, openPage, shows } from "./chromium.mjs";
import { ask, freePort, startVault, temporaryDirectory } from "./services.mjs";

const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));
/** The projects that Vite serves; React also as its developers see it, where StrictMode does everything twice. */
const SERVED = [
  { example: "plain-module", command: "preview" },
  { example: "react", command: "preview" },
  { example: "react", command: "dev" },
  { example: "vue", command: "preview" },
  { example: "svelte", command: "preview" },
];

const data = temporaryDirectory();
const ports = {};
let vault;
let browser;

before(async () => {
  assert.ok(existsSync(`${EXAMPLES}react/node_modules/.installed`), "run `cargo xtask examples` first");
  for (const { example, command } of [...SERVED, { example: "plain-html", command: "start" }]) {
    ports[`${example} ${command}`] = await freePort();
  }
  const origins = Object.values(ports).map((port) => `http://localhost:${port}`);
  vault = await startVault({ data: data.path, origins });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await vault?.end();
  data.remove();
});

/** What a project learns of the vault when it is built and when it runs. */
function environment(port) {
  const { vault: address, publishable_key: key, secret_key: secret } = vault.ready;
  return {
    ...process.env,
    ...{ VITE_TESSERA_VAULT: address, VITE_TESSERA_KEY: key },
    ...{ TESSERA_VAULT: address, TESSERA_KEY: key, TESSERA_SECRET_KEY: secret, PORT: String(port) },
    NO_COLOR: "1",
  };
}

/** Builds a project as its `package.json` says. */
const build = (example) =>
  promisify(execFile)("npm", ["run", "build"], { cwd: EXAMPLES + example, env: environment(0) });

/** Runs a program of a project until the test ends; settles when it says its address. */
async function serve(context, example, port, [program, ...args]) {
  const child = spawn(program, args, { cwd: EXAMPLES + example, env: environment(port), stdio: ["ignore", "pipe", "pipe"] });
  context.after(async () => {
    child.kill();
    await once(child, "exit");
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (said += text));
  await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => line.includes("http://localhost") && resolve());
    child.once("exit", () => reject(new Error(`${example} ended:\n${said}`)));
  });
  return `http://localhost:${port}`;
}

/** A page in which every complaint of the browser or of a framework is kept. */
async function openWatched(address) {
  const page = await openPage(browser);
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (line) => ["error", "warning"].includes(line.type()) && complaints.push(line.text()));
  // Browsers ask for an icon by themselves.
  await page.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
  await page.goto(address);
  return { page, complaints };
}

for (const { example, command } of SERVED) {
  test(`${example} (${command}): a card becomes a token, and again after the form was taken away`, async (context) => {
    const port = ports[`${example} ${command}`];
    if (command === "preview") {
      await build(example);
    }
    const mode = command === "dev" ? [] : [command];
    const vite = [`${EXAMPLES}${example}/node_modules/.bin/vite`, ...mode];
    const address = await serve(context, example, port, [...vite, "--port", String(port), "--strictPort"]);
    const { page, complaints } = await openWatched(address);
    const checkout = new Checkout(page);
    await checkout.typeCard();
    await page.getByRole("button", { name: "Pay $18.00 by visa" }).click();
    const outcome = page.getByRole("status").filter({ hasText: /tok_\w+/ });
    const first = await outcome.textContent();

    const change = page.getByRole("button", { name: "Change the order" });
    await change.click();
    await page.locator("tessera-checkout").waitFor({ state: "detached" });
    await change.click();
    await checkout.typeCard(CARDS.amex);
    await page.getByRole("button", { name: "Pay $18.00 by amex" }).click();
    const second = await outcome.textContent();
    assert.notEqual(second, first);
    assert.equal(await page.locator("tessera-checkout").count(), 1);
    assert.deepEqual(complaints, []);
    // The second token is as good as any: a server can spend it.
    const [token] = /tok_\w+/.exec(second);
    const { status } = await ask(vault.ready, "/v1/payment-methods", { token });
    assert.equal(status, 201);
    await page.close();
  });
}

test("plain-html: the form posts the token without a script of the page, and the server spends it", async (context) => {
  const port = ports["plain-html start"];
  await build("plain-html");
  const address = await serve(context, "plain-html", port, [process.execPath, "server.mjs"]);
  const { page, complaints } = await openWatched(address);
  const checkout = new Checkout(page);
  await page.getByLabel("E-mail").fill("ada@example.com");
  await checkout.typeCard();
  await shows(checkout.input("code"), CARDS.visa.code);
  await checkout.payButton.click();
  await page.getByText("Thank you.").waitFor();
  const [id] = /cus_\w+/.exec(await page.content());
  const { body } = await ask(vault.ready, `/v1/customers/${id}`);
  assert.equal(body.email, "ada@example.com");
  assert.deepEqual(complaints, []);
  await page.close();

  const empty = await fetch(`${address}/pay`, { method: "POST", body: new URLSearchParams({ email: "ada@example.com" }) });
  assert.equal(empty.status, 400, "a form without a token is refused");
});
