//! Frame and host: the one greeting by window message, and everything after it over a `MessagePort`.
//!
//! Both directions are closed lists. What does not fit is ignored: it cannot come from our own host side,
//! and an answer to a stranger would tell the stranger something.

use gateway::Token;
use instrument::{FieldName, Kind, Verdict};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{MessageEvent, MessagePort};

use crate::error::Problem;

/// The version of the greeting and of the messages after it.
pub const VERSION: f64 = 1.0;

/// What the frame knows of the page that may greet it.
pub struct Expected<'a> {
    /// The window in which the frame lies.
    pub parent: &'a JsValue,
    /// The nonce that the host wrote into the frame's URL.
    pub nonce: &'a str,
    /// The origins allowed for the publishable key, separated by white space, as the vault wrote them.
    pub origins: &'a str,
}

/// An accepted greeting.
pub struct Greeting {
    /// Our end of the channel.
    pub port: MessagePort,
    /// The origin of the merchant's page, as the browser vouches for it.
    pub page_origin: String,
    /// The publishable key.
    pub key: String,
    /// The methods to offer, in order; empty if the host sent none that exist.
    pub methods: Vec<Kind>,
    /// The id of the dialect.
    pub dialect: String,
}

impl Greeting {
    /// Reads a window message; none unless it comes from the parent, from an allowed origin, with our nonce,
    /// our version and one port.
    #[must_use]
    pub fn accept(event: &MessageEvent, expected: &Expected<'_>) -> Option<Self> {
        let page_origin = event.origin();
        let source: JsValue = event.source()?.into();
        let data = event.data();
        let known = Object::is(&source, expected.parent)
            && expected.origins.split_ascii_whitespace().any(|origin| origin == page_origin)
            && member(&data, "tessera").as_f64() == Some(VERSION)
            && !expected.nonce.is_empty()
            && text(&data, "nonce").as_deref() == Some(expected.nonce);
        if !known {
            return None;
        }
        let ports = event.ports();
        let port = ports.get(0).dyn_into::<MessagePort>().ok()?;
        Some(Self {
            port,
            page_origin,
            key: text(&data, "key")?,
            methods: methods(&member(&data, "methods")).unwrap_or_default(),
            dialect: text(&data, "dialect").unwrap_or_default(),
        })
    }
}

/// What the host asks of the frame.
#[derive(Debug, PartialEq)]
pub enum FromHost {
    /// Exchange what was typed for a token.
    Tokenize {
        /// Names the attempt in the answer.
        id: f64,
        /// How long the host is going to wait.
        deadline_ms: f64,
    },
    /// Stop an attempt.
    Abort {
        /// The attempt.
        id: f64,
    },
    /// Show every problem and focus the first.
    Report,
    /// Focus the first field that needs something.
    Focus,
    /// Change options of the running frame; absent ones stay.
    Update {
        /// The methods to offer.
        methods: Option<Vec<Kind>>,
        /// Whether the surrounding form disabled us.
        disabled: Option<bool>,
    },
    /// Empty every field.
    Reset,
}

impl FromHost {
    /// Reads a message; none if it is not of the closed list.
    #[must_use]
    pub fn read(data: &JsValue) -> Option<Self> {
        let id = || member(data, "id").as_f64();
        Some(match text(data, "type")?.as_str() {
            "tokenize" => Self::Tokenize { id: id()?, deadline_ms: member(data, "deadline_ms").as_f64()? },
            "abort" => Self::Abort { id: id()? },
            "report" => Self::Report,
            "focus" => Self::Focus,
            "update" => Self::Update {
                methods: methods(&member(data, "methods")),
                disabled: member(data, "disabled").as_bool(),
            },
            "reset" => Self::Reset,
            _ => return None,
        })
    }
}

/// What one field says of itself: never its value.
pub struct FieldState {
    /// The field.
    pub name: FieldName,
    /// What is thought of it.
    pub verdict: Verdict,
    /// Whether the caret is in it.
    pub focused: bool,
}

