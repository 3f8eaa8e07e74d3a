//! What a face shows of a payment method besides its `Display`, and what if its row does not open.

use instrument::Instrument;

use super::{Vaulting, VaultingError};
use crate::domain::{MandateRecord, PaymentMethod, Source, TenantId};

/// What of a payment method is kept encrypted and yet may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The row opens.
    Readable {
        /// What stands for the number: `411111******1111`, or only the last four of an account.
        masked_number: String,
        /// The holder's name, if one was given.
        holder: Option<String>,
        /// What the owner of the account agreed to, if a text was shown.
        mandate: Option<Box<MandateRecord>>,
    },
    /// The row does not open. Everything else goes on: one damaged row must not hide a merchant's others.
    Unreadable,
}

impl Vaulting {
    /// What may be shown of a payment method; one that does not open is logged as an error.
    ///
    /// # Errors
    ///
    /// As [`instrument`](Self::instrument), except `Unreadable`.
    pub fn shown(&self, tenant: &TenantId, method: &PaymentMethod) -> Result<Shown, VaultingError> {
        let checked = match self.source(tenant, method) {
            Ok(checked) => checked,
            Err(VaultingError::Unreadable) => {
                tracing::error!(
                    payment_method = method.id.as_str(),
                    "a stored payment method does not open: it was changed by somebody else's hand, or is damaged"
                );
                return Ok(Shown::Unreadable);
            }
            Err(error) => return Err(error),
        };
        let name = |name: &instrument::card::HolderName| name.as_str().to_owned();
        let (masked_number, holder) = match checked.source() {
            Source::Instrument(Instrument::Card(card)) => (card.number().masked(), card.holder().map(name)),
            Source::Instrument(Instrument::BankAccount(account)) => {
                (account.account().masked(), account.holder().map(name))
            }
            Source::Bsb(account) => {
                (["****", account.last4()].concat(), Some(account.account_name().to_owned()))
            }
            Source::Checkout(agreement) => (String::new(), agreement.holder().map(str::to_owned)),
        };
        Ok(Shown::Readable { masked_number, holder, mandate: checked.mandate().cloned().map(Box::new) })
    }
}
