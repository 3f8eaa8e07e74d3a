//! [`Field`]: one input while it is being typed into, as a state machine.
//!
//! The state is the raw entry and a caret that counts raw characters. What is shown, with its gaps, is a
//! pure function of the state, and the caret is mapped into it afterwards: working on the shown text is
//! where other components' caret bugs come from.
//!
//! ```
//! use instrument::field::{Context, Edit, Field, Selection};
//! use instrument::{FieldName, YearMonth};
//!
//! let context = Context { today: YearMonth::new(2026, 11).unwrap(), scheme: None };
//! let mut field = Field::new(FieldName::Number);
//! let view = field.apply(Edit::Insert("37828"), Selection { start: 0, end: 0 }, &context);
//! assert_eq!((view.text.as_str(), view.caret), ("3782 8", 6));
//! ```

mod expiry;
mod line;
mod number;
mod plain;
mod text;

use core::fmt;

use line::{Line, Side, Span};
use zeroize::Zeroizing;

use crate::bank::{AccountType, HolderType, SecCode, account, routing};
use crate::card::scheme::Scheme;
use crate::card::{CardNumber, Expiry, HolderName, SecurityCode, code, holder};
use crate::digits::Rest;
use crate::month::YearMonth;
use crate::rejected::FieldName;
use crate::verdict::{Reason, Verdict};

/// What the shopper did.
#[derive(Clone, Copy)]
pub enum Edit<'a> {
    /// Typed or pasted this; it replaces what is selected.
    Insert(&'a str),
    /// Deleted backwards, or what is selected.
    Backspace,
    /// Deleted forwards, or what is selected.
    Delete,
}

impl fmt::Debug for Edit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Insert(_) => "Insert([REDACTED])",
            Self::Backspace => "Backspace",
            Self::Delete => "Delete",
        })
    }
}

/// A selection in a shown text, in UTF-16 code units as the DOM counts; a bare caret if both ends agree.
/// Ends beyond the text count as its end, and swapped ends are put in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// What a verdict depends on besides the entry.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The current month. Be lenient by one day: the shopper's time zone may be behind.
    pub today: YearMonth,
    /// The scheme of the card number, for the security code.
    pub scheme: Option<&'static Scheme>,
}

/// What to paint.
#[derive(Clone, PartialEq, Eq)]
pub struct View {
    /// The text to show.
    pub text: String,
    /// Where the caret goes, in UTF-16 code units.
    pub caret: usize,
    /// What is thought of the entry while it is being typed.
    pub verdict: Verdict,
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View")
            .field("caret", &self.caret)
            .field("verdict", &self.verdict)
            .finish_non_exhaustive()
    }
}

/// One input. Its entry is overwritten when it is dropped.
pub struct Field {
    name: FieldName,
    line: Line,
    /// Whether the last whole text that was set held what has no place in this field.
    rest: Rest,
}

impl Field {
    /// The empty field of this name.
    pub fn new(name: FieldName) -> Self {
        Self { name, line: Line::new(), rest: Rest::Separators }
    }

    /// The name.
    pub const fn name(&self) -> FieldName {
        self.name
    }

    /// The raw entry: digits without gaps; of an expiry `MMYY`; of a name the text as typed.
    pub fn value(&self) -> &str {
        self.line.text()
    }

    /// Replaces everything, as password managers, autofill and programs do, and as a page does after an
    /// input event that it could not foresee. `caret` is a position in `text`, in UTF-16 code units.
    ///
    /// A text with characters that have no place in the field is shown without them, but stays invalid
    /// (`not_digits`, `bad_characters`) until it is edited.
    pub fn set(&mut self, text: &str, caret: usize, context: &Context) -> View {
        self.fill(text, context);
        self.line.caret = self.offset(text, caret);
        self.line.side = Side::Before;
        self.view(context)
    }

