// Serves `dist`, and spends the token that the form posts: the one thing that needs the secret key.
//
//   TESSERA_VAULT=https://vault.example TESSERA_SECRET_KEY=sk_test_… PORT=8900 npm start

import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const { TESSERA_VAULT: vault, TESSERA_SECRET_KEY: secretKey, PORT: port = "8900" } = process.env;
if (!vault || !secretKey) {
  throw new Error("set TESSERA_VAULT to the vault's origin and TESSERA_SECRET_KEY to a secret key");
}

const FILES = {
  "/": ["dist/index.html", "text/html; charset=utf-8"],
  "/page.css": ["page.css", "text/css; charset=utf-8"],
  "/tessera/auto.js": ["dist/tessera/auto.js", "text/javascript; charset=utf-8"],
  "/tessera/index.js": ["dist/tessera/index.js", "text/javascript; charset=utf-8"],
};

/** What this page may load: its own files, and the vault in a frame. */
const POLICY = `default-src 'none'; script-src 'self'; style-src 'self'; frame-src ${vault}; form-action 'self'`;

/** A body with more than this is no order of ours. */
const LIMIT_BYTES = 10_000;

async function formOf(request) {
  let body = "";
  for await (const part of request.setEncoding("utf8")) {
    body += part;
    if (body.length > LIMIT_BYTES) {
      throw new Error("the form is too long");
    }
  }
  return new URLSearchParams(body);
}

async function pay(form) {
  const token = form.get("tessera_token");
  if (!token) {
    // Scripts were blocked, or the vault could not be reached: the browser posts the form all the same.
    return [400, "There is no token: the payment form was not filled in, or did not load."];
  }
  const answer = await fetch(`${vault}/v1/customers`, {
    method: "POST",
    headers: { authorization: `Bearer ${secretKey}`, "content-type": "application/json" },
    body: JSON.stringify({ token, email: form.get("email") }),
  });
  const body = await answer.json();
  return answer.ok ? [200, `Thank you. You are customer ${body.id}.`] : [402, `Refused: ${body.error.code}`];
}

const server = createServer(async (request, response) => {
  const reply = (status, type, body) =>
    response.writeHead(status, { "content-type": type, "content-security-policy": POLICY }).end(body);
  try {
    const file = FILES[request.url];
    if (request.method === "POST" && request.url === "/pay") {
      const [status, text] = await pay(await formOf(request));
      reply(status, "text/plain; charset=utf-8", text);
    } else if (request.method === "GET" && file) {
      reply(200, file[1], readFileSync(new URL(file[0], import.meta.url)));
    } else {
      reply(404, "text/plain; charset=utf-8", "There is nothing here.");
    }
  } catch (error) {
    reply(502, "text/plain; charset=utf-8", `The order could not be placed: ${error.message}`);
  }
});
server.listen(Number(port), "127.0.0.1", () => process.stdout.write(`http://localhost:${server.address().port}\n`));
