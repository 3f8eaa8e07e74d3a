// The frame's first script: keeps the host's greeting until the module is there, or answers when it cannot come.

const form = document.getElementById("payment");

// Before the module listens, Enter must not do the browser's own submit.
form.addEventListener("submit", (event) => event.preventDefault());

const greetings = [];
let greet = (event) => greetings.push(event);
addEventListener("message", (event) => greet(event));

try {
  const tessera = await import("/assets/tessera.js");
  await tessera.default({ module_or_path: "/assets/tessera_bg.wasm" });
  const page = tessera.start(form);
  greet = (event) => page.greet(event);
} catch {
  // What is missing here (Lockdown Mode, a blocked download) is no secret: the shopper sees it, and so does
  // whoever greets.
  const message = "This browser could not start the payment form. Try another browser or reload the page.";
  document.getElementById("notice").textContent = message;
  for (const element of form.elements) {
    element.disabled = true;
  }
  greet = (event) =>
    event.ports[0]?.postMessage({
      type: "failed",
      error: {
        code: typeof WebAssembly === "object" ? "module_unavailable" : "webassembly_unavailable",
        classification: "environment",
        field: null,
        message,
        help: "docs/errors.md#module_unavailable",
      },
    });
}
greetings.forEach((event) => greet(event));
