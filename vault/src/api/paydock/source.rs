//! A payment source on its way into the vault: checked, and with what it is made of.

use super::failure::Failure;
use super::fields::Fields;
use super::kept::Kept;
use super::payment_source::{self, Type};
use super::session::Session;
use super::token_note;
use crate::domain::{Address, AddressId, CustomerId, MethodKind, PaymentMethod, PaymentMethodId, Source};
use crate::random;
use crate::store::Change;
use crate::vaulting::{Checked, NewPaymentMethod, OpenedToken};

/// A valid payment source, ready to be kept or charged.
pub(super) enum Given {
    /// It came in clear.
    Clear { checked: Checked, kept: Kept },
    /// It stands behind a one-time token, which is spent with it.
    Token { opened: OpenedToken, kept: Kept, forget: Option<Change> },
    /// It is stored already.
    Stored { method: PaymentMethod, kept: Kept },
}

/// A payment source of a customer, and what keeps it.
pub(super) struct Made {
    pub(super) method: PaymentMethod,
    /// Its address, if it came with one.
    pub(super) address: Option<Address>,
    /// What comes before the customer: spending.
    pub(super) before: Vec<Change>,
    /// What comes after the customer: keeping.
    pub(super) after: Vec<Change>,
}

impl Given {
    /// Opens a one-time token without spending it.
    ///
    /// # Errors
    /// 404 if it is unknown, `unfulfilled_condition` if it was used or has expired.
    pub(super) async fn token(session: &Session<'_>, text: &str, path: &str) -> Result<Self, Failure> {
        let opened = session.vaulting.open_token(&session.tenant, text).await;
        let opened = opened.map_err(|error| Failure::from(error).token_at(path))?;
        let (kept, forget) = token_note::read(session, text).await?;
        Ok(Self::Token { opened, kept, forget })
    }

    /// Reads a payment source in clear.
    ///
    /// # Errors
    /// The first member that is refused.
    pub(super) fn clear(session: &Session<'_>, fields: &mut Fields, of: Type) -> Result<Self, Failure> {
        let checked = payment_source::read(session.vaulting, fields, of)?;
        Ok(Self::Clear { checked, kept: Kept::read(fields)? })
    }

    /// Finds a vault token.
    ///
    /// # Errors
    /// 404 if there is none, `unfulfilled_condition` if it is archived.
    pub(super) async fn vault(session: &Session<'_>, text: &str, path: &str) -> Result<Self, Failure> {
        let method =
            vaulted(session, text).await?.ok_or_else(|| Failure::not_found("vault token").at(path))?;
        if method.archived_at_ms.is_some() {
            return Err(Failure::archived(path, "vault token"));
        }
        let kept = Kept { vault_token: Some(method.id.as_str().to_owned()), ..Kept::of(&method) };
        Ok(Self::Stored { method, kept })
    }

    /// What this face keeps of it.
    pub(super) const fn kept(&self) -> &Kept {
        match self {
            Self::Clear { kept, .. } | Self::Token { kept, .. } | Self::Stored { kept, .. } => kept,
        }
    }

    /// The same, with what the request says of it besides.
    #[must_use]
    pub(super) fn updated_by(self, newer: Kept) -> Self {
        match self {
            Self::Clear { checked, kept } => Self::Clear { checked, kept: kept.updated_by(newer) },
            Self::Token { opened, kept, forget } => {
                Self::Token { opened, kept: kept.updated_by(newer), forget }
            }
            Self::Stored { method, kept } => Self::Stored { method, kept: kept.updated_by(newer) },
        }
    }

    /// Checks that it is of the type that the request says.
    ///
    /// # Errors
    /// `validation_error` if it is not; 500 if what is stored does not open.
    pub(super) fn must_be(&self, session: &Session<'_>, of: Type, path: &str) -> Result<(), Failure> {
        let opened;
        let source: &Source = match self {
            Self::Clear { checked, .. } => checked.source(),
            Self::Token { opened, .. } => opened.checked().source(),
            Self::Stored { method, .. } => {
                opened = session.vaulting.source(&session.tenant, method)?;
                opened.source()
            }
        };
        if of.fits(source) {
            return Ok(());
        }
        let message = format!("{path} is not the type of that payment source");
        Err(Failure::invalid(path, "wrong_payment_type", message))
    }

