//! The operations on vault tokens: payment sources that have no customer.

use axum::http::StatusCode;
use instrument::{CardDraft, Draft, Instrument};
use serde_json::Value;
use zeroize::Zeroizing;

use super::answer;
use super::failure::Failure;
use super::fields::Fields;
use super::kept::Kept;
use super::listing::{Paging, direction};
use super::payment_source::{self, Type};
use super::request::{Query, Sent};
use super::session::Session;
use super::source::{self, Given};
use super::vault_answer::VaultAnswer;
use crate::api::once::{Composed, once};
use crate::api::patience::Patience;
use crate::domain::{
    BsbAccount, Holding, Lifecycle, MethodOrder, MethodOrderBy, MethodSearch, PaymentMethod, Source,
};
use crate::store::{Change, StoreError};
use crate::vaulting::Checked;

/// Makes a vault token of a one-time token, or of a payment source in clear.
///
/// # Errors
/// A refusal; nothing is stored and no token is spent then.
pub(super) async fn create(session: &Session<'_>, sent: Sent) -> Result<(StatusCode, Value), Failure> {
    let Sent { mut fields, repeat } = sent;
    let done = once(session.vaulting, &session.tenant, repeat, async move || {
        let given = if fields.has("token") {
            let token = fields.mandatory("token")?;
            Given::token(session, &token, "token").await?.updated_by(Kept::read(&mut fields)?)
        } else {
            let of = Type::optional(&mut fields)?;
            Given::clear(session, &mut fields, of)?
        };
        let (method, changes) = given.vaulted(session)?;
        let shown = VaultAnswer::of(session, &method);
        let body = answer::created("payment_source", &shown);
        Ok(Composed { status: StatusCode::CREATED, body, changes })
    });
    done.await.map_err(|failure: Failure| failure.token_at("token"))
}

/// One vault token, archived or not.
///
/// # Errors
/// 404 if there is none for this merchant.
pub(super) async fn read(session: &Session<'_>, token: &str) -> Result<VaultAnswer, Failure> {
    Ok(VaultAnswer::of(session, &found(session, token).await?))
}

/// The vault tokens that fit a query, and how many there are in all.
///
/// # Errors
/// What the store reports.
pub(super) async fn find(
    session: &Session<'_>,
    mut query: Query,
) -> Result<(Vec<VaultAnswer>, u64, Paging), Failure> {
    let paging = Paging::read(&mut query);
    let search = MethodSearch {
        holding: Holding::Orphans,
        lifecycle: match query.truth("archived") {
            Some(true) => Lifecycle::Archived,
            Some(false) | None => Lifecycle::Active,
        },
        order: MethodOrder { by: MethodOrderBy::Created, direction: direction(&mut query) },
        limit: paging.limit,
        offset: paging.skip,
        ..MethodSearch::default()
    };
    let found = session.vaulting.store().search_payment_methods(&session.tenant, &search).await?;
    let shown = found.items.iter().map(|method| VaultAnswer::of(session, method)).collect();
    Ok((shown, found.total, paging))
}

/// What changes of a vault token.
struct Modification {
    name: Option<Zeroizing<String>>,
    month: Option<Zeroizing<String>>,
    year: Option<Zeroizing<String>>,
    kept: Kept,
}

