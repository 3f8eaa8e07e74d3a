// A shop that serves the element itself, as a merchant does who bundles it, and nothing else.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const ELEMENT = readFileSync(fileURLToPath(new URL("../../pkg/index.js", import.meta.url)));

/** Starts it: `/index.js` is the element; every other path is a page, with the `policy` that its address names. */
export async function startBareShop() {
  let contents = "";
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    const isScript = pathname === "/index.js";
    response.writeHead(200, {
      "content-type": isScript ? "text/javascript" : "text/html; charset=utf-8",
      "content-security-policy": searchParams.get("policy") ?? "",
    });
    response.end(isScript ? ELEMENT : `<!doctype html><title>shop</title><main>${contents}</main>`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://localhost:${server.address().port}`,
    /** Puts HTML into the page. */
    show: (html) => (contents = html),
    end: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Runs in a page: puts the element in and gives what `mount` gives. The codes of errors are kept in `told`. */
export async function mountIn({ address, key, options }) {
  const { define } = await import("/index.js");
  define();
  const element = document.createElement("tessera-checkout");
  element.setAttribute("vault", address);
  element.setAttribute("publishable-key", key);
  globalThis.told = [];
  element.addEventListener("tessera-error", ({ detail }) => told.push(detail.code));
  document.querySelector("main").append(element);
  return element.mount(options);
}
