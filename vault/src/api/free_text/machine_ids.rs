//! Ids and hashes that machines make, which nobody types and no card number is written as.

use zeroize::Zeroizing;

/// How long a UUID is with its dashes, and where those are.
const UUID_LEN: usize = 36;
const UUID_DASHES: [usize; 4] = [8, 13, 18, 23];

/// How long words of hexadecimal digits are that machines make: 12 bytes (document databases, and the ids of Paydock's API),
/// a UUID without its dashes or MD5, SHA-1, SHA-256.
const HEX_LENS: [usize; 4] = [24, 32, 40, 64];

/// What stands in the place of one: parts the digits before it from those behind it.
const PLACE: char = 'x';

/// A text without the ids and hashes in it. One of digits alone stays, as nothing tells it from a number.
pub(super) fn without_machine_ids(text: &str) -> Zeroizing<String> {
    // What is left may be a card number after all.
    let mut left = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    let mut is_word_start = true;
    while let Some(next) = rest.chars().next() {
        let id = if is_word_start { machine_id(rest) } else { None };
        match id {
            Some(id) => {
                left.push(PLACE);
                rest = rest.strip_prefix(id).unwrap_or_default();
                is_word_start = false;
            }
            None => {
                left.push(next);
                rest = rest.strip_prefix(next).unwrap_or_default();
                is_word_start = !next.is_alphanumeric();
            }
        }
    }
    left
}

/// The id or hash that a text begins with, if it ends with a word.
fn machine_id(text: &str) -> Option<&str> {
    let is_whole = |id: &&str| {
        let behind = text.strip_prefix(*id).and_then(|behind| behind.chars().next());
        let has_letter = id.bytes().any(|byte| byte.is_ascii_alphabetic());
        has_letter && !behind.is_some_and(char::is_alphanumeric)
    };
    let uuid = text.get(..UUID_LEN).filter(|id| is_uuid(id));
    let hex = HEX_LENS.iter().filter_map(|len| text.get(..*len));
    let mut hex = hex.filter(|id| id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    uuid.filter(is_whole).or_else(|| hex.find(is_whole))
}

fn is_uuid(id: &str) -> bool {
    id.bytes().enumerate().all(|(index, byte)| match UUID_DASHES.contains(&index) {
        true => byte == b'-',
        false => byte.is_ascii_hexdigit(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "3f459621-6408-4564-ac94-6f6261c435a8";

    #[test]
    fn ids_are_taken_out_wherever_a_word_begins_and_ends() {
        let sha1 = "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3";
        for (text, left) in [
            (UUID.to_owned(), "x"),
            (UUID.to_uppercase(), "x"),
            (format!("order-{UUID}"), "order-x"),
            (format!("urn:uuid:{UUID}, {{{UUID}}}"), "urn:uuid:x, {x}"),
            (format!("{UUID}-1"), "x-1"),
            (UUID.replace('-', ""), "x"),
            ("65f1c0ffee4111111111111a".to_owned(), "x"),
            (format!("{sha1} 4111 1111 1111 1111"), "x 4111 1111 1111 1111"),
            (format!("4111 1111 1111 {UUID} 1111"), "4111 1111 1111 x 1111"),
            (format!("{sha1}{}", "c0ffee".repeat(4)), "x"),
            (format!("é{UUID}"), &format!("é{UUID}")),
            (UUID.replace('a', "é"), &UUID.replace('a', "é")),
        ] {
            assert_eq!(*without_machine_ids(&text), left, "{text}");
        }
    }

    #[test]
    fn all_else_stays() {
        for text in [
            "",
            "4111 1111 1111 1111",
            "4111111111111111",
            "card4111111111111111",
            // Of no length that machines make, or with more of the word before or behind it.
            "fee4111111111111111",
            &format!("a{UUID}"),
            &format!("{UUID}0"),
            UUID.trim_end_matches('8'),
            // Nothing but digits.
            "41111111-1111-1111-4111-111111111111",
            "411111111111111141111111",
        ] {
            assert_eq!(*without_machine_ids(text), text);
        }
    }
}
