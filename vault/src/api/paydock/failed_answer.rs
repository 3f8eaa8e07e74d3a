//! The body of a failed answer, and what it says the request was about.

use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::failure::Failure;

/// The body of every failed answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FailedAnswer {
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub(super) status: u16,
    pub(super) error: ErrorBody,
    pub(super) resource: FailedResource,
    pub(super) error_summary: ErrorSummary,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ErrorBody {
    pub(super) message: String,
    /// One of Paydock's codes.
    #[schema(examples("validation_error"))]
    pub(super) code: &'static str,
    /// The path of the member at fault, if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    pub(super) details: Details,
    /// Tessera's own stable code, one for each rule.
    #[schema(examples("required"))]
    pub(super) reason: &'static str,
    /// Who can mend it: shopper, merchant, gateway, environment or internal.
    #[schema(examples("merchant"))]
    pub(super) classification: &'static str,
}

/// More of what went wrong: an object if the request was refused, a list if a payment was.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Details {
    /// Of a request that was refused.
    Request(RequestDetails),
    /// Of a payment that was refused.
    Payment(Vec<PaymentDetails>),
}

/// What of a request was refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct RequestDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    pub(super) messages: Vec<String>,
}

/// What the processor said of a payment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct PaymentDetails {
    #[schema(examples("insufficient_funds"))]
    pub(super) gateway_specific_code: &'static str,
    pub(super) gateway_specific_description: &'static str,
}

/// What the request was about.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FailedResource {
    #[schema(examples("customer"))]
    pub(super) r#type: &'static str,
    /// The charge, if one was refused by the processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub(super) data: Option<serde_json::Value>,
}

/// The same once more, for programs that read this one.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ErrorSummary {
    pub(super) message: String,
    #[schema(examples("validation_error"))]
    pub(super) code: &'static str,
    /// The code of ISO 8583 that the issuer answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("05"))]
    pub(super) status_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status_code_description: Option<&'static str>,
    pub(super) details: SummaryDetails,
}

/// More of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SummaryDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gateway_specific_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gateway_specific_description: Option<&'static str>,
    pub(super) messages: Vec<String>,
}

/// Writes into a failed answer what the request was about, which its path tells.
pub(super) async fn named(request: Request, next: Next) -> Response {
    let resource = resource_of(request.uri().path());
    let mut response = next.run(request).await;
    let Some(failure) = response.extensions_mut().remove::<Failure>() else { return response };
    let mut named = failure.response(resource);
    // What the router added, such as `Allow`.
    for (name, value) in response.headers() {
        if !named.headers().contains_key(name) && *name != header::CONTENT_LENGTH {
            named.headers_mut().insert(name.clone(), value.clone());
        }
    }
    named
}

/// What Paydock calls the resource of a path.
fn resource_of(path: &str) -> &'static str {
    if path.starts_with("/v1/customers") {
        "customer"
    } else if path.starts_with("/v1/charges") {
        "charge"
    } else if path.starts_with("/v1/payment_sources/tokens") {
        "token"
    } else if path.starts_with("/v1/vault") {
        "payment_source"
    } else if path.starts_with("/v1/gateways") {
        "gateway"
    } else {
        "api"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_what_a_request_is_about() {
        for (path, resource) in [
            ("/v1/customers/1/payment_sources/2", "customer"),
            ("/v1/charges", "charge"),
            ("/v1/payment_sources/tokens", "token"),
            ("/v1/vault/payment_sources", "payment_source"),
            ("/v1/vault-tokens/1", "payment_source"),
            ("/v1/gateways", "gateway"),
            ("/v2", "api"),
        ] {
            assert_eq!(resource_of(path), resource, "{path}");
        }
    }
}
