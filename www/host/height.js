/** Heights in px of what the frame will show, so that the page does not jump when it arrives. */

const FORM_HEIGHT = 324;
const CHOOSER_HEIGHT = 68;
/** A row of inputs more, where a bank account's number is asked for twice. */
const ROW_HEIGHT = 108;
/** The text that an account's owner agrees to, in English and at a usual width, with the box to tick. */
const MANDATE_HEIGHT = 136;

export const reservedHeight = ({ methods: [first, ...others], confirmAccount, mandate }) =>
  FORM_HEIGHT +
  (others.length ? CHOOSER_HEIGHT : 0) +
  (first === "ach" && confirmAccount ? ROW_HEIGHT : 0) +
  (first === "ach" && mandate ? MANDATE_HEIGHT : 0);
