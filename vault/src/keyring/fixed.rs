//! Keys that stay when the look-up key changes: what they make is kept elsewhere for ever, or must be the same whenever it
//! is made.
//!
//! None of them ever meets a card or an account. Each is derived from the first version of the look-up key; when that gets
//! a successor, they are kept beside it, so that the first version can be destroyed.

use zeroize::Zeroizing;

use super::cipher;
use crate::domain::TenantId;

/// What a key that stays is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fixed {
    /// The id of a merchant's gateway on Paydock's face, which merchants keep.
    PaydockGateway,
    /// The id of a merchant's company on Paydock's face, which merchants keep.
    PaydockCompany,
    /// The id of what a repeated request of Flute's face makes: a processor that is asked twice knows it again.
    FluteOnce,
    /// The id of a Flute session's payment: likewise.
    FluteSessionPayment,
    /// What FluidPay's face shows of an address, equal for equal addresses.
    FluidpayAddress,
    /// What a wallet's token is known by: one of Apple's does not expire, so it must be known for as long as what was made
    /// of it is there.
    WalletToken,
}

impl Fixed {
    /// Every purpose.
    pub const ALL: [Self; 6] = [
        Self::PaydockGateway,
        Self::PaydockCompany,
        Self::FluteOnce,
        Self::FluteSessionPayment,
        Self::FluidpayAddress,
        Self::WalletToken,
    ];

    /// The number under which the key is kept, in the place of a version.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::PaydockGateway => 1,
            Self::PaydockCompany => 2,
            Self::FluteOnce => 3,
            Self::FluteSessionPayment => 4,
            Self::FluidpayAddress => 5,
            Self::WalletToken => 6,
        }
    }

    /// The purpose with a number.
    pub(super) fn of_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|fixed| fixed.number() == number)
    }

    /// The key, from the first version of the look-up key.
    pub(super) fn derive(self, tenant: &TenantId, first: &[u8; 32]) -> Zeroizing<[u8; 32]> {
        let tenant = tenant.as_str().as_bytes();
        let purpose =
            |name: &str| cipher::derive(first, b"", &[b"tessera/purpose/v1", tenant, name.as_bytes()]);
        match self {
            Self::PaydockGateway => purpose("paydock/gateway-id"),
            Self::PaydockCompany => purpose("paydock/company-id"),
            Self::FluteOnce => purpose("flute/once-id/v1"),
            Self::FluteSessionPayment => purpose("flute/session-payment/v1"),
            Self::FluidpayAddress => {
                cipher::derive(first, b"fluidpay/address-hash/v1", &[b"tessera/attempt-digest/v1", tenant])
            }
            Self::WalletToken => cipher::derive(first, b"", &[b"tessera/lookup/v1", tenant, b"token"]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::lookup::Lookup;
    use super::*;

    #[test]
    fn what_stays_is_what_it_was_when_there_was_one_version() {
        let (tenant, first) = (TenantId::new("mer_1"), [7; 32]);
        let lookup = Lookup::new(&tenant, 1, &first);
        let mac = |fixed: Fixed, parts: &[&[u8]]| cipher::mac(&fixed.derive(&tenant, &first), parts);
        for (fixed, name) in [
            (Fixed::PaydockGateway, "paydock/gateway-id"),
            (Fixed::PaydockCompany, "paydock/company-id"),
            (Fixed::FluteOnce, "flute/once-id/v1"),
            (Fixed::FluteSessionPayment, "flute/session-payment/v1"),
        ] {
            assert_eq!(mac(fixed, &[b"x"]), lookup.purpose_mac(name, &[b"x"]), "{name}");
        }
        let address = lookup.attempt_digest("fluidpay/address-hash/v1", &[b"x", b"y"]);
        assert_eq!(mac(Fixed::FluidpayAddress, &[b"x", b"y"]), address);
        assert_eq!(mac(Fixed::WalletToken, &[b"googlepay:1"]), lookup.token_mac("googlepay:1"));
        let mut numbers: Vec<_> = Fixed::ALL.iter().map(|fixed| fixed.number()).collect();
        numbers.dedup();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    }
}
