//! Payment methods: a stored card or bank account, of a customer or of nobody yet.

use instrument::Instrument;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    BsbDisplay, CheckoutDisplay, CustomerId, MandateRecord, MethodKind, PaymentMethodId, SessionTerms, Source,
};

/// A stored instrument; one without a customer is an *orphan* (guest checkout).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentMethod {
    /// The id, in the form of the face that created it.
    pub id: PaymentMethodId,
    /// Whose it is; `None` for an orphan.
    pub customer_id: Option<CustomerId>,
    /// The instrument's record, encrypted; never holds a security code.
    pub sealed: Vec<u8>,
    /// When the instrument in `sealed` was checked, in milliseconds since the Unix epoch: its expiry is
    /// good for that month.
    pub sealed_at_ms: i64,
    /// What may be shown.
    pub display: Display,
    /// What the merchant calls it.
    pub name: Option<String>,
    /// Settings named by a gateway.
    pub flags: Vec<String>,
    /// What only one face knows, under that face's name; never card data.
    pub extra: Map<String, Value>,
    /// What the owner of the account agreed to, if a text was shown.
    pub mandate: Option<Box<MandateRecord>>,
    /// Keyed hash of the number: equal for the same card or account of the same merchant.
    pub fingerprint: String,
    /// The version of the look-up key that `fingerprint` is of.
    pub fingerprint_version: u32,
    /// Keyed hash of the token it was made from, if it was; unique, so that even a broken guard
    /// could not turn one token into two payment methods.
    pub from_token_mac: Option<[u8; 32]>,
    /// When it was created, in milliseconds since the Unix epoch.
    pub created_at_ms: i64,
    /// When it was last changed, in milliseconds since the Unix epoch.
    pub updated_at_ms: i64,
    /// Since when it is archived, in milliseconds since the Unix epoch: kept for old records, and good for
    /// nothing new.
    pub archived_at_ms: Option<i64>,
    /// Counts the changes; an update names the version it was made from.
    pub version: i64,
}

impl PaymentMethod {
    /// What it is a method of.
    #[must_use]
    pub const fn kind(&self) -> MethodKind {
        self.display.kind()
    }
}

/// What of an instrument is not secret and may be shown and searched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Display {
    /// Of a card.
    Card(CardDisplay),
    /// Of a bank account.
    BankAccount(BankDisplay),
    /// Of an Australian bank account.
    Bsb(BsbDisplay),
    /// Of an agreement kept elsewhere.
    Checkout(CheckoutDisplay),
}

/// What of a card may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardDisplay {
    /// The scheme's id, such as `visa`.
    pub scheme: String,
    /// Eight digits if the number has 16 or more, else six (PCI SSC FAQ 1091).
    pub bin: String,
    /// The last four digits.
    pub last4: String,
    /// Month of expiry, 1 to 12.
    pub exp_month: u8,
    /// Year of expiry, four digits.
    pub exp_year: u16,
    /// The id of the scheme that the holder of a card with two picked; none if there was no choice, or none was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_scheme: Option<String>,
    /// The session in which it was entered, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Box<SessionTerms>>,
}

/// What of a bank account may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankDisplay {
    /// The last four digits of the routing number.
    pub routing_last4: String,
    /// The last four digits of the account number.
    pub last4: String,
    /// `checking` or `savings`.
    pub account_type: String,
    /// `personal` or `business`.
    pub holder_type: String,
    /// `web`, `ppd`, `ccd` or `tel`.
    pub sec_code: String,
    /// The session in which it was entered, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Box<SessionTerms>>,
}

impl Display {
    /// What may be shown of an instrument.
    #[must_use]
    pub fn of(instrument: &Instrument) -> Self {
        match instrument {
            Instrument::Card(card) => Self::Card(CardDisplay {
                scheme: card.number().scheme().id.to_owned(),
                bin: card.number().bin().to_owned(),
                last4: card.number().last4().to_owned(),
                exp_month: card.expiry().month(),
                exp_year: card.expiry().year(),
                preferred_scheme: card.preferred_scheme().map(|scheme| scheme.id.to_owned()),
                session: None,
            }),
            Instrument::BankAccount(account) => Self::BankAccount(BankDisplay {
                routing_last4: account.routing().last4().to_owned(),
                last4: account.account().last4().to_owned(),
                account_type: account.account_type().as_str().to_owned(),
                holder_type: account.holder_type().as_str().to_owned(),
                sec_code: account.sec_code().as_str().to_owned(),
                session: None,
            }),
        }
    }

    /// What may be shown of whatever a payment method holds.
    #[must_use]
    pub fn of_source(source: &Source) -> Self {
        match source {
            Source::Instrument(instrument) => Self::of(instrument),
            Source::Bsb(account) => Self::Bsb(BsbDisplay {
                bsb: account.bsb().to_owned(),
                last4: account.last4().to_owned(),
                account_name: account.account_name().to_owned(),
            }),
            Source::Checkout(agreement) => Self::Checkout(CheckoutDisplay {
                email: agreement.email().map(str::to_owned),
                holder: agreement.holder().map(str::to_owned),
            }),
        }
    }

    /// The same, with the session in which it was entered. Only what a browser can enter has one.
    #[must_use]
    pub fn in_session(mut self, terms: Option<SessionTerms>) -> Self {
        match &mut self {
            Self::Card(CardDisplay { session, .. }) | Self::BankAccount(BankDisplay { session, .. }) => {
                *session = terms.map(Box::new);
            }
            Self::Bsb(_) | Self::Checkout(_) => {}
        }
        self
    }

    /// The session in which it was entered, if there was one.
    #[must_use]
    pub fn session(&self) -> Option<&SessionTerms> {
        match self {
            Self::Card(CardDisplay { session, .. }) | Self::BankAccount(BankDisplay { session, .. }) => {
                session.as_deref()
            }
            Self::Bsb(_) | Self::Checkout(_) => None,
        }
    }

    /// What it is shown of.
    #[must_use]
    pub const fn kind(&self) -> MethodKind {
        match self {
            Self::Card(_) => MethodKind::Card,
            Self::BankAccount(_) => MethodKind::BankAccount,
            Self::Bsb(_) => MethodKind::Bsb,
            Self::Checkout(_) => MethodKind::Checkout,
        }
    }
}

/// Whose payment methods a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Holding {
    /// Those of one customer.
    Customer(CustomerId),
    /// Those of nobody.
    Orphans,
    /// All of them.
    #[default]
    Any,
}
