//! The ids of things: UUIDs, or what another face of the vault made.
//!
//! Flute's ids are UUIDs. A merchant's customers and payment methods may have been made through another
//! face, with that face's ids; they are found here too. A UUID reads the same in upper and lower case.

use crate::api::free_text;
use crate::api::members::{Members, Misfit};
use crate::random::{self, Random, RandomFailed};
use crate::vaulting;

/// Longer than any id of any face.
const LONGEST: usize = 64;

/// The text of an id that something could have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EntityId(String);

impl EntityId {
    /// Reads an id.
    ///
    /// # Errors
    /// `invalid_id` if nothing can have it.
    pub(super) fn parse(path: &str, text: &str) -> Result<Self, Misfit> {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if text.is_empty() || text.len() > LONGEST || !plain {
            return Err(Misfit::invalid(path, "invalid_id", format!("{path} must be a UUID")));
        }
        free_text::refuse_card_as_id(path, text)?;
        Ok(Self(if is_uuid(text) { text.to_ascii_lowercase() } else { text.to_owned() }))
    }

    /// Takes an id out of a body.
    ///
    /// # Errors
    /// `wrong_type`, or what [`EntityId::parse`] refuses.
    pub(super) fn take(members: &mut Members, name: &str) -> Result<Option<Self>, Misfit> {
        let path = members.path(name);
        members.text(name, LONGEST)?.map(|text| Self::parse(&path, &text)).transpose()
    }

    /// Takes an id that must be a UUID, because no other face makes such things.
    ///
    /// # Errors
    /// `wrong_type` or `invalid_id`.
    pub(super) fn take_uuid(members: &mut Members, name: &str) -> Result<Option<Self>, Misfit> {
        let path = members.path(name);
        match Self::take(members, name)? {
            Some(id) if !is_uuid(&id.0) => {
                Err(Misfit::invalid(&path, "invalid_id", format!("{path} must be a UUID")))
            }
            found => Ok(found),
        }
    }

    /// A new UUID.
    ///
    /// # Errors
    /// If there are no random bytes.
    pub(super) fn generate(random: &dyn Random) -> Result<Self, RandomFailed> {
        random::uuid_v4(random).map(Self)
    }

    /// The id that a keyed hash stands for: the same for the same hash, in the form of a UUID (RFC 9562,
    /// version 8).
    pub(super) fn of_mac(mac: &[u8; 32]) -> Self {
        Self(vaulting::uuid_of_mac(mac))
    }

    /// The text.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_uuid(text: &str) -> bool {
    let mut lengths = text.split('-').map(str::len);
    text.len() == 36
        && [8, 4, 4, 4, 12].into_iter().all(|length| lengths.next() == Some(length))
        && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_reads_in_any_case_and_other_faces_ids_as_they_are() {
        let upper = EntityId::parse("id", "8A06469F-25DA-4763-990D-11A4BBC74ECB").unwrap();
        assert_eq!(upper.as_str(), "8a06469f-25da-4763-990d-11a4bbc74ecb");
        assert_eq!(EntityId::parse("id", "cus_2NxhTHp").unwrap().as_str(), "cus_2NxhTHp");
        for text in ["", "a b", "../x", "4111111111111111", "é", &"a".repeat(65)] {
            assert!(EntityId::parse("id", text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_hash_is_always_the_same_uuid() {
        let id = EntityId::of_mac(&[0xff; 32]);
        assert_eq!(id.as_str(), "ffffffff-ffff-8fff-bfff-ffffffffffff");
        assert!(is_uuid(id.as_str()));
        assert_eq!(EntityId::of_mac(&[0xff; 32]), id);
    }
}