/// Changes the name, the expiry, the address and the payer of a vault token. All of them are optional, so
/// what is wrong is disregarded; the number stays.
///
/// # Errors
/// 404 if there is none for this merchant, `unfulfilled_condition` if it is archived, `validation_error` if
/// a number was sent.
pub(super) async fn modify(
    session: &Session<'_>,
    token: &str,
    mut fields: Fields,
) -> Result<VaultAnswer, Failure> {
    for name in ["card_number", "account_number", "account_routing", "account_bsb", "token"] {
        if fields.has(name) {
            let message = format!("{name} cannot be changed; make another vault token");
            return Err(Failure::invalid(name, "immutable", message));
        }
    }
    let name = match fields.optional("card_name") {
        Some(name) => Some(name),
        None => fields.optional("account_name"),
    };
    let modification = Modification {
        name,
        month: fields.optional_digits("expire_month"),
        year: fields.optional_digits("expire_year"),
        kept: Kept::read(&mut fields)?,
    };
    let mut patience = Patience::new(session.vaulting.random());
    loop {
        let method = active(session, token).await?;
        let changed = modified(session, method, &modification)?;
        match session
            .vaulting
            .apply(&session.tenant, vec![Change::UpdatePaymentMethod(changed.clone())])
            .await
        {
            Ok(_) => return Ok(VaultAnswer::of(session, &changed)),
            Err(StoreError::PaymentMethodChanged) => {
                patience.wait().await.ok_or_else(super::customers::changed_meanwhile)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Archives a vault token.
///
/// # Errors
/// 404 if there is none for this merchant, `unfulfilled_condition` if it is archived already.
pub(super) async fn archive(session: &Session<'_>, token: &str) -> Result<VaultAnswer, Failure> {
    let mut method = active(session, token).await?;
    let now_ms = session.vaulting.now_ms();
    let archive = Change::ArchivePaymentMethod { id: method.id.clone(), now_ms };
    session.vaulting.apply(&session.tenant, vec![archive]).await?;
    (method.archived_at_ms, method.updated_at_ms) = (Some(now_ms), now_ms);
    Ok(VaultAnswer::of(session, &method))
}

async fn found(session: &Session<'_>, token: &str) -> Result<PaymentMethod, Failure> {
    source::vaulted(session, token).await?.ok_or_else(|| Failure::not_found("vault token"))
}

async fn active(session: &Session<'_>, token: &str) -> Result<PaymentMethod, Failure> {
    let method = found(session, token).await?;
    if method.archived_at_ms.is_some() {
        return Err(Failure::archived("", "vault token"));
    }
    Ok(method)
}

fn modified(
    session: &Session<'_>,
    method: PaymentMethod,
    modification: &Modification,
) -> Result<PaymentMethod, Failure> {
    let Session { vaulting, tenant, .. } = session;
    let kept = Kept::of(&method).updated_by(modification.kept.clone());
    let mut method = match renewed(session, &vaulting.source(tenant, &method)?, modification) {
        Some(checked) => vaulting.with_instrument(tenant, method, checked)?,
        None => method,
    };
    method.updated_at_ms = vaulting.now_ms().max(method.updated_at_ms);
    // Other faces' parts stay.
    method.extra.extend(kept.into_extra());
    Ok(method)
}

/// The same card or account with another name or expiry; none if nothing of that was sent, or what was sent
/// does not fit.
fn renewed(session: &Session<'_>, checked: &Checked, modification: &Modification) -> Option<Checked> {
    let Modification { name, month, year, .. } = modification;
    match checked.source() {
        Source::Instrument(Instrument::Card(card)) => {
            if name.is_none() && month.is_none() && year.is_none() {
                return None;
            }
            let old_name = || card.holder().map(|name| Zeroizing::new(name.as_str().to_owned()));
            let old_expiry = || format!("{:02}/{:04}", card.expiry().month(), card.expiry().year());
            let new_expiry = || {
                let month =
                    month.as_ref().map_or_else(|| card.expiry().month().to_string(), |m| m.to_string());
                let year = year.as_ref().map_or_else(|| card.expiry().year().to_string(), |y| y.to_string());
                payment_source::expiry(&month, &year).ok().map(|expiry| expiry.to_string())
            };
            let check = |name: Option<Zeroizing<String>>, expiry: String| {
                // EXPOSE: the stored number goes back into a draft, to be validated with what is new.
                let draft = CardDraft {
                    number: instrument::Secret::new(card.number().expose().to_owned()),
                    expiry: instrument::Secret::new(expiry),
                    code: None,
                    holder: name.map(|name| payment_source::secret(&name)),
                    preferred_scheme: None,
                };
                session.vaulting.check(Draft::Card(draft)).ok()
            };
            // Each part that does not fit is disregarded by itself.
            new_expiry()
                .and_then(|expiry| {
                    check(name.clone().or_else(old_name), expiry.clone())
                        .or_else(|| check(old_name(), expiry))
                })
                .or_else(|| check(name.clone().or_else(old_name), old_expiry()))
        }
        Source::Bsb(account) => {
            let name = name.as_ref()?;
            // EXPOSE: the stored number goes back to where it came from.
            let renamed = BsbAccount::parse(account.bsb(), account.expose(), name).ok()?;
            Some(session.vaulting.check_source(Source::Bsb(renamed)))
        }
        Source::Instrument(Instrument::BankAccount(account)) => {
            let name = name.as_ref()?;
            // EXPOSE: the stored numbers go back into a draft, to be validated with the new name.
            let draft = instrument::BankDraft {
                routing_number: instrument::Secret::new(account.routing().expose().to_owned()),
                account_number: instrument::Secret::new(account.account().expose().to_owned()),
                account_type: account.account_type().as_str().to_owned(),
                account_holder_type: Some(account.holder_type().as_str().to_owned()),
                holder: Some(payment_source::secret(name)),
                sec_code: Some(account.sec_code().as_str().to_owned()),
                mandate: None,
            };
            session.vaulting.check(Draft::BankAccount(draft)).ok()
        }
        Source::Checkout(_) => None,
    }
}
