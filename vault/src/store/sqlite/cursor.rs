//! Places in a list: creation time and id of an item, which say where to go on even when the item is gone.

use base64ct::{Base64UrlUnpadded, Encoding as _};

/// What every place begins with; no generated id does.
const PREFIX: &str = "at_";

/// A table that is listed in pages.
#[derive(Clone, Copy, Debug)]
pub(super) enum Table {
    Customer,
    PaymentMethod,
}

impl Table {
    /// Finds an item's place.
    pub(super) const fn place_of_item(self) -> &'static str {
        match self {
            Self::Customer => "SELECT created_at_ms, id FROM customer WHERE tenant_id = ?1 AND id = ?2",
            Self::PaymentMethod => {
                "SELECT created_at_ms, id FROM payment_method WHERE tenant_id = ?1 AND id = ?2"
            }
        }
    }
}

/// Writes a place.
pub(super) fn to_text(created_at_ms: i64, id: &str) -> String {
    let bytes = [&created_at_ms.to_be_bytes(), id.as_bytes()].concat();
    [PREFIX, &Base64UrlUnpadded::encode_string(&bytes)].concat()
}

/// Reads a place.
pub(super) fn from_text(text: &str) -> Option<(i64, String)> {
    let bytes = Base64UrlUnpadded::decode_vec(text.strip_prefix(PREFIX)?).ok()?;
    let (created_at_ms, id) = bytes.split_first_chunk()?;
    Some((i64::from_be_bytes(*created_at_ms), String::from_utf8(id.to_vec()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_nothing_else_does() {
        for (at_ms, id) in [(0, "cus_1"), (i64::MAX, ""), (-1, "an id with \u{e9} and spaces")] {
            assert_eq!(from_text(&to_text(at_ms, id)), Some((at_ms, id.to_owned())));
        }
        for text in ["", "at_", "at_AAAA", "at_====", "cus_AAAAAAAAAAAAAAAA", "at_AAAAAAAAAAD_"] {
            assert_eq!(from_text(text), None, "{text}");
        }
    }
}
