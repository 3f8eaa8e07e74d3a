/**
 * What happens when the shopper submits the surrounding form. The first submit event is taken away before anybody
 * sees it; when the token is there, the form is submitted again with the same button, and everybody sees that one.
 */

/** What a form does on Enter: its first submit button counts as pressed. */
const defaultButton = (form) => [...form.elements].find((control) => control.type === "submit");

/** Whether a form is being submitted again by an element that has its token. */
let passing = false;

export class Submission {
  form = null;
  #element;
  #complain;
  /** Idle, tokenizing, held (there is a token for what the fields hold) or sent. */
  #state = "idle";
  #passed = null;

  /** `complain(message)` is called when there is no token. */
  constructor(element, complain) {
    this.#element = element;
    this.#complain = complain;
  }

  listen(signal) {
    addEventListener("submit", (event) => this.#onSubmit(event), { capture: true, signal });
  }

  /** What was sent counts no more: other fields, another form, another frame. */
  forget() {
    this.#state = "idle";
  }

  /** A field has changed. One submit may be under way; what was sent already may be sent again. */
  changed() {
    if (this.#state !== "tokenizing") {
      this.#state = "idle";
    }
  }

  /** Enter in the frame, or the element's own button: presses the form's. Tells whether there is a form. */
  press() {
    const { form } = this;
    const button = form && defaultButton(form);
    if (form && !button?.disabled) {
      form.requestSubmit(button);
    }
    return !!form;
  }

  #onSubmit(event) {
    const { form } = this;
    if (event.target !== form || event.defaultPrevented || this.#element.matches(":disabled")) {
      return;
    }
    if (passing && this.#state === "held") {
      this.#passed = event;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (["idle", "held"].includes(this.#state)) {
      this.#submit(form, event.submitter);
    }
  }

  async #submit(form, submitter) {
    this.#state = "tokenizing";
    const { error } = await this.#element.tokenize();
    if (this.#state !== "tokenizing" || form !== this.form) {
      return;
    }
    if (error) {
      this.#state = "idle";
      this.#complain(error.message);
      return;
    }
    this.#state = "held";
    this.#passed = null;
    passing = true;
    form.requestSubmit(submitter?.form === form ? submitter : undefined);
    passing = false;
    // Nothing was passed if another control of the form is invalid by now, or another element needs its token first.
    if (this.#passed?.defaultPrevented === false) {
      this.#state = "sent";
    }
  }
}
