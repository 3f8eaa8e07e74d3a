//! Keyed hashes that name the version of their key. Those of the first version are bare, as they were before there was
//! another; those of later ones have four bytes more in front.

use super::cipher;

/// The first version.
pub(crate) const FIRST: u32 = 1;

/// Bytes of a hash without its version.
const BARE_LEN: usize = 32;

/// Bytes of a version in front of a hash.
const VERSION_LEN: usize = 4;

/// HMAC-SHA256 over parts, with the name of the key's version.
pub(super) fn hash(version: u32, key: &[u8; 32], parts: &[&[u8]]) -> Vec<u8> {
    let mac = cipher::mac(key, parts);
    if version == FIRST { mac.to_vec() } else { [version.to_be_bytes().as_slice(), &mac].concat() }
}

/// The version that a hash is of, and the hash without it; none of what is no hash, such as the empty one before a chain's
/// first row. Each version has one form only.
pub(crate) fn split(hash: &[u8]) -> Option<(u32, &[u8])> {
    match hash.split_first_chunk::<VERSION_LEN>() {
        Some((version, rest)) if rest.len() == BARE_LEN => {
            Some((u32::from_be_bytes(*version), rest)).filter(|(version, _)| *version > FIRST)
        }
        Some(_) | None => (hash.len() == BARE_LEN).then_some((FIRST, hash)),
    }
}

/// The version that a hash is of.
pub(super) fn version_of(hash: &[u8]) -> Option<u32> {
    split(hash).map(|(version, _)| version)
}
