//! Cards, bank accounts and payers: validation and typing, without web, clock or I/O.
//!
//! The same lines run in the browser and in the vault, so the two cannot disagree about what a valid
//! instrument is. Whatever depends on the date takes "today" as a [`YearMonth`].
//!
//! ```
//! use instrument::card::CardDraft;
//! use instrument::{Secret, YearMonth};
//!
//! let today = YearMonth::new(2026, 11).unwrap();
//! let draft = CardDraft {
//!     number: Secret::new("4111 1111 1111 1111".to_owned()),
//!     expiry: Secret::new("12 / 30".to_owned()),
//!     code: Some(Secret::new("123".to_owned())),
//!     holder: None,
//!     preferred_scheme: None,
//! };
//! let card = draft.finish(today).unwrap();
//! assert_eq!(card.number().scheme().id, "visa");
//! assert_eq!(card.number().masked(), "411111******1111");
//! ```
#![forbid(unsafe_code)]

pub mod bank;
pub mod card;
pub mod digits;
mod draft;
pub mod field;
pub mod iban;
mod kind;
mod month;
pub mod payer;
pub mod record;
mod rejected;
pub mod secret;
pub mod typing;
mod verdict;

pub use bank::{BankAccount, BankDraft};
pub use card::{Card, CardDraft};
pub use draft::Draft;
pub use kind::{Entry, Instrument, Kind};
pub use month::YearMonth;
pub use rejected::{FieldName, Rejected};
pub use secret::Secret;
pub use verdict::{Reason, Verdict};
