// The shop's pages and actions as one request handler.

import { readFile } from "node:fs/promises";

import { CHOICES, claim, isClaimable, isPrepared, openAccount, placeOrder, prepare, savedMethods } from "./journeys.mjs";
import { Orders, Shoppers } from "./memory.mjs";
import { checkoutPage, messagePage, resultPage } from "./pages.mjs";
import { Refused, Unreachable, shortened } from "./recorder.mjs";

/** More than any form of the shop. */
const BODY_LIMIT_BYTES = 16_384;

const ASSETS = new Map([
  ["beans.svg", "image/svg+xml"],
  ["checkout.mjs", "text/javascript; charset=utf-8"],
  ["mark.svg", "image/svg+xml"],
  ["shop.css", "text/css; charset=utf-8"],
]);

const DEFAULTS = { journey: "new", method: "card", face: "native", script: "on" };

/** A request that the shop does not accept; the message says what it would. */
class BadRequest extends Error {
  status = 400;
}

/** What stands before a request's path where a whole address is needed; the name is no host. */
const BASE = "http://shop.invalid";

/** Gives the handler of all requests. */
export function createShop(options) {
  const shoppers = new Shoppers();
  const orders = new Orders();

  const routes = {
    "GET /": checkout,
    "POST /pay": pay,
    "POST /guest/claim": claimOrder,
  };

  return async (request, response) => {
    // Joined, not resolved: `//` and the like are paths of the shop, not other hosts.
    const target = BASE + request.url;
    const { pathname, searchParams } = new URL(URL.canParse(target) ? target : `${BASE}/%`);
    // Chosen by the shop, not by whoever is in front of it: protects against DNS rebinding.
    const exchange = { request, response, parameters: searchParams, wantsJson: isJson(request) };
    try {
      requireOwnSite(request);
      const route = routes[`${request.method} ${pathname}`];
      if (route) {
        await route(exchange);
      } else if (request.method === "GET" && pathname.startsWith("/assets/")) {
        await asset(exchange, pathname.slice("/assets/".length));
      } else if (request.method === "GET" && pathname.startsWith("/result/")) {
        result(exchange, pathname.slice("/result/".length));
      } else {
        page(exchange, 404, messagePage("There is no such page", "The address may have been mistyped."));
      }
    } catch (error) {
      fail(exchange, error);
    }
  };

  async function checkout(exchange) {
    const choice = readChoice(Object.fromEntries(exchange.parameters));
    const { shopper, cookie } = shoppers.recognise(exchange.request.headers.cookie);
    const saved = choice.journey === "returning" ? await account(shopper, choice.face) : [];
    const prepared = await prepare(options, choice, shopper.customers[choice.face]);
    const preparation = prepared && shopper.preparations.add(prepared);
    const sources = choice.script === "on" ? `'self' ${options.vault}` : options.vault;
    page(exchange, 200, checkoutPage(options, { choice, saved, preparation, attributes: prepared?.attributes }), {
      "content-security-policy": contentPolicy(`script-src ${sources}; frame-src ${options.vault}; `),
      ...(cookie && { "set-cookie": cookie }),
    });
  }

  /** Makes sure the returning shopper has an account; gives what the vault keeps for it. */
  async function account(shopper, face) {
    shopper.customers[face] ??= await openAccount(options, face, PERSON);
    return savedMethods(options, face, shopper.customers[face]);
  }

  async function pay(exchange) {
    const posted = await readBody(exchange.request);
    const choice = readChoice(posted);
    if (!/^[A-Za-z0-9_-]{1,200}$/.test(posted.token ?? "")) {
      throw new BadRequest("The order came without a payment token. The payment fields need JavaScript.");
    }
    const { shopper, cookie } = shoppers.recognise(exchange.request.headers.cookie);
    const person = readPerson(posted);
    const prepared = shopper.preparations.get(posted.preparation);
    if (isPrepared(choice) !== Boolean(prepared)) {
      throw new BadRequest("This page is too old, or of another gateway. Please open the checkout again.");
    }
    // A page that was prepared is one order. Its token may be an id that others know as well.
    const key = prepared ? posted.preparation : posted.token;
    const id = await orders.once(key, async () => {
      if (choice.journey === "returning") {
        shopper.customers[choice.face] ??= await openAccount(options, choice.face, person);
      }
      const customerId = shopper.customers[choice.face];
      const ip = exchange.request.socket.remoteAddress;
      const known = shopper.methods;
      const order = { ...choice, token: posted.token, person, customerId, known, ip, prepared };
      const record = await placeOrder(options, order);
      // A guest has no account to come back to.
      if (record.customer_id && choice.journey !== "guest") {
        shopper.customers[choice.face] = record.customer_id;
      }
      shopper.methods.add(record.payment_method_id);
      return { ...record, token: shortened(posted.token), person };
    });
    redirect(exchange, `/result/${id}`, cookie);
  }

  async function claimOrder(exchange) {
    const { order = "" } = await readBody(exchange.request);
    const record = orders.get(order);
    if (record?.journey !== "guest" || !record.payment_method_id) {
      throw new BadRequest("Only an order of a guest can be moved to a new account.");
    }
    if (isClaimable(record)) {
      record.claiming ??= claim(options, record);
      try {
        const claimed = await record.claiming;
        orders.replace(order, { ...claimed, claiming: undefined });
      } catch (error) {
        record.claiming = undefined;
        throw error;
      }
    }
    redirect(exchange, `/result/${order}`);
  }

  function result(exchange, id) {
    const record = orders.get(id);
    if (!record) {
      page(exchange, 404, messagePage("There is no such order", "The shop forgets orders when it is restarted."));
      return;
    }
    page(exchange, 200, resultPage(id, record));
  }
}