/// What the frame tells the host.
pub enum ToHost<'a> {
    /// The frame can be used.
    Ready {
        /// Height of the content in px.
        height: f64,
    },
    /// The height of the content changed.
    Height {
        /// Height of the content in px.
        height: f64,
    },
    /// Something about the fields changed.
    Change {
        /// The method that is shown.
        method: Kind,
        /// Whether nothing is missing.
        complete: bool,
        /// The scheme of the card, once it is known.
        scheme: Option<&'a str>,
        /// The fields of that method.
        fields: &'a [FieldState],
        /// Counts the states of the fields' values.
        revision: u32,
    },
    /// The leading digits became known, changed, or are no longer known.
    Bin {
        /// Six or eight digits.
        bin: Option<&'a str>,
        /// The scheme of the card.
        scheme: Option<&'a str>,
    },
    /// The shopper pressed Enter.
    Submit,
    /// An attempt succeeded.
    Token {
        /// The attempt.
        id: f64,
        /// The token.
        token: &'a Token,
    },
    /// An attempt failed.
    Error {
        /// The attempt.
        id: f64,
        /// Why.
        error: &'a Problem,
    },
    /// The frame is of no use any more.
    Failed(&'a Problem),
}

impl ToHost<'_> {
    /// The message as a plain object.
    #[must_use]
    pub fn to_value(&self) -> JsValue {
        let of = |name: &'static str| ("type", JsValue::from_str(name));
        match self {
            Self::Ready { height } => object(&[of("ready"), ("height", (*height).into())]),
            Self::Height { height } => object(&[of("height"), ("height", (*height).into())]),
            Self::Change { method, complete, scheme, fields, revision } => object(&[
                of("change"),
                ("method", JsValue::from_str(method.as_str())),
                ("complete", (*complete).into()),
                ("scheme", text_or_null(*scheme)),
                ("fields", field_states(fields)),
                ("revision", (*revision).into()),
            ]),
            Self::Bin { bin, scheme } => {
                object(&[of("bin"), ("bin", text_or_null(*bin)), ("scheme", text_or_null(*scheme))])
            }
            Self::Submit => object(&[of("submit")]),
            Self::Token { id, token } => {
                object(&[of("token"), ("id", (*id).into()), ("token", shown(token))])
            }
            Self::Error { id, error } => {
                object(&[of("error"), ("id", (*id).into()), ("error", error.to_object())])
            }
            Self::Failed(error) => object(&[of("failed"), ("error", error.to_object())]),
        }
    }
}

/// A plain object with these members.
#[must_use]
pub fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        // A fresh object takes any property.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}

/// A string, or `null`: absent things are never `undefined` in what we hand out.
#[must_use]
pub fn text_or_null(text: Option<&str>) -> JsValue {
    text.map_or(JsValue::NULL, JsValue::from_str)
}

/// A member of something that may be no object at all; `undefined` if there is none.
#[must_use]
pub fn member(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// A member that is a string.
#[must_use]
pub fn text(of: &JsValue, name: &str) -> Option<String> {
    member(of, name).as_string()
}

/// A list of methods; none if it is no list, holds a stranger or is empty.
fn methods(list: &JsValue) -> Option<Vec<Kind>> {
    let list = list.dyn_ref::<Array>()?;
    let kinds: Option<Vec<Kind>> = list.iter().map(|name| Kind::parse(&name.as_string()?)).collect();
    kinds.filter(|kinds| !kinds.is_empty())
}

fn field_states(fields: &[FieldState]) -> JsValue {
    let all = Object::new();
    for field in fields {
        let state = object(&[
            ("verdict", JsValue::from_str(field.verdict.as_str())),
            ("reason", text_or_null(field.verdict.reason().map(|reason| reason.as_str()))),
            ("empty", (field.verdict == Verdict::Empty).into()),
            ("focused", field.focused.into()),
        ]);
        let _ = Reflect::set(&all, &JsValue::from_str(field.name.as_str()), &state);
    }
    all.into()
}

fn shown(token: &Token) -> JsValue {
    let (month, year) =
        token.expiry.map_or((JsValue::NULL, JsValue::NULL), |(month, year)| (month.into(), year.into()));
    object(&[
        ("token", JsValue::from_str(&token.value)),
        ("kind", JsValue::from_str(token.kind.as_str())),
        ("scheme", text_or_null(token.scheme.as_deref())),
        ("bin", text_or_null(token.bin.as_deref())),
        ("last4", JsValue::from_str(&token.last4)),
        ("exp_month", month),
        ("exp_year", year),
        ("expires_at", JsValue::from_str(&token.expires_at)),
    ])
}
