/** The element as HTML, for servers that render pages: it has its size before any script has run. */

import { reservedHeight } from "./height.js";
import { readOptions } from "./options.js";

const MARKS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

const escaped = (text) => `${text}`.replace(/[&<>"']/g, (mark) => MARKS[mark]);

/** An attribute's name, which is written as it is. */
const NAME = /^[a-z][a-z0-9-]*$/;

/**
 * `<tessera-checkout>` with these attributes and, in a declarative shadow root, a frame without a document that keeps
 * the place: no script, no style, so that the strictest policy lets it stand. `true` is an attribute without a value;
 * `false`, `null` and `undefined` are none. Throws the problem with an option that is none of the accepted ones.
 */
export function placeholder(attributes) {
  const given = Object.entries(attributes).filter(([, value]) => value !== false && value != null);
  const texts = new Map(given.map(([name, value]) => [name, value === true ? "" : `${value}`]));
  const odd = given.find(([name]) => !NAME.test(name));
  if (odd) {
    throw new TypeError(`"${odd[0]}" is no name of an attribute.`);
  }
  let height;
  try {
    height = reservedHeight(readOptions({ getAttribute: (name) => texts.get(name) ?? null }).hello);
  } catch (problem) {
    throw Object.assign(new TypeError(problem.message), problem);
  }
  const written = [...texts].map(([name, value]) => ` ${name}="${escaped(value)}"`).join("");
  return (
    `<tessera-checkout${written}><template shadowrootmode="open" shadowrootdelegatesfocus>` +
    `<slot name="before"></slot>` +
    `<iframe title="Payment details" width="100%" height="${height}" frameborder="0" align="top"></iframe>` +
    `<slot></slot></template></tessera-checkout>`
  );
}
