// The element in a page whose own origin plays the vault: the frame's document is a 404 page of the test server,
// and the test speaks for it at the other end of the port.

const KEY = "pk_test_123456789ABC_23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const TOKEN = {
  token: "tok_one", kind: "card", scheme: "visa", preferred_scheme: null, bin: "41111111", last4: "1111",
  exp_month: 12, exp_year: 2030, expires_at: "2030-01-01T00:15:00Z",
};

const same = (found, expected, what = "") => {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) {
    throw new Error(`${what}: found ${a}, expected ${b}`);
  }
};

const event = (target, type) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));

let loaded = null;
const load = (source) =>
  (loaded ??= import(URL.createObjectURL(new Blob([source], { type: "text/javascript" }))));

/** An error as the element passes it on: the help is a page of the vault. */
const linked = (error) => ({ ...error, help: `${location.origin}/docs/errors#${error.code}` });

class Stage {
  static async open(source, { attributes = {}, inForm = true } = {}) {
    const { define } = await load(source);
    define();
    const stage = new Stage();
    stage.element = document.createElement("tessera-checkout");
    const all = { vault: location.origin, "publishable-key": KEY, ...attributes };
    for (const [name, value] of Object.entries(all)) {
      stage.element.setAttribute(name, value);
    }
    stage.form = document.createElement("form");
    stage.form.innerHTML = '<button name="pay" value="now">Pay</button>';
    stage.submits = [];
    stage.form.addEventListener("submit", (submit) => {
      submit.preventDefault();
      stage.submits.push([...new FormData(stage.form, submit.submitter)].map(([name, value]) => `${name}=${value}`));
    });
    stage.greeted = 0;
    (inForm ? stage.form : document.body).append(stage.element);
    document.body.append(stage.form);
    return stage;
  }

  get iframe() {
    return this.element.shadowRoot.querySelector("iframe");
  }

  /** Waits for the greeting as the frame would and takes the port. */
  async greeting() {
    const { iframe } = this;
    await event(iframe, "load");
    const greeting = await event(iframe.contentWindow, "message");
    this.greeted += 1;
    this.data = greeting.data;
    this.origin = greeting.origin;
    this.port = greeting.ports[0];
    this.asked = [];
    this.say({ type: "here" });
    this.port.onmessage = ({ data }) => {
      this.asked.push(data);
      this.wake?.();
    };
  }

  async ready(greeting = this.greeting()) {
    await greeting;
    const ready = event(this.element, "tessera-ready");
    this.say({ type: "ready", height: 400 });
    await ready;
  }

  say(message) {
    this.port.postMessage(message);
  }

  /** The next message of the element of this type. */
  async heard(type) {
    for (;;) {
      const at = this.asked.findIndex((message) => message.type === type);
      if (at >= 0) {
        return this.asked.splice(0, at + 1).at(-1);
      }
      await new Promise((resolve) => (this.wake = resolve));
    }
  }

  async complete(complete, revision) {
    const change = event(this.element, "tessera-change");
    this.say({ type: "change", method: "card", complete, scheme: "visa", fields: {}, revision });
    return (await change).detail;
  }

  /** Lets every message that is under way arrive. */
  async settle() {
    this.say({ type: "bin", bin: null, scheme: null });
    await event(this.element, "tessera-bin");
  }

  close() {
    this.element.remove();
    this.form.remove();
  }
}

const play = (options, act) => async (source) => {
  const stage = await Stage.open(source, options);
  try {
    await act(stage);
  } finally {
    stage.close();
  }
};

