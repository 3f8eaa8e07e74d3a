// The vault's own API: the smallest one that does the whole job. It keeps payment methods and charges nobody.

import { Refused } from "../recorder.mjs";

/** Calls of the API, as its documentation shows them. */
class Client {
  #base;
  #secretKey;
  #fetch;

  constructor({ base, secretKey }, fetch) {
    this.#base = base;
    this.#secretKey = secretKey;
    this.#fetch = fetch;
  }

  createCustomer(customer) {
    return this.#call("POST", "/v1/customers", customer);
  }

  customer(id) {
    return this.#call("GET", `/v1/customers/${encodeURIComponent(id)}`);
  }

  /** Without a customer the payment method is an orphan. */
  createPaymentMethod(token, customerId) {
    return this.#call("POST", "/v1/payment-methods", { token, customer_id: customerId });
  }

  paymentMethod(id) {
    return this.#call("GET", `/v1/payment-methods/${encodeURIComponent(id)}`);
  }

  paymentMethodsOf(customerId) {
    return this.#call("GET", `/v1/payment-methods?customer_id=${encodeURIComponent(customerId)}`);
  }

  attach(id, customerId) {
    return this.#call("POST", `/v1/payment-methods/${encodeURIComponent(id)}/attach`, { customer_id: customerId });
  }

  async #call(method, path, body) {
    const response = await this.#fetch(this.#base + path, {
      method,
      headers: { authorization: `Bearer ${this.#secretKey}`, ...(body && { "content-type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) {
      throw new Refused(response.status, answer.error?.code, answer.error?.message);
    }
    return answer;
  }
}

export const native = {
  id: "native",
  label: "Native",
  path: "",
  dialect: "tessera",
  ways: {},
  connect: (config, fetch) => new Client(config, fetch),

  async openAccount(client, person) {
    return (await client.createCustomer(person)).id;
  },

  async saved(client, customerId) {
    const { data } = await client.paymentMethodsOf(customerId);
    return data.map(({ kind, card, ach }) =>
      kind === "card" ? `${card.scheme}, ends in ${card.last4}` : `${ach.account_type} account, ends in ${ach.last4}`,
    );
  },

  journeys: {
    async new(client, { token, person }, record) {
      const made = await client.createCustomer({ token, ...person });
      Object.assign(record, { customer_id: made.id, payment_method_id: made.default_payment_method });
      await client.customer(made.id);
      const { data } = await client.paymentMethodsOf(made.id);
      record.method = data.find(({ id }) => id === made.default_payment_method).kind;
    },

    async returning(client, { token, customerId }, record) {
      const added = await client.createPaymentMethod(token, customerId);
      Object.assign(record, { customer_id: customerId, payment_method_id: added.id, method: added.kind });
      await client.paymentMethodsOf(customerId);
    },

    async guest(client, { token }, record) {
      const orphan = await client.createPaymentMethod(token);
      Object.assign(record, { payment_method_id: orphan.id, method: orphan.kind });
      await client.paymentMethod(orphan.id);
    },
  },

  /** A guest who wants an account after all: the orphan gets a customer, once. */
  async claim(client, { person, payment_method_id }, record) {
    const { id } = await client.createCustomer(person);
    record.customer_id = id;
    await client.attach(payment_method_id, id);
    await client.paymentMethod(payment_method_id);
  },
};
