// The shop's pages.

import { ITEMS, SHIPPING_CENTS, TOTAL, dollars } from "./basket.mjs";
import { GATEWAYS, wayOf } from "./gateways.mjs";
import { isClaimable } from "./journeys.mjs";
import { html } from "./markup.mjs";

const HEADINGS = {
  new: ["Checkout", "First time here? We will make an account from these details."],
  returning: ["Welcome back, Ada", "The payment method below is added to your account."],
  guest: ["Guest checkout", "No account."],
};

/**
 * The page on which a shopper pays. `saved` tells of the payment methods that are kept already, `preparation` names
 * what the gateway was told before, and `attributes` is what the payment element has to know of it.
 */
export function checkoutPage(options, { choice, saved, preparation, attributes = {} }) {
  const [heading, lead] = HEADINGS[choice.journey];
  const gateway = GATEWAYS[choice.face];
  const way = wayOf(choice);
  return shell(
    "Checkout",
    html`<main class="columns">
      <section aria-labelledby="heading">
        <h1 id="heading">${heading}</h1>
        <p class="lead">${lead} ${choice.journey === "guest" && gateway.claim && "You can still make one after the order."}</p>
        ${way && html`<p class="way">${way}</p>`}
        ${saved.length > 0 && savedList(saved)}
        <form method="post" action="/pay" id="order">
          ${Object.entries(choice).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
          ${preparation && html`<input type="hidden" name="preparation" value="${preparation}">`}
          ${choice.journey !== "returning" && contactFields()}
          <fieldset>
            <legend>Payment</legend>
            <tessera-checkout
              id="payment"
              name="token"
              vault="${options.vault}"
              publishable-key="${options.publishableKey}"
              methods="${choice.method === "ach" ? "ach card" : "card ach"}"
              dialect="${gateway.dialect}"
              ${Object.entries(attributes).map(([name, value]) => html`${name}="${value}"`)}
            ></tessera-checkout>
            <noscript><p class="problem">The payment fields need JavaScript of the vault.</p></noscript>
          </fieldset>
          <p class="problem" id="problem" role="alert"></p>
          <button type="submit" id="pay">Pay ${dollars(TOTAL.cents)}</button>
          <p class="small">
            Card and account numbers go from your browser to the vault. This shop never sees them.
          </p>
        </form>
      </section>
      <aside aria-label="Your order">
        ${summary()} ${choice.script === "on" && knownPanel()} ${variants(choice)}
      </aside>
    </main>`,
    html`<script type="module" src="${options.vault}/tessera.js"></script>
      ${choice.script === "on" && html`<script type="module" src="/assets/checkout.mjs"></script>`}`,
  );
}

/** The page after an order, for people and, in its `output`, for programs. */
export function resultPage(id, record) {
  const { person, claiming, ...told } = record;
  const { heading, text, isProblem } = outcome(record);
  return shell(
    heading,
    html`<main>
      <h1>${heading}</h1>
      <p class="${isProblem ? "problem" : "lead"}">${text}</p>
      ${record.way && html`<p class="way">${record.way}</p>`}
      ${record.payment && paymentList(record.payment)}
      ${isClaimable(record) && claimForm(id)}
      <h2>What the shop's server did</h2>
      <ol class="steps">
        ${told.steps.map(
          ({ request, status }) =>
            html`<li><code>${request.method} ${request.path}</code> <span class="status">${status}</span></li>`,
        )}
      </ol>
      <h2 id="record">The record</h2>
      <output id="result" aria-labelledby="record" tabindex="0">${JSON.stringify(told, null, 2)}</output>
      <p><a href="/?journey=${record.journey}&method=${record.method}&face=${record.face}">Order again</a></p>
    </main>`,
  );
}

/** A page that only says something. */
export function messagePage(heading, text, link = { href: "/", label: "Back to the shop" }) {
  return shell(
    heading,
    html`<main>
      <h1>${heading}</h1>
      <p class="lead">${text}</p>
      <p><a href="${link.href}">${link.label}</a></p>
    </main>`,
  );
}

/** What became of an order. A decline is an answer, and not a problem of the shop's. */
function outcome({ journey, refused, unconfirmed, claimed, customer_id, payment }) {
  if (refused) {
    const text = `${refused.message} (${refused.code}, ${refused.status})`;
    return { heading: "The payment was not taken", text, isProblem: true };
  }
  if (unconfirmed) {
    const text = `Please do not order again before the shop has written to you: ${unconfirmed}.`;
    return { heading: "The payment is not confirmed", text, isProblem: true };
  }
  if (claimed) {
    const text = `The payment method of your order now belongs to customer ${customer_id}.`;
    return { heading: "Your account is ready", text };
  }
  if (payment?.outcome === "declined") {
    return { heading: "Your payment was declined", text: "Nothing was charged. Please try another card or account." };
  }
  if (payment?.outcome === "failed") {
    return { heading: "Your payment did not go through", text: "Nothing was charged. Please try again later." };
  }
  const texts = {
    new: "Your account was made and your payment method is saved with it.",
    returning: "Your new payment method was added to your account.",
    guest: "You have no account with this shop.",
  };
  return { heading: "Thank you, your order is placed", text: texts[journey] };
}

