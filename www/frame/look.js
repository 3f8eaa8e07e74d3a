// How the frame looks, where a merchant wants it otherwise than a preset: loaded then, with the module that parses
// what the page says. Only what that module writes anew is applied. Faults for a merchant's tests come this way, too.

const PRESETS = ["plain", "soft", "ledger"];
const SCHEMES = ["auto", "light", "dark"];

const root = document.documentElement;
const form = document.getElementById("payment");
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const MODULE = "/assets/look.wasm";

/** The module, or the same lines as a script where there is no WebAssembly. */
const load = async () => {
  if (typeof WebAssembly !== "object") {
    return import("/assets/look.wasm.js");
  }
  const { integrity } = JSON.parse(document.querySelector("[type=importmap]").textContent);
  const { instance } = await WebAssembly.instantiateStreaming(fetch(MODULE, { integrity: integrity[MODULE] }));
  return instance.exports;
};

let module;

const badOption = (option, accepted) =>
  Object.assign(new Error(`The attribute "${option}" must be ${accepted}.`), {
    code: "bad_option",
    classification: "merchant",
    field: null,
    help: "docs/errors.md#bad_option",
  });

/** Asks the module: what it wrote, or the error with what it would have accepted. */
const ask = (call, text, option) => {
  for (const byte of encoder.encode(text)) {
    module.write(byte);
  }
  const isTaken = module[call]();
  const bytes = [];
  for (let byte = module.read(); byte >= 0; byte = module.read()) {
    bytes.push(byte);
  }
  const answer = decoder.decode(Uint8Array.from(bytes));
  if (!isTaken) {
    throw badOption(option, answer);
  }
  return answer;
};

/**
 * Applies the members of a message that are about looks. `tell` gets what is wrong with a token, which a payment can
 * do without; a layout that cannot be drawn is thrown. With a member `fault`, `page` behaves like that from now on.
 */
export const dress = async ({ preset, colorScheme, theme, layout, ...others }, tell, page) => {
  if ("fault" in others) {
    const { pretend } = await import("/assets/fault.js");
    pretend(others.fault, page);
  }
  if (PRESETS.includes(preset)) {
    root.dataset.theme = preset;
  }
  if (SCHEMES.includes(colorScheme)) {
    root.dataset.scheme = colorScheme;
  }
  module ??= await load();
  if (theme && typeof theme === "object") {
    for (const name of Array.from(root.style)) {
      root.style.removeProperty(name);
    }
    for (const [name, value] of Object.entries(theme)) {
      try {
        root.style.setProperty(`--${name}`, ask("theme", `${name}\n${value}`, `--tessera-${name}`));
      } catch (error) {
        tell(error);
      }
    }
    // Whoever builds the page should know; shoppers need not load it.
    if (page.key.startsWith("pk_test_")) {
      // Advice must not cost the form.
      await import("/assets/contrast.js").then(({ judge }) => judge(theme, tell)).catch(() => {});
    }
  }
  if (typeof layout === "string") {
    draw(...ask("layout", layout, "layout").split("\n"));
  }
};

/** Draws a preset, or a grid in the notation of CSS. */
const draw = (layout, order) => {
  const areas = order.split(" ");
  const columns = layout.startsWith('"') ? layout.split('"')[1].split(" ").length : 0;
  root.dataset.layout = columns ? "free" : layout;
  if (columns) {
    const across = (area) => `"${Array(columns).fill(area).join(" ")}"`;
    form.style.setProperty("--columns", `repeat(${columns}, minmax(0, 1fr))`);
    form.style.setProperty("--areas", `${across("methods")} ${layout} ${across("notice")}`);
  }
  form.dataset.columns = columns;
  const kinds = [areas.includes("number") && "card", areas.includes("routing") && "ach"];
  form.dataset.grid = [...kinds, areas.includes("holder") || "nameless"].join(" ");
  arrange(areas);
};

/** Puts the fields into this order, for the tab key and for screen readers. */
const arrange = (areas) => {
  const shown = Array.from(form.querySelectorAll(":scope > [data-area]"));
  // What has no place of its own stays behind the others.
  const rank = ({ dataset }) => areas.indexOf(dataset.area) >>> 0;
  const sorted = [...shown].sort((one, other) => rank(one) - rank(other));
  // An input that is moved loses the focus, unless the browser can move it whole.
  const move = form.moveBefore ?? (form.contains(document.activeElement) ? null : form.insertBefore);
  if (move && sorted.some((field, index) => field !== shown[index])) {
    const notice = document.getElementById("notice");
    sorted.forEach((field) => move.call(form, field, notice));
  }
};
