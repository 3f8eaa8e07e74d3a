/**
 * For a merchant's own tests with Playwright: fills the frame, waits for states, asks for faults. It only uses what
 * every Playwright page has, so that it works with any version of it, as a library or as a test runner.
 */

/** Numbers that card schemes and gateways publish for tests, with a date far ahead. */
export const CARDS = {
  visa: { number: "4111111111111111", expiry: "12/39", code: "737" },
  mastercard: { number: "5555555555554444", expiry: "12/39", code: "737" },
  amex: { number: "378282246310005", expiry: "12/39", code: "7373" },
  declined: { number: "4000000000000002", expiry: "12/39", code: "737" },
};

/** A bank account with a routing number that exists. */
export const ACCOUNT = { routing: "110000000", number: "000123456789", holder: "Ada Morel" };

/** One `<tessera-checkout>` in a Playwright page; the only one unless a selector says which. */
export class TesseraKit {
  #page;
  #selector;

  constructor(page, selector = "tessera-checkout") {
    this.#page = page;
    this.#selector = selector;
  }

  /** The element. */
  get element() {
    return this.#page.locator(this.#selector);
  }

  /** The frame in which the shopper types. */
  get frame() {
    return this.#page.frameLocator(`${this.#selector} >> iframe`);
  }

  /** The input or select with this public name. */
  field(name) {
    return this.frame.locator(`[name="${name}"]`);
  }

  /** Waits until the element is in a state, such as `ready` or `complete`. */
  async expectState(state) {
    await this.#page.locator(`${this.#selector}:state(${state})`).waitFor({ state: "attached" });
  }

  /** Waits until the element is in none of these states. */
  async expectNoState(...states) {
    const none = states.map((state) => `:not(:state(${state}))`).join("");
    await this.#page.locator(`${this.#selector}${none}`).waitFor({ state: "attached" });
  }

  /** Picks a payment method, if there is a choice and another is picked. */
  async choose(method) {
    await this.expectState("ready");
    const radio = this.frame.locator(`[name="method"][value="${method}"]`);
    if (!(await radio.isChecked())) {
      await this.frame.locator("label", { has: radio }).click();
    }
  }

  /** Types a card, Visa's unless another is given; parts that are given replace those of Visa's. */
  async fillCard(card = {}) {
    const { number, expiry, code, holder } = { ...CARDS.visa, ...card };
    await this.choose("card");
    await this.#fill({ number, expiry, code, holder });
  }

  /** Types a bank account. */
  async fillAccount(account = {}) {
    const { routing, number, holder } = { ...ACCOUNT, ...account };
    await this.choose("ach");
    await this.#fill({ routing_number: routing, account_number: number, holder });
    const confirmation = this.field("account_number_confirmation");
    if (await confirmation.isVisible()) {
      await confirmation.fill(number);
    }
  }

  async #fill(texts) {
    for (const [name, text] of Object.entries(texts)) {
      if (text !== undefined) {
        await this.field(name).fill(text);
      }
    }
  }

  /** What `tokenize` gives. */
  tokenize(options = {}) {
    const call = (element, given) => element.tokenize(given);
    return this.element.evaluate(call, options);
  }

  /** Asks for a fault from now on, such as `timeout@tokenize`; for none without an argument. With test keys only. */
  async fault(name = null) {
    await this.element.evaluate(
      (element, name) => (name === null ? element.removeAttribute("fault") : element.setAttribute("fault", name)),
      name,
    );
  }

  /** The next `tessera-…` event of this kind, as its detail. Begin to wait before you cause it. */
  event(kind) {
    return this.element.evaluate(
      (element, type) =>
        new Promise((resolve) => element.addEventListener(type, ({ detail }) => resolve(detail), { once: true })),
      `tessera-${kind}`,
    );
  }
}
