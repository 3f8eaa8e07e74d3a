//! Customers: create, read, list, update, delete.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::address::CustomerAddress;
use super::custom_fields::Definitions;
use super::customer_body::{CustomValues, CustomerBody};
use super::failure::{BodyRefusals, Failure, Refusals};
use super::instruments;
use super::list::List;
use super::moment;
use super::request::{Caller, Parameters, Sent};
use super::session::{self, Session};
use crate::api::free_text;
use crate::api::patience::Patience;
use crate::domain::{
    Address, AddressId, Anywhere, Customer, CustomerId, PaymentMethodId, Search, SearchField,
};
use crate::state::AppState;
use crate::store::{Change, CustomerRecord, StoreError};

/// The longest text that can be searched for, in characters.
const SEARCH_MAX_CHARS: usize = 255;

/// A customer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Customer)]
pub(super) struct CustomerAnswer {
    /// The id, which never changes.
    id: String,
    /// First name.
    first_name: Option<String>,
    /// Last name.
    last_name: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Telephone number, as it was sent.
    phone_number: Option<String>,
    /// Language, as two letters of ISO 639-1.
    language: Option<String>,
    /// Where bills go unless a transaction says otherwise.
    address: Option<CustomerAddress>,
    /// Free data of the merchant's.
    #[schema(value_type = Object)]
    metadata: Map<String, Value>,
    /// Values of custom fields.
    #[schema(value_type = Object)]
    custom_fields: Map<String, Value>,
    /// What is charged unless a transaction says otherwise.
    default_payment_instrument_id: Option<String>,
    /// A mark of the merchant's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    is_enhanced_due_diligence_required: Option<bool>,
    /// Whether it can be used.
    status: CustomerStatus,
    /// When it was created.
    #[schema(format = DateTime)]
    created_time: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    updated_time: String,
}

/// Where a customer is in its life.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum CustomerStatus {
    /// It can be used.
    Active,
    /// It is kept for old records only.
    Deleted,
}

