//! Who asks: known for the time of a request, so that no write can forget to tell.

use std::sync::{Arc, OnceLock};

use crate::random::{self, SystemRandom};

/// Characters of a request's id: 26^14 is more than 2^65, enough to tell the requests of a log apart.
const REQUEST_ID_LEN: usize = 14;

/// Letters only: no part of an id looks like a number or a code of a card.
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";

tokio::task_local! {
    static CURRENT: Requester;
}

/// Who is behind a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The id part of an API key; or `vault` for what it does by itself, `operator` for commands, `nobody` for
    /// requests without a key. No id has the length of one of these.
    pub actor: String,
    /// The id of the request, which its line in the log has too; empty outside of any.
    pub request: String,
}

impl Author {
    /// The vault itself.
    #[must_use]
    pub fn vault() -> Self {
        Self { actor: "vault".to_owned(), request: String::new() }
    }

    /// Who asks in this task; the vault itself if nobody does.
    #[must_use]
    pub fn current() -> Self {
        CURRENT
            .try_with(|requester| Self {
                actor: requester.actor.get().map_or("nobody", String::as_str).to_owned(),
                request: requester.id.to_string(),
            })
            .unwrap_or_else(|_| Self::vault())
    }
}

/// One request, and who turned out to have sent it.
#[derive(Clone, Debug)]
pub struct Requester {
    id: Arc<str>,
    actor: Arc<OnceLock<String>>,
}

impl Requester {
    /// A request that just came in.
    #[must_use]
    pub fn unknown() -> Self {
        // Without random bytes nothing that is worth a row can be done.
        let id = random::text(&SystemRandom, LETTERS, REQUEST_ID_LEN).unwrap_or_default();
        Self { id: id.as_str().into(), actor: Arc::default() }
    }

    /// A command of whoever runs the vault.
    #[must_use]
    pub fn operator() -> Self {
        let requester = Self::unknown();
        // New, so it is empty.
        requester.actor.get_or_init(|| "operator".to_owned());
        requester
    }

    /// The id of the request.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// Does something for a requester: what is written meanwhile is written in its name.
pub async fn asked_by<T>(requester: Requester, work: impl Future<Output = T>) -> T {
    CURRENT.scope(requester, work).await
}

/// Notes whose API key a request came with; the first one counts.
pub fn identify(key_id: &str) {
    let noted = CURRENT.try_with(|requester| requester.actor.get_or_init(|| key_id.to_owned()).len());
    if noted.is_err() {
        tracing::debug!("a key was identified outside of any request");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_is_nobodys_until_a_key_is_known_and_then_that_keys() {
        assert_eq!(Author::current(), Author::vault());
        let requester = Requester::unknown();
        let id = requester.id().to_owned();
        assert_eq!(id.len(), REQUEST_ID_LEN);
        asked_by(requester, async {
            assert_eq!(Author::current(), Author { actor: "nobody".to_owned(), request: id.clone() });
            identify("123456789ABC");
            identify("another");
            assert_eq!(Author::current(), Author { actor: "123456789ABC".to_owned(), request: id });
        })
        .await;
        asked_by(Requester::operator(), async { assert_eq!(Author::current().actor, "operator") }).await;
        identify("123456789ABC");
        assert_eq!(Author::current(), Author::vault());
    }
}
