//! The Flute face: customers, payment methods, payment sessions and transactions, mounted at `/flute`.
//!
//! Code written for the gateway changes its base URL, and its OAuth URL to `<base>/oauth2/token`. The seed is
//! the page "Customers" of Flute's V1 reference: it says what customers are and the three ways they pay.
//! "OpenAPI" is Flute's V2 document (beta, August 2026), "older V2" the document in its TypeScript SDK, "CLI"
//! the list of defects that the vendor's own command line keeps. What no public document says is marked as
//! our reading.
//!
//! | matter | one source | another | here |
//! |---|---|---|---|
//! | version | the seed is of V1 | OpenAPI is V2 | both, each on its own prefix: `/pay-api/v1`, `/pay-int-api`, `/v2` |
//! | three ways to pay | seed: `customerId`; `paymentMethodId` alone; neither | OpenAPI: `customerId` is no member | as the seed; `customerId` and `paymentMethodId` also beside `transactionDetails` |
//! | customer without a named method | seed: its methods "are available for selection" | silent | the default pays; without one 400 |
//! | method of a customer, customer not named | seed: names orphans only | silent | accepted, and counted for its customer (our reading) |
//! | method of somebody else | silent | silent | 404, as for one that does not exist (our reading) |
//! | token host | OpenAPI: the API's | prose: a host of its own | the API's: one origin serves both |
//! | client | Flute hands out both halves | - | the id part of a secret key, and the whole key |
//! | refresh token | only with `offline_access` (OpenID Connect) | OpenAPI: every answer has one | every answer; good for thirty days (our reading) |
//! | browser credential | prose: the bearer is safe in a page | - | never needed: the frame seals for the vault's own `/v1/tokens` |
//! | 401 | OpenAPI: the envelope with `V0000` | CLI: may be empty | the envelope, and `WWW-Authenticate` |
//! | 402 `P0000` | OpenAPI lists it | SDK: a decline is 200 `Declined` | a decline is 200; no operation of this face answers 402 |
//! | 403 `F0000` | session of another merchant | - | a publishable key; other merchants' things are 404 |
//! | error spelling | OpenAPI: camelCase envelope | CLI: PascalCase, and ProblemDetails | camelCase; the members under `errors` are PascalCase, as in OpenAPI's examples |
//! | 503 | not listed | - | 429 `R0000` with `Retry-After` when too many writes wait, else 500 `I0000` |
//! | correlation id | in the body | SDK: in a header too | both; the header is `X-Correlation-Id` (our reading) |
//! | unknown members | OpenAPI, CLI: 400 | - | 400; the spellings of V1 and older V2 are accepted everywhere |
//! | `null` members | generated clients send them | - | not given; in a PATCH they clear, as OpenAPI says |
//! | unknown query parameters | OpenAPI: `merchantId` filters | CLI: it is ignored | ignored |
//! | idempotency | SDK: `Idempotency-Key` on every change | - | as the SDK; the answer is kept for a day (our reading) |
//! | ids | UUIDs | - | UUIDs; what another face of the vault made is found by its own id too |
//! | card's label | `paymentName` for cards | `name` for bank accounts | both for both; answers as OpenAPI |
//! | list of cards of a new customer | `paymentMethodsCards` | an example: `paymentMethodsCreditCards` | both |
//! | `type` of a bank account | OpenAPI: `ACH` | its examples: `ElectronicCheck` | `ACH` in V2, `ElectronicCheck` in V1; `Other` for what Flute has no word for |
//! | masks | `************1111`, `****6789` | `******7890`, `411111******1111` | the first of each, whatever the length |
//! | `taxId` | shown as `**-***6789` | as `***-**-6789` | the sent form with stars; only the last four digits are kept |
//! | attaching an orphan | no operation | - | none |
//! | default | explicit `set-default`, never an orphan | silent on the first one | the first payment method of a customer becomes the default (our reading) |
//! | deleting | "does not exist or has been deleted" | - | gone, numbers and all; transactions stay (our reading) |
//! | company of an orphan business account | OpenAPI: needed in the payment or on it | - | 400 when it is charged without either |
//! | new account in a transaction | OpenAPI: address and contact recommended | CLI: required | required |
//! | `captureMethod` | not in the schema | examples and CLI have it | `Auto` (default) or `Manual`; there is no operation to capture yet |
//! | `paymentProcessorId` | required | "defaults to the merchant's default processor" | optional, shown again; the processor is `sandbox`, and says so |
//! | status of an approval | examples: `Approved`, `Pending` | CLI, enumeration: `Captured`, `Authorized` | the latter, for bank accounts too |
//! | answer of a new transaction | schema: a page of them | examples, CLI: one | one |
//! | same amount twice | CLI: 400 `IsDuplicate`, window not stated | - | charged: send an `Idempotency-Key` (our reading) |
//! | processor's fault | test cards named, status not | - | 200 with `Failed` (our reading) |
//! | amount unit | OpenAPI: `99.99` is dollars | SDK's samples: `1000` for $10 | dollars, exact to the cent |
//! | `transactionsVolume` | "sum of the transactions" | - | dollars that were taken; the count is of all, declined ones too (our reading) |
//! | `transactionEnhancedData`, addresses, contact | sent with a transaction | - | checked by name, not kept |
//! | V1's `stateId`, `countryId` | numbers | the lists are not public | `countryId` 1 is the USA; `stateId` is not kept |
//! | V1's answers to POST and PUT | not public | - | `{"id"}`, and 200 without a body as in V2 (our reading) |
//! | `asc` | true unless it is given | - | as written, by creation unless `sortBy` is given |
//! | `sortBy` of transactions | ten names | - | `transactionDateTime`; the others are 400 |
//! | session in mode `SaveMethod` | "automatic Completed status" | "method returned once confirmed" | `Created` until a page completes it |
//! | session without `customerHandling` | V1: saving makes a customer | OpenAPI: silent | so in the saving modes; an orphan in mode `Payment` (our reading) |
//! | session with `customerId` and `TokenOnly` | silent | silent | 400: the one contradicts the other |
//! | session without an amount | set at Flute's checkout page | - | kept, but it cannot be completed here: there is no such page |
//! | session whose payment is declined | SDK: `Completed`, look at the transaction | SDK: `Failed`, make a new one | `Failed`; the page is told `payment_declined` |
//! | cancelling twice | OpenAPI: a validation error | SDK: does nothing | a validation error |
//! | expired session | cancels itself | - | shown as `Cancelled` |
//! | V1's `checkoutUrl` | Flute's hosted page | - | left out: there is no such page |
//! | card numbers in other members | silent | - | refused, for all of them are shown in clear |

