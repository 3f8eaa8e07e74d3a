//! What the module tells about a text without any frame: for tests, for Node.js, for native web views.
//!
//! Arguments come as `JsValue`, so that something of another type is an error with a code and not a crash in
//! the glue. Results go through `serde-wasm-bindgen`, except that of `edit`, which is called for every
//! keystroke.

pub(crate) mod policy;

use gateway::Token;
use instrument::card::{self, Candidate, Scheme};
use instrument::field::{Context, Edit, Field, Selection};
use instrument::{FieldName, Secret, Verdict, YearMonth, bank};
use serde::Serialize;
use serde::ser::SerializeMap as _;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use crate::bridge;
use crate::clock;
use crate::error::Problem;

/// The kinds of field that can be typed into, as `edit` takes them.
const KINDS: &str = "one of: number, expiry, code, holder, routing_number, account_number";

/// The actions of `edit`.
const ACTIONS: &str = "one of: insert, backspace, delete";

/// What is told: members in the order in which JavaScript sees them. It is serialised as a map, because
/// `serde-wasm-bindgen` keeps a table of the names of structs, which is a tenth of the module.
struct Report<'a>(&'a [(&'static str, Cell<'a>)]);

/// The value of a member.
enum Cell<'a> {
    Text(Option<&'a str>),
    Count(Option<u32>),
    Truth(bool),
    Sizes(&'static [u8]),
    Candidates(&'a [Candidate]),
}

struct Shown<'a>(&'a Candidate);

impl Serialize for Report<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        for (name, value) in self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Serialize for Cell<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(Some(text)) => to.serialize_str(text),
            Self::Count(Some(count)) => to.serialize_u32(*count),
            Self::Text(None) | Self::Count(None) => to.serialize_unit(),
            Self::Truth(truth) => to.serialize_bool(*truth),
            Self::Sizes(sizes) => to.collect_seq(*sizes),
            Self::Candidates(candidates) => to.collect_seq(candidates.iter().map(Shown)),
        }
    }
}

impl Serialize for Shown<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Candidate { scheme, confident, luhn_ok, length_ok, complete, rail } = *self.0;
        let members = [
            ("scheme", Cell::Text(Some(scheme.id))),
            ("name", Cell::Text(Some(scheme.name))),
            ("confident", Cell::Truth(confident)),
            ("luhnOk", Cell::Truth(luhn_ok)),
            ("codeName", Cell::Text(Some(scheme.code.name))),
            ("codeLengths", Cell::Sizes(scheme.code.sizes)),
            ("lengthOk", Cell::Truth(length_ok)),
            ("complete", Cell::Truth(complete)),
            ("rail", Cell::Text(Some(rail))),
        ];
        Report(&members).serialize(to)
    }
}

/// Everything about a card number as it stands.
///
/// # Errors
/// `bad_argument`.
pub fn card(text: &JsValue, policy: &JsValue) -> Result<JsValue, Problem> {
    let text = read_text("text", text)?;
    let policy = policy::read(policy)?;
    // EXPOSE: inspecting is reading.
    let report = card::inspect_under(text.expose(), &policy);
    shown(&[
        ("verdict", Cell::Text(Some(report.verdict.as_str()))),
        ("reason", Cell::Text(reason(report.verdict))),
        ("digitsLength", Cell::Count(u32::try_from(report.digits_len).ok())),
        ("formatted", Cell::Text(Some(&report.formatted))),
        ("scheme", Cell::Text(report.scheme.map(|scheme| scheme.id))),
        ("candidates", Cell::Candidates(&report.candidates)),
        ("bin", Cell::Text(report.bin.as_deref())),
        ("last4", Cell::Text(report.last4.as_deref())),
    ])
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
    shown(&[
        ("verdict", Cell::Text(Some(report.verdict.as_str()))),
        ("reason", Cell::Text(reason(report.verdict))),
        ("month", Cell::Count(report.month.map(u32::from))),
        ("year", Cell::Count(report.year.map(u32::from))),
    ])
}

/// What is thought of a security code, for a scheme if one is named.
///
/// # Errors
/// `bad_argument`.
pub fn code(text: &JsValue, scheme: &JsValue, policy: &JsValue) -> Result<JsValue, Problem> {
    let text = read_text("text", text)?;
    let scheme = if scheme.is_undefined() || scheme.is_null() {
        None
    } else {
        let known = scheme.as_string().and_then(|id| Scheme::by_id(&id));
        Some(known.ok_or_else(|| {
            let mut accepted = String::from("null or ");
            accepted.push_str(&policy::schemes());
            Problem::bad_argument("scheme", &accepted)
        })?)
    };
    let policy = policy::read(policy)?;
    // EXPOSE: inspecting is reading.
    judged(card::code::inspect_under(text.expose(), scheme, &policy))
}

