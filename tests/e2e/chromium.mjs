// The browser and what a shopper does in it.

import { chromium } from "playwright-core";

/** Published test numbers, and what the shop may show of them. */
export const CARDS = {
  visa: { number: "4111111111111111", shown: "4111 1111 1111 1111", expiry: "12 / 39", code: "737", last4: "1111" },
  amex: { number: "378282246310005", shown: "3782 822463 10005", expiry: "11 / 38", code: "7391", last4: "0005" },
};
/** Declined at every gateway; FluidPay publishes it. */
export const DECLINED_NUMBER = "4000000000000002";
export const ACCOUNT = { routing: "110000000", number: "000738291645", holder: "Ada Morel", last4: "1645" };

/** Whether the browser is to be one without WebAssembly; `cargo xtask test` runs some files both ways. */
export const WITHOUT_WEBASSEMBLY = process.env.TESSERA_WEBASSEMBLY === "off";

/** Opens Chromium, Debian's unless another is named; with more flags if there are any. */
export function launch({ withoutWebAssembly = WITHOUT_WEBASSEMBLY, flags = [] } = {}) {
  return chromium.launch({
    executablePath: process.env.TESSERA_CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // No machine code is made at run time, and there is no WebAssembly: what Lockdown Mode does in Safari.
      ...(withoutWebAssembly ? ["--js-flags=--jitless"] : []),
      ...flags,
    ],
  });
}

/** How long anything in a page may take; a loaded machine is slow. */
const LIMIT_MS = 15_000;

/** A page with a browser context of its own: no cookie of another test. */
export async function openPage(browser, options) {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(LIMIT_MS);
  return page;
}

/** One checkout page and the payment frame in it, addressed by the public names of the inputs. */
export class Checkout {
  constructor(page) {
    this.page = page;
    this.frame = page.frameLocator("tessera-checkout iframe");
  }

  /** Opens the shop with the parameters of `choice`. */
  static async open(page, shop, choice = {}) {
    await page.goto(`${shop}/?${new URLSearchParams(choice)}`);
    return new Checkout(page);
  }

  /** Waits until the module answers keys; before that an input takes them as any other does. */
  async ready() {
    await this.page.waitForFunction(() => document.querySelector("tessera-checkout")?.matches(":state(ready)"));
  }

  /** The input with this public name. */
  input(name) {
    return this.frame.locator(`[name="${name}"]`);
  }

  /** Types key by key. */
  async type(name, text) {
    await this.input(name).pressSequentially(text);
  }

  async typeCard({ number, expiry, code } = CARDS.visa) {
    await this.type("number", number);
    await this.type("expiry", expiry.replaceAll(/\D/g, ""));
    await this.type("code", code);
  }

  /** Picks a method as a shopper does, unless it is picked already. */
  async choose(method) {
    const radio = this.frame.locator(`[name="method"][value="${method}"]`);
    await radio.waitFor({ state: "attached" });
    if (!(await radio.isChecked())) {
      await this.frame.locator("label", { has: radio }).click();
    }
  }

  async typeAccount({ routing, number, holder } = ACCOUNT) {
    await this.choose("ach");
    await this.type("routing_number", routing);
    await this.type("account_number", number);
    await this.type("account_number_confirmation", number);
    await this.type("holder", holder);
  }

  async typeMethod(method) {
    await (method === "ach" ? this.typeAccount() : this.typeCard());
  }

  get payButton() {
    return this.page.getByRole("button", { name: /^Pay/ });
  }

  /** Waits for the page after the order; gives the shop's record. */
  async result() {
    await this.page.waitForURL(/\/result\//);
    return JSON.parse(await this.page.locator("#result").textContent());
  }

  async pay() {
    await this.payButton.click();
    return this.result();
  }

  /** Playwright's frame, for what must run inside it. */
  async inside() {
    const handle = await this.page.locator("tessera-checkout iframe").elementHandle();
    return handle.contentFrame();
  }
}

/** Waits until `probe` gives something true; `what()` tells what was awaited. For states no event announces. */
export async function eventually(probe, what) {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const found = await probe();
    if (found) {
      return found;
    }
    if (Date.now() > deadline) {
      throw new Error(`it did not happen within ${LIMIT_MS} ms: ${what()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Waits until the input shows exactly `text`. */
export async function shows(input, text) {
  let shown;
  const matches = async () => (shown = await input.inputValue()) === text;
  await eventually(matches, () => `the input shows "${text}", it shows "${shown}"`);
}
