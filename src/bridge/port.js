// The port to the host: how it is accepted, and every message that comes through it.

import { confirmAccount, mandate, secCodes } from "./bank.js";
import { run, tokenize } from "./exchange.js";
import { empty, fillAll } from "./inputs.js";
import { autofill, methodsOf, offer } from "./methods.js";
import { page } from "./page.js";
import { prefill } from "./prefill.js";
import { plain, problem } from "./problem.js";
import { notice, translate } from "./sentences.js";
import { hostTexts, text } from "./words.js";

/** Part of the merchant's card policy, which the module reads. */
const restrict = (member) => (value) => page.checkout.restrict(member, value);

/**
 * The options that the greeting may hold and `update` may change, by the member's name. Each takes what the member
 * holds, inside `act`, after a look at what it is; `undefined` is a greeting that says nothing of it. What is thrown
 * is an error as every export throws it, and the host hears that it `failed`.
 */
const OPTIONS = {
  confirmAccount,
  secCodes,
  mandate,

  methods(list) {
    const methods = methodsOf(list);
    if (methods) {
      offer(methods);
    }
  },

  /** Of the stored card whose code alone is asked for. */
  scheme(id) {
    if (id) {
      page.checkout.pick(`${id}`);
    }
  },

  last4(digits) {
    const stored = page.element("#stored");
    if (digits && !/^\d{4}$/.test(digits)) {
      throw problem("bad_option", "merchant", null, '"last4" must be the four last digits of the stored card.');
    }
    stored.hidden = !digits;
    stored.dataset.last4 = digits;
    stored.textContent = text("code.card", stored.dataset);
  },

  accepted: restrict("accepted"),
  amexCode: restrict("amexCode"),
  maestroCode: restrict("maestroCode"),
  unionpayLuhn: restrict("unionpayLuhn"),
  prefill,

  autofill(names) {
    autofill(names);
  },

  cobadge(scheme) {
    page.checkout.preset(scheme && `${scheme}`);
  },

  binDigits(digits) {
    page.binDigits = [0, 6].includes(digits) ? digits : 8;
  },

  /** The vault has made the page in the language of the greeting. */
  locale(tag) {
    if (typeof tag === "string" && /^[\w-]+$/.test(tag) && tag !== page.locale) {
      translate(page, tag).catch(() => {});
    }
  },

  disabled(disabled) {
    if (typeof disabled === "boolean") {
      for (const control of page.form.elements) {
        control.toggleAttribute("disabled", disabled);
      }
    }
  },
};

/**
 * Takes those options out of a message that are asked for, and goes on unless one of them is refused, which the host
 * hears.
 */
const take = (page, message, which, then) => {
  try {
    page.act(() => {
      Object.keys(OPTIONS)
        .filter(which)
        .forEach((name) => OPTIONS[name](message[name]));
      then?.();
    });
  } catch (error) {
    page.post({ type: "failed", error: plain(error) });
  }
};

/** How high the page is; nothing while the browser has not told a frame out of sight how wide it is. */
export const height = () => innerWidth && document.body.offsetHeight;

/** Whether a message asks for another look than the page came with, or for a fault. */
const isLook = ({ theme, ...wanted }) => {
  const { dataset, style } = document.documentElement;
  const known = { preset: dataset.theme, colorScheme: dataset.scheme, layout: dataset.layout };
  const isThemed = theme && (style.length || Object.keys(theme).length);
  return "fault" in wanted || isThemed || Object.keys(known).some((member) => wanted[member] && wanted[member] !== known[member]);
};

/** Another look needs a script of its own, which most shops do without. */
const dress = async (page, message) => {
  try {
    const { dress } = await import("/assets/look.js");
    await dress(message, (error) => warn(page, error), page);
  } catch (error) {
    // What did not come, or came with other bytes, the browser tells in its own words.
    throw error.code ? error : problem("network", "environment");
  }
};

/** Something is wrong that a payment can do without: the merchant should know. */
const warn = (page, error) => page.post({ type: "warning", error: plain(error) });

/** What the host may ask, by the message's type. What is not here is ignored. */
const MESSAGES = {
  __proto__: null,

  tokenize(page, { id, deadline_ms }) {
    if (typeof id === "number" && typeof deadline_ms === "number") {
      tokenize(page, id, deadline_ms);
    }
  },

  abort(page, { id }) {
    page.running.get(id)?.abort();
  },

  report(page) {
    page.act(() => page.checkout.report());
    page.reported();
  },

  focus(page) {
    const shown = ({ name }) => page.problem === name || (!page.problem && page.isShown(name));
    Object.values(page.controls).find(shown)?.focus();
  },

  update(page, message) {
    if (isLook(message)) {
      page.dressed = dress(page, message).catch((error) => warn(page, error));
    }
    take(page, message, (name) => name in message);
  },

  reset(page) {
    page.act(() => {
      page.checkout.clear();
      empty();
      fillAll();
      page.touched.clear();
      prefill(page.prefill);
      notice(page);
    });
  },
};

/** The first message of a host, if we take it: what it says, and our end of the channel. */
const accepted = ({ data, source, origin, ports: [port] }) => {
  const allowed = (document.documentElement.dataset.origins ?? "").split(/\s+/);
  const nonce = location.hash.slice(1);
  return origin && source === parent && allowed.includes(origin) && data?.tessera === 1 &&
    nonce && data.nonce === nonce && typeof data.key === "string" && port;
};

/** A window message: the host's greeting, or something that is ignored. */
export const greet = (page, event) => {
  const port = !page.broken && accepted(event);
  if (!port) {
    return;
  }
  const { data, origin } = event;
  page.port?.close();
  page.port = port;
  port.onmessage = ({ data }) => MESSAGES[data?.type]?.(page, data);
  try {
    const { endpoint } = document.documentElement.dataset;
    if (data.gateway) {
      page.checkout.connectGateway(`${data.gatewayKey}`, `${data.endpoint}`, endpoint ?? "", origin, `${data.gateway}`);
    } else {
      page.checkout.connect(data.key, location.origin, origin, `${data.dialect}`, data.session || undefined);
    }
  } catch (error) {
    page.post({ type: "failed", error: plain(error) });
    return;
  }
  page.bin = null;
  page.key = data.key;
  const ready = () =>
    take(page, data, () => true, () => {
      page.post({ type: "ready", height: height(), texts: hostTexts() });
      // Ahead of need; if it fails, the attempt that needs it says why.
      run(page, page.checkout.prepare(), 10_000).catch((error) => page.broke(error));
    });
  if (isLook(data)) {
    dress(page, data).then(ready, (error) => page.port === port && page.post({ type: "failed", error: plain(error) }));
  } else {
    ready();
  }
};
