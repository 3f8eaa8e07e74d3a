//! One select: a choice between values that are all valid.

use instrument::FieldName;
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlFormElement, HtmlSelectElement};

/// A select element.
pub struct Choice {
    name: FieldName,
    element: HtmlSelectElement,
    focused: bool,
}

impl Choice {
    /// The select of this name; none if the form has none.
    #[must_use]
    pub fn find(form: &HtmlFormElement, name: FieldName) -> Option<Self> {
        let element = form.query_selector(&format!("select[name={}]", name.as_str())).ok()??;
        Some(Self { name, element: element.dyn_into().ok()?, focused: false })
    }

    /// The field's name.
    #[must_use]
    pub const fn name(&self) -> FieldName {
        self.name
    }

    /// The DOM element.
    #[must_use]
    pub const fn element(&self) -> &HtmlSelectElement {
        &self.element
    }

    /// What is chosen.
    #[must_use]
    pub fn value(&self) -> String {
        self.element.value()
    }

    /// Whether it has the focus.
    #[must_use]
    pub const fn is_focused(&self) -> bool {
        self.focused
    }

    /// The focus comes.
    pub const fn enter(&mut self) {
        self.focused = true;
    }

    /// The focus goes.
    pub const fn leave(&mut self) {
        self.focused = false;
    }

    /// Goes back to the first choice.
    pub fn clear(&self) {
        self.element.set_selected_index(0);
    }
}
