//! The operations on payment methods of a customer.

use instrument::bank::BankDraft;
use instrument::card::CardDraft;
use instrument::{Draft, Instrument, Secret};

use super::failure::Failure;
use super::payment::{self, AchChange, CardChange, ClearPayment, NewPayment, TokenBody, WalletBody};
use super::record::RecordAnswer;
use super::session::{Held, Revision, Session};
use super::wallet::Wallets;
use super::xid;
use crate::domain::{self, CustomerId, MethodKind, PaymentMethod, PaymentMethodId};
use crate::keyring::Fixed;
use crate::store::Change;
use crate::vaulting::{Checked, NewPaymentMethod, OpenedToken, VaultingError};

/// The flag that a card from Apple's wallet carries.
const APPLE_PAY_FLAG: &str = "applepay";

/// A valid instrument on its way into a payment method.
pub(super) enum Source {
    /// It came in clear.
    Clear { instrument: Checked, flags: Vec<String> },
    /// It stands behind a one-time token, which is spent with it.
    Token { token: OpenedToken, path: String, flags: Vec<String> },
    /// It came out of a wallet's token, whose id may not be used again.
    Wallet { instrument: Checked, unique: String, path: String, flags: Vec<String> },
}

/// A payment method, and the change that pays for it.
pub(super) struct Made {
    pub(super) method: PaymentMethod,
    pub(super) spend: Option<Change>,
}

impl Source {
    /// Validates what was sent; opens tokens without spending them.
    ///
    /// # Errors
    /// The refusal, at the path of the member at fault.
    pub(super) async fn of(
        session: &Session<'_>,
        wallets: &Wallets,
        payment: NewPayment,
    ) -> Result<Self, Failure> {
        match payment {
            NewPayment::Clear(ClearPayment { draft, path, flags }) => {
                let instrument = checked(session, draft, &path)?;
                Ok(Self::Clear { instrument, flags })
            }
            NewPayment::Token(TokenBody { token, path, flags }) => {
                let opened = session
                    .vaulting
                    .open_token(&session.tenant, &token)
                    .await
                    .map_err(|error| Failure::from(error).token_at(Some(&path)))?;
                if opened.checked().instrument().is_none() {
                    let msg = format!("{path} stands for neither a card nor a US bank account");
                    return Err(Failure::invalid(&path, "wrong_payment_type", msg));
                }
                Ok(Self::Token { token: opened, path, flags: flags.unwrap_or_default() })
            }
            NewPayment::Wallet(wallet) => {
                let path = wallet.token_path();
                let flags = match &wallet {
                    WalletBody::Apple(_) => vec![APPLE_PAY_FLAG.to_owned()],
                    WalletBody::Google(..) => Vec::new(),
                };
                let opened = wallets.open(wallet, session.vaulting.now_ms())?;
                let instrument =
                    checked(session, opened.draft, &path).map_err(|failure| failure.at(&path))?;
                Ok(Self::Wallet { instrument, unique: opened.unique, path, flags })
            }
        }
    }

    /// What will be kept.
    pub(super) fn holds(&self) -> &domain::Source {
        match self {
            Self::Clear { instrument, .. } | Self::Wallet { instrument, .. } => instrument.source(),
            Self::Token { token, .. } => token.checked().source(),
        }
    }

    /// Where the token stands that is used up, if one is.
    pub(super) fn token_path(&self) -> Option<&str> {
        match self {
            Self::Clear { .. } => None,
            Self::Token { path, .. } | Self::Wallet { path, .. } => Some(path),
        }
    }

    /// Seals the instrument into a payment method of the customer.
    ///
    /// # Errors
    /// 500 if there are no random bytes.
    pub(super) fn made(
        self,
        session: &Session<'_>,
        id: PaymentMethodId,
        customer: &CustomerId,
    ) -> Result<Made, Failure> {
        let Session { vaulting, tenant } = session;
        let new = |flags| NewPaymentMethod { flags, ..NewPaymentMethod::new(id, Some(customer.clone())) };
        match self {
            Self::Clear { instrument, flags } => {
                Ok(Made { method: vaulting.payment_method(tenant, instrument, new(flags))?, spend: None })
            }
            Self::Token { token, path: _, flags } => {
                let (method, [spend, _]) = vaulting.spend(tenant, token, new(flags))?;
                Ok(Made { method, spend: Some(spend) })
            }
            Self::Wallet { instrument, unique, path: _, flags } => {
                let mut method = vaulting.payment_method(tenant, instrument, new(flags))?;
                let keys = vaulting.keys(tenant)?;
                method.from_token_mac = Some(keys.fixed_mac(Fixed::WalletToken, &[unique.as_bytes()]));
                Ok(Made { method, spend: None })
            }
        }
    }
}

