//! Any sequence of edits against a plain string that is edited the same way.
//!
//! `TESSERA_PROPERTY_CASES` sets the number of cases; 20,000 without it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failing test should stop at once"
)]

use instrument::card::{self, SCHEMES};
use instrument::field::{Context, Edit, Field, Selection, View};
use instrument::typing::Typing;
use instrument::{FieldName, Verdict, YearMonth};
use proptest::prelude::*;

fn cases() -> ProptestConfig {
    let wanted = std::env::var("TESSERA_PROPERTY_CASES").ok();
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(wanted.map_or(20_000, |cases| cases.parse().unwrap()))
    }
}

fn context() -> Context {
    Context { today: YearMonth::new(2026, 11).unwrap(), scheme: None }
}

/// One thing that a hand can do to a number.
#[derive(Clone, Debug)]
enum Act {
    Insert(String),
    Backspace,
    Delete,
    Set(String),
}

/// Where the ranges of the table begin and end: by chance hardly a number has one of the longer ones.
fn prefixes() -> Vec<String> {
    let fixture: serde_json::Value = serde_json::from_str(include_str!("fixtures/schemes.json")).unwrap();
    let ranges =
        fixture["schemes"].as_array().unwrap().iter().flat_map(|scheme| scheme["ranges"].as_array().unwrap());
    ranges.flat_map(|range| range.as_str().unwrap().split('-').map(str::to_owned)).collect()
}

fn acts() -> impl Strategy<Value = Vec<(Act, usize, usize)>> {
    let act = prop_oneof![
        6 => "[0-9]".prop_map(Act::Insert),
        2 => "[0-9٠-٩۰-۹０-９]{1,8}".prop_map(Act::Insert),
        1 => "[0-9]{1,4}([ \u{a0}\u{200b}-][0-9]{1,4}){0,3}".prop_map(Act::Insert),
        1 => "[a-z/é]{1,3}".prop_map(Act::Insert),
        3 => Just(Act::Backspace),
        2 => Just(Act::Delete),
        1 => "(4|5|2|37|36|62|6759|1)[0-9]{0,18}".prop_map(Act::Set),
        1 => (prop::sample::select(prefixes()), "[0-9]{0,13}").prop_map(|(prefix, rest)| {
            let mut digits = prefix + &rest;
            digits.truncate(longest(&digits));
            Act::Set(digits)
        }),
        1 => prop::sample::select(prefixes()).prop_map(Act::Insert),
    ];
    // Mostly a caret, mostly at the end, as people type.
    let place = prop_oneof![3 => Just(99_usize), 2 => 0_usize..26];
    let selection =
        place.prop_flat_map(|start| prop_oneof![4 => Just((start, start)), 1 => (Just(start), 0_usize..26)]);
    prop::collection::vec((act, selection).prop_map(|(act, (start, end))| (act, start, end)), 1..16)
}

/// A plain string of digits with a caret: what the field must hold, whatever it shows.
#[derive(Default)]
struct Plain {
    digits: String,
    caret: usize,
}

impl Plain {
    /// The digits before a position of the shown text; behind the last digit is the end.
    fn offset(&self, shown: &str, position: usize) -> usize {
        let before = shown.chars().take(position).filter(char::is_ascii_digit).count();
        before.min(self.digits.len())
    }

    fn act(&mut self, act: &Act, shown: &str, first: usize, last: usize) {
        let (start, end) = (self.offset(shown, first.min(last)), self.offset(shown, first.max(last)));
        let bare = first.min(shown.len()) == last.min(shown.len());
        match act {
            Act::Insert(text) => {
                let typed = ascii(text);
                let full = start == end && self.digits.len() >= longest(&self.digits);
                if typed.is_empty() || full {
                    self.caret = end;
                } else {
                    self.splice(start, end, &typed);
                }
            }
            Act::Backspace if start == end && bare => self.splice(start.saturating_sub(1), end, ""),
            Act::Delete if start == end && bare => self.splice(start, (end + 1).min(self.digits.len()), ""),
            Act::Backspace | Act::Delete => self.splice(start, end, ""),
            Act::Set(text) => {
                let len = self.digits.len();
                self.splice(0, len, text);
                self.caret = self.digits.len();
            }
        }
    }

    fn splice(&mut self, start: usize, end: usize, with: &str) {
        self.digits.replace_range(start..end, with);
        self.caret = start + with.len();
        // Deleting takes nothing but what was deleted, even where the rest is a shorter scheme's now.
        if !with.is_empty() {
            let most = longest(&self.digits);
            self.digits.truncate(most);
            self.caret = self.caret.min(most);
        }
    }
}

/// The ASCII digits of a text of known digits.
fn ascii(text: &str) -> String {
    let zeros = ['0', '٠', '۰', '０'];
    let value = |c: char| {
        zeros.iter().find_map(|zero| (c as u32).checked_sub(*zero as u32).filter(|value| *value < 10))
    };
    text.chars().filter_map(value).map(|value| char::from_digit(value, 10).unwrap()).collect()
}

/// The most digits that a number which begins like this can have, by the public report.
fn longest(digits: &str) -> usize {
    // A text beyond the longest length of all has no open candidates; its beginning has.
    let candidates = card::inspect(&digits[..digits.len().min(12)]).candidates;
    // JCB's two old ranges have 15 digits, whatever its others have.
    let is_old = ["1800", "2131"].iter().any(|old| digits.starts_with(old));
    let lengths = candidates.iter().map(|candidate| match candidate.scheme.id {
        "jcb" if is_old => 15,
        _ => candidate.scheme.lengths.max(),
    });
    lengths.max().unwrap_or(19)
}

