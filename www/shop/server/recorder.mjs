// What the shop's server says to a gateway in one order, and a record of it that holds no secret.

/** How long the shop waits for one answer. */
const LIMIT_MS = 10_000;

/** Members of answers that open doors. */
const SECRET_MEMBERS = new Set(["access_token", "refresh_token"]);

/** Headers that say nothing about the gateway. */
const USUAL_HEADERS = new Set(["accept", "content-type"]);

/** Headers that hold no secret. */
const PLAIN_HEADERS = new Set(["idempotency-key"]);

/** The gateway could not be asked, or is in trouble: another try may succeed. */
export class Unreachable extends Error {}

/** The gateway refused a request: its status, its code, its sentence. The step is in the record. */
export class Refused extends Error {
  constructor(status, code, message) {
    super(message ?? "The gateway did not say why.");
    this.status = status;
    this.code = code ?? "unknown";
  }
}

/** A `fetch` that remembers every step as the result page shows it. */
export class Recorder {
  #base;
  #token;
  steps = [];

  /**
   * @param base The gateway's base URL: paths are shown as the gateway documents them.
   * @param token The one-time token of this order: it is shortened wherever it appears in the record.
   */
  constructor(base, token = null) {
    this.#base = base;
    this.#token = token;
    this.fetch = this.fetch.bind(this);
  }

  /** As the `fetch` of the platform; throws `Unreachable` where there is no answer to go on with. */
  async fetch(url, { method = "GET", headers = {}, body } = {}) {
    const path = url.startsWith(this.#base) ? url.slice(this.#base.length) : url;
    let response;
    let text;
    try {
      const signal = AbortSignal.timeout(LIMIT_MS);
      response = await fetch(url, { method, headers, body, redirect: "error", signal });
      text = await response.text();
    } catch (error) {
      throw new Unreachable(`${method} ${path} had no answer`, { cause: error });
    }
    const request = { method, path, headers: shownHeaders(headers), body: body === undefined ? null : read(String(body)) };
    this.steps.push(this.#withoutSecrets({ request, status: response.status, answer: read(text) }));
    if (response.status === 429 || response.status >= 500) {
      throw new Unreachable(`${method} ${path} was answered with ${response.status}`);
    }
    // An answer with one of these states has no body, not even an empty one.
    return new Response([204, 205, 304].includes(response.status) ? null : text, response);
  }

  #withoutSecrets(step) {
    const text = JSON.stringify(step, (name, value) => (SECRET_MEMBERS.has(name) ? "…" : value));
    return JSON.parse(this.#token ? text.replaceAll(this.#token, shortened(this.#token)) : text);
  }
}

/** Enough of a token to recognise it, too little to use it. */
export function shortened(token) {
  return `${token.slice(0, token.lastIndexOf("_") + 5)}…`;
}

/** Names tell how the gateway is spoken to; of what they hold, at most the scheme is told. */
function shownHeaders(headers) {
  const shown = Object.entries(headers)
    .filter(([name]) => !USUAL_HEADERS.has(name.toLowerCase()))
    .map(([name, value]) => [name, PLAIN_HEADERS.has(name.toLowerCase()) ? value : value.replace(/\S+$/, "…")]);
  return Object.fromEntries(shown);
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(0, 200);
  }
}
