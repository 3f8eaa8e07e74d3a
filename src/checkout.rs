//! The flow: owns the fields and the port, and turns what was typed into a token. The only place that sees
//! every stage.

mod attempt;
mod sealing;

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use gateway::{Dialect, Endpoint, HttpRequest, Payload, Sealed, Token, dialects};
use instrument::{Instrument, Kind, Reason, Rejected};
use js_sys::Function;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{
    AbortController, Event, HtmlElement, HtmlFormElement, HtmlInputElement, InputEvent, MessageEvent,
    MessagePort, ResizeObserver,
};

use crate::bridge::{Expected, FromHost, Greeting, ToHost};
use crate::clock;
use crate::error::{self, Problem};
use crate::fields::{self, Fields, Leading, Listener};
use crate::transport::{self, Limit};

use attempt::Attempt;
use sealing::SealingKey;

/// How long the key that is fetched ahead of need may take.
const AHEAD_MS: f64 = 10_000.0;

/// The checkout in one frame. Dropping it stops everything and wipes the fields.
pub struct Checkout {
    state: RefCell<State>,
    listeners: RefCell<Vec<Listener>>,
    observer: RefCell<Option<Observer>>,
}

struct State {
    fields: Fields,
    host: Option<Host>,
    attempt: Option<Attempt>,
    key: Option<SealingKey>,
    running: Vec<Running>,
    /// What the host knows of the leading digits.
    told: Leading,
}

/// The page we talk to.
struct Host {
    port: MessagePort,
    page_origin: String,
    endpoint: Endpoint,
    dialect: &'static dyn Dialect,
    _listener: Listener,
}

struct Running {
    id: f64,
    controller: AbortController,
}

struct Observer {
    observer: ResizeObserver,
    _closure: Closure<dyn Fn()>,
}

impl Checkout {
    /// Takes over the form of `frame.html`, with whatever was typed into it already.
    ///
    /// # Errors
    /// [`Problem::internal`] if the form is another one.
    pub fn start(form: &HtmlFormElement) -> Result<Rc<Self>, Problem> {
        let fields = Fields::find(form)?;
        let state = State {
            fields,
            host: None,
            attempt: None,
            key: None,
            running: Vec::new(),
            told: Leading::default(),
        };
        let checkout = Rc::new(Self {
            state: RefCell::new(state),
            listeners: RefCell::default(),
            observer: RefCell::default(),
        });
        checkout.listen(form);
        checkout.observe(form);
        Ok(checkout)
    }

    /// A window message: the host's greeting, or something that is ignored.
    pub fn greet(self: &Rc<Self>, event: &MessageEvent, expected: &Expected<'_>, frame_origin: &str) {
        let Some(greeting) = Greeting::accept(event, expected) else { return };
        let Greeting { port, page_origin, key, methods, dialect } = greeting;
        let checkout = Rc::downgrade(self);
        let listener = Listener::new(&port, "message", move |event| {
            if let (Some(checkout), Ok(event)) = (checkout.upgrade(), event.dyn_into::<MessageEvent>())
                && let Some(message) = FromHost::read(&event.data())
            {
                checkout.hear(message);
            }
        });
        port.start();
        let Some(dialect) = dialects::by_id(&dialect) else {
            let known: Vec<&str> = dialects::ALL.iter().map(|dialect| dialect.id()).collect();
            let problem = Problem::bad_option("dialect", &format!("one of: {}", known.join(", ")));
            post(&port, &ToHost::Failed(&problem));
            return;
        };
        error::tell_breakdown_to(Some(port.clone()));
        let endpoint = Endpoint { base_url: frame_origin.to_owned(), publishable_key: key };
        {
            let mut state = self.state.borrow_mut();
            state.fields.offer(&methods);
            state.told = Leading::default();
            state.attempt = None;
            state.key = None;
            state.host = Some(Host { port, page_origin, endpoint, dialect, _listener: listener });
            state.tell(&ToHost::Ready { height: height() });
            state.publish();
        }
        let ahead = Rc::clone(self);
        spawn_local(async move {
            // Ahead of need; if it fails, the attempt that needs it says why.
            if let Ok(limit) = Limit::start(AHEAD_MS) {
                let _ = ahead.sealing_key(&limit).await;
            }
        });
    }

    fn hear(self: &Rc<Self>, message: FromHost) {
        match message {
            FromHost::Tokenize { id, deadline_ms } => {
                let checkout = Rc::clone(self);
                spawn_local(async move { checkout.tokenize(id, deadline_ms).await });
            }
            FromHost::Abort { id } => {
                let running = self.state.borrow();
                for attempt in running.running.iter().filter(|attempt| attempt.id == id) {
                    attempt.controller.abort();
                }
            }
            FromHost::Report => self.report(),
            FromHost::Focus => {
                let target = self.state.borrow().fields.focus_target();
                focus(target);
            }
            FromHost::Update { methods, disabled } => self.with_fields(|fields| {
                if let Some(methods) = methods {
                    fields.offer(&methods);
                }
                match disabled {
                    Some(true) => fields.disable(),
                    Some(false) => fields.enable(),
                    None => {}
                }
            }),
            FromHost::Reset => self.with_fields(|fields| {
                fields.clear();
                fields.notice("");
            }),
        }
    }

