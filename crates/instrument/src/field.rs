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
mod history;
mod line;
mod number;
mod plain;
mod text;

use core::fmt;

use history::{History, Moment, Step, Way};
use line::{Line, Side, Span};
use zeroize::Zeroizing;

use crate::bank::{AccountType, HolderType, SecCode, account, routing};
use crate::card::candidates::Matches;
use crate::card::scheme::Scheme;
use crate::card::{CardNumber, CardPolicy, Expiry, HolderName, SecurityCode, code, holder};
use crate::digits::Rest;
use crate::month::YearMonth;
use crate::rejected::FieldName;
use crate::verdict::{Reason, Verdict};

/// What a ticked box of [`FieldName::Consent`] holds; one that is not ticked is empty.
pub const CONSENT: &str = "yes";

/// What the shopper did.
#[derive(Clone, Copy)]
pub enum Edit<'a> {
    /// Typed or pasted this; it replaces what is selected.
    Insert(&'a str),
    /// Deleted backwards, or what is selected.
    Backspace,
    /// Deleted forwards, or what is selected.
    Delete,
    /// Took the last step back. Keys typed one after the other are one step.
    Undo,
    /// Took back that it took the last step back.
    Redo,
}

impl fmt::Debug for Edit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Insert(_) => "Insert([REDACTED])",
            Self::Backspace => "Backspace",
            Self::Delete => "Delete",
            Self::Undo => "Undo",
            Self::Redo => "Redo",
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
    /// What the last whole text that was set held and has no place in this field.
    foreign: Option<Reason>,
    policy: CardPolicy,
    history: History,
}

impl Field {
    /// The empty field of this name.
    pub fn new(name: FieldName) -> Self {
        Self::under(name, CardPolicy::DEFAULT)
    }

    /// The empty field of this name, under a merchant's policy.
    pub fn under(name: FieldName, policy: CardPolicy) -> Self {
        Self { name, line: Line::new(), foreign: None, policy, history: History::new() }
    }

    /// From now on another policy counts; what was typed stays.
    pub const fn obey(&mut self, policy: CardPolicy) {
        self.policy = policy;
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
        // What is shown already is held already, whoever says it: a field that is left, or filled in twice.
        if *Zeroizing::new(self.shown()) != *text {
            let before = self.moment();
            self.fill(text, context);
            self.remember(before, Step::Leap);
        }
        self.line.caret = self.offset(text, caret);
        self.line.side = Side::Before;
        self.view(context)
    }

    /// Applies an edit to what is shown. An edit that would overfill a full field changes nothing.
    pub fn apply(&mut self, edit: Edit<'_>, selection: Selection, context: &Context) -> View {
        let shown = Zeroizing::new(self.shown());
        let span = self.span(&shown, selection);
        self.step(edit, span, context);
        self.view(context)
    }

    /// Applies an edit to a text that this field need not have shown: sets it first, with the selection
    /// following its characters through the formatting.
    pub fn apply_to(&mut self, text: &str, edit: Edit<'_>, selection: Selection, context: &Context) -> View {
        let before = self.moment();
        self.fill(text, context);
        self.remember(before, Step::Leap);
        let span = self.span(text, selection);
        self.step(edit, span, context);
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
        if let Some(reason) = self.foreign {
            return Verdict::Invalid(reason);
        }
        match self.name {
            FieldName::Number => Matches::of(value, &self.policy).verdict(value),
            FieldName::Expiry => expiry::verdict(&self.line, context.today),
            FieldName::Code => code::inspect_under(value, context.scheme, &self.policy),
            FieldName::Holder => holder::inspect(value),
            FieldName::RoutingNumber => routing::inspect(value),
            FieldName::AccountNumber | FieldName::AccountNumberConfirmation => account::inspect(value),
            FieldName::AccountType => choice(value, AccountType::parse(value).is_some()),
            FieldName::AccountHolderType => choice(value, HolderType::parse(value).is_some()),
            FieldName::SecCode => choice(value, SecCode::parse(value).is_some()),
            FieldName::Consent => choice(value, value == CONSENT),
            FieldName::PreferredScheme => choice(value, Scheme::by_id(value).is_some()),
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
            FieldName::Number => CardNumber::parse_under(value, &self.policy).err(),
            FieldName::Expiry => Expiry::parse(&Zeroizing::new(self.shown()), context.today).err(),
            FieldName::Code => SecurityCode::parse_under(value, context.scheme, &self.policy).err(),
            FieldName::Holder => HolderName::parse(value).err(),
            FieldName::RoutingNumber
            | FieldName::AccountNumber
            | FieldName::AccountNumberConfirmation
            | FieldName::AccountType
            | FieldName::AccountHolderType
            | FieldName::SecCode
            | FieldName::PreferredScheme
            | FieldName::Consent => None,
        };
        Verdict::Invalid(match refusal {
            Some(Reason::TooShort) | None => Reason::Incomplete,
            Some(reason) => reason,
        })
    }

    /// Forgets what the field held before. Whoever is done with an entry should not keep its beginnings.
    pub fn forget(&mut self) {
        self.history = History::new();
    }

