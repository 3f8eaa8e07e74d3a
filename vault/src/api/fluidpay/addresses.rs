//! The operations on addresses of a customer.

use super::address::AddressBody;
use super::failure::Failure;
use super::record::RecordAnswer;
use super::session::{Revision, Session};
use super::xid;
use crate::domain::{Address, AddressId, Customer, CustomerId};
use crate::store::Change;

/// Adds an address; the first one of a customer becomes both defaults.
///
/// # Errors
/// 404 if there is no such customer.
pub(super) async fn create(
    session: &Session<'_>,
    id: &CustomerId,
    body: AddressBody,
) -> Result<RecordAnswer, Failure> {
    let address = made(body, id, session.vaulting.now_ms());
    session
        .revise(id, |held| {
            let mut customer = held.customer.clone();
            let ids = held.addresses.iter().map(|address| &address.id).chain([&address.id]);
            settle_defaults(&mut customer, ids);
            Ok(Revision { customer, before: vec![Change::InsertAddress(address.clone())], after: Vec::new() })
        })
        .await
}

/// Changes the members of an address that were sent.
///
/// # Errors
/// 404 if there is no such customer, or no such address of it.
pub(super) async fn update(
    session: &Session<'_>,
    id: &CustomerId,
    address_id: &AddressId,
    body: &AddressBody,
) -> Result<RecordAnswer, Failure> {
    session
        .revise(id, |held| {
            let found = held.addresses.iter().find(|address| address.id == *address_id);
            let Some(found) = found else { return Err(Failure::not_found("address")) };
            let mut address = found.clone();
            body.clone().write_into(&mut address);
            address.updated_at_ms = session.vaulting.now_ms();
            let customer = held.customer.clone();
            Ok(Revision { customer, before: vec![Change::UpdateAddress(address)], after: Vec::new() })
        })
        .await
}

/// Deletes an address. A default that it was goes to the only address left, if one is, and is cleared
/// otherwise.
///
/// # Errors
/// 404 if there is no such customer, or no such address of it.
pub(super) async fn delete(
    session: &Session<'_>,
    id: &CustomerId,
    address_id: &AddressId,
) -> Result<(), Failure> {
    session
        .revise(id, |held| {
            if !held.addresses.iter().any(|address| address.id == *address_id) {
                return Err(Failure::not_found("address"));
            }
            let mut customer = held.customer.clone();
            customer.default_billing_address_id.take_if(|default| default == address_id);
            customer.default_shipping_address_id.take_if(|default| default == address_id);
            let left = held.addresses.iter().map(|address| &address.id).filter(|left| *left != address_id);
            settle_defaults(&mut customer, left);
            let delete = Change::DeleteAddress {
                customer: id.clone(),
                id: address_id.clone(),
                now_ms: session.vaulting.now_ms(),
            };
            Ok(Revision { customer, before: Vec::new(), after: vec![delete] })
        })
        .await
        .map(|_| ())
}

/// A new address of the customer, with an id of its own.
pub(super) fn made(body: AddressBody, customer: &CustomerId, now_ms: i64) -> Address {
    let id = AddressId::new(xid::next(now_ms));
    let mut address = Address::new(id, customer.clone(), now_ms);
    body.write_into(&mut address);
    address
}

/// "If only one stored address exists on the customer record, that will be used by default."
pub(super) fn settle_defaults<'a>(customer: &mut Customer, ids: impl Iterator<Item = &'a AddressId>) {
    let mut ids = ids;
    if let (Some(only), None) = (ids.next(), ids.next()) {
        customer.default_billing_address_id.get_or_insert_with(|| only.clone());
        customer.default_shipping_address_id.get_or_insert_with(|| only.clone());
    }
}
