// Serves the gallery: node server.mjs --port 0 --vault http://127.0.0.1:8700 --publishable-key pk_test_…

import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const TYPES = { "gallery.js": "text/javascript; charset=utf-8", "gallery.css": "text/css; charset=utf-8" };
const LOCALES = new URL("../locales/", import.meta.url);

const text = { type: "string" };
const { values: options } = parseArgs({ options: { port: text, vault: text, "publishable-key": text } });

const file = (name) => readFileSync(fileURLToPath(new URL(name, import.meta.url)), "utf8");

/** The languages that the frame speaks: one file each. */
const locales = () => {
  try {
    const names = readdirSync(LOCALES).filter((name) => name.endsWith(".ftl"));
    return names.map((name) => name.replace(/\.ftl$/, "")).sort();
  } catch {
    return ["en"];
  }
};

const page = () =>
  file("gallery.html")
    .replaceAll("{vault}", new URL(options.vault).origin)
    .replace("{key}", options["publishable-key"].replace(/[^0-9A-Za-z_]/g, ""))
    .replace("{locales}", locales().join(" "));

const server = createServer((request, response) => {
  const name = new URL(request.url, "http://localhost").pathname.slice(1);
  if (name !== "" && !(name in TYPES)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    "content-type": TYPES[name] ?? "text/html; charset=utf-8",
    "content-security-policy":
      `default-src 'none'; script-src 'self' ${options.vault}; style-src 'self'; frame-src ${options.vault}; ` +
      "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  });
  response.end(name ? file(name) : page());
});

server.listen(Number(options.port ?? 0), "127.0.0.1", () => {
  const gallery = `http://localhost:${server.address().port}`;
  process.stdout.write(`${JSON.stringify({ ready: true, gallery })}\n`);
});

const end = () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
};
process.on("SIGINT", end);
process.on("SIGTERM", end);
