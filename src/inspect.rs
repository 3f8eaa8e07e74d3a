//! What the module tells about a text without any frame: for tests, for Node.js, for native web views.
//!
//! Arguments come as `JsValue`, so that something of another type is an error with a code and not a crash in
//! the glue. Results that hold more than a verdict go through `serde-wasm-bindgen`; `edit`, which is called
//! for every keystroke, is built by hand.

use instrument::card::{self, Candidate, Scheme};
use instrument::field::{Context, Edit, Field, Selection};
use instrument::{FieldName, Secret, Verdict, YearMonth, bank};
use serde::Serialize;
use serde::ser::SerializeMap as _;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use crate::bridge::{object, text_or_null};
use crate::clock;
use crate::error::Problem;

/// The kinds of field that can be typed into, as `edit` takes them.
const KINDS: &str = "one of: number, expiry, code, holder, routing_number, account_number";

/// The actions of `edit`.
const ACTIONS: &str = "one of: insert, backspace, delete";

/// What is told of a text: members in the order in which JavaScript sees them. It is serialised as a map,
/// because `serde-wasm-bindgen` keeps a table of the names of structs, which is a tenth of the module.
struct Report(Vec<(&'static str, Cell)>);

/// The value of a member.
enum Cell {
    Name(Option<&'static str>),
    Text(Option<String>),
    Count(Option<u32>),
    Truth(bool),
    Sizes(&'static [u8]),
    Reports(Vec<Report>),
}

impl Serialize for Report {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Serialize for Cell {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Name(name) => name.serialize(to),
            Self::Text(text) => text.serialize(to),
            Self::Count(count) => count.serialize(to),
            Self::Truth(truth) => to.serialize_bool(*truth),
            Self::Sizes(sizes) => to.collect_seq(*sizes),
            Self::Reports(reports) => to.collect_seq(reports),
        }
    }
}

/// Everything about a card number as it stands.
///
/// # Errors
/// `bad_argument`.
pub fn card(text: &JsValue) -> Result<JsValue, Problem> {
    let text = read_text("text", text)?;
    // EXPOSE: inspecting is reading.
    let report = card::inspect(text.expose());
    shown(&Report(vec![
        ("verdict", Cell::Name(Some(report.verdict.as_str()))),
        ("reason", Cell::Name(reason(report.verdict))),
        ("digitsLength", Cell::Count(u32::try_from(report.digits_len).ok())),
        ("formatted", Cell::Text(Some(report.formatted))),
        ("scheme", Cell::Name(report.scheme.map(|scheme| scheme.id))),
        ("candidates", Cell::Reports(report.candidates.iter().map(candidate).collect())),
        ("bin", Cell::Text(report.bin)),
        ("last4", Cell::Text(report.last4)),
    ]))
}

/// Everything about an expiry date as it stands, in the given month.
///
/// # Errors
/// `bad_argument`.
pub fn expiry(text: &JsValue, year: &JsValue, month: &JsValue) -> Result<JsValue, Problem> {
    let text = read_text("text", text)?;
    let year = whole(year).and_then(|year| u16::try_from(year).ok()).filter(|year| *year <= 9_999);
    let year = year.ok_or_else(|| Problem::bad_argument("year", "a whole number such as 2030"))?;
    let month = whole(month).and_then(|month| u8::try_from(month).ok());
    let today = month.and_then(|month| YearMonth::new(year, month));
    let today = today.ok_or_else(|| Problem::bad_argument("month", "a whole number from 1 to 12"))?;
    // EXPOSE: inspecting is reading.
    let report = card::expiry::inspect(text.expose(), today);
    shown(&Report(vec![
        ("verdict", Cell::Name(Some(report.verdict.as_str()))),
        ("reason", Cell::Name(reason(report.verdict))),
        ("month", Cell::Count(report.month.map(u32::from))),
        ("year", Cell::Count(report.year.map(u32::from))),
    ]))
}

/// What is thought of a security code, for a scheme if one is named.
///
/// # Errors
/// `bad_argument`.
pub fn code(text: &JsValue, scheme: &JsValue) -> Result<JsValue, Problem> {
    let text = read_text("text", text)?;
    let scheme = if scheme.is_undefined() || scheme.is_null() {
        None
    } else {
        let known = scheme.as_string().and_then(|id| Scheme::by_id(&id));
        Some(known.ok_or_else(|| {
            let ids: Vec<&str> = card::SCHEMES.iter().map(|scheme| scheme.id).collect();
            Problem::bad_argument("scheme", &format!("null or one of: {}", ids.join(", ")))
        })?)
    };
    // EXPOSE: inspecting is reading.
    Ok(verdict_object(card::code::inspect(text.expose(), scheme)))
}

/// What is thought of a routing number.
///
/// # Errors
/// `bad_argument`.
pub fn routing(text: &JsValue) -> Result<JsValue, Problem> {
    let text = read_text("text", text)?;
    // EXPOSE: inspecting is reading.
    Ok(verdict_object(bank::inspect_routing(text.expose())))
}

/// What is thought of an account number.
///
/// # Errors
/// `bad_argument`.
pub fn account(text: &JsValue) -> Result<JsValue, Problem> {
    let text = read_text("text", text)?;
    // EXPOSE: inspecting is reading.
    Ok(verdict_object(bank::inspect_account(text.expose())))
}

/// One keystroke in a field that holds `text`.
///
/// # Errors
/// `bad_argument`.
pub fn edit(
    kind: &JsValue,
    text: &JsValue,
    selection: [&JsValue; 2],
    insert: &JsValue,
    action: &JsValue,
) -> Result<JsValue, Problem> {
    let bad_kind = || Problem::bad_argument("kind", KINDS);
    let name = match kind.as_string().and_then(|kind| FieldName::parse(&kind)).ok_or_else(bad_kind)? {
        FieldName::AccountType | FieldName::AccountHolderType | FieldName::SecCode => {
            return Err(bad_kind());
        }
        name @ (FieldName::Number
        | FieldName::Expiry
        | FieldName::Code
        | FieldName::Holder
        | FieldName::RoutingNumber
        | FieldName::AccountNumber) => name,
    };
    let text = read_text("text", text)?;
    let [start, end] = selection;
    let place = |argument, value| {
        let place = whole(value).and_then(|place| usize::try_from(place).ok());
        place.ok_or_else(|| Problem::bad_argument(argument, "a whole number, 0 or more"))
    };
    let (start, end) = (place("selectionStart", start)?, place("selectionEnd", end)?);
    let inserted;
    let edit = match action.as_string().as_deref() {
        Some("insert") => {
            inserted = read_text("insert", insert)?;
            // EXPOSE: the typed characters go into the field.
            Edit::Insert(inserted.expose())
        }
        Some("backspace") => Edit::Backspace,
        Some("delete") => Edit::Delete,
        _ => return Err(Problem::bad_argument("action", ACTIONS)),
    };
    let context = Context { today: clock::this_month(), scheme: None };
    let mut field = Field::new(name);
    // EXPOSE: what stands in the field already.
    field.set(text.expose(), end, &context);
    let selection = Selection { start: start.min(end), end: end.max(start) };
    let view = field.apply(edit, selection, &context);
    let shown = Secret::new(view.text);
    Ok(object(&[
        // EXPOSE: the caller holds the text already.
        ("text", JsValue::from_str(shown.expose())),
        ("caret", view.caret.into()),
        ("verdict", JsValue::from_str(view.verdict.as_str())),
        ("reason", text_or_null(reason(view.verdict))),
    ]))
}

fn candidate(candidate: &Candidate) -> Report {
    let Candidate { scheme, confident, luhn_ok } = *candidate;
    Report(vec![
        ("scheme", Cell::Name(Some(scheme.id))),
        ("name", Cell::Name(Some(scheme.name))),
        ("confident", Cell::Truth(confident)),
        ("luhnOk", Cell::Truth(luhn_ok)),
        ("codeName", Cell::Name(Some(scheme.code.name))),
        ("codeLengths", Cell::Sizes(scheme.code.sizes)),
    ])
}

fn verdict_object(verdict: Verdict) -> JsValue {
    object(&[("verdict", JsValue::from_str(verdict.as_str())), ("reason", text_or_null(reason(verdict)))])
}

fn reason(verdict: Verdict) -> Option<&'static str> {
    verdict.reason().map(|reason| reason.as_str())
}

fn shown(value: &Report) -> Result<JsValue, Problem> {
    value.serialize(&Serializer::json_compatible()).map_err(|_| Problem::internal())
}

fn read_text(argument: &str, value: &JsValue) -> Result<Secret<String>, Problem> {
    value.as_string().map(Secret::new).ok_or_else(|| Problem::bad_argument(argument, "a string"))
}

/// A number without a fraction that fits.
fn whole(value: &JsValue) -> Option<u32> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
    (0.0..=f64::from(u32::MAX)).contains(&number).then_some(number as u32)
}
