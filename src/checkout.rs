//! The flow: owns what was typed and turns it into a token. The only place that sees every stage.
//!
//! Nothing here waits: [`Exchange::ask`] says what to send next and [`Exchange::hear`] reads what came back. The page
//! sends and waits in between, while nobody holds the state.

mod attempt;
mod sealing;

use std::cell::RefCell;
use std::rc::Rc;

use gateway::{
    ClearPayload, Dialect, Endpoint, GatewayError, HttpRequest, HttpResponse, Payload, Sealed, Shown, Token,
    dialects, keys,
};
use instrument::{Entry, Kind};

use gloo_net::http::Response;
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{AbortSignal, Request};

use crate::clock;
use crate::error::{Call, Problem};
use crate::fields::Fields;
use crate::inspect;
use crate::transport::{self, Next, Sending};

use attempt::Attempt;
use sealing::{Candidates, SealingKey};

/// What the checkout of one frame knows. Dropping it wipes the fields.
#[derive(Default)]
pub struct State {
    /// What was typed.
    pub fields: Fields,
    host: Option<Host>,
    attempt: Option<Attempt>,
    key: Option<SealingKey>,
}

/// For whom we make tokens.
struct Host {
    page_origin: String,
    endpoint: Endpoint,
    dialect: &'static dyn Dialect,
    way: Way,
}

/// Where the instrument goes.
pub enum Way {
    /// Sealed, to the vault; possibly to complete a payment session there.
    Vault {
        /// The session's id.
        session: Option<String>,
    },
    /// In clear, to the gateway itself.
    Gateway,
}

/// What an exchange is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// To have a sealing key before anybody needs it.
    Key,
    /// A token.
    Token,
}

/// Each thing is renewed once per exchange; what does not help once does not help twice.
#[derive(Default)]
struct Renewals {
    key: bool,
    attempt: bool,
}

/// What was sent.
enum Asked {
    Keys,
    Token {
        idempotency_key: String,
        /// What may be shown of an instrument that was sent in clear.
        shown: Option<Shown>,
    },
}

/// What an answer gave.
enum Taken {
    Token(Token),
    Keys(Candidates),
    /// There is more to ask.
    Nothing,
}

impl State {
    /// The host's greeting was accepted: from now on instruments go to this endpoint, in this way.
    ///
    /// # Errors
    /// `bad_option` for an unknown dialect, with the known ones.
    pub fn connect(
        &mut self,
        endpoint: Endpoint,
        page_origin: &str,
        dialect: &str,
        way: Way,
    ) -> Result<(), Problem> {
        let Some(dialect) = dialects::by_id(dialect) else {
            let ids = dialects::ALL.iter().map(|dialect| dialect.id());
            return Err(Problem::bad_option("dialect", &inspect::one_of(ids)));
        };
        self.host = Some(Host { page_origin: page_origin.to_owned(), endpoint, dialect, way });
        self.attempt = None;
        self.key = None;
        Ok(())
    }

    /// Shows the fields of a method.
    ///
    /// # Errors
    /// `bad_option` for a code alone where what is typed goes to somebody who takes none.
    pub fn choose(&mut self, method: Kind) -> Result<(), Problem> {
        let takes = |host: &Host| match host.way {
            Way::Vault { .. } => host.dialect.takes(method),
            Way::Gateway => method != Kind::Code,
        };
        if !self.host.as_ref().is_none_or(takes) {
            return Err(Problem::bad_option("mode", "absent with this dialect or gateway"));
        }
        self.fields.choose(method);
        Ok(())
    }

