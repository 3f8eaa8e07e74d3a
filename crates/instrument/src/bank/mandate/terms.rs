//! [`Terms`]: what a merchant asks a debit to be authorised for.

use crate::card::holder;

/// The most bytes that a merchant's name has in UTF-8; the sealed record has room for no more.
pub const MAX_MERCHANT_BYTES: usize = 100;

/// The most bytes that a contact has in UTF-8; the sealed record has room for no more.
pub const MAX_CONTACT_BYTES: usize = 70;

/// The most bytes that the terms of a record have.
pub const MAX_TERMS_BYTES: usize = 1 + 8 + 10 + 1 + MAX_MERCHANT_BYTES + 1 + MAX_CONTACT_BYTES;

/// The largest amount in cents: Nacha's amount field has ten digits.
pub const MAX_CENTS: u64 = 9_999_999_999;

/// What a debit is authorised for. It exists only if every part of it was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    merchant: String,
    contact: Option<String>,
    amount: Amount,
    frequency: Frequency,
    date: Date,
}

/// Terms as a merchant's page or server wrote them, unchecked.
#[derive(Clone, Copy, Debug)]
pub struct EnteredTerms<'a> {
    /// Who debits.
    pub merchant: &'a str,
    /// Where the merchant hears of a revocation; empty if there is no such place.
    pub contact: &'a str,
    /// Dollars and cents such as `25.00`, or `varying`.
    pub amount: &'a str,
    /// `USD`: ACH debits are in no other currency.
    pub currency: &'a str,
    /// The name of a [`Frequency`].
    pub frequency: &'a str,
    /// `YYYY-MM-DD`, the first day of a debit.
    pub date: &'a str,
}

/// Which term is none, and what it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadTerm {
    /// The member of the terms.
    pub member: &'static str,
    /// What is accepted, as the end of a sentence.
    pub accepted: &'static str,
}

impl EnteredTerms<'_> {
    /// Checks every part.
    ///
    /// # Errors
    /// The first part that is wrong, in the order merchant, contact, amount, currency, frequency, date.
    pub fn finish(self) -> Result<Terms, BadTerm> {
        let bad = |member, accepted| move || BadTerm { member, accepted };
        let merchant = name(self.merchant, MAX_MERCHANT_BYTES)
            .ok_or_else(bad("merchant", "the merchant's name in at most 100 bytes of UTF-8"))?;
        let contact =
            match self.contact.trim() {
                "" => None,
                text => Some(name(text, MAX_CONTACT_BYTES).ok_or_else(bad(
                    "contact",
                    "an address or telephone number in at most 70 bytes of UTF-8",
                ))?),
            };
        let amount = Amount::parse(self.amount)
            .ok_or_else(bad("amount", "dollars and cents such as \"25.00\", or \"varying\""))?;
        if self.currency != "USD" {
            return Err(bad("currency", "\"USD\"")());
        }
        let frequency = Frequency::parse(self.frequency).ok_or_else(bad(
            "frequency",
            "one of once, weekly, every_two_weeks, monthly, quarterly, every_six_months, yearly, on_request",
        ))?;
        let date = Date::parse(self.date).ok_or_else(bad("date", "a day such as \"2026-12-01\""))?;
        Ok(Terms { merchant, contact, amount, frequency, date })
    }
}

impl Terms {
    /// Who debits.
    pub fn merchant(&self) -> &str {
        &self.merchant
    }

    /// Where the merchant hears of a revocation, if such a place was named.
    pub fn contact(&self) -> Option<&str> {
        self.contact.as_deref()
    }

    /// How much.
    pub const fn amount(&self) -> Amount {
        self.amount
    }

    /// How often.
    pub const fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// The first day of a debit.
    pub const fn date(&self) -> Date {
        self.date
    }

    /// The text that travels with an account: a digit for the frequency, the eight of the date, the cents (0 if the
    /// amount varies), and a line each for merchant and contact; at most [`MAX_TERMS_BYTES`].
    pub fn to_record(&self) -> String {
        let cents = match self.amount {
            Amount::Varying => 0,
            Amount::Cents(cents) => cents,
        };
        let date = self.date.to_text().replace('-', "");
        let contact = self.contact.as_deref().unwrap_or_default();
        format!("{}{date}{cents}\n{}\n{contact}", self.frequency as u8, self.merchant)
    }

    /// Reads what [`Terms::to_record`] wrote; every part is checked again.
    pub fn from_record(text: &str) -> Option<Self> {
        let (numbers, names) = text.split_once('\n')?;
        let (merchant, contact) = names.split_once('\n')?;
        let frequency: usize = numbers.get(..1)?.parse().ok()?;
        let (year, month, day) = (numbers.get(1..5)?, numbers.get(5..7)?, numbers.get(7..9)?);
        let cents = numbers.get(9..).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
        let amount = match cents.parse().ok()? {
            0 => "varying".to_owned(),
            cents => Amount::from_cents(cents)?.to_text()?,
        };
        let entered = EnteredTerms {
            merchant,
            contact,
            amount: &amount,
            currency: "USD",
            frequency: Frequency::ALL.get(frequency)?.as_str(),
            date: &[year, month, day].join("-"),
        };
        // A text has one form only.
        entered.finish().ok().filter(|terms| terms.to_record() == text)
    }
}

