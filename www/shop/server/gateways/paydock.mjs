// Paydock: one-time tokens, vault tokens, customers and charges of its API.
//
// The secret key stands in a header of its own, every answer is { status, error, resource: { type, data } }, and
// amounts are decimal texts. A charge that is declined is answered with an error.

import { randomUUID } from "node:crypto";

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

  /** The new source becomes the customer's default. */
  addPaymentSource(customerId, token) {
    return this.#call("POST", `/v1/customers/${encodeURIComponent(customerId)}`, { token });
  }

  /** Gives a vault token: a payment source without a customer. */
  createVaultToken(source) {
    return this.#call("POST", "/v1/vault/payment_sources", source);
  }

  vaultedSource(vaultToken) {
    return this.#call("GET", `/v1/vault/payment_sources/${encodeURIComponent(vaultToken)}`);
  }

  /** `payer` is `{ customer_id }`, `{ token }` or `{ customer: { payment_source: { vault_token } } }`. */
  charge(total, payer) {
    return this.#call("POST", "/v1/charges", {
      amount: (total.cents / 100).toFixed(2),
      currency: total.currency,
      reference: randomUUID(),
      ...payer,
    });
  }

  async #call(method, path, body) {
    const response = await this.#fetch(this.#base + path, {
      method,
      headers: { "x-user-secret-key": this.#secretKey, ...(body && { "content-type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
    const { resource, error, error_summary } = await response.json();
    if (!response.ok) {
      throw new PaydockRefused(response.status, error_summary?.code ?? error?.code, error?.message, resource);
    }
    return resource.data;
  }
}

/** A refusal; `resource` is what it is about, such as the charge that was declined. */
class PaydockRefused extends Refused {
  constructor(status, code, message, resource) {
    super(status, code, message);
    this.resource = resource;
  }
}

/** Paydock's documents know no customer without a payment source: an account begins with a first order. */
const EARLIER_CARD = {
  type: "card",
  card_name: "Ada Morel",
  card_number: "4111111111111111",
  expire_month: "12",
  expire_year: "2039",
};

export const paydock = {
  id: "paydock",
  label: "Paydock",
  path: "/paydock",
  dialect: "paydock",
  ways: {
    returning:
      "Paydock documents no customer without a payment source, so the account was opened with a card of an earlier " +
      "order. The new source becomes the default, and the charge names only the customer.",
    guest: "The one-time token becomes a vault token, which belongs to no customer, and that pays.",
  },
  connect: (config, fetch) => new Client(config, fetch),

  async openAccount(client, person) {
    const { vault_token, type } = await client.createVaultToken(EARLIER_CARD);
    return (await client.createCustomer({ ...person, payment_source: { vault_token, type } }))._id;
  },

  async saved(client, customerId) {
    return (await client.customer(customerId)).payment_sources.map((source) =>
      source.type === "card"
        ? `${source.card_scheme}, ends in ${source.card_number_last4}`
        : `${source.account_type} account, ends in ${source.account_number.slice(-4)}`,
    );
  },

  journeys: {
    async new(client, { token, person, total }, record) {
      const made = await client.createCustomer({ token, ...person });
      await pay(client, made, total, record);
    },

    async returning(client, { token, customerId, total }, record) {
      await pay(client, await client.addPaymentSource(customerId, token), total, record);
    },

    async guest(client, { token, total }, record) {
      const { vault_token, type } = await client.createVaultToken({ token });
      Object.assign(record, { payment_method_id: vault_token, method: METHODS[type] });
      record.payment = await outcomeOf(client.charge(total, { customer: { payment_source: { vault_token } } }));
      await client.vaultedSource(vault_token);
    },
  },

  /** A guest who wants an account after all: a customer by vault token, without a gateway id. */
  async claim(client, { person, payment_method_id }, record) {
    const { vault_token, type } = await client.vaultedSource(payment_method_id);
    const made = await client.createCustomer({ ...person, payment_source: { vault_token, type } });
    record.customer_id = made._id;
    await client.customer(made._id);
  },
};

const METHODS = { card: "card", bank_account: "ach" };

/** Charges the customer's default source, which is the one just added. */
async function pay(client, { _id, default_source, payment_sources }, total, record) {
  const source = payment_sources.find((each) => each._id === default_source);
  Object.assign(record, { customer_id: _id, payment_method_id: default_source, method: METHODS[source.type] });
  record.payment = await outcomeOf(client.charge(total, { customer_id: _id }));
  await client.customer(_id);
}

/** Errors that tell of the gateway's trouble; all others of a charge are the issuer's or the shopper's. */
const FAULTS = ["gateway_error", "system_error"];

async function outcomeOf(charging) {
  try {
    return paymentOf(await charging, { outcome: "approved" });
  } catch (error) {
    // A charge that was made and refused comes with the error.
    if (error.resource?.type !== "charge" || !error.resource.data) {
      throw error;
    }
    const { code, message } = error;
    return paymentOf(error.resource.data, { outcome: FAULTS.includes(code) ? "failed" : "declined", code, message });
  }
}

const paymentOf = ({ _id, customer }, outcome) => ({
  id: _id,
  ...outcome,
  processor: customer.payment_source.gateway_name,
});
