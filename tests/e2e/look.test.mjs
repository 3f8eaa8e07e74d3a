// Layouts, themes and the height that is reserved for them, at every width.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import axe from "axe-core";

import { reservedHeight } from "../../www/host/height.js";
import { Checkout, eventually, launch, openPage } from "./chromium.mjs";
import { startSite, startVault, temporaryDirectory } from "./services.mjs";

const PRESETS = ["columns", "stacked", "line", "compact"];
const GRIDS = [
  "'number number' 'expiry code' 'holder holder'",
  "'number number number expiry code'",
  "'holder holder holder' 'number expiry code' 'routing account account' 'account-type holder-type holder-type'",
];
const WIDTHS = [240, 320, 480, 800];
const THEMES = ["plain", "soft", "ledger"];
const SCHEMES = ["light", "dark"];

let vault;
let browser;
let site;
let data;

/**
 * The page: the element with the attributes of the query, and something below that must not move. Until the script
 * is there, the page reserves the height itself, as `pkg/README.md` shows.
 */
const html = ({ url }) => {
  const query = new URL(url, "http://localhost").searchParams;
  const { css = "", placeholder = "", ...attributes } = Object.fromEntries(query);
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${value.replaceAll('"', "&quot;")}"`);
  return `<!doctype html>
<html lang="en">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>A shop</title>
  <style>
    body { margin: 0 }
    tessera-checkout:not(:defined) { display: block; height: ${placeholder}px }
  </style>
  <style>${css}</style>
  <script type="module" src="${vault.ready.vault}/tessera.js"></script>
  <script>
    globalThis.errors = [];
    addEventListener("tessera-error", ({ detail }) => globalThis.errors.push(detail));
    globalThis.shifts = [];
    const place = ({ node, previousRect, currentRect }) =>
      [node?.nodeName, previousRect.top, previousRect.height, "->", currentRect.top, currentRect.height].join(" ");
    new PerformanceObserver((list) => globalThis.shifts.push(...list.getEntries().flatMap(({ sources }) => sources.map(place))))
      .observe({ type: "layout-shift", buffered: true });
  </script>
  <main>
    <h1>Pay</h1>
    <tessera-checkout vault="${vault.ready.vault}" publishable-key="${vault.ready.publishable_key}"${written.join("")}>
    </tessera-checkout>
    <p>Below</p>
  </main>
</html>`;
};

/** A font of the browser driver's own pages: any will do. */
const someFont = () => {
  const folder = join(import.meta.dirname, "node_modules/playwright-core/lib");
  const found = readdirSync(folder, { recursive: true }).find((file) => file.endsWith(".ttf"));
  assert.ok(found, "playwright-core brings a font");
  return join(folder, found);
};

before(async () => {
  data = temporaryDirectory();
  // The page needs the vault's address, the vault the page's origin.
  site = await startSite((request) => html(request));
  vault = await startVault({ data: data.path, origins: [site.origin], flags: ["--font", `Shop Sans=${someFont()}`] });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await site?.end();
  await vault?.end();
  data?.remove();
});

const open = async (attributes, options = {}) => {
  const page = await openPage(browser, { viewport: { width: 800, height: 900 }, ...options });
  page.said = [];
  page.on("console", (message) => page.said.push(message.text()));
  await page.goto(`${site.origin}/?${new URLSearchParams(attributes)}`);
  return new Checkout(page);
};

const isReady = (checkout) => checkout.page.locator("tessera-checkout:state(ready)").waitFor();

const ready = async (attributes, options) => {
  const checkout = await open(attributes, options);
  await isReady(checkout);
  return checkout;
};

/** Tells axe's objections to the frame, in front of the colour that the page would have. */
const objections = async (checkout, backdrop) => {
  const inside = await checkout.inside();
  await inside.evaluate((colour) => {
    document.documentElement.style.backgroundColor = colour;
  }, backdrop);
  await inside.evaluate(axe.source);
  const { violations } = await inside.evaluate(() =>
    // What is about whole pages is about the page around the frame.
    globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }),
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
};

const box = (checkout, name) => checkout.input(name).evaluate((input) => input.getBoundingClientRect().toJSON());

const token = async (checkout, name) =>
  (await checkout.inside()).evaluate((wanted) => getComputedStyle(document.documentElement).getPropertyValue(wanted).trim(), name);

