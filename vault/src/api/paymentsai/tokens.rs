//! One-time tokens for cards that the merchant's own server sends: the two contracts of the gateway.
//!
//! The stage's is flat and lies under the organization; the production's is nested, lies at `/tokens`, and names
//! the organization in a header. "Code that works against one environment will fail against the other", says the
//! gateway's page; here both are served, for the base URL is all that a merchant changes.
//!
//! A token's text is the token: it spends, and it is its own id. So the vault keeps only a keyed hash of it, and
//! finds a token by its id, but cannot list tokens. The billing address of a token is kept apart from it,
//! encrypted under a key made of the token itself, until the token would have expired.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use instrument::card::CardDraft;
use instrument::{Draft, FieldName, Secret};
use serde::Serialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::address::BillingAddress;
use super::failure::{BodyRefusals, ErrorAnswer, Failure, Refusals};
use super::metadata;
use super::moment;
use super::request::{Caller, Sent};
use super::session::Session;
use crate::api::members::{self, Json as Written, Members, TEXT_MAX_CHARS};
use crate::domain::{Face, TokenState};
use crate::problem::Problem;
use crate::state::AppState;
use crate::vaulting::{ClearFrom, IssuedToken, KeptAnswer, Repeat, VaultingError};

/// The id of this gateway's dialect, which says what tokens look like and how long they live.
const DIALECT: &str = "payments_ai";

/// What the gateway calls cards.
const CARD: &str = "payment-card";

/// The stage's body.
#[derive(ToSchema)]
#[schema(
    rename_all = "camelCase",
    example = json!({
        "primaryAccountNumber": "4111111111111111", "cardVerificationValue": "123", "expirationMonth": 12,
        "expirationYear": 2030,
    }),
)]
#[expect(dead_code, reason = "this only describes what is read by name")]
pub(super) struct StageTokenBody {
    /// The card number.
    #[schema(format = Password)]
    primary_account_number: String,
    /// The security code.
    #[schema(format = Password)]
    card_verification_value: Option<String>,
    /// Month of expiry, 1 to 12.
    #[schema(minimum = 1, maximum = 12)]
    expiration_month: i32,
    /// Year of expiry, four digits.
    #[schema(minimum = 2000, maximum = 2099)]
    expiration_year: i32,
}

/// The production's body.
#[derive(ToSchema)]
#[schema(
    rename_all = "camelCase",
    example = json!({
        "method": "payment-card",
        "paymentInstrument": {"pan": "4111111111111111", "expMonth": 12, "expYear": 2030, "cvv": "123"},
        "billingAddress": {
            "firstName": "Joe", "lastName": "Doe", "address": "123 Main St", "city": "Springfield",
            "region": "NY", "postalCode": "10009", "country": "US",
        },
    }),
)]
#[expect(dead_code, reason = "this only describes what is read by name")]
pub(super) struct TokenBody {
    /// The only method there is here.
    #[schema(value_type = TokenMethod)]
    method: String,
    /// The card.
    payment_instrument: CardBody,
    /// Where its bills go.
    billing_address: Option<BillingAddress>,
    /// What is known of the shopper's device; it is checked and not kept.
    #[schema(value_type = Option<Object>)]
    risk_metadata: (),
}

/// What can be tokenized in clear.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
#[expect(dead_code, reason = "this only describes what is read by name")]
pub(super) enum TokenMethod {
    /// A card.
    PaymentCard,
}

/// A card in clear.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "this only describes what is read by name")]
pub(super) struct CardBody {
    /// The card number.
    #[schema(format = Password)]
    pan: String,
    /// Month of expiry, 1 to 12.
    #[schema(minimum = 1, maximum = 12)]
    exp_month: i32,
    /// Year of expiry, four digits.
    #[schema(minimum = 2000, maximum = 2099)]
    exp_year: i32,
    /// The security code.
    #[schema(format = Password)]
    cvv: Option<String>,
}