    /// One `tokenize` of the host, which gets exactly one answer.
    async fn tokenize(self: Rc<Self>, id: f64, deadline_ms: f64) {
        let outcome = self.exchange(id, deadline_ms).await;
        let mut state = self.state.borrow_mut();
        state.running.retain(|running| running.id != id);
        match outcome {
            Ok(token) => {
                state.fields.notice("");
                state.tell(&ToHost::Token { id, token: &token });
            }
            Err(error) => {
                // What stands under a field already need not be said twice.
                if error.code != "aborted" && state.fields.first_sentence().is_empty() {
                    state.fields.notice(&error.message);
                }
                state.tell(&ToHost::Error { id, error: &error });
            }
        }
    }

    async fn exchange(&self, id: f64, deadline_ms: f64) -> Result<Token, Problem> {
        let limit = Limit::start(deadline_ms)?;
        self.state.borrow_mut().running.push(Running { id, controller: limit.controller() });
        self.instrument()?;
        let mut renewals = Renewals::default();
        loop {
            let key = self.sealing_key(&limit).await?;
            let (request, idempotency_key, dialect) = self.request(&key)?;
            let answer = transport::send(&request, &limit).await?;
            let error = match dialect.token(&answer) {
                Ok(token) => return Ok(token),
                Err(error) => error,
            };
            match error.code() {
                // The vault has turned its keys over: seal again, to the new one, as the same attempt.
                "key_unknown" | "sealing_key_unknown" if renewals.may_renew_key() => {
                    self.state.borrow_mut().key = None
                }
                // The token of this attempt was spent or has expired: what the shopper wants now is a new one.
                "attempt_over" if renewals.may_renew_attempt() => {
                    self.state.borrow_mut().forget_attempt(&idempotency_key);
                }
                _ => return Err(error.into()),
            }
        }
    }

    /// What was typed, checked. Shows every problem if there is one.
    fn instrument(&self) -> Result<Instrument, Problem> {
        let checked = {
            let state = self.state.borrow();
            match state.fields.missing() {
                Some(field) => Err(Rejected { field, reason: Reason::Required }),
                None => state.fields.draft().finish(clock::this_month()),
            }
        };
        checked.map_err(|rejected| {
            self.report();
            self.with_fields(|fields| fields.say(rejected));
            Problem::from(rejected)
        })
    }

    async fn sealing_key(&self, limit: &Limit) -> Result<SealingKey, Problem> {
        let (endpoint, dialect) = {
            let state = self.state.borrow();
            if let Some(key) = state.key.as_ref().filter(|key| key.is_good()) {
                return Ok(key.clone());
            }
            let host = state.host.as_ref().ok_or_else(Problem::internal)?;
            (host.endpoint.clone(), host.dialect)
        };
        let key = SealingKey::fetch(&endpoint, dialect, limit).await?;
        self.state.borrow_mut().key = Some(key.clone());
        Ok(key)
    }

    /// The request for the present state of the fields, with the idempotency key in it.
    fn request(&self, key: &SealingKey) -> Result<(HttpRequest, String, &'static dyn Dialect), Problem> {
        let instrument = self.instrument()?;
        let kind = instrument.kind();
        let state = &mut *self.state.borrow_mut();
        let host = state.host.as_ref().ok_or_else(Problem::internal)?;
        let revision = state.fields.revision();
        let attempt = match state.attempt.take() {
            Some(attempt) if attempt.revision == revision => attempt,
            Some(_) | None => Attempt::new(revision)?,
        };
        let attempt = state.attempt.insert(attempt);
        let envelope = match attempt.envelope_for(&key.public) {
            Some(envelope) => envelope,
            None => attempt.seal(
                instrument,
                &key.public,
                &host.endpoint.publishable_key,
                &host.endpoint.base_url,
                &host.page_origin,
            )?,
        };
        let idempotency_key = attempt.idempotency_key.clone();
        let sealed = Sealed {
            envelope,
            kind,
            page_origin: host.page_origin.clone(),
            idempotency_key: idempotency_key.clone(),
        };
        let request = host.dialect.request(&host.endpoint, Payload::Sealed(sealed))?;
        Ok((request, idempotency_key, host.dialect))
    }

    fn report(&self) {
        let mut first = None;
        self.with_fields(|fields| {
            first = fields.report();
            fields.announce(fields.first_sentence());
        });
        focus(first);
    }