    /// Applies an edit to what is shown. An edit that would overfill a full field changes nothing.
    pub fn apply(&mut self, edit: Edit<'_>, selection: Selection, context: &Context) -> View {
        let shown = Zeroizing::new(self.shown());
        let span = self.span(&shown, selection);
        self.edit(edit, span, context);
        self.view(context)
    }

    /// Applies an edit to a text that this field need not have shown: sets it first, with the selection
    /// following its characters through the formatting.
    pub fn apply_to(&mut self, text: &str, edit: Edit<'_>, selection: Selection, context: &Context) -> View {
        self.fill(text, context);
        let span = self.span(text, selection);
        self.edit(edit, span, context);
        self.view(context)
    }

    /// What to paint now.
    pub fn view(&self, context: &Context) -> View {
        let text = self.shown();
        let caret = self.shown_caret(&text);
        View { text, caret, verdict: self.verdict(context) }
    }

    /// What is thought of the entry while it is being typed: show no error for a partial one.
    pub fn verdict(&self, context: &Context) -> Verdict {
        let value = self.value();
        if self.rest == Rest::Foreign {
            return Verdict::Invalid(match self.name {
                FieldName::AccountNumber => Reason::BadCharacters,
                _ => Reason::NotDigits,
            });
        }
        match self.name {
            FieldName::Number => crate::card::pan::verdict(value),
            FieldName::Expiry => expiry::verdict(&self.line, context.today),
            FieldName::Code => code::inspect(value, context.scheme),
            FieldName::Holder => holder::inspect(value),
            FieldName::RoutingNumber => routing::inspect(value),
            FieldName::AccountNumber => account::inspect(value),
            FieldName::AccountType => choice(value, AccountType::parse(value).is_some()),
            FieldName::AccountHolderType => choice(value, HolderType::parse(value).is_some()),
            FieldName::SecCode => choice(value, SecCode::parse(value).is_some()),
        }
    }

    /// What is thought of the entry once the shopper has left the field: never partial. An entry that
    /// stops in the middle is `incomplete`; a number whose check digit is wrong is `luhn`, even where a
    /// longer number could still be right. An empty field stays empty, because only the form knows
    /// whether it is needed.
    pub fn blurred_verdict(&self, context: &Context) -> Verdict {
        let verdict = self.verdict(context);
        if verdict != Verdict::Partial {
            return verdict;
        }
        let value = self.value();
        let refusal = match self.name {
            FieldName::Number => CardNumber::parse(value).err(),
            FieldName::Expiry => Expiry::parse(&Zeroizing::new(self.shown()), context.today).err(),
            FieldName::Code => SecurityCode::parse(value, context.scheme).err(),
            FieldName::Holder => HolderName::parse(value).err(),
            FieldName::RoutingNumber
            | FieldName::AccountNumber
            | FieldName::AccountType
            | FieldName::AccountHolderType
            | FieldName::SecCode => None,
        };
        Verdict::Invalid(match refusal {
            Some(Reason::TooShort) | None => Reason::Incomplete,
            Some(reason) => reason,
        })
    }

    fn fill(&mut self, text: &str, context: &Context) {
        self.rest = match self.name {
            FieldName::Number => number::fill(&mut self.line, text),
            FieldName::Expiry => expiry::fill(&mut self.line, text, context.today),
            FieldName::Code | FieldName::RoutingNumber => plain::fill_digits(&mut self.line, text),
            FieldName::AccountNumber => plain::fill_account(&mut self.line, text),
            FieldName::Holder => text::fill(&mut self.line, text),
            FieldName::AccountType | FieldName::AccountHolderType | FieldName::SecCode => {
                text::fill(&mut self.line, text.trim())
            }
        };
    }

