// Writes `dist`: the page with the vault and the publishable key in it, and the element's files beside it.
//
//   TESSERA_VAULT=https://vault.example TESSERA_KEY=pk_test_… npm run build

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const { TESSERA_VAULT: vault, TESSERA_KEY: key } = process.env;
if (!vault || !key) {
  throw new Error("set TESSERA_VAULT to the vault's origin and TESSERA_KEY to a publishable key");
}

const here = new URL("./", import.meta.url);
const dist = new URL("dist/", here);
rmSync(dist, { recursive: true, force: true });
mkdirSync(new URL("tessera/", dist), { recursive: true });
for (const file of ["index.js", "auto.js"]) {
  cpSync(new URL(file, import.meta.resolve("tessera-checkout")), new URL(`tessera/${file}`, dist));
}
const page = readFileSync(new URL("page.html", here), "utf8");
writeFileSync(new URL("index.html", dist), page.replace("%VAULT%", vault).replace("%KEY%", key));
process.stdout.write(`wrote ${fileURLToPath(dist)}\n`);
