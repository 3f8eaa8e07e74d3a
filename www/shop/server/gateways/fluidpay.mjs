// FluidPay: the "Customer Vault" and "Process a Transaction" of its API.
//
// The key stands in Authorization as it is, every answer is { status, msg, data }, and amounts are cents.

import { randomUUID } from "node:crypto";

import { Refused } from "../recorder.mjs";

/** Calls of the API, as its documentation shows them. */
class Client {
  #base;
  #apiKey;
  #fetch;

  constructor({ base, secretKey }, fetch) {
    this.#base = base;
    this.#apiKey = secretKey;
    this.#fetch = fetch;
  }

  createCustomer(customer) {
    return this.#call("POST", "/api/vault/customer", customer);
  }

  customer(id) {
    return this.#call("GET", `/api/vault/${encodeURIComponent(id)}`);
  }

  /** Answers with the whole customer. */
  addPaymentMethod(customerId, token) {
    return this.#call("POST", `/api/vault/customer/${encodeURIComponent(customerId)}/token`, { token });
  }

  /** `paymentMethod` is `{ token }` or `{ customer: { id, payment_method_type, payment_method_id } }`. */
  sale(total, paymentMethod) {
    return this.#call("POST", "/api/transaction", {
      type: "sale",
      amount: total.cents,
      currency: total.currency,
      idempotency_key: randomUUID(),
      payment_method: paymentMethod,
    });
  }

  async #call(method, path, body) {
    const response = await this.#fetch(this.#base + path, {
      method,
      headers: { authorization: this.#apiKey, ...(body && { "content-type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) {
      throw new Refused(response.status, answer.code ?? answer.status, answer.msg);
    }
    return answer.data;
  }
}

export const fluidpay = {
  id: "fluidpay",
  label: "FluidPay",
  path: "/fluidpay",
  dialect: "fluidpay",
  ways: {
    guest:
      "FluidPay documents no payment method without a customer. A guest's token pays this one transaction, and " +
      "nothing is kept.",
  },
  connect: (config, fetch) => new Client(config, fetch),

  async openAccount(client, person) {
    return (await client.createCustomer(customerOf(person))).id;
  },

  async saved(client, customerId) {
    const { cards, ach } = (await client.customer(customerId)).data.customer.payments;
    return [
      ...cards.map((card) => `${card.card_type}, ends in ${card.masked_number.slice(-4)}`),
      ...ach.map((account) => `${account.account_type} account, ends in ${account.masked_account_number.slice(-4)}`),
    ];
  },

  journeys: {
    async new(client, { token, person, total }, record) {
      const made = await client.createCustomer({ ...customerOf(person), default_payment: { token } });
      const { payment_method_id, payment_method_type } = made.data.customer.defaults;
      Object.assign(record, { customer_id: made.id, payment_method_id, method: payment_method_type });
      record.payment = paymentOf(await client.sale(total, { customer: stored(record) }));
      await client.customer(made.id);
    },

    async returning(client, { token, customerId, known, total }, record) {
      const { data } = await client.addPaymentMethod(customerId, token);
      // The answer is the whole customer and does not say which method is the new one.
      const { cards, ach } = data.customer.payments;
      const isNew = ({ id }) => !known.has(id);
      record.customer_id = customerId;
      record.payment_method_id = [...cards, ...ach].find(isNew)?.id;
      record.method = cards.some(isNew) ? "card" : "ach";
      record.payment = paymentOf(await client.sale(total, { customer: stored(record) }));
      await client.customer(customerId);
    },

    async guest(client, { token, total }, record) {
      const transaction = await client.sale(total, { token });
      Object.assign(record, { method: transaction.payment_type, payment: paymentOf(transaction) });
    },
  },
};

const customerOf = (person) => ({
  description: `${person.first_name} ${person.last_name}`,
  default_billing_address: person,
});

const stored = ({ customer_id, payment_method_id, method }) => ({
  id: customer_id,
  payment_method_type: method,
  payment_method_id,
});

/** 100 to 199 is approved, 200 to 299 declined by the issuer, from 400 on an error of the processor. */
function paymentOf({ id, response_code, response_body, processor_name }) {
  const { processor_response_text } = Object.values(response_body)[0];
  return {
    id,
    outcome: response_code < 200 ? "approved" : response_code < 400 ? "declined" : "failed",
    code: String(response_code),
    message: processor_response_text,
    processor: processor_name,
  };
}
