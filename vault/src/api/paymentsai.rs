//! The payments.ai face: customers, payment instruments, tokens, transactions and custom fields, mounted at
//! `/paymentsai`.
//!
//! Code written for the gateway changes its base URL, its organization's id (which is the merchant's, `mer_…`)
//! and its key (the merchant's secret one, `sk_…`), and nothing else. The base URL stands for all three hosts of
//! the gateway: the stage's and the production's API, and the production's tokenization.
//!
//! Where the gateway's own pages contradict each other, its customer document decides; another spelling is taken
//! where that does no harm. What no public page says is marked as our reading.
//!
//! | matter | customer document | other public sources | here |
//! |---|---|---|---|
//! | key | `Authorization: ApiKey <key>` | the same | that only; anything else is a 401 "Missing auth token" |
//! | organization | in the path | a header on the tokenization host | both; another merchant's is answered like none: 404 |
//! | answers | "the created Customer object" | an integrator reads `json.data ?? json` | bare objects; `{type,data}` only where the stage's token endpoint documents it |
//! | lists | `limit`, `offset` | tokens: a bare array; Rebilly: `Pagination-*` headers, at most 1000 | bare arrays with `Pagination-Total`, `-Limit` and `-Offset`; 20 unless said otherwise, 0 to 1000; newest first |
//! | other parameters | none | Rebilly: `filter`, `sort` | refused with 400, as are repeated ones (our reading) |
//! | status of a creation | not said | tokens and transactions: 201 | 201 |
//! | address of a customer | `address` with `address1`, `zip` | tutorial: `primaryAddress.customerAddress` with `address`; a newer page: with `address1`, `address2` | all of them, not two at once; shown as `address` |
//! | street and postal code | "not interchangeable" | tokens: `address`, `postalCode` | each by its own name; a transaction's address takes `zip` as well, for nothing is said of it |
//! | required members of a customer | none, three recommended | tutorial: five "required" | none |
//! | `PUT` of a customer | the example sends two members: the others stay | a newer page: `PUT` upserts, `PATCH` updates | both update what is sent; an unknown id is a 404; `""` clears a text; `address` and `metadata` are replaced whole |
//! | `null` members | not said | none | count as not sent; within `customFields` they take a value away (our reading) |
//! | `id` in an update | "cannot be changed" | none | its own is taken, another one is refused with 422 |
//! | telephone number | E.164 recommended, `+1-555-0100` | `123-456-7890`, `5550100` | 1 to 15 digits with punctuation |
//! | `isEnhancedDueDiligenceRequired` | no | a newer page | kept and shown; it has no effect |
//! | metadata | free-form | an integrator: unregistered keys are dropped silently | free-form, nothing is dropped; a card number anywhere in it is refused |
//! | deleting a customer | soft; old records resolve, new operations are rejected | none | 204; reading goes on, with `status: "deleted"`; lists leave it out; everything new is a 409 |
//! | deleting it again | not said | none | 409 (our reading) |
//! | subscriptions, invoices | hang off a customer | own pages | not in this vault |
//! | members of an instrument | none | `id`, `type`, `creditCard`, `billingAddress` | those, and `customerId`, `status`, `isDefault`, times |
//! | first instrument | "may have a default" | none | becomes the default (our reading) |
//! | changing the default | "setting a new default", no operation | none | `POST …/{id}/default`, or `defaultPaymentInstrumentId` in an update of the customer (our reading) |
//! | states | none | inactive or verification-needed, active, expired, deactivated | `inactive` until a payment succeeds, `active`, `expired` after the card's month, `deactivated`; computed from real payments |
//! | deactivating | "detach or delete" | "manual deactivation"; Rebilly: `POST …/deactivation` | that, and `DELETE`; for good |
//! | charging an expired or deactivated instrument | not said | "cannot be auto-charged", "cannot be re-activated" | 409 |
//! | instruments of other faces' kinds | no | none | shown as `bsb` and `checkout` |
//! | stage's token body | no | flat, `riskMetadata` "not accepted" | that, unknown members refused; numbers also as texts |
//! | production's token body | no | nested, `billingAddress` in every example, `cvv` optional | that; `billingAddress` optional; `riskMetadata` is checked and not kept |
//! | lifetime of a token | no | "short-lived"; `expirationTime` may be null; Rebilly: 30 minutes | 30 minutes, never null |
//! | `GET /tokens` | no | an array of all | 422 `tokens_not_listed`: the vault keeps hashes of tokens and no token |
//! | `GET /tokens/{id}` | no | id and times | found by its hash; `status` is added: created, consumed, expired |
//! | publishable key | no | an integrator: `GET /v1/organizations/{org}/public-keys/publishable` | 422 `publishable_key_not_kept`: the vault keeps hashes of keys and no key |
//! | bank accounts | no | states of "bank accounts, PayPal", no way to tokenize one | in clear: 422; a sealed one of our own frame is attached as `ach` (our reading) |
//! | charging a token | "no specific paymentInstrumentId or token" | attach page: yes; lifecycle page: no; an integrator does it | yes, with a customer; the token is consumed, approved or not |
//! | token without a customer | "every transaction references a customerId" | "guest, not attached" | `customerId` is required |
//! | instrument of a charged token | not said | an integrator finds it in `paymentInstrument.id` and charges it again | an approved one stays with the customer, never as its default; a declined one leaves nothing, though the gateway is reported to keep it |
//! | nothing named in `paymentInstruction` | the default instrument | none | that; without one a 422 |
//! | amount | no | an integrator: decimal (the webhook's looks like minor units) | a decimal number, or the text of one, with no more places than the currency has |
//! | type | no | sale, authorize and others | `sale`; others are refused with 422; other faces' authorizations are shown as `authorize` |
//! | answer to a charge | no | 201, declined or not; `status`, `result`, `combinedStatus` | that; a decline is `completed` and `declined` (our reading), and its reason is not told, as the gateway does not |
//! | `gatewayName`, `gatewaySlug` | no | an integrator reads them | the processor's name: `sandbox` |
//! | `websiteId` | no | a transaction is "related to a website"; not enforced | optional; kept and shown |
//! | bill's address | the customer's is the fallback | none | that |
//! | `idempotencyKey` | no | at most 100 characters; a repetition gets the first result | that, for 24 hours (our reading); with another body a 409 |
//! | `PATCH` of a transaction | no | metadata only | not in this vault |
//! | custom fields | "define once with `POST /custom-fields` (resource: customers)" | `typeSchema` with eight types; seven resources; the same name updates | that, for customers; `type` alone is taken for `typeSchema`; other resources are refused with 422; 201, or 200 if it was there |
//! | type of a custom field | no | Rebilly: cannot be changed | 409 |
//! | values of custom fields | "via the customer endpoint" | none | `customFields`, checked by type; a name that is not defined is refused with 422 |
//! | errors | no | `errorCode`, `statusCode`, `message`, `details` on 400 and 422 | that, with `details` on all, and `field` and `classification` added |
//! | size of a body | no | 4 MB | 16 KiB, then 413 |
//! | media type | `application/json` | the same | that or none; another one is a 415 |
//!
//! Nothing of this face can fail after its transaction: a failed answer means that nothing was stored, except
//! the 503s of a store or a deadline that broke off in the middle. A security code is used for the charge that
//! its token pays, and dropped.