    /// What to send next; nothing if the goal is reached.
    fn ask(&mut self, goal: Goal) -> Result<Option<(Asked, HttpRequest)>, Problem> {
        let host = self.host.as_ref().ok_or_else(Problem::internal)?;
        let checked = match goal {
            Goal::Key => None,
            Goal::Token if self.fields.waits_for_text() => return Err(Problem::no_text()),
            Goal::Token => Some(self.fields.entry(self.attempt_ms()).inspect_err(|rejected| {
                self.fields.report(Some(*rejected));
            })?),
        };
        let key = match (&host.way, self.key.as_ref().filter(|key| key.is_good())) {
            (Way::Gateway, _) => None,
            (Way::Vault { .. }, Some(key)) => Some(key),
            (Way::Vault { .. }, None) => return Ok(Some((Asked::Keys, keys::request(&host.endpoint)))),
        };
        let Some(entry) = checked else { return Ok(None) };
        let revision = self.fields.revision();
        if self.attempt.as_ref().is_none_or(|attempt| attempt.revision != revision) {
            self.attempt = Some(Attempt::new(revision, self.attempt_ms())?);
        }
        let attempt = self.attempt.as_mut().ok_or_else(Problem::internal)?;
        let idempotency_key = attempt.idempotency_key.clone();
        let mut shown = None;
        let payload = match (key, &host.way, entry) {
            (Some(key), Way::Vault { session }, entry) => Payload::Sealed(Sealed {
                kind: entry.kind(),
                envelope: attempt.envelope(entry, &key.public, &host.endpoint, &host.page_origin)?,
                page_origin: host.page_origin.clone(),
                idempotency_key: idempotency_key.clone(),
                session: session.clone(),
            }),
            (_, _, Entry::Instrument(instrument)) => {
                shown = Some(Shown::of(&instrument));
                Payload::Clear(ClearPayload { instrument, idempotency_key: idempotency_key.clone() })
            }
            // No gateway takes one: the vault allows none where only a code is asked for.
            (_, _, Entry::Code(_)) => return Err(Problem::internal()),
        };
        let request = host.dialect.request(&host.endpoint, payload)?;
        Ok(Some((Asked::Token { idempotency_key, shown }, request)))
    }

    /// When the attempt at this state of the fields began, in milliseconds since 1970: now, if it begins now. What was
    /// agreed to was agreed to then, also if it is sealed anew.
    fn attempt_ms(&self) -> u64 {
        let revision = self.fields.revision();
        let attempt = self.attempt.as_ref().filter(|attempt| attempt.revision == revision);
        attempt.map_or_else(|| clock::now_ms() as u64, |attempt| attempt.began_at_ms)
    }

    /// Reads an answer.
    fn take(
        &mut self,
        asked: Asked,
        answer: &HttpResponse,
        renewals: &mut Renewals,
    ) -> Result<Taken, Problem> {
        let dialect = self.host.as_ref().ok_or_else(Problem::internal)?.dialect;
        let Asked::Token { idempotency_key, shown } = asked else {
            return Ok(Taken::Keys(Candidates::read(answer, dialect)?));
        };
        let error = match dialect.token(answer, shown) {
            Ok(token) => return Ok(Taken::Token(token)),
            Err(error) => error,
        };
        if renewals.may(&error) {
            if error.code() != "attempt_over" {
                // The vault has turned its keys over: seal again, to the new one, as the same attempt.
                self.key = None;
            } else if self.attempt.as_ref().is_some_and(|attempt| attempt.idempotency_key == idempotency_key)
            {
                // The token of this attempt was spent or has expired: what the shopper wants now is a new one.
                // Another exchange may have made it already.
                self.attempt = None;
            }
            return Ok(Taken::Nothing);
        }
        Err(error.into())
    }

    /// Takes the hash of the candidate that is to be looked at: whether it is the key now.
    fn weigh(&mut self, candidates: &mut Candidates, hash: &[u8; 64]) -> Result<bool, Problem> {
        let host = self.host.as_ref().ok_or_else(Problem::internal)?;
        let key = candidates.weigh(hash, &host.endpoint.base_url);
        let is_key = key.is_some();
        // What another exchange has found stays.
        self.key = key.or_else(|| self.key.take());
        Ok(is_key)
    }
}