/// Creates a customer.
#[utoipa::path(
    operation_id = "createCustomer",
    post, path = "/v1/public-api/organizations/{org}/customers", tag = "Customers",
    params(("org" = String, Path, description = "The organization: the merchant's id.")),
    request_body = CustomerBody,
    responses((status = 201, description = "It is created.", body = CustomerAnswer), Refusals, BodyRefusals),
)]
pub(super) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    body: Sent,
) -> Result<Response, Failure> {
    let body = CustomerBody::read_new(body.members)?;
    let session = Session { vaulting: state.vaulting(), tenant: caller.tenant };
    let now_ms = session.vaulting.now_ms();
    let mut customer = Customer::new(CustomerId::new(session.uuid()?), now_ms);
    let mut own = Map::new();
    put(&body, &mut customer, &mut own);
    let sent = body.custom_fields.map(|fields| fields.0).unwrap_or_default();
    set_values(&mut own, Definitions::load(&session).await?.created(sent)?);
    session::set_own(&mut customer.extra, own);
    let address_id = session.uuid()?;
    let address = body.address.filter(|address| !address.is_empty()).map(|address| {
        let mut stored = Address::new(AddressId::new(address_id), customer.id.clone(), now_ms);
        address.put_into(&mut stored);
        stored
    });
    customer.default_billing_address_id = address.as_ref().map(|address| address.id.clone());
    let answer = CustomerAnswer::of(&customer, address.as_ref());
    let changes = [Change::InsertCustomer(customer)].into_iter().chain(address.map(Change::InsertAddress));
    session.vaulting.apply(&session.tenant, changes.collect()).await?;
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// Reads a customer, also a deleted one.
#[utoipa::path(
    operation_id = "retrieveCustomer",
    get, path = "/v1/public-api/organizations/{org}/customers/{customer}", tag = "Customers",
    params(
        ("org" = String, Path, description = "The organization: the merchant's id."),
        ("customer" = String, Path, description = "The customer."),
    ),
    responses((status = 200, description = "The customer.", body = CustomerAnswer), Refusals),
)]
pub(super) async fn retrieve(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<CustomerAnswer>, Failure> {
    let id = caller.customer();
    let session = Session { vaulting: state.vaulting(), tenant: caller.tenant };
    Ok(Json(CustomerAnswer::of_record(&session.held(&id).await?)))
}

/// Lists the customers that are not deleted, newest first.
#[utoipa::path(
    operation_id = "listCustomers",
    get, path = "/v1/public-api/organizations/{org}/customers", tag = "Customers",
    params(
        ("org" = String, Path, description = "The organization: the merchant's id."),
        ("limit" = Option<u32>, Query, description = "How many at most; 20 unless said otherwise.", maximum = 1000),
        ("offset" = Option<u32>, Query, description = "How many come before them."),
        ("search" = Option<String>, Query, description = "What must occur in the name or the e-mail address."),
    ),
    responses(
        (status = 200, description = "The customers.", body = [CustomerAnswer],
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
) -> Result<List<CustomerAnswer>, Failure> {
    let paging = parameters.paging()?;
    let needle = parameters.take("search");
    parameters.finish()?;
    if let Some(needle) = &needle {
        free_text::refuse_card_number("search", needle)?;
        if needle.chars().count() > SEARCH_MAX_CHARS {
            let details = format!("search must have at most {SEARCH_MAX_CHARS} characters");
            return Err(Failure::invalid("search", "too_long", details));
        }
    }
    let search = Search {
        anywhere: needle.map(|needle| Anywhere {
            needle,
            fields: vec![
                SearchField::FirstName,
                SearchField::LastName,
                SearchField::FullName,
                SearchField::Email,
            ],
        }),
        limit: paging.limit,
        offset: paging.offset,
        ..Search::default()
    };
    let store = state.vaulting().store();
    let found = store.search_customers(&caller.tenant, &search).await?;
    let mut items = Vec::new();
    for customer in &found.items {
        let address = match &customer.default_billing_address_id {
            Some(id) => store.address(&caller.tenant, &customer.id, id).await?,
            None => None,
        };
        items.push(CustomerAnswer::of(customer, address.as_ref()));
    }
    Ok(List { items, total: found.total, paging })
}

/// Changes what the body says of a customer, and leaves the rest as it is.
#[utoipa::path(
    operation_id = "updateCustomer",
    put, path = "/v1/public-api/organizations/{org}/customers/{customer}", tag = "Customers",
    params(
        ("org" = String, Path, description = "The organization: the merchant's id."),
        ("customer" = String, Path, description = "The customer."),
    ),
    request_body = CustomerBody,
    responses((status = 200, description = "It is changed.", body = CustomerAnswer), Refusals, BodyRefusals),
)]
pub(super) async fn update(
    State(state): State<AppState>,
    caller: Caller,
    body: Sent,
) -> Result<Json<CustomerAnswer>, Failure> {
    let id = caller.customer();
    let session = Session { vaulting: state.vaulting(), tenant: caller.tenant };
    changed(&session, &id, CustomerBody::read_change(body.members)?).await.map(Json)
}

/// The same as `PUT`.
#[utoipa::path(
    operation_id = "patchCustomer",
    patch, path = "/v1/public-api/organizations/{org}/customers/{customer}", tag = "Customers",
    params(
        ("org" = String, Path, description = "The organization: the merchant's id."),
        ("customer" = String, Path, description = "The customer."),
    ),
    request_body = CustomerBody,
    responses((status = 200, description = "It is changed.", body = CustomerAnswer), Refusals, BodyRefusals),
)]
pub(super) async fn patch(
    state: State<AppState>,
    caller: Caller,
    body: Sent,
) -> Result<Json<CustomerAnswer>, Failure> {
    update(state, caller, body).await
}