/// Adds a payment method to a customer; it becomes the default if there is none.
///
/// # Errors
/// A refusal; nothing is stored and no token is spent then.
pub(super) async fn create(
    session: &Session<'_>,
    id: &CustomerId,
    source: Source,
) -> Result<RecordAnswer, Failure> {
    let token_path = source.token_path().map(ToOwned::to_owned);
    let method_id = PaymentMethodId::new(xid::next(session.vaulting.now_ms()));
    let Made { method, spend } = source.made(session, method_id, id)?;
    session
        .revise(id, |held| {
            let mut customer = held.customer.clone();
            customer.default_payment_method_id.get_or_insert_with(|| method.id.clone());
            let insert = Change::InsertPaymentMethod(method.clone());
            let before = spend.iter().cloned().chain([insert]).collect();
            Ok(Revision { customer, before, after: Vec::new() })
        })
        .await
        .map_err(|failure| failure.token_at(token_path.as_deref()))
}

/// Changes a stored card; what was not sent stays.
///
/// # Errors
/// 404 if there is no such card of this customer, and what breaks a rule.
pub(super) async fn update_card(
    session: &Session<'_>,
    id: &CustomerId,
    method_id: &PaymentMethodId,
    change: &CardChange,
) -> Result<RecordAnswer, Failure> {
    session
        .revise(id, |held| {
            let mut method = owned(held, method_id, MethodKind::Card)?.clone();
            if change.number.is_some() || change.expiration_date.is_some() {
                let Instrument::Card(card) = session.vaulting.instrument(&session.tenant, &method)? else {
                    return Err(VaultingError::Unreadable.into());
                };
                // EXPOSE: the stored number goes back into a draft, to be validated with the new expiry.
                let draft = Draft::Card(CardDraft {
                    number: Secret::new(match &change.number {
                        Some(number) => number.as_str().to_owned(),
                        None => card.number().expose().to_owned(),
                    }),
                    expiry: Secret::new(match &change.expiration_date {
                        Some(expiry) => expiry.as_str().to_owned(),
                        None => format!("{:02}/{:02}", card.expiry().month(), card.expiry().year() % 100),
                    }),
                    code: None,
                    holder: card.holder().map(|holder| Secret::new(holder.as_str().to_owned())),
                    preferred_scheme: None,
                });
                let instrument = checked(session, draft, "")?;
                method = session.vaulting.with_instrument(&session.tenant, method, instrument)?;
            }
            Ok(revised(session, held, method, change.flags.as_ref(), None))
        })
        .await
}

/// Changes a stored bank account; what was not sent stays.
///
/// # Errors
/// 404 if there is no such bank account of this customer, and what breaks a rule.
pub(super) async fn update_ach(
    session: &Session<'_>,
    id: &CustomerId,
    method_id: &PaymentMethodId,
    change: &AchChange,
) -> Result<RecordAnswer, Failure> {
    session
        .revise(id, |held| {
            let mut method = owned(held, method_id, MethodKind::BankAccount)?.clone();
            if change.touches_account() {
                let Instrument::BankAccount(account) =
                    session.vaulting.instrument(&session.tenant, &method)?
                else {
                    return Err(VaultingError::Unreadable.into());
                };
                // EXPOSE: the stored numbers go back into a draft, to be validated with the new ones.
                let draft = Draft::BankAccount(BankDraft {
                    routing_number: Secret::new(match &change.routing_number {
                        Some(number) => number.as_str().to_owned(),
                        None => account.routing().expose().to_owned(),
                    }),
                    account_number: Secret::new(match &change.account_number {
                        Some(number) => number.as_str().to_owned(),
                        None => account.account().expose().to_owned(),
                    }),
                    account_type: change.account_type.unwrap_or(account.account_type()).as_str().to_owned(),
                    account_holder_type: Some(account.holder_type().as_str().to_owned()),
                    holder: account.holder().map(|holder| Secret::new(holder.as_str().to_owned())),
                    sec_code: Some(change.sec_code.unwrap_or(account.sec_code()).as_str().to_owned()),
                    mandate: None,
                });
                let instrument = checked(session, draft, "")?;
                method = session.vaulting.with_instrument(&session.tenant, method, instrument)?;
            }
            Ok(revised(session, held, method, change.flags.as_ref(), None))
        })
        .await
}

