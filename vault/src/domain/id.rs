//! The ids of stored things; each is its own type, so that none can stand where another is meant.

use std::fmt;

use crate::random::{self, BASE58, Random, RandomFailed};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Takes a text as an id; whether a thing of this id exists is the store's to say.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text of the id.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id! {
    /// The merchant that everything else belongs to.
    TenantId
}
id! {
    /// A customer; each face chooses its own form, and some let the merchant choose.
    CustomerId
}
id! {
    /// An address of a customer.
    AddressId
}
id! {
    /// A payment method.
    PaymentMethodId
}
id! {
    /// A payment.
    PaymentId
}

/// Characters behind the prefix of a generated id: 58^20 is more than 2^117.
const GENERATED_LEN: usize = 20;

impl TenantId {
    /// The tenant that rows of the vault itself are kept under, such as its sealing keys.
    #[must_use]
    pub fn vault() -> Self {
        Self::new("vault")
    }

    /// A new id, `mer_…`.
    ///
    /// # Errors
    ///
    /// [`RandomFailed`] if there are no random bytes.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomFailed> {
        generated("mer_", random).map(Self)
    }
}

impl CustomerId {
    /// A new id in the native form, `cus_…`.
    ///
    /// # Errors
    ///
    /// [`RandomFailed`] if there are no random bytes.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomFailed> {
        generated("cus_", random).map(Self)
    }
}

impl AddressId {
    /// A new id in the native form, `adr_…`.
    ///
    /// # Errors
    ///
    /// [`RandomFailed`] if there are no random bytes.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomFailed> {
        generated("adr_", random).map(Self)
    }
}

impl PaymentMethodId {
    /// A new id in the native form, `pm_…`.
    ///
    /// # Errors
    ///
    /// [`RandomFailed`] if there are no random bytes.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomFailed> {
        generated("pm_", random).map(Self)
    }
}

impl PaymentId {
    /// A new id in the native form, `pay_…`.
    ///
    /// # Errors
    ///
    /// [`RandomFailed`] if there are no random bytes.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomFailed> {
        generated("pay_", random).map(Self)
    }
}

fn generated(prefix: &str, random: &dyn Random) -> Result<String, RandomFailed> {
    let text = random::text(random, BASE58, GENERATED_LEN)?;
    Ok([prefix, text.as_str()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn generated_ids_carry_their_prefix_and_differ() {
        let first = CustomerId::generate(&SystemRandom).unwrap();
        let second = CustomerId::generate(&SystemRandom).unwrap();
        assert!(first.as_str().starts_with("cus_"));
        assert_eq!(first.as_str().len(), 24);
        assert_ne!(first, second);
    }
}
