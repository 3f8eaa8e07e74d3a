// Firefox through geckodriver, and what a shopper does in it. Playwright drives only a Firefox of its own build;
// the WebDriver protocol (W3C) drives the one that Debian ships.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { eventually } from "./chromium.mjs";

/** Under this name WebDriver passes elements. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** Keys that are no characters, by the names of the WebDriver standard's table. */
export const KEYS = {
  backspace: "\uE003",
  tab: "\uE004",
  shift: "\uE008",
  control: "\uE009",
  end: "\uE010",
  home: "\uE011",
  left: "\uE012",
  delete: "\uE017",
};

/** Starts geckodriver and a headless Firefox. */
export async function launchFirefox() {
  const program = process.env.TESSERA_GECKODRIVER ?? "geckodriver";
  const driver = spawn(program, ["--port", "0"], { stdio: ["ignore", "pipe", "ignore"] });
  const address = await new Promise((resolve, reject) => {
    driver.once("error", reject);
    driver.once("exit", (code, signal) => reject(new Error(`${program} ended (${code ?? signal})`)));
    createInterface({ input: driver.stdout }).on("line", (line) => {
      const found = /Listening on ([\d.]+:\d+)/.exec(line);
      if (found) {
        resolve(found[1]);
      }
    });
  });
  const browser = new Firefox(driver, `http://${address}`);
  try {
    await browser.begin();
  } catch (error) {
    await browser.close();
    throw error;
  }
  return browser;
}

/** One Firefox with one window. */
class Firefox {
  #driver;
  #address;
  #session = null;

  constructor(driver, address) {
    this.#driver = driver;
    this.#address = address;
  }

  async begin() {
    const binary = process.env.TESSERA_FIREFOX ?? "/usr/bin/firefox-esr";
    const { sessionId } = await this.#ask("POST", "/session", {
      capabilities: {
        alwaysMatch: {
          browserName: "firefox",
          "moz:firefoxOptions": {
            binary,
            args: ["-headless"],
            // Nothing is asked of the network that a test does not ask.
            prefs: { "app.update.auto": false, "datareporting.policy.dataSubmissionEnabled": false },
          },
        },
      },
    });
    this.#session = sessionId;
  }

  async close() {
    if (this.#session) {
      await this.#ask("DELETE", `/session/${this.#session}`);
    }
    if (this.#driver.exitCode === null && this.#driver.signalCode === null) {
      this.#driver.kill();
      await once(this.#driver, "exit");
    }
  }

  go(url) {
    return this.#command("/url", { url });
  }

  url() {
    return this.#command("/url");
  }

  /** The first element for a CSS selector, once there is one. */
  async find(selector) {
    const using = "css selector";
    const look = async () => (await this.#command("/elements", { using, value: selector }))[0]?.[ELEMENT];
    return eventually(look, () => `there is ${selector}`);
  }

  async click(selector) {
    await this.#command(`/element/${await this.find(selector)}/click`, {});
  }

  /** Presses keys one after the other where the focus is; each goes down and up as on a keyboard. */
  press(...keys) {
    const strokes = keys.flatMap((key) => [["keyDown", key], ["keyUp", key]]);
    return this.#keyboard(strokes);
  }

  /** Presses a key while others are held. */
  chord(...keys) {
    const down = keys.map((key) => ["keyDown", key]);
    return this.#keyboard([...down, ...keys.toReversed().map((key) => ["keyUp", key])]);
  }

  /** Types text, key by key. */
  type(text) {
    return this.press(...text);
  }

  /** Runs the body of a function in the present frame; elements are passed by their ids. */
  run(script, ...args) {
    return this.#command("/execute/sync", { script, args });
  }

  /** Goes into the frame that an element of the page keeps in its shadow. */
  async enter(host) {
    const id = await this.find(host);
    const inside = async () => {
      const root = await this.#command(`/element/${id}/shadow`).catch(() => null);
      const using = "css selector";
      const [shadow] = Object.values(root ?? {});
      return shadow && (await this.#command(`/shadow/${shadow}/elements`, { using, value: "iframe" }))[0];
    };
    await this.#command("/frame", { id: await eventually(inside, () => `${host} has a frame`) });
  }

  /** Back to the page. */
  leave() {
    return this.#command("/frame", { id: null });
  }

  #keyboard(strokes) {
    const actions = strokes.map(([type, value]) => ({ type, value }));
    return this.#command("/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  #command(path, body) {
    return this.#ask(body ? "POST" : "GET", `/session/${this.#session}${path}`, body);
  }

  async #ask(method, path, body) {
    const response = await fetch(`${this.#address}${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
    const { value } = await response.json();
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
    }
    return value;
  }
}