for (const width of WIDTHS) {
  test(`every layout fits into ${width} px, in the height that was reserved, without a shift`, async () => {
    for (const layout of [...PRESETS, ...GRIDS]) {
      for (const methods of ["card", "ach", "card ach"]) {
        const where = `${layout}, ${methods}`;
        const options = { layout, methods: methods.split(" "), confirmAccount: true, theme: {} };
        const placeholder = reservedHeight(options, width);
        const checkout = await open({ layout, methods, placeholder }, { viewport: { width, height: 900 } });
        const iframe = checkout.page.locator("tessera-checkout iframe");
        const reserved = await iframe.evaluate((element) => element.offsetHeight);
        await isReady(checkout);
        const inside = await checkout.inside();
        const [needed, overflow] = await inside.evaluate(() => [
          document.body.offsetHeight,
          document.documentElement.scrollWidth - innerWidth,
        ]);
        assert.equal(reserved, needed, where);
        assert.equal(overflow, 0, where);
        // A frame passes before what it changed counts.
        await checkout.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
        assert.deepEqual(await checkout.page.evaluate(() => globalThis.shifts), [], where);
        await checkout.page.close();
      }
    }
  });
}

test("the layouts put the fields where they say", async () => {
  const rowOf = async (checkout, names) => {
    const boxes = await Promise.all(names.map((name) => box(checkout, name)));
    return boxes.map(({ top }) => Math.round(top));
  };
  const names = ["number", "expiry", "code", "holder"];
  const rows = {};
  for (const layout of [...PRESETS, "'holder holder number number expiry code'", GRIDS[2]]) {
    const checkout = await ready({ layout, methods: "card" });
    const tops = await rowOf(checkout, names);
    const order = [...new Set(tops)].sort((one, other) => one - other);
    rows[layout] = tops.map((top) => order.indexOf(top));
    await checkout.page.close();
  }
  assert.deepEqual(rows, {
    columns: [0, 1, 1, 2],
    stacked: [0, 1, 2, 3],
    line: [0, 0, 0, 1],
    compact: [0, 1, 1, 2],
    "'holder holder number number expiry code'": [0, 0, 0, 0],
    [GRIDS[2]]: [1, 1, 1, 0],
  });
});

test("the tab key follows the grid", async () => {
  const checkout = await ready({ layout: "'holder holder' 'code expiry' 'number number'", methods: "card" });
  await checkout.input("holder").focus();
  const inside = await checkout.inside();
  const seen = [];
  for (let step = 0; step < 4; step += 1) {
    seen.push(await inside.evaluate(() => document.activeElement.name));
    await checkout.page.keyboard.press("Tab");
  }
  assert.deepEqual(seen, ["holder", "code", "expiry", "number"]);
  await checkout.page.close();
});

test("a layout that cannot be drawn is refused with what is accepted", async () => {
  for (const [layout, said] of [
    ["diagonal", "columns, stacked, line, compact"],
    ["'number expiry'", "number, expiry and code"],
    ["'number expiry' 'code number'", "one rectangle"],
  ]) {
    const checkout = await open({ layout, methods: "card" });
    const handle = await checkout.page.waitForFunction(() => globalThis.errors[0]);
    const error = await handle.jsonValue();
    assert.equal(error.code, "bad_option");
    assert.equal(error.classification, "merchant");
    assert.ok(error.message.startsWith('The attribute "layout" must be') && error.message.includes(said), error.message);
    await checkout.page.close();
  }
});

test("tokens of the element's style cross into the frame, and changes follow", async () => {
  const css = "tessera-checkout { --brand: #0a7; --tessera-accent: var(--brand); --tessera-radius: 1rem }" +
    ".loud { --tessera-font-family: Georgia, serif }";
  const checkout = await ready({ css });
  assert.equal(await token(checkout, "--accent"), "rgb(0 170 119 / 1)");
  assert.equal(await token(checkout, "--radius"), "16px");
  const element = checkout.page.locator("tessera-checkout");
  await checkout.type("number", "4111");
  await element.evaluate((each) => each.classList.add("loud"));
  await eventually(async () => (await token(checkout, "--font-family")) === '"Georgia", serif', () => "the class counts");
  await element.evaluate((each) => each.style.setProperty("--tessera-accent", "hsl(10 50% 40%)"));
  await eventually(async () => (await token(checkout, "--accent")) === "hsl(10 50% 40% / 1)", () => "the style counts");
  await element.evaluate((each) => {
    document.querySelector("style + style").textContent = "";
    each.style.removeProperty("--tessera-accent");
    each.refreshTheme();
  });
  await eventually(async () => (await token(checkout, "--radius")) === "8px", () => "what is gone is gone");
  assert.equal(await checkout.input("number").inputValue(), "4111 ", "the frame stayed");
  await checkout.page.close();
});

