// A checkout by hand: the element is made when it is needed, asked for a token, and taken away again.

import { define } from "tessera-checkout";

import "./page.css";

define();

const { VITE_TESSERA_VAULT: vault, VITE_TESSERA_KEY: key } = import.meta.env;
const order = document.getElementById("order");

/** Shows the payment form; gives what takes it away. */
function openCheckout() {
  const checkout = document.createElement("tessera-checkout");
  checkout.setAttribute("vault", vault);
  checkout.setAttribute("publishable-key", key);
  checkout.setAttribute("methods", "card ach");
  const pay = document.createElement("button");
  pay.textContent = "Pay $18.00";
  const outcome = document.createElement("p");
  outcome.setAttribute("role", "status");

  checkout.addEventListener("tessera-bin", ({ detail: { scheme } }) => {
    pay.textContent = scheme ? `Pay $18.00 by ${scheme}` : "Pay $18.00";
  });
  checkout.addEventListener("tessera-change", () => {
    outcome.textContent = "";
  });
  // Taking the form away ends an attempt that is under way.
  const life = new AbortController();
  pay.addEventListener("click", async () => {
    const { error, token } = await checkout.tokenize({ signal: life.signal });
    // Here a shop posts the token to its server, which spends it with the secret key.
    outcome.textContent = error ? error.message : `Your token: ${token}`;
  });

  order.replaceChildren(checkout, pay, outcome);
  return () => {
    life.abort();
    order.replaceChildren();
  };
}

let close = openCheckout();
document.getElementById("change").addEventListener("click", () => {
  close = close ? close() : openCheckout();
});