export const greets_the_exact_origin = play({ attributes: { methods: "ach card" } }, async (stage) => {
  await stage.greeting();
  same(stage.origin, location.origin);
  const { nonce, ...data } = stage.data;
  const looks = { layout: "columns", preset: "plain", colorScheme: "auto", theme: {} };
  const usual = { locale: "en", confirmAccount: true, ...looks, dialect: "tessera" };
  same(data, { tessera: 1, key: KEY, methods: ["ach", "card"], ...usual });
  const { iframe } = stage;
  const { origin, pathname, searchParams, hash } = new URL(iframe.src);
  same([origin, pathname, hash], [location.origin, "/frame/123456789ABC", `#${nonce}`]);
  same([...searchParams.keys()], ["page", "theme", "scheme", "layout", "methods"]);
  same(searchParams.get("page").split(" ")[0], location.origin, "so that the vault can refuse at once");
  same(/^\d+(-\d+){3}$/.test(nonce), true, "four words of 32 bits");
  same(iframe.getAttribute("sandbox"), "allow-scripts allow-same-origin allow-forms");
  same(iframe.title, "Payment details");
  same(iframe.style.height, "500px", "reserved before the frame is there");
  const ready = event(document, "tessera-ready");
  stage.say({ type: "ready", height: 333.2 });
  same((await ready).detail, { methods: ["ach", "card"] }, "bubbles");
  same(iframe.style.height, "334px");
});

export const the_vault_and_the_frame_are_told_the_language = play({ attributes: { locale: "pt-BR" } }, async (stage) => {
  await stage.greeting();
  same([new URL(stage.iframe.src).searchParams.get("locale"), stage.data.locale], ["pt-BR", "pt-BR"]);
});

export const without_a_locale_the_page_says_which_language = async (source) => {
  const { lang } = document.documentElement;
  try {
    for (const [around, told] of [["de-AT", "de-AT"], ["not a tag", "en"], ["", "en"]]) {
      document.documentElement.lang = around;
      await play({}, async (stage) => {
        await stage.greeting();
        same(stage.data.locale, told, around);
      })(source);
    }
  } finally {
    document.documentElement.lang = lang;
  }
};

const PAYDOCK = { gateway: "paydock", endpoint: "https://api-sandbox.paydock.com", "gateway-key": "public-key" };

export const a_gateway_is_named_to_the_vault_and_to_the_frame = play({ attributes: PAYDOCK }, async (stage) => {
  await stage.greeting();
  const { origin, pathname, searchParams } = new URL(stage.iframe.src);
  same([origin, pathname], [location.origin, "/frame/123456789ABC"]);
  same([searchParams.get("gateway"), searchParams.get("endpoint")], ["paydock", "https://api-sandbox.paydock.com"]);
  const { gateway, endpoint, gatewayKey } = stage.data;
  same({ gateway, endpoint, gatewayKey }, { gateway: "paydock", endpoint: PAYDOCK.endpoint, gatewayKey: "public-key" });
});

export const a_gateway_without_its_endpoint_or_key_is_a_bad_option = async (source) => {
  await load(source);
  for (const missing of ["endpoint", "gateway-key"]) {
    const told = event(document, "tessera-error");
    const stage = await Stage.open(source, { attributes: { ...PAYDOCK, [missing]: "" } });
    const { detail } = await told;
    same([detail.code, detail.message], ["bad_option", `"${missing}" must be given when gateway is.`]);
    same(stage.iframe, null);
    stage.close();
  }
};

export const bad_options_name_what_is_accepted = async (source) => {
  await load(source);
  for (const [attributes, part] of [
    [{ vault: "http://vault.example" }, '"vault" must be an origin, https: except on localhost.'],
    [{ vault: "https://vault.example/path" }, '"vault"'],
    [{ vault: "javascript:alert(1)" }, '"vault"'],
    [{ "publishable-key": "sk_test_123456789ABC_23456789ABCDEFGHJKLMNPQRSTUVWXYZ" }, "begins with pk_test_"],
    [{ methods: "card cash" }, '"methods" must be a list of: card, ach.'],
    [{ locale: "in English" }, '"locale" must be a language tag, such as en or pt-BR.'],
  ]) {
    const told = event(document, "tessera-error");
    const stage = await Stage.open(source, { attributes });
    const { detail } = await told;
    same([detail.code, detail.classification, detail.field], ["bad_option", "merchant", null]);
    if (!detail.message.includes(part) || detail.message.includes("sk_test")) {
      throw new Error(detail.message);
    }
    same(await stage.element.tokenize(), { error: detail });
    same(stage.iframe, null);
    stage.close();
  }
};

