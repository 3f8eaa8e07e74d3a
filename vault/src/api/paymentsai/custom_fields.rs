//! Custom fields: defined once for the organization, then populated customer by customer.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::failure::{BodyRefusals, Failure, Refusals};
use super::list::List;
use super::metadata;
use super::moment;
use super::request::{Caller, Parameters, Sent};
use super::session::Session;
use super::type_schema::{FieldType, TypeSchema};
use crate::api::free_text;
use crate::api::members::{self, Json as Written, Members, TEXT_MAX_CHARS};
use crate::domain::Document;
use crate::state::AppState;
use crate::store::{Change, StoreError};

/// What definitions are kept as.
const COLLECTION: &str = "payments_ai/custom_field";

/// How many definitions an organization may have.
const MAX_DEFINITIONS: u32 = 200;

/// How often an upsert is tried when others change the same definition.
const TRIES: u32 = 8;

/// The resources of payments.ai that can have custom fields, the one of this vault first.
const RESOURCES: [&str; 7] =
    ["customers", "payment-instruments", "plans", "products", "subscriptions", "transactions", "websites"];

/// What a new definition is made of.
#[derive(ToSchema)]
#[schema(
    rename_all = "camelCase",
    example = json!({
        "name": "tier", "resource": "customers", "description": "How loyal the customer is.",
        "typeSchema": {"type": "string", "additionalSchema": {"allowedValues": ["silver", "gold"]}},
    }),
)]
#[expect(dead_code, reason = "this only describes what is read by name")]
pub(super) struct CustomFieldBody {
    /// The name by which customers hold values.
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    /// What has the field.
    #[schema(value_type = CustomFieldResource)]
    resource: String,
    /// What it is for.
    #[schema(min_length = 1, max_length = 255)]
    description: String,
    /// What the values must be; this or `type`.
    type_schema: Option<TypeSchema>,
    /// The type of the values alone; this or `typeSchema`.
    r#type: Option<FieldType>,
}

/// What can have custom fields here.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "this only describes what is read by name")]
pub(super) enum CustomFieldResource {
    /// Customers.
    Customers,
}

/// A definition.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CustomField)]
pub(super) struct CustomFieldAnswer {
    /// The name by which customers hold values.
    name: String,
    /// What has the field.
    resource: String,
    /// What it is for.
    description: String,
    /// What the values must be.
    type_schema: TypeSchema,
    /// When it was defined.
    #[schema(format = DateTime)]
    created_time: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    updated_time: String,
}

/// The fields that customers of an organization may have.
pub(super) struct Definitions(Vec<(String, TypeSchema)>);

/// Defines a custom field, or changes one of the same name.
#[utoipa::path(
    operation_id = "defineCustomField",
    post, path = "/v1/public-api/organizations/{org}/custom-fields", tag = "Custom fields",
    params(("org" = String, Path, description = "The organization: the merchant's id.")),
    request_body = CustomFieldBody,
    responses(
        (status = 201, description = "It is defined.", body = CustomFieldAnswer),
        (status = 200, description = "It was defined before and is changed.", body = CustomFieldAnswer),
        Refusals, BodyRefusals,
    ),
)]
pub(super) async fn define(
    State(state): State<AppState>,
    caller: Caller,
    body: Sent,
) -> Result<Response, Failure> {
    let definition = Definition::read(body.members)?;
    let session = Session { vaulting: state.vaulting(), tenant: caller.tenant };
    let (status, answer) = upsert(&session, &definition).await?;
    Ok((status, Json(answer)).into_response())
}

