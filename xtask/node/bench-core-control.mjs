// The honest control: our own algorithm by hand in plain JavaScript. Digits and caret are the state, detection is
// a scan over packed ranges, a number is judged per candidate, the text is grouped once, the caret is mapped by
// counting digits. What it has in common with the libraries is only the language.
//
// The ranges are those of crates/instrument/tests/fixtures/schemes.json; the exceptions that the Rust table marks
// on single ranges stand here.

const FALLBACK = 1;
const SECONDARY = 2;
const LUHN_FREE = 4;

/** Marks on ranges, as `crates/instrument/src/card/scheme/table.rs` has them. */
const MARKS = new Map([
  ...[
    "500000-509999", "56-58", "59", "6390", "67", "601070", "601638", "604983", "606126", "636380", "636422", "636502",
    "636639", "637046", "637756", "639130", "639229", "690032",
  ].map((range) => [`maestro ${range}`, FALLBACK]),
  ["discover 622126-622925", SECONDARY],
  ["dankort 4571", SECONDARY],
  ...["384100", "384140", "384160"].map((range) => [`hipercard ${range}`, SECONDARY]),
  ["hipercard 606282", LUHN_FREE],
  ["unionpay 62", LUHN_FREE],
  ["unionpay 810-817", LUHN_FREE],
  ["uzcard 8600", LUHN_FREE],
  ["uzcard 5614", LUHN_FREE],
  ["humo 9860", LUHN_FREE],
  ["naranja 589562", LUHN_FREE],
  ["naranja 402918", SECONDARY],
  ["naranja 527572", SECONDARY],
]);

const POWERS = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
const PREFIX = 8;
const NO_SCHEME = 255;

const EMPTY = 0;
const PARTIAL = 1;
const INVALID = 2;
const COMPLETE = 3;
/** The names of the verdicts, by the number in an outcome. */
export const VERDICTS = ["empty", "partial", "invalid", "complete"];

const POSSIBLE = 0;
const CLASS_FALLBACK = 1;
const CLASS_SECONDARY = 2;
const CLASS_OWN = 3;

const highestBit = (mask) => 31 - Math.clz32(mask);

/** Ranges of one first digit, in table order, as columns. */
class Bucket {
  constructor(rows) {
    this.length = rows.length;
    this.low = Uint32Array.from(rows, (row) => row.low);
    this.high = Uint32Array.from(rows, (row) => row.high);
    this.digits = Uint8Array.from(rows, (row) => row.digits);
    this.scheme = Uint8Array.from(rows, (row) => row.scheme);
    this.marks = Uint8Array.from(rows, (row) => row.marks);
  }
}

/** A field for card numbers. `press` and `backspace` give `caret | length << 6 | verdict << 12 | scheme << 16`. */
export class Control {
  #buckets;
  #lengths;
  #amexLike;
  #digits = "";
  #caret = 0;
  #prefix = -1;
  #seen = 0;
  // What was found for the prefix: scheme, class and needs-no-Luhn of each candidate, best first.
  #count = 0;
  #found = new Uint8Array(64);
  #classes = new Uint8Array(64);
  #free = new Uint8Array(64);
  #weights = new Uint32Array(64);

  /** What is shown. */
  text = "";