export const tokenizes_and_says_so = play({}, async (stage) => {
  const early = stage.element.tokenize();
  await stage.ready();
  const first = await stage.heard("tokenize");
  const token = event(document, "tessera-token");
  stage.say({ type: "token", id: first.id, token: TOKEN });
  const expected = {
    token: "tok_one", kind: "card", scheme: "visa", preferredScheme: null, bin: "41111111", last4: "1111",
    expMonth: 12, expYear: 2030, expiresAt: "2030-01-01T00:15:00Z",
  };
  same(await early, expected);
  same((await token).detail, expected);
  same(first.deadline_ms > 1000 && first.deadline_ms < 15000, true);
  const refused = stage.element.tokenize();
  const second = await stage.heard("tokenize");
  const error = { code: "luhn", classification: "shopper", field: "number", message: "Check it." };
  stage.say({ type: "error", id: second.id, error });
  same(await refused, { error: linked(error) });
});

export const aborts = play({}, async (stage) => {
  await stage.ready();
  const already = await stage.element.tokenize({ signal: AbortSignal.abort() });
  same(already.error.code, "aborted");
  const controller = new AbortController();
  const pending = stage.element.tokenize({ signal: controller.signal });
  const asked = await stage.heard("tokenize");
  controller.abort();
  same((await pending).error.code, "aborted");
  same((await stage.heard("abort")).id, asked.id);
});

export const odd_options_settle_and_leave_nothing_behind = play({}, async (stage) => {
  await stage.ready();
  for (const signal of [3, "later", {}]) {
    const { error } = await stage.element.tokenize({ signal });
    same([error.code, error.message], ["bad_option", '"signal" must be an AbortSignal.']);
  }
  const pending = [stage.element.tokenize(null), stage.element.tokenize({ signal: null })];
  await stage.heard("tokenize");
  stage.element.reset();
  same((await Promise.all(pending)).map(({ error }) => error.code), ["aborted", "aborted"]);
});

export const disabled_is_a_property = play({}, async (stage) => {
  await stage.ready();
  stage.element.disabled = true;
  same((await stage.heard("update")).disabled, true);
  same([stage.element.disabled, stage.element.hasAttribute("disabled")], [true, true]);
  stage.element.disabled = false;
  same((await stage.heard("update")).disabled, false);
});

export const a_plain_form_posts_the_token_once = play({}, async (stage) => {
  await stage.ready();
  await stage.complete(true, 1);
  const button = stage.form.querySelector("button");
  button.click();
  button.click();
  const asked = await stage.heard("tokenize");
  same(stage.submits, [], "nobody sees the first submit");
  stage.say({ type: "token", id: asked.id, token: TOKEN });
  await event(stage.form, "submit");
  same(stage.submits, [["pay=now", "tessera_token=tok_one"]], "one post");
  await stage.settle();
  same(stage.asked.filter(({ type }) => type === "tokenize"), [], "a double click is one attempt");
});

export const after_the_real_submit_the_form_is_locked = play({ attributes: { name: "paid_with" } }, async (stage) => {
  await stage.ready();
  await stage.complete(true, 1);
  // This time nobody prevents the submit; it goes into a frame of its own.
  const sink = document.createElement("iframe");
  sink.name = "sink";
  document.body.append(sink);
  const form = stage.form.cloneNode(false);
  Object.assign(form, { target: "sink", method: "get", action: "about:blank" });
  document.body.append(form);
  form.append(stage.element);
  await stage.ready();
  await stage.complete(true, 2);
  let submits = 0;
  form.addEventListener("submit", () => (submits += 1));
  form.requestSubmit();
  const asked = await stage.heard("tokenize");
  stage.say({ type: "token", id: asked.id, token: TOKEN });
  await event(form, "submit");
  same([...new FormData(form)], [["paid_with", "tok_one"]]);
  form.requestSubmit();
  await stage.settle();
  same(stage.asked.filter(({ type }) => type === "tokenize").length, 0);
  same(submits, 1);
  await stage.complete(true, 3);
  same([...new FormData(form)], [], "a changed field has no token");
  form.requestSubmit();
  await stage.heard("tokenize");
  form.remove();
  sink.remove();
});