    /// Puts it into the vault without a customer.
    ///
    /// # Errors
    /// 500 if there are no random bytes.
    pub(super) fn vaulted(self, session: &Session<'_>) -> Result<(PaymentMethod, Vec<Change>), Failure> {
        let Session { vaulting, tenant, .. } = session;
        let id = PaymentMethodId::new(random::uuid_v4(vaulting.random())?);
        let new =
            |kept: Kept| NewPaymentMethod { extra: kept.into_extra(), ..NewPaymentMethod::new(id, None) };
        match self {
            Self::Clear { checked, kept } => {
                let method = vaulting.payment_method(tenant, checked, new(kept))?;
                Ok((method.clone(), vec![Change::InsertPaymentMethod(method)]))
            }
            Self::Token { opened, kept, forget } => {
                let (method, changes) = vaulting.spend(tenant, opened, new(kept))?;
                Ok((method, changes.into_iter().chain(forget).collect()))
            }
            Self::Stored { method, .. } => Ok((method, Vec::new())),
        }
    }

    /// Makes it a payment source of a customer. A card or account that is not in the vault yet gets a vault
    /// token of its own: "Tokens are created within the Vault whenever you create a new Customer"
    /// (PowerBoard's guide on its vault).
    ///
    /// # Errors
    /// 500 if there are no random bytes.
    pub(super) fn made(self, session: &Session<'_>, customer: &CustomerId) -> Result<Made, Failure> {
        let Session { vaulting, tenant, .. } = session;
        let now_ms = vaulting.now_ms();
        let mut kept = self.kept().clone();
        let address = match kept.address {
            address if address.is_empty() => None,
            address => {
                let id = AddressId::new(session.object_id()?);
                kept.address_id = Some(id.as_str().to_owned());
                Some(address.into_address(id, customer.clone(), now_ms))
            }
        };
        kept.address = super::kept::Postal::default();
        kept.payer = super::kept::Payer::default();
        let (checked, before, mut after) = match self {
            // What is kept elsewhere stays elsewhere: such an agreement gets no vault token.
            Self::Clear { checked, .. } if checked.source().kind() == MethodKind::Checkout => {
                (checked, Vec::new(), Vec::new())
            }
            Self::Token { opened, forget, .. }
                if opened.checked().source().kind() == MethodKind::Checkout =>
            {
                let spend = vaulting.spend_only(&opened);
                (opened.into_checked(), [spend].into_iter().chain(forget).collect(), Vec::new())
            }
            Self::Stored { method, .. } => (vaulting.source(tenant, &method)?, Vec::new(), Vec::new()),
            given @ (Self::Clear { .. } | Self::Token { .. }) => {
                let (method, changes) = given.vaulted(session)?;
                kept.vault_token = Some(method.id.as_str().to_owned());
                (vaulting.source(tenant, &method)?, changes, Vec::new())
            }
        };
        let id = PaymentMethodId::new(session.object_id()?);
        let new = NewPaymentMethod {
            extra: kept.into_extra(),
            ..NewPaymentMethod::new(id, Some(customer.clone()))
        };
        let method = vaulting.payment_method(tenant, checked, new)?;
        after.extend(address.clone().map(Change::InsertAddress));
        after.push(Change::InsertPaymentMethod(method.clone()));
        Ok(Made { method, address, before, after })
    }
}

/// A payment method without a customer, archived or not: what Paydock calls a vault token.
///
/// # Errors
/// What the store reports.
pub(super) async fn vaulted(session: &Session<'_>, text: &str) -> Result<Option<PaymentMethod>, Failure> {
    let id = PaymentMethodId::new(text);
    let method = session.vaulting.store().any_payment_method(&session.tenant, &id).await?;
    Ok(method.filter(|method| method.customer_id.is_none()))
}
