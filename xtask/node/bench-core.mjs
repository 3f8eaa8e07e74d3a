// Types card numbers in Chromium through our module and through the libraries that other pages use; prints the
// medians of five runs as JSON. `cargo xtask bench core` makes the table of it.
// Usage: node bench-core.mjs CHROMIUM PACKAGE_DIRECTORY
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const RUNS = 5;

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const [executablePath, directory = `${root}/pkg/wasm`] = process.argv.slice(2);

// Each part of the checkout has its own locked packages; nothing is installed twice for the sake of an import.
const from = (part) => createRequire(`${root}/${part}/package.json`);
const { chromium } = from("tests/e2e")("playwright-core");
const { build } = from("xtask/npm")("esbuild");
const peers = from("tests/conformance");

const bundle = await build({
  entryPoints: [`${here}/bench-core-page.mjs`],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  write: false,
  external: ["/pkg/*"],
  nodePaths: [`${root}/tests/conformance/node_modules`],
});

const FILES = {
  "/": ["text/html", () => '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>'],
  "/page.js": ["text/javascript", () => bundle.outputFiles[0].text],
  "/pkg/tessera.js": ["text/javascript", () => readFile(`${directory}/tessera.js`)],
  "/pkg/tessera_bg.wasm": ["application/wasm", () => readFile(`${directory}/tessera_bg.wasm`)],
};

const server = createServer(async (request, response) => {
  const [type, content] = FILES[request.url] ?? [];
  // Cross-origin isolation gives the page a finer clock.
  response.writeHead(type ? 200 : 404, {
    "content-type": type ?? "text/plain",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-opener-policy": "same-origin",
  });
  response.end(type ? await content() : "");
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));

const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"],
});
try {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) {
    const page = await browser.newPage();
    const broken = new Promise((_, reject) => page.on("pageerror", reject));
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    runs.push(new Map(await Promise.race([page.evaluate(() => globalThis.run()), broken])));
    await page.close();
  }
  const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  const version = async (name) => {
    const manifest = JSON.parse(await readFile(`${dirname(peers.resolve(name))}/../package.json`, "utf8"));
    return manifest.version;
  };
  process.stdout.write(JSON.stringify({
    runs: RUNS,
    machine: `${cpus().length} cores of ${cpus()[0].model}`,
    chromium: browser.version(),
    versions: {
      "cleave-zen": await version("cleave-zen"),
      "card-validator": await version("card-validator"),
      payform: await version("payform"),
    },
    rates: [...runs[0].keys()].map((name) => ({ name, perSecond: median(runs.map((run) => run.get(name))) })),
    spread: Object.fromEntries([...runs[0].keys()].map((name) => {
      const values = runs.map((run) => run.get(name));
      return [name, Math.max(...values) / Math.min(...values)];
    })),
  }) + "\n");
} finally {
  await browser.close();
  server.close();
}
