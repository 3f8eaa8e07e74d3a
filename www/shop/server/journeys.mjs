// An order at one gateway: who is asked, and what is told about it.

import { TOTAL } from "./basket.mjs";
import { GATEWAYS, wayOf } from "./gateways.mjs";
import { Recorder, Refused, Unreachable } from "./recorder.mjs";

/** What an order can be; the values of the page's parameters. */
export const CHOICES = {
  journey: ["new", "returning", "guest"],
  method: ["card", "ach"],
  face: Object.keys(GATEWAYS),
  script: ["on", "off"],
};

/** A gateway as the shop is configured for it, with a record of what is said to it. */
function conversation(options, face, token) {
  const gateway = GATEWAYS[face];
  const config = {
    base: options.vault + gateway.path,
    secretKey: options.secretKey,
    organizationId: options.organizationId,
  };
  const recorder = new Recorder(config.base, gateway.isTokenPermanent ? null : token);
  return { gateway, client: gateway.connect(config, recorder.fetch), steps: recorder.steps };
}

/**
 * Makes the shopper's account at the gateway. The shop does that when a shopper signs up, long before a card is
 * added to it.
 */
export function openAccount(options, face, person) {
  const { gateway, client } = conversation(options, face);
  return gateway.openAccount(client, person);
}

/** Gives a line about each payment method that the gateway holds for a customer. */
export function savedMethods(options, face, customerId) {
  const { gateway, client } = conversation(options, face);
  return gateway.saved(client, customerId);
}

/** Whether a gateway wants to know of an order before the shopper types. */
export const isPrepared = ({ face }) => Boolean(GATEWAYS[face].prepare);

/** Tells it: gives the attributes of the payment element, and the steps that led to them. */
export async function prepare(options, choice, customerId) {
  if (!isPrepared(choice)) {
    return undefined;
  }
  const { gateway, client, steps } = conversation(options, choice.face);
  const attributes = await gateway.prepare(client, { journey: choice.journey, customerId });
  return { attributes, steps };
}

/**
 * Spends the token as the journey says, and pays; gives the record that the result page shows. `known` holds the ids
 * of the customer's payment methods that the shop has seen before, `ip` is the shopper's
 * address, and `prepared` what `prepare` gave.
 */
export async function placeOrder(options, { journey, method, face, token, person, customerId, known, ip, prepared }) {
  const { gateway, client, steps } = conversation(options, face, token);
  const record = { journey, method, face };
  const order = { token, person, customerId, known, ip, total: TOTAL, ...prepared?.attributes };
  // The vault's own API ends with the payment method; everywhere else an order is done when it is paid.
  const isDone = () => (face === "native" ? steps.some(({ status }) => status < 300) : record.payment);
  try {
    await gateway.journeys[journey](client, order, record);
  } catch (error) {
    // Once the order is done, only reading it back can fail, and the steps show it.
    if (error instanceof Refused) {
      record.refused = isDone() ? undefined : refusal(error);
    } else if (!(error instanceof Unreachable) || !steps.some(({ status }) => status < 300)) {
      throw error;
    } else if (!isDone()) {
      // The token may be spent and the payment made: the same order must not be placed again.
      record.unconfirmed = error.message;
    }
  }
  return { ...record, way: wayOf(record), steps: [...(prepared?.steps ?? []), ...steps] };
}

/** Whether a guest's payment method can be given to a customer at this gateway. */
export const isClaimable = ({ journey, face, payment_method_id, customer_id }) =>
  journey === "guest" && GATEWAYS[face].claim && payment_method_id && !customer_id;

/** A guest who wants an account after all: the payment method of the order gets a customer. */
export async function claim(options, record) {
  const { gateway, client, steps } = conversation(options, record.face);
  const told = { claimed: false };
  try {
    await gateway.claim(client, record, told);
    told.claimed = true;
  } catch (error) {
    if (!(error instanceof Refused)) {
      throw error;
    }
    told.refused = refusal(error);
  }
  return { ...record, ...told, steps: [...record.steps, ...steps] };
}

const refusal = ({ status, code, message }) => ({ status, code, message });
