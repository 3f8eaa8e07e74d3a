// The choice between the schemes of a card that carries two: radio buttons, alike, none of them picked by us.

import { page } from "./page.js";
import { announce } from "./sentences.js";

/** Shows these schemes to choose from, `{ id, name, chosen }`; none hides the choice. */
export const offerBadges = (badges) => {
  const chooser = page.element("#cobadge");
  const ids = badges.map(({ id }) => id).join();
  if (ids !== page.badges) {
    page.badges = ids;
    const [legend] = chooser.children;
    chooser.replaceChildren(legend, ...badges.map(radio));
    chooser.hidden = !ids;
    if (ids) {
      announce(page, `${legend.textContent}: ${badges.map(({ name }) => name).join(", ")}`);
    }
  }
  for (const { id, chosen } of badges) {
    page.element(`[name=preferred_scheme][value=${id}]`).checked = chosen;
  }
};

const radio = ({ id, name }) => {
  const label = document.createElement("label");
  const input = document.createElement("input");
  const mark = document.createElement("span");
  label.className = "badge";
  input.type = "radio";
  input.name = "preferred_scheme";
  input.value = id;
  mark.textContent = name;
  label.append(input, mark);
  return label;
};
