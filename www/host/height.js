/**
 * Heights in px of what the frame will show, so that the page does not jump when it arrives. The style sheet of the
 * frame has the same numbers in it; `tests/e2e/look.test.mjs` compares the two for every layout, method and width.
 */

/** Sizes that a theme may change: token, and what it is without one; in the compact layout. */
const SIZES = {
  "control-height": [48, 40],
  "label-size": [14, 13],
  space: [12, 4],
};

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

/** The area that a grid for a method has, and all that it may have. */
const AREAS = {
  card: ["number", /\b(number|expiry|code|holder)(?!-)/],
  ach: ["routing", /\b(routing|account|holder)/],
};

const px = (text = "") => {
  const [, amount, unit] = /^([\d.]+)(px|r?em)$/.exec(text.trim()) ?? [];
  return amount && amount * (unit === "px" ? 1 : 16);
};

/** Rows of a merchant's own grid that show something of a method. */
const rowsOfGrid = (layout, method, width) => {
  const rows = layout.match(/'[^']*'|"[^"]*"/g) ?? [];
  const columns = rows[0]?.slice(1, -1).trim().split(/\s+/).length;
  const [needed, any] = AREAS[method];
  if (layout.includes(needed) && width >= WIDTHS[columns]) {
    return rows.filter((row) => any.test(row)).length;
  }
  return rowsOf("columns", method, Math.min(width, 399)) - (method === "card" && !/\bholder(?!-)/.test(layout));
};

const rowsOf = (layout, method, width) => {
  if (/['"]/.test(layout)) {
    return rowsOfGrid(layout, method, width);
  }
  const table = [...(ROWS[layout] ?? []), ...ROWS.columns];
  return table.find(([least]) => width >= least)[method === "ach" ? 2 : 1];
};

/** For a frame of this greeting and width; as wide as can be where nobody knows it, as on a server. */
export const reservedHeight = ({ methods, layout = "columns", theme = {}, confirmAccount, mandate }, width) => {
  const [control, label, space] = Object.entries(SIZES).map(
    ([token, sizes]) => px(theme[token]) ?? sizes[layout === "compact" ? 1 : 0],
  );
  const chooser = methods.length > 1 ? control + space + 8 : 0;
  const isBank = methods[0] === "ach";
  // The number is asked for twice in a row of its own, unless the merchant's grid has a place for that.
  const more = isBank && confirmAccount && !layout.includes("account-confirm") ? 1 : 0;
  const rows = rowsOf(layout, methods[0], width || Infinity) + more;
  return chooser + rows * (control + 2 * label + space + 20) + (isBank && mandate ? MANDATE_HEIGHT : 0);
};
