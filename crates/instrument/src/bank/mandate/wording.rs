//! [`Wording`]: the sentences of an authorisation in one language, and how terms are put into them.

use super::terms::{Amount, Frequency, Terms};
use crate::bank::SecCode;

/// The most characters of a locale's name; the sealed record has room for no more.
pub const MAX_LOCALE_LEN: usize = 11;

/// The sentences of one language and version. They are read from a file of the form that the Fluent project
/// defines (FTL), of which one line for each message and `{ $name }` are all that is used here: browser and
/// vault read the same files with these same lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    locale: String,
    source: String,
    version: u16,
}

impl Wording {
    /// Takes the text of a file; none if the locale has no such name, or the file does not say its version.
    pub fn new(locale: &str, source: &str) -> Option<Self> {
        let name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if locale.is_empty() || locale.len() > MAX_LOCALE_LEN || !locale.bytes().all(name) {
            return None;
        }
        let version = message(source, "mandate-version")?.parse().ok()?;
        Some(Self { locale: locale.to_owned(), source: source.to_owned(), version })
    }

    /// The name of the language, such as `en` or `zh-Hans`.
    pub fn locale(&self) -> &str {
        &self.locale
    }

    /// The version of these sentences.
    pub const fn version(&self) -> u16 {
        self.version
    }

    /// Whether the language is written from right to left.
    pub fn is_right_to_left(&self) -> bool {
        message(&self.source, "mandate-direction") == Some("rtl")
    }

    /// The text that an account holder of this entry class agrees to. None for [`SecCode::Tel`], whose
    /// authorisation is spoken, and if the file lacks a message.
    pub fn text(&self, terms: &Terms, class: SecCode) -> Option<String> {
        let frequency = terms.frequency();
        let debit = if frequency == Frequency::Once { "mandate-once" } else { "mandate-recurring" };
        let authority = match class {
            SecCode::Web => "mandate-web",
            SecCode::Ppd => "mandate-ppd",
            SecCode::Ccd => "mandate-ccd",
            SecCode::Tel => return None,
        };
        let revocation = if terms.contact().is_some() { "mandate-revoke-at" } else { "mandate-revoke" };
        let mut text = String::new();
        for (at, id) in [debit, authority, revocation].into_iter().enumerate() {
            if at > 0 {
                text.push(' ');
            }
            self.put(&mut text, id, terms)?;
        }
        Some(text)
    }

    /// Appends a message with the terms in their places.
    fn put(&self, text: &mut String, id: &str, terms: &Terms) -> Option<()> {
        let mut rest = message(&self.source, id)?;
        while let Some((before, after)) = rest.split_once('{') {
            let (place, behind) = after.split_once('}')?;
            text.push_str(before);
            match place.trim() {
                "$merchant" => self.isolate(text, terms.merchant()),
                "$contact" => self.isolate(text, terms.contact()?),
                "$date" => self.isolate(text, &terms.date().to_text()),
                "$amount" => match terms.amount() {
                    // Its own message holds no amount.
                    Amount::Varying if id == "mandate-varying" => return None,
                    Amount::Varying => self.put(text, "mandate-varying", terms)?,
                    amount @ Amount::Cents(_) => {
                        let mut dollars = "USD ".to_owned();
                        dollars.push_str(&amount.to_text()?);
                        self.isolate(text, &dollars);
                    }
                },
                "$frequency" => text.push_str(message(&self.source, terms.frequency().message())?),
                _ => return None,
            }
            rest = behind;
        }
        text.push_str(rest);
        Some(())
    }

    /// Appends what is of another language. From right to left it stands between isolates (Unicode UAX 9),
    /// so that it does not turn its neighbours round.
    fn isolate(&self, text: &mut String, part: &str) {
        let turns = self.is_right_to_left();
        if turns {
            text.push('\u{2068}');
        }
        text.push_str(part);
        if turns {
            text.push('\u{2069}');
        }
    }
}

/// The value of a message, if the file has it.
fn message<'a>(source: &'a str, id: &str) -> Option<&'a str> {
    source
        .lines()
        .find_map(|line| line.strip_prefix(id)?.trim_start().strip_prefix('='))
        .map(str::trim)
        .filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::terms::EnteredTerms;
    use super::*;

    fn terms(change: impl FnOnce(&mut EnteredTerms<'static>)) -> Terms {
        let mut entered = EnteredTerms {
            merchant: "Blue Bottle Books",
            contact: "",
            amount: "25.00",
            currency: "USD",
            frequency: "once",
            date: "2026-12-01",
        };
        change(&mut entered);
        entered.finish().unwrap()
    }

    const SHORT: &str = "mandate-version = 7\nmandate-once = { $merchant } takes {$amount} on { $date }.\n\
        mandate-recurring = { $merchant } takes { $amount } { $frequency }.\nmandate-web=W.\nmandate-ppd = P.\n\
        mandate-revoke = R.\nmandate-revoke-at = Write to { $contact }.\nmandate-varying = some\n\
        mandate-monthly = monthly\n";

    #[test]
    fn terms_stand_in_their_places() {
        let wording = Wording::new("en", SHORT).unwrap();
        assert_eq!((wording.locale(), wording.version()), ("en", 7));
        assert_eq!(
            wording.text(&terms(|_| {}), SecCode::Web).unwrap(),
            "Blue Bottle Books takes USD 25.00 on 2026-12-01. W. R."
        );
        let often = terms(|entered| {
            entered.frequency = "monthly";
            entered.amount = "varying";
            entered.contact = "billing@example.com";
        });
        assert_eq!(
            wording.text(&often, SecCode::Ppd).unwrap(),
            "Blue Bottle Books takes some monthly. P. Write to billing@example.com."
        );
    }

    #[test]
    fn what_is_not_there_is_not_made_up() {
        let wording = Wording::new("en", SHORT).unwrap();
        assert_eq!(wording.text(&terms(|_| {}), SecCode::Ccd), None, "no such message");
        assert_eq!(wording.text(&terms(|_| {}), SecCode::Tel), None, "spoken");
        assert_eq!(wording.text(&terms(|entered| entered.frequency = "weekly"), SecCode::Web), None);
        for source in ["", "mandate-version = x", "mandate-version = 70000", "# mandate-version = 1"] {
            assert_eq!(Wording::new("en", source), None, "{source}");
        }
        for locale in ["", "../en", "en_US", "aaaaaaaaaaaa"] {
            assert_eq!(Wording::new(locale, SHORT), None, "{locale}");
        }
        for broken in ["{ $merchant", "{ $amount }{ $who }", "{ merchant }"] {
            let wording =
                Wording::new("en", &SHORT.replace("{ $merchant } takes {$amount}", broken)).unwrap();
            assert_eq!(wording.text(&terms(|_| {}), SecCode::Web), None, "{broken}");
        }
        let circle = SHORT.replace("= some", "= { $amount }");
        let varying = terms(|entered| entered.amount = "varying");
        assert_eq!(Wording::new("en", &circle).unwrap().text(&varying, SecCode::Web), None);
    }

    #[test]
    fn a_name_does_not_turn_its_neighbours_round() {
        let source = format!("{SHORT}mandate-direction = rtl\n");
        let text = Wording::new("ar", &source).unwrap().text(&terms(|_| {}), SecCode::Web).unwrap();
        assert_eq!(
            text,
            "\u{2068}Blue Bottle Books\u{2069} takes \u{2068}USD 25.00\u{2069} on \u{2068}2026-12-01\u{2069}. W. R."
        );
    }
}
