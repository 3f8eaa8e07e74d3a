//! Permanent tokens, and the payment sessions that say what becomes of one.
//!
//! Flute's token is no one-time token but the id of a payment method. A page that seals an instrument in such
//! a dialect gets a payment method at once: an orphan, or what the payment session says that the merchant's
//! server made before. A session is completed at most once; its payment has an id made of its own, so that a
//! processor asked twice knows that it is the same payment.

use gateway::{Lifetime, dialects};
use instrument::{Instrument, Kind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::attempt::{Answer, Asked};
use super::issue::{self, IssuedToken, Novelty, TokenRequest};
use super::{Checked, Means, NewPaymentMethod, Order, Vaulting, VaultingError};
use crate::domain::{
    Capture, Currency, Customer, CustomerId, Display, Document, Face, Money, Outcome, PaymentId,
    PaymentMethodId, TenantId,
};
use crate::keyring::{Fixed, MerchantKeys};
use crate::random;
use crate::store::{Change, StoreError};

/// When a permanent token ends: after every time of the calendar.
pub const NEVER_MS: i64 = i64::MAX;

/// What sessions are kept as.
const COLLECTION: &str = "flute/session";

/// Whether the tokens of a dialect are payment methods, and permanent.
#[must_use]
pub fn is_permanent(dialect: &str) -> bool {
    dialects::facts(dialect).is_some_and(|facts| facts.token.lifetime == Lifetime::Permanent)
}

/// What a payment session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionMode {
    /// Paying.
    Payment,
    /// Keeping a payment method for later.
    SaveMethod,
    /// Both.
    PaymentAndSave,
}

impl SessionMode {
    /// Whether money is asked for.
    #[must_use]
    pub const fn charges(self) -> bool {
        match self {
            Self::Payment | Self::PaymentAndSave => true,
            Self::SaveMethod => false,
        }
    }
}

/// How far a payment session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionStatus {
    /// It waits for a shopper.
    Created,
    /// The merchant gave it up, or its time is over.
    Cancelled,
    /// It did what it was for.
    Completed,
    /// The payment did not succeed.
    Failed,
}

/// Whose a payment method becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CustomerHandling {
    /// The session's customer's, or a new customer's.
    CreateCustomer,
    /// Nobody's.
    TokenOnly,
}

/// A payment session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// What it is for.
    pub mode: SessionMode,
    /// How far it is; see [`status_at`](Self::status_at).
    pub status: SessionStatus,
    /// How much is charged, in minor units and without the tip; none if it is set later.
    pub amount_minor: Option<i64>,
    /// A tip, in minor units.
    pub tip_minor: i64,
    /// Of what, as an ISO 4217 code.
    pub currency: String,
    /// Whose the payment method becomes, if it is known.
    pub customer_id: Option<String>,
    /// Whose it becomes otherwise.
    pub customer_handling: Option<CustomerHandling>,
    /// The merchant's own reference.
    pub reference: Option<String>,
    /// Which kinds of instruments it takes, by their stable names.
    pub accepts: Vec<String>,
    /// Until when it can be completed, in milliseconds since the Unix epoch.
    pub expires_at_ms: Option<i64>,
    /// What only the face shows of it.
    pub shown: Map<String, Value>,
    /// The payment method it made.
    pub payment_method_id: Option<String>,
    /// The payment it made.
    pub payment_id: Option<String>,
    /// What came of the payment: the outcome's stable code.
    pub outcome: Option<String>,
}

