// The shop's pages.

import { html } from "./markup.mjs";

const ORDER = [
  { name: "Harbour Blend, whole bean", detail: "2 × 340 g", cents: 3_100 },
  { name: "Kiln Decaf, ground for filter", detail: "1 × 250 g", cents: 1_250 },
];
const SHIPPING_CENTS = 450;

const dollars = (cents) => `$${(cents / 100).toFixed(2)}`;
const TOTAL = dollars(ORDER.reduce((sum, { cents }) => sum + cents, SHIPPING_CENTS));

const HEADINGS = {
  new: ["Checkout", "First time here? We will make an account from these details."],
  returning: ["Welcome back, Ada", "The payment method below is added to your account."],
  guest: ["Guest checkout", "No account. You can still make one after the order."],
};

/** The page on which a shopper pays. */
export function checkoutPage(options, choice, saved) {
  const [heading, lead] = HEADINGS[choice.journey];
  return shell(
    "Checkout",
    html`<main class="columns">
      <section aria-labelledby="heading">
        <h1 id="heading">${heading}</h1>
        <p class="lead">${lead}</p>
        ${saved.length > 0 && savedList(saved)}
        <form method="post" action="/pay" id="order">
          ${Object.entries(choice).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
          ${choice.journey !== "returning" && contactFields()}
          <fieldset>
            <legend>Payment</legend>
            <tessera-checkout
              id="payment"
              name="token"
              vault="${options.vault}"
              publishable-key="${options.publishableKey}"
              methods="${choice.method === "ach" ? "ach card" : "card ach"}"
              ${choice.face === "fluidpay" && html`dialect="fluidpay"`}
            ></tessera-checkout>
            <noscript><p class="problem">The payment fields need JavaScript of the vault.</p></noscript>
          </fieldset>
          <p class="problem" id="problem" role="alert"></p>
          <button type="submit" id="pay">Pay ${TOTAL}</button>
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
  const { refused, claimed, person, claiming, ...told } = record;
  const [heading, text] = outcome(record);
  return shell(
    heading,
    html`<main>
      <h1>${heading}</h1>
      <p class="${refused ? "problem" : "lead"}">${text}</p>
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

const isClaimable = ({ journey, payment_method_id, customer_id }) =>
  journey === "guest" && payment_method_id && !customer_id;

function outcome({ journey, refused, claimed, customer_id }) {
  if (refused) {
    return ["The payment was not taken", `${refused.message} (${refused.code}, ${refused.status})`];
  }
  if (claimed) {
    return ["Your account is ready", `The payment method of your order now belongs to customer ${customer_id}.`];
  }
  const texts = {
    new: "Your account was made and your payment method is saved with it.",
    returning: "Your new payment method was added to your account.",
    guest: "Your payment method was kept without an account.",
  };
  return ["Thank you, your order is placed", texts[journey]];
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
        <footer><p>A demonstration shop. Nothing is charged and nothing is sent.</p></footer>
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
      ${saved.map((method) => html`<li>${describe(method)}</li>`)}
    </ul>`;
}

function describe({ kind, card, ach }) {
  return kind === "card" ? `${card.scheme}, ends in ${card.last4}` : `${ach.account_type} account, ends in ${ach.last4}`;
}

function summary() {
  return html`<section class="summary">
    <img src="/assets/beans.svg" alt="" width="320" height="150">
    <h2>Your order</h2>
    <dl>
      ${ORDER.map(
        ({ name, detail, cents }) =>
          html`<div><dt>${name} <span>${detail}</span></dt><dd>${dollars(cents)}</dd></div>`,
      )}
      <div><dt>Shipping</dt><dd>${dollars(SHIPPING_CENTS)}</dd></div>
      <div class="total"><dt>Total</dt><dd>${TOTAL}</dd></div>
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

function variants(choice) {
  const link = (changes, label) => {
    const target = { ...choice, ...changes };
    const current = Object.keys(changes).every((name) => changes[name] === choice[name]);
    return html`<li>
      <a href="/?${new URLSearchParams(target)}" ${current && html`aria-current="page"`}>${label}</a>
    </li>`;
  };
  return html`<nav class="variants" aria-label="Variants of this demo">
    <ul>
      ${link({ journey: "new" }, "New customer")} ${link({ journey: "returning" }, "Returning")}
      ${link({ journey: "guest" }, "Guest")}
    </ul>
    <ul>
      ${link({ method: "card" }, "Card first")} ${link({ method: "ach" }, "Bank account first")}
    </ul>
    <ul>
      ${link({ script: "on" }, "With the shop's script")} ${link({ script: "off" }, "Without")}
    </ul>
    <ul>
      ${link({ face: "native" }, "Native API")} ${link({ face: "fluidpay" }, "FluidPay API")}
    </ul>
  </nav>`;
}
