//! What a key may be used for, among what its kind allows.

use super::KeyKind;

/// A part of what can be asked of the vault. The list is closed: what is in no scope cannot be done with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Making one-time tokens, and what a form needs for that.
    Tokenize,
    /// Reading, listing and searching; never a whole number of a card or account.
    Read,
    /// Customers, addresses and payment methods; spending tokens on them.
    Write,
    /// Payments, charges, transactions and payment sessions, with the payment methods that they may keep.
    Payments,
    /// Making checkout sessions.
    Sessions,
    /// No right but a duty: a publishable key with it makes tokens in checkout sessions only.
    SessionRequired,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 6] =
        [Self::Tokenize, Self::Read, Self::Write, Self::Payments, Self::Sessions, Self::SessionRequired];

    /// The stable name, as it is stored and written in commands.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tokenize => "tokenize",
            Self::Read => "read",
            Self::Write => "customers:write",
            Self::Payments => "payments",
            Self::Sessions => "sessions",
            Self::SessionRequired => "session:required",
        }
    }

    /// Reads the stable name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

impl KeyKind {
    /// The scopes that a key of this kind has unless it was made with others.
    #[must_use]
    pub const fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Publishable => &[Scope::Tokenize],
            Self::Secret => &[Scope::Tokenize, Scope::Read, Scope::Write, Scope::Payments, Scope::Sessions],
        }
    }

    /// Whether a key of this kind can have a scope.
    #[must_use]
    pub fn can_have(self, scope: Scope) -> bool {
        match self {
            Self::Publishable => matches!(scope, Scope::Tokenize | Scope::SessionRequired),
            Self::Secret => scope != Scope::SessionRequired,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_no_publishable_key_can_do_more_than_make_tokens() {
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.as_str()), Some(scope));
        }
        assert_eq!(Scope::parse("everything"), None);
        assert_eq!(KeyKind::Publishable.scopes(), [Scope::Tokenize]);
        for kind in KeyKind::ALL {
            assert!(kind.scopes().iter().all(|scope| kind.can_have(*scope)));
        }
        let publishable = Scope::ALL.into_iter().filter(|scope| KeyKind::Publishable.can_have(*scope));
        assert_eq!(publishable.collect::<Vec<_>>(), [Scope::Tokenize, Scope::SessionRequired]);
        assert!(!KeyKind::Secret.can_have(Scope::SessionRequired));
    }
}
