// What the shop's server says to the vault in one order, and a record of it that holds no secret.

/** How long the shop waits for one answer of the vault. */
const LIMIT_MS = 10_000;

/** The vault could not be asked, or is in trouble: another try may succeed. */
export class VaultUnreachable extends Error {}

/** The vault answered with something else than success. The step is in the record. */
export class Refused extends Error {}

/** Calls one face of the vault and remembers every step as the result page shows it. */
export class Conversation {
  #base;
  #authorization;
  #token;
  steps = [];

  /**
   * @param options The shop's options.
   * @param face `native` or `fluidpay`; they differ in where they are and how the key is sent.
   * @param token The one-time token of this order: it is shortened wherever it appears in the record.
   */
  constructor(options, face, token) {
    this.#base = face === "fluidpay" ? `${options.vault}/fluidpay` : options.vault;
    this.#authorization = face === "fluidpay" ? options.secretKey : `Bearer ${options.secretKey}`;
    this.#token = token;
  }

  /** Gives the answer's JSON, or throws `Refused` or `VaultUnreachable`. */
  async call(method, path, body) {
    let response;
    let text;
    try {
      response = await fetch(this.#base + path, {
        method,
        headers: {
          authorization: this.#authorization,
          accept: "application/json",
          ...(body && { "content-type": "application/json" }),
        },
        body: body && JSON.stringify(body),
        redirect: "error",
        signal: AbortSignal.timeout(LIMIT_MS),
      });
      text = await response.text();
    } catch (error) {
      throw new VaultUnreachable(`${method} ${path} had no answer`, { cause: error });
    }
    const answer = readJson(text);
    this.steps.push(
      this.#withoutToken({ request: { method, path, body: body ?? null }, status: response.status, answer }),
    );
    if (response.status === 429 || response.status >= 500) {
      throw new VaultUnreachable(`${method} ${path} was answered with ${response.status}`);
    }
    if (!response.ok) {
      throw new Refused(`${method} ${path} was answered with ${response.status}`);
    }
    return answer;
  }

  #withoutToken(step) {
    return this.#token
      ? JSON.parse(JSON.stringify(step).replaceAll(this.#token, shortened(this.#token)))
      : step;
  }
}

/** Enough of a token to recognise it, too little to use it. */
export function shortened(token) {
  return `${token.slice(0, token.lastIndexOf("_") + 5)}…`;
}

function readJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(0, 200);
  }
}
