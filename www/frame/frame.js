// The first script of the card frame. It keeps the host's greeting until the WebAssembly module is there and
// answers for it when it cannot come. Rules, typing and messages live in the module.

const form = document.getElementById("payment");

// Before the module listens, Enter must not do the browser's own submit.
form.addEventListener("submit", (event) => event.preventDefault());

const greetings = [];
let greet = (event) => greetings.push(event);
addEventListener("message", (event) => greet(event));

const load = async () => {
  const tessera = await import("/assets/tessera.js");
  await tessera.default({ module_or_path: "/assets/tessera_bg.wasm" });
  return tessera.start(form);
};

// Told on the port of whoever greets: what is missing here (Lockdown Mode, a blocked download) is no secret.
const refuse = () => (event) => {
  event.ports[0]?.postMessage({
    type: "failed",
    error: {
      code: typeof WebAssembly === "object" ? "module_unavailable" : "webassembly_unavailable",
      classification: "environment",
      field: null,
      message: "This browser could not start the payment form. Try another browser or reload the page.",
      help: "docs/errors.md#module_unavailable",
    },
  });
};

try {
  const checkout = await load();
  greet = (event) => checkout.greet(event);
} catch {
  greet = refuse();
}
greetings.splice(0).forEach((event) => greet(event));
