// What the shop remembers while it runs: shoppers by cookie, orders by id. A real shop has a database.

import { createHash, randomBytes } from "node:crypto";

/** Enough for a demo; the oldest entry makes room. */
const LIMIT = 1_000;

/** A map that forgets its oldest entry when it is full. */
class Remembered {
  #entries = new Map();
  #limit;

  constructor(limit = LIMIT) {
    this.#limit = limit;
  }

  get(key) {
    return this.#entries.get(key);
  }

  set(key, value) {
    this.#entries.set(key, value);
    if (this.#entries.size > this.#limit) {
      this.#entries.delete(this.#entries.keys().next().value);
    }
  }

  delete(key) {
    this.#entries.delete(key);
  }
}

/** What was prepared for one shopper's pages: a page names it, and nobody else's page can. */
class Preparations {
  #entries = new Remembered(20);

  /** Gives the name under which a page finds it again. */
  add(prepared) {
    const name = randomBytes(16).toString("hex");
    this.#entries.set(name, prepared);
    return name;
  }

  get(name) {
    return this.#entries.get(name);
  }
}

/**
 * Shoppers: each has the customer ids the shop made for them, by face, the payment methods it has seen, and what was
 * prepared for their pages.
 */
export class Shoppers {
  #known = new Remembered();

  /** Gives the shopper of a cookie header, and the cookie to set if it is a new one. */
  recognise(header = "") {
    const id = /(?:^|;\s*)shopper=([0-9a-f]{32})(?:;|$)/.exec(header)?.[1];
    const known = id && this.#known.get(id);
    if (known) {
      return { shopper: known };
    }
    const fresh = randomBytes(16).toString("hex");
    const shopper = { customers: {}, methods: new Set(), preparations: new Preparations() };
    this.#known.set(fresh, shopper);
    return { shopper, cookie: `shopper=${fresh}; Path=/; HttpOnly; SameSite=Lax` };
  }
}

/** Orders: one per token or prepared page, whatever a browser or a shopper repeats. */
export class Orders {
  #byId = new Remembered();
  #byName = new Remembered();

  /**
   * Places the order of this token or page, or gives the one that is there or under way. An order that came to no
   * answer is forgotten, so that the shopper can try again.
   */
  once(name, place) {
    const key = createHash("sha256").update(name).digest("hex");
    const existing = this.#byName.get(key);
    if (existing) {
      return existing;
    }
    const placing = place().then(
      (record) => {
        const id = randomBytes(12).toString("hex");
        this.#byId.set(id, record);
        return id;
      },
      (error) => {
        this.#byName.delete(key);
        throw error;
      },
    );
    this.#byName.set(key, placing);
    return placing;
  }

  get(id) {
    return this.#byId.get(id);
  }

  replace(id, record) {
    this.#byId.set(id, record);
  }
}