impl Renewals {
    /// Whether something can be made anew that this error is about.
    fn may(&mut self, error: &GatewayError) -> bool {
        let renewed = match error.code() {
            "key_unknown" | "sealing_key_unknown" => &mut self.key,
            "attempt_over" => &mut self.attempt,
            _ => return false,
        };
        !std::mem::replace(renewed, true)
    }
}

/// One way to a goal. The page asks it what to send, sends that, and lets it hear what came.
#[wasm_bindgen]
pub struct Exchange {
    state: Rc<RefCell<State>>,
    goal: Goal,
    renewals: Renewals,
    sending: Option<(Asked, Sending)>,
    candidates: Option<Candidates>,
}

impl Exchange {
    /// An exchange that has sent nothing yet.
    pub(crate) fn new(state: &Rc<RefCell<State>>, goal: Goal) -> Self {
        Self { state: Rc::clone(state), goal, renewals: Renewals::default(), sending: None, candidates: None }
    }
}

#[wasm_bindgen]
impl Exchange {
    /// The request to send now; none if the goal is reached.
    ///
    /// # Errors
    /// What is wrong with the fields, which show it; why there is no time; `internal`.
    pub fn ask(&mut self, signal: &AbortSignal) -> Result<Option<Request>, JsValue> {
        let _call = Call::enter()?;
        transport::check(signal).map_err(Problem::from)?;
        if self.sending.is_none() {
            let next = self.state.borrow_mut().ask(self.goal)?;
            self.sending = next.map(|(asked, request)| (asked, Sending::new(request)));
        }
        self.sending.as_ref().map(|(_, sending)| sending.request(signal)).transpose()
    }

    /// Takes what came: the token; how many milliseconds to wait before asking again; bytes, the SHA-512 of which is for
    /// [`weigh`](Self::weigh); or nothing if there is more to ask at once.
    ///
    /// # Errors
    /// Every code that `docs/errors.md` names for `tokenize`.
    pub fn hear(
        &mut self,
        answer: Option<web_sys::Response>,
        text: &JsValue,
        signal: &AbortSignal,
        left_ms: f64,
    ) -> Result<JsValue, JsValue> {
        let _call = Call::enter()?;
        transport::check(signal).map_err(Problem::from)?;
        let (asked, mut sending) = self.sending.take().ok_or_else(Problem::internal)?;
        match sending
            .judge(answer.map(Response::from).zip(text.as_string()), left_ms)
            .map_err(Problem::from)?
        {
            Next::Wait(wait_ms) => {
                self.sending = Some((asked, sending));
                Ok(wait_ms.into())
            }
            Next::Read(answer) => match self.state.borrow_mut().take(asked, &answer, &mut self.renewals)? {
                Taken::Token(token) => Ok(inspect::token(&token)?),
                Taken::Keys(candidates) => Ok(self.candidates.insert(candidates).hashed()?.into()),
                Taken::Nothing => Ok(JsValue::UNDEFINED),
            },
        }
    }

    /// Takes a hash: more bytes that are to be hashed, or nothing if there is a key now.
    ///
    /// # Errors
    /// Why none of the vault's keys can be used.
    pub fn weigh(&mut self, hash: &Uint8Array) -> Result<JsValue, JsValue> {
        let _call = Call::enter()?;
        let mut bytes = [0; 64];
        if hash.length() != 64 {
            return Err(Problem::internal().into());
        }
        hash.copy_to(&mut bytes);
        let candidates = self.candidates.as_mut().ok_or_else(Problem::internal)?;
        if self.state.borrow_mut().weigh(candidates, &bytes)? {
            return Ok(JsValue::UNDEFINED);
        }
        Ok(candidates.hashed()?.into())
    }
}

/// The method of this name; the card's for a stranger.
#[must_use]
pub fn method(name: &str) -> Kind {
    Kind::parse(name).unwrap_or(Kind::Card)
}
