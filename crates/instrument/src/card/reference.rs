//! Card numbers in what programs send: references, metadata, ids.
//!
//! What machines write there, ids, hashes and moments, is passed over, but for the forms in which card data is written. Of random
//! UUIDs, 18 in ten thousand hold digits that would pass for a card number, and a merchant whose references are such ids
//! must not be refused now and then. What a person types is searched whole: [`super::contains_card_number`].

use zeroize::Zeroizing;

use super::CardNumber;
use crate::digits::passes_luhn;

/// How long a UUID is with its dashes, and where those are.
const UUID_LEN: usize = 36;
const UUID_DASHES: [usize; 4] = [8, 13, 18, 23];

/// How long words of hexadecimal digits are that machines make, longest first: hashes of 64 bytes (SHA-512) down to 20 (SHA-1), a
/// UUID without its dashes or MD5, and 12 bytes (document databases, and the ids of Paydock's API).
const HEX_LENS: [usize; 7] = [128, 96, 64, 56, 40, 32, 24];

/// What stands in the place of one: parts the digits before it from those behind it.
const PLACE: char = 'x';

/// How a moment is written in logs and databases; `0` is any digit, and the sign in the middle may be a `T`.
const MOMENT: &str = "0000-00-00 00:00:00";

/// In which centuries moments are. No card number begins so, of no scheme, and with dashes and colons in these places.
const CENTURIES: [&str; 3] = ["19", "20", "21"];

/// Whether a card number stands in a text that a program has sent, outside the ids, hashes and moments that machines write.
pub fn contains_card_number(text: &str) -> bool {
    // Nearly every text holds none at all; without what is passed over there are only fewer digits together.
    super::contains_card_number(text) && super::contains_card_number(&without_machine_made(text))
}

/// Whether an id that a program has sent has a card number in it: as a whole run of digits between letters, as a longer one may
/// be the merchant's own, or as the whole id, in groups.
pub fn is_id_with_card_number(id: &str) -> bool {
    let id = &without_machine_made(id);
    let has_number = |id: &str| id.split(|c: char| !c.is_ascii_digit()).any(is_card_number);
    // Groups of digits alone are a number that is written as on a card.
    let bare: Zeroizing<String> = Zeroizing::new(id.chars().filter(|c| !matches!(c, '-' | '_')).collect());
    has_number(id) || (is_digits(&bare) && has_number(&bare))
}

/// Whether digits are a card number as a whole: 13 to 19 that pass the Luhn formula and that a known scheme has.
pub fn is_card_number(digits: &str) -> bool {
    (13..=19).contains(&digits.len()) && passes_luhn(digits) && CardNumber::parse(digits).is_ok()
}

