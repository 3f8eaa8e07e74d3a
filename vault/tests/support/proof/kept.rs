//! What is there: read from a store.

use std::collections::{HashMap, HashSet};

use vault::{
    audit,
    domain::{CustomerId, Holding, TenantId, TokenState},
    keyring::AuditKey,
    store::{Page, Store},
};

/// The action of a spend in the audit log.
pub(crate) const SPEND: &str = "token.spend";

/// What has become of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Missing,
    Unspent,
    Spent,
    /// Spent, with its ciphertext, or not spent and without: half of a write.
    Torn,
}

/// Everything of one merchant that a history can be compared with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    /// By the names of the history; those that are not here are missing.
    pub(crate) tokens: HashMap<String, Token>,
    /// All payment methods of the merchant.
    pub(crate) methods: Vec<String>,
    pub(crate) others: HashSet<String>,
    pub(crate) recorded_spends: usize,
    pub(crate) findings: usize,
}

impl Kept {
    /// Reads it from a store. Each token is given by its name in the history and its keyed hash.
    pub(crate) async fn in_store(
        store: &dyn Store,
        key: AuditKey,
        tenant: &TenantId,
        tokens: impl IntoIterator<Item = (String, [u8; 32])>,
        customers: &[String],
    ) -> Self {
        let mut kept = Self::default();
        for (name, mac) in tokens {
            let state = match store.token(tenant, &mac).await.unwrap() {
                None => Token::Missing,
                Some(token) => match (token.state, token.sealed.is_some()) {
                    (TokenState::Issued, true) => Token::Unspent,
                    (TokenState::Spent, false) => Token::Spent,
                    (TokenState::Issued, false) | (TokenState::Spent, true) | (TokenState::Expired, _) => {
                        Token::Torn
                    }
                },
            };
            kept.tokens.insert(name, state);
        }
        for id in customers {
            if store.customer(tenant, &CustomerId::new(id.as_str())).await.unwrap().is_some() {
                kept.others.insert(id.clone());
            }
        }
        let mut after = None;
        loop {
            let page = Page { limit: 1000, after };
            let listed = store.payment_methods(tenant, &Holding::Any, &page).await.unwrap();
            kept.methods.extend(listed.items.into_iter().map(|method| method.id.as_str().to_owned()));
            after = listed.next;
            if after.is_none() {
                break;
            }
        }
        kept.findings = audit::verify(store, key, Vec::new()).await.unwrap().findings.len();
        let mut last = None;
        loop {
            let rows = store.audit_rows(last.as_ref(), 10_000).await.unwrap();
            let Some(end) = rows.last() else { break };
            last = Some(end.place.clone());
            kept.recorded_spends +=
                rows.iter().filter(|row| row.place.tenant == *tenant && row.action == SPEND).count();
        }
        kept
    }
}
