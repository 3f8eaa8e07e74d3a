// The npm package, without a browser: what it holds, what it says of itself, and that importing it does nothing.
// After `cargo xtask build`, with the packages of tests/types: node --test tests/node/package.test.mjs

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { OBSERVED, STYLING } from "../../www/host/options.js";
import * as errors from "../../www/host/errors.js";
import { pretend } from "../../www/frame/fault.js";

const path = (relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const read = (relative) => readFileSync(path(relative), "utf8");

const GIVEN = {
  vault: "https://vault.example",
  "publishable-key": "pk_test_123456789ABC_23456789ABCDEFGHJKLMNPQRSTUVWXYZ",
};

test("importing has no effect, and registering without a registry none either", async () => {
  const before = Reflect.ownKeys(globalThis);
  const { TesseraCheckout, define } = await import("../../pkg/index.js");
  assert.equal(define(), TesseraCheckout);
  assert.equal(define("my-checkout"), TesseraCheckout);
  await import("../../pkg/auto.js");
  await import("../../pkg/server.js");
  await import("../../pkg/testing/index.js");
  assert.deepEqual(Reflect.ownKeys(globalThis), before);
});

test("a server writes the element with its place kept, and nothing that a strict policy forbids", async () => {
  const { placeholder } = await import("../../pkg/server.js");
  const html = placeholder({ ...GIVEN, methods: "card", name: 'a"b', disabled: true, session: null, dialect: undefined });
  assert.equal(
    html,
    '<tessera-checkout vault="https://vault.example" publishable-key="pk_test_123456789ABC_23456789ABCDEFGHJKLMNPQRSTUVWXYZ" ' +
      'methods="card" name="a&quot;b" disabled=""><template shadowrootmode="open" shadowrootdelegatesfocus>' +
      '<slot name="before"></slot><iframe title="Payment details" width="100%" height="324" frameborder="0" align="top"></iframe>' +
      "<slot></slot></template></tessera-checkout>",
  );
  const height = (options) => Number(/ height="(\d+)"/.exec(placeholder({ ...GIVEN, ...options }))[1]);
  assert.equal(height({ methods: "card ach" }) > height({ methods: "card" }), true, "the chooser takes its place, too");
  for (const wrong of [{ vault: "http://vault.example" }, { methods: "cash" }, { "publishable-key": "sk_test_x" }]) {
    assert.throws(() => placeholder({ ...GIVEN, ...wrong }), { name: "TypeError", code: "bad_option" });
  }
  assert.throws(() => placeholder({ ...GIVEN, 'x onload="alert(1)"': "1" }), /no name of an attribute/);
});

test("the options are the same in the sources, the types and the manifest", () => {
  const manifest = JSON.parse(read("pkg/custom-elements.json"));
  const [element] = manifest.modules[0].declarations;
  const described = element.attributes.map(({ name }) => name).sort();
  // Every element has `class` and `style`.
  const attributes = OBSERVED.filter((name) => !STYLING.includes(name));
  const observed = [...attributes, "pay-button", "name", "disabled"].sort();
  assert.deepEqual(described, observed, "the comment in www/host/element.js describes every attribute");
  const [, typed] = /export interface TesseraAttributes \{\n([^]*?)\n\}/.exec(read("pkg/index.d.ts"));
  const names = [...typed.matchAll(/^ {2}"?([\w-]+)"?\??:/gm)].map(([, name]) => name);
  assert.deepEqual(names.sort(), observed, "TesseraAttributes in pkg/index.d.ts has every attribute");
  const table = read("pkg/README.md");
  assert.deepEqual(observed.filter((name) => !table.includes(`\`${name}\``)), [], "pkg/README.md explains every attribute");
});

test("the members, events and states of the manifest are those of the element", async () => {
  const { TesseraCheckout } = await import("../../pkg/index.js");
  const source = read("www/host/element.js");
  const [element] = JSON.parse(read("pkg/custom-elements.json")).modules[0].declarations;
  const isCallback = (name) => name === "constructor" || name.endsWith("Callback");
  const own = Object.getOwnPropertyNames(TesseraCheckout.prototype).filter((name) => !isCallback(name));
  assert.deepEqual(element.members.map(({ name }) => name).sort(), own.sort());
  assert.equal(element.members.every(({ description }) => description), true, "each with a sentence");
  const names = (list) => list.map(({ name }) => name).sort();
  const found = (pattern) => [...new Set([...source.matchAll(pattern)].map(([, name]) => name))].sort();
  assert.deepEqual(names(element.events), found(/#emit\("(\w+)"/g).map((name) => `tessera-${name}`));
  const states = [...found(/#hold\("(\w+)"/g)];
  assert.deepEqual(names(element.cssStates), states);
  const [, typed] = /export type TesseraState = (.+);/.exec(read("pkg/index.d.ts"));
  assert.deepEqual(typed.split(" | ").map((name) => name.replaceAll('"', "")).sort(), states);
});

/** The frame's page as far as faults know it, and what it tells the host. */
class Page {
  heard = [];

  constructor(key) {
    this.key = key;
  }

  asked(fault) {
    pretend(fault, this);
    return this;
  }

  post(message) {
    this.heard.push(message);
  }
}

/** What a frame says that was asked for a fault when it loads. */
const failure = (fault, key = "pk_test_x") => {
  const [{ type, error }, ...others] = new Page(key).asked(fault).heard;
  assert.deepEqual([type, others], ["failed", []], fault);
  return error;
};

/** What becomes of a token. */
const answer = (fault) => new Page("pk_test_x").asked(fault).fault;

test("every code of the element is in the table of errors, with the same classification", () => {
  const { groups } = JSON.parse(read("docs/errors.json"));
  const table = new Map(groups.flatMap(({ errors }) => errors).map((error) => [error.code, error.classification]));
  const made = Object.values(errors).filter((made) => made?.code);
  const [, load, call] = /Fault =\n {2}\| `\$\{LoadErrorCode\}@(\w+)`\n {2}\| `\$\{(.+)\}@tokenize`/.exec(read("pkg/index.d.ts"));
  assert.equal(load, "load");
  const [, codes] = /export type LoadErrorCode =\n([^]*?);/.exec(read("pkg/index.d.ts"));
  const quoted = (text) => [...text.matchAll(/"(\w+)"/g)].map(([, code]) => code);
  const faults = [
    ...quoted(codes).map((code) => failure(`${code}@load`)),
    ...quoted(call).map((code) => answer(`${code}@tokenize`)),
    answer("decline"),
  ];
  assert.ok(made.length >= 6 && faults.length >= 13);
  for (const { code, classification } of [...made, ...faults, errors.badOption("x", "y")]) {
    assert.equal(table.get(code), classification, code);
  }
});

test("faults are for test keys, and a wrong one is answered with those that exist", () => {
  const live = failure("timeout@load", "pk_live_x");
  assert.equal(live.code, "bad_option");
  assert.match(live.message, /test keys/);
  for (const wrong of ["timeout", "timeout@submit", "declined@load", "toString@load", "offline@__proto__", "@"]) {
    const { code, message } = failure(wrong);
    assert.deepEqual([code, message.slice(0, 36)], ["bad_option", '"fault" must be one of: offline@load'], wrong);
  }
  assert.deepEqual(new Page("pk_live_x").asked("").heard, []);
  assert.equal(new Page("pk_test_x").asked("timeout@tokenize").asked("").fault, null, "all is as it is");
});

test("the packed package holds everything that it exports", () => {
  const packed = JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json"], { cwd: path("pkg"), encoding: "utf8" }));
  const files = packed[0].files.map((file) => file.path);
  const { exports } = JSON.parse(read("pkg/package.json"));
  const exported = Object.values(exports).flatMap((target) => (typeof target === "string" ? [target] : Object.values(target)));
  for (const file of exported.map((target) => target.slice(2)).filter((file) => file !== "package.json")) {
    assert.ok(existsSync(path(`pkg/${file}`)), `${file} exists`);
    assert.ok(files.includes(file), `${file} is packed`);
  }
});

test("what is right compiles, and what is marked as wrong does not", { timeout: 180_000 }, () => {
  const { status, stdout } = spawnSync(process.execPath, [path("tests/types/node_modules/typescript/bin/tsc"), "-p", path("tests/types")], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout);
});
