//! `POST /v1/bank-names`: the bank of a routing number, if the vault was given a directory. The number comes in a
//! body, because addresses are written down in many places.

use axum::{Json, extract::State, http::StatusCode};
use instrument::bank::RoutingNumber;
use serde::Deserialize;
use utoipa::ToSchema;

use super::answers::{BankNameAnswer, ChangeProblems, ProblemAnswer};
use crate::{
    api::{auth::Admitted, body::JsonBody},
    problem::{Classification, Problem},
    state::AppState,
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoutingNumberBody)]
pub(super) struct Body {
    /// Nine digits.
    #[schema(examples("021000021"))]
    routing_number: String,
}

/// Names the bank of a routing number.
#[utoipa::path(
    post,
    operation_id = "name_bank",
    path = "/bank-names",
    summary = "The bank of a routing number, if the vault was given a directory.",
    request_body = Body,
    responses(
        (status = 200, description = "The name, or null.", body = BankNameAnswer),
        (status = 429, description = "Too much was asked for in a short time.", body = ProblemAnswer),
        ChangeProblems
    ),
    security(("publishable_key" = [])),
)]
pub(super) async fn find(
    State(state): State<AppState>,
    _caller: Admitted,
    JsonBody(body): JsonBody<Body>,
) -> Result<Json<BankNameAnswer>, Problem> {
    if state.banks().is_empty() {
        return Err(Problem::merchant(
            StatusCode::NOT_FOUND,
            "bank_directory_missing",
            "This vault has no directory of banks. Start it with --bank-directory to have one.",
        ));
    }
    let number = RoutingNumber::parse(&body.routing_number).map_err(|reason| {
        let mut problem = Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "bank_account_invalid",
            Classification::Shopper,
            reason.message(),
        )
        .about("routing_number");
        problem.reason = Some(reason.as_str());
        problem
    })?;
    Ok(Json(BankNameAnswer { name: state.banks().name(&number).map(str::to_owned) }))
}
