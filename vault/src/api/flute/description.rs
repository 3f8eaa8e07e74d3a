//! The OpenAPI document of this face, collected from its handlers.

use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{
    ClientCredentials, Flow, HttpAuthScheme, HttpBuilder, OAuth2, Scopes, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr};
use utoipa::{Modify, OpenApi as _};

use super::failure::FailedAnswer;
use super::{customers, oauth, payment_methods, sessions, transactions, v1};

/// The OpenAPI document of this face.
pub(crate) fn openapi() -> OpenApi {
    Document::openapi()
}

#[derive(utoipa::OpenApi)]
#[openapi(
    paths(
        oauth::token,
        customers::create,
        customers::list,
        customers::read,
        customers::update,
        customers::replace,
        customers::delete,
        payment_methods::create_card,
        payment_methods::create_ach,
        payment_methods::list,
        payment_methods::read,
        payment_methods::rename,
        payment_methods::delete,
        payment_methods::set_default,
        payment_methods::list_of_customer,
        payment_methods::create_for_customer,
        payment_methods::rename_of_customer,
        payment_methods::delete_of_customer,
        payment_methods::set_default_of_customer,
        sessions::create,
        sessions::read,
        sessions::cancel,
        sessions::create_v1,
        sessions::read_v1,
        sessions::cancel_v1,
        transactions::create,
        transactions::list,
        transactions::read,
        v1::create,
        v1::list,
        v1::read,
        v1::replace,
        v1::delete,
        v1::create_card,
        v1::create_ach,
        v1::list_methods,
        v1::delete_method,
    ),
    components(schemas(FailedAnswer)),
    modifiers(&Common),
)]
struct Document;

/// What every operation has but `POST /oauth2/token`: an access token, an idempotency key if it changes
/// something, and refusals.
struct Common;

/// Where tokens are made.
const TOKEN_PATH: &str = "/oauth2/token";

impl Modify for Common {
    fn modify(&self, document: &mut OpenApi) {
        if let Some(components) = document.components.as_mut() {
            let scopes = Scopes::from_iter([("offline_access", "A refresh token")]);
            let flow = Flow::ClientCredentials(ClientCredentials::new(TOKEN_PATH, scopes));
            components.add_security_scheme("oauth", SecurityScheme::OAuth2(OAuth2::new([flow])));
            let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
            components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
            let basic = HttpBuilder::new().scheme(HttpAuthScheme::Basic).build();
            components.add_security_scheme("client", SecurityScheme::Http(basic));
        }
        for (path, item) in &mut document.paths.paths {
            if path == TOKEN_PATH {
                continue;
            }
            let reads = [&mut item.get].into_iter().flatten();
            reads.for_each(|operation| complete(operation, path, Effect::Reads));
            let writes = [&mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
            writes.into_iter().flatten().for_each(|operation| complete(operation, path, Effect::Changes));
        }
    }
}

/// Whether an operation changes anything.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    Reads,
    Changes,
}

fn complete(operation: &mut Operation, path: &str, effect: Effect) {
    // Handlers of several modules have the same name: the path tells them apart.
    let name = operation.operation_id.clone().unwrap_or_default();
    let place: String = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    operation.operation_id = Some([name.as_str(), place.as_str()].concat());
    operation.security = Some(vec![
        SecurityRequirement::new("bearer", Vec::<String>::new()),
        SecurityRequirement::new("oauth", Vec::<String>::new()),
    ]);
    let mut refusals = vec![
        ("400", "A member or parameter breaks a rule"),
        ("401", "No good access token"),
        ("403", "A publishable key"),
        ("429", "Too many requests are waiting; the header Retry-After says how long to wait"),
        ("500", "The vault has a problem of its own"),
    ];
    if path.contains('{') || path.contains("payment-methods") || path.contains("transactions") {
        refusals.push(("404", "There is no such thing, or it is somebody else's"));
    }
    if path.contains("payment-sessions") && effect == Effect::Changes {
        refusals.push(("404", "There is no such thing, or it is somebody else's"));
    }
    if effect == Effect::Changes {
        refusals.extend([
            ("409", "The idempotency key was used for something else, or others were faster all the time"),
            ("413", "The body is too long"),
            ("415", "The body is no JSON"),
        ]);
        let key = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .description(Some("The same key with the same request gets the same answer, and is done once"))
            .schema(Some(
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .min_length(Some(1))
                    .max_length(Some(255))
                    .pattern(Some("^[!-~]+$")),
            ))
            .build();
        operation.parameters.get_or_insert_default().push(RefOr::T(key));
    }
    for (status, description) in refusals {
        let content =
            ContentBuilder::new().schema(Some(RefOr::Ref(Ref::from_schema_name("FailedAnswer")))).build();
        let response = ResponseBuilder::new().description(description).content("application/json", content);
        operation.responses.responses.insert(status.to_owned(), RefOr::T(response.build()));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn document() -> Value {
        serde_json::to_value(openapi()).unwrap()
    }

    #[test]
    fn operation_ids_are_unique_and_every_reference_leads_somewhere() {
        let document = document();
        let mut ids = Vec::new();
        for item in document["paths"].as_object().unwrap().values() {
            for operation in item.as_object().unwrap().values() {
                ids.push(operation["operationId"].as_str().unwrap().to_owned());
            }
        }
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
        assert_eq!(count, 37);
        let text = document.to_string();
        for (at, _) in text.match_indices("\"#/components/schemas/") {
            let name = text.get(at..).unwrap().split('"').nth(1).unwrap().rsplit('/').next().unwrap();
            assert!(document["components"]["schemas"][name].is_object(), "{name}");
        }
    }
}