/// Deletes a customer softly: its records can be read, and nothing new can be done with it.
#[utoipa::path(
    operation_id = "deleteCustomer",
    delete, path = "/v1/public-api/organizations/{org}/customers/{customer}", tag = "Customers",
    params(
        ("org" = String, Path, description = "The organization: the merchant's id."),
        ("customer" = String, Path, description = "The customer."),
    ),
    responses(
        (status = 204, description = "It is deleted."),
        (status = 409, description = "It is deleted already.", body = super::failure::ErrorAnswer),
        Refusals,
    ),
)]
pub(super) async fn delete(State(state): State<AppState>, caller: Caller) -> Result<StatusCode, Failure> {
    let id = caller.customer();
    let session = Session { vaulting: state.vaulting(), tenant: caller.tenant };
    let archive = Change::ArchiveCustomer { id: id.clone(), now_ms: session.vaulting.now_ms() };
    match session.vaulting.apply(&session.tenant, vec![archive]).await {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(StoreError::CustomerMissing) => {
            session.held(&id).await?;
            Err(session::deleted())
        }
        Err(error) => Err(error.into()),
    }
}

/// What of a customer only this face knows: values of custom fields.
const CUSTOM_FIELDS: &str = "customFields";

/// What of a customer only this face knows: the language.
const LANGUAGE: &str = "language";

/// What of a customer only this face knows: a mark of the merchant's.
const DUE_DILIGENCE: &str = "isEnhancedDueDiligenceRequired";

/// Puts what a request says of a customer itself into the customer; what belongs to it is not touched.
fn put(body: &CustomerBody, customer: &mut Customer, own: &mut Map<String, Value>) {
    // The empty text says that there is none.
    let set = |kept: &mut Option<String>, sent: &Option<String>| {
        if let Some(text) = sent {
            *kept = Some(text.clone()).filter(|text| !text.is_empty());
        }
    };
    set(&mut customer.first_name, &body.first_name);
    set(&mut customer.last_name, &body.last_name);
    set(&mut customer.email, &body.email);
    set(&mut customer.phone, &body.phone_number);
    if let Some(metadata) = &body.metadata {
        customer.metadata.clone_from(metadata);
    }
    match body.language.as_deref() {
        Some("") => drop(own.remove(LANGUAGE)),
        Some(language) => drop(own.insert(LANGUAGE.to_owned(), language.into())),
        None => {}
    }
    if let Some(mark) = body.is_enhanced_due_diligence_required {
        own.insert(DUE_DILIGENCE.to_owned(), mark.into());
    }
}

fn values(own: &Map<String, Value>) -> Map<String, Value> {
    own.get(CUSTOM_FIELDS).and_then(Value::as_object).cloned().unwrap_or_default()
}

fn set_values(own: &mut Map<String, Value>, values: Map<String, Value>) {
    if values.is_empty() {
        own.remove(CUSTOM_FIELDS);
    } else {
        own.insert(CUSTOM_FIELDS.to_owned(), Value::Object(values));
    }
}