test("a font of the vault's is loaded when a theme names it, and not before", async () => {
  const fonts = async (css) => {
    const checkout = await ready({ css });
    const inside = await checkout.inside();
    const told = await inside.evaluate(async () => {
      await document.fonts.ready;
      return [...document.fonts].map(({ family, status }) => [family.replaceAll('"', ""), status]);
    });
    assert.deepEqual(checkout.page.said, []);
    await checkout.page.close();
    return told;
  };
  assert.deepEqual(await fonts(""), [["Shop Sans", "unloaded"]]);
  const css = "tessera-checkout { --tessera-font-family: 'Shop Sans', sans-serif }";
  assert.deepEqual(await fonts(css), [["Shop Sans", "loaded"]]);
});

test("a merchant is told of colours that cannot be told apart, as far as the frame can see them", async () => {
  const told = async (css) => {
    const checkout = await ready({ css, theme: "plain light" });
    const { page } = checkout;
    // What is said of a theme comes before the form is ready.
    const warnings = page.said.filter((line) => line.includes("low_contrast"));
    await page.close();
    return warnings.map((line) => line.replace(/^<tessera-checkout> --tessera-(.+?) has .+ of ([\d.]+) to 1;.+$/, "$1 $2"));
  };
  assert.deepEqual(await told("tessera-checkout { --tessera-text: #8a8a8a }"), ["text on --tessera-surface 3.5"]);
  const dark = "--tessera-backdrop: #222; --tessera-text: white; --tessera-text-soft: #ddd; --tessera-danger: #f99";
  assert.deepEqual(await told(`tessera-checkout { ${dark}; --tessera-border: #999 }`), [
    "text on --tessera-surface 1.0",
    "text-soft on --tessera-surface 1.4",
    "text-soft on --tessera-tile 1.2",
    "danger on --tessera-surface 2.0",
    "border on --tessera-surface 2.8",
  ]);
  assert.deepEqual(await told("tessera-checkout { --tessera-text: oklch(0.3 0.05 250) }"), []);
});

test("hostile values are refused by name, and reach nothing", async () => {
  const hostile = {
    text: "url(https://evil.example/a)",
    "text-soft": "red; background: url(https://evil.example/b)",
    surface: "expression(alert(1))",
    border: "\\75rl(https://evil.example/c)",
    accent: "rgb(calc(1) 2 3)",
    radius: "calc(100px * 99)",
    "control-height": "9px",
    "font-size": "1px",
    "font-family": "x, url(https://evil.example/d)",
    shadow: "0 0 image-set('https://evil.example/e' 1x)",
  };
  const css = `tessera-checkout { ${Object.entries(hostile).map(([name, value]) => `--tessera-${name}: ${value}`).join(";")} }`;
  const asked = [];
  const checkout = await open({ css });
  checkout.page.on("request", (request) => asked.push(request.url()));
  await isReady(checkout);
  const inside = await checkout.inside();
  assert.equal(await inside.evaluate(() => document.documentElement.getAttribute("style")), "--text-soft: red;");
  // The semicolon ended the declaration in the page's own style sheet: `red` is all that was left of that one.
  const refused = Object.keys(hostile).filter((name) => name !== "text-soft");
  for (const name of refused) {
    assert.ok(checkout.page.said.some((text) => text.includes(`"--tessera-${name}" must be`)), name);
  }
  assert.deepEqual(asked.filter((url) => url.includes("evil")), []);
  await checkout.page.close();
});

