// JavaScript's half of `typing.rs`: keeps the text, and reads from the module's memory what a key changed of it.

class NumberField {
  #keys;
  #memory;
  #bytes;
  #place;

  /** What is shown. */
  text = "";

  constructor(keys, memory) {
    this.#keys = keys;
    this.#memory = memory;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#place = keys.at();
  }

  press(code, start, end) {
    return this.#read(this.#keys.press(code, start, end));
  }

  backspace(start, end) {
    return this.#read(this.#keys.backspace(start, end));
  }

  delete(start, end) {
    return this.#read(this.#keys.delete(start, end));
  }

  clear() {
    this.text = "";
    return this.#keys.clear();
  }

  /** Gives the memory back, wiped. */
  free() {
    this.text = "";
    this.#keys.free();
  }

  #read(outcome) {
    // A memory that has grown has left its old buffer behind.
    if (!this.#bytes.length) {
      this.#bytes = new Uint8Array(this.#memory.buffer);
    }
    const bytes = this.#bytes;
    const place = this.#place;
    const { text } = this;
    // Behind the 24 characters of room stands how many of the old ones stay.
    let at = bytes[place + 24];
    const end = place + ((outcome >> 6) & 63);
    let shown = at === text.length ? text : text.slice(0, at);
    for (at += place; at < end; at += 1) {
      shown += String.fromCharCode(bytes[at]);
    }
    this.text = shown;
    return outcome;
  }
}

export const field = (keys, memory) => new NumberField(keys, memory);