/// What is thought of a routing number.
///
/// # Errors
/// `bad_argument`.
pub fn routing(text: &JsValue) -> Result<JsValue, Problem> {
    let text = read_text("text", text)?;
    // EXPOSE: inspecting is reading.
    judged(bank::inspect_routing(text.expose()))
}

/// What is thought of an account number, or of its repetition if there is one.
///
/// # Errors
/// `bad_argument`.
pub fn account(text: &JsValue, repeated: &JsValue) -> Result<JsValue, Problem> {
    let account = read_text("text", text)?;
    if repeated.is_undefined() || repeated.is_null() {
        // EXPOSE: inspecting is reading.
        return judged(bank::inspect_account(account.expose()));
    }
    let repeated = read_text("repeated", repeated)?;
    // EXPOSE: comparing is reading.
    judged(bank::inspect_repeated(account.expose(), repeated.expose()))
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
    action_name: &JsValue,
) -> Result<JsValue, Problem> {
    let bad_kind = || Problem::bad_argument("kind", KINDS);
    let name = match kind.as_string().and_then(|kind| FieldName::parse(&kind)).ok_or_else(bad_kind)? {
        FieldName::AccountNumberConfirmation
        | FieldName::AccountType
        | FieldName::AccountHolderType
        | FieldName::SecCode
        | FieldName::Consent
        | FieldName::PreferredScheme => return Err(bad_kind()),
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
    let action_name = action_name.as_string().unwrap_or_default();
    // What is not inserted need not be a text.
    let insert =
        if action_name == "insert" { read_text("insert", insert)? } else { Secret::new(String::new()) };
    // EXPOSE: the typed characters go into the field.
    let edit = match action(&action_name, insert.expose()) {
        Some(edit @ (Edit::Insert(_) | Edit::Backspace | Edit::Delete)) => edit,
        // A text alone has no past.
        Some(Edit::Undo | Edit::Redo) | None => return Err(Problem::bad_argument("action", ACTIONS)),
    };
    let context = Context { today: clock::this_month(), scheme: None };
    let mut field = Field::new(name);
    // EXPOSE: what stands in the field already.
    field.set(text.expose(), end, &context);
    let selection = Selection { start: start.min(end), end: end.max(start) };
    let view = field.apply(edit, selection, &context);
    let shown = Secret::new(view.text);
    // EXPOSE: the caller holds the text already.
    Ok(bridge::view(shown.expose(), view.caret, view.verdict.as_str(), reason(view.verdict)))
}

/// The edit of this name; none for a stranger.
#[must_use]
pub fn action<'a>(name: &str, insert: &'a str) -> Option<Edit<'a>> {
    match name {
        "insert" => Some(Edit::Insert(insert)),
        "backspace" => Some(Edit::Backspace),
        "delete" => Some(Edit::Delete),
        "undo" => Some(Edit::Undo),
        "redo" => Some(Edit::Redo),
        _ => None,
    }
}

/// A token with what the merchant's page may know of the instrument behind it.
///
/// # Errors
/// `internal`.
pub fn token(token: &Token) -> Result<JsValue, Problem> {
    shown(&[
        ("token", Cell::Text(Some(&token.value))),
        ("kind", Cell::Text(Some(token.shown.kind.as_str()))),
        ("scheme", Cell::Text(token.shown.scheme.as_deref())),
        ("bin", Cell::Text(token.shown.bin.as_deref())),
        ("last4", Cell::Text(Some(&token.shown.last4))),
        ("exp_month", Cell::Count(token.shown.expiry.map(|(month, _)| month.into()))),
        ("exp_year", Cell::Count(token.shown.expiry.map(|(_, year)| year.into()))),
        ("expires_at", Cell::Text(token.expires_at.as_deref())),
    ])
}

/// A list of accepted values, for a message.
pub(crate) fn one_of(values: impl Iterator<Item = &'static str>) -> String {
    let mut list = String::from("one of");
    let mut separator = ": ";
    for value in values {
        list.push_str(separator);
        list.push_str(value);
        separator = ", ";
    }
    list
}

#[inline(never)]
fn judged(verdict: Verdict) -> Result<JsValue, Problem> {
    shown(&[("verdict", Cell::Text(Some(verdict.as_str()))), ("reason", Cell::Text(reason(verdict)))])
}

fn reason(verdict: Verdict) -> Option<&'static str> {
    verdict.reason().map(|reason| reason.as_str())
}

#[inline(never)]
fn shown(members: &[(&'static str, Cell<'_>)]) -> Result<JsValue, Problem> {
    Report(members).serialize(&Serializer::json_compatible()).map_err(|_| Problem::internal())
}

#[inline(never)]
fn read_text(argument: &str, value: &JsValue) -> Result<Secret<String>, Problem> {
    value.as_string().map(Secret::new).ok_or_else(|| Problem::bad_argument(argument, "a string"))
}

/// A number without a fraction that fits.
fn whole(value: &JsValue) -> Option<u32> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
    (0.0..=f64::from(u32::MAX)).contains(&number).then_some(number as u32)
}
