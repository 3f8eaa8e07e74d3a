// The gateways that the shop can speak to: one file each, in the words of the gateway's own documentation.
//
// Each has its `id` as in the page's parameter `face`, a `label`, the `path` of its face below the vault, the
// `dialect` of the payment element, and
// - `isTokenPermanent`, if what the page gets is an id and no secret;
// - `ways`: for a journey or a method that goes another way than one might expect, sentences that say which;
// - `connect(config, fetch)`: a client with the gateway's calls;
// - `openAccount(client, person)`: an account from before this order; gives the customer's id;
// - `saved(client, customerId)`: a line about each payment method of a customer;
// - `prepare(client, order)`, if something must be asked before the shopper types: attributes of the element;
// - `journeys`: what is done with a token; each writes into the record what it knows as soon as it knows it;
// - `claim(client, order, record)`, if a guest's payment method can be given to a customer.

import { flute } from "./gateways/flute.mjs";
import { fluidpay } from "./gateways/fluidpay.mjs";
import { native } from "./gateways/native.mjs";
import { paydock } from "./gateways/paydock.mjs";
import { paymentsai } from "./gateways/paymentsai.mjs";

/** All of them by id, the vault's own API first. */
export const GATEWAYS = Object.fromEntries(
  [native, fluidpay, paydock, flute, paymentsai].map((gateway) => [gateway.id, gateway]),
);

/** The sentences about an order that goes another way than one might expect; none if it does not. */
export function wayOf({ face, journey, method }) {
  const { ways } = GATEWAYS[face];
  return [ways[journey], ways[method]].filter(Boolean).join(" ") || undefined;
}