/// The stage's answer.
#[derive(Serialize, ToSchema)]
#[schema(as = StageToken)]
pub(super) struct StageTokenAnswer {
    /// `payment-card`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The token.
    data: StageTokenData,
}

/// The token in the stage's answer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StageTokenData {
    /// The token.
    id: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// Until when it can be used; the gateway spells it so.
    #[schema(format = DateTime)]
    expirated_at: String,
}

/// The production's answer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Token)]
pub(super) struct TokenAnswer {
    /// The token.
    id: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created_time: String,
    /// Until when it can be used.
    #[schema(format = DateTime)]
    expiration_time: String,
    /// Where it is in its life.
    status: TokenStatus,
}

/// Where a token is in its life.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum TokenStatus {
    /// It can be used.
    Created,
    /// It was attached or charged.
    Consumed,
    /// Its time has passed.
    Expired,
}

/// Makes a token as the stage does.
#[utoipa::path(
    operation_id = "createStageToken",
    post, path = "/v1/public-api/organizations/{org}/payment-instruments/tokens", tag = "Tokens",
    params(("org" = String, Path, description = "The organization: the merchant's id.")),
    request_body = StageTokenBody,
    responses((status = 201, description = "The token.", body = StageTokenAnswer), Refusals, BodyRefusals),
)]
pub(super) async fn create_on_stage(
    State(state): State<AppState>,
    caller: Caller,
    body: Sent,
) -> Result<Response, Failure> {
    const NAMES: CardNames = CardNames {
        number: "primaryAccountNumber",
        month: "expirationMonth",
        year: "expirationYear",
        code: "cardVerificationValue",
    };
    let card = Card::read(body.members, &NAMES)?;
    let session = Session { vaulting: state.vaulting(), tenant: caller.tenant };
    let (issued, created_ms) = issue(&session, card, None).await?;
    let data = StageTokenData {
        id: issued.token.to_string(),
        created_at: moment::text_of_ms(created_ms),
        expirated_at: moment::text_of_ms(issued.expires_at_ms),
    };
    Ok((StatusCode::CREATED, Json(StageTokenAnswer { kind: CARD, data })).into_response())
}

