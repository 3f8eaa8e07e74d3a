//! Issuing a token for a sealed instrument: once for each attempt, however often it is repeated.

use gateway::{Lifetime, TokenFormat, TokenShape, dialects};
use instrument::card::{CardNumber, SecurityCode};
use instrument::{FieldName, Instrument, Kind, Reason, Rejected};
use seal::Envelope;
use zeroize::Zeroizing;

use super::{
    Checked, Vaulting, VaultingError,
    attempt::{Answer, Asked},
    codes::{self, Kin, SecurityCodes},
    held::{Alone, Behind, Held},
    work::{self, Place, Work},
};
use crate::{
    domain::{CheckoutSession, Display, KeyText, Origin, TenantId, Token, TokenState},
    keyring::MerchantKeys,
    limits::{CardHeld, Client, Exceeded, Limits, NewCard, NoAttemptLeft},
    random,
    store::{Change, StoreError},
};

/// The longest that a security code alone may wait for its payment, in seconds, whatever the dialect: the time a shopper
/// may need between typing and paying.
const CODE_LIFETIME_SECS: u64 = 15 * 60;

/// After how many seconds whoever cannot work may try again.
const WORK_RESTS_SECS: u32 = 60;

/// What a browser asks when it wants a token.
#[derive(Clone, Copy, Debug)]
pub struct TokenRequest<'a> {
    /// Whose token it shall be.
    pub tenant: &'a TenantId,
    /// The publishable key that authenticated the request.
    pub key: &'a KeyText,
    /// The origin of the frame that sealed: the vault's own.
    pub frame_origin: &'a Origin,
    /// The origin of the page around the frame; must have been checked against the key.
    pub page_origin: &'a Origin,
    /// What is sealed.
    pub kind: Kind,
    /// The text of the envelope.
    pub envelope: &'a str,
    /// One per state of the fields.
    pub idempotency_key: &'a str,
    /// Whose form the token shall have.
    pub dialect: &'a str,
    /// The checkout session in which the shopper entered it, opened for this merchant and page.
    pub session: Option<&'a CheckoutSession>,
    /// Work that was done for this attempt, if it was asked for.
    pub work: Option<&'a str>,
    /// Who asks.
    pub client: Client,
    /// How often new cards may come.
    pub limits: &'a Limits,
}

impl TokenRequest<'_> {
    /// Counts a new attempt, and a new card, before anything is kept of it. `keys` are the merchant's; `asked` is all that is
    /// asked for.
    ///
    /// # Errors
    ///
    /// [`VaultingError::SessionAttemptsExceeded`], `Rejected` if the session does not take the card, and `RateLimited` if
    /// there were too many like it; `WorkRequired` if there are many, and nothing was done for it.
    pub(super) fn admit(
        &self,
        keys: &MerchantKeys,
        held: &Held,
        asked: &Asked,
        now_ms: i64,
    ) -> Result<(), VaultingError> {
        if let Some(session) = self.session {
            // First: a card that is refused was an attempt, too.
            let counted = self.limits.admit_attempt(keys.tenant(), session, asked.digest());
            counted.map_err(|NoAttemptLeft| VaultingError::SessionAttemptsExceeded)?;
        }
        let Held::Instrument(checked) = held else { return Ok(()) };
        let Some(Instrument::Card(card)) = checked.instrument() else { return Ok(()) };
        if self.session.is_some_and(|session| !session.takes(card)) {
            let rejected = Rejected { field: FieldName::Number, reason: Reason::NotAccepted };
            return Err(VaultingError::Rejected { kind: Kind::Card, rejected });
        }
        let place = Place { key_id: self.key.id(), idempotency_key: self.idempotency_key, asked };
        let is_done = self.work.is_some_and(|answer| work::is_done(keys, place, answer, now_ms));
        let page = ByPage { key_id: self.key.id(), client: self.client, limits: self.limits };
        page.admit(keys, card.number(), is_done).map_err(|held| match held {
            CardHeld::WorkFirst(level) => VaultingError::WorkRequired(Work::new(keys, place, level, now_ms)),
            CardHeld::TooMany(exceeded) => VaultingError::RateLimited(exceeded),
        })
    }
}

/// The page that sends a card, and how often new ones may come from there.
#[derive(Clone, Copy, Debug)]
pub struct ByPage<'a> {
    /// The publishable key it sends with.
    pub key_id: &'a str,
    /// Who asks.
    pub client: Client,
    /// How often new cards may come.
    pub limits: &'a Limits,
}

