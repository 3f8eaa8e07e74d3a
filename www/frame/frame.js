// The frame's first script: answers the host's greeting and keeps it until the module is there, or says why not.

const GLUE = "/assets/tessera.js";
const MODULE = "/assets/tessera_bg.wasm";
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
  const { integrity, dataset } = document.querySelector(`[href="${path}"]`);
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

/** The browser itself has compared the script with its integrity, but does not say so. */
const importGlue = () =>
  import(GLUE).catch(async () => {
    await load(GLUE);
    throw "network";
  });

try {
  const [tessera, bytes] = await Promise.all([importGlue(), load(MODULE)]);
  await tessera.default({ module_or_path: bytes });
  const page = tessera.start(form);
  greet = (event) => page.greet(event);
} catch (error) {
  // What is missing here (Lockdown Mode, a blocked download) is no secret: the shopper sees it, and so does
  // whoever greets.
  const message = "This browser could not start the payment form. Try another browser or reload the page.";
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
