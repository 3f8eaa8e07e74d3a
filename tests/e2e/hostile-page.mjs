// A merchant's page that turned against its shoppers: it hooks everything a page can hook before Tessera's
// element is loaded, and keeps whatever passes by.

/** Gives the page's HTML. It runs on an origin that the vault allows. */
export const hostilePage = ({ vault, publishable_key }) => `<!doctype html>
<html lang="en">
  <title>A hostile shop</title>
  <script>(${spy})()</script>
  <script type="module" src="${vault}/tessera.js"></script>
  <label>Control <input id="control"></label>
  <tessera-checkout vault="${vault}" publishable-key="${publishable_key}"></tessera-checkout>
</html>`;

/** Runs in the page, in front of every other script. */
function spy() {
  const seen = new Set();
  const within = new WeakSet();

  /** Keeps every text that can be reached from a value. */
  const keep = (value, depth = 0) => {
    if (typeof value === "string" || typeof value === "number") {
      seen.add(String(value));
    } else if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
      seen.add(String.fromCharCode(...new Uint8Array(value.buffer ?? value)));
    } else if (value && typeof value === "object" && depth < 4 && !within.has(value) && value !== window) {
      within.add(value);
      for (const name in value) {
        try {
          keep(value[name], depth + 1);
        } catch {
          // Another origin's object: that is the point.
        }
      }
      within.delete(value);
    }
  };

  const hook = (owner, name) => {
    const original = owner[name];
    owner[name] = function (...given) {
      given.forEach((value) => keep(value));
      const answer = new.target ? new original(...given) : original.apply(this, given);
      keep(answer);
      return answer;
    };
    owner[name].prototype = original.prototype;
  };

  const listen = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (type, listener, ...rest) {
    const wrapped =
      typeof listener === "function"
        ? function (event) {
            keep({ type: event.type, data: event.data, detail: event.detail, key: event.key });
            return listener.call(this, event);
          }
        : listener;
    return listen.call(this, type, wrapped, ...rest);
  };
  for (const type of ["message", "keydown", "keypress", "keyup", "beforeinput", "input", "change", "paste", "copy"]) {
    listen.call(window, type, (event) => keep({ type, data: event.data, key: event.key, code: event.code }), true);
  }

  const onmessage = Object.getOwnPropertyDescriptor(MessagePort.prototype, "onmessage");
  Object.defineProperty(MessagePort.prototype, "onmessage", {
    get: onmessage.get,
    set(listener) {
      onmessage.set.call(this, (event) => {
        keep(event.data);
        listener.call(this, event);
      });
    },
  });

  hook(MessagePort.prototype, "postMessage");
  hook(window, "postMessage");
  hook(window, "fetch");
  hook(window, "setTimeout");
  hook(window, "setInterval");
  hook(window, "queueMicrotask");
  hook(XMLHttpRequest.prototype, "open");
  hook(XMLHttpRequest.prototype, "send");
  hook(window, "WebSocket");
  hook(navigator, "sendBeacon");
  hook(JSON, "stringify");
  hook(JSON, "parse");
  hook(FormData.prototype, "set");
  hook(FormData.prototype, "append");
  hook(TextEncoder.prototype, "encode");
  hook(TextDecoder.prototype, "decode");
  hook(Promise.prototype, "then");
  hook(Array.prototype, "push");
  hook(Map.prototype, "set");
  hook(String.prototype, "replace");
  hook(String.prototype, "slice");
  hook(RegExp.prototype, "exec");
  hook(Element.prototype, "setAttribute");
  hook(ElementInternals.prototype, "setFormValue");
  hook(ElementInternals.prototype, "setValidity");

  globalThis.spoils = () => Array.from(seen).join("\u0000");
  globalThis.tryToRead = (iframe) => {
    const attempts = {
      document: () => iframe.contentDocument,
      body: () => iframe.contentWindow.document.body,
      form: () => iframe.contentWindow.document.forms[0].elements.number.value,
      name: () => iframe.contentWindow.name,
      location: () => iframe.contentWindow.location.href,
      storage: () => iframe.contentWindow.localStorage.length,
      inner: () => iframe.contentWindow.frames[0].document,
    };
    const answers = {};
    for (const [what, attempt] of Object.entries(attempts)) {
      try {
        answers[what] = attempt();
      } catch (error) {
        answers[what] = error.name;
      }
    }
    return answers;
  };
}