/** WCAG 2.2, 1.4.3 and 1.4.11, worked out from what the browser computed. */
const contrast = (inside, pairs) =>
  inside.evaluate((each) => {
    const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const luminance = (colour) => {
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
      const parts = Array.from(context.getImageData(0, 0, 1, 1).data.slice(0, 3), (byte) => byte / 255);
      const [red, green, blue] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const probe = document.createElement("i");
    document.body.append(probe);
    const computed = (colour) => {
      probe.style.color = colour.startsWith("--") ? `var(${colour})` : colour;
      return getComputedStyle(probe).color;
    };
    const ratios = each.map(([front, back]) => {
      const [one, other] = [front, back].map((colour) => luminance(computed(colour)));
      return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    });
    probe.remove();
    return ratios;
  }, pairs);

for (const theme of THEMES) {
  for (const scheme of SCHEMES) {
    test(`${theme} ${scheme} has enough contrast, and axe agrees`, async () => {
      const checkout = await ready({ theme: `${theme} ${scheme}`, methods: "card ach" });
      const page = scheme === "light" ? "#ffffff" : "#12161d";
      const wanted = [
        ["--text", "--surface", 4.5],
        ["--text", page, 4.5],
        ["--text", "--picked", 4.5],
        ["--text-soft", "--surface", 4.5],
        ["--text-soft", "--tile", 4.5],
        ["--text-soft", page, 4.5],
        ["--danger", page, 4.5],
        ["--border", "--surface", 3],
        ["--border", page, 3],
        ["--accent", "--surface", 3],
        ["--danger", "--surface", 3],
      ];
      const inside = await checkout.inside();
      const ratios = await contrast(inside, wanted);
      const low = wanted.filter(([, , least], index) => ratios[index] < least);
      assert.deepEqual(low, [], `${ratios.map((ratio) => ratio.toFixed(2))}`);
      assert.equal(await inside.evaluate(() => getComputedStyle(document.documentElement).colorScheme), scheme);
      await checkout.type("number", "4111111111111112");
      await checkout.input("expiry").focus();
      await checkout.frame.locator("#number-error:not(:empty)").waitFor();
      assert.deepEqual(await objections(checkout, page), []);
      await checkout.page.close();
    });
  }
}

test("axe has nothing against any layout at any width", async () => {
  for (const width of WIDTHS) {
    for (const layout of [...PRESETS, GRIDS[2]]) {
      const checkout = await ready({ layout }, { viewport: { width, height: 900 } });
      assert.deepEqual(await objections(checkout, "#ffffff"), [], `${layout}, ${width}`);
      await checkout.page.close();
    }
  }
});

test("the frame takes the page's own colour scheme, and the shopper's where the page leaves it to them", async () => {
  for (const [css, preferred, expected] of [
    [":root { color-scheme: dark }", "light", "dark"],
    [":root { color-scheme: light }", "dark", "light"],
    [":root { color-scheme: light dark }", "dark", "dark"],
  ]) {
    const checkout = await ready({ css }, { colorScheme: preferred });
    const dark = await checkout.input("number").evaluate((input) => getComputedStyle(input).color === "rgb(238, 241, 246)");
    assert.equal(dark, expected === "dark", css);
    await checkout.page.close();
  }
});

test("who asks for more contrast gets it in any theme", async () => {
  const css = "tessera-checkout { --tessera-text: #999; --tessera-surface: #aaa; --tessera-border: #bbb }";
  const checkout = await ready({ css }, { contrast: "more" });
  const [ratio, edge] = await contrast(await checkout.inside(), [["--text", "--surface"], ["--border", "--surface"]]);
  assert.ok(ratio > 15 && edge > 15, `${ratio}, ${edge}`);
  await checkout.page.close();
});

test("forced colours keep every border, the focus and the problem visible", async () => {
  const checkout = await ready({ theme: "soft" }, { forcedColors: "active" });
  await checkout.type("number", "4111111111111112");
  await checkout.input("expiry").focus();
  await checkout.frame.locator("#number-error:not(:empty)").waitFor();
  const style = (name) =>
    checkout.input(name).evaluate((input) => {
      const { borderTopWidth, outlineStyle, boxShadow } = getComputedStyle(input.parentElement);
      return { borderTopWidth, outlineStyle, boxShadow };
    });
  assert.deepEqual(await style("number"), { borderTopWidth: "3px", outlineStyle: "none", boxShadow: "none" });
  assert.deepEqual(await style("expiry"), { borderTopWidth: "1px", outlineStyle: "solid", boxShadow: "none" });
  await checkout.page.close();
});

test("nothing moves for those who asked for that", async () => {
  const checkout = await ready({}, { reducedMotion: "reduce" });
  const duration = await checkout.input("number").evaluate((input) => getComputedStyle(input.parentElement).transitionDuration);
  assert.match(duration, /^0s/);
  await checkout.page.close();
});

test("a finger gets text of 16 px or more whatever the theme says", async () => {
  const css = "tessera-checkout { --tessera-font-size: 14px }";
  const size = (checkout) => checkout.input("number").evaluate((input) => getComputedStyle(input).fontSize);
  const mouse = await ready({ css });
  assert.equal(await size(mouse), "14px");
  await mouse.page.close();
  const finger = await ready({ css }, { hasTouch: true, isMobile: true });
  assert.equal(await size(finger), "16px");
  await finger.page.close();
});

test("sizes of a theme are reserved for, too", async () => {
  const css = "tessera-checkout { --tessera-control-height: 3.5rem; --tessera-label-size: 16px; --tessera-space: 1.25em }";
  const theme = { "control-height": "3.5rem", "label-size": "16px", space: "1.25em" };
  const placeholder = reservedHeight({ methods: ["card", "ach"], layout: "columns", theme });
  const checkout = await open({ css, methods: "card ach", placeholder });
  const iframe = checkout.page.locator("tessera-checkout iframe");
  const reserved = await iframe.evaluate((element) => element.offsetHeight);
  await isReady(checkout);
  assert.equal(reserved, await (await checkout.inside()).evaluate(() => document.body.offsetHeight));
  assert.deepEqual(await checkout.page.evaluate(() => globalThis.shifts), []);
  await checkout.page.close();
});
