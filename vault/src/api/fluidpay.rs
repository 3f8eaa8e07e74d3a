//! The FluidPay face, mounted at `/fluidpay`: every operation of the gateway's "Customer Vault" document,
//! and its transactions.
//!
//! Code written for the gateway changes its base URL and nothing else. Where the document is silent, or
//! the other public sources (the vendor's Dart SDK, sibling gateways' documentation) say something
//! different, this face does the following:
//!
//! | matter | document | other sources | here |
//! |---|---|---|---|
//! | get one customer | `GET /api/vault/{id}` | the same | that, and `GET /api/vault/customer/{id}` |
//! | delete a customer | `DELETE /api/vault/{id}` | the same | that, and `DELETE /api/vault/customer/{id}` |
//! | key | not said | `Authorization: <key>`, or `Bearer` | both; a publishable key is refused with 403 |
//! | errors | not said | `{"status":"failed","msg"}` | that, with `code`, `field`, `classification` added |
//! | default payment | five members, no rule | none | exactly one of them |
//! | generated id | the sample is a UUID | none | a UUID of version 4; addresses and payment methods get xids |
//! | `id_format` | named, no example | none | `<xid>_<card or ach>_<last four>`; needs a payment |
//! | `notes` on creation | only on update | the SDK has it not | accepted |
//! | `null` members | not said | the SDK writes every member it has | `null` counts as not sent |
//! | body of `/token` | the table of the card | none | `{"token":"..."}`, and `flags` |
//! | body of `/ach` | the table of the card | the SDK's `CustomerACH` | the members of `default_payment.ach`, all required |
//! | `flags` of a payment method | on update | the SDK: always | on creation too; in answers when there are any |
//! | `cvc` of a card | no such member | the SDK's `CustomerCard` has one | refused as unknown; codes are never stored |
//! | update of an address, card, ach | defaults `""` | the SDK sends changes only | what is not sent stays; `""` clears an address member |
//! | expiration date in answers | `2020-12-31T00:00:00Z` | `11/22` | as in the document |
//! | ach in answers | `[]` | the SDK: `masked_account_number`, `routing_number`, `account_type`, `sec_code` | those, both numbers masked |
//! | `sec_code` | `web`, `ccd`, `ppd` | `tel` in the Tokenizer's settings | the three; a token may bring `tel` |
//! | search operator | `=` or `!=`, default `""` | none | missing or `""` is `=`; `!=` drops the customers that `=` would keep |
//! | search by `payment_method_id` | no | the SDK has it | accepted |
//! | search `offset` | 1-1000, default 0 | 0 | 0 to 1000 |
//! | search dates | no format | none | RFC 3339 to the letter, or a whole day in UTC; both ends included |
//! | `validate`, `currency` on attaching | no | the SDK's query | accepted; attaching asks no processor, so nothing more is validated |
//! | same billing and shipping address | one address in the sample | none | equal ones become one address |
//! | only address of a customer | used by default | none | becomes both defaults, also when the others are deleted |
//! | deleted default address | not said | none | the only one left takes over; with more left the default is cleared |
//! | first payment method | not said | none | becomes the default if there is none |
//! | deleted default payment method | not said | none | the default is cleared |
//! | update by token of another type | not said | none | refused, and the token stays unspent |
//! | country, phone, fax | examples | none | two letters, kept in upper case; 1 to 15 digits with punctuation |
//! | card numbers in other members | not said | none | refused, for all of them are shown in clear: the rules are in `free_text.rs` |
//! | media type of a body | not said | none | JSON whatever else is said is refused with 415; a missing header is taken for JSON |
//! | a stored number that does not open | not said | none | shown with an empty mask and `"unreadable": true`; all else goes on |
//! | wallets | two operations and two members | none | see [`wallet`] |
//! | transactions | not in the document | the vendor's quick start and SDKs | see `transactions.rs` |
//!
//! Every operation that changes something is one transaction, guarded by the customer's version. When
//! another request was faster it is composed anew after a short random wait, for ten seconds at most.
//! Nothing of this face can fail after the transaction: a failed answer means that nothing was stored,
//! except the 503s of a store or a deadline that broke off in the middle. The security code of a token is
//! dropped when it is spent.

mod address;
mod addresses;
mod customer_body;
mod customers;
mod failure;
mod methods;
mod moment;
mod payment;
mod query;
mod record;
mod request;
mod routes;
mod schemas;
mod search;
mod session;
mod transactions;
pub mod wallet;
mod xid;

use axum::Router;

use self::wallet::Wallets;
use crate::state::AppState;

/// The routes, to be nested under `/fluidpay`, with the wallets that the environment configures.
pub fn router() -> Router<AppState> {
    router_with(Wallets::from_environment())
}

/// The routes, with the wallets given.
pub fn router_with(wallets: Wallets) -> Router<AppState> {
    routes::router_with(wallets)
}

/// The OpenAPI document; its paths begin at the face's mount.
pub(crate) fn openapi() -> utoipa::openapi::OpenApi {
    routes::document()
}