/// How much is debited each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// What is due then.
    Varying,
    /// So many cents, at least one and at most [`MAX_CENTS`].
    Cents(u64),
}

impl Amount {
    fn parse(text: &str) -> Option<Self> {
        if text == "varying" {
            return Some(Self::Varying);
        }
        let (dollars, cents) = text.split_once('.').unwrap_or((text, "00"));
        let digits = |text: &str, most: usize| {
            (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(dollars, 8) || !digits(cents, 2) {
            return None;
        }
        let tens = if cents.len() == 1 { 10 } else { 1 };
        Self::from_cents(dollars.parse::<u64>().ok()? * 100 + cents.parse::<u64>().ok()? * tens)
    }

    const fn from_cents(cents: u64) -> Option<Self> {
        if cents >= 1 && cents <= MAX_CENTS { Some(Self::Cents(cents)) } else { None }
    }

    /// The amount as a number with two decimals, `25.00`; none for one that varies.
    pub fn to_text(self) -> Option<String> {
        let Self::Cents(cents) = self else { return None };
        let mut text = (cents / 100).to_string();
        text.push('.');
        two_digits(&mut text, (cents % 100) as u8);
        Some(text)
    }
}

/// How often is debited. Nacha calls the last one a standing authorisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frequency {
    /// One single time.
    Once,
    /// Every seven days.
    Weekly,
    /// Every fourteen days.
    EveryTwoWeeks,
    /// Every month.
    Monthly,
    /// Every three months.
    Quarterly,
    /// Every six months.
    EverySixMonths,
    /// Every year.
    Yearly,
    /// Whenever the account holder asks for it.
    OnRequest,
}

impl Frequency {
    /// Every frequency, in the order of their numbers in a record.
    pub const ALL: [Self; 8] = [
        Self::Once,
        Self::Weekly,
        Self::EveryTwoWeeks,
        Self::Monthly,
        Self::Quarterly,
        Self::EverySixMonths,
        Self::Yearly,
        Self::OnRequest,
    ];

    /// The wire name, in snake case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Weekly => "weekly",
            Self::EveryTwoWeeks => "every_two_weeks",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::EverySixMonths => "every_six_months",
            Self::Yearly => "yearly",
            Self::OnRequest => "on_request",
        }
    }

    /// The frequency with this wire name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|frequency| frequency.as_str() == text)
    }

    /// The message of a wording that names it; [`Self::Once`] needs none.
    pub(super) const fn message(self) -> &'static str {
        match self {
            Self::Once => "",
            Self::Weekly => "mandate-weekly",
            Self::EveryTwoWeeks => "mandate-every-two-weeks",
            Self::Monthly => "mandate-monthly",
            Self::Quarterly => "mandate-quarterly",
            Self::EverySixMonths => "mandate-every-six-months",
            Self::Yearly => "mandate-yearly",
            Self::OnRequest => "mandate-on-request",
        }
    }
}

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day, if there is one; of years with four digits from 2000 on.
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => return None,
        };
        if year >= 2000 && year <= 9999 && day >= 1 && day <= days {
            Some(Self { year, month, day })
        } else {
            None
        }
    }

    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut part = |len: usize| {
            parts.next().filter(|part| part.len() == len && part.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let (year, month, day) = (part(4)?, part(2)?, part(2)?);
        match parts.next() {
            None => Self::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?),
            Some(_) => None,
        }
    }

    /// `YYYY-MM-DD`, which every language reads in the same way.
    pub fn to_text(self) -> String {
        let mut text = self.year.to_string();
        for part in [self.month, self.day] {
            text.push('-');
            two_digits(&mut text, part);
        }
        text
    }
}

pub(super) fn two_digits(text: &mut String, value: u8) {
    text.push(char::from(b'0' + value / 10 % 10));
    text.push(char::from(b'0' + value % 10));
}

