//! The registry: every dialect there is.

mod fluidpay;
mod tessera;

use crate::Dialect;

/// All dialects, the default one first. A new dialect is one file beside this one and one line here.
pub static ALL: &[&dyn Dialect] = &[&tessera::Tessera, &fluidpay::FluidPay];

/// The dialect with this id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static dyn Dialect> {
    ALL.iter().copied().find(|dialect| dialect.id() == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_found() {
        for dialect in ALL {
            assert_eq!(ALL.iter().filter(|other| other.id() == dialect.id()).count(), 1);
            assert_eq!(by_id(dialect.id()).unwrap().id(), dialect.id());
        }
        assert!(by_id("stripe").is_none());
    }

    /// 128 bits are what OWASP ASVS 5.0 (7.2.3) asks of a reference token; ours all have more.
    #[test]
    fn tokens_cannot_be_guessed_and_formats_do_not_overlap() {
        for dialect in ALL {
            let format = dialect.token_format();
            let symbols = u32::try_from(format.alphabet.len()).unwrap();
            let bits = f64::from(symbols).log2() * format.length as f64;
            assert!(bits >= 128.0, "{}: {bits}", dialect.id());
            let mut sorted = format.alphabet.to_vec();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), format.alphabet.len(), "{}: a character stands twice", dialect.id());

            let token = format!("{}{}", format.prefix, "A".repeat(format.length));
            let fitting: Vec<_> = ALL.iter().filter(|other| other.token_format().fits(&token)).collect();
            assert_eq!(fitting.len(), 1, "{}", dialect.id());
        }
    }
}
