// How long sealing takes in the card frame, with a key of each suite: from the first random byte of an attempt until its
// request is handed to the browser. Prints the medians as JSON; `cargo xtask bench seal` makes the table of it.
// Usage: node bench-seal.mjs CHROMIUM VAULT
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { cpus, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const WARM_UP = 20;
const RUNS = 101;
const SUITES = ["x25519", "x-wing"];

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const [executablePath, vaultBinary] = process.argv.slice(2);
const { chromium } = createRequire(`${root}/tests/e2e/package.json`)("playwright-core");

let vault;
const site = createServer((request, response) => {
  response.writeHead(200, { "content-type": "text/html" });
  response.end(
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Seal</title>
    <script type="module" src="${vault.vault}/tessera.js"></script></head><body><form>
    <tessera-checkout vault="${vault.vault}" publishable-key="${vault.publishable_key}"></tessera-checkout></form></body></html>`,
  );
});
site.listen(0, "127.0.0.1");
await once(site, "listening");
const origin = `http://localhost:${site.address().port}`;

/** Runs in every document before its own scripts: keeps what each sealing took, in milliseconds. */
const watch = () => {
  globalThis.sealedMs = [];
  let began;
  const { getRandomValues } = Crypto.prototype;
  Crypto.prototype.getRandomValues = function (bytes) {
    began ??= performance.now();
    return getRandomValues.call(this, bytes);
  };
  const send = globalThis.fetch;
  globalThis.fetch = (request, ...more) => {
    if (request instanceof Request && request.url.endsWith("/v1/tokens")) {
      globalThis.sealedMs.push(performance.now() - began);
    }
    began = undefined;
    return send(request, ...more);
  };
};

/** What each sealing took with a key of this suite, without those that warm up. */
async function measure(browser, suite) {
  const data = mkdtempSync(join(tmpdir(), "tessera-bench-"));
  const place = ["--data", data, "--listen", "127.0.0.1:0", "--allow-origin", origin];
  const child = spawn(vaultBinary, ["serve", "--dev", "--sealing-suite", suite, ...place], {
    env: { ...process.env, TESSERA_LOG: "error" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const ended = once(child, "exit").then(() => Promise.reject(new Error("the vault ended")));
    const line = once(createInterface({ input: child.stdout }), "line");
    [vault] = (await Promise.race([line, ended])).map(JSON.parse);
    const page = await browser.newPage();
    await page.addInitScript(watch);
    await page.goto(origin);
    await page.waitForFunction(() => document.querySelector("tessera-checkout")?.matches(":state(ready)"));
    const frame = page.frames().find((one) => one.url().startsWith(vault.vault));
    await frame.locator('[name="number"]').pressSequentially("4111111111111111");
    await frame.locator('[name="expiry"]').pressSequentially("1230");
    const code = frame.locator('[name="code"]');
    await code.pressSequentially("10");
    for (let run = 0; run < WARM_UP + RUNS; run += 1) {
      // Another code is another attempt.
      await code.press(String(run % 10));
      const result = await page.evaluate(() => document.querySelector("tessera-checkout").tokenize({ deadlineMs: 60_000 }));
      if (!result.token) {
        throw new Error(JSON.stringify(result.error));
      }
      await code.press("Backspace");
    }
    const sealed = await frame.evaluate(() => globalThis.sealedMs);
    if (sealed.length !== WARM_UP + RUNS) {
      throw new Error(`${sealed.length} envelopes instead of ${WARM_UP + RUNS}`);
    }
    await page.close();
    return sealed.slice(WARM_UP);
  } finally {
    child.kill();
    rmSync(data, { recursive: true, force: true });
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const measured = { runs: RUNS, machine: `${cpus().length} cores of ${cpus()[0].model}` };
try {
  for (const [name, flags] of [
    ["wasm", []],
    ["js_only", ["--js-flags=--jitless"]],
  ]) {
    const args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"];
    const browser = await chromium.launch({ executablePath, args: [...args, ...flags] });
    measured.chromium = browser.version();
    try {
      for (const suite of SUITES) {
        measured[`${name} ${suite}`] = median(await measure(browser, suite));
      }
    } finally {
      await browser.close();
    }
  }
} finally {
  site.closeAllConnections();
  site.close();
}
process.stdout.write(`${JSON.stringify(measured)}\n`);
