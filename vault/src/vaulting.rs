//! What the vault does with instruments: issues tokens, opens them, keeps payment methods.
//!
//! Every face uses these services and composes the [`Change`]s they return; what makes one operation is
//! then applied in one transaction. A token may be spent through any face of the merchant it was issued
//! for, whichever dialect's form it has.

mod attempt;
mod carried;
mod charge;
mod checked;
mod checkout_session;
mod codes;
mod error;
mod fingerprints;
mod held;
mod issue;
mod keys;
mod recollection;
mod renewal;
mod repeat;
mod row_hashes;
mod session;
mod shown;
mod work;

use std::sync::Arc;

use instrument::{Draft, Instrument, card::SecurityCode};
use seal::KeyId;
use serde_json::{Map, Value};

use crate::{
    clock::Clock,
    domain::{
        CustomerId, Display, PaymentMethod, PaymentMethodId, Processor, Source, TenantId, Token, TokenState,
    },
    keyring::{Keyring, MerchantKeys},
    random::Random,
    sandbox::Sandbox,
    store::{Change, Store, StoreError},
};

use carried::Text;
pub use charge::{Means, Order};
pub use checked::Checked;
use codes::Codes;
pub use codes::SecurityCodes;
pub use error::VaultingError;
pub use fingerprints::Fingerprints;
pub(crate) use issue::is_idempotency_key;
pub use issue::{ByPage, ClearFrom, IssuedToken, Novelty, TokenRequest};
pub(crate) use keys::Presented;
pub use recollection::OpenedCode;
pub use renewal::Renewed;
pub use repeat::{KeptAnswer, Repeat};
pub(crate) use session::uuid_of_mac;
pub use session::{
    CustomerHandling, NEVER_MS, Session, SessionError, SessionMode, SessionStatus, is_permanent,
};
pub use shown::Shown;
pub use work::Work;

/// The services, on top of a store, a keyring, a clock and a random source.
#[derive(Clone)]
pub struct Vaulting {
    store: Arc<dyn Store>,
    keyring: Arc<Keyring>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    processor: Arc<dyn Processor>,
    codes: Arc<Codes>,
}

/// A token that was opened and can be spent with the changes made of it.
#[derive(Debug)]
pub struct OpenedToken {
    mac: [u8; 32],
    /// Checked when the token was issued.
    checked: Checked,
}

impl OpenedToken {
    /// What the token stands for; a card may still have its security code.
    #[must_use]
    pub const fn checked(&self) -> &Checked {
        &self.checked
    }

    /// The same, for faces that put it into an existing payment method.
    #[must_use]
    pub fn into_checked(self) -> Checked {
        self.checked
    }
}

/// What a new payment method shall be, besides its instrument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPaymentMethod {
    /// Its id.
    pub id: PaymentMethodId,
    /// Whose it is; `None` makes an orphan.
    pub customer_id: Option<CustomerId>,
    /// What the merchant calls it.
    pub name: Option<String>,
    /// Settings named by a gateway.
    pub flags: Vec<String>,
    /// What only one face knows, under that face's name.
    pub extra: Map<String, Value>,
}

impl NewPaymentMethod {
    /// A payment method of which nothing else is known.
    #[must_use]
    pub fn new(id: PaymentMethodId, customer_id: Option<CustomerId>) -> Self {
        Self { id, customer_id, name: None, flags: Vec::new(), extra: Map::new() }
    }
}