/// Makes a token as the production does.
#[utoipa::path(
    operation_id = "createToken",
    post, path = "/tokens", tag = "Tokens",
    params(("X-Organization-Id" = String, Header, description = "The organization: the merchant's id.")),
    request_body = TokenBody,
    responses((status = 201, description = "The token.", body = TokenAnswer), Refusals, BodyRefusals),
)]
pub(super) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    body: Sent,
) -> Result<Response, Failure> {
    const NAMES: CardNames = CardNames { number: "pan", month: "expMonth", year: "expYear", code: "cvv" };
    let mut members = body.members;
    let method = members.required_text("method", TEXT_MAX_CHARS)?;
    let card = members.object("paymentInstrument")?;
    let billing = members.object("billingAddress")?.map(BillingAddress::read).transpose()?;
    if let Some(risk) = members.value("riskMetadata") {
        // It is for the gateway's scoring, which is not here; free data that holds no card number passes.
        metadata::object("riskMetadata", risk)?;
    }
    members.finish()?;
    if method.as_str() != CARD {
        return Err(Failure::unprocessable(
            "method",
            "token_method_unsupported",
            "method must be \"payment-card\": the gateway documents no other for its tokens in clear; a bank \
             account is tokenized in the browser, in the sealed frame",
        ));
    }
    let card = Card::read(card.ok_or_else(|| members::required("paymentInstrument"))?, &NAMES)?;
    let session = Session { vaulting: state.vaulting(), tenant: caller.tenant };
    let (issued, created_ms) = issue(&session, card, billing.as_ref()).await?;
    let answer = TokenAnswer {
        id: issued.token.to_string(),
        created_time: moment::text_of_ms(created_ms),
        expiration_time: moment::text_of_ms(issued.expires_at_ms),
        status: TokenStatus::Created,
    };
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// Reads what is known of a token, whichever way it was made.
#[utoipa::path(
    operation_id = "retrieveToken",
    get, path = "/tokens/{token}", tag = "Tokens",
    params(
        ("X-Organization-Id" = String, Header, description = "The organization: the merchant's id."),
        ("token" = String, Path, description = "The token."),
    ),
    responses((status = 200, description = "What is known of it.", body = TokenAnswer), Refusals),
)]
pub(super) async fn retrieve(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<TokenAnswer>, Failure> {
    let vaulting = state.vaulting();
    let token = vaulting.token(&caller.tenant, caller.token()).await?;
    let token = token.ok_or_else(|| Failure::not_found("token"))?;
    let status = match token.state {
        TokenState::Spent => TokenStatus::Consumed,
        TokenState::Issued if token.expires_at_ms > vaulting.now_ms() => TokenStatus::Created,
        TokenState::Issued | TokenState::Expired => TokenStatus::Expired,
    };
    Ok(Json(TokenAnswer {
        id: caller.token().to_owned(),
        created_time: moment::text_of_ms(token.issued_at_ms),
        expiration_time: moment::text_of_ms(token.expires_at_ms),
        status,
    }))
}

/// Refuses to list tokens, which cannot be done by their hashes.
#[utoipa::path(
    operation_id = "listTokens",
    get, path = "/tokens", tag = "Tokens",
    params(("X-Organization-Id" = String, Header, description = "The organization: the merchant's id.")),
    responses(
        (status = 422, description = "The vault keeps no token that it could list.", body = ErrorAnswer),
        Refusals,
    ),
)]
pub(super) async fn list(_: Caller) -> Failure {
    Failure::plain(
        StatusCode::UNPROCESSABLE_ENTITY,
        "tokens_not_listed",
        "the vault keeps hashes of tokens and no token, so it cannot list them; ask for one: GET /tokens/{id}",
    )
}

/// Refuses to tell the publishable key, of which only a hash is kept.
#[utoipa::path(
    operation_id = "retrievePublishableKey",
    get, path = "/v1/organizations/{org}/public-keys/publishable", tag = "Keys",
    params(("org" = String, Path, description = "The organization: the merchant's id.")),
    responses(
        (status = 422, description = "The vault keeps no key that it could tell.", body = ErrorAnswer),
        Refusals,
    ),
)]
pub(super) async fn publishable_key(_: Caller) -> Failure {
    Failure::plain(
        StatusCode::UNPROCESSABLE_ENTITY,
        "publishable_key_not_kept",
        "the vault keeps hashes of keys and no key; put the publishable key that you got with the secret one \
         into your configuration",
    )
}

/// The billing address that a token was made with, if it was.
///
/// # Errors
/// The store's.
pub(super) async fn billing_address(
    session: &Session<'_>,
    token: &str,
) -> Result<Option<BillingAddress>, Failure> {
    let kept = session.vaulting.answered(&session.tenant, &beside(token, 0)).await?;
    Ok(kept.and_then(|kept| serde_json::from_value(kept.body).ok()))
}

/// Under what a token's billing address is kept until the token expires. The control character keeps it apart
/// from every key of a merchant's, in which there can be none.
fn beside(token: &str, lifetime_secs: u32) -> Repeat {
    Repeat {
        face: Face::PaymentsAi,
        key: ["\u{1}billing/", token].concat(),
        request: Zeroizing::new(Vec::new()),
        lifetime_secs,
    }
}