export const an_incomplete_form_is_reported_by_the_frame = play({}, async (stage) => {
  await stage.ready();
  await stage.complete(false, 1);
  same(stage.element.checkValidity(), false);
  await stage.heard("report");
  stage.form.requestSubmit();
  await stage.heard("report");
  same(stage.submits, []);
  await stage.complete(true, 2);
  same(stage.element.checkValidity(), true);
});

export const enter_in_the_frame_presses_the_default_button = play({}, async (stage) => {
  await stage.ready();
  await stage.complete(true, 1);
  stage.say({ type: "submit" });
  const asked = await stage.heard("tokenize");
  stage.say({ type: "token", id: asked.id, token: TOKEN });
  const submit = await event(stage.form, "submit");
  same(submit.submitter.name, "pay");
});

export const reset_and_disabling_reach_the_frame = play({}, async (stage) => {
  await stage.ready();
  const pending = stage.element.tokenize();
  await stage.heard("tokenize");
  stage.form.reset();
  same((await pending).error.code, "aborted");
  await stage.heard("reset");
  stage.element.toggleAttribute("disabled", true);
  same(await stage.heard("update"), { type: "update", disabled: true });
  stage.element.setAttribute("methods", "ach");
  same(await stage.heard("update"), { type: "update", methods: ["ach"] }, "what changed and nothing else");
});

export const moving_is_survived_and_removal_frees_everything = play({}, async (stage) => {
  await stage.ready();
  const { port, element } = stage;
  // Removed and put back at once, as React's StrictMode does.
  element.remove();
  stage.form.append(element);
  await stage.ready();
  same(stage.greeted, 2);
  const pending = element.tokenize();
  element.remove();
  same((await pending).error.code, "not_connected");
  same(stage.iframe, null);
  same((await element.tokenize()).error.code, "not_connected");
  port.postMessage({ type: "ready", height: 1 });
});

export const a_frame_that_failed_fails_every_attempt = play({}, async (stage) => {
  await stage.ready();
  const pending = stage.element.tokenize();
  const error = { code: "internal", classification: "internal", field: null, message: "Reload." };
  const told = [];
  stage.element.addEventListener("tessera-error", ({ detail }) => told.push(detail));
  stage.say({ type: "failed", error });
  same(await pending, { error: linked(error) });
  same(told, [linked(error)], "once");
  same(await stage.element.tokenize(), { error: linked(error) });
});

export const every_wait_has_an_end = play({}, async (stage) => {
  const { element } = stage;
  const greeting = stage.greeting();
  const code = async (promise) => (await promise).error.code;
  same(await code(element.tokenize({ deadlineMs: 1 })), "timeout", "before the frame is there");
  same(await code(element.mount({ deadlineMs: 1 })), "timeout");
  await stage.ready(greeting);
  const slow = element.tokenize({ deadlineMs: 60 });
  const { id, deadline_ms } = await stage.heard("tokenize");
  same(deadline_ms, 1, "the frame must not take longer than the page waits");
  same(await code(slow), "timeout");
  same((await stage.heard("abort")).id, id);
  for (const deadlineMs of [0, -1, NaN, Infinity, "soon"]) {
    const { error } = await element.tokenize({ deadlineMs });
    same([error.code, error.message], ["bad_option", '"deadlineMs" must be a number of milliseconds above 0.']);
    same(await code(element.mount({ deadlineMs })), "bad_option");
  }
});

export const mount_waits_for_the_frame_and_may_be_called_again = play({}, async (stage) => {
  const { element } = stage;
  const both = Promise.all([element.mount(), element.mount({ signal: new AbortController().signal })]);
  await stage.ready();
  same(await both, [{ ready: true }, { ready: true }]);
  same(await element.mount(), { ready: true }, "at once");
  same(stage.greeted, 1);
  element.remove();
  same((await element.mount()).error.code, "not_connected");
});

export const an_aborted_mount_lets_the_frame_go = play({}, async (stage) => {
  const { element } = stage;
  const told = [];
  element.addEventListener("tessera-error", ({ detail }) => told.push(detail));
  const controller = new AbortController();
  const pending = element.mount({ signal: controller.signal });
  controller.abort();
  same((await pending).error.code, "aborted");
  same([stage.iframe, told], [null, []], "silently");
  same((await element.tokenize()).error.code, "aborted");
  const again = element.mount();
  await stage.ready();
  same(await again, { ready: true });
});