mod address;
mod amounts;
mod bearer;
mod correlation;
mod customer_view;
mod customers;
mod description;
mod entity;
mod failure;
mod instrument_body;
mod method_view;
mod moment;
mod oauth;
mod paging;
mod parameters;
mod payment_methods;
mod profile;
mod request;
mod sessions;
mod transaction_body;
mod transaction_view;
mod transactions;
mod v1;

use axum::Router;
use axum::middleware;
use axum::routing::{delete, get, post, put};

use self::failure::Failure;
use crate::state::AppState;

pub(crate) use self::description::openapi;

/// The routes, to be nested under `/flute`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/oauth2/token", post(oauth::token))
        .merge(v2())
        .merge(older_v2())
        .merge(v1())
        .fallback(|| async { Failure::missing(None) })
        .method_not_allowed_fallback(|| async { Failure::method_not_allowed() })
        .layer(middleware::from_fn(correlation::correlated))
}

fn v2() -> Router<AppState> {
    Router::new()
        .route("/v2/payment-methods", get(payment_methods::list))
        .route("/v2/payment-methods/cards", post(payment_methods::create_card))
        .route("/v2/payment-methods/ach", post(payment_methods::create_ach))
        .route(
            "/v2/payment-methods/{id}",
            get(payment_methods::read).patch(payment_methods::rename).delete(payment_methods::delete),
        )
        .route("/v2/payment-methods/{id}/set-default", post(payment_methods::set_default))
        .route("/v2/customers", get(customers::list).post(customers::create))
        .route(
            "/v2/customers/{id}",
            get(customers::read).patch(customers::update).put(customers::replace).delete(customers::delete),
        )
        .route("/v2/payment-sessions", post(sessions::create))
        .route("/v2/payment-sessions/{id}", get(sessions::read))
        .route("/v2/payment-sessions/{id}/cancel", post(sessions::cancel))
        .route("/v2/transactions", get(transactions::list).post(transactions::create))
        .route("/v2/transactions/{id}", get(transactions::read))
}

fn older_v2() -> Router<AppState> {
    Router::new()
        .route(
            "/v2/customers/{id}/payment-methods",
            get(payment_methods::list_of_customer).post(payment_methods::create_for_customer),
        )
        .route(
            "/v2/customers/{id}/payment-methods/{method}",
            put(payment_methods::rename_of_customer).delete(payment_methods::delete_of_customer),
        )
        .route(
            "/v2/customers/{id}/payment-methods/{method}/set-default",
            put(payment_methods::set_default_of_customer),
        )
}

fn v1() -> Router<AppState> {
    Router::new()
        .route("/pay-api/v1/customers", get(v1::list).post(v1::create))
        .route("/pay-api/v1/customers/{id}", get(v1::read).put(v1::replace).delete(v1::delete))
        .route("/pay-api/v1/customers/{id}/payment-methods", get(v1::list_methods))
        .route("/pay-api/v1/customers/{id}/payment-methods/cards", post(v1::create_card))
        .route("/pay-api/v1/customers/{id}/payment-methods/ach", post(v1::create_ach))
        .route("/pay-api/v1/customers/{id}/payment-methods/{method}", delete(v1::delete_method))
        .route("/pay-int-api/payment-sessions", post(sessions::create_v1))
        .route("/pay-int-api/payment-sessions/{id}", get(sessions::read_v1))
        .route("/pay-int-api/payment-sessions/{id}/cancel", post(sessions::cancel_v1))
}