impl ByPage<'_> {
    fn admit(self, keys: &MerchantKeys, number: &CardNumber, is_worked_for: bool) -> Result<(), CardHeld> {
        let Self { key_id, client, limits } = self;
        let mark = keys.lookup().card_mark(number);
        limits.admit_card(&NewCard { key_id, client, bin: number.bin(), mark, is_worked_for })
    }
}

/// Who sends an instrument in clear.
#[derive(Clone, Copy, Debug)]
pub enum ClearFrom<'a> {
    /// The merchant's own server, with its secret key: as many as it likes.
    Server,
    /// A page, with a publishable key.
    Page(ByPage<'a>),
}

/// A token for a merchant's page, with what may be shown of the instrument.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// The token.
    pub token: Zeroizing<String>,
    /// What may be shown; none of a security code alone.
    pub display: Option<Display>,
    /// From when on it cannot be spent, in milliseconds since the Unix epoch.
    pub expires_at_ms: i64,
    /// Whether this was the first answer of the attempt.
    pub novelty: Novelty,
}

/// Whether an answer was given before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Novelty {
    /// The first answer.
    New,
    /// The answer that the same attempt got before.
    Repeated,
}

/// What was in an envelope.
pub(super) struct Opened {
    pub(super) held: Held,
    /// Until when the same envelope opens, in milliseconds since the Unix epoch.
    pub(super) opens_until_ms: i64,
}

impl Vaulting {
    /// Opens an envelope, checks what is inside once more, and issues a token for it.
    ///
    /// # Errors
    ///
    /// [`VaultingError`]: the request's form, the envelope, the instrument, or the attempt.
    pub async fn issue_token(&self, request: &TokenRequest<'_>) -> Result<IssuedToken, VaultingError> {
        let format = dialects::facts(request.dialect).ok_or(VaultingError::DialectUnknown)?.token;
        if !is_idempotency_key(request.idempotency_key) {
            return Err(VaultingError::IdempotencyKeyMalformed);
        }
        let keys = self.keys(request.tenant)?;
        let Opened { held, opens_until_ms } = self.open_envelope(request).await?;
        let held = held.in_session(request.session.map(CheckoutSession::terms));
        let behind = held.behind()?;
        if behind.display.is_none() && self.codes().choice() == SecurityCodes::Off {
            return Err(VaultingError::CodeUnavailable);
        }
        let mut asked: Vec<&[u8]> = vec![
            request.key.id().as_bytes(),
            request.page_origin.as_str().as_bytes(),
            request.dialect.as_bytes(),
            request.kind.as_str().as_bytes(),
            &behind.record,
        ];
        asked.extend(request.session.map(|session| session.id.as_bytes()));
        if request.kind == Kind::Code {
            // Nothing else in it is a secret: whoever has seen the attempt could try the thousand codes. A repetition of the
            // page's own brings the same envelope.
            asked.push(request.envelope.as_bytes());
        }
        let asked = Asked::of(&keys, request.idempotency_key, &asked);
        if let Some(repeated) = self.repeated(request, &keys, &asked, held.code()).await? {
            return Ok(repeated);
        }
        request.admit(&keys, &held, &asked, self.now_ms())?;
        match self.issue_new(request, &keys, format, behind, opens_until_ms, &asked).await {
            // The same attempt was under way at the same time, and the other one was first.
            Err(VaultingError::Store(StoreError::AttemptExists)) => self
                .repeated(request, &keys, &asked, held.code())
                .await?
                .ok_or(VaultingError::Store(StoreError::Unavailable)),
            outcome => outcome,
        }
    }

