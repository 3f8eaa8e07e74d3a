// payments.ai: customers, payment instruments and transactions of its public API.
//
// The key stands behind `ApiKey` in Authorization, the organization in every path, and amounts are decimal numbers.
// An answer is the thing itself, or stands under `data`.

import { randomUUID } from "node:crypto";

import { Refused } from "../recorder.mjs";

/** Calls of the API, as its documentation shows them. */
class Client {
  #organization;
  #apiKey;
  #fetch;

  constructor({ base, secretKey, organizationId }, fetch) {
    this.#organization = `${base}/v1/public-api/organizations/${organizationId}`;
    this.#apiKey = secretKey;
    this.#fetch = fetch;
  }

  createCustomer(customer) {
    return this.#call("POST", "/customers", customer);
  }

  customer(id) {
    return this.#call("GET", `/customers/${encodeURIComponent(id)}`);
  }

  /** Consumes the token; the instrument can be charged from then on. */
  attach(customerId, token) {
    return this.#call("POST", `/customers/${encodeURIComponent(customerId)}/payment-instruments`, { token });
  }

  instrumentsOf(customerId) {
    return this.#call("GET", `/customers/${encodeURIComponent(customerId)}/payment-instruments`);
  }

  /** `paymentInstruction` is `{ paymentInstrumentId }`, `{ token }`, or nothing for the default instrument. */
  sale(total, customerId, paymentInstruction) {
    return this.#call("POST", "/transactions", {
      type: "sale",
      customerId,
      amount: total.cents / 100,
      currency: total.currency,
      idempotencyKey: randomUUID(),
      isMerchantInitiated: false,
      paymentInstruction,
    });
  }

  transaction(id) {
    return this.#call("GET", `/transactions/${encodeURIComponent(id)}`);
  }

  async #call(method, path, body) {
    const response = await this.#fetch(this.#organization + path, {
      method,
      headers: { authorization: `ApiKey ${this.#apiKey}`, ...(body && { "content-type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) {
      throw new Refused(response.status, answer.errorCode, answer.message);
    }
    return answer.data ?? answer;
  }
}

export const paymentsai = {
  id: "paymentsai",
  label: "payments.ai",
  path: "/paymentsai",
  dialect: "payments_ai",
  ways: {
    ach:
      "payments.ai documents no way to tokenize a bank account. The vault's own sealed token pays all the same, and " +
      "is kept as an instrument of the type ach.",
    guest:
      "payments.ai documents no transaction without a customer. The shop makes a customer record for the guest, and " +
      "the token pays at once, without being attached to it before.",
  },
  connect: (config, fetch) => new Client(config, fetch),

  async openAccount(client, person) {
    return (await client.createCustomer(customerOf(person))).id;
  },

  async saved(client, customerId) {
    return (await client.instrumentsOf(customerId)).map(({ creditCard, bankAccount }) =>
      creditCard
        ? `${creditCard.brand}, ends in ${creditCard.creditCardLastFourDigits}`
        : `${bankAccount.accountType} account, ends in ${bankAccount.accountNumberLastFourDigits}`,
    );
  },

  journeys: {
    async new(client, { token, person, total }, record) {
      record.customer_id = (await client.createCustomer(customerOf(person))).id;
      await attachAndPay(client, token, total, record);
    },

    async returning(client, { token, customerId, total }, record) {
      record.customer_id = customerId;
      await attachAndPay(client, token, total, record);
    },

    async guest(client, { token, person, total }, record) {
      record.customer_id = (await client.createCustomer(customerOf(person))).id;
      const transaction = await client.sale(total, record.customer_id, { token });
      const { id, method } = transaction.paymentInstrument;
      Object.assign(record, { payment_method_id: id, method: METHODS[method], payment: paymentOf(transaction) });
      await client.transaction(transaction.id);
    },
  },
};

const METHODS = { "payment-card": "card", ach: "ach" };

const customerOf = ({ first_name, last_name, email }) => ({ firstName: first_name, lastName: last_name, email });

async function attachAndPay(client, token, total, record) {
  const instrument = await client.attach(record.customer_id, token);
  Object.assign(record, { payment_method_id: instrument.id, method: METHODS[instrument.type] });
  const transaction = await client.sale(total, record.customer_id, { paymentInstrumentId: instrument.id });
  record.payment = paymentOf(transaction);
  await client.transaction(transaction.id);
}

/** Why an issuer declined, this gateway does not tell. */
function paymentOf({ id, result, gatewayName }) {
  return { id, outcome: result === "unknown" ? "failed" : result, processor: gatewayName };
}
