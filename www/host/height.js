/**
 * Heights in px of what the frame will show, so that the page does not jump when it arrives. The style sheet of the
 * frame has the same numbers in it; `tests/e2e/look.test.mjs` compares the two for every layout, method and width.
 */

/** Rows of fields: how wide the frame must be at least, for a card, for a bank account; the first that fits counts. */
export const ROWS = {
  columns: [
    [400, 3, 3],
    [260, 3, 4],
    [0, 4, 5],
  ],
  stacked: [[0, 4, 5]],
  line: [
    [720, 2, 2],
    [480, 2, 3],
  ],
};

/** The text that an account's owner agrees to, in English and at a usual width, with the box to tick. */
const MANDATE_HEIGHT = 136;

/** How wide a frame must be for a grid of so many columns. */
const WIDTHS = [0, 260, 260, 400, 520, 520, 520];

/** The area that a grid for a card has, for a bank account, and all that it may have. */
const AREAS = [
  ["number", /\b(number|expiry|code|holder)(?!-)/],
  ["routing", /\b(routing|account|holder)/],
];

/** Rows of a merchant's own grid that show something of the method. */
const rowsOfGrid = (layout, isBank, width) => {
  const rows = layout.match(/'[^']*'|"[^"]*"/g) ?? [""];
  const columns = rows[0].slice(1, -1).trim().split(/\s+/).length;
  const [needed, any] = AREAS[isBank];
  return layout.includes(needed) && width >= WIDTHS[columns]
    ? rows.filter((row) => any.test(row)).length
    : rowsOf("columns", isBank, Math.min(width, 399)) - (!isBank && !/\bholder(?!-)/.test(layout));
};

const rowsOf = (layout, isBank, width) =>
  /['"]/.test(layout)
    ? rowsOfGrid(layout, isBank, width)
    : [...(ROWS[layout] ?? []), ...ROWS.columns].find(([least]) => width >= least)[1 + isBank];

/** For a frame of this greeting and width; as wide as can be where nobody knows it, as on a server. */
export const reservedHeight = ({ mode, methods, layout, theme, confirmAccount, mandate }, width) => {
  /** What a theme says, or the style sheet: usually, and in the compact layout. */
  const size = (token, usual, compact) => {
    const [, amount, unit] = /^([\d.]+)(px|r?em)$/.exec(theme[token]) ?? [];
    return amount ? amount * (unit === "px" ? 1 : 16) : layout === "compact" ? compact : usual;
  };
  const control = size("control-height", 48, 40);
  const space = size("space", 12, 4);
  const isBank = +(methods[0] === "ach");
  // The number is asked for twice in a row of its own, unless the merchant's grid has a place for that.
  const more = isBank && confirmAccount && !layout.includes("account-confirm");
  const rows = mode || more + rowsOf(layout, isBank, width || Infinity);
  return (
    (methods.length > 1 && control + space + 8) +
    rows * (control + 2 * size("label-size", 14, 13) + space + 20) +
    (isBank && mandate ? MANDATE_HEIGHT : 0)
  );
};