const PERSON = { first_name: "Ada", last_name: "Morel", email: "ada.morel@example.com" };

function readPerson(posted) {
  const text = (name) => String(posted[name] ?? "").trim().slice(0, 100) || PERSON[name];
  return { first_name: text("first_name"), last_name: text("last_name"), email: text("email") };
}

function readChoice(given) {
  const choice = {};
  for (const [name, accepted] of Object.entries(CHOICES)) {
    choice[name] = given[name] ?? DEFAULTS[name];
    if (!accepted.includes(choice[name])) {
      throw new BadRequest(`"${name}" must be one of: ${accepted.join(", ")}.`);
    }
  }
  return choice;
}

const isJson = ({ headers }) => (headers["content-type"] ?? "").split(";")[0].trim() === "application/json";

/** Only pages of the shop itself may post to it, and only under its own names. */
function requireOwnSite({ method, headers }) {
  if (!/^(localhost|127\.0\.0\.1)(:\d+)?$/.test(headers.host ?? "")) {
    throw new BadRequest("The shop answers under localhost and 127.0.0.1 only.");
  }
  if (method === "POST" && headers.origin !== undefined && headers.origin !== `http://${headers.host}`) {
    throw new BadRequest("Orders are taken from the shop's own pages only.");
  }
}

async function readBody(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > BODY_LIMIT_BYTES) {
      throw new BadRequest("The order is too long.");
    }
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  if (!isJson(request)) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  try {
    const body = JSON.parse(text);
    if (body && typeof body === "object" && Object.values(body).every((value) => typeof value === "string")) {
      return body;
    }
  } catch {
    // Said below.
  }
  throw new BadRequest("The order must be one JSON object of texts.");
}

const contentPolicy = (sources) =>
  `default-src 'none'; ${sources}style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; ` +
  "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

function headersOf(type) {
  return {
    "content-type": type,
    "content-security-policy": contentPolicy(""),
    "cross-origin-opener-policy": "same-origin",
    // "no-referrer" would hide the origin of the shop's own forms as well.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
  };
}

function page({ response }, status, markup, headers = {}) {
  response.writeHead(status, {
    ...headersOf("text/html; charset=utf-8"),
    "cache-control": "no-store",
    ...headers,
  });
  response.end(String(markup));
}

async function asset(exchange, name) {
  const type = ASSETS.get(name);
  if (!type) {
    page(exchange, 404, messagePage("There is no such file", "The address may have been mistyped."));
    return;
  }
  const content = await readFile(new URL(`../public/${name}`, import.meta.url));
  exchange.response.writeHead(200, { ...headersOf(type), "cache-control": "no-cache" });
  exchange.response.end(content);
}

/** Post, redirect, get: a reload of the next page repeats nothing. */
function redirect({ response, wantsJson }, location, cookie) {
  const headers = { "cache-control": "no-store", ...(cookie && { "set-cookie": cookie }) };
  if (wantsJson) {
    response.writeHead(201, { ...headersOf("application/json"), ...headers });
    response.end(JSON.stringify({ result: location }));
    return;
  }
  response.writeHead(303, { ...headersOf("text/plain"), ...headers, location });
  response.end();
}

function fail(exchange, error) {
  const [status, heading, text] = explain(error);
  if (exchange.response.headersSent) {
    exchange.response.destroy();
  } else if (exchange.wantsJson) {
    exchange.response.writeHead(status, { ...headersOf("application/json"), "cache-control": "no-store" });
    exchange.response.end(JSON.stringify({ error: text }));
  } else {
    page(exchange, status, messagePage(heading, text));
  }
}

function explain(error) {
  if (error instanceof BadRequest) {
    return [error.status, "That did not work", error.message];
  }
  if (error instanceof Unreachable) {
    const text = "The payment service cannot be reached at the moment. Please go back and try again.";
    return [503, "Payment is not available", text];
  }
  if (error instanceof Refused) {
    return [502, "Payment is not available", `The payment service refused the shop: ${error.message} (${error.code})`];
  }
  // The stack names files and lines of the shop; what was posted is not in it.
  process.stderr.write(`shop: ${error.stack}\n`);
  return [500, "Something went wrong", "The shop made a mistake. Your order was not placed."];
}
