// The inputs: what is typed, filled and deleted in them goes to the module, and what it answers is painted.

import { page } from "./page.js";
import { say } from "./sentences.js";

/** What the module edits itself. Words, lines, drops: the browser knows best where they begin and end. */
const ACTIONS = new Map([
  ["insertText", "insert"],
  ["insertFromPaste", "insert"],
  ["deleteContentBackward", "backspace"],
  ["deleteContentForward", "delete"],
  ["historyUndo", "undo"],
  ["historyRedo", "redo"],
]);

const isBox = ({ type }) => type === "checkbox";

/** What an input holds: nothing, if it is a box that is not ticked. */
export const held = (control) => (isBox(control) && !control.checked ? "" : control.value);

/** Shows a field's text, with the caret at a place. */
export const paint = (name, text, caret) => {
  const control = page.controls[name];
  if (isBox(control)) {
    control.checked = !!text;
    return;
  }
  if (control.value !== text) {
    control.value = text;
  }
  // Only where the caret is: in Safari a selection takes the focus along.
  if (page.focused === name) {
    control.setSelectionRange?.(caret, caret);
  }
};

/** Takes over what stands in an input: after autofill, a password manager, an input method, a drop. */
export const fill = (name) => {
  const control = page.controls[name];
  const { selectionEnd } = control;
  const value = held(control);
  if (page.composing !== name) {
    page.checkout.fill(name, value, page.focused === name ? (selectionEnd ?? 0) : value.length);
  }
};

/** Takes over what stands in all inputs, each after a look at it. */
export const fillAll = (look) => {
  for (const [name, control] of Object.entries(page.controls)) {
    look?.(name, control);
    fill(name);
  }
};

/** As `fill`, for what the shopper or the browser has put there. */
const take = (name) => {
  page.touched.add(name);
  fill(name);
};

/** Empties the inputs; the module is not asked. */
export const empty = () => {
  page.composing = undefined;
  for (const control of Object.values(page.controls)) {
    if (control.options) {
      control.selectedIndex = 0;
    } else if (isBox(control)) {
      control.checked = false;
    } else {
      control.value = "";
    }
    say(control.name, "");
  }
};

const edit = (name, event, text, action) => {
  const { selectionStart, selectionEnd } = event.target;
  page.touched.add(name);
  page.checkout.edit(name, selectionStart, selectionEnd, text, action);
  event.preventDefault();
};

/** What is heard in the inputs, by the event's type; called with the input's name. */
const EVENTS = {
  beforeinput(name, event) {
    const action = ACTIONS.get(event.inputType);
    if (!action || page.composing === name || event.isComposing || !event.cancelable) {
      return;
    }
    const text = action === "insert" ? (event.data ?? event.dataTransfer?.getData("text/plain")) : "";
    if (text != null) {
      edit(name, event, text, action);
    }
  },

  /** The keys of undo and redo. The browser remembers nothing to undo, because we set the value. */
  keydown(name, event) {
    const { key, code, ctrlKey, metaKey, altKey, shiftKey, target } = event;
    if (ctrlKey === metaKey || altKey || page.composing === name || event.isComposing || target.options || isBox(target)) {
      return;
    }
    // Where the layout has no Latin letters, the place of the key counts.
    const letter = (key > "~" ? code.at(-1) : key).toLowerCase();
    if (letter === "z" || (letter === "y" && ctrlKey && !shiftKey)) {
      edit(name, event, "", letter === "y" || shiftKey ? "redo" : "undo");
    }
  },

  input: take,
  change: take,

  compositionstart(name) {
    page.composing = name;
  },

  compositionend(name) {
    page.composing = undefined;
    take(name);
  },

  focusin(name) {
    page.focused = name;
  },

  focusout(name) {
    page.focused = page.composing = undefined;
    // Some managers fill in without any event at all.
    fill(name);
    page.checkout.leave(name);
  },
};

/** Finds the inputs of a page's form and hears them until the page ends. */
export const listen = (page) => {
  for (const control of page.form.querySelectorAll("[aria-describedby]")) {
    page.controls[control.name] = control;
    if (control === document.activeElement) {
      page.focused = control.name;
    }
  }
  for (const [type, act] of Object.entries(EVENTS)) {
    page.on(type, (event) => {
      const { name } = event.target;
      if (page.controls[name] === event.target) {
        page.act(() => act(name, event));
      }
    });
  }
};
