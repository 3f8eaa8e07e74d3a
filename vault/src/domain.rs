//! What the vault knows of: merchants and their keys, tokens, customers, addresses, payment methods.
//!
//! Types and rules only; no SQL and no HTTP.

pub mod address;
pub mod api_key;
pub mod customer;
pub mod id;
pub mod merchant;
pub mod payment_method;
pub mod search;
pub mod token;

pub use address::Address;
pub use api_key::{ApiKey, KeyKind, KeyText};
pub use customer::Customer;
pub use id::{AddressId, CustomerId, PaymentMethodId, TenantId};
pub use merchant::{Merchant, Origin};
pub use payment_method::{BankDisplay, CardDisplay, Display, Holding, PaymentMethod};
pub use search::{Comparison, Criterion, Search, SearchField, TimeRange};
pub use token::{Token, TokenState};