/// Replaces the data of a stored payment method by what a token stands for; its id stays.
///
/// # Errors
/// 404 if there is no such payment method of this customer, and what is wrong with the token, which is
/// not spent then.
pub(super) async fn update_by_token(
    session: &Session<'_>,
    id: &CustomerId,
    method_id: &PaymentMethodId,
    body: TokenBody,
) -> Result<RecordAnswer, Failure> {
    let flags = body.flags.clone();
    let path = body.path.clone();
    let token = session
        .vaulting
        .open_token(&session.tenant, &body.token)
        .await
        .map_err(|error| Failure::from(error).token_at(Some(&path)))?;
    let new = NewPaymentMethod::new(method_id.clone(), Some(id.clone()));
    let (replacement, [spend, _]) = session.vaulting.spend(&session.tenant, token, new)?;
    session
        .revise(id, |held| {
            let Some(found) = held.method(method_id) else {
                return Err(Failure::not_found("payment method"));
            };
            if found.kind() != replacement.kind() {
                let msg = format!(
                    "{path} is of the type \"{}\", but the payment method of the type \"{}\"",
                    replacement.kind().as_str(),
                    found.kind().as_str()
                );
                return Err(Failure::invalid(&path, "wrong_payment_type", msg));
            }
            let mut method = found.clone();
            method.sealed.clone_from(&replacement.sealed);
            method.sealed_at_ms = replacement.sealed_at_ms;
            method.display = replacement.display.clone();
            method.fingerprint.clone_from(&replacement.fingerprint);
            method.fingerprint_version = replacement.fingerprint_version;
            Ok(revised(session, held, method, flags.as_ref(), Some(spend.clone())))
        })
        .await
        .map_err(|failure| failure.token_at(Some(&path)))
}

/// Deletes a payment method; a default that it was is cleared.
///
/// # Errors
/// 404 if there is no such payment method of this kind and customer.
pub(super) async fn delete(
    session: &Session<'_>,
    id: &CustomerId,
    method_id: &PaymentMethodId,
    kind: MethodKind,
) -> Result<(), Failure> {
    session
        .revise(id, |held| {
            owned(held, method_id, kind)?;
            let mut customer = held.customer.clone();
            customer.default_payment_method_id.take_if(|default| default == method_id);
            let delete =
                Change::DeletePaymentMethod { id: method_id.clone(), now_ms: session.vaulting.now_ms() };
            Ok(Revision { customer, before: Vec::new(), after: vec![delete] })
        })
        .await
        .map(|_| ())
}

fn revised(
    session: &Session<'_>,
    held: &Held,
    mut method: PaymentMethod,
    flags: Option<&Vec<String>>,
    spend: Option<Change>,
) -> Revision {
    if let Some(flags) = flags {
        method.flags.clone_from(flags);
    }
    method.updated_at_ms = session.vaulting.now_ms();
    Revision {
        customer: held.customer.clone(),
        before: spend.into_iter().chain([Change::UpdatePaymentMethod(method)]).collect(),
        after: Vec::new(),
    }
}

fn owned<'a>(held: &'a Held, id: &PaymentMethodId, kind: MethodKind) -> Result<&'a PaymentMethod, Failure> {
    held.method(id).filter(|method| method.kind() == kind).ok_or_else(|| Failure::not_found(kind.as_str()))
}

/// Validates what came in clear.
///
/// # Errors
/// The refusal, at the path of the member at fault.
pub(super) fn checked(session: &Session<'_>, draft: Draft, path: &str) -> Result<Checked, Failure> {
    session.vaulting.check(draft).map_err(|error| match error {
        VaultingError::Rejected { rejected, .. } => payment::rejection(path, &rejected),
        other => other.into(),
    })
}