/// Why a session was not completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// There is no such session, or it is another merchant's.
    #[error("there is no such payment session")]
    Unknown,
    /// It was completed, cancelled or has expired, or its customer is gone.
    #[error("the payment session is over")]
    Over,
    /// It does not take this kind of instrument.
    #[error("the payment session takes no {}", .0.as_str())]
    KindNotAccepted(Kind),
    /// Its amount is set on a page that this vault does not have.
    #[error("the payment session has no amount")]
    AmountOpen,
    /// The payment was made and did not succeed.
    #[error("the payment was not approved: {}", .0.code())]
    NotApproved(Outcome),
    /// The dialect's tokens are none that a session can make.
    #[error("tokens of this dialect do not complete a session")]
    Unsupported,
    /// What a service reported.
    #[error(transparent)]
    Vaulting(#[from] VaultingError),
}

impl From<StoreError> for SessionError {
    fn from(error: StoreError) -> Self {
        Self::Vaulting(error.into())
    }
}

/// What completing a session comes to; nothing of it is kept yet.
pub(crate) struct Completed {
    /// The payment method, which is the token.
    pub(crate) payment_method_id: PaymentMethodId,
    /// What may be shown of it.
    pub(crate) display: Display,
    /// What keeps it, the session, and the payment.
    pub(crate) changes: Vec<Change>,
}

impl Session {
    /// How far it is at a time.
    #[must_use]
    pub fn status_at(&self, now_ms: i64) -> SessionStatus {
        match self.status {
            SessionStatus::Created if self.expires_at_ms.is_some_and(|end_ms| end_ms <= now_ms) => {
                SessionStatus::Cancelled
            }
            status => status,
        }
    }

    /// What is charged; none if nothing is, or if the amount is still open.
    #[must_use]
    pub fn total(&self) -> Option<Money> {
        let currency = Currency::parse(&self.currency)?;
        Money::of_minor(self.amount_minor?.checked_add(self.tip_minor)?, currency)
    }

    /// A new document of it.
    ///
    /// # Errors
    ///
    /// [`VaultingError::Unreadable`] if it cannot be written, which is an internal bug.
    pub fn document(&self, id: &str, now_ms: i64) -> Result<Document, VaultingError> {
        Ok(Document::new(COLLECTION, id, self.body()?, now_ms))
    }

    /// The change that keeps it in the place of what was read.
    ///
    /// # Errors
    ///
    /// As [`document`](Self::document).
    pub fn replacing(&self, read: &Document, now_ms: i64) -> Result<Change, VaultingError> {
        let body = self.body()?;
        Ok(Change::ReplaceDocument(Document { body, updated_at_ms: now_ms, ..read.clone() }))
    }

    fn body(&self) -> Result<Map<String, Value>, VaultingError> {
        match serde_json::to_value(self) {
            Ok(Value::Object(body)) => Ok(body),
            Ok(_) | Err(_) => Err(VaultingError::Unreadable),
        }
    }
}