    pub(super) async fn open_envelope(&self, request: &TokenRequest<'_>) -> Result<Opened, VaultingError> {
        let envelope = Envelope::from_text(request.envelope).map_err(|_| VaultingError::EnvelopeMalformed)?;
        if !self.keyring.sealing().suites().opened().contains(&envelope.suite()) {
            return Err(VaultingError::SuiteRetired);
        }
        let context = seal::Context {
            publishable_key: request.key.expose(),
            frame_origin: request.frame_origin.as_str(),
            page_origin: request.page_origin.as_str(),
            kind: request.kind,
            idempotency_key: request.idempotency_key,
        };
        let now_ms = self.now_ms();
        self.learn_sealing_key(envelope.key_id(), now_ms).await;
        let (held, opens_until_ms) = self
            .keyring
            .sealing()
            .with_private(envelope.key_id(), now_ms, |key| {
                if request.kind == Kind::Code {
                    let code = seal::open_code(&envelope, key, &context).map_err(unopenable)?;
                    // EXPOSE: parsing is the one thing that needs the entered text.
                    let code = SecurityCode::parse(code.expose(), None).map_err(|reason| {
                        let rejected = Rejected { field: FieldName::Code, reason };
                        VaultingError::Rejected { kind: Kind::Code, rejected }
                    })?;
                    return Ok(Held::Code(Alone { code, session: None, at_ms: now_ms }));
                }
                let draft = seal::open(&envelope, key, &context).map_err(unopenable)?;
                Checked::at(draft, now_ms).map(Held::Instrument)
            })
            .ok_or(VaultingError::SealingKeyUnknown)?;
        Ok(Opened { held: held?, opens_until_ms })
    }

    /// The answer that the attempt got before, if it did and the token can still be spent.
    async fn repeated(
        &self,
        request: &TokenRequest<'_>,
        keys: &MerchantKeys,
        asked: &Asked,
        code: Option<SecurityCode>,
    ) -> Result<Option<IssuedToken>, VaultingError> {
        let Some((lookup, attempt)) = self.attempt(request, keys).await? else { return Ok(None) };
        // Emptied when the token was spent or swept.
        let sealed = attempt.sealed.ok_or(VaultingError::AttemptOver)?;
        let answer = Answer::open(keys, request.idempotency_key, &sealed)?;
        answer.must_answer(asked, lookup)?;
        // The attempt and its token were written with the same version.
        let mac = lookup.token_mac(&answer.token);
        // The digest is kept, so it must not be of the code: the two codes are compared where they are. The token is read
        // after that, so that its code is forgotten whether it is spent before or behind.
        let (carried, kin) = match self.codes().choice() {
            SecurityCodes::Carried => (code, Kin::Same),
            SecurityCodes::Memory | SecurityCodes::Off => {
                (None, self.codes().keep_again(mac, code, self.now_ms(), answer.expires_at_ms))
            }
        };
        let token = self.store.token(request.tenant, &mac).await?;
        let now_ms = self.now_ms();
        let is_good = |token: &Token| token.state == TokenState::Issued && token.expires_at_ms > now_ms;
        let Some(token) = token.filter(is_good) else {
            self.codes().forget(&mac);
            return Err(VaultingError::AttemptOver);
        };
        if kin == Kin::Other {
            return Err(VaultingError::IdempotencyConflict);
        }
        let ends_at_ms = codes::ends_at_ms(token.issued_at_ms, answer.expires_at_ms);
        Ok(Some(IssuedToken {
            token: self.carrying(request.tenant, &answer.token, carried.as_ref(), ends_at_ms)?,
            display: answer.display.clone(),
            expires_at_ms: answer.expires_at_ms,
            novelty: Novelty::Repeated,
        }))
    }

    async fn issue_new(
        &self,
        request: &TokenRequest<'_>,
        keys: &MerchantKeys,
        format: TokenFormat,
        behind: Behind,
        opens_until_ms: i64,
        asked: &Asked,
    ) -> Result<IssuedToken, VaultingError> {
        let attempt_mac = keys.lookup().attempt_mac(request.key.id(), request.idempotency_key);
        let (mut issued, token, code) =
            self.new_token(keys, format, request.dialect, behind, Some(attempt_mac))?;
        let answer = Answer {
            digest: *asked.digest(),
            token: issued.token.clone(),
            display: issued.display.clone(),
            expires_at_ms: issued.expires_at_ms,
        };
        let attempts = self.attempts(request, keys, &answer, opens_until_ms.max(issued.expires_at_ms))?;
        let (carried, kept) = match self.codes().choice() {
            SecurityCodes::Carried => (code, None),
            SecurityCodes::Memory | SecurityCodes::Off => (None, code),
        };
        let ends_at_ms = codes::ends_at_ms(token.issued_at_ms, issued.expires_at_ms);
        // Behind the answer that is kept: what it carries is on no disk.
        issued.token = self.carrying(request.tenant, &issued.token, carried.as_ref(), ends_at_ms)?;
        self.insert(request.tenant, attempts, token, kept).await?;
        Ok(issued)
    }

