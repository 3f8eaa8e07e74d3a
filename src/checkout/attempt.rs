//! [`Attempt`]: one state of the fields on its way to a token.

use gateway::Endpoint;
use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use instrument::Entry;
use seal::{Context, Envelope, PublicKey};

use crate::error::Problem;

/// The characters of an idempotency key: 64 of them, six bits each.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// How many characters an idempotency key has: 192 bits.
const KEY_LEN: usize = 32;

/// One state of the fields with its idempotency key and, once it was sealed, its envelope. A second click, a
/// retry and a reconnect use it again, so the vault sees the same attempt. The number itself is not in here.
pub(super) struct Attempt {
    pub(super) revision: u32,
    pub(super) idempotency_key: String,
    /// In milliseconds since 1970.
    pub(super) began_at_ms: u64,
    envelope: Option<Envelope>,
}

impl Attempt {
    /// A new attempt at this state of the fields.
    pub(super) fn new(revision: u32, began_at_ms: u64) -> Result<Self, Problem> {
        let mut random = [0_u8; KEY_LEN];
        getrandom::fill(&mut random).map_err(|_| Problem::internal())?;
        let idempotency_key =
            random.iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 63))).copied().map(char::from);
        Ok(Self { revision, idempotency_key: idempotency_key.collect(), began_at_ms, envelope: None })
    }

    /// The envelope for this key: the one that is there already, or the entry sealed now.
    pub(super) fn envelope(
        &mut self,
        entry: Entry,
        key: &PublicKey,
        endpoint: &Endpoint,
        page_origin: &str,
    ) -> Result<Envelope, Problem> {
        if let Some(envelope) = self.envelope.as_ref().filter(|envelope| envelope.key_id() == key.id()) {
            return Ok(envelope.clone());
        }
        let context = Context {
            publishable_key: &endpoint.publishable_key,
            frame_origin: &endpoint.base_url,
            page_origin,
            kind: entry.kind(),
            idempotency_key: &self.idempotency_key,
        };
        // `new` has shown that there is randomness; without it this would panic, and that is right.
        let mut rng = UnwrapErr(SysRng);
        let envelope = seal::seal(entry, key, &context, &mut rng).map_err(|_| Problem::internal())?;
        self.envelope = Some(envelope.clone());
        Ok(envelope)
    }
}
