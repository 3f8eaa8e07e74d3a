// How long a shopper waits for the form: from navigation until its inputs can be used, and until the element is ready,
// beside a page that has the same form in plain HTML. Prints the medians as JSON; `cargo xtask bench load` makes the
// table of it.
// Usage: node bench-load.mjs CHROMIUM VAULT
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { cpus, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const RUNS = 20;

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const [executablePath, vaultBinary] = process.argv.slice(2);
const { chromium } = createRequire(`${root}/tests/e2e/package.json`)("playwright-core");

/** The form of the frame's page, with its styles and without its script. */
const form = readFileSync(`${root}/www/frame/frame.html`, "utf8").match(/<form[\s\S]*<\/form>/)[0];
const page = (head, body) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Load</title>${head}</head><body>${body}</body></html>`;

let vault;
const FILES = {
  "/plain": () => ["text/html", page('<link rel="stylesheet" href="/frame.css">', form)],
  "/frame.css": () => ["text/css", readFileSync(`${root}/www/frame/frame.css`)],
  "/element": () => [
    "text/html",
    page(
      `<script src="/watch.js"></script><script type="module" src="${vault.vault}/tessera.js"></script>`,
      `<form><tessera-checkout vault="${vault.vault}" publishable-key="${vault.publishable_key}"></tessera-checkout></form>`,
    ),
  ],
  "/watch.js": () => ["text/javascript", 'addEventListener("tessera-ready", () => { window.readyMs ??= performance.now(); });'],
};
const site = createServer((request, response) => {
  const [type, content] = FILES[request.url]?.() ?? [];
  response.writeHead(type ? 200 : 404, { "content-type": type ?? "text/plain" }).end(content ?? "");
});
site.listen(0, "127.0.0.1");
await once(site, "listening");
const origin = `http://localhost:${site.address().port}`;

const data = mkdtempSync(join(tmpdir(), "tessera-bench-"));
const served = ["serve", "--dev", "--data", data, "--listen", "127.0.0.1:0", "--allow-origin", origin];
const child = spawn(vaultBinary, served, { stdio: ["ignore", "pipe", "ignore"] });
[vault] = (await once(createInterface({ input: child.stdout }), "line")).map(JSON.parse);

/** When a document's inputs were there and painted, on the clock of the machine. */
const usableIn = (frame) =>
  frame.evaluate(async () => {
    const painted = await new Promise((resolve) => {
      new PerformanceObserver((list) => {
        const paint = list.getEntriesByName("first-contentful-paint")[0];
        if (paint) {
          resolve(paint.startTime);
        }
      }).observe({ type: "paint", buffered: true });
    });
    const [navigation] = performance.getEntriesByType("navigation");
    return performance.timeOrigin + Math.max(painted, navigation.domInteractive);
  });

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const version = browser.version();
const measured = { plain: [], usable: [], ready: [] };

async function load(path, look) {
  // A new context has an empty cache and no connection.
  const context = await browser.newContext();
  const opened = await context.newPage();
  await opened.goto(origin + path);
  const started = await opened.evaluate("performance.timeOrigin");
  await look(opened, started);
  await context.close();
}

const plain = () =>
  load("/plain", async (opened, started) => {
    measured.plain.push((await usableIn(opened)) - started);
  });
const element = () =>
  load("/element", async (opened, started) => {
    await opened.waitForFunction("window.readyMs");
    measured.ready.push(await opened.evaluate("window.readyMs"));
    const iframe = await opened.locator("tessera-checkout iframe").elementHandle();
    measured.usable.push((await usableIn(await iframe.contentFrame())) - started);
  });

try {
  // The first of each warms up the machine, not the browser's cache.
  await plain();
  await element();
  Object.values(measured).forEach((list) => list.splice(0));
  for (let run = 0; run < RUNS; run += 1) {
    await (run % 2 ? plain() : element());
    await (run % 2 ? element() : plain());
  }
} finally {
  await browser.close();
  site.closeAllConnections();
  site.close();
  child.kill();
  await once(child, "exit");
  rmSync(data, { recursive: true, force: true });
}

const median = (list) => {
  const sorted = list.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};
const medians = Object.fromEntries(Object.entries(measured).map(([name, list]) => [name, median(list)]));
const machine = `${cpus().length} cores of ${cpus()[0].model}`;
process.stdout.write(`${JSON.stringify({ ...medians, runs: RUNS, chromium: version, machine })}\n`);