    fn listen(self: &Rc<Self>, form: &HtmlFormElement) {
        let on = |event: &'static str, act: fn(&Self, &Event)| {
            let checkout: Weak<Self> = Rc::downgrade(self);
            Listener::new(form, event, move |event| {
                if let Some(checkout) = checkout.upgrade() {
                    act(&checkout, &event);
                }
            })
        };
        *self.listeners.borrow_mut() = vec![
            on("beforeinput", Self::before_input),
            on("input", Self::take_over),
            on("change", Self::take_over),
            on("compositionstart", |checkout, event| {
                checkout.with_field(event, Fields::begin_composition);
            }),
            on("compositionend", |checkout, event| checkout.with_field(event, Fields::end_composition)),
            on("focusin", |checkout, event| checkout.with_field(event, Fields::enter)),
            on("focusout", |checkout, event| checkout.with_field(event, Fields::leave)),
            on("submit", |checkout, event| {
                event.prevent_default();
                checkout.state.borrow().tell(&ToHost::Submit);
            }),
        ];
    }

    fn observe(self: &Rc<Self>, form: &HtmlFormElement) {
        let checkout = Rc::downgrade(self);
        let closure = Closure::<dyn Fn()>::new(move || {
            if error::guard().is_ok()
                && let Some(checkout) = checkout.upgrade()
                && let Ok(state) = checkout.state.try_borrow()
            {
                state.tell(&ToHost::Height { height: height() });
            }
        });
        let callback: &Function = closure.as_ref().unchecked_ref();
        // Without it the frame keeps the height that the host reserved.
        if let Ok(observer) = ResizeObserver::new(callback) {
            observer.observe(form);
            self.observer.replace(Some(Observer { observer, _closure: closure }));
        }
    }

    fn before_input(&self, event: &Event) {
        let Some(input) = event.dyn_ref::<InputEvent>() else { return };
        self.with_field(event, |fields, name| {
            if fields.before_input(name, input) {
                event.prevent_default();
            }
        });
    }

    fn take_over(&self, event: &Event) {
        let target = event.target().map_or(JsValue::NULL, JsValue::from);
        let radio = target.dyn_ref::<HtmlInputElement>().filter(|input| input.name() == "method");
        match radio.and_then(|radio| Kind::parse(&radio.value())) {
            Some(method) => self.with_fields(|fields| fields.choose(method)),
            None => self.with_field(event, Fields::take_over),
        }
    }

    fn with_field(&self, event: &Event, act: impl FnOnce(&mut Fields, instrument::FieldName)) {
        let target = event.target().map_or(JsValue::NULL, JsValue::from);
        if let Some(name) = fields::name_of(&target) {
            self.with_fields(|fields| act(fields, name));
        }
    }

    /// Does something with the fields and tells the host what came of it. An event that arrives while they
    /// are held was caused by ourselves.
    fn with_fields(&self, act: impl FnOnce(&mut Fields)) {
        if let Ok(mut state) = self.state.try_borrow_mut() {
            let before = state.fields.revision();
            act(&mut state.fields);
            if before != state.fields.revision() {
                state.attempt = None;
                state.fields.notice("");
            }
            state.publish();
        }
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        if let Some(observer) = self.observer.get_mut().take() {
            observer.observer.disconnect();
        }
        let state = self.state.get_mut();
        for running in &state.running {
            running.controller.abort();
        }
        if let Some(host) = state.host.take() {
            host.port.close();
            error::tell_breakdown_to(None);
        }
    }
}

impl State {
    fn tell(&self, message: &ToHost<'_>) {
        if let Some(host) = &self.host {
            post(&host.port, message);
        }
    }

    fn publish(&mut self) {
        let scheme = |leading: &Leading| leading.scheme.map(|scheme| scheme.id);
        // The leading digits of a card say nothing while a bank account is shown.
        let leading = match self.fields.method() {
            Kind::Card => self.fields.leading().clone(),
            Kind::BankAccount => Leading::default(),
        };
        self.tell(&ToHost::Change {
            method: self.fields.method(),
            complete: self.fields.is_complete(),
            scheme: scheme(&leading),
            fields: &self.fields.states(),
            revision: self.fields.revision(),
        });
        if self.told.bin != leading.bin {
            self.tell(&ToHost::Bin { bin: leading.bin.as_deref(), scheme: scheme(&leading) });
        }
        self.told = leading;
    }

    /// Only if it is still the same one: another `tokenize` may have renewed it already.
    fn forget_attempt(&mut self, idempotency_key: &str) {
        if self.attempt.as_ref().is_some_and(|attempt| attempt.idempotency_key == idempotency_key) {
            self.attempt = None;
        }
    }
}

/// Each thing is renewed once per `tokenize`; what does not help once does not help twice.
#[derive(Default)]
struct Renewals {
    key: bool,
    attempt: bool,
}

impl Renewals {
    const fn may_renew_key(&mut self) -> bool {
        !std::mem::replace(&mut self.key, true)
    }

    const fn may_renew_attempt(&mut self) -> bool {
        !std::mem::replace(&mut self.attempt, true)
    }
}

fn post(port: &MessagePort, message: &ToHost<'_>) {
    // Plain objects can always be cloned, and a closed port ignores them.
    let _ = port.post_message(&message.to_value());
}

/// Must not be called while the state is held: the events that it causes arrive at once.
fn focus(element: Option<HtmlElement>) {
    if let Some(element) = element {
        let _ = element.focus();
    }
}

/// The height of the content in px.
fn height() -> f64 {
    let body = web_sys::window().and_then(|window| window.document()).and_then(|document| document.body());
    body.map_or(0.0, |body| f64::from(body.offset_height()))
}