    /// One step, which can be taken back.
    fn step(&mut self, edit: Edit<'_>, span: Span, context: &Context) {
        // The page may have moved the caret since: keys at another place are another step.
        self.line.caret = span.end;
        let before = self.moment();
        let one = |text: &str| text.chars().nth(1).is_none();
        let step = match edit {
            Edit::Undo => return self.restore(Way::Back),
            Edit::Redo => return self.restore(Way::Forth),
            Edit::Insert(text) if span.bare && one(text) => Step::Key,
            Edit::Backspace | Edit::Delete if span.bare => Step::Deletion,
            Edit::Insert(_) | Edit::Backspace | Edit::Delete => Step::Leap,
        };
        self.edit(edit, span, context);
        self.remember(before, step);
    }

    fn moment(&self) -> Moment {
        Moment { text: Zeroizing::new(self.line.text().to_owned()), caret: self.line.caret }
    }

    /// Remembers a state, if the present one holds something else.
    fn remember(&mut self, before: Moment, step: Step) {
        if *before.text != self.line.text() {
            self.history.record(before, step, self.line.caret);
        }
    }

    fn restore(&mut self, way: Way) {
        let present = self.moment();
        if let Some(moment) = self.history.go(way, present) {
            self.line.replace_all(&moment.text);
            self.line.caret = moment.caret;
            self.foreign = None;
        }
    }

    fn fill(&mut self, text: &str, context: &Context) {
        let rest = match self.name {
            FieldName::Number => number::fill(&mut self.line, text, &self.policy),
            FieldName::Expiry => expiry::fill(&mut self.line, text, context.today),
            FieldName::Code | FieldName::RoutingNumber => plain::fill_digits(&mut self.line, text),
            FieldName::AccountNumber | FieldName::AccountNumberConfirmation => {
                plain::fill_account(&mut self.line, text)
            }
            FieldName::Holder => text::fill(&mut self.line, text),
            FieldName::AccountType
            | FieldName::AccountHolderType
            | FieldName::SecCode
            | FieldName::PreferredScheme
            | FieldName::Consent => text::fill(&mut self.line, text.trim()),
        };
        self.foreign = (rest == Rest::Foreign).then(|| match self.name {
            FieldName::AccountNumber | FieldName::AccountNumberConfirmation => Reason::BadCharacters,
            FieldName::RoutingNumber => routing::foreign(text),
            _ => Reason::NotDigits,
        });
    }

    fn edit(&mut self, edit: Edit<'_>, span: Span, context: &Context) {
        let changed = match (edit, self.name) {
            (Edit::Insert(text), FieldName::Number) => {
                number::insert(&mut self.line, text, span, &self.policy)
            }
            (Edit::Insert(text), FieldName::Expiry) => {
                expiry::insert(&mut self.line, text, span, context.today)
            }
            (Edit::Insert(text), FieldName::Code) => {
                plain::insert_digits(&mut self.line, text, span, code::max_len(context.scheme, &self.policy))
            }
            (Edit::Insert(text), FieldName::RoutingNumber) => {
                plain::insert_digits(&mut self.line, text, span, routing::DIGITS)
            }
            (Edit::Insert(text), FieldName::AccountNumber | FieldName::AccountNumberConfirmation) => {
                plain::insert_account(&mut self.line, text, span)
            }
            (
                Edit::Insert(text),
                FieldName::Holder
                | FieldName::AccountType
                | FieldName::AccountHolderType
                | FieldName::SecCode
                | FieldName::PreferredScheme
                | FieldName::Consent,
            ) => text::insert(&mut self.line, text, span),
            (Edit::Backspace, FieldName::Expiry) => expiry::backspace(&mut self.line, span),
            (Edit::Backspace, _) => self.line.backspace(span),
            (Edit::Delete, _) => self.line.delete(span),
            (Edit::Undo | Edit::Redo, _) => Changed::No,
        };
        if changed == Changed::Yes {
            self.foreign = None;
        }
    }

    fn shown(&self) -> String {
        match self.name {
            FieldName::Number => number::shown(&self.line, &self.policy),
            FieldName::Expiry => expiry::shown(&self.line),
            FieldName::Code
            | FieldName::Holder
            | FieldName::RoutingNumber
            | FieldName::AccountNumber
            | FieldName::AccountNumberConfirmation
            | FieldName::AccountType
            | FieldName::AccountHolderType
            | FieldName::SecCode
            | FieldName::PreferredScheme
            | FieldName::Consent => self.line.text().to_owned(),
        }
    }

    /// Whether a character of a shown or given text is part of the raw entry.
    fn is_part(&self, c: char) -> bool {
        match self.name {
            FieldName::Number | FieldName::Expiry | FieldName::Code | FieldName::RoutingNumber => {
                matches!(crate::digits::Glyph::of(c), crate::digits::Glyph::Digit(_))
            }
            FieldName::AccountNumber | FieldName::AccountNumberConfirmation => {
                matches!(account::character(c), account::Character::Part(_))
            }
            FieldName::Holder
            | FieldName::AccountType
            | FieldName::AccountHolderType
            | FieldName::SecCode
            | FieldName::PreferredScheme
            | FieldName::Consent => true,
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
        let len: usize = text.chars().map(char::len_utf16).sum();
        let (one, other) = (selection.start.min(len), selection.end.min(len));
        let (first, last) = (one.min(other), one.max(other));
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
