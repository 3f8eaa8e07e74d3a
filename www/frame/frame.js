// The frame's first script: answers the host's greeting and keeps it until the module is there, or says why not.

const GLUE = "/assets/tessera.js";
const MODULE = "/assets/tessera_bg.wasm";
const TRANSLATION = "/assets/tessera.js-only.js";
const link = (path) => document.querySelector(`[href="${path}"]`);
const form = document.getElementById("payment");

// Before the module listens, Enter must not do the browser's own submit.
form.addEventListener("submit", (event) => event.preventDefault());

const greetings = [];
const answer = (event, message) => event.source === parent && event.ports[0]?.postMessage(message);
let greet = (event) => {
  greetings.push(event);
  answer(event, { type: "here" });
};
addEventListener("message", (event) => greet(event));

/** The bytes of a file, if they are those that the vault has written into the page; else why there are none. */
const load = async (path) => {
  const { integrity, dataset } = link(path);
  const expected = integrity || dataset.integrity;
  const bytes = await fetch(path).then((answer) => answer.ok && answer.arrayBuffer(), () => null);
  if (!bytes) {
    throw "network";
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  if (expected && expected !== `sha256-${btoa(String.fromCharCode(...digest))}`) {
    throw "integrity_mismatch";
  }
  return bytes;
};

/** The browser itself compares a script with its integrity, but does not say so. */
const importScript = (path) =>
  import(path).catch(async () => {
    await load(path);
    throw "network";
  });

/** The texts in the language that the vault has chosen. */
const loadWords = async () => {
  const bytes = await load(`/assets/locale/${document.documentElement.lang}.json`);
  return JSON.parse(new TextDecoder().decode(bytes));
};

/** The module translated to JavaScript, for browsers that run no WebAssembly or refuse this one. */
const translated = async () => {
  link(TRANSLATION).rel = "modulepreload";
  const tessera = await importScript(TRANSLATION);
  await tessera.default();
  return tessera;
};

const compiled = async () => {
  const [tessera, bytes] = await Promise.all([importScript(GLUE), load(MODULE)]);
  return tessera.default({ module_or_path: bytes }).then(() => tessera, translated);
};

try {
  const [tessera, words] = await Promise.all([globalThis.WebAssembly ? compiled() : translated(), loadWords()]);
  const page = tessera.start(form, words);
  greet = (event) => page.greet(event);
} catch (error) {
  // What is missing here (Lockdown Mode, a blocked download) is no secret: the shopper sees it, and so does
  // whoever greets.
  const message = document.getElementById("broken").textContent;
  document.getElementById("notice").textContent = message;
  for (const element of form.elements) {
    element.disabled = true;
  }
  const code = typeof error === "string" ? error : "wasm_unavailable";
  const problem = { code, classification: "environment", field: null, message };
  // What did not come may come when the host asks again.
  greet = (event) => answer(event, { type: "failed", passing: code === "network", error: problem });
}
greetings.forEach((event) => greet(event));
