import { useState } from "react";

import { Checkout } from "./Checkout.jsx";

/** The page: what is bought, and the checkout while it is open. */
export function Shop() {
  const [open, setOpen] = useState(true);
  return (
    <>
      <h1>One pound of coffee</h1>
      {open && <Checkout />}
      <button type="button" onClick={() => setOpen(!open)}>
        Change the order
      </button>
    </>
  );
}
