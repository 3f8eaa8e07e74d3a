//! How the frame looks, as far as a merchant decides it: a closed set of theme tokens and the layout.
//!
//! Both come from the merchant's page as text and end in the style sheet of a page that holds card numbers.
//! Nothing is passed on: a text is parsed by type, and what is applied is written anew from the parsed value.
//! So no address, import, expression, variable or escape can get through, whatever the text was.

#[cfg(target_arch = "wasm32")]
pub mod exports;
pub mod layout;
mod scan;
pub mod theme;

/// A text that is not accepted, with what would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What may stand there, to be put after "must be".
    pub accepted: &'static str,
}

impl Refused {
    pub(crate) const fn unless(accepted: &'static str) -> Self {
        Self { accepted }
    }
}
