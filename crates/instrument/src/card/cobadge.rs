//! Co-badged cards: one number, two schemes that can carry the payment, and a holder who may choose
//! (Regulation (EU) 2015/751, article 8).
//!
//! A number that two schemes' ranges hold is no proof of two marks on the card: most overlaps are an old range
//! inside another one, or a carve-out. So the pairs that do share cards are named here, each with its source.

use super::candidates::Matches;
use super::policy::CardPolicy;
use super::scheme::{Scheme, Schemes, set_place};
use crate::digits::normalise;

/// The digits from which the ranges are told apart: the longest prefix of the table (ISO/IEC 7812-1:2017).
const ENOUGH: usize = super::scheme::index::MAX_PREFIX;

/// Schemes that share cards.
const PAIRS: [(u8, u8); 7] = [
    // 4571: Visa/Dankort. Wikipedia, ActiveMerchant; read 2026-11-23.
    (set_place("visa"), set_place("dankort")),
    // 479658: a Bancontact card that is a Visa card abroad. adyen; read 2026-11-23.
    (set_place("visa"), set_place("bancontact")),
    // 6703: a Bancontact card that is a Maestro card abroad. adyen; read 2026-11-23.
    (set_place("maestro"), set_place("bancontact")),
    // 622126-622925. Discover IPP 3Q2021, Wikipedia; read 2026-11-23.
    (set_place("unionpay"), set_place("discover")),
    // 65: Troy cards that are Discover cards abroad. cct, bin-cc; read 2026-11-23.
    (set_place("troy"), set_place("discover")),
    // 6521-6531: RuPay Global. NPCI NFS-OC-153, Discover IPP 3Q2021; read 2026-11-23.
    (set_place("rupay"), set_place("discover")),
    // 357111: LankaPay JCB. adyen; read 2026-11-23.
    (set_place("lankapay"), set_place("jcb")),
];

/// The schemes that a holder can choose from, the one to show first: those of the accepted ones whose ranges hold the
/// number and which are known to share cards. Empty if there is no choice, and before eight digits.
///
/// ```
/// use instrument::card::{CardPolicy, cobadges};
/// let names = |number| cobadges(number, &CardPolicy::DEFAULT).into_iter().map(|scheme| scheme.id).collect::<Vec<_>>();
/// assert_eq!(names("4571 9940 0006 2336"), ["visa", "dankort"]);
/// assert!(names("4111 1111 1111 1111").is_empty());
/// ```
pub fn cobadges(text: &str, policy: &CardPolicy) -> Vec<&'static Scheme> {
    let read = normalise(text);
    if read.digits.len() < ENOUGH {
        return Vec::new();
    }
    let found = Matches::of(&read.digits, policy);
    let inside = found.inside().fold(Schemes::NONE, Schemes::with_place);
    let shares = |place: &u8| {
        PAIRS
            .iter()
            .any(|(one, other)| (one == place || other == place) && inside.has(*one) && inside.has(*other))
    };
    found.inside().filter(shares).map(Scheme::at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str, policy: &CardPolicy) -> Vec<&'static str> {
        cobadges(text, policy).into_iter().map(|scheme| scheme.id).collect()
    }

    #[test]
    fn only_known_pairs_are_a_choice() {
        for (number, expected) in [
            ("4571994000062336", ["visa", "dankort"].as_slice()),
            ("45719940", &["visa", "dankort"]),
            ("4571994", &[]),
            ("4796580000000000", &["bancontact", "visa"]),
            ("6221260000000000", &["unionpay", "discover"]),
            ("6521500000000000", &["rupay", "discover"]),
            ("3571110000000000", &["jcb", "lankapay"]),
            // The whole of 356 is claimed for RuPay; most of its cards are JCB's alone.
            ("3566002020360505", &[]),
            // Elo has numbers of its own inside Visa's; UATP and the old JCB share digits, not cards.
            ("4011780000000000", &[]),
            ("180000000000000", &[]),
            ("4111111111111111", &[]),
            ("6011000990139424", &[]),
            ("", &[]),
        ] {
            assert_eq!(ids(number, &CardPolicy::DEFAULT), expected, "{number}");
        }
    }

    #[test]
    fn what_is_not_accepted_is_no_choice() {
        let accepted = Schemes::of(["visa", "mastercard"]).unwrap();
        assert!(ids("4571994000062336", &CardPolicy { accepted, ..CardPolicy::DEFAULT }).is_empty());
    }
}