/// Reads a customer, changes it under its version, and begins again if somebody else was faster.
async fn changed(
    session: &Session<'_>,
    id: &CustomerId,
    mut body: CustomerBody,
) -> Result<CustomerAnswer, Failure> {
    if body.id.as_deref().is_some_and(|sent| sent != id.as_str()) {
        return Err(Failure::unprocessable(
            "id",
            "customer_id_fixed",
            "the id of a customer cannot be changed; leave id out",
        ));
    }
    let fields = match body.custom_fields.take() {
        Some(CustomValues(sent)) => Definitions::load(session).await?.checked(sent)?,
        None => Vec::new(),
    };
    let mut patience = Patience::new(session.vaulting.random());
    loop {
        let record = session.active(id).await?;
        let (answer, changes) = change(session, &record, &body, &fields)?;
        match session.vaulting.apply(&session.tenant, changes).await {
            Ok(_) => return Ok(answer),
            Err(error @ StoreError::CustomerChanged) => {
                patience.wait().await.ok_or_else(|| Failure::from(error))?;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn change(
    session: &Session<'_>,
    record: &CustomerRecord,
    body: &CustomerBody,
    fields: &[(String, Option<Value>)],
) -> Result<(CustomerAnswer, Vec<Change>), Failure> {
    let now_ms = session.vaulting.now_ms();
    let mut customer = record.customer.clone();
    let mut own = session::own(&customer.extra);
    put(body, &mut customer, &mut own);
    let mut values = values(&own);
    for (name, value) in fields {
        match value {
            Some(value) => drop(values.insert(name.clone(), value.clone())),
            None => drop(values.remove(name)),
        }
    }
    set_values(&mut own, values);
    session::set_own(&mut customer.extra, own);
    if let Some(id) = &body.default_payment_instrument_id {
        let id = PaymentMethodId::new(id.as_str());
        let method = session::method(record, &id).ok_or_else(|| {
            Failure::not_found("payment instrument of this customer").at("defaultPaymentInstrumentId")
        })?;
        instruments::check_usable(session, method)
            .map_err(|failure| failure.at("defaultPaymentInstrumentId"))?;
        customer.default_payment_method_id = Some(id);
    }
    let mut changes = Vec::new();
    let mut address = billing_address(record).cloned();
    if let Some(sent) = &body.address {
        let mut stored = match address {
            Some(stored) => stored,
            None => Address::new(AddressId::new(session.uuid()?), customer.id.clone(), now_ms),
        };
        sent.put_into(&mut stored);
        stored.updated_at_ms = now_ms.max(stored.updated_at_ms);
        changes.push(if customer.default_billing_address_id.as_ref() == Some(&stored.id) {
            Change::UpdateAddress(stored.clone())
        } else {
            Change::InsertAddress(stored.clone())
        });
        customer.default_billing_address_id = Some(stored.id.clone());
        address = Some(stored);
    }
    // Never before the last change: the time of it must not run backwards when the clock does.
    customer.updated_at_ms = now_ms.max(customer.updated_at_ms);
    let answer = CustomerAnswer::of(&customer, address.as_ref());
    changes.push(Change::UpdateCustomer(customer));
    Ok((answer, changes))
}

/// The address that bills of a customer go to.
pub(super) fn billing_address(record: &CustomerRecord) -> Option<&Address> {
    let id = record.customer.default_billing_address_id.as_ref()?;
    record.addresses.iter().find(|address| address.id == *id)
}

impl CustomerAnswer {
    fn of_record(record: &CustomerRecord) -> Self {
        Self::of(&record.customer, billing_address(record))
    }

    fn of(customer: &Customer, address: Option<&Address>) -> Self {
        let own = session::own(&customer.extra);
        Self {
            id: customer.id.as_str().to_owned(),
            first_name: customer.first_name.clone(),
            last_name: customer.last_name.clone(),
            email: customer.email.clone(),
            phone_number: customer.phone.clone(),
            language: own.get(LANGUAGE).and_then(Value::as_str).map(str::to_owned),
            address: address.map(CustomerAddress::of).filter(|address| !address.is_empty()),
            metadata: customer.metadata.clone(),
            custom_fields: values(&own),
            default_payment_instrument_id: customer
                .default_payment_method_id
                .as_ref()
                .map(|id| id.as_str().to_owned()),
            is_enhanced_due_diligence_required: own.get(DUE_DILIGENCE).and_then(Value::as_bool),
            status: match customer.archived_at_ms {
                None => CustomerStatus::Active,
                Some(_) => CustomerStatus::Deleted,
            },
            created_time: moment::text_of_ms(customer.created_at_ms),
            updated_time: moment::text_of_ms(customer.updated_at_ms),
        }
    }
}
