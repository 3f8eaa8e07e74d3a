// The command line and the environment, read once into strict values.

import { parseArgs } from "node:util";

export const USAGE = `TESSERA_SECRET_KEY=sk_… node server.mjs --publishable-key pk_…
  --port 8800                     port on 127.0.0.1; 0: any free one
  --vault http://127.0.0.1:8700   origin of the vault
  --organization-id mer_…         the merchant, which stands in the paths of payments.ai`;

/** Gives `{ port, vault, organizationId, publishableKey, secretKey }` or throws an error that says what is accepted. */
export function readOptions(argv, environment) {
  const { values } = parseArgs({
    args: argv,
    options: {
      port: { type: "string", default: "8800" },
      vault: { type: "string", default: "http://127.0.0.1:8700" },
      "organization-id": { type: "string" },
      "publishable-key": { type: "string" },
    },
  });
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port > 65535) {
    throw new Error("--port must be a number from 0 to 65535");
  }
  const organizationId = values["organization-id"] ?? "";
  if (!/^mer_[0-9A-Za-z]+$/.test(organizationId)) {
    throw new Error("--organization-id must be the merchant's id, which begins with mer_");
  }
  const publishableKey = values["publishable-key"] ?? "";
  if (!/^pk_(test|live)_[0-9A-Za-z_]+$/.test(publishableKey)) {
    throw new Error("--publishable-key must be a key that begins with pk_test_ or pk_live_");
  }
  const secretKey = environment.TESSERA_SECRET_KEY ?? "";
  if (!/^sk_(test|live)_[0-9A-Za-z_]+$/.test(secretKey)) {
    throw new Error("the environment variable TESSERA_SECRET_KEY must hold a key that begins with sk_");
  }
  return { port, vault: originOf(values.vault), organizationId, publishableKey, secretKey };
}

function originOf(text) {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !["http:", "https:"].includes(url.protocol) || url.pathname !== "/" || url.search || url.hash) {
    throw new Error("--vault must be an origin such as http://127.0.0.1:8700");
  }
  return url.origin;
}
