//! Answers questions about texts, for `cargo xtask conformance`: a JSON list of them comes on standard input,
//! the list of answers goes to standard output.
//!
//! A question has `kind`, `text`, and what the kind needs besides; [`answer`] lists them.

use std::io::{self, Read, Write};

use instrument::bank::{RoutingNumber, inspect_routing};
use instrument::card::{self, CardNumber, Scheme, expiry, holder};
use instrument::field::{Context, Edit, Field, Selection};
use instrument::payer::{Country, PostalCode};
use instrument::{FieldName, Reason, Verdict, YearMonth};
use serde_json::{Value, json};

fn main() -> io::Result<()> {
    let mut questions = String::new();
    io::stdin().read_to_string(&mut questions)?;
    let questions: Vec<Value> = serde_json::from_str(&questions)?;
    let answers: Vec<Value> = questions.iter().map(answer).collect();
    writeln!(io::stdout(), "{}", Value::Array(answers))
}

fn answer(question: &Value) -> Value {
    let text = text(question, "text");
    match question.get("kind").and_then(Value::as_str).unwrap_or_default() {
        "number" => number(text),
        "lengths" => lengths(text),
        "expiry" => verdict(expiry::inspect(text, month(question)).verdict),
        "code" => verdict(card::code::inspect(text, scheme_of_sizes(question))),
        "holder" => verdict(holder::inspect(text)),
        "routing" => verdict(inspect_routing(text)),
        "check_digit" => check_digit(text),
        "postal" => postal(text, question),
        "typing" => typing(question),
        unknown => json!({ "unknown": unknown }),
    }
}

/// Everything about a card number: the scheme that its first digits name, and the one that takes a whole one.
fn number(text: &str) -> Value {
    let report = card::inspect(text);
    let taker = CardNumber::parse(text).ok().map(|number| number.scheme());
    let candidates: Vec<&str> = report.candidates.iter().map(|candidate| candidate.scheme.id).collect();
    json!({
        "verdict": report.verdict.as_str(),
        "reason": report.verdict.reason().map(Reason::as_str),
        "scheme": report.scheme.map(|scheme| scheme.id),
        "taker": taker.map(|scheme| scheme.id),
        "candidates": candidates,
        "code_sizes": report.candidates.first().map(|candidate| candidate.scheme.code.sizes),
    })
}

fn lengths(id: &str) -> Value {
    json!({ "lengths": Scheme::by_id(id).map(|scheme| scheme.lengths.iter().collect::<Vec<_>>()) })
}

fn verdict(verdict: Verdict) -> Value {
    json!({ "verdict": verdict.as_str(), "reason": verdict.reason().map(Reason::as_str) })
}

fn postal(text: &str, question: &Value) -> Value {
    let country = question.get("country").and_then(Value::as_str).unwrap_or_default();
    let parsed = Country::parse(country).and_then(|country| PostalCode::parse(text, country));
    verdict(match parsed {
        Ok(_) => Verdict::Complete,
        Err(Reason::Required) => Verdict::Empty,
        Err(Reason::TooShort) => Verdict::Partial,
        Err(reason) => Verdict::Invalid(reason),
    })
}

/// A scheme whose codes have these sizes.
fn scheme_of_sizes(question: &Value) -> Option<&'static Scheme> {
    let sizes: Vec<u64> = question
        .get("sizes")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_u64)
        .collect();
    match sizes.as_slice() {
        [3] => Scheme::by_id("visa"),
        [4] => Scheme::by_id("amex"),
        _ => None,
    }
}

/// The only digit that makes a routing number of eight others.
fn check_digit(text: &str) -> Value {
    let fits = |digit: &u32| RoutingNumber::parse(&format!("{text}{digit}")).is_ok();
    let mut digits = (0..10).filter(fits);
    json!({ "digit": digits.next(), "another": digits.next() })
}

/// Keys in an empty field for card numbers: texts are typed key by key, `<Left>` moves the caret, `<Backspace>`
/// and `<Delete>` are themselves.
fn typing(question: &Value) -> Value {
    let context = Context { today: month(question), scheme: None };
    let mut field = Field::new(FieldName::Number);
    let mut view = field.view(&context);
    for step in question.get("keys").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    {
        let caret = Selection { start: view.caret, end: view.caret };
        match step {
            "<Left>" => view.caret = view.caret.saturating_sub(1),
            "<Backspace>" => view = field.apply(Edit::Backspace, caret, &context),
            "<Delete>" => view = field.apply(Edit::Delete, caret, &context),
            typed => {
                for key in typed.chars() {
                    let caret = Selection { start: view.caret, end: view.caret };
                    view = field.apply(Edit::Insert(key.encode_utf8(&mut [0; 4])), caret, &context);
                }
            }
        }
    }
    json!({ "text": view.text, "caret": view.caret })
}

/// The month that counts as this one.
fn month(question: &Value) -> YearMonth {
    let today = question.get("today").and_then(Value::as_str).unwrap_or("2026-11");
    let parsed = today
        .split_once('-')
        .and_then(|(year, month)| YearMonth::new(year.parse().ok()?, month.parse().ok()?));
    parsed.unwrap_or(DEFAULT_MONTH)
}

const DEFAULT_MONTH: YearMonth = match YearMonth::new(2026, 11) {
    Some(month) => month,
    None => unreachable!(),
};

fn text<'a>(question: &'a Value, name: &str) -> &'a str {
    question.get(name).and_then(Value::as_str).unwrap_or_default()
}
