//! Which suites a vault makes sealing keys of, and which it opens: one choice of whoever runs it.

use seal::{Suite, Suites};

/// The choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SealingSuites {
    /// Keys are of X25519. Those of X-Wing that there are open until they end.
    #[default]
    X25519,
    /// Keys are of X-Wing. Those of X25519 that there are open until they end.
    XWing,
    /// Keys are of X-Wing, and nothing that was sealed with X25519 is opened.
    XWingOnly,
}

impl SealingSuites {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::X25519, Self::XWing, Self::XWingOnly];

    /// Its name as a setting.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::X25519 => "x25519",
            Self::XWing => "x-wing",
            Self::XWingOnly => "x-wing-only",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.as_str() == text)
    }

    /// What keys are made of, and published of.
    #[must_use]
    pub const fn made(self) -> Suite {
        match self {
            Self::X25519 => Suite::X25519,
            Self::XWing | Self::XWingOnly => Suite::XWing,
        }
    }

    /// What envelopes are opened of.
    #[must_use]
    pub const fn opened(self) -> &'static [Suite] {
        match self {
            Self::X25519 | Self::XWing => Suite::ALL,
            Self::XWingOnly => &[Suite::XWing],
        }
    }

    /// The same, as it is written into statements about keys.
    #[must_use]
    pub const fn good(self) -> Suites {
        Suites::of(self.opened())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_is_opened_and_names_come_back() {
        for choice in SealingSuites::ALL {
            assert!(choice.opened().contains(&choice.made()), "{choice:?}");
            assert!(choice.good().has(choice.made().number()), "{choice:?}");
            assert_eq!(SealingSuites::parse(choice.as_str()), Some(choice));
        }
        assert_eq!(SealingSuites::parse("X25519"), None);
        assert!(!SealingSuites::XWingOnly.good().has(Suite::X25519.number()));
    }
}
