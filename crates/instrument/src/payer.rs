//! Payers: names, e-mail address, phone number and postal address.
//!
//! None of these entries is kept like a card number, so each refuses a card number typed into it.

mod address;
mod country;
mod email;
mod name;
mod phone;
mod postal;

pub use address::{Address, AddressDraft, AddressPart, AddressRejected};
pub use country::Country;
pub use email::Email;
pub use name::PayerName;
pub use phone::Phone;
pub use postal::PostalCode;
