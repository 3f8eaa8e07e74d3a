//! The Paydock face: one-time tokens, vault tokens, customers and charges, mounted at `/paydock`.
//!
//! Code written for the gateway changes its base URL and nothing else. Sources: Paydock's customer document
//! (the page of `POST /v1/customers` and that of the customer resource), the pages of its white label
//! PowerBoard on tokens, vaults, charges and error codes, and the vendor's SDKs. Where they contradict each
//! other, the customer document wins; where none says anything, this is our reading:
//!
//! | matter | customer document | other sources | here |
//! |---|---|---|---|
//! | optional value in a wrong format | disregarded | the same note on every page | disregarded; except a card number in a text that is shown in clear, which is refused |
//! | unknown members | not said | none | disregarded |
//! | `null` | not said | the SDKs leave it out | counts as not sent |
//! | `""` in an update | not said | none | clears the text |
//! | `default_source` on creation | required | no id exists yet | disregarded; in an update it must be a payment source of the customer |
//! | `payment_source` | required in every flow | flow 2 has `token` instead | required unless there is a token; beside one it may add an address, and no second payment source |
//! | `payment_source.type` | required | a card without it, on the page of tokens | required for customers, a card without it elsewhere |
//! | which types | `card` "for payment with credit card" | `bank_account`, `bsb`, `checkout`, `gift_card`; an SDK writes `checkout_token` | the first three besides cards, and the SDK's word; gift cards are refused |
//! | `bank_account` | not said | `account_bsb` or `account_routing` | both: a US account, or an Australian one |
//! | type in answers | `card`, `bank_account`, `checkout` | `bsb` in requests | those three; an Australian account shows `account_bsb` |
//! | `account_type`, `account_holder_type` | not said | no list of values | `checking`, `savings`; `personal`, `individual`, `business`, `company`; others are disregarded |
//! | `payment_source.gateway_id` | required but in flow 4 | the widgets write `not_configured` | required in flow 1; the merchant's own id or that word; an unknown one is 404 |
//! | how many gateways | not said | connected in the dashboard | one for each merchant, the sandbox processor; its id is derived from the merchant and shown in every payment source, also when none was named; `GET /v1/gateways` tells it |
//! | `gateway_id` with a one-time token | not said | required in flow 1 | may be left out |
//! | a token that is used up or too old | not said | status 400 | `unfulfilled_condition`; an unknown one, or another merchant's, is 404 |
//! | token format | UUID | the same | the same; tokens of other dialects of the same merchant are taken too |
//! | what comes with a token | "all the payment source information" | names and address too | they go to the customer or vault token made of it |
//! | `store_ccv` | not said | on tokens and vaults | disregarded: a code is never stored |
//! | vault token of a customer's source | not said | a customer's creation makes one | a card or account gets one, which outlives the source; a checkout agreement gets none |
//! | which vault tokens | UUID | the same | any payment method without a customer, also of another face |
//! | `expire_month`, `expire_year` | strings of two and four digits | numbers in vault answers | strings in customers and charges, numbers in vault answers; requests may send either, and years of two digits as the SDKs' fixtures do |
//! | `card_name`, `checkout_email`, `checkout_holder` in answers | always there | none | `""` if none is known |
//! | account numbers in answers | not said | in the SDK's models | the last four digits |
//! | `card_scheme` | "visa, mastercard etc" | the SDK for Android: `japcb`, `amex` | those; schemes that it does not know have the vault's names |
//! | addresses | on the payment source | `address_line3`, `address_company` too | kept as an address of the customer, which other faces see; the third line joins the second |
//! | `phone` | E.164 | the same | E.164 to the letter; another form is disregarded |
//! | `meta` | not said | in the SDKs | texts, numbers and truth values |
//! | archived payment sources | status `archived` | none | stay in `payment_sources[]` |
//! | archived default source | not said | none | the newest one left becomes the default; with none left `default_source` is `null` |
//! | archiving twice, changing or charging what is archived | not said | none | 400 `unfulfilled_condition` |
//! | answer to DELETE | not said | the SDK reads the customer; the vault page says "absent", the introduction says every answer is JSON | what was archived |
//! | a source in use by a subscription | not said | cannot be deleted | there are no subscriptions here |
//! | `statistics` | total and number | the same | what was taken, without what is only set aside; of several currencies the plain sum |
//! | `user_id` | of requests from the dashboard | none | never, as there is no dashboard |
//! | lists | not said | `skip`, `limit` up to 1000, filters | those; a value out of range is disregarded; `count` is that of all |
//! | order of lists | not said | `sortkey`, `sortdirection` without values | by a date or a text of the customer, `asc` or `desc`; newest first otherwise |
//! | path of vault tokens | not said | `/v1/vault/payment_sources` and `/v1/vault-tokens` | both |
//! | changing a vault token | not said | no table | the name, the expiry, the address and the payer; a number is refused |
//! | flows of a charge | not said | eight | token, customer, card or account in clear, authorisation, vault token with and without customer; no 3-D Secure |
//! | `capture` | not said | in the query | there, or in the body; what is only set aside is `pending` |
//! | `amount` | not said | a float; the SDKs send text | both, above zero, with the places of the currency |
//! | a refused payment | not said | 400 with `error_summary` and the charge | that; which refusal has which code is our reading (`decline.rs`) |
//! | charges of other faces | | | are listed too, with what is known of them |
//! | keys | not said | three headers and a query parameter | those; a key that is missing, wrong or not allowed is 403, as the page of error codes has no 401 |
//! | a publishable key in a page | not said | "domain whitelist" of access tokens | the origins allowed for the key; other origins may not read the answer |
//! | idempotency | not said | none | the header `Idempotency-Key` on creating customers, vault tokens and charges, for a day; another request with the same key is 409 |
//! | other statuses | not said | 200, 201, 400, 403, 404, 500 | 405, 409, 413, 415 and 503 besides, where there is no word for the case |
//! | error codes | not said | a list without "forbidden" and "not found" | `permission_denied`, `not_found` and `request_refused` for those |
//! | media type of a body | not said | none | JSON; whatever else is said is refused with 415; a missing header is taken for JSON |
//!
//! Every operation that changes something is one transaction, guarded by the customer's version. When
//! another request was faster it is composed anew after a short random wait, for ten seconds at most.
//! Nothing of this face can fail after the transaction, except the 503s of a store or a deadline that broke
//! off in the middle. The security code of a token is dropped when it is spent.

mod answer;
mod charge_answer;
mod charge_body;
mod charges;
mod customer_answer;
mod customer_body;
mod customers;
mod decline;
mod failed_answer;
mod failure;
mod fields;
mod kept;
mod listing;
mod moment;
mod page;
mod payment_source;
mod request;
mod routes;
mod schemas;
mod session;
mod source;
mod source_answer;
mod token_note;
mod tokens;
mod vault_answer;
mod vaults;

use axum::Router;

use crate::state::AppState;

/// The routes, to be nested under `/paydock`.
pub fn router() -> Router<AppState> {
    routes::router()
}

/// The OpenAPI document; its paths begin at the face's mount.
pub(crate) fn openapi() -> utoipa::openapi::OpenApi {
    routes::document()
}
