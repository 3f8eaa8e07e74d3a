// Flute: payment sessions, payment methods, customers and transactions of its API, version 2.
//
// A client id and secret are exchanged for a bearer token of fifteen minutes. The page gets no key but the id of a
// payment session, and what comes of it is a payment method for good. A declined transaction is answered with 200.

import { randomUUID } from "node:crypto";

import { Refused } from "../recorder.mjs";

/** Calls of the API, as its documentation shows them. */
class Client {
  #base;
  #clientId;
  #clientSecret;
  #accessToken;
  #fetch;

  constructor({ base, secretKey }, fetch) {
    this.#base = base;
    // The id of a client is the third part of its secret.
    this.#clientId = secretKey.split("_")[2];
    this.#clientSecret = secretKey;
    this.#fetch = fetch;
  }

  createSession(session) {
    return this.#call("POST", "/v2/payment-sessions", session);
  }

  session(id) {
    return this.#call("GET", `/v2/payment-sessions/${encodeURIComponent(id)}`);
  }

  createCustomer(customer) {
    return this.#call("POST", "/v2/customers", customer);
  }

  customer(id) {
    return this.#call("GET", `/v2/customers/${encodeURIComponent(id)}`);
  }

  /** Changes only what is sent. */
  updateCustomer(id, changes) {
    return this.#call("PATCH", `/v2/customers/${encodeURIComponent(id)}`, changes);
  }

  paymentMethod(id) {
    return this.#call("GET", `/v2/payment-methods/${encodeURIComponent(id)}`);
  }

  paymentMethodsOf(customerId) {
    return this.#call("GET", `/v2/payment-methods?pageSize=100&customerId=${encodeURIComponent(customerId)}`);
  }

  createTransaction(transaction) {
    return this.#call("POST", "/v2/transactions", transaction);
  }

  async #call(method, path, body) {
    this.#accessToken ??= await this.#authorize();
    const response = await this.#fetch(this.#base + path, {
      method,
      headers: {
        authorization: `Bearer ${this.#accessToken}`,
        ...(method !== "GET" && { "idempotency-key": randomUUID() }),
        ...(body && { "content-type": "application/json" }),
      },
      body: body && JSON.stringify(body),
    });
    // Some operations are answered with an empty body.
    const text = await response.text();
    const answer = text ? JSON.parse(text) : {};
    if (!response.ok) {
      throw new Refused(response.status, answer.errorCode, answer.details);
    }
    return answer;
  }

  async #authorize() {
    const credentials = Buffer.from(`${this.#clientId}:${this.#clientSecret}`).toString("base64");
    const response = await this.#fetch(`${this.#base}/oauth2/token`, {
      method: "POST",
      headers: { authorization: `Basic ${credentials}`, "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ grant_type: "client_credentials", scope: "offline_access" }).toString(),
    });
    const answer = await response.json();
    if (!response.ok) {
      throw new Refused(response.status, answer.error, answer.error_description);
    }
    return answer.access_token;
  }
}

export const flute = {
  id: "flute",
  label: "Flute",
  path: "/flute",
  dialect: "flute",
  /** Not the posted token counts, but what the session says: anybody could post the id of a payment method. */
  isTokenPermanent: true,
  ways: {
    new: "Flute's payment session makes the customer when the shopper has typed; the shop then adds the name.",
    guest: "The payment method belongs to the merchant and to no customer, and the transaction names it alone.",
  },
  connect: (config, fetch) => new Client(config, fetch),

  async openAccount(client, person) {
    return (await client.createCustomer(customerOf(person))).customerId;
  },

  async saved(client, customerId) {
    const { items } = await client.paymentMethodsOf(customerId);
    return items.map(({ card, ach }) =>
      card ? `card, ends in ${card.cardMask.slice(-4)}` : `${ach.accountType} account, ends in ${ach.accountNumber.slice(-4)}`,
    );
  },

  /** The page works with a session that knows for whom the payment method is. */
  async prepare(client, { journey, customerId }) {
    const forWhom = {
      new: { customerHandling: "CreateCustomer" },
      returning: { customerId },
      guest: { customerHandling: "TokenOnly" },
    };
    const { id } = await client.createSession({
      amount: 0,
      mode: "SaveMethod",
      paymentMethods: { card: { enabled: true }, ach: { enabled: true } },
      ...forWhom[journey],
    });
    return { session: id };
  },

  journeys: {
    async new(client, order, record) {
      await completed(client, order, record);
      await client.updateCustomer(record.customer_id, customerOf(order.person));
      await pay(client, order, record);
      await client.customer(record.customer_id);
    },

    async returning(client, order, record) {
      await completed(client, order, record);
      await pay(client, order, record);
      await client.customer(record.customer_id);
    },

    async guest(client, order, record) {
      await completed(client, order, record);
      await pay(client, order, record);
    },
  },
};

const METHODS = { Card: "card", ACH: "ach" };

const customerOf = ({ first_name, last_name, email }) => ({ firstName: first_name, lastName: last_name, email });

/** What came of the session in the page; the page must have posted the same. */
async function completed(client, { session, token }, record) {
  const done = await client.session(session);
  if (done.vaultedPaymentMethodId !== token) {
    throw new Refused(409, "session_not_completed", "The payment form was not completed. Please try again.");
  }
  const { type } = await client.paymentMethod(token);
  Object.assign(record, {
    customer_id: done.customerId ?? undefined,
    payment_method_id: token,
    method: METHODS[type],
  });
}

async function pay(client, { total, ip }, record) {
  const paymentMethodId = record.payment_method_id;
  const transaction = await client.createTransaction({
    baseAmount: total.cents / 100,
    currencyCode: total.currency,
    referenceId: randomUUID(),
    isCustomerInitiatedTransaction: true,
    customerId: record.customer_id,
    transactionDetails:
      record.method === "card"
        ? { cardData: { captureMethod: "Auto", paymentMethodId } }
        : { achData: { secCode: "Web", requesterIpAddress: ip, paymentMethodId } },
  });
  const { processorName, responseCode, responseDefinition } = transaction.processorResponse;
  record.payment = {
    id: transaction.transactionId,
    outcome: OUTCOMES[transaction.transactionStatus],
    code: responseCode,
    message: responseDefinition,
    processor: processorName,
  };
}

const OUTCOMES = { Captured: "approved", Authorized: "approved", Declined: "declined", Failed: "failed" };
