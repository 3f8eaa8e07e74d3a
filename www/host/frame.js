/** One frame's life: the iframe, the greeting and the port. What is heard goes to the `hear` it was made with. */

/** Heights in px of what the frame shows, so that the page does not jump when it arrives. */
const FORM_HEIGHT = 324;
const CHOOSER_HEIGHT = 68;

const nonce = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export class Frame {
  /** Whether the frame has taken the greeting. */
  ready = false;
  options;
  iframe = document.createElement("iframe");
  #nonce = nonce();
  #port = null;
  #hear;

  constructor(options, hear) {
    this.options = options;
    this.#hear = hear;
    const { iframe } = this;
    const { gateway, endpoint, methods } = options.hello;
    iframe.title = "Payment details";
    iframe.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms");
    iframe.referrerPolicy = "no-referrer";
    this.height = FORM_HEIGHT + (methods.length > 1 ? CHOOSER_HEIGHT : 0);
    const query = gateway ? `?${new URLSearchParams({ gateway, endpoint })}` : "";
    iframe.src = `${options.origin}/frame/${options.keyId}${query}#${this.#nonce}`;
    iframe.addEventListener("load", () => this.#greet());
  }

  set height(px) {
    this.iframe.style.height = `${Math.min(Math.max(Math.ceil(px), 0), 2000)}px`;
  }

  post(message) {
    if (this.ready) {
      this.#port.postMessage(message);
    }
  }

  /** Forgets the document that was in the frame. */
  hangUp() {
    this.ready = false;
    this.#port?.close();
    this.#port = null;
  }

  close() {
    this.hangUp();
    this.#hear = null;
    this.iframe.remove();
  }

  #greet() {
    this.hangUp();
    if (!this.#hear) {
      return;
    }
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = ({ data }) => this.#port === port1 && this.#hear(data);
    const { origin, hello } = this.options;
    this.iframe.contentWindow.postMessage({ tessera: 1, nonce: this.#nonce, ...hello }, origin, [port2]);
  }
}
