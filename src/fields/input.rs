//! One text input: its DOM events become edits, and the returned view is painted.

use instrument::bank::{AccountNumber, RoutingNumber};
use instrument::card::{CardNumber, Expiry, HolderName, SecurityCode};
use instrument::field::{Context, Edit, Field, Selection, View};
use instrument::{FieldName, Secret, Verdict};
use wasm_bindgen::JsCast as _;
use web_sys::{Document, Element, HtmlFormElement, HtmlInputElement, InputEvent};

use super::words;

/// A text input with the state of what is typed in it.
pub struct Input {
    name: FieldName,
    element: HtmlInputElement,
    words: Element,
    field: Field,
    /// Between `compositionstart` and `compositionend` the input method owns the text.
    composing: bool,
    focused: bool,
    shown: Verdict,
}

impl Input {
    /// The input of this name, with what was typed before we came; none if the form has none.
    #[must_use]
    pub fn find(form: &HtmlFormElement, name: FieldName) -> Option<Self> {
        let element = form.query_selector(&format!("input[name={}]", name.as_str())).ok()??;
        let element = element.dyn_into::<HtmlInputElement>().ok()?;
        let words = form.query_selector(&format!("#{}-error", name.as_str())).ok()??;
        Some(Self {
            name,
            focused: is_active(&element),
            element,
            words,
            field: Field::new(name),
            composing: false,
            shown: Verdict::Complete,
        })
    }

    /// The field's name.
    #[must_use]
    pub const fn name(&self) -> FieldName {
        self.name
    }

    /// The DOM element.
    #[must_use]
    pub const fn element(&self) -> &HtmlInputElement {
        &self.element
    }

    /// Whether the caret is in it.
    #[must_use]
    pub const fn is_focused(&self) -> bool {
        self.focused
    }

    /// What is typed.
    #[must_use]
    pub fn value(&self) -> &str {
        self.field.value()
    }

    /// A copy of what is typed, for a draft.
    #[must_use]
    pub fn secret(&self) -> Secret<String> {
        Secret::new(self.field.value().to_owned())
    }

    /// What is thought of it.
    #[must_use]
    pub fn verdict(&self, context: &Context) -> Verdict {
        self.field.verdict(context)
    }

    /// Takes an edit before the browser makes it. True if the browser must not make it as well; false if
    /// the edit is one that the browser makes and `take_over` follows.
    pub fn before(&mut self, event: &InputEvent, context: &Context) -> bool {
        if self.composing || event.is_composing() || !event.cancelable() {
            return false;
        }
        let inserted;
        let edit = match event.input_type().as_str() {
            "insertText" | "insertFromPaste" => match text_of(event) {
                Some(text) => {
                    inserted = text;
                    // EXPOSE: the typed characters go into the field.
                    Edit::Insert(inserted.expose())
                }
                None => return false,
            },
            "deleteContentBackward" => Edit::Backspace,
            "deleteContentForward" => Edit::Delete,
            // Words, lines, drops, undo: the browser knows best where they begin and end.
            _ => return false,
        };
        let start = place(self.element.selection_start());
        let end = place(self.element.selection_end());
        let view = self.field.apply(edit, Selection { start, end }, context);
        self.paint(view);
        true
    }

    /// Takes over what stands in the DOM: after autofill, a password manager, an input method, a drop.
    pub fn take_over(&mut self, context: &Context) {
        if self.composing {
            return;
        }
        let text = Secret::new(self.element.value());
        // EXPOSE: the filled-in text goes into the field.
        let caret = if self.focused { place(self.element.selection_end()) } else { text.expose().len() };
        let view = self.field.set(text.expose(), caret, context);
        self.paint(view);
    }

    /// The input method begins a composition.
    pub const fn begin_composition(&mut self) {
        self.composing = true;
    }

    /// The composition is over.
    pub const fn end_composition(&mut self) {
        self.composing = false;
    }

    /// The caret comes.
    pub const fn enter(&mut self) {
        self.focused = true;
    }

