//! One version of a merchant's look-up key: what finds and recognises without being kept in clear.

use instrument::{Instrument, card::CardNumber};

use super::cipher;
use crate::domain::{Face, Source, TenantId};

/// One version of a merchant's look-up key. What is stored under it names the version.
#[derive(Clone, Copy)]
pub struct Lookup<'a> {
    tenant: &'a TenantId,
    version: u32,
    key: &'a [u8; 32],
}

impl<'a> Lookup<'a> {
    pub(super) const fn new(tenant: &'a TenantId, version: u32, key: &'a [u8; 32]) -> Self {
        Self { tenant, version, key }
    }

    /// Which version it is.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// What a token is stored as.
    #[must_use]
    pub fn token_mac(&self, token: &str) -> [u8; 32] {
        self.mac("token", &[token.as_bytes()])
    }

    /// What an API key is stored as.
    #[must_use]
    pub fn api_key_mac(&self, key: &str) -> [u8; 32] {
        self.mac("api-key", &[key.as_bytes()])
    }

    /// What an attempt to issue a token is stored as.
    #[must_use]
    pub fn attempt_mac(&self, key_id: &str, idempotency_key: &str) -> [u8; 32] {
        self.mac("attempt", &[key_id.as_bytes(), idempotency_key.as_bytes()])
    }

    /// What tells whether a repeated attempt asks for the same thing.
    ///
    /// The key is made of the idempotency key too, so that nobody who has all the vault's keys but not
    /// that one can try numbers against it.
    #[must_use]
    pub fn attempt_digest(&self, idempotency_key: &str, asked: &[&[u8]]) -> [u8; 32] {
        let info: [&[u8]; 2] = [b"tessera/attempt-digest/v1", self.tenant.as_str().as_bytes()];
        cipher::mac(&cipher::derive(self.key, idempotency_key.as_bytes(), &info), asked)
    }

    /// The keyed hash by which the same card or account is recognised within this merchant.
    ///
    /// Keyed, of the whole number, as PCI DSS 4.0.1 requirement 3.5.1.1 asks.
    #[must_use]
    pub fn fingerprint(&self, source: &Source) -> String {
        let kind = source.kind().as_str().as_bytes();
        let hash = |parts: &[&[u8]]| self.mac("fingerprint", &[&[kind], parts].concat());
        // EXPOSE: the number goes into the keyed hash and nowhere else.
        let mac = match source {
            Source::Instrument(Instrument::Card(card)) => hash(&[card.number().expose().as_bytes()]),
            Source::Instrument(Instrument::BankAccount(account)) => {
                hash(&[account.routing().expose().as_bytes(), account.account().expose().as_bytes()])
            }
            Source::Bsb(account) => hash(&[account.bsb().as_bytes(), account.expose().as_bytes()]),
            Source::Checkout(agreement) => hash(&[agreement.expose().as_bytes()]),
        };
        bs58::encode(mac).into_string()
    }

    /// What is remembered of a card in memory, to count different ones: keyed and cut, and nowhere stored.
    #[must_use]
    pub fn card_mark(&self, number: &CardNumber) -> [u8; 8] {
        // EXPOSE: the number goes into the keyed hash and nowhere else.
        let mac = self.mac("velocity", &[number.expose().as_bytes()]);
        mac.first_chunk().copied().unwrap_or_default()
    }

    /// What an answer that is given again is stored as.
    #[must_use]
    pub fn answer_mac(&self, face: Face, idempotency_key: &str) -> [u8; 32] {
        self.mac("answer", &[face.as_str().as_bytes(), idempotency_key.as_bytes()])
    }

    /// What tells whether the same is asked again; keyed like [`attempt_digest`](Self::attempt_digest).
    #[must_use]
    pub fn answer_digest(&self, idempotency_key: &str, asked: &[&[u8]]) -> [u8; 32] {
        let info: [&[u8]; 2] = [b"tessera/answer-digest/v1", self.tenant.as_str().as_bytes()];
        cipher::mac(&cipher::derive(self.key, idempotency_key.as_bytes(), &info), asked)
    }

    /// The keyed hash of a text for one purpose, for what is signed and for what is found by it.
    #[must_use]
    pub fn purpose_mac(&self, purpose: &'static str, parts: &[&[u8]]) -> [u8; 32] {
        let info: [&[u8]; 3] = [b"tessera/purpose/v1", self.tenant.as_str().as_bytes(), purpose.as_bytes()];
        cipher::mac(&cipher::derive(self.key, b"", &info), parts)
    }

    fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let info: [&[u8]; 3] = [b"tessera/lookup/v1", self.tenant.as_str().as_bytes(), purpose.as_bytes()];
        cipher::mac(&cipher::derive(self.key, b"", &info), parts)
    }
}
