//! What an envelope is bound to.

use instrument::Kind;

use crate::{key::KeyId, suite::Suite};

/// Everything besides the key that an envelope is bound to.
///
/// The browser and the vault must give exactly the same values, or the envelope does not open. The
/// vault takes none of them on trust: the publishable key is the one that authenticated the request,
/// the frame's origin is its own, the page's origin must be among those allowed for the key.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The whole publishable key that the request is made with.
    pub publishable_key: &'a str,
    /// The origin of the document that seals: the card frame, hence the vault's public origin.
    pub frame_origin: &'a str,
    /// The origin of the merchant's page around the frame, as the browser told the frame.
    pub page_origin: &'a str,
    /// What is inside; the vault learns it before opening.
    pub kind: Kind,
    /// The attempt's idempotency key: a second use of the same envelope is a repetition, not a
    /// second card.
    pub idempotency_key: &'a str,
}

impl Context<'_> {
    /// The associated data of RFC 9180: the envelope's version and key id, then each text behind its length.
    ///
    /// Lengths are four bytes, big-endian, so that no two contexts have the same bytes.
    pub(crate) fn associated_data(&self, suite: Suite, key_id: KeyId) -> Vec<u8> {
        let parts = [
            self.publishable_key,
            self.frame_origin,
            self.page_origin,
            self.kind.as_str(),
            self.idempotency_key,
        ];
        let mut data = Vec::with_capacity(parts.iter().map(|part| part.len() + 4).sum::<usize>() + 9);
        data.push(suite.number());
        data.extend_from_slice(key_id.bytes());
        for part in parts {
            // No text in a context comes near four gigabytes; a longer one would be cut in its length
            // alone and simply not open.
            data.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            data.extend_from_slice(part.as_bytes());
        }
        data
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_a_letter_between_neighbours_changes_the_bytes() {
        let context = |publishable_key, frame_origin| Context {
            publishable_key,
            frame_origin,
            page_origin: "p",
            kind: Kind::Card,
            idempotency_key: "i",
        };
        let id = KeyId::new([1; 8]);
        assert_ne!(
            context("ab", "c").associated_data(Suite::X25519, id),
            context("a", "bc").associated_data(Suite::X25519, id)
        );
    }
}
