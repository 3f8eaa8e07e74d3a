//! What a one-time token is told besides its numbers: who pays and where they live.
//!
//! A token is a keyed hash and a ciphertext, so this is kept beside it, under another keyed hash, until the
//! token is spent. Notes of tokens that nobody spent are thrown away when new ones come.

use super::failure::Failure;
use super::kept::Kept;
use super::session::Session;
use crate::domain::Document;
use crate::keyring::Lookup;
use crate::store::{Change, Found};

/// The collection of the notes.
const COLLECTION: &str = "paydock_token_note";

/// How long a one-time token lives: three hours.
const LIFETIME_MS: i64 = 3 * 60 * 60 * 1_000;

/// How many forgotten notes one new one throws away.
const SWEEP: u32 = 8;

/// Keeps what came with a token, if anything did.
///
/// # Errors
/// What the store reports.
pub(super) async fn write(session: &Session<'_>, token: &str, kept: &Kept) -> Result<(), Failure> {
    sweep(session).await;
    if *kept == Kept::default() {
        return Ok(());
    }
    let now_ms = session.vaulting.now_ms();
    let body = match serde_json::to_value(kept) {
        Ok(serde_json::Value::Object(body)) => body,
        Ok(_) | Err(_) => return Ok(()),
    };
    let keys = session.vaulting.keys(&session.tenant)?;
    let note = Document::new(COLLECTION, id(keys.lookup(), token), body, now_ms);
    session.vaulting.apply(&session.tenant, vec![Change::InsertDocument(note)]).await?;
    Ok(())
}

/// What came with a token, and the change that forgets it.
///
/// # Errors
/// What the store reports.
pub(super) async fn read(session: &Session<'_>, token: &str) -> Result<(Kept, Option<Change>), Failure> {
    let keys = session.vaulting.keys(&session.tenant)?;
    for lookup in keys.lookups() {
        let id = id(lookup, token);
        let note = session.vaulting.store().document(&session.tenant, COLLECTION, &id).await?;
        let Some(note) = note else { continue };
        let kept = serde_json::from_value(serde_json::Value::Object(note.body)).unwrap_or_default();
        return Ok((kept, Some(Change::DeleteDocument { collection: COLLECTION.to_owned(), id })));
    }
    Ok((Kept::default(), None))
}

fn id(lookup: Lookup<'_>, token: &str) -> String {
    super::session::hex24(&lookup.purpose_mac("paydock/token-note", &[token.as_bytes()]))
}

/// Throws away notes of tokens that have expired. Nobody waits for it to succeed: the next one tries again.
async fn sweep(session: &Session<'_>) {
    let (store, tenant) = (session.vaulting.store(), &session.tenant);
    let Ok(Found { total, .. }) = store.documents(tenant, COLLECTION, 1, 0).await else { return };
    let offset = u32::try_from(total).unwrap_or(u32::MAX).saturating_sub(SWEEP);
    let Ok(Found { items, .. }) = store.documents(tenant, COLLECTION, SWEEP, offset).await else { return };
    let over_ms = session.vaulting.now_ms() - LIFETIME_MS;
    for note in items.into_iter().filter(|note| note.created_at_ms < over_ms) {
        let forget = Change::DeleteDocument { collection: COLLECTION.to_owned(), id: note.id };
        // Somebody else may have been faster.
        if store.apply(tenant, vec![forget]).await.is_err() {
            return;
        }
    }
}