fn run(field: &mut Field, act: &Act, start: usize, end: usize) -> View {
    let selection = Selection { start, end };
    match act {
        Act::Insert(text) => field.apply(Edit::Insert(text), selection, &context()),
        Act::Backspace => field.apply(Edit::Backspace, selection, &context()),
        Act::Delete => field.apply(Edit::Delete, selection, &context()),
        Act::Set(text) => field.set(text, text.len(), &context()),
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_number_is_a_plain_string_with_gaps(acts in acts()) {
        let mut field = Field::new(FieldName::Number);
        let mut plain = Plain::default();
        let mut shown = String::new();
        for (act, start, end) in &acts {
            // Of a selection, a key in the middle of a run of deletions or a paste over everything is read by
            // other rules; those have their own tests.
            let whole = plain.offset(&shown, *start.min(end)) == 0
                && plain.offset(&shown, *start.max(end)) == plain.digits.len();
            if whole && matches!(act, Act::Insert(text) if text.chars().any(|c| !ascii(text).is_empty() && !c.is_numeric())) {
                continue;
            }
            plain.act(act, &shown, *start, *end);
            let view = run(&mut field, act, *start, *end);
            prop_assert_eq!(field.value(), &plain.digits, "{:?} at {}..{} of {:?}", act, start, end, shown);
            let left = view.text[..view.caret].chars().filter(char::is_ascii_digit).count();
            prop_assert_eq!(left, plain.caret, "{:?} at {}..{} of {:?} shows {:?}", act, start, end, shown, view.text);
            // The shown text is its digits and single gaps, none of them in front.
            prop_assert!(!view.text.starts_with(' ') && !view.text.contains("  "));
            if matches!(act, Act::Backspace | Act::Delete) && view.text != shown {
                prop_assert!(!view.text.ends_with(' '), "{:?} leaves {:?}", act, view.text);
            }
            // Told what it shows, it holds what it held.
            let same = field.set(&view.text, view.caret, &context());
            prop_assert_eq!((&same.text, field.value()), (&view.text, plain.digits.as_str()));
            // Formatting is idempotent.
            shown = view.text.clone();
            if plain.digits.len() > longest(&plain.digits) {
                continue;
            }
            let mut again = Field::new(FieldName::Number);
            let once = again.set(&view.text, view.caret, &context());
            prop_assert_eq!(&once.text, view.text.trim_end());
            prop_assert_eq!(again.value(), field.value());
            let twice = again.set(&once.text, once.caret, &context());
            prop_assert_eq!(once, twice);
        }
    }

    #[test]
    fn every_step_can_be_taken_back_and_forth(acts in acts()) {
        for name in [FieldName::Number, FieldName::Expiry, FieldName::Holder] {
            let mut field = Field::new(name);
            for (act, start, end) in &acts {
                run(&mut field, act, *start, *end);
            }
            let end = field.value().to_owned();
            let nowhere = Selection { start: 0, end: 0 };
            let mut steps = 0;
            while !field.value().is_empty() || steps == 0 {
                field.apply(Edit::Undo, nowhere, &context());
                steps += 1;
                prop_assert!(steps <= 20, "{:?}", field.value().len());
            }
            for _ in 0..20 {
                field.apply(Edit::Undo, nowhere, &context());
            }
            prop_assert_eq!(field.value(), "");
            for _ in 0..40 {
                field.apply(Edit::Redo, nowhere, &context());
            }
            prop_assert_eq!(field.value(), end);
        }
    }

    #[test]
    fn the_fast_field_does_what_the_other_does(acts in acts()) {
        let mut field = Field::new(FieldName::Number);
        let mut typing = Typing::new();
        let mut shown = String::new();
        for (act, start, end) in &acts {
            let (view, outcome) = match act {
                Act::Insert(text) => {
                    let key = text.chars().next().unwrap();
                    let view = run(&mut field, &Act::Insert(key.to_string()), *start, *end);
                    (view, typing.press(key, *start, *end))
                }
                Act::Backspace => (run(&mut field, act, *start, *end), typing.backspace(*start, *end)),
                Act::Delete => (run(&mut field, act, *start, *end), typing.delete(*start, *end)),
                Act::Set(_) => continue,
            };
            prop_assert_eq!(typing.text(), &view.text);
            prop_assert_eq!(typing.digits(), field.value());
            prop_assert_eq!(usize::from(outcome.caret), view.caret, "{:?} at {}..{} of {:?}", act, start, end, shown);
            prop_assert_eq!(outcome.verdict, view.verdict);
            prop_assert_eq!(usize::from(outcome.len), view.text.len());
            let scheme = SCHEMES.get(usize::from(outcome.scheme)).map(|scheme| scheme.id);
            prop_assert_eq!(scheme, card::scheme_of(field.value()).map(|scheme| scheme.id));
            let packed = outcome.packed();
            prop_assert_eq!(packed & 63, view.caret as u32);
            prop_assert_eq!(packed >> 6 & 63, view.text.len() as u32);
            let verdict = ["empty", "partial", "invalid", "complete"][(packed >> 12 & 3) as usize];
            prop_assert_eq!(verdict, view.verdict.as_str());
            shown = view.text;
        }
        typing.clear();
        prop_assert_eq!(typing.text(), "");
        prop_assert_eq!(typing.outcome().verdict, Verdict::Empty);
    }
}
