/**
 * The attributes: one row each in `OPTIONS`. A reader turns an attribute's text into the value that the frame gets,
 * or throws the words for what is accepted; nothing is sent for `undefined`. It is given the element, too, for what
 * depends on more than its own attribute.
 *
 * A row is sent with the greeting, and a change of it needs a new frame. `live` rows are sent again when they
 * change, in an `update`, and the frame and what was typed stay.
 */

import { badOption, urlOf } from "./errors.js";
import { colorScheme, preset, tokens } from "./theme.js";
import { camel } from "./token.js";

export const textOf = (element, name) => element.getAttribute(name)?.trim() ?? "";

const LOOPBACK = /^((.+\.)?localhost|127\.0\.0\.1|\[::1])$/;

/** The vault's origin. */
const vaultOrigin = (text) => {
  const url = urlOf(text) ?? {};
  const secure = url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.test(url.hostname));
  // Nothing but an origin: no path, no query, no password.
  if (!secure || url.href !== `${url.origin}/`) {
    throw "an origin, https: except on localhost";
  }
  return url.origin;
};

const KEY = /^pk_(test|live)_[0-9A-Za-z]{12}_[0-9A-Za-z]{32}$/;

const publishableKey = (text) => {
  if (!KEY.test(text)) {
    throw "a publishable key, which begins with pk_test_ or pk_live_";
  }
  return text;
};

/** Some of `known`, each once, in the order given; all of them for an empty text. */
const listOf = (known) => (text) => {
  const list = [...new Set((text || known.join(" ")).split(/\s+/))];
  if (!list.every((item) => known.includes(item))) {
    throw `a list of: ${known.join(", ")}`;
  }
  return list;
};

/** Any text; `absent` for an empty one. */
const text = (absent) => (given) => given || absent;

/** A text that must be there when a gateway is named, and counts for nothing otherwise. */
const withGateway = (given, element) => {
  if (!textOf(element, "gateway")) {
    return undefined;
  }
  if (!given) {
    throw "given when gateway is";
  }
  return given.replace(/\/+$/, "");
};

/** What one of the words in `values` means; `absent` for an empty text. */
const wordIn = (values, absent) => (given) => {
  if (given && !Object.hasOwn(values, given)) {
    throw `one of: ${Object.keys(values).join(", ")}`;
  }
  return given ? values[given] : absent;
};

/** Some of `known`, each once; nothing for an empty text. */
const someOf = (known) => (given) => (given ? listOf(known)(given) : undefined);

/** A JSON object; nothing for an empty text. The frame looks at what is in it. */
const object = (described) => (given) => {
  try {
    const value = given ? JSON.parse(given) : undefined;
    if (value === undefined || (value && typeof value === "object" && !Array.isArray(value))) {
      return value;
    }
  } catch {
    // Said below.
  }
  throw `a JSON object ${described}`;
};

const TAG = /^[a-z]{2,8}([-_][a-z0-9]+)*$/i;

/** A language tag; without one the language of the page around the element, which may have any. */
const locale = (given, element) => {
  if (given && !TAG.test(given)) {
    throw "a language tag, such as en or pt-BR";
  }
  const around = given ? "" : element.closest?.("[lang]")?.lang;
  return given || (TAG.test(around) ? around : "en");
};

/** Without a reader it is any text, and nothing for an empty one. */
const row = (attribute, read = text(), member = camel(attribute)) => ({ attribute, read, member });
const live = (...given) => ({ ...row(...given), live: true });

/** Ids behind each other; which of them exist, the frame knows. */
const ids = (given) => (given ? [...new Set(given.split(/\s+/))] : undefined);

/** The methods in their order; with a mode, its own. */
const methods = (given, element) => (textOf(element, "mode") ? ["code"] : listOf(["card", "ach"])(given));

/** Attribute, reader, and the member of the greeting if it has another name. */
export const OPTIONS = [
  row("publishable-key", publishableKey, "key"),
  live("methods", methods),
  // As many rows of fields as it has.
  row("mode", wordIn({ code: 1 })),
  live("locale", locale),
  live("confirm-account", wordIn({ on: true, off: false }, true)),
  live("sec-codes", someOf(["WEB", "PPD", "CCD", "TEL"])),
  live("mandate", object("with merchant, amount, frequency and date")),
  live("layout", text("columns")),
  live("theme", preset, "preset"),
  live("theme", colorScheme, "colorScheme"),
  live("theme", tokens),
  row("dialect", text("tessera")),
  row("session"),
  row("gateway"),
  row("endpoint", withGateway),
  row("gateway-key", withGateway),
  row("scheme"),
  live("accepted", ids),
  live("cobadge"),
  live("bin", wordIn({ none: 0, 6: 6, 8: 8 }), "binDigits"),
  live("amex-code"),
  live("maestro-code"),
  live("unionpay-luhn"),
  // Another card has another code.
  row("last4"),
  live("autofill", someOf(["number", "expiry", "code", "holder", "off"])),
  live("prefill", object('such as {"holder":"Ada Lovelace"}')),
  live("fault"),
];

/** Attributes by which a page changes custom properties. */
export const STYLING = ["style", "class"];

export const OBSERVED = [...new Set(["vault", ...OPTIONS.map(({ attribute }) => attribute), ...STYLING])];

const readOne = (element, attribute, read) => {
  try {
    return read(textOf(element, attribute), element);
  } catch (accepted) {
    throw badOption(attribute, accepted);
  }
};

/** What a frame needs to know: its origin, the key's id and the greeting. Throws the first problem. */
export const readOptions = (element) => {
  const options = { origin: readOne(element, "vault", vaultOrigin), hello: {} };
  for (const { attribute, read, member } of OPTIONS) {
    const value = readOne(element, attribute, read);
    if (value !== undefined) {
      options.hello[member] = value;
    }
  }
  return { ...options, keyId: options.hello.key.split("_")[2] };
};

/**
 * The update that tells a frame what is otherwise than before: without a type if nothing is, and `null` if it takes
 * a new frame to change that.
 */
export const updateOf = ({ origin, hello }, before) => {
  const isOther = ({ member }) => JSON.stringify(hello[member]) !== JSON.stringify(before.hello[member]);
  const others = OPTIONS.filter(isOther);
  if (origin !== before.origin || !others.every(({ live }) => live)) {
    return null;
  }
  const members = others.map(({ member }) => [member, hello[member]]);
  return others.length ? { type: "update", ...Object.fromEntries(members) } : {};
};