impl Vaulting {
    /// Puts the services together; payments are decided by the built-in [`Sandbox`].
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        keyring: Arc<Keyring>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self { store, keyring, clock, random, processor: Arc::new(Sandbox), codes: Arc::default() }
    }

    /// The same services as another vault on the same store has them, with what it knows of the keys.
    #[must_use]
    pub fn with_keyring(mut self, keyring: Arc<Keyring>) -> Self {
        self.keyring = keyring;
        self
    }

    /// The same services with another processor.
    #[must_use]
    pub fn with_processor(mut self, processor: Arc<dyn Processor>) -> Self {
        self.processor = processor;
        self
    }

    /// The same services with another choice of what becomes of security codes.
    #[must_use]
    pub fn with_security_codes(mut self, choice: SecurityCodes) -> Self {
        self.codes = Arc::new(Codes::new(choice));
        self
    }

    /// How many security codes are in memory.
    #[must_use]
    pub fn codes_kept(&self) -> usize {
        self.codes().count()
    }

    /// Forgets security codes whose time is over.
    pub fn forget_codes(&self) {
        self.codes().forget_over(self.now_ms());
    }

    fn codes(&self) -> &Codes {
        &self.codes
    }

    /// Applies changes to the store, and forgets the security codes of the tokens that were spent.
    ///
    /// # Errors
    ///
    /// As [`Store::apply`]; codes are kept then, because the tokens may still be spent.
    pub async fn apply(&self, tenant: &TenantId, changes: Vec<Change>) -> Result<u64, StoreError> {
        let spent: Vec<_> = changes
            .iter()
            .filter_map(|change| if let Change::SpendToken { mac, .. } = change { Some(*mac) } else { None })
            .collect();
        let rows = self.store.apply(tenant, changes).await?;
        spent.iter().for_each(|mac| self.codes.forget(mac));
        Ok(rows)
    }

    /// The store. What spends tokens is applied by [`apply`](Self::apply).
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// The keyring.
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// The clock, for whoever outlives a request.
    #[must_use]
    pub const fn shared_clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The random source.
    #[must_use]
    pub fn random(&self) -> &dyn Random {
        &*self.random
    }

    /// The time it is, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Checks a draft that came in clear, against the month it still is somewhere on earth.
    ///
    /// # Errors
    ///
    /// [`VaultingError::Rejected`] with the first field that is wrong.
    pub fn check(&self, draft: Draft) -> Result<Checked, VaultingError> {
        Checked::at(draft, self.now_ms())
    }

    /// Takes an Australian bank account or an agreement kept elsewhere, which cannot exist and be wrong.
    #[must_use]
    pub fn check_source(&self, source: Source) -> Checked {
        Checked::source_at(source, self.now_ms())
    }

    /// Opens an unspent token without spending it.
    ///
    /// # Errors
    ///
    /// [`VaultingError::TokenUnknown`] (also for another merchant's), `TokenAlreadyUsed`,
    /// `TokenExpired`, and `CodeAlone` for one that [`open_code`](Self::open_code) opens.
    pub async fn open_token(&self, tenant: &TenantId, token: &str) -> Result<OpenedToken, VaultingError> {
        let keys = self.keys(tenant)?;
        let text = Text::new(token);
        let (mac, stored) = self.unspent(&keys, tenant, text.token).await?;
        let kind = stored.display.as_ref().ok_or(VaultingError::CodeAlone)?.kind();
        let sealed = stored.sealed.ok_or(StoreError::Corrupt("an issued token without its record"))?;
        let record = keys.open_token(text.token, Some(kind), &sealed)?;
        // It was valid when the token was issued: the month may have changed since.
        let session = stored.display.as_ref().and_then(Display::session).cloned();
        let checked =
            Checked::reread(kind, &record, stored.mandate, stored.issued_at_ms)?.in_session(session);
        let checked = match self.code(tenant, &mac, text).await? {
            Some(code) => checked.with_code(&code)?,
            None => checked,
        };
        Ok(OpenedToken { mac, checked })
    }

    /// The security code of an unspent token: the one in memory, or the one that its text carries.
    async fn code(
        &self,
        tenant: &TenantId,
        mac: &[u8; 32],
        text: Text<'_>,
    ) -> Result<Option<SecurityCode>, VaultingError> {
        let kept = match self.codes().choice() {
            SecurityCodes::Off => return Ok(None),
            SecurityCodes::Memory | SecurityCodes::Carried => self.codes().code(mac, self.now_ms()),
        };
        // Also where codes are kept in memory: another vault, or this one before it was started again, may have been told
        // otherwise.
        let carried = self.carried(tenant, text).await?;
        Ok(kept.or(carried))
    }

    /// Takes up a sealing key that another vault has made.
    async fn learn_sealing_key(&self, id: KeyId, now_ms: i64) {
        if let Err(error) = self.keyring.learn_sealing_key(id, &*self.store, now_ms).await {
            tracing::warn!(%error, "sealing keys of other vaults cannot be taken up");
        }
    }

    /// What is kept of the token of a text, in whatever state it is.
    ///
    /// # Errors
    ///
    /// [`VaultingError`] of the store.
    pub async fn token(&self, tenant: &TenantId, text: &str) -> Result<Option<Token>, VaultingError> {
        Ok(self.found(&*self.keys(tenant)?, tenant, Text::new(text).token).await?)
    }

    /// Looks for a token under every version of the look-up key. There is one row of it, under the version with which it
    /// was issued: of whoever spends it, everybody spends that row.
    async fn found(
        &self,
        keys: &MerchantKeys,
        tenant: &TenantId,
        token: &str,
    ) -> Result<Option<Token>, StoreError> {
        for lookup in keys.lookups() {
            if let Some(found) = self.store.token(tenant, &lookup.token_mac(token)).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// A token that can still be spent, and its keyed hash.
    async fn unspent(
        &self,
        keys: &MerchantKeys,
        tenant: &TenantId,
        token: &str,
    ) -> Result<([u8; 32], Token), VaultingError> {
        let stored = self.found(keys, tenant, token).await?.ok_or(VaultingError::TokenUnknown)?;
        let mac = stored.mac;
        match stored.state {
            TokenState::Spent => Err(VaultingError::TokenAlreadyUsed),
            TokenState::Expired => Err(VaultingError::TokenExpired),
            TokenState::Issued if stored.expires_at_ms <= self.now_ms() => Err(VaultingError::TokenExpired),
            TokenState::Issued => Ok((mac, stored)),
        }
    }

    /// The payment method that a token becomes, and the changes that spend the one and keep the other.
    ///
    /// # Errors
    ///
    /// [`VaultingError::Random`] if there are no random bytes.
    pub fn spend(
        &self,
        tenant: &TenantId,
        token: OpenedToken,
        new: NewPaymentMethod,
    ) -> Result<(PaymentMethod, [Change; 2]), VaultingError> {
        let spend = self.spend_only(&token);
        let mut method = self.payment_method(tenant, token.checked, new)?;
        method.from_token_mac = Some(token.mac);
        Ok((method.clone(), [spend, Change::InsertPaymentMethod(method)]))
    }

    /// The change that spends a token, for faces that use its instrument to replace another.
    #[must_use]
    pub fn spend_only(&self, token: &OpenedToken) -> Change {
        Change::SpendToken { mac: token.mac, now_ms: self.now_ms() }
    }

    /// A payment method of an instrument; its security code, if any, is dropped here.
    ///
    /// # Errors
    ///
    /// [`VaultingError::Random`] if there are no random bytes.
    pub fn payment_method(
        &self,
        tenant: &TenantId,
        checked: Checked,
        new: NewPaymentMethod,
    ) -> Result<PaymentMethod, VaultingError> {
        let now_ms = self.now_ms();
        let method = PaymentMethod {
            id: new.id,
            customer_id: new.customer_id,
            sealed: Vec::new(),
            sealed_at_ms: checked.at_ms(),
            display: checked.display(),
            name: new.name,
            flags: new.flags,
            extra: new.extra,
            mandate: None,
            fingerprint: String::new(),
            fingerprint_version: 1,
            from_token_mac: None,
            created_at_ms: now_ms,
            updated_at_ms: now_ms,
            archived_at_ms: None,
            version: 1,
        };
        self.with_instrument(tenant, method, checked)
    }

    /// The payment method with another instrument in it; its security code, if any, is dropped here.
    /// Keep it with [`Change::UpdatePaymentMethod`].
    ///
    /// # Errors
    ///
    /// [`VaultingError::Random`] if there are no random bytes.
    pub fn with_instrument(
        &self,
        tenant: &TenantId,
        mut method: PaymentMethod,
        checked: Checked,
    ) -> Result<PaymentMethod, VaultingError> {
        let keys = self.keys(tenant)?;
        let checked = checked.without_code();
        let source = checked.source();
        let record = checked.record()?;
        method.display = checked.display();
        method.fingerprint = keys.lookup().fingerprint(source);
        method.fingerprint_version = keys.lookup().version();
        method.sealed = keys.seal_payment_method(&method.id, source.kind(), &record, self.random())?;
        method.sealed_at_ms = checked.at_ms();
        method.mandate = checked.mandate().cloned().map(Box::new);
        method.updated_at_ms = self.now_ms();
        Ok(method)
    }

    /// What a payment method holds.
    ///
    /// # Errors
    ///
    /// [`VaultingError::Unreadable`] if the row was changed by somebody else's hand.
    pub fn source(&self, tenant: &TenantId, method: &PaymentMethod) -> Result<Checked, VaultingError> {
        let record = self.keys(tenant)?.open_payment_method(&method.id, method.kind(), &method.sealed)?;
        Checked::reread(method.kind(), &record, method.mandate.clone(), method.sealed_at_ms)
    }

    /// The card or US bank account of a payment method that is known to hold one.
    ///
    /// # Errors
    ///
    /// As [`source`](Self::source), also if it holds something else.
    pub fn instrument(&self, tenant: &TenantId, method: &PaymentMethod) -> Result<Instrument, VaultingError> {
        self.source(tenant, method)?.into_instrument().ok_or(VaultingError::Unreadable)
    }

    pub(crate) fn keys(&self, tenant: &TenantId) -> Result<Arc<MerchantKeys>, VaultingError> {
        self.keyring.merchant(tenant).ok_or(VaultingError::NoKeys)
    }
}
