//! [`Rejected`]: which field of a draft was refused, and why.

use core::fmt;

use crate::verdict::Reason;

/// The name of a field; public, the same on the wire and in the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldName {
    /// The card number.
    Number,
    /// The card's expiry date.
    Expiry,
    /// The card's security code.
    Code,
    /// The holder's name.
    Holder,
    /// The bank's routing number.
    RoutingNumber,
    /// The account number.
    AccountNumber,
    /// The account number once more.
    AccountNumberConfirmation,
    /// Checking or savings.
    AccountType,
    /// Personal or business.
    AccountHolderType,
    /// The ACH standard entry class.
    SecCode,
    /// The agreement to a debit.
    Consent,
    /// The scheme that the holder of a card with two picked.
    PreferredScheme,
}

impl FieldName {
    /// Every field name, in the order in which a form shows them.
    pub const ALL: [Self; 12] = [
        Self::Number,
        Self::Expiry,
        Self::Code,
        Self::Holder,
        Self::RoutingNumber,
        Self::AccountNumber,
        Self::AccountNumberConfirmation,
        Self::AccountType,
        Self::AccountHolderType,
        Self::SecCode,
        Self::Consent,
        Self::PreferredScheme,
    ];

    /// The public name, in snake case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Expiry => "expiry",
            Self::Code => "code",
            Self::Holder => "holder",
            Self::RoutingNumber => "routing_number",
            Self::AccountNumber => "account_number",
            Self::AccountNumberConfirmation => "account_number_confirmation",
            Self::AccountType => "account_type",
            Self::AccountHolderType => "account_holder_type",
            Self::SecCode => "sec_code",
            Self::Consent => "consent",
            Self::PreferredScheme => "preferred_scheme",
        }
    }

    /// The field with this public name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }
}

/// A refused draft: the first field that is wrong, and why. Holds nothing that was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The field that was refused.
    pub field: FieldName,
    /// Why it was refused.
    pub reason: Reason,
}

impl Rejected {
    /// The stable code of the reason.
    pub const fn code(&self) -> &'static str {
        self.reason.as_str()
    }

    /// Who can mend it: always the `shopper`, whose entry it is.
    pub const fn classification(&self) -> &'static str {
        "shopper"
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field.as_str())?;
        f.write_str(": ")?;
        f.write_str(self.reason.message())
    }
}

impl core::error::Error for Rejected {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_names_go_both_ways() {
        for name in FieldName::ALL {
            assert_eq!(FieldName::parse(name.as_str()), Some(name));
        }
        assert_eq!(FieldName::parse("cvc"), None);
    }

    #[test]
    fn says_field_and_remedy() {
        let rejected = Rejected { field: FieldName::Number, reason: Reason::Luhn };
        assert_eq!(rejected.to_string(), "number: Check the card number: a digit seems to be mistyped.");
        assert_eq!(rejected.code(), "luhn");
    }
}
