// What is in the basket of every shopper, and what it costs.

export const ITEMS = [
  { name: "Harbour Blend, whole bean", detail: "2 × 340 g", cents: 3_100 },
  { name: "Kiln Decaf, ground for filter", detail: "1 × 250 g", cents: 1_250 },
];

export const SHIPPING_CENTS = 450;

/** What is charged. */
export const TOTAL = { cents: ITEMS.reduce((sum, { cents }) => sum + cents, SHIPPING_CENTS), currency: "USD" };

/** An amount as people read it. */
export const dollars = (cents) => `$${(cents / 100).toFixed(2)}`;
