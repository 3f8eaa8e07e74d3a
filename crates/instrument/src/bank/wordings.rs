//! Every wording of an authorisation, by language and version. The browser does not hold them: the vault makes the
//! texts that it shows.

use super::mandate::Wording;

/// The language and the text of every wording, old versions too: an account that was agreed to in one of them
/// may still be on its way.
pub const ALL: &[(&str, &str)] = &[
    ("en", include_str!("../../wordings/en.ftl")),
    ("ar", include_str!("../../wordings/ar.ftl")),
    ("cs", include_str!("../../wordings/cs.ftl")),
    ("da", include_str!("../../wordings/da.ftl")),
    ("de", include_str!("../../wordings/de.ftl")),
    ("el", include_str!("../../wordings/el.ftl")),
    ("es", include_str!("../../wordings/es.ftl")),
    ("fa", include_str!("../../wordings/fa.ftl")),
    ("fi", include_str!("../../wordings/fi.ftl")),
    ("fr", include_str!("../../wordings/fr.ftl")),
    ("he", include_str!("../../wordings/he.ftl")),
    ("hi", include_str!("../../wordings/hi.ftl")),
    ("hu", include_str!("../../wordings/hu.ftl")),
    ("id", include_str!("../../wordings/id.ftl")),
    ("it", include_str!("../../wordings/it.ftl")),
    ("ja", include_str!("../../wordings/ja.ftl")),
    ("ko", include_str!("../../wordings/ko.ftl")),
    ("nb", include_str!("../../wordings/nb.ftl")),
    ("nl", include_str!("../../wordings/nl.ftl")),
    ("pl", include_str!("../../wordings/pl.ftl")),
    ("pt-BR", include_str!("../../wordings/pt-BR.ftl")),
    ("pt-PT", include_str!("../../wordings/pt-PT.ftl")),
    ("ro", include_str!("../../wordings/ro.ftl")),
    ("sv", include_str!("../../wordings/sv.ftl")),
    ("th", include_str!("../../wordings/th.ftl")),
    ("tr", include_str!("../../wordings/tr.ftl")),
    ("uk", include_str!("../../wordings/uk.ftl")),
    ("vi", include_str!("../../wordings/vi.ftl")),
    ("zh-Hans", include_str!("../../wordings/zh-Hans.ftl")),
    ("zh-Hant", include_str!("../../wordings/zh-Hant.ftl")),
];

/// The newest wording of a language.
pub fn newest(locale: &str) -> Option<Wording> {
    ALL.iter().find(|(name, _)| *name == locale).and_then(|(name, source)| Wording::new(name, source))
}

/// The wording of a language and version.
pub fn find(locale: &str, version: u16) -> Option<Wording> {
    ALL.iter()
        .filter(|(name, _)| *name == locale)
        .filter_map(|(name, source)| Wording::new(name, source))
        .find(|wording| wording.version() == version)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use sha2::{Digest, Sha256};

    use super::*;
    use crate::bank::SecCode;
    use crate::bank::mandate::{Amount, EnteredTerms, Frequency, Terms};

    fn terms(contact: &str, amount: &str, frequency: Frequency) -> Terms {
        let entered = EnteredTerms {
            merchant: "Blue Bottle Books",
            contact,
            amount,
            currency: "USD",
            frequency: frequency.as_str(),
            date: "2026-12-01",
        };
        entered.finish().unwrap()
    }

    /// Every kind of terms.
    fn all_terms() -> Vec<Terms> {
        let mut all = Vec::new();
        for frequency in Frequency::ALL {
            for contact in ["", "billing@bluebottle.example"] {
                for amount in ["25.00", "varying"] {
                    all.push(terms(contact, amount, frequency));
                }
            }
        }
        all
    }

    #[test]
    fn every_wording_has_words_for_all_terms() {
        for (locale, source) in ALL {
            let wording = Wording::new(locale, source).unwrap();
            assert!(find(locale, wording.version()).is_some());
            for terms in all_terms() {
                for class in [SecCode::Web, SecCode::Ppd, SecCode::Ccd] {
                    let text = wording.text(&terms, class).unwrap_or_else(|| panic!("{locale} {terms:?}"));
                    assert!(text.contains(terms.merchant()), "{locale}: {text}");
                    assert!(text.contains(&terms.date().to_text()), "{locale}: {text}");
                    assert_eq!(
                        text.contains("USD 25.00"),
                        terms.amount() != Amount::Varying,
                        "{locale}: {text}"
                    );
                    assert_eq!(text.contains("billing@"), terms.contact().is_some(), "{locale}: {text}");
                    assert!(
                        !text.contains(['{', '}', '$', '\n']) && !text.contains("  "),
                        "{locale}: {text}"
                    );
                    let isolated = text.contains('\u{2068}');
                    assert_eq!(isolated, wording.is_right_to_left(), "{locale}: {text}");
                }
            }
        }
        assert_eq!(find("en", 0), None);
        assert_eq!(newest("xx"), None);
    }

    /// Payment methods are bound to these texts: a change needs a new version, and the old file stays.
    #[test]
    fn a_published_wording_never_changes() {
        let mut found = String::new();
        for (locale, source) in ALL {
            let wording = Wording::new(locale, source).unwrap();
            let mut digest = Sha256::new();
            for terms in all_terms() {
                for class in [SecCode::Web, SecCode::Ppd, SecCode::Ccd] {
                    digest.update(wording.text(&terms, class).unwrap());
                    digest.update("\n");
                }
            }
            write!(found, "{locale} {} ", wording.version()).unwrap();
            for byte in digest.finalize().iter().take(8) {
                write!(found, "{byte:02x}").unwrap();
            }
            found.push('\n');
        }
        let published = include_str!("../../wordings/published.txt");
        assert_eq!(found, published, "see docs/mandates.md, on versions");
    }
}
