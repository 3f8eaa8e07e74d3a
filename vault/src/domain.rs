//! What the vault knows of: merchants and their keys, tokens, customers, addresses, payment methods, payments.
//!
//! Types and rules only; no SQL and no HTTP.

pub mod address;
pub mod api_key;
pub mod checkout_session;
pub mod customer;
pub mod document;
pub mod face;
pub mod id;
pub mod mandate;
pub mod merchant;
pub mod money;
pub mod payment;
pub mod payment_method;
pub mod processor;
pub mod scope;
pub mod search;
pub mod source;
pub mod token;

pub use address::Address;
pub use api_key::{ApiKey, KeyKind, KeyText, KeyUse};
pub use checkout_session::{CheckoutSession, SessionTerms};
pub use customer::Customer;
pub use document::Document;
pub use face::Face;
pub use id::{AddressId, CustomerId, PaymentId, PaymentMethodId, TenantId};
pub use mandate::{MandateRecord, MandateRefused, TermsRecord};
pub use merchant::{Merchant, Origin};
pub use money::{Currency, Money};
pub use payment::{Capture, Decline, Fault, Outcome, Payment, PaymentSearch, PaymentTotals};
pub use payment_method::{BankDisplay, CardDisplay, Display, Holding, PaymentMethod};
pub use processor::{Charge, Processor};
pub use scope::Scope;
pub use search::{
    Anywhere, Comparison, Criterion, Direction, Lifecycle, MethodOrder, MethodOrderBy, MethodSearch, Order,
    OrderBy, Search, SearchField, TimeRange,
};
pub use source::{
    BsbAccount, BsbDisplay, BsbRejected, CheckoutAgreement, CheckoutDisplay, MethodKind, Source,
};
pub use token::{Token, TokenState};