/// Lists the definitions, newest first.
#[utoipa::path(
    operation_id = "listCustomFields",
    get, path = "/v1/public-api/organizations/{org}/custom-fields", tag = "Custom fields",
    params(
        ("org" = String, Path, description = "The organization: the merchant's id."),
        ("limit" = Option<u32>, Query, description = "How many at most; 20 unless said otherwise.", maximum = 1000),
        ("offset" = Option<u32>, Query, description = "How many come before them."),
        ("resource" = Option<String>, Query, description = "Only those of one resource."),
    ),
    responses(
        (status = 200, description = "The definitions.", body = [CustomFieldAnswer],
         headers(
            ("Pagination-Total" = u64, description = "How many there are in all."),
            ("Pagination-Limit" = u32, description = "How many are shown at most."),
            ("Pagination-Offset" = u32, description = "How many come before them."),
         )),
        Refusals,
    ),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    mut parameters: Parameters,
) -> Result<List<CustomFieldAnswer>, Failure> {
    let paging = parameters.paging()?;
    let resource = parameters.take("resource");
    parameters.finish()?;
    if resource.is_some_and(|resource| resource != RESOURCES[0]) {
        // Nothing else has fields here.
        return Ok(List { items: Vec::new(), total: 0, paging });
    }
    let store = state.vaulting().store();
    let found = store.documents(&caller.tenant, COLLECTION, paging.limit, paging.offset).await?;
    let items = found.items.iter().map(|document| Ok(Definition::of(document)?.answer(document)));
    Ok(List { items: items.collect::<Result<_, StoreError>>()?, total: found.total, paging })
}

/// What a definition says.
struct Definition {
    name: String,
    description: String,
    schema: TypeSchema,
}

impl Definition {
    fn read(mut body: Members) -> Result<Self, Failure> {
        let name = required(&mut body, "name")?;
        let resource = body.required_text("resource", TEXT_MAX_CHARS)?;
        let description = required(&mut body, "description")?;
        let schema = body.object("typeSchema")?;
        let schema = match (schema, body.has("type")) {
            (Some(_), true) => {
                return Err(Failure::invalid("typeSchema", "one_of", "send typeSchema or type, not both"));
            }
            (Some(schema), false) => TypeSchema::read(schema)?,
            (None, true) => TypeSchema::plain(FieldType::read(&mut body, "type")?),
            (None, false) => return Err(members::required("typeSchema").into()),
        };
        body.finish()?;
        if !RESOURCES.contains(&resource.as_str()) {
            return Err(members::unknown_value("resource", &RESOURCES).into());
        }
        if resource.as_str() != RESOURCES[0] {
            return Err(Failure::unprocessable(
                "resource",
                "custom_field_resource_unsupported",
                "only customers have custom fields in this vault; other records have metadata",
            ));
        }
        Ok(Self { name, description, schema })
    }

    fn of(document: &Document) -> Result<Self, StoreError> {
        let text = |name: &str| document.body.get(name).and_then(Value::as_str).map(str::to_owned);
        let schema = document.body.get("typeSchema").cloned().map(serde_json::from_value);
        match (text("name"), text("description"), schema) {
            (Some(name), Some(description), Some(Ok(schema))) => Ok(Self { name, description, schema }),
            _ => Err(StoreError::Corrupt("a custom field")),
        }
    }

    fn id(&self) -> String {
        format!("{}/{}", RESOURCES[0], self.name)
    }

    fn body(&self) -> Result<Map<String, Value>, Failure> {
        let schema = serde_json::to_value(&self.schema).map_err(|_| StoreError::Corrupt("a custom field"))?;
        Ok(Map::from_iter([
            ("name".to_owned(), self.name.clone().into()),
            ("description".to_owned(), self.description.clone().into()),
            ("typeSchema".to_owned(), schema),
        ]))
    }

    fn answer(&self, document: &Document) -> CustomFieldAnswer {
        CustomFieldAnswer {
            name: self.name.clone(),
            resource: RESOURCES[0].to_owned(),
            description: self.description.clone(),
            type_schema: self.schema.clone(),
            created_time: moment::text_of_ms(document.created_at_ms),
            updated_time: moment::text_of_ms(document.updated_at_ms),
        }
    }
}

