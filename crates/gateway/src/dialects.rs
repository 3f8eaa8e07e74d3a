//! The registry: every dialect there is.

mod fluidpay;
mod flute;
mod paydock;
mod payments_ai;
mod tessera;

use crate::{Dialect, Facts};

/// Makes both lists of one: what the browser loads, and what only the vault and the documentation know.
macro_rules! registry {
    ($($module:ident),+ $(,)?) => {
        /// All dialects, the default one first.
        pub static ALL: &[&dyn Dialect] = &[$(&$module::DIALECT),+];

        /// What is known of each of them, in the same order.
        pub static FACTS: &[&Facts] = &[$(&$module::FACTS),+];
    };
}

// A new dialect is one file beside this one, its `mod` line above, and one line here.
registry! {
    tessera,
    fluidpay,
    paydock,
    flute,
    payments_ai,
}

/// The dialect with this id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static dyn Dialect> {
    ALL.iter().copied().find(|dialect| dialect.id() == id)
}

/// What is known of the dialect with this id.
#[must_use]
pub fn facts(id: &str) -> Option<&'static Facts> {
    FACTS.iter().copied().find(|facts| facts.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TokenShape;

    #[test]
    fn ids_are_unique_and_found_in_both_lists() {
        assert_eq!(ALL.len(), FACTS.len());
        for (dialect, facts) in ALL.iter().zip(FACTS) {
            assert_eq!(dialect.id(), facts.id);
            assert_eq!(ALL.iter().filter(|other| other.id() == dialect.id()).count(), 1);
            assert_eq!(by_id(dialect.id()).unwrap().id(), dialect.id());
            assert_eq!(super::facts(dialect.id()).unwrap().name, facts.name);
        }
        assert!(by_id("stripe").is_none() && facts("stripe").is_none());
    }

    /// 128 bits are what OWASP ASVS 5.0 (7.2.3) asks of a reference token. Paydock and Flute document UUIDs,
    /// which have 122: what is missing is made up for by their being of use to nobody without a secret key.
    #[test]
    fn tokens_cannot_be_guessed() {
        for facts in FACTS {
            let least = if facts.token.shape == TokenShape::Uuid { 122 } else { 128 };
            assert!(facts.token.shape.random_bits() >= least, "{}", facts.id);
            let TokenShape::Text { prefix, alphabet, length } = facts.token.shape else { continue };
            let mut sorted = alphabet.to_vec();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), alphabet.len(), "{}: a character stands twice", facts.id);
            let first = char::from(sorted[0]);
            let token = format!("{prefix}{}", first.to_string().repeat(length));
            let fitting = FACTS.iter().filter(|other| other.token.shape.fits(&token)).count();
            assert_eq!(fitting, 1, "{}", facts.id);
        }
    }

    #[test]
    fn a_uuid_fits_and_nothing_like_it_does() {
        let shape = TokenShape::Uuid;
        assert!(shape.fits("6b8a2d5e-4c1f-4e3a-9b7d-0123456789ab"));
        for text in [
            "",
            "6b8a2d5e4c1f4e3a9b7d0123456789ab",
            "6B8A2D5E-4c1f-4e3a-9b7d-0123456789ab",
            "6b8a2d5e-4c1f-4e3a-9b7d-0123456789ab-",
            "6b8a2d5e-4c1f-4e3a-9b7d-0123456789",
            "gb8a2d5e-4c1f-4e3a-9b7d-0123456789ab",
        ] {
            assert!(!shape.fits(text), "{text}");
        }
    }
}
