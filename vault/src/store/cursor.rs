//! Places in a list: creation time and id of an item, which say where to go on even when the item is gone.

use base64ct::{Base64UrlUnpadded, Encoding as _};

use super::{Listed, Page, StoreError};

/// What every place begins with; no generated id does.
const PREFIX: &str = "at_";

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

/// Cuts off the one item too many that tells whether there are more.
pub(super) fn listed<T>(
    mut items: Vec<T>,
    page: &Page,
    place: fn(&T) -> (i64, &str),
) -> Result<Listed<T>, StoreError> {
    let limit = usize::try_from(page.limit).map_err(|_| StoreError::Corrupt("a page limit"))?;
    let has_more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| has_more).map(|last| {
        let (created_at_ms, id) = place(last);
        to_text(created_at_ms, id)
    });
    Ok(Listed { items, next })
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