  constructor(schemes) {
    this.names = schemes.map((scheme) => scheme.id);
    this.#lengths = Uint32Array.from(schemes, ({ lengths }) => lengths.reduce((mask, length) => mask | (1 << length), 0));
    // 0: fours, 1: 4-6-5, 2: 4-6-4 up to fourteen digits, 3: 4-5-6.
    this.#amexLike = Uint8Array.from(schemes, ({ id, gaps }) =>
      gaps.length === 3 ? 0 : gaps[1] === 9 ? 3 : id === "diners" ? 2 : 1,
    );
    const rows = schemes.flatMap(({ id, ranges }, scheme) =>
      ranges.map((range) => {
        const [low, high = low] = range.split("-");
        return { scheme, low: +low, high: +high, digits: low.length, marks: MARKS.get(`${id} ${range}`) ?? 0 };
      }),
    );
    this.#buckets = Array.from({ length: 10 }, (_, digit) =>
      new Bucket(rows.filter((row) => {
        const power = POWERS[row.digits - 1];
        return Math.floor(row.low / power) <= digit && digit <= Math.floor(row.high / power);
      })),
    );
  }

  clear() {
    this.#digits = "";
    this.#caret = 0;
    this.text = "";
  }

  /** One character typed over a selection of the shown text. */
  press(code, start, end) {
    const digit = code - 48;
    if (digit < 0 || digit > 9) {
      return this.#outcome();
    }
    const from = this.#offset(start);
    const to = end > start ? this.#offset(end) : from;
    if (from === to && this.#digits.length >= this.#longest()) {
      this.#caret = to;
      return this.#outcome();
    }
    this.#digits = this.#digits.slice(0, from) + String.fromCharCode(code) + this.#digits.slice(to);
    this.#caret = from + 1;
    const most = this.#longest();
    if (this.#digits.length > most) {
      this.#digits = this.#digits.slice(0, most);
      this.#caret = Math.min(this.#caret, most);
    }
    return this.#show(true);
  }

  /** One character deleted backwards, or the selection. */
  backspace(start, end) {
    let from = this.#offset(start);
    const to = end > start ? this.#offset(end) : from;
    if (from === to) {
      from -= 1;
    }
    if (from >= 0) {
      this.#digits = this.#digits.slice(0, from) + this.#digits.slice(to);
      this.#caret = from;
    }
    return this.#show(false);
  }

  #offset(position) {
    const { text } = this;
    if (position >= text.length) {
      return this.#digits.length;
    }
    let digits = 0;
    for (let index = 0; index < position; index += 1) {
      if (text.charCodeAt(index) !== 32) {
        digits += 1;
      }
    }
    return digits;
  }

  #detect() {
    const length = Math.min(this.#digits.length, PREFIX);
    let value = 0;
    for (let index = 0; index < length; index += 1) {
      value = value * 10 + this.#digits.charCodeAt(index) - 48;
    }
    if (value === this.#prefix && length === this.#seen) {
      return;
    }
    this.#prefix = value;
    this.#seen = length;
    this.#count = 0;
    if (length === 0) {
      return;
    }
    const bucket = this.#buckets[this.#digits.charCodeAt(0) - 48];
    let best = -1;
    let scheme = -1;
    let specific = false;
    const { low, high, digits, marks, scheme: owner } = bucket;
    for (let index = 0; index <= bucket.length; index += 1) {
      const next = index < bucket.length ? owner[index] : -1;
      if (next !== scheme) {
        if (best >= 0) {
          this.#insert(scheme, best);
          specific ||= best >>> 28 > CLASS_FALLBACK;
        }
        best = -1;
        scheme = next;
      }
      if (next < 0) {
        break;
      }
      const width = digits[index];
      let rank;
      if (length >= width) {
        const head = length === width ? value : Math.floor(value / POWERS[length - width]);
        if (head < low[index] || head > high[index]) {
          continue;
        }
        const mark = marks[index];
        const kind = mark & FALLBACK ? CLASS_FALLBACK : mark & SECONDARY ? CLASS_SECONDARY : CLASS_OWN;
        rank = (kind << 28) | (width << 24) | ((0xffff - (high[index] - low[index])) << 4) | (mark & LUHN_FREE);
      } else {
        const power = POWERS[width - length];
        const least = value * power;
        if (least > high[index] || low[index] >= least + power) {
          continue;
        }
        rank = POSSIBLE;
      }
      // Of two equal ones the first stays: the Luhn mark is no rank.
      if (best < 0 || rank >>> 4 > best >>> 4) {
        best = rank;
      }
    }
    if (specific) {
      let kept = 0;
      for (let index = 0; index < this.#count; index += 1) {
        if (this.#classes[index] !== CLASS_FALLBACK) {
          this.#found[kept] = this.#found[index];
          this.#classes[kept] = this.#classes[index];
          this.#free[kept] = this.#free[index];
          kept += 1;
        }
      }
      this.#count = kept;
    }
  }

  #insert(scheme, rank) {
    const weight = rank >>> 4;
    let at = this.#count;
    while (at > 0 && this.#weights[at - 1] < weight) {
      this.#found[at] = this.#found[at - 1];
      this.#classes[at] = this.#classes[at - 1];
      this.#free[at] = this.#free[at - 1];
      this.#weights[at] = this.#weights[at - 1];
      at -= 1;
    }
    this.#found[at] = scheme;
    this.#classes[at] = rank >>> 28;
    this.#free[at] = rank & LUHN_FREE;
    this.#weights[at] = weight;
    this.#count += 1;
  }

  #longest() {
    this.#detect();
    if (this.#count === 0) {
      return 19;
    }
    let mask = 0;
    for (let index = 0; index < this.#count; index += 1) {
      mask |= this.#lengths[this.#found[index]];
    }
    return highestBit(mask);
  }

  /** The scheme to show: the best that the digits lie in, or the only one that they can lead to. */
  #shown() {
    const length = this.#digits.length;
    let first = -1;
    let open = 0;
    let only = -1;
    for (let index = 0; index < this.#count; index += 1) {
      if (highestBit(this.#lengths[this.#found[index]]) >= length) {
        first = first < 0 ? index : first;
        only = index;
        open += 1;
      }
    }
    if (open === 0) {
      first = only = 0;
      open = this.#count;
    }
    if (open > 0 && this.#classes[first] !== POSSIBLE) {
      return this.#found[first];
    }
    return open === 1 ? this.#found[only] : NO_SCHEME;
  }

  #luhn() {
    const digits = this.#digits;
    let sum = 0;
    let double = false;
    for (let index = digits.length - 1; index >= 0; index -= 1) {
      const value = digits.charCodeAt(index) - 48;
      sum += double ? (value > 4 ? value * 2 - 9 : value * 2) : value;
      double = !double;
    }
    return sum % 10 === 0;
  }

  #verdict() {
    const length = this.#digits.length;
    if (length === 0) {
      return EMPTY;
    }
    if (this.#count === 0) {
      return INVALID;
    }
    let checked = 0;
    let free = 0;
    let any = 0;
    for (let index = 0; index < this.#count; index += 1) {
      const lengths = this.#lengths[this.#found[index]];
      any |= lengths;
      if (this.#classes[index] !== POSSIBLE) {
        if (this.#free[index]) {
          free |= lengths;
        } else {
          checked |= lengths;
        }
      }
    }
    if ((free >>> length) & 1 || ((checked >>> length) & 1 && this.#luhn())) {
      return COMPLETE;
    }
    return length >= highestBit(any) ? INVALID : PARTIAL;
  }

  #show(typed) {
    this.#detect();
    const digits = this.#digits;
    const length = digits.length;
    const scheme = this.#shown();
    const kind = scheme === NO_SCHEME ? 0 : this.#amexLike[scheme];
    let text;
    let second = 8;
    if (kind === 0 || (kind === 2 && length > 14)) {
      text = digits.slice(0, 4);
      for (let at = 4; at < length; at += 4) {
        text += " " + digits.slice(at, at + 4);
      }
    } else {
      second = kind === 3 ? 9 : 10;
      text = digits.slice(0, 4);
      if (length > 4) {
        text += " " + digits.slice(4, second);
      }
      if (length > second) {
        text += " " + digits.slice(second);
      }
    }
    const verdict = this.#verdict();
    const ends = second === 8 ? length % 4 === 0 : length === 4 || length === second;
    if (typed && this.#caret === length && ends && length > 0 && length < this.#longest()) {
      const whole = scheme !== NO_SCHEME && (this.#lengths[scheme] >>> length) & 1;
      if (!whole) {
        text += " ";
      }
    }
    this.text = text;
    return this.#pack(scheme, verdict);
  }

  #outcome() {
    return this.#pack(this.#shown(), this.#verdict());
  }

  #pack(scheme, verdict) {
    const { text } = this;
    let caret = text.length;
    if (this.#caret < this.#digits.length) {
      caret = 0;
      for (let digits = 0; digits < this.#caret; caret += 1) {
        if (text.charCodeAt(caret) !== 32) {
          digits += 1;
        }
      }
    }
    return caret | (text.length << 6) | (verdict << 12) | (scheme << 16);
  }
}
