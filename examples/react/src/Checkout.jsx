import { useState } from "react";

const { VITE_TESSERA_VAULT: vault, VITE_TESSERA_KEY: key } = import.meta.env;

/** The payment form. StrictMode makes it twice in development; nothing is left over from the first time. */
export function Checkout() {
  const [scheme, setScheme] = useState(null);
  const [outcome, setOutcome] = useState("");

  // The element has exchanged what was typed for a token before React hears of the submit.
  function pay(event) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    // Here a shop posts the token to its server, which spends it with the secret key.
    setOutcome(`Your token: ${form.get("payment_token")}`);
  }

  return (
    <form onSubmit={pay}>
      <tessera-checkout
        name="payment_token"
        vault={vault}
        publishable-key={key}
        methods="card ach"
        ontessera-bin={({ detail }) => setScheme(detail.scheme)}
        ontessera-change={() => setOutcome("")}
      />
      <button>Pay $18.00{scheme && ` by ${scheme}`}</button>
      <p role="status">{outcome}</p>
    </form>
  );
}
