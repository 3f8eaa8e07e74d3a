/** Heights in px of what the frame will show, so that the page does not jump when it arrives. */

const FORM_HEIGHT = 324;
const CHOOSER_HEIGHT = 68;

export const reservedHeight = ({ methods }) => FORM_HEIGHT + (methods.length > 1 ? CHOOSER_HEIGHT : 0);
