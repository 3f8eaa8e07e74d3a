//! What people write and this vault shows in clear: names, notes, e-mail addresses, telephone numbers, ids.
//!
//! A card number typed into one must be refused (PCI DSS 3.5.1 asks that a PAN is unreadable wherever it
//! is stored). What counts as one, 13 to 19 digits that pass the Luhn formula and that a known scheme has,
//! depends on what the member is for:
//!
//! | member | searched for a card number |
//! |---|---|
//! | free text and e-mail address | everywhere, whatever separates the digits: [`reference::contains_card_number`] |
//! | telephone and fax number | all its digits together, as one number in ten passes the Luhn formula |
//! | custom id | every run of digits between letters, whole: [`reference::is_id_with_card_number`] |

use instrument::card::reference;
use zeroize::Zeroizing;

use super::members::{Members, Misfit};

/// Takes a free text, without spaces around it.
///
/// # Errors
/// What [`Members::text`] refuses, or `contains_card_number`.
pub(crate) fn take(members: &mut Members, name: &str, max_chars: usize) -> Result<Option<String>, Misfit> {
    let path = members.path(name);
    let Some(text) = members.text(name, max_chars)? else { return Ok(None) };
    refuse_card_number(&path, &text)?;
    Ok(Some(text.trim().to_owned()))
}

/// Refuses a text in which a card number stands.
///
/// # Errors
/// `contains_card_number` at the path given.
pub(crate) fn refuse_card_number(path: &str, text: &str) -> Result<(), Misfit> {
    refuse_if(path, reference::contains_card_number(text))
}

/// Refuses a telephone number whose digits are a card number.
///
/// # Errors
/// `contains_card_number` at the path given.
pub(crate) fn refuse_card_as_phone(path: &str, text: &str) -> Result<(), Misfit> {
    let digits: Zeroizing<String> = Zeroizing::new(text.chars().filter(char::is_ascii_digit).collect());
    refuse_if(path, reference::is_card_number(&digits))
}

/// Refuses an id with a card number in it; ids are part of addresses, which are logged everywhere.
///
/// # Errors
/// `contains_card_number` at the path given.
pub(crate) fn refuse_card_as_id(path: &str, id: &str) -> Result<(), Misfit> {
    refuse_if(path, reference::is_id_with_card_number(id))
}

fn refuse_if(path: &str, found: bool) -> Result<(), Misfit> {
    if found { Err(card_number(path)) } else { Ok(()) }
}

/// The refusal of a card number at a path.
pub(crate) fn card_number(path: &str) -> Misfit {
    let msg = format!("{path} must not hold a card number; send it as a payment method");
    Misfit::invalid(path, "contains_card_number", msg)
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use instrument::card::contains_card_number;
    use instrument::digits::passes_luhn;
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn card_numbers_are_found_however_they_are_grouped() {
        for text in [
            "4111111111111111",
            "card 4111 1111 1111 1111.",
            "5555-5555-5555-4444",
            "see:378282246310005;",
            "Apt 5 4111 1111 1111 1111 12/30",
        ] {
            assert!(contains_card_number(text), "{text}");
        }
    }

    #[test]
    fn other_numbers_pass() {
        for text in ["", "order 12345", "2019-08-09 09:04", "12 Main St, 60187"] {
            assert!(!contains_card_number(text), "{text}");
        }
    }

    #[test]
    fn a_reference_that_a_machine_made_is_never_taken_for_a_card_number() {
        // Those of which a part would pass for one are counted, so that the test says something of the rules.
        let in_text = |text: &str| u32::from(contains_card_number(text));
        let in_id =
            |id: &str| u32::from(id.split(|c: char| !c.is_ascii_digit()).any(reference::is_card_number));
        let (mut uuids, mut moments, mut ids) = (0, 0, 0);
        for number in 0..20_000_u32 {
            let mut bytes = Sha256::digest(number.to_be_bytes());
            let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
            let hash = hex(&bytes);
            // As of version 4.
            bytes[6] = bytes[6] & 0x0f | 0x40;
            bytes[8] = bytes[8] & 0x3f | 0x80;
            let groups = [0..4, 4..6, 6..8, 8..10, 10..16];
            let uuid = groups.map(|range: Range<usize>| hex(&bytes[range])).join("-");
            let seconds = jiff::Timestamp::from_millisecond(i64::from(number) * 86_423_137).unwrap();
            let moment = seconds.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string();
            (uuids, moments) = (uuids + in_text(&uuid), moments + in_text(&moment));
            let hashes = [12, 16, 20].map(|len| hex(&bytes[..len]));
            for text in hashes.into_iter().chain([hash, format!("order-{uuid}"), uuid, moment]) {
                ids += in_id(&text);
                assert!(refuse_card_number("reference", &text).is_ok(), "{text}");
                assert!(refuse_card_as_id("id", &text).is_ok(), "{text}");
            }
        }
        // Of 20,000 each; docs/validation.md has what it is of 400,000.
        assert!((15..=60).contains(&uuids) && (1500..=2500).contains(&moments), "{uuids} {moments}");
        assert!(ids > 5, "{ids}");
    }

    #[test]
    fn a_telephone_number_is_a_card_number_only_as_a_whole() {
        for phone in ["378282246310005", "+3782-822463-10005", "(3056) 930.9025904"] {
            let failure = refuse_card_as_phone("phone", phone).unwrap_err();
            assert_eq!((failure.code, failure.path.as_str()), ("contains_card_number", "phone"), "{phone}");
        }
        // The last two pass the Luhn formula; of twelve and fifteen digits, they are of no scheme.
        for phone in
            ["+1 415 555 0123", "378282246310006", "+49 30 901820", "676000000007", "490000000000007"]
        {
            assert!(refuse_card_as_phone("phone", phone).is_ok(), "{phone}");
        }
        assert!(passes_luhn("676000000007") && passes_luhn("490000000000007"));
    }

    #[test]
    fn an_id_holds_no_card_number_but_may_be_a_long_number() {
        for id in ["4111111111111111", "a4111111111111111b", "x1y378282246310005", "30569309025904z"] {
            let failure = refuse_card_as_id("id", id).unwrap_err();
            assert_eq!((failure.code, failure.path.as_str()), ("contains_card_number", "id"), "{id}");
        }
        for id in ["", "4111111111111112", "1308450983450983450", "952f250dfa8540aca45e3886f98032c6"] {
            assert!(refuse_card_as_id("id", id).is_ok(), "{id}");
        }
    }
}