/// A text without the ids, hashes and moments in it. One of digits alone stays, as nothing tells it from a number.
fn without_machine_made(text: &str) -> Zeroizing<String> {
    // What is left may be a card number after all.
    let mut left = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    let mut is_word_start = true;
    while let Some(next) = rest.chars().next() {
        let found = if is_word_start { machine_made(rest) } else { None };
        match found {
            Some(found) => {
                left.push(PLACE);
                rest = rest.strip_prefix(found).unwrap_or_default();
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

/// The id, hash or moment that a text begins with, if it ends with a word.
fn machine_made(text: &str) -> Option<&str> {
    let is_whole = |found: &&str| {
        let behind = text.strip_prefix(*found).and_then(|behind| behind.chars().next());
        !behind.is_some_and(char::is_alphanumeric)
    };
    let has_letter = |id: &&str| id.bytes().any(|byte| byte.is_ascii_alphabetic());
    let uuid = text.get(..UUID_LEN).filter(|id| is_uuid(id) && has_letter(id));
    let prefix = if text.starts_with("0x") { 2 } else { 0 };
    let hex = HEX_LENS.iter().filter_map(|len| text.get(..prefix + *len));
    let mut hex = hex.filter(|id| id.get(prefix..).is_some_and(|id| is_hash(id) && has_letter(&id)));
    uuid.filter(is_whole).or_else(|| hex.find(is_whole)).or_else(|| moment(text).filter(is_whole))
}

/// Of a version and of the variant that RFC 9562 knows.
fn is_uuid(id: &str) -> bool {
    id.bytes().enumerate().all(|(index, byte)| match index {
        index if UUID_DASHES.contains(&index) => byte == b'-',
        14 => matches!(byte, b'1'..=b'8'),
        19 => matches!(byte, b'8' | b'9' | b'a' | b'b' | b'A' | b'B'),
        _ => byte.is_ascii_hexdigit(),
    })
}

/// Whether a word is of hexadecimal digits, and none of the forms in which the world of cards writes its numbers in them.
fn is_hash(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_hexdigit()) && !is_card_data(&word.to_ascii_lowercase())
}

/// Whether a word has in it a card number with `D` and an expiry behind it (track 2), one with nothing but `F` behind it (to fill
/// bytes), or one behind the tag and the length of EMV's `5A`.
fn is_card_data(word: &str) -> bool {
    let without_filling = word.trim_end_matches('f');
    // A single `F` behind the last digits of a longer word is chance: a hash ends so now and then.
    let is_filled = is_card_number(without_filling)
        || (word.len() - without_filling.len() > 1 && ends_with_card(without_filling));
    let has_track = word.match_indices('d').any(|(at, _)| {
        let expiry = word.get(at + 1..at + 5).filter(|expiry| is_digits(expiry));
        let month = expiry.and_then(|expiry| expiry.get(2..)?.parse::<u8>().ok());
        month.is_some_and(|month| (1..=12).contains(&month)) && word.get(..at).is_some_and(ends_with_card)
    });
    // A number of 13 to 19 digits takes seven to ten bytes.
    let has_tag = ["5a07", "5a08", "5a09", "5a0a"].iter().zip([14, 16, 18, 20]).any(|(tag, len)| {
        word.match_indices(tag).any(|(at, tag)| {
            let value = at + tag.len();
            word.get(value..value + len).is_some_and(|value| is_card_number(value.trim_end_matches('f')))
        })
    });
    is_filled || has_track || has_tag
}

/// Whether a word ends with a card number, whatever digits stand before it: a tag and a length may.
fn ends_with_card(word: &str) -> bool {
    let number = |len: usize| word.len().checked_sub(len).and_then(|start| word.get(start..));
    (13..=19).filter_map(number).any(|number| is_digits(number) && is_card_number(number))
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The moment that a text begins with, with the parts of its second.
fn moment(text: &str) -> Option<&str> {
    let bare = text.get(..MOMENT.len())?;
    let has_form = bare.chars().zip(MOMENT.chars()).all(|(c, form)| match form {
        '0' => c.is_ascii_digit(),
        ' ' => c == ' ' || c == 'T',
        mark => c == mark,
    });
    if !has_form || !CENTURIES.iter().any(|century| bare.starts_with(century)) {
        return None;
    }
    let behind = text.strip_prefix(bare)?;
    let parts = behind.strip_prefix(['.', ',']).map_or(0, |parts| {
        let digits = parts.bytes().take_while(u8::is_ascii_digit).count();
        if (1..=9).contains(&digits) { 1 + digits } else { 0 }
    });
    let zone = behind.get(parts..).is_some_and(|zone| zone.starts_with('Z'));
    text.get(..bare.len() + parts + usize::from(zone))
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
            (format!("0x{sha1}"), "x"),
            ("at 2025-07-10 10:47:19.136, late".to_owned(), "at x, late"),
            ("2025-07-10T10:47:19".to_owned(), "x"),
            ("2025-07-10 10:47:19.136Z".to_owned(), "x"),
            ("2025-07-10 10:47:19,136000".to_owned(), "x"),
            ("2025-07-10 10:47:19.1234567890".to_owned(), "x.1234567890"),
            (format!("é{UUID}"), &format!("é{UUID}")),
            (UUID.replace('a', "é"), &UUID.replace('a', "é")),
        ] {
            assert_eq!(*without_machine_made(&text), left, "{text}");
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
            "4111-11-11 11:11:11.111",
            "2025-07-10 10:47:191",
            "2025-07-10-10:47:19",
            // Of no version, and of another variant.
            "deadbeef-4111-1111-1111-111111111111",
            "deadbeef-4111-9111-8111-111111111111",
            // Nothing but digits.
            "41111111-1111-1111-4111-111111111111",
            "411111111111111141111111",
        ] {
            assert_eq!(*without_machine_made(text), text);
        }
    }

    #[test]
    fn card_data_in_hexadecimal_digits_stays() {
        for text in [
            "4111111111111111D3012201",
            "378282246310005D30122010",
            "4111111111111111D301220112345678",
            "PAN:4111111111111111FFFFFFFF",
            "378282246310005FFFFFFFFF",
            "5A0A4111111111111111FFFF",
            "5A0841111111111111115F2403301231",
            "9f1e08c0ffee005a08378282246310005f5f3401",
            "5A0841111111111111115F24033012315F340101",
            "57114111111111111111D3012201000000000F5F24033012315F340101500156",
            "5F24033012315F34010150015657114111111111111111D3012201000000000F",
            "570C4111111111111111D30122015F2403301231",
            "5F24033012314111111111111111FFFF",
            "4111111111111111D30122015F340101",
            "4111111111111111d3012201abcdef12",
        ] {
            assert_eq!(*without_machine_made(text), text);
        }
        // Words of the same form that hold no card number.
        for text in [
            "59798178772140d1875ef831",
            "4111111111111112D3012201",
            "4111111111111112FFFFFFFF",
            "5A0841111111111111125F2403301231",
        ] {
            assert_eq!(*without_machine_made(text), "x", "{text}");
        }
    }
}