    fn edit(&mut self, edit: Edit<'_>, span: Span, context: &Context) {
        let changed = match (edit, self.name) {
            (Edit::Insert(text), FieldName::Number) => number::insert(&mut self.line, text, span),
            (Edit::Insert(text), FieldName::Expiry) => {
                expiry::insert(&mut self.line, text, span, context.today)
            }
            (Edit::Insert(text), FieldName::Code) => {
                plain::insert_digits(&mut self.line, text, span, code::max_len(context.scheme))
            }
            (Edit::Insert(text), FieldName::RoutingNumber) => {
                plain::insert_digits(&mut self.line, text, span, routing::DIGITS)
            }
            (Edit::Insert(text), FieldName::AccountNumber) => {
                plain::insert_account(&mut self.line, text, span)
            }
            (
                Edit::Insert(text),
                FieldName::Holder
                | FieldName::AccountType
                | FieldName::AccountHolderType
                | FieldName::SecCode,
            ) => text::insert(&mut self.line, text, span),
            (Edit::Backspace, FieldName::Expiry) => expiry::backspace(&mut self.line, span),
            (Edit::Backspace, _) => self.line.backspace(span),
            (Edit::Delete, _) => self.line.delete(span),
        };
        if changed == Changed::Yes {
            self.rest = Rest::Separators;
        }
    }

    fn shown(&self) -> String {
        match self.name {
            FieldName::Number => number::shown(&self.line),
            FieldName::Expiry => expiry::shown(&self.line),
            FieldName::Code
            | FieldName::Holder
            | FieldName::RoutingNumber
            | FieldName::AccountNumber
            | FieldName::AccountType
            | FieldName::AccountHolderType
            | FieldName::SecCode => self.line.text().to_owned(),
        }
    }

    /// Whether a character of a shown or given text is part of the raw entry.
    fn is_part(&self, c: char) -> bool {
        match self.name {
            FieldName::Number | FieldName::Expiry | FieldName::Code | FieldName::RoutingNumber => {
                matches!(crate::digits::Glyph::of(c), crate::digits::Glyph::Digit(_))
            }
            FieldName::AccountNumber => matches!(account::character(c), account::Character::Part(_)),
            FieldName::Holder
            | FieldName::AccountType
            | FieldName::AccountHolderType
            | FieldName::SecCode => true,
        }
    }

    /// The raw offset of a position in a text. A position behind every part is the end, whatever the
    /// formatting added or dropped.
    fn offset(&self, text: &str, position: usize) -> usize {
        let mut units = 0;
        let mut offset = 0;
        let mut behind = 0;
        for c in text.chars() {
            let len = if self.line.text().is_ascii() { 1 } else { c.len_utf8() };
            units += c.len_utf16();
            if !self.is_part(c) {
                continue;
            }
            if units <= position {
                offset += len;
            } else {
                behind += 1;
            }
        }
        if behind == 0 { self.line.len() } else { self.line.boundary(offset) }
    }

    fn span(&self, text: &str, selection: Selection) -> Span {
        let first = selection.start.min(selection.end);
        let last = selection.start.max(selection.end);
        let start = self.offset(text, first);
        let end = self.offset(text, last).max(start);
        let side = match text.chars().nth(last.wrapping_sub(1)) {
            Some(c) if !self.is_part(c) => Side::After,
            Some(_) | None => Side::Before,
        };
        Span { start, end, bare: first == last, side }
    }

    fn shown_caret(&self, text: &str) -> usize {
        let caret = self.line.caret;
        if caret >= self.line.len() {
            return text.chars().map(char::len_utf16).sum();
        }
        let mut bytes = 0;
        let mut units = 0;
        let mut behind = 0;
        for c in text.chars() {
            let part = self.is_part(c);
            if bytes >= caret && (part || self.line.side == Side::Before) {
                break;
            }
            if part {
                bytes += c.len_utf8();
            }
            units += c.len_utf16();
            behind = units;
        }
        behind
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Whether an edit changed the entry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Changed {
    Yes,
    No,
}

fn choice(value: &str, known: bool) -> Verdict {
    if value.is_empty() {
        Verdict::Empty
    } else if known {
        Verdict::Complete
    } else {
        Verdict::Invalid(Reason::UnknownChoice)
    }
}
