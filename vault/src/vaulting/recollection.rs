//! The security code of a stored card, asked for again: it goes with one payment and is kept nowhere else.

use instrument::card::SecurityCode;

use super::{Vaulting, VaultingError, carried::Text, held::session_of_code};
use crate::{
    domain::{SessionTerms, TenantId},
    store::{Change, StoreError},
};

/// A token of a security code alone that was opened, and is spent with the payment that it goes with.
#[derive(Debug)]
pub struct OpenedCode {
    mac: [u8; 32],
    code: SecurityCode,
    session: Option<SessionTerms>,
}

impl OpenedCode {
    /// The code, for the one charge.
    pub(super) const fn code(&self) -> &SecurityCode {
        &self.code
    }

    /// The checkout session in which it was entered, if there was one.
    pub(super) const fn session(&self) -> Option<&SessionTerms> {
        self.session.as_ref()
    }
}

impl Vaulting {
    /// Opens an unspent token of a security code alone without spending it.
    ///
    /// # Errors
    ///
    /// [`VaultingError::NotACode`] if it stands for an instrument, `CodeUnavailable` if the code is neither in this vault's
    /// memory nor carried by the token, and as
    /// [`open_token`](Self::open_token).
    pub async fn open_code(&self, tenant: &TenantId, token: &str) -> Result<OpenedCode, VaultingError> {
        let keys = self.keys(tenant)?;
        let text = Text::new(token);
        let (mac, stored) = self.unspent(&keys, tenant, text.token).await?;
        if stored.display.is_some() {
            return Err(VaultingError::NotACode);
        }
        let sealed = stored.sealed.ok_or(StoreError::Corrupt("an issued token without its record"))?;
        let session = session_of_code(&keys.open_token(text.token, None, &sealed)?)?;
        let code = self.code(tenant, &mac, text).await?.ok_or(VaultingError::CodeUnavailable)?;
        Ok(OpenedCode { mac, code, session })
    }

    /// The change that spends it, for the transaction that keeps the payment.
    #[must_use]
    pub fn spend_code(&self, code: &OpenedCode) -> Change {
        Change::SpendToken { mac: code.mac, now_ms: self.now_ms() }
    }
}
