// The three ways of an order, on the vault's own face and on its FluidPay face: which calls a merchant's
// server makes with a one-time token.

import { Conversation, Refused } from "./conversation.mjs";

/** What an order can be; the values of the page's parameters. */
export const CHOICES = {
  journey: ["new", "returning", "guest"],
  method: ["card", "ach"],
  face: ["native", "fluidpay"],
  script: ["on", "off"],
};

/** Whether this journey exists on this face: FluidPay documents no payment method without a customer. */
export const isDocumented = ({ journey, face }) => !(journey === "guest" && face === "fluidpay");

/**
 * Makes the shopper's account at the vault. The shop does that when a shopper signs up, long before a card is
 * added to it.
 */
export async function openAccount(options, face, person) {
  const conversation = new Conversation(options, face, null);
  if (face === "native") {
    return (await conversation.call("POST", "/v1/customers", customer(person))).id;
  }
  const answer = await conversation.call("POST", "/api/vault/customer", fluidpayCustomer(person));
  return answer.data.id;
}

/** Gives the payment methods the vault holds for a customer of the native face. */
export async function savedMethods(options, customerId) {
  const conversation = new Conversation(options, "native", null);
  return (await conversation.call("GET", methodsOf(customerId))).data;
}

/**
 * Spends the token as the journey says; gives the record that the result page shows. `known` holds the ids of
 * the customer's payment methods that the shop has seen before.
 */
export async function placeOrder(options, { journey, method, face, token, person, customerId, known }) {
  const conversation = new Conversation(options, face, token);
  const record = { journey, method, face, steps: conversation.steps };
  try {
    await JOURNEYS[face][journey](conversation, { token, person, customerId, known }, record);
  } catch (error) {
    const isPlaced = conversation.steps.some(({ status }) => status < 300);
    if (error instanceof Refused && !isPlaced) {
      record.refused = refusal(conversation.steps.at(-1));
    } else if (!isPlaced) {
      throw error;
    }
    // The token is spent, so the order stands; only reading it back failed, and the steps show it.
  }
  return record;
}

/** A guest who wants an account after all: the orphan payment method gets a customer, once. */
export async function claimOrphan(options, record, person) {
  const conversation = new Conversation(options, "native", null);
  const claim = { claimed: false };
  try {
    const { id } = await conversation.call("POST", "/v1/customers", customer(person));
    claim.customer_id = id;
    const path = `/v1/payment-methods/${record.payment_method_id}`;
    await conversation.call("POST", `${path}/attach`, { customer_id: id });
    await conversation.call("GET", path);
    claim.claimed = true;
  } catch (error) {
    if (!(error instanceof Refused)) {
      throw error;
    }
    claim.refused = refusal(conversation.steps.at(-1));
  }
  return { ...record, ...claim, steps: [...record.steps, ...conversation.steps] };
}

/** Each writes into the record what it knows as soon as it knows it. */
const JOURNEYS = {
  native: {
    async new(conversation, { token, person }, record) {
      const made = await conversation.call("POST", "/v1/customers", { token, ...customer(person) });
      record.customer_id = made.id;
      record.payment_method_id = made.default_payment_method;
      await conversation.call("GET", `/v1/customers/${made.id}`);
      const { data } = await conversation.call("GET", methodsOf(made.id));
      record.method = data.find(({ id }) => id === made.default_payment_method).kind;
    },

    async returning(conversation, { token, customerId }, record) {
      const added = await conversation.call("POST", "/v1/payment-methods", { token, customer_id: customerId });
      Object.assign(record, { customer_id: customerId, payment_method_id: added.id, method: added.kind });
      await conversation.call("GET", methodsOf(customerId));
    },

    async guest(conversation, { token }, record) {
      const orphan = await conversation.call("POST", "/v1/payment-methods", { token });
      Object.assign(record, { payment_method_id: orphan.id, method: orphan.kind });
      await conversation.call("GET", `/v1/payment-methods/${orphan.id}`);
    },
  },

  fluidpay: {
    async new(conversation, { token, person }, record) {
      const body = { ...fluidpayCustomer(person), default_payment: { token } };
      const made = await conversation.call("POST", "/api/vault/customer", body);
      const { payment_method_id, payment_method_type } = made.data.data.customer.defaults;
      Object.assign(record, { customer_id: made.data.id, payment_method_id, method: payment_method_type });
      await conversation.call("GET", `/api/vault/${made.data.id}`);
    },

    async returning(conversation, { token, customerId, known }, record) {
      const path = `/api/vault/customer/${customerId}/token`;
      const { data } = await conversation.call("POST", path, { token });
      // FluidPay answers with the whole customer and does not say which method is the new one.
      const { cards, ach } = data.data.customer.payments;
      const isNew = ({ id }) => !known.has(id);
      record.customer_id = customerId;
      record.payment_method_id = [...cards, ...ach].find(isNew)?.id;
      record.method = cards.some(isNew) ? "card" : "ach";
      await conversation.call("GET", `/api/vault/${customerId}`);
    },
  },
};

const methodsOf = (customerId) => `/v1/payment-methods?customer_id=${encodeURIComponent(customerId)}`;

const customer = ({ first_name, last_name, email }) => ({ first_name, last_name, email });

const fluidpayCustomer = (person) => ({
  description: `${person.first_name} ${person.last_name}`,
  default_billing_address: customer(person),
});

/** The two faces word their errors differently; people want one sentence. */
function refusal({ status, answer }) {
  return {
    status,
    code: answer?.error?.code ?? answer?.status ?? "unknown",
    message: answer?.error?.message ?? answer?.msg ?? "The vault did not say why.",
  };
}
