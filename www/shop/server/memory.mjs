// What the shop remembers while it runs: shoppers by cookie, orders by id. A real shop has a database.

import { createHash, randomBytes } from "node:crypto";

/** Enough for a demo; the oldest entry makes room. */
const LIMIT = 1_000;

/** A map that forgets its oldest entry when it is full. */
class Remembered {
  #entries = new Map();

  get(key) {
    return this.#entries.get(key);
  }

  set(key, value) {
    this.#entries.set(key, value);
    if (this.#entries.size > LIMIT) {
      this.#entries.delete(this.#entries.keys().next().value);
    }
  }

  delete(key) {
    this.#entries.delete(key);
  }
}

/** Shoppers: each has the customer ids the shop made for them, by face, and the payment methods it has seen. */
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
    const shopper = { customers: {}, methods: new Set() };
    this.#known.set(fresh, shopper);
    return { shopper, cookie: `shopper=${fresh}; Path=/; HttpOnly; SameSite=Lax` };
  }
}

/** Orders: one per token, whatever a browser or a shopper repeats. */
export class Orders {
  #byId = new Remembered();
  #byToken = new Remembered();

  /**
   * Places the order of this token, or gives the one that is there or under way. An order that came to no
   * answer is forgotten, so that the shopper can try again.
   */
  once(token, place) {
    const key = createHash("sha256").update(token).digest("hex");
    const existing = this.#byToken.get(key);
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
        this.#byToken.delete(key);
        throw error;
      },
    );
    this.#byToken.set(key, placing);
    return placing;
  }

  get(id) {
    return this.#byId.get(id);
  }

  replace(id, record) {
    this.#byId.set(id, record);
  }
}
