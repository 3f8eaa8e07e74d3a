// Work that the vault asks for when more cards come than usual. Loaded only then.

/** How many trials are under way at once: the browser spreads them over its threads. */
const AT_ONCE = 8;

/** Tries counters until one has as many leading zeros as was asked for; gives what goes along with the request. */
export const worked = async (asked, signal) => {
  const [challenge, bits, iterations] = asked.split(" ");
  const secret = new TextEncoder().encode(challenge);
  const key = await crypto.subtle.importKey("raw", secret, "PBKDF2", false, ["deriveBits"]);
  const zeros = async (counter) => {
    const salt = new DataView(new ArrayBuffer(4));
    salt.setUint32(0, counter);
    const trial = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, key, 64);
    return Math.clz32(new DataView(trial).getUint32(0));
  };
  for (let first = 0; ; first += AT_ONCE) {
    signal.throwIfAborted();
    const found = await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => zeros(first + index)));
    const index = found.findIndex((zeros) => zeros >= bits);
    if (index >= 0) {
      return `${challenge} ${first + index}`;
    }
  }
};
