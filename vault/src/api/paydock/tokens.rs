//! One-time tokens.

use super::failure::Failure;
use super::fields::Fields;
use super::kept::Kept;
use super::payment_source::{self, Type};
use super::request::Page;
use super::session::Session;
use super::token_note;
use crate::limits::Limits;
use crate::vaulting::{ByPage, ClearFrom};

/// The dialect whose form the tokens have.
const DIALECT: &str = "paydock";

/// Makes a one-time token of a payment source in clear.
///
/// # Errors
/// The first mandatory member that is missing or wrong, and what the store reports.
pub(super) async fn create(
    session: &Session<'_>,
    mut fields: Fields,
    page: Option<(&Page, &Limits)>,
) -> Result<String, Failure> {
    let of = Type::optional(&mut fields)?;
    let gateway = fields.optional("gateway_id");
    session.check_optional_gateway("gateway_id", gateway.as_deref().map(String::as_str))?;
    let checked = payment_source::read(session.vaulting, &mut fields, of)?;
    let kept = Kept::read(&mut fields)?;
    let from = page.map_or(ClearFrom::Server, |(Page { key_id, client }, limits)| {
        ClearFrom::Page(ByPage { key_id, client: *client, limits })
    });
    let issued = session.vaulting.issue_clear(&session.tenant, &checked, DIALECT, from).await?;
    token_note::write(session, &issued.token, &kept).await?;
    Ok(issued.token.to_string())
}