    /// The caret goes, and a composition with it.
    pub const fn leave(&mut self) {
        self.focused = false;
        self.composing = false;
    }

    /// Forgets what was typed.
    pub fn clear(&mut self) {
        self.field = Field::new(self.name);
        self.composing = false;
        self.element.set_value("");
        self.say(Verdict::Complete);
    }

    /// Shows what is wrong while somebody types: only what no further typing can mend.
    pub fn say_while_typing(&mut self, verdict: Verdict) {
        self.say(match verdict {
            Verdict::Invalid(_) => verdict,
            Verdict::Empty | Verdict::Partial | Verdict::Complete => Verdict::Complete,
        });
    }

    /// Shows what is wrong when the shopper has left the field.
    pub fn say_after_leaving(&mut self, verdict: Verdict, context: &Context) {
        self.say(match verdict {
            Verdict::Partial => self.final_verdict(context),
            Verdict::Empty => Verdict::Complete,
            Verdict::Invalid(_) | Verdict::Complete => verdict,
        });
    }

    /// Shows what is missing when somebody wants to pay.
    pub fn say_on_report(&mut self, verdict: Verdict, context: &Context) {
        self.say(match verdict {
            Verdict::Partial => self.final_verdict(context),
            Verdict::Empty | Verdict::Invalid(_) | Verdict::Complete => verdict,
        });
    }

    /// What is shown as wrong at the moment; complete if nothing is.
    #[must_use]
    pub const fn shown(&self) -> Verdict {
        self.shown
    }

    /// Why a partial entry would be refused as it stands.
    fn final_verdict(&self, context: &Context) -> Verdict {
        let text = self.field.value();
        let refused = match self.name {
            FieldName::Number => CardNumber::parse(text).err(),
            FieldName::Expiry => Expiry::parse(text, context.today).err(),
            FieldName::Code => SecurityCode::parse(text, context.scheme).err(),
            FieldName::Holder => HolderName::parse(text).err(),
            FieldName::RoutingNumber => RoutingNumber::parse(text).err(),
            FieldName::AccountNumber => AccountNumber::parse(text).err(),
            FieldName::AccountType | FieldName::AccountHolderType | FieldName::SecCode => None,
        };
        refused.map_or(Verdict::Partial, Verdict::Invalid)
    }

    /// Shows a sentence for this verdict under the field; none for a complete one.
    pub fn say(&mut self, verdict: Verdict) {
        if verdict == self.shown {
            return;
        }
        self.shown = verdict;
        let sentence = words::sentence(self.name, verdict);
        self.words.set_text_content(Some(sentence));
        // Setting attributes fails only for names that are no names.
        let _ = if sentence.is_empty() {
            self.element.remove_attribute("aria-invalid")
        } else {
            self.element.set_attribute("aria-invalid", "true")
        };
    }

    fn paint(&self, view: View) {
        let View { text, caret, .. } = view;
        let text = Secret::new(text);
        // EXPOSE: the shopper sees what was typed.
        if self.element.value() != *text.expose() {
            self.element.set_value(text.expose());
        }
        // Only where the caret is: in Safari a selection takes the focus along.
        if self.focused
            && let Ok(caret) = u32::try_from(caret)
        {
            let _ = self.element.set_selection_range(caret, caret);
        }
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.element.set_value("");
    }
}

/// The text of an insertion, wherever the browser put it.
fn text_of(event: &InputEvent) -> Option<Secret<String>> {
    let transferred = || event.data_transfer()?.get_data("text/plain").ok();
    event.data().or_else(transferred).map(Secret::new)
}

/// A place in an input as the DOM tells it. Inputs of type text always have one.
fn place(found: Result<Option<u32>, wasm_bindgen::JsValue>) -> usize {
    found.ok().flatten().and_then(|place| usize::try_from(place).ok()).unwrap_or(0)
}

fn is_active(element: &Element) -> bool {
    let active = element.owner_document().as_ref().and_then(Document::active_element);
    active.as_ref() == Some(element)
}
