//! What a shopper or merchant chooses about an account: type, holder type, entry class.

/// What kind of account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccountType {
    /// A checking account (ACH transaction codes 22 and 27).
    Checking,
    /// A savings account (ACH transaction codes 32 and 37).
    Savings,
}

impl AccountType {
    /// The wire name: `checking` or `savings`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Checking => "checking",
            Self::Savings => "savings",
        }
    }

    /// The account type with this wire name.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "checking" => Some(Self::Checking),
            "savings" => Some(Self::Savings),
            _ => None,
        }
    }
}

/// Who owns the account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HolderType {
    /// A person.
    #[default]
    Personal,
    /// A business.
    Business,
}

impl HolderType {
    /// The wire name: `personal` or `business`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Business => "business",
        }
    }

    /// The holder type with this wire name.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "personal" => Some(Self::Personal),
            "business" => Some(Self::Business),
            _ => None,
        }
    }
}

/// The standard entry class: how the account holder authorised the debit (Nacha operating rules).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecCode {
    /// A consumer, over the internet.
    Web,
    /// A consumer, in writing or arranged beforehand.
    Ppd,
    /// A business.
    Ccd,
    /// A consumer, by telephone.
    Tel,
}

impl SecCode {
    /// The wire name: `web`, `ppd`, `ccd` or `tel`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Ppd => "ppd",
            Self::Ccd => "ccd",
            Self::Tel => "tel",
        }
    }

    /// The entry class with this name, in lower or upper case.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Web, Self::Ppd, Self::Ccd, Self::Tel]
            .into_iter()
            .find(|class| class.as_str().eq_ignore_ascii_case(text))
    }

    /// The class of a debit that is authorised at a checkout page: web for persons, CCD for businesses.
    pub const fn for_holder(holder: HolderType) -> Self {
        match holder {
            HolderType::Personal => Self::Web,
            HolderType::Business => Self::Ccd,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for value in [AccountType::Checking, AccountType::Savings] {
            assert_eq!(AccountType::parse(value.as_str()), Some(value));
        }
        for value in [HolderType::Personal, HolderType::Business] {
            assert_eq!(HolderType::parse(value.as_str()), Some(value));
        }
        for value in [SecCode::Web, SecCode::Ppd, SecCode::Ccd, SecCode::Tel] {
            assert_eq!(SecCode::parse(value.as_str()), Some(value));
            assert_eq!(SecCode::parse(&value.as_str().to_uppercase()), Some(value));
        }
        assert_eq!(AccountType::parse("current"), None);
        assert_eq!(HolderType::parse(""), None);
        assert_eq!(SecCode::parse("pop"), None);
    }
}