/// The UUID that a keyed hash stands for: the same for the same hash (RFC 9562, version 8).
#[must_use]
pub(crate) fn uuid_of_mac(mac: &[u8; 32]) -> String {
    let mut number = 0_u128;
    for byte in mac.iter().take(16) {
        number = number << 8 | u128::from(*byte);
    }
    let number = (number & !(0xf << 76)) | (0x8 << 76);
    let number = (number & !(0b11 << 62)) | (0b10 << 62);
    let digits = format!("{number:032x}");
    let part = |range: core::ops::Range<usize>| digits.get(range).unwrap_or_default();
    [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-")
}

impl Vaulting {
    /// A payment session and the document it was read from.
    ///
    /// # Errors
    ///
    /// [`SessionError::Unknown`], and those of the store.
    pub async fn session(&self, tenant: &TenantId, id: &str) -> Result<(Session, Document), SessionError> {
        let document = self.store.document(tenant, COLLECTION, id).await?.ok_or(SessionError::Unknown)?;
        let session = serde_json::from_value(Value::Object(document.body.clone()));
        Ok((session.map_err(|_| StoreError::Corrupt("a payment session"))?, document))
    }

    /// Opens an envelope and makes a payment method of what is inside, whose id is the token: an orphan, or
    /// what the session says. The same attempt gets the same token.
    ///
    /// # Errors
    ///
    /// [`SessionError`]: the request's form, the envelope, the instrument, the attempt, or the session.
    pub async fn issue_permanent(
        &self,
        request: &TokenRequest<'_>,
        session: Option<&str>,
    ) -> Result<IssuedToken, SessionError> {
        if !is_permanent(request.dialect) {
            return Err(SessionError::Unsupported);
        }
        if !issue::is_idempotency_key(request.idempotency_key) {
            return Err(VaultingError::IdempotencyKeyMalformed.into());
        }
        let keys = self.keys(request.tenant)?;
        let opened = self.open_envelope(request).await?;
        let record = opened.held.behind()?.record;
        let asked: [&[u8]; 6] = [
            request.key.id().as_bytes(),
            request.page_origin.as_str().as_bytes(),
            request.dialect.as_bytes(),
            request.kind.as_str().as_bytes(),
            &record,
            session.unwrap_or_default().as_bytes(),
        ];
        let asked = Asked::of(&keys, request.idempotency_key, &asked);
        if let Some(repeated) = self.repeated_permanent(request, &keys, &asked).await? {
            return Ok(repeated);
        }
        request.admit(&keys, &opened.held, &asked, self.now_ms())?;
        let checked = opened.held.into_checked()?;
        let completed = match session {
            Some(id) => self.complete_session(request.tenant, id, checked).await,
            None => self.orphan(request.tenant, checked),
        };
        let completed = match completed {
            Ok(completed) => completed,
            // The same attempt may have been done meanwhile, and be why the session is over.
            Err(refused) => {
                return self.repeated_permanent(request, &keys, &asked).await?.ok_or(refused);
            }
        };
        let answer = Answer {
            digest: *asked.digest(),
            token: Zeroizing::new(completed.payment_method_id.to_string()),
            display: Some(completed.display),
            expires_at_ms: NEVER_MS,
        };
        // First, so that a repetition is noticed before the guards of what it repeats.
        let mut changes = self.attempts(request, &keys, &answer, opened.opens_until_ms)?;
        changes.extend(completed.changes);
        match self.apply(request.tenant, changes).await {
            Ok(_) => Ok(IssuedToken {
                token: answer.token,
                display: answer.display,
                expires_at_ms: NEVER_MS,
                novelty: Novelty::New,
            }),
            // The same attempt was under way at the same time, and the other one was first.
            Err(StoreError::AttemptExists) => {
                let repeated = self.repeated_permanent(request, &keys, &asked).await?;
                Ok(repeated.ok_or(StoreError::Unavailable)?)
            }
            // Another attempt completed the session, or its customer went away.
            Err(
                StoreError::DocumentChanged
                | StoreError::DocumentMissing
                | StoreError::CustomerMissing
                | StoreError::PaymentExists,
            ) => Err(SessionError::Over),
            Err(error) => Err(error.into()),
        }
    }

    /// Completes a session with an instrument: makes the payment method, with the session's customer, a new
    /// customer or none, and charges it if the session asks for money. A payment that does not succeed fails
    /// the session; that is kept here and at once.
    ///
    /// # Errors
    ///
    /// [`SessionError`]; nothing but a payment that did not succeed was kept.
    pub(crate) async fn complete_session(
        &self,
        tenant: &TenantId,
        session_id: &str,
        checked: Checked,
    ) -> Result<Completed, SessionError> {
        let (mut session, document) = self.session(tenant, session_id).await?;
        let now_ms = self.now_ms();
        match session.status_at(now_ms) {
            SessionStatus::Created => {}
            SessionStatus::Cancelled | SessionStatus::Completed => return Err(SessionError::Over),
            SessionStatus::Failed => {
                let outcome = session.outcome.as_deref().and_then(Outcome::parse);
                return Err(outcome.map_or(SessionError::Over, SessionError::NotApproved));
            }
        }
        let instrument = checked.instrument().ok_or(VaultingError::Unreadable)?;
        let kind = instrument.kind();
        if !session.accepts.iter().any(|accepted| accepted == kind.as_str()) {
            return Err(SessionError::KindNotAccepted(kind));
        }
        let total = if session.mode.charges() {
            Some(session.total().ok_or(SessionError::AmountOpen)?)
        } else {
            None
        };
        let (customer_id, new_customer) = self.payer(tenant, &session, instrument).await?;
        let payment_method_id =
            PaymentMethodId::new(random::uuid_v4(self.random()).map_err(VaultingError::from)?);

        let mut payment = None;
        if let Some(amount) = total {
            let mac = self.keys(tenant)?.fixed_mac(Fixed::FluteSessionPayment, &[session_id.as_bytes()]);
            let order = Order {
                id: PaymentId::new(uuid_of_mac(&mac)),
                face: Face::Flute,
                customer_id: customer_id.clone(),
                payment_method_id: Some(payment_method_id.clone()),
                amount,
                capture: Capture::Automatic,
                reference: session.reference.clone(),
                description: None,
                metadata: Map::new(),
                extra: payment_extra(session_id, &session, instrument),
            };
            let mut made = self.charge(tenant, order, Means::Clear(&checked)).await?;
            session.payment_id = Some(made.id.to_string());
            session.outcome = Some(made.outcome.code().to_owned());
            if made.outcome != Outcome::Approved {
                session.status = SessionStatus::Failed;
                // Neither the payment method nor a new customer comes into being.
                made.payment_method_id = None;
                if new_customer.is_some() {
                    made.customer_id = None;
                }
                let outcome = made.outcome;
                let changes = vec![session.replacing(&document, now_ms)?, Change::InsertPayment(made)];
                return match self.apply(tenant, changes).await {
                    Ok(_) => Err(SessionError::NotApproved(outcome)),
                    Err(StoreError::DocumentChanged | StoreError::PaymentExists) => Err(SessionError::Over),
                    Err(error) => Err(error.into()),
                };
            }
            payment = Some(made);
        }

        session.status = SessionStatus::Completed;
        session.payment_method_id = Some(payment_method_id.to_string());
        if let Some(customer_id) = &customer_id {
            session.customer_id = Some(customer_id.to_string());
        }
        let new = NewPaymentMethod::new(payment_method_id.clone(), customer_id.clone());
        let method = self.payment_method(tenant, checked, new)?;
        let display = method.display.clone();
        let mut changes: Vec<Change> = new_customer.map(Change::InsertCustomer).into_iter().collect();
        changes.push(Change::InsertPaymentMethod(method));
        if let Some(customer) = customer_id {
            changes.push(Change::DefaultPaymentMethodIfNone {
                customer,
                id: payment_method_id.clone(),
                now_ms,
            });
        }
        changes.extend(payment.map(Change::InsertPayment));
        changes.push(session.replacing(&document, now_ms)?);
        Ok(Completed { payment_method_id, display, changes })
    }

    /// The answer that the attempt got before, if it did and the payment method is still there.
    async fn repeated_permanent(
        &self,
        request: &TokenRequest<'_>,
        keys: &MerchantKeys,
        asked: &Asked,
    ) -> Result<Option<IssuedToken>, SessionError> {
        let Some((lookup, attempt)) = self.attempt(request, keys).await? else { return Ok(None) };
        let sealed = attempt.sealed.ok_or(VaultingError::AttemptOver)?;
        let answer = Answer::open(keys, request.idempotency_key, &sealed)?;
        answer.must_answer(asked, lookup)?;
        let id = PaymentMethodId::new(answer.token.as_str());
        if self.store.payment_method(request.tenant, &id).await?.is_none() {
            return Err(VaultingError::AttemptOver.into());
        }
        Ok(Some(IssuedToken {
            token: answer.token,
            display: answer.display,
            expires_at_ms: answer.expires_at_ms,
            novelty: Novelty::Repeated,
        }))
    }

    /// A payment method of nobody.
    fn orphan(&self, tenant: &TenantId, checked: Checked) -> Result<Completed, SessionError> {
        let id = random::uuid_v4(self.random()).map_err(VaultingError::from)?;
        let payment_method_id = PaymentMethodId::new(id);
        let method =
            self.payment_method(tenant, checked, NewPaymentMethod::new(payment_method_id.clone(), None))?;
        let display = method.display.clone();
        Ok(Completed { payment_method_id, display, changes: vec![Change::InsertPaymentMethod(method)] })
    }

    /// Whose the payment method becomes, and the customer if it is a new one.
    async fn payer(
        &self,
        tenant: &TenantId,
        session: &Session,
        instrument: &Instrument,
    ) -> Result<(Option<CustomerId>, Option<Customer>), SessionError> {
        if let Some(id) = &session.customer_id {
            let found = self.store.customer(tenant, &CustomerId::new(id.as_str())).await?;
            return Ok((Some(found.ok_or(SessionError::Over)?.id), None));
        }
        let creates = match session.customer_handling {
            Some(CustomerHandling::CreateCustomer) => true,
            Some(CustomerHandling::TokenOnly) => false,
            // As V1 has it: one that keeps a payment method makes a customer for it.
            None => session.mode != SessionMode::Payment,
        };
        if !creates {
            return Ok((None, None));
        }
        let id = random::uuid_v4(self.random()).map_err(VaultingError::from)?;
        let mut customer = Customer::new(CustomerId::new(id), self.now_ms());
        let holder = match instrument {
            Instrument::Card(card) => card.holder(),
            Instrument::BankAccount(account) => account.holder(),
        };
        if let Some(holder) = holder {
            let (first, last) = names(holder.as_str());
            customer.first_name = Some(first);
            customer.last_name = last;
        }
        Ok((Some(customer.id.clone()), Some(customer)))
    }
}

/// First and last name of a holder: the last word, if there are several, is the last name.
fn names(holder: &str) -> (String, Option<String>) {
    match holder.trim().rsplit_once(char::is_whitespace) {
        Some((first, last)) => (first.trim().to_owned(), Some(last.to_owned())),
        None => (holder.trim().to_owned(), None),
    }
}

fn payment_extra(session_id: &str, session: &Session, instrument: &Instrument) -> Map<String, Value> {
    let mut kept = Map::new();
    kept.insert("sourceType".to_owned(), "WebComponent".into());
    kept.insert("sessionId".to_owned(), session_id.into());
    kept.insert("baseMinor".to_owned(), session.amount_minor.into());
    kept.insert("tip".to_owned(), json!({ "minor": session.tip_minor, "rate": 0 }));
    match instrument {
        Instrument::Card(card) => {
            kept.insert("cardScheme".to_owned(), card.number().scheme().id.into());
        }
        Instrument::BankAccount(account) => {
            kept.insert("secCode".to_owned(), account.sec_code().as_str().into());
        }
    }
    let mut extra = Map::new();
    extra.insert("flute".to_owned(), Value::Object(kept));
    extra
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_of_a_holder_is_the_last_name() {
        assert_eq!(names("Ada Lovelace"), ("Ada".to_owned(), Some("Lovelace".to_owned())));
        assert_eq!(names(" Mary Ann  Evans "), ("Mary Ann".to_owned(), Some("Evans".to_owned())));
        assert_eq!(names("Plato"), ("Plato".to_owned(), None));
    }

    #[test]
    fn a_hash_is_always_the_same_uuid() {
        assert_eq!(uuid_of_mac(&[0xff; 32]), "ffffffff-ffff-8fff-bfff-ffffffffffff");
        assert_ne!(uuid_of_mac(&[1; 32]), uuid_of_mac(&[2; 32]));
    }
}