function paymentList({ id, outcome, code, message, processor }) {
  const row = (name, value) => value && html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<section class="payment">
    <h2>Payment</h2>
    <dl>
      ${row("Amount", dollars(TOTAL.cents))} ${row("Outcome", outcome)} ${row("Code", code)} ${row("Message", message)}
      ${row("Processor", processor)} ${row("Id", id)}
    </dl>
  </section>`;
}

function claimForm(id) {
  return html`<form method="post" action="/guest/claim" class="claim">
    <input type="hidden" name="order" value="${id}">
    <button type="submit" id="claim">Create an account from this order</button>
  </form>`;
}

function shell(title, main, scripts = html``) {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>${title} · Harbour &amp; Kiln</title>
        <link rel="icon" href="/assets/mark.svg" type="image/svg+xml">
        <link rel="stylesheet" href="/assets/shop.css">
        ${scripts}
      </head>
      <body>
        <header>
          <a class="brand" href="/"><img src="/assets/mark.svg" alt="" width="36" height="36">Harbour &amp; Kiln</a>
          <span class="tagline">Small-batch coffee roasters</span>
        </header>
        ${main}
        <footer><p>A demonstration shop. Its processor moves no money, and nothing is sent.</p></footer>
      </body>
    </html>`;
}

function contactFields() {
  return html`<fieldset class="contact">
    <legend>Contact</legend>
    ${contactField("first_name", "First name", "given-name", "Ada")}
    ${contactField("last_name", "Last name", "family-name", "Morel")}
    ${contactField("email", "E-mail", "email", "ada.morel@example.com")}
  </fieldset>`;
}

function contactField(name, label, autocomplete, value) {
  const type = name === "email" ? "email" : "text";
  return html`<label class="${name}">${label}
    <input type="${type}" name="${name}" autocomplete="${autocomplete}" value="${value}" maxlength="100" required>
  </label>`;
}

function savedList(saved) {
  return html`<h2>Saved payment methods</h2>
    <ul class="saved">
      ${saved.map((method) => html`<li>${method}</li>`)}
    </ul>`;
}

function summary() {
  return html`<section class="summary">
    <img src="/assets/beans.svg" alt="" width="320" height="150">
    <h2>Your order</h2>
    <dl>
      ${ITEMS.map(
        ({ name, detail, cents }) =>
          html`<div><dt>${name} <span>${detail}</span></dt><dd>${dollars(cents)}</dd></div>`,
      )}
      <div><dt>Shipping</dt><dd>${dollars(SHIPPING_CENTS)}</dd></div>
      <div class="total"><dt>Total</dt><dd>${dollars(TOTAL.cents)}</dd></div>
    </dl>
  </section>`;
}

/** What the merchant's script learns while the shopper types; never a number. */
function knownPanel() {
  return html`<section class="known">
    <h2>What this page knows</h2>
    <dl>
      <div><dt>Method</dt><dd id="known-method">card</dd></div>
      <div><dt>Scheme</dt><dd id="known-scheme">not yet</dd></div>
      <div><dt>BIN</dt><dd id="known-bin">not yet</dd></div>
      <div><dt>Fields</dt><dd id="known-fields">empty</dd></div>
    </dl>
  </section>`;
}

/** The selector: every gateway, journey and method there is. */
function variants(choice) {
  const link = (changes, label) => {
    const target = { ...choice, ...changes };
    const current = Object.keys(changes).every((name) => changes[name] === choice[name]);
    return html`<li>
      <a href="/?${new URLSearchParams(target)}" ${current && html`aria-current="page"`}>${label}</a>
    </li>`;
  };
  const group = (name, links) => html`<div>
    <h3 id="variants-${name}">${name}</h3>
    <ul aria-labelledby="variants-${name}">${links}</ul>
  </div>`;
  const faces = Object.values(GATEWAYS).map(({ id, label }) => link({ face: id }, label));
  const journeys = [
    link({ journey: "new" }, "New customer"),
    link({ journey: "returning" }, "Returning"),
    link({ journey: "guest" }, "Guest"),
  ];
  const methods = [link({ method: "card" }, "Card"), link({ method: "ach" }, "Bank account")];
  const scripts = [link({ script: "on" }, "The shop's"), link({ script: "off" }, "None")];
  return html`<nav class="variants" aria-label="Variants of this demo">
    <h2>This demo</h2>
    ${group("Gateway", faces)} ${group("Journey", journeys)} ${group("Method", methods)} ${group("Script", scripts)}
  </nav>`;
}