    /// Issues a token for what was sent in clear, in a dialect's form. There is no way to ask a page for work here, so what would
    /// ask for it has to wait.
    ///
    /// # Errors
    ///
    /// [`VaultingError::DialectUnknown`], [`VaultingError::RateLimited`] if there were too many cards of a page like it, and
    /// those of the store and the random source.
    pub async fn issue_clear(
        &self,
        tenant: &TenantId,
        checked: &Checked,
        dialect: &str,
        from: ClearFrom<'_>,
    ) -> Result<IssuedToken, VaultingError> {
        let format = dialects::facts(dialect).ok_or(VaultingError::DialectUnknown)?.token;
        let keys = self.keys(tenant)?;
        if let (ClearFrom::Page(page), Some(Instrument::Card(card))) = (from, checked.instrument()) {
            page.admit(&keys, card.number(), false).map_err(|held| match held {
                CardHeld::WorkFirst(_) => {
                    VaultingError::RateLimited(Exceeded { retry_after_secs: WORK_RESTS_SECS })
                }
                CardHeld::TooMany(exceeded) => VaultingError::RateLimited(exceeded),
            })?;
        }
        let (issued, token, code) = self.new_token(&keys, format, dialect, Behind::of(checked)?, None)?;
        self.insert(tenant, Vec::new(), token, code).await?;
        Ok(issued)
    }

    fn new_token(
        &self,
        keys: &MerchantKeys,
        format: TokenFormat,
        dialect: &str,
        behind: Behind,
        attempt_mac: Option<[u8; 32]>,
    ) -> Result<(IssuedToken, Token, Option<SecurityCode>), VaultingError> {
        // The one reading of the clock that the source was checked with: at the end of a month a second
        // one could make a token that does not open.
        let Behind { record, code, display, mandate, at_ms: now_ms } = behind;
        let Lifetime::Secs(lifetime_secs) = format.lifetime else {
            // What lasts for ever is a payment method, and no token.
            return Err(VaultingError::DialectUnknown);
        };
        let lifetime_secs =
            if display.is_none() { lifetime_secs.min(CODE_LIFETIME_SECS) } else { lifetime_secs };
        let lifetime_ms = i64::try_from(lifetime_secs.saturating_mul(1000)).unwrap_or(i64::MAX);
        let expires_at_ms = now_ms.saturating_add(lifetime_ms);
        let text = Zeroizing::new(match format.shape {
            TokenShape::Text { prefix, alphabet, length } => {
                [prefix, random::text(self.random(), alphabet, length)?.as_str()].concat()
            }
            TokenShape::Uuid => random::uuid_v4(self.random())?,
        });
        let kind = display.as_ref().map(Display::kind);
        let token = Token {
            mac: keys.lookup().token_mac(&text),
            lookup_version: keys.lookup().version(),
            attempt_mac,
            dialect: dialect.to_owned(),
            sealed: Some(keys.seal_token(&text, kind, &record, self.random())?),
            display: display.clone(),
            mandate,
            state: TokenState::Issued,
            issued_at_ms: now_ms,
            expires_at_ms,
        };
        Ok((IssuedToken { token: text, display, expires_at_ms, novelty: Novelty::New }, token, code))
    }

    /// Keeps a token, after other changes, and its code: first the code, so that it is there to be forgotten whenever the
    /// token is spent.
    async fn insert(
        &self,
        tenant: &TenantId,
        mut changes: Vec<Change>,
        token: Token,
        code: Option<SecurityCode>,
    ) -> Result<(), StoreError> {
        let mac = token.mac;
        if let Some(code) = code {
            self.codes().keep(mac, code, token.issued_at_ms, token.expires_at_ms);
        }
        changes.push(Change::InsertToken(token));
        let outcome = self.apply(tenant, changes).await;
        if outcome.is_err() {
            self.codes().forget(&mac);
        }
        outcome.map(|_| ())
    }
}

const fn unopenable(_: seal::OpenError) -> VaultingError {
    VaultingError::EnvelopeUnopenable
}

/// Whether an idempotency key has the form that the native face asks for.
pub(crate) fn is_idempotency_key(text: &str) -> bool {
    (16..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idempotency_key_has_16_to_64_letters_digits_dashes_and_underscores() {
        let letters = "aZ".repeat(32);
        for good in ["0123456789abcdef", "----------------", "________________", &letters] {
            assert!(is_idempotency_key(good), "{good}");
        }
        let too_long = format!("{letters}a");
        for bad in ["", "0123456789abcde", "0123456789abcde.", "0123456789abcdé", &too_long] {
            assert!(!is_idempotency_key(bad), "{bad}");
        }
    }
}
