// Makes the pictures of the gallery: node gallery.mjs [directory]

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { eventually, launch, openPage } from "./chromium.mjs";
import { freePort, startGallery, startVault, temporaryDirectory } from "./services.mjs";

const DIRECTORY = process.argv[2] ?? fileURLToPath(new URL("../../docs/images/gallery/", import.meta.url));

/** One picture: the sections in it, and what the window is like. */
const PICTURES = {
  states: { section: "states" },
  themes: { section: "themes" },
  tokens: { section: "a-merchant-s-own-tokens" },
  layouts: { section: "layouts" },
  rows: { section: "layouts-that-need-room" },
  phone: { section: "a-phone-px-wide" },
  languages: { section: "languages" },
  forced: { section: "themes", window: { forcedColors: "active" } },
  zoom: { section: "states", window: { viewport: { width: 320, height: 256 }, deviceScaleFactor: 1 } },
};

const data = temporaryDirectory();
const port = await freePort();
const vault = await startVault({ data: data.path, origins: [`http://localhost:${port}`] });
const gallery = await startGallery({ port, vault: vault.ready });
const browser = await launch();
try {
  mkdirSync(DIRECTORY, { recursive: true });
  for (const [name, { section, window = {} }] of Object.entries(PICTURES)) {
    const page = await openPage(browser, { viewport: { width: 1240, height: 800 }, ...window });
    // Thirty frames at once take their time.
    page.setDefaultTimeout(60_000);
    await page.goto(gallery.ready.gallery);
    const place = page.locator(`#${section}`);
    const figures = await place.locator("figure").all();
    for (const figure of figures) {
      await figure.scrollIntoViewIfNeeded();
      await figure.locator("tessera-checkout:state(ready)").waitFor();
    }
    await page.evaluate(() => document.activeElement?.blur());
    // Browsers do not paint frames that are out of sight.
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ ...page.viewportSize(), height });
    await place.scrollIntoViewIfNeeded();
    for (const figure of figures) {
      const frame = await (await figure.locator("iframe").elementHandle()).contentFrame();
      const isSettled = () => frame.evaluate(() => innerWidth > 0 && innerHeight === document.body.offsetHeight);
      await eventually(isSettled, () => "the frame is as high as what it shows");
    }
    await place.screenshot({ path: `${DIRECTORY}/${name}.png`, animations: "disabled", caret: "hide" });
    await page.close();
  }
} finally {
  await browser.close();
  await gallery.end();
  await vault.end();
  data.remove();
}