/// Issues a token, and the time it was made at.
async fn issue(
    session: &Session<'_>,
    card: Card,
    billing: Option<&BillingAddress>,
) -> Result<(IssuedToken, i64), Failure> {
    let Card { draft, names, path } = card;
    let draft =
        Draft::Card(CardDraft { holder: billing.and_then(BillingAddress::holder).map(Secret::new), ..draft });
    let checked = session.vaulting.check(draft).map_err(|error| names.failure(&path, error))?;
    let issued = session.vaulting.issue_clear(&session.tenant, &checked, DIALECT, ClearFrom::Server).await?;
    if let Some(billing) = billing {
        let lifetime_secs = issued.expires_at_ms.saturating_sub(checked.at_ms()).max(0) / 1_000 + 1;
        let body = serde_json::to_value(billing).map_err(|_| Problem::internal())?;
        let kept = KeptAnswer { status: StatusCode::OK.as_u16(), body };
        let repeat = beside(&issued.token, u32::try_from(lifetime_secs).unwrap_or(u32::MAX));
        let keep = session.vaulting.remember(&session.tenant, &repeat, &kept)?;
        session.vaulting.apply(&session.tenant, keep).await?;
    }
    Ok((issued, checked.at_ms()))
}

/// A card as a body sends it, and what that body calls its parts.
struct Card {
    draft: CardDraft,
    names: &'static CardNames,
    /// Where the card stands.
    path: String,
}

/// What a body calls the parts of a card.
struct CardNames {
    number: &'static str,
    month: &'static str,
    year: &'static str,
    code: &'static str,
}

impl Card {
    fn read(mut members: Members, names: &'static CardNames) -> Result<Self, Failure> {
        let path = members.own_path().to_owned();
        let number = members.required_text(names.number, TEXT_MAX_CHARS)?;
        let month = whole(&mut members, names.month, 1, 12)?;
        let year = whole(&mut members, names.year, 2_000, 2_099)?;
        let code = members.text(names.code, TEXT_MAX_CHARS)?.filter(|code| !code.is_empty());
        members.finish()?;
        let expiry = Zeroizing::new(format!("{month:02}/{:02}", year % 100));
        let draft = CardDraft {
            number: secret(&number),
            expiry: secret(&expiry),
            code: code.map(|code| secret(&code)),
            holder: None,
            preferred_scheme: None,
        };
        Ok(Self { draft, names, path })
    }
}

impl CardNames {
    /// The refusal of a card, at the member that is wrong.
    fn failure(&self, path: &str, error: VaultingError) -> Failure {
        let VaultingError::Rejected { rejected, .. } = error else { return error.into() };
        let name = match rejected.field {
            FieldName::Number | FieldName::PreferredScheme => self.number,
            FieldName::Expiry => self.month,
            FieldName::Code => self.code,
            // The only other thing said of a card is its holder, by the billing address.
            FieldName::Holder
            | FieldName::RoutingNumber
            | FieldName::AccountNumber
            | FieldName::AccountNumberConfirmation
            | FieldName::AccountType
            | FieldName::AccountHolderType
            | FieldName::SecCode
            | FieldName::Consent => {
                return Failure::from(error).at("billingAddress");
            }
        };
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        Failure::from(error).at(path)
    }
}

/// Takes a whole number, also as the text of one.
fn whole(members: &mut Members, name: &str, min: i64, max: i64) -> Result<i64, Failure> {
    let path = members.path(name);
    let number = match members.value(name) {
        None => return Err(members::required(&path).into()),
        Some(Written::Integer(number)) => Some(number),
        Some(Written::Text(text)) if text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().ok()
        }
        Some(
            Written::Null
            | Written::Bool(_)
            | Written::Fraction(_)
            | Written::Text(_)
            | Written::List(_)
            | Written::Object(_),
        ) => return Err(members::wrong_type(&path, "a whole number").into()),
    };
    number
        .filter(|number| (min..=max).contains(number))
        .ok_or_else(|| Failure::invalid(&path, "out_of_range", format!("{path} must be {min} to {max}")))
}

fn secret(text: &Zeroizing<String>) -> Secret<String> {
    Secret::new(text.as_str().to_owned())
}
