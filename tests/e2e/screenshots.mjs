// Makes the pictures of the README: node screenshots.mjs

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { CARDS, Checkout, DECLINED_NUMBER, eventually, launch, openPage } from "./chromium.mjs";
import { startDemo } from "./services.mjs";

const DIRECTORY = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const DESKTOP = { width: 1120, height: 900 };
const MOBILE = { width: 390, height: 844 };

const complete = (checkout) => checkout.typeCard();

/** One picture: how the window is, which page, and what was typed. */
const PICTURES = {
  card: { act: complete },
  // The selector, and a gateway that goes another way than one might expect.
  gateways: { choice: { journey: "guest", face: "fluidpay" }, act: complete },
  declined: {
    choice: { face: "paydock" },
    act: async (checkout) => {
      await checkout.typeCard({ ...CARDS.visa, number: DECLINED_NUMBER });
      await checkout.pay();
    },
  },
  ach: { choice: { method: "ach" }, act: (checkout) => checkout.typeAccount() },
  error: {
    act: async (checkout) => {
      await checkout.typeCard({ ...CARDS.visa, number: "4111111111111112", code: "73" });
      await checkout.payButton.click();
      await checkout.frame.locator("#number-error:not(:empty)").waitFor();
    },
  },
  dark: { window: { colorScheme: "dark" }, act: complete },
  mobile: { window: { viewport: MOBILE, deviceScaleFactor: 2, isMobile: true, hasTouch: true }, act: complete },
};

/**
 * Makes the window as high as the page. Playwright's `fullPage` does so while it takes the picture, when the frame
 * has not yet told its new height.
 */
async function fitWindow(checkout) {
  const { page } = checkout;
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ ...page.viewportSize(), height });
  if ((await page.locator("tessera-checkout").count()) === 0) {
    return;
  }
  const inside = await checkout.inside();
  const isSettled = () => inside.evaluate(() => innerHeight === document.body.offsetHeight);
  await eventually(isSettled, () => "the frame is as high as what it shows");
}

const demo = await startDemo();
const browser = await launch();
try {
  await mkdir(DIRECTORY, { recursive: true });
  for (const [name, { window = {}, choice = {}, act }] of Object.entries(PICTURES)) {
    const page = await openPage(browser, { viewport: DESKTOP, ...window });
    const checkout = await Checkout.open(page, demo.ready.shop, { journey: "new", ...choice });
    await act(checkout);
    await page.evaluate(() => document.activeElement?.blur());
    await fitWindow(checkout);
    await page.screenshot({ path: `${DIRECTORY}${name}.png`, animations: "disabled", caret: "hide" });
    await page.close();
  }
} finally {
  await browser.close();
  await demo.end();
}
