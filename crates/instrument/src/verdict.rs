//! [`Verdict`] and [`Reason`]: what is thought of an input, and why.

/// What is thought of an input so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing has been typed.
    Empty,
    /// Not valid yet, but more typing can make it so: show no error.
    Partial,
    /// More typing cannot make it valid.
    Invalid(Reason),
    /// Valid as it stands.
    Complete,
}

impl Verdict {
    /// The stable name: `empty`, `partial`, `invalid` or `complete`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Partial => "partial",
            Self::Invalid(_) => "invalid",
            Self::Complete => "complete",
        }
    }

    /// Why the input is invalid, if it is.
    pub const fn reason(self) -> Option<Reason> {
        match self {
            Self::Invalid(reason) => Some(reason),
            Self::Empty | Self::Partial | Self::Complete => None,
        }
    }
}

/// Why an input is not valid. The code is stable; the sentence is for the shopper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Nothing was entered where something is needed.
    Required,
    /// The entry stops in the middle.
    Incomplete,
    /// Something other than digits, spaces and dashes was entered.
    NotDigits,
    /// Characters that this entry cannot hold, such as control characters.
    BadCharacters,
    /// Fewer characters than any valid entry has.
    TooShort,
    /// More characters than any valid entry has.
    TooLong,
    /// A number of digits that falls between the lengths that exist.
    WrongLength,
    /// No known card scheme issues numbers that begin like this.
    UnknownScheme,
    /// The check digit of the card number does not fit (ISO/IEC 7812-1).
    Luhn,
    /// Every digit is zero.
    AllZeros,
    /// The month is not 1 to 12.
    BadMonth,
    /// The card has expired.
    Expired,
    /// The expiry lies further ahead than cards are issued for.
    TooFar,
    /// The check digit of the routing number does not fit.
    Checksum,
    /// The routing number belongs to an institution whose accounts cannot be debited.
    NotDebitable,
    /// Routing number and account number seem to stand in each other's place.
    Swapped,
    /// A card number was typed where none belongs.
    ContainsCardNumber,
    /// The entry is not shaped like a name: it has digits and dashes only.
    NotAName,
    /// The entry does not have the form that such an entry has.
    BadFormat,
    /// The entry is none of the choices that exist.
    UnknownChoice,
    /// The entry is valid, but not accepted here.
    NotAccepted,
    /// No bank has a routing number that begins like this.
    BadPrefix,
    /// The symbols of a cheque's code line were entered with a bank number.
    MicrSymbols,
    /// The fraction in the corner of a cheque was entered instead of the routing number.
    FractionalForm,
    /// The account number and its repetition are not the same.
    AccountMismatch,
    /// No country with such accounts has this code.
    UnknownCountry,
    /// The check digits of an IBAN do not fit (ISO 13616).
    CheckDigits,
}

impl Reason {
    /// Every reason, in the order of their numbers.
    pub const ALL: [Self; 27] = [
        Self::Required,
        Self::Incomplete,
        Self::NotDigits,
        Self::BadCharacters,
        Self::TooShort,
        Self::TooLong,
        Self::WrongLength,
        Self::UnknownScheme,
        Self::Luhn,
        Self::AllZeros,
        Self::BadMonth,
        Self::Expired,
        Self::TooFar,
        Self::Checksum,
        Self::NotDebitable,
        Self::Swapped,
        Self::ContainsCardNumber,
        Self::NotAName,
        Self::BadFormat,
        Self::UnknownChoice,
        Self::NotAccepted,
        Self::BadPrefix,
        Self::MicrSymbols,
        Self::FractionalForm,
        Self::AccountMismatch,
        Self::UnknownCountry,
        Self::CheckDigits,
    ];

    /// The stable code, in snake case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Incomplete => "incomplete",
            Self::NotDigits => "not_digits",
            Self::BadCharacters => "bad_characters",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::WrongLength => "wrong_length",
            Self::UnknownScheme => "unknown_scheme",
            Self::Luhn => "luhn",
            Self::AllZeros => "all_zeros",
            Self::BadMonth => "bad_month",
            Self::Expired => "expired",
            Self::TooFar => "too_far",
            Self::Checksum => "checksum",
            Self::NotDebitable => "not_debitable",
            Self::Swapped => "swapped",
            Self::ContainsCardNumber => "contains_card_number",
            Self::NotAName => "not_a_name",
            Self::BadFormat => "bad_format",
            Self::UnknownChoice => "unknown_choice",
            Self::NotAccepted => "not_accepted",
            Self::BadPrefix => "bad_prefix",
            Self::MicrSymbols => "micr_symbols",
            Self::FractionalForm => "fractional_form",
            Self::AccountMismatch => "account_mismatch",
            Self::UnknownCountry => "unknown_country",
            Self::CheckDigits => "check_digits",
        }
    }

    /// One English sentence that tells the shopper what to do. It never repeats the input.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Required => "Fill in this field.",
            Self::Incomplete => "Finish this entry: some of it is missing.",
            Self::NotDigits => "Use digits only.",
            Self::BadCharacters => "Remove the characters that do not belong here.",
            Self::TooShort => "Check this entry: it is too short.",
            Self::TooLong => "Check this entry: it is too long.",
            Self::WrongLength => "Check the number of digits.",
            Self::UnknownScheme => "Check the first digits: no card that we know begins like this.",
            Self::Luhn => "Check the card number: a digit seems to be mistyped.",
            Self::AllZeros => "Enter the real number instead of zeros.",
            Self::BadMonth => "Check the month: it must be 01 to 12.",
            Self::Expired => "Use another card: this one has expired.",
            Self::TooFar => "Check the year: it is too far ahead.",
            Self::Checksum => "Check the routing number: a digit seems to be mistyped.",
            Self::NotDebitable => "Use another account: this bank's accounts cannot be debited.",
            Self::Swapped => "Check whether routing number and account number are swapped.",
            Self::ContainsCardNumber => "Remove the card number: it does not belong in this field.",
            Self::NotAName => "Enter a name.",
            Self::BadFormat => "Check the form of this entry.",
            Self::UnknownChoice => "Pick one of the choices.",
            Self::NotAccepted => "Use another one: this one is not accepted here.",
            Self::BadPrefix => "Check the routing number: none begins with these two digits.",
            Self::MicrSymbols => "Leave out the symbols of the cheque: enter the digits only.",
            Self::FractionalForm => "Enter the nine digits at the bottom of the cheque, not the fraction.",
            Self::AccountMismatch => "Check the account number: the two entries differ.",
            Self::UnknownCountry => "Check the first two letters: they name the country of the account.",
            Self::CheckDigits => "Check the account number: a character seems to be mistyped.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_number_code_and_sentence() {
        for (at, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, at);
            assert!(Reason::ALL[..at].iter().all(|other| other.as_str() != reason.as_str()));
            assert!(reason.message().ends_with('.'), "{}", reason.as_str());
        }
        assert_eq!(Verdict::Invalid(Reason::CheckDigits).reason(), Some(Reason::CheckDigits));
    }
}