export const an_environment_that_failed_may_have_mended = play({}, async (stage) => {
  await stage.greeting();
  const error = { code: "wasm_unavailable", classification: "environment", field: null, message: "No." };
  const told = event(stage.element, "tessera-error");
  stage.say({ type: "failed", error });
  same((await told).detail, linked(error));
  const token = stage.element.tokenize();
  await stage.ready();
  const asked = await stage.heard("tokenize");
  stage.say({ type: "token", id: asked.id, token: TOKEN });
  same((await token).token, "tok_one");
});

export const the_states_say_what_the_fields_are = play({}, async (stage) => {
  const { element } = stage;
  const names = ["ready", "empty", "focused", "invalid", "complete", "busy"];
  const states = () => names.filter((name) => element.matches(`:state(${name})`)).join(" ");
  const says = async (complete, fields) => {
    const change = event(element, "tessera-change");
    stage.say({ type: "change", method: "card", complete, scheme: null, fields, revision: 1 });
    await change;
    return states();
  };
  const field = (verdict, focused = false) => ({ verdict, reason: null, empty: verdict === "empty", focused });
  same(states(), "");
  await stage.ready();
  same(states(), "ready");
  const chosen = field("complete");
  same(await says(false, { number: field("empty"), account_type: chosen }), "ready empty", "a choice is no entry");
  same(await says(false, { number: field("partial", true), code: field("empty") }), "ready focused");
  same(await says(false, { number: field("invalid") }), "ready invalid");
  same(await says(true, { number: field("complete") }), "ready complete");
  const token = element.tokenize();
  same(states(), "ready complete busy");
  const asked = await stage.heard("tokenize");
  stage.say({ type: "token", id: asked.id, token: TOKEN });
  await token;
  same(states(), "ready complete");
  element.remove();
  await Promise.resolve();
  same(states(), "");
});

export const the_merchant_may_add_things_around_the_frame = play({}, async (stage) => {
  const { element } = stage;
  element.innerHTML = '<p slot="before">above</p><p>below</p><button slot="pay">mine</button>';
  await stage.ready();
  const parts = [...element.shadowRoot.children].map((part) => part.localName + (part.name ? `:${part.name}` : ""));
  same(parts, ["slot:before", "iframe", "slot", "slot:pay"]);
  const [before, below, pay] = element.shadowRoot.querySelectorAll("slot");
  const text = (slot) => slot.assignedElements().map(({ textContent }) => textContent);
  same([before, below, pay].map(text), [["above"], ["below"], ["mine"]]);
});

export const the_pay_button_presses_the_forms_or_asks_itself = async (source) => {
  for (const inForm of [true, false]) {
    const stage = await Stage.open(source, { attributes: { "pay-button": "Pay now" }, inForm });
    await stage.ready();
    await stage.complete(true, 1);
    const button = stage.element.shadowRoot.querySelector("button");
    same([button.textContent, button.part.value, button.disabled], ["Pay now", "pay", false]);
    const token = event(stage.element, "tessera-token");
    button.click();
    const asked = await stage.heard("tokenize");
    same(button.disabled, true, "one attempt at a time");
    stage.say({ type: "token", id: asked.id, token: TOKEN });
    same((await token).detail.token, "tok_one");
    same(button.disabled, false);
    stage.element.disabled = true;
    same(button.disabled, true);
    stage.element.removeAttribute("pay-button");
    same(stage.element.shadowRoot.querySelector("button"), null);
    stage.close();
  }
};

export const a_fault_is_for_the_frame_to_pretend = play({ attributes: { fault: "offline@load" } }, async (stage) => {
  await stage.ready();
  same(stage.data.fault, "offline@load");
  stage.element.setAttribute("fault", "decline");
  same(await stage.heard("update"), { type: "update", fault: "decline" });
  stage.element.removeAttribute("fault");
  const { fault, ...others } = await stage.heard("update");
  same([fault, others, stage.greeted], [undefined, { type: "update" }, 1], "the frame and what was typed stay");
});
