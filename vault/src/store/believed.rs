//! What is left of a row that is not as the vault wrote it.

use super::{Attempt, DataKey, Remembered, SealingKey, StoreError};
use crate::domain::{Address, ApiKey, Customer, Document, Merchant, Payment, PaymentMethod, Token};

/// What asking for such a row alone answers.
pub(super) const ALTERED: StoreError = StoreError::Corrupt("a row with another hash");

/// What the log says of such a row that was deleted.
pub(super) const DELETED_UNNOTED: &str = "a row that is not as the vault wrote it was deleted: the audit log goes on saying that the right one is there";

/// What the log says of such rows that are over.
pub(super) const PASSED_OVER: &str =
    "rows that are over are not as the vault wrote them, or of a newer key: they stay";

/// What is read from a table.
pub(super) trait Stored: Sized {
    /// What may be shown of it when its row is not as the vault wrote it: nothing, unless what it is good for is gone.
    fn unbelieved(self) -> Option<Self> {
        None
    }
}

impl Stored for Address {}
impl Stored for ApiKey {}
impl Stored for Attempt {}
impl Stored for Customer {}
impl Stored for DataKey {}
impl Stored for Document {}
impl Stored for Merchant {}
impl Stored for Payment {}
impl Stored for Remembered {}
impl Stored for SealingKey {}
impl Stored for Token {}

/// The number of an epoch.
pub(super) struct Epoch(pub(super) i64);

impl Stored for Epoch {}

impl Stored for PaymentMethod {
    /// Without its ciphertext it opens no more: faces show it as unreadable, and nobody is charged with it.
    fn unbelieved(self) -> Option<Self> {
        Some(Self { sealed: Vec::new(), ..self })
    }
}