async fn upsert(
    session: &Session<'_>,
    definition: &Definition,
) -> Result<(StatusCode, CustomFieldAnswer), Failure> {
    let (store, id, body) = (session.vaulting.store(), definition.id(), definition.body()?);
    for _ in 0..TRIES {
        let now_ms = session.vaulting.now_ms();
        let (status, document, change) = match store.document(&session.tenant, COLLECTION, &id).await? {
            None => {
                let kept = store.documents(&session.tenant, COLLECTION, 0, 0).await?.total;
                if kept >= u64::from(MAX_DEFINITIONS) {
                    return Err(Failure::conflict(
                        "too_many_custom_fields",
                        format!("an organization can define {MAX_DEFINITIONS} custom fields"),
                    ));
                }
                let document = Document::new(COLLECTION, id.clone(), body.clone(), now_ms);
                (StatusCode::CREATED, document.clone(), Change::InsertDocument(document))
            }
            Some(mut document) => {
                if Definition::of(&document)?.schema.kind != definition.schema.kind {
                    return Err(Failure::conflict(
                        "custom_field_type_fixed",
                        "the type of a custom field cannot be changed, for customers have values of it; \
                         define another field",
                    )
                    .at("typeSchema.type"));
                }
                document.body = body.clone();
                document.updated_at_ms = now_ms.max(document.updated_at_ms);
                (StatusCode::OK, document.clone(), Change::ReplaceDocument(document))
            }
        };
        match store.apply(&session.tenant, vec![change]).await {
            Ok(_) => return Ok((status, definition.answer(&document))),
            Err(StoreError::DocumentExists | StoreError::DocumentChanged) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::DocumentChanged.into())
}

impl Definitions {
    /// Reads the definitions of an organization.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn load(session: &Session<'_>) -> Result<Self, Failure> {
        let found =
            session.vaulting.store().documents(&session.tenant, COLLECTION, MAX_DEFINITIONS, 0).await?;
        let fields = found.items.iter().map(|document| {
            let Definition { name, schema, .. } = Definition::of(document)?;
            Ok((name, schema))
        });
        Ok(Self(fields.collect::<Result<_, StoreError>>()?))
    }

    /// The values of a new customer: those sent, and the defaults of the others.
    ///
    /// # Errors
    /// As [`checked`](Self::checked), and 422 `custom_field_required`.
    pub(super) fn created(&self, sent: Vec<(String, Written)>) -> Result<Map<String, Value>, Failure> {
        let sent = self.checked(sent)?.into_iter();
        let mut values: Map<String, Value> =
            sent.filter_map(|(name, value)| value.map(|value| (name, value))).collect();
        for (name, schema) in &self.0 {
            if values.contains_key(name) {
                continue;
            }
            match schema.default_value() {
                Some(default) => drop(values.insert(name.clone(), default.clone())),
                None if schema.is_required() => return Err(missing(name)),
                None => {}
            }
        }
        Ok(values)
    }

    /// The values sent, each of a field that is defined and of its type; none where `null` takes one away.
    ///
    /// # Errors
    /// 422 `custom_field_undefined`, `custom_field_invalid` or `custom_field_required`, and those of free data.
    pub(super) fn checked(
        &self,
        sent: Vec<(String, Written)>,
    ) -> Result<Vec<(String, Option<Value>)>, Failure> {
        sent.into_iter().map(|(name, value)| self.checked_one(&name, value)).collect()
    }

    fn checked_one(&self, name: &str, value: Written) -> Result<(String, Option<Value>), Failure> {
        let Some((name, schema)) = self.0.iter().find(|(known, _)| known == name) else {
            // The name that was sent may be a number put in the wrong place.
            return Err(Failure::unprocessable(
                "customFields",
                "custom_field_undefined",
                "customFields holds a field that is not defined; define it with POST /custom-fields first",
            ));
        };
        let path = format!("customFields.{name}");
        let value = metadata::value(&path, value)?;
        if value.is_null() {
            if schema.is_required() {
                return Err(missing(name));
            }
            return Ok((name.clone(), None));
        }
        if let Err(expected) = schema.fits(&value) {
            let details = format!("{path} must be {expected}");
            return Err(Failure::unprocessable(path, "custom_field_invalid", details));
        }
        Ok((name.clone(), Some(value)))
    }
}

fn missing(name: &str) -> Failure {
    let path = format!("customFields.{name}");
    let details = format!("{path} is required of every customer");
    Failure::unprocessable(path, "custom_field_required", details)
}

fn required(body: &mut Members, name: &str) -> Result<String, Failure> {
    let path = body.path(name);
    let text = free_text::take(body, name, TEXT_MAX_CHARS)?.filter(|text| !text.is_empty());
    text.ok_or_else(|| members::required(&path).into())
}