/// A text of one line that reads in the order of its characters: the text that was shown is the evidence.
fn name(text: &str, max_bytes: usize) -> Option<String> {
    let text = holder::check(text, max_bytes, max_bytes).ok()?;
    let turns = |c| matches!(c, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    (!text.contains(turns)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered() -> EnteredTerms<'static> {
        EnteredTerms {
            merchant: " Blue Bottle Books ",
            contact: "",
            amount: "25.00",
            currency: "USD",
            frequency: "once",
            date: "2026-12-01",
        }
    }

    #[test]
    fn good_terms_are_kept_as_they_are() {
        let terms = entered().finish().unwrap();
        assert_eq!((terms.merchant(), terms.contact()), ("Blue Bottle Books", None));
        assert_eq!((terms.amount(), terms.frequency()), (Amount::Cents(2500), Frequency::Once));
        assert_eq!(terms.date().to_text(), "2026-12-01");
    }

    #[test]
    fn the_first_bad_term_is_named_with_what_it_can_be() {
        let long = "é".repeat(51);
        for (change, member) in [
            (EnteredTerms { merchant: " ", ..entered() }, "merchant"),
            (EnteredTerms { merchant: &long, ..entered() }, "merchant"),
            (EnteredTerms { merchant: "Blue\nBooks", ..entered() }, "merchant"),
            (EnteredTerms { merchant: "Blue \u{202E}skooB", ..entered() }, "merchant"),
            (EnteredTerms { merchant: "4111 1111 1111 1111", ..entered() }, "merchant"),
            (EnteredTerms { contact: &long, ..entered() }, "contact"),
            (EnteredTerms { amount: "", ..entered() }, "amount"),
            (EnteredTerms { amount: "0", ..entered() }, "amount"),
            (EnteredTerms { amount: "-1", ..entered() }, "amount"),
            (EnteredTerms { amount: "+1", ..entered() }, "amount"),
            (EnteredTerms { amount: "1.", ..entered() }, "amount"),
            (EnteredTerms { amount: "1.000", ..entered() }, "amount"),
            (EnteredTerms { amount: "1,00", ..entered() }, "amount"),
            (EnteredTerms { amount: "100000000", ..entered() }, "amount"),
            (EnteredTerms { amount: "Varying", ..entered() }, "amount"),
            (EnteredTerms { currency: "usd", ..entered() }, "currency"),
            (EnteredTerms { currency: "EUR", ..entered() }, "currency"),
            (EnteredTerms { frequency: "daily", ..entered() }, "frequency"),
            (EnteredTerms { date: "2026-13-01", ..entered() }, "date"),
            (EnteredTerms { date: "2027-02-29", ..entered() }, "date"),
            (EnteredTerms { date: "2026-12-1", ..entered() }, "date"),
            (EnteredTerms { date: "2026-12-01T00", ..entered() }, "date"),
            (EnteredTerms { date: "2026-12-01-02", ..entered() }, "date"),
            (EnteredTerms { date: "+026-12-01", ..entered() }, "date"),
        ] {
            let bad = change.finish().unwrap_err();
            assert_eq!(bad.member, member, "{change:?}");
            assert!(!bad.accepted.is_empty());
        }
    }

    #[test]
    fn a_record_has_one_form() {
        let terms = EnteredTerms { contact: "billing@example.com", frequency: "monthly", ..entered() };
        let record = terms.finish().unwrap().to_record();
        assert_eq!(record, "3202612012500\nBlue Bottle Books\nbilling@example.com");
        assert_eq!(Terms::from_record(&record), terms.finish().ok());
        for (from, to) in [
            ("3", "8"),
            ("3", "+"),
            ("20261201", "20261301"),
            ("2500", "02500"),
            ("2500", ""),
            ("2500", "+2500"),
            ("2500", "10000000000"),
            ("Blue", " Blue"),
            ("\nBlue Bottle Books", ""),
            ("\nbilling", "\n\nbilling"),
        ] {
            assert_eq!(Terms::from_record(&record.replacen(from, to, 1)), None, "{from} {to}");
        }
        let longest = EnteredTerms {
            merchant: &"m".repeat(MAX_MERCHANT_BYTES),
            contact: &"c".repeat(MAX_CONTACT_BYTES),
            amount: "99999999.99",
            ..entered()
        };
        assert_eq!(longest.finish().unwrap().to_record().len(), MAX_TERMS_BYTES);
    }

    #[test]
    fn amounts_are_read_in_dollars_and_written_with_cents() {
        for (text, cents, written) in [
            ("0.01", 1, "0.01"),
            ("25", 2500, "25.00"),
            ("25.5", 2550, "25.50"),
            ("007.09", 709, "7.09"),
            ("99999999.99", MAX_CENTS, "99999999.99"),
        ] {
            let amount = Amount::parse(text).unwrap();
            assert_eq!(amount, Amount::Cents(cents), "{text}");
            assert_eq!(amount.to_text().unwrap(), written);
        }
        assert_eq!(Amount::parse("varying").unwrap().to_text(), None);
    }

    #[test]
    fn the_refusal_of_a_frequency_names_all_of_them() {
        let bad = EnteredTerms { frequency: "", ..entered() }.finish().unwrap_err();
        let names: Vec<_> = Frequency::ALL.iter().map(|frequency| frequency.as_str()).collect();
        assert_eq!(bad.accepted, format!("one of {}", names.join(", ")));
    }
}
