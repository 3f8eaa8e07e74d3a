//! Signing checkout sessions, believing them again, and what they allow to be paid.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use subtle::ConstantTimeEq as _;

use super::{Means, Vaulting, VaultingError};
use crate::{
    domain::{
        CheckoutSession, Direction, Money, Origin, Outcome, PaymentMethodId, PaymentSearch, SessionTerms,
        TenantId,
        checkout_session::{MAX_ATTEMPTS, MAX_LIFETIME_SECS, TEXT_PREFIX},
    },
    keyring::{Lookup, MerchantKeys},
};

/// What stands between a session's bytes and their signature.
const SEPARATOR: char = '.';

/// How many of a payment method's payments are looked through for one that was approved: more than a session has
/// attempts.
const LOOKED_AT: u32 = 200;

impl Vaulting {
    /// The text that a merchant's page hands to its form.
    ///
    /// # Errors
    ///
    /// [`VaultingError::NoKeys`], which is an internal bug.
    pub fn sign_session(
        &self,
        tenant: &TenantId,
        session: &CheckoutSession,
    ) -> Result<String, VaultingError> {
        let bytes = session.to_bytes();
        let mac = session_mac(self.keys(tenant)?.lookup(), &bytes);
        let (bytes, mac) = (Base64UrlUnpadded::encode_string(&bytes), Base64UrlUnpadded::encode_string(&mac));
        Ok(format!("{TEXT_PREFIX}{bytes}{SEPARATOR}{mac}"))
    }

    /// The session that a text stands for, if this merchant's server made it for pages of this origin and its time is
    /// not over. Nothing of it is believed before the signature.
    ///
    /// # Errors
    ///
    /// [`VaultingError::SessionInvalid`], `SessionOriginMismatch` or `SessionExpired`.
    pub fn open_session(
        &self,
        tenant: &TenantId,
        text: &str,
        page_origin: &Origin,
    ) -> Result<CheckoutSession, VaultingError> {
        let keys = self.keys(tenant)?;
        let session = signed(&keys, text, self.now_ms()).ok_or(VaultingError::SessionInvalid)?;
        if session.origin != *page_origin {
            return Err(VaultingError::SessionOriginMismatch);
        }
        if session.expires_at_ms <= self.now_ms() {
            return Err(VaultingError::SessionExpired);
        }
        Ok(session)
    }

    /// Checks that what shall be paid is what the session says in which the shopper entered the means: of a token for
    /// as long as there is one, of a stored payment method until the session is over or one payment was approved.
    ///
    /// # Errors
    ///
    /// [`VaultingError::SessionAmountMismatch`], and those of the store.
    pub(super) async fn must_fit_session(
        &self,
        tenant: &TenantId,
        amount: Money,
        means: Means<'_>,
    ) -> Result<(), VaultingError> {
        let fits = |terms: &SessionTerms| terms.allow(amount);
        let fits = match means {
            Means::Opened(token) => token.checked().session().is_none_or(fits),
            Means::Recollected(_, code) if code.session().is_some() => code.session().is_none_or(fits),
            Means::Stored(method) | Means::Recollected(method, _) => match method.display.session() {
                Some(terms) if !fits(terms) && terms.expires_at_ms > self.now_ms() => {
                    self.has_paid(tenant, &method.id).await?
                }
                Some(_) | None => true,
            },
            Means::Clear(_) => true,
        };
        if fits { Ok(()) } else { Err(VaultingError::SessionAmountMismatch) }
    }

    async fn has_paid(&self, tenant: &TenantId, id: &PaymentMethodId) -> Result<bool, VaultingError> {
        let search = PaymentSearch {
            payment_method: Some(id.clone()),
            direction: Direction::Ascending,
            limit: LOOKED_AT,
            ..PaymentSearch::default()
        };
        let found = self.store.payments(tenant, &search).await?;
        Ok(found.items.iter().any(|payment| payment.outcome == Outcome::Approved))
    }
}

/// The keyed hash of a session's bytes; the key is made of one of the merchant's, for this and nothing else.
fn session_mac(lookup: Lookup<'_>, bytes: &[u8]) -> [u8; 32] {
    lookup.purpose_mac("checkout-session/v1", &[bytes])
}

fn signed(keys: &MerchantKeys, text: &str, now_ms: i64) -> Option<CheckoutSession> {
    let (bytes, mac) = text.strip_prefix(TEXT_PREFIX)?.split_once(SEPARATOR)?;
    let bytes = Base64UrlUnpadded::decode_vec(bytes).ok()?;
    let mac = Base64UrlUnpadded::decode_vec(mac).ok()?;
    // It lasts a day at most, so it may have been signed with an older version; its end only tells with which.
    let session = CheckoutSession::from_bytes(&bytes).ok()?;
    let longest_ms = i64::from(MAX_LIFETIME_SECS) * 1000;
    let is_good = |lookup| bool::from(session_mac(lookup, &bytes).ct_eq(mac.as_slice()));
    let is_signed = keys.signing_lookups(now_ms, session.expires_at_ms, longest_ms).any(is_good);
    // Not even with our signature: the interface makes no such session.
    (is_signed && (1..=MAX_ATTEMPTS).contains(&session.attempts)).then_some(session)
}
