// The demo shop's own server against requests that no browser sends on purpose.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, test } from "node:test";

import { freePort, startShop } from "./services.mjs";

const VAULT = {
  vault: "http://127.0.0.1:9",
  organization_id: "mer_11111111111111111111",
  publishable_key: "pk_test_111111111111_11111111111111111111111111111111",
  secret_key: "sk_test_111111111111_11111111111111111111111111111111",
};

let port;
let shop;

before(async () => {
  port = await freePort();
  shop = await startShop({ port, vault: VAULT });
});

after(() => shop?.end());

/** Sends a request line as it is; gives the status line of the answer. */
async function statusOf(target) {
  const socket = connect(port, "127.0.0.1");
  socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`);
  const [answer] = await once(socket, "data");
  socket.destroy();
  return Number(answer.toString("latin1").split(" ")[1]);
}

for (const target of ["//", "/\\", "http://[", "http://a:b", "///x", "//x/assets/shop.css"]) {
  test(`the request target ${target} is no page, and the shop goes on`, async () => {
    assert.equal(await statusOf(target), 404);
    assert.equal(await statusOf("/assets/shop.css"), 200);
  });
}
