//! Texts that people write: names, descriptions, notes. They are stored and shown in clear, so a card
//! number typed into one must be refused (PCI DSS 3.5.1 asks that a PAN is unreadable wherever stored).

use instrument::card::contains_card_number;

use super::body::Members;
use super::failure::Failure;

/// Takes a free text, without spaces around it.
///
/// # Errors
/// What [`Members::text`] refuses, or `contains_card_number`.
pub(super) fn take(members: &mut Members, name: &str, max_chars: usize) -> Result<Option<String>, Failure> {
    let path = members.path(name);
    let Some(text) = members.text(name, max_chars)? else { return Ok(None) };
    refuse_card_number(&path, &text)?;
    Ok(Some(text.trim().to_owned()))
}

/// Refuses a text in which a card number stands.
///
/// # Errors
/// `contains_card_number` at the path given.
pub(super) fn refuse_card_number(path: &str, text: &str) -> Result<(), Failure> {
    if contains_card_number(text) {
        let msg = format!("{path} must not hold a card number; send it as a payment method");
        return Err(Failure::invalid(path, "contains_card_number", msg));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
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
}
