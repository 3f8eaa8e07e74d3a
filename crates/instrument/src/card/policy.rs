//! [`CardPolicy`]: which cards a merchant takes, and how strictly.

use super::scheme::{CodeRule, Scheme, Schemes, set_place};

/// What a merchant decides about cards. The default is the reading that refuses the fewest good cards.
///
/// ```
/// use instrument::card::{AmexCode, CardNumber, CardPolicy, Schemes};
/// use instrument::Reason;
/// let policy = CardPolicy { accepted: Schemes::of(["visa", "mastercard"]).unwrap(), ..CardPolicy::DEFAULT };
/// assert!(CardNumber::parse_under("4111111111111111", &policy).is_ok());
/// let refused = CardNumber::parse_under("378282246310005", &policy).unwrap_err();
/// assert_eq!(refused, Reason::NotAccepted);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardPolicy {
    /// The schemes that are taken. A number is good if any of these takes it.
    pub accepted: Schemes,
    /// Which codes of American Express are taken.
    pub amex_code: AmexCode,
    /// Whether a Maestro card must have a code.
    pub maestro_code: MaestroCode,
    /// What a wrong check digit of a UnionPay number means.
    pub unionpay_luhn: UnionPayLuhn,
}

/// Which codes of American Express are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AmexCode {
    /// The four digits on the front.
    #[default]
    Four,
    /// The three on the back as well, as Stripe and jquery.payment do.
    ThreeOrFour,
}

/// Whether a Maestro card must have a code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MaestroCode {
    /// Some have none.
    #[default]
    Optional,
    /// Those are refused.
    Required,
}

/// What a wrong check digit of a UnionPay number means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnionPayLuhn {
    /// The candidate says so in `luhn_ok`; some domestic debit cards fail the formula.
    #[default]
    Warning,
    /// The number is refused.
    Error,
}

impl CardPolicy {
    /// What counts where a merchant decides nothing.
    pub const DEFAULT: Self = Self {
        accepted: Schemes::USUAL,
        amex_code: AmexCode::Four,
        maestro_code: MaestroCode::Optional,
        unionpay_luhn: UnionPayLuhn::Warning,
    };

    /// What whoever does not know the merchant's policy has to take: everything that one of them takes of the
    /// usual schemes.
    pub const LENIENT: Self = Self { amex_code: AmexCode::ThreeOrFour, ..Self::DEFAULT };

    /// The rule for a scheme's security code.
    pub fn code(&self, scheme: &Scheme) -> CodeRule {
        let sizes: &'static [u8] = match (scheme.id, self.amex_code, self.maestro_code) {
            ("amex", AmexCode::ThreeOrFour, _) => &[3, 4],
            ("maestro", _, MaestroCode::Required) => &[3],
            _ => scheme.code.sizes,
        };
        CodeRule { sizes, ..scheme.code }
    }

    /// Whether a wrong check digit is forgiven to a scheme that has numbers without one.
    pub(crate) fn forgives_luhn(&self, scheme: u8) -> bool {
        self.unionpay_luhn == UnionPayLuhn::Warning || scheme != const { set_place("unionpay") }
    }
}

impl Default for CardPolicy {
    fn default() -> Self {
        Self::DEFAULT
    }
}
