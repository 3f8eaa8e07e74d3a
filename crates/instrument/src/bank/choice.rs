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

    /// Whether the owner of an account must agree by an act of their own, such as ticking a box. Nacha asks that
    /// a consumer's debit be authorised in writing and be signed "or similarly authenticated"; of two businesses
    /// it asks for an agreement in any form, and a telephone call is no matter of a page.
    pub const fn needs_consent(self) -> bool {
        match self {
            Self::Web | Self::Ppd => true,
            Self::Ccd | Self::Tel => false,
        }
    }

    /// Whether the class is for accounts of such owners: CCD for businesses, the others for consumers.
    pub const fn suits(self, holder: HolderType) -> bool {
        matches!((self, holder), (Self::Ccd, HolderType::Business))
            || matches!((self, holder), (Self::Web | Self::Ppd | Self::Tel, HolderType::Personal))
    }

    /// The classes among which such an owner chooses, of those that a merchant allows: the ones that suit them.
    /// If none does, the merchant's word stands.
    pub fn offered(allowed: &[Self], holder: HolderType) -> Vec<Self> {
        let suiting: Vec<Self> = allowed.iter().copied().filter(|class| class.suits(holder)).collect();
        if suiting.is_empty() { allowed.to_vec() } else { suiting }
    }

    /// Reads a merchant's list, such as `WEB PPD`, in which each class may stand once.
    pub fn parse_list(text: &str) -> Option<Vec<Self>> {
        let mut list = Vec::new();
        for word in text.split_ascii_whitespace() {
            let class = Self::parse(word).filter(|class| !list.contains(class))?;
            list.push(class);
        }
        (!list.is_empty()).then_some(list)
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
    fn classes_suit_owners() {
        use HolderType::{Business, Personal};
        use SecCode::{Ccd, Ppd, Tel, Web};
        let allowed = [Web, Ppd, Ccd];
        assert_eq!(SecCode::offered(&allowed, Personal), [Web, Ppd]);
        assert_eq!(SecCode::offered(&allowed, Business), [Ccd]);
        assert_eq!(SecCode::offered(&[Web], Business), [Web], "the merchant's word");
        assert_eq!(SecCode::offered(&[Tel], Personal), [Tel]);
        for class in [Web, Ppd, Ccd, Tel] {
            assert_ne!(class.suits(Personal), class.suits(Business));
            assert!(SecCode::for_holder(Personal).suits(Personal));
        }
        assert_eq!(SecCode::parse_list(" WEB  ccd "), Some(vec![Web, Ccd]));
        for bad in ["", " ", "WEB,PPD", "WEB POP", "WEB web"] {
            assert_eq!(SecCode::parse_list(bad), None, "{bad}");
        }
    }

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
