// Starts and ends what the browser visits: the whole demo, or a vault and a shop of a test's own.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A started program: what its first line said, and how to end it. */
class Service {
  constructor(child, ready) {
    this.child = child;
    this.ready = ready;
    /** Everything that it has said on stderr since it was ready: the log. */
    this.log = "";
    child.stderr.on("data", (text) => (this.log += text));
  }

  /** Ends it with a signal; gives how it ended. */
  async end(signal = "SIGTERM") {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill(signal);
      await once(this.child, "exit");
    }
    return { code: this.child.exitCode, signal: this.child.signalCode };
  }
}

/** Starts a program whose first line on stdout is a JSON object. */
async function start(program, args, env = {}) {
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said = (said + text).slice(-4_000);
  });
  const lines = createInterface({ input: child.stdout });
  const first = await new Promise((resolve, reject) => {
    lines.once("line", resolve);
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(`${program} ended (${code ?? signal}):\n${said}`)));
  });
  return new Service(child, JSON.parse(first));
}

/** The whole demo on free ports with fresh data. Gives a service; `ready` is the line it prints. */
export function startDemo() {
  const args = ["demo", "--shop-port", "0", "--vault-port", "0"];
  const xtask = process.env.TESSERA_XTASK;
  return xtask ? start(xtask, args) : start("cargo", ["xtask", ...args]);
}

/** A vault alone, with more flags if there are any. `port` 0 takes a free one. */
export function startVault({ data, origins, port = 0, flags = [] }) {
  const allowed = origins.flatMap((origin) => ["--allow-origin", origin]);
  return start(vaultBinary(), ["serve", "--dev", "--data", data, "--listen", `127.0.0.1:${port}`, ...allowed, ...flags]);
}

/** Runs a command about keys beside a vault of `--dev` on this directory; gives the line it prints. */
export function keysCommand(data, words) {
  return JSON.parse(execFileSync(vaultBinary(), ["keys", ...words, "--dev", "--data", data]));
}

/** A shop for a vault that runs already. */
export function startShop({ port, vault }) {
  return start(
    process.execPath,
    [
      ...["www/shop/server.mjs", "--port", String(port), "--vault", vault.vault],
      ...["--organization-id", vault.organization_id, "--publishable-key", vault.publishable_key],
    ],
    { TESSERA_SECRET_KEY: vault.secret_key },
  );
}

/** The gallery for a vault that runs already. */
export function startGallery({ port, vault }) {
  const key = ["--publishable-key", vault.publishable_key];
  return start(process.execPath, ["www/gallery/server.mjs", "--port", String(port), "--vault", vault.vault, ...key]);
}

/** A directory that is gone after `remove`. */
export function temporaryDirectory() {
  const path = mkdtempSync(join(tmpdir(), "tessera-e2e-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A port that is free now, for a service whose address must be known before it starts. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** A site of a test's own on localhost; `page(request)` gives the HTML of every path, which comes with `headers`. */
export async function startSite(page, headers = {}) {
  const server = createServer((request, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...headers });
    response.end(page(request));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://localhost:${server.address().port}`,
    end: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Asks the vault's native face as a merchant's server would; with a body, to make something. */
export async function ask({ vault, secret_key }, path, body) {
  const response = await fetch(`${vault}${path}`, {
    method: body ? "POST" : "GET",
    headers: { authorization: `Bearer ${secret_key}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

/** How many customers the vault holds (fewer than a hundred in any test). */
export async function countCustomers(demo) {
  const { body } = await ask(demo, "/v1/customers?limit=100");
  return body.data.length;
}

let binary;

function vaultBinary() {
  binary ??= join(
    JSON.parse(
      execFileSync("cargo", ["metadata", "--format-version", "1", "--no-deps"], { cwd: ROOT, maxBuffer: 1 << 26 }),
    ).target_directory,
    "debug/tessera-vault",
  );
  return binary;
}
