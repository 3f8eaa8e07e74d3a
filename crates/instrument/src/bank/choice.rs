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

    /// Every entry class, in the order of their bits in a [`SecCodes`].
    pub const ALL: [Self; 4] = [Self::Web, Self::Ppd, Self::Ccd, Self::Tel];

    /// The class of a debit that is authorised at a checkout page: web for persons, CCD for businesses.
    pub const fn for_holder(holder: HolderType) -> Self {
        match holder {
            HolderType::Personal => Self::Web,
            HolderType::Business => Self::Ccd,
        }
    }
}

/// A set of entry classes: those that a merchant allows, say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecCodes(u8);

impl SecCodes {
    /// The set with these bits: the lowest is that of the first class in [`SecCode::ALL`].
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & 0b1111)
    }

    /// The bits of the set.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether a class is in it.
    pub const fn contains(self, class: SecCode) -> bool {
        self.0 & 1 << class as u8 != 0
    }

    /// The first class of the set.
    pub fn first(self) -> Option<SecCode> {
        SecCode::ALL.into_iter().find(|class| self.contains(*class))
    }

    /// Whether there is a choice among several.
    pub const fn is_choice(self) -> bool {
        self.0.count_ones() > 1
    }

    /// The classes that are offered to such an owner: of those that a merchant allows, the ones that suit. If none
    /// does, the merchant's word stands; of a merchant without one, the owner's class is offered.
    pub const fn offered(self, holder: HolderType) -> Self {
        let (consumers, businesses) = (0b1011, 0b0100);
        let suiting = match holder {
            HolderType::Personal => self.0 & consumers,
            HolderType::Business => self.0 & businesses,
        };
        match (suiting, self.0) {
            (0, 0) => Self(1 << SecCode::for_holder(holder) as u8),
            (0, allowed) => Self(allowed),
            (suiting, _) => Self(suiting),
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
        let set =
            |classes: &[SecCode]| SecCodes::from_bits(classes.iter().map(|class| 1 << *class as u8).sum());
        for (allowed, holder, offered) in [
            (&[Web, Ppd, Ccd][..], Personal, &[Web, Ppd][..]),
            (&[Web, Ppd, Ccd], Business, &[Ccd]),
            (&[Web], Business, &[Web]),
            (&[Tel], Personal, &[Tel]),
            (&[], Personal, &[Web]),
            (&[], Business, &[Ccd]),
        ] {
            assert_eq!(set(allowed).offered(holder), set(offered), "{allowed:?}");
        }
        for (at, class) in SecCode::ALL.into_iter().enumerate() {
            assert_eq!(class as usize, at);
            assert_ne!(class.suits(Personal), class.suits(Business));
            for holder in [Personal, Business] {
                let offered = set(&SecCode::ALL).offered(holder);
                assert_eq!(offered.contains(class), class.suits(holder), "{class:?}");
                assert!(SecCode::for_holder(holder).suits(holder));
            }
        }
        assert_eq!(set(&[Tel, Ppd]).first(), Some(Ppd));
        assert_eq!(SecCodes::default().first(), None);
        assert!(set(&[Web, Tel]).is_choice() && !set(&[Ccd]).is_choice());
        assert_eq!(SecCodes::from_bits(0xff).bits(), 0b1111);
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