mod address;
mod custom_fields;
mod customer_body;
mod customers;
mod failure;
mod instruments;
mod list;
mod metadata;
mod moment;
mod request;
mod session;
mod tokens;
mod transaction_body;
mod transactions;
mod type_schema;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use utoipa::OpenApi as _;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};

use self::failure::Failure;
use crate::state::AppState;

/// The routes, to be nested under `/paymentsai`.
pub fn router() -> Router<AppState> {
    let organization = Router::new()
        .route("/customers", post(customers::create).get(customers::list))
        .route(
            "/customers/{customer}",
            get(customers::retrieve).put(customers::update).patch(customers::patch).delete(customers::delete),
        )
        .route("/customers/{customer}/payment-instruments", post(instruments::attach).get(instruments::list))
        .route(
            "/customers/{customer}/payment-instruments/{instrument}",
            get(instruments::retrieve).delete(instruments::detach),
        )
        .route(
            "/customers/{customer}/payment-instruments/{instrument}/default",
            post(instruments::make_default),
        )
        .route(
            "/customers/{customer}/payment-instruments/{instrument}/deactivation",
            post(instruments::deactivate),
        )
        .route("/payment-instruments/tokens", post(tokens::create_on_stage))
        .route("/transactions", post(transactions::create).get(transactions::list))
        .route("/transactions/{transaction}", get(transactions::retrieve))
        .route("/custom-fields", post(custom_fields::define).get(custom_fields::list));
    Router::new()
        .nest("/v1/public-api/organizations/{org}", organization)
        .route("/v1/organizations/{org}/public-keys/publishable", get(tokens::publishable_key))
        .route("/tokens", post(tokens::create).get(tokens::list))
        .route("/tokens/{token}", get(tokens::retrieve))
        .fallback(|| async {
            Failure::plain(StatusCode::NOT_FOUND, "route_unknown", "there is no operation at this path")
        })
        .method_not_allowed_fallback(|| async {
            Failure::plain(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "this path takes another request method",
            )
        })
}

/// The OpenAPI document of this face, made of its handlers.
pub(crate) fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// Where the document is collected.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(description = "Customers, payment instruments, tokens, transactions and custom fields as payments.ai has \
                        them, kept by a Tessera vault."),
    paths(
        customers::create,
        customers::list,
        customers::retrieve,
        customers::update,
        customers::patch,
        customers::delete,
        instruments::attach,
        instruments::list,
        instruments::retrieve,
        instruments::make_default,
        instruments::deactivate,
        instruments::detach,
        tokens::create_on_stage,
        tokens::create,
        tokens::list,
        tokens::retrieve,
        tokens::publishable_key,
        transactions::create,
        transactions::list,
        transactions::retrieve,
        custom_fields::define,
        custom_fields::list,
    ),
    modifiers(&SecretKey),
    security(("ApiKey" = [])),
)]
struct Document;

/// Adds how requests say who sends them.
struct SecretKey;

impl utoipa::Modify for SecretKey {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let key = ApiKeyValue::with_description("Authorization", "`ApiKey` and the merchant's secret key.");
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("ApiKey", SecurityScheme::ApiKey(ApiKey::Header(key)));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_operation_is_described_with_its_refusals() {
        let document = serde_json::to_value(openapi()).unwrap();
        let mut ids = HashSet::new();
        let mut operations = 0;
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                operations += 1;
                let id = operation["operationId"].as_str().unwrap().to_owned();
                assert!(ids.insert(id.clone()), "{id} stands for two operations");
                let responses = operation["responses"].as_object().unwrap();
                for status in ["400", "401", "403", "404", "503"] {
                    assert!(responses.contains_key(status), "{method} {path} without {status}");
                }
                let with_body = operation.get("requestBody").is_some();
                assert_eq!(with_body, responses.contains_key("413"), "{method} {path}");
                assert!(
                    operation["description"].is_string() || operation["summary"].is_string(),
                    "{method} {path}"
                );
            }
        }
        assert_eq!(operations, 22);
        assert!(document["components"]["securitySchemes"]["ApiKey"].is_object());
    }
}
