//! What of a change is recorded: every sort of it is decided on here.

use crate::store::{Change, DataKeyPurpose, Marks};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the stable names say the same")]
pub enum Action {
    TokenCreate,
    TokenSpend,
    CustomerCreate,
    CustomerUpdate,
    CustomerDelete,
    CustomerArchive,
    CustomerDefault,
    AddressCreate,
    AddressUpdate,
    AddressDelete,
    MethodCreate,
    MethodUpdate,
    MethodAttach,
    MethodArchive,
    MethodDelete,
    PaymentCreate,
    DocumentCreate,
    DocumentReplace,
    DocumentDelete,
    Sweep,
    MerchantCreate,
    KeyCreate,
    KeyOrigins,
    KeyExpire,
    KeyRevoke,
    SealingKeyCreate,
    SealingKeySign,
    SealingKeyDestroy,
    DataKeyCreate,
    EpochBegin,
    DataKeyRewrap,
    SealingKeyRewrap,
    MethodReseal,
    MethodRefingerprint,
    KeyRehash,
    DataKeyDestroy,
    RowsHash,
    RowsRehash,
    RowsKeep,
}

impl Action {
    /// The stable name, as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TokenCreate => "token.create",
            Self::TokenSpend => "token.spend",
            Self::CustomerCreate => "customer.create",
            Self::CustomerUpdate => "customer.update",
            Self::CustomerDelete => "customer.delete",
            Self::CustomerArchive => "customer.archive",
            Self::CustomerDefault => "customer.default",
            Self::AddressCreate => "address.create",
            Self::AddressUpdate => "address.update",
            Self::AddressDelete => "address.delete",
            Self::MethodCreate => "payment_method.create",
            Self::MethodUpdate => "payment_method.update",
            Self::MethodAttach => "payment_method.attach",
            Self::MethodArchive => "payment_method.archive",
            Self::MethodDelete => "payment_method.delete",
            Self::PaymentCreate => "payment.create",
            Self::DocumentCreate => "document.create",
            Self::DocumentReplace => "document.replace",
            Self::DocumentDelete => "document.delete",
            Self::Sweep => "sweep",
            Self::MerchantCreate => "merchant.create",
            Self::KeyCreate => "api_key.create",
            Self::KeyOrigins => "api_key.origins",
            Self::KeyExpire => "api_key.expire",
            Self::KeyRevoke => "api_key.revoke",
            Self::SealingKeyCreate => "sealing_key.create",
            Self::SealingKeySign => "sealing_key.sign",
            Self::SealingKeyDestroy => "sealing_key.destroy",
            Self::DataKeyCreate => "data_key.create",
            Self::EpochBegin => "epoch.begin",
            Self::DataKeyRewrap => "data_key.rewrap",
            Self::SealingKeyRewrap => "sealing_key.rewrap",
            Self::MethodReseal => "payment_method.reseal",
            Self::MethodRefingerprint => "payment_method.refingerprint",
            Self::KeyRehash => "api_key.rehash",
            Self::DataKeyDestroy => "data_key.destroy",
            Self::RowsHash => "rows.hash",
            Self::RowsRehash => "rows.rehash",
            Self::RowsKeep => "rows.keep",
        }
    }
}

/// What a row says of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What was done.
    pub action: Action,
    /// To what: an id, or the keyed hash a token is stored as. Never card data, a token or a key.
    pub object: String,
    /// The rows that it made and took away.
    pub marks: Marks,
}

impl Record {
    /// What is recorded of a change that touched so many rows. Nothing, if it touched none, or if it only remembers
    /// the answer to a request whose effect is a change beside it.
    ///
    /// The match has no wildcard: a new sort of change does not compile before it is decided on.
    #[must_use]
    pub fn of(change: &Change, rows: u64) -> Option<Self> {
        if rows == 0 {
            return None;
        }
        let (action, object) = match change {
            Change::InsertAttempt(_) | Change::Remember { .. } => return None,
            Change::InsertToken(token) => (Action::TokenCreate, hex(&token.mac)),
            Change::SpendToken { mac, .. } => (Action::TokenSpend, hex(mac)),
            Change::InsertCustomer(customer) => (Action::CustomerCreate, customer.id.to_string()),
            Change::UpdateCustomer(customer) => (Action::CustomerUpdate, customer.id.to_string()),
            Change::DeleteCustomer(id) => (Action::CustomerDelete, id.to_string()),
            Change::ArchiveCustomer { id, .. } => (Action::CustomerArchive, id.to_string()),
            Change::DefaultPaymentMethod { customer, id, .. }
            | Change::DefaultPaymentMethodIfNone { customer, id, .. } => {
                (Action::CustomerDefault, format!("{customer} {id}"))
            }
            Change::InsertAddress(address) => (Action::AddressCreate, address.id.to_string()),
            Change::UpdateAddress(address) => (Action::AddressUpdate, address.id.to_string()),
            Change::DeleteAddress { id, .. } => (Action::AddressDelete, id.to_string()),
            Change::InsertPaymentMethod(method) => (Action::MethodCreate, method.id.to_string()),
            Change::UpdatePaymentMethod(method) => (Action::MethodUpdate, method.id.to_string()),
            Change::AttachPaymentMethod { id, customer, .. } => {
                (Action::MethodAttach, format!("{id} {customer}"))
            }
            Change::ArchivePaymentMethod { id, .. } => (Action::MethodArchive, id.to_string()),
            Change::DeletePaymentMethod { id, .. } => (Action::MethodDelete, id.to_string()),
            Change::InsertPayment(payment) => (Action::PaymentCreate, payment.id.to_string()),
            Change::InsertDocument(document) => {
                (Action::DocumentCreate, format!("{} {}", document.collection, document.id))
            }
            Change::ReplaceDocument(document) => {
                (Action::DocumentReplace, format!("{} {}", document.collection, document.id))
            }
            Change::DeleteDocument { collection, id } => {
                (Action::DocumentDelete, format!("{collection} {id}"))
            }
            Change::SweepExpired { .. } => (Action::Sweep, format!("{rows} rows")),
            Change::InsertMerchant(merchant) => (Action::MerchantCreate, merchant.id.to_string()),
            Change::InsertKey(key) => (Action::KeyCreate, key.id.clone()),
            Change::SetOrigins { key_id, .. } => (Action::KeyOrigins, key_id.clone()),
            Change::ExpireKey { key_id, .. } => (Action::KeyExpire, key_id.clone()),
            Change::RevokeKey { key_id, .. } => (Action::KeyRevoke, key_id.clone()),
            Change::InsertSealingKey(key) => (Action::SealingKeyCreate, hex(&key.id)),
            Change::SignSealingKey { id, .. } => (Action::SealingKeySign, hex(id)),
            Change::DeleteSealingKeys { .. } => (Action::SealingKeyDestroy, format!("{rows} keys")),
            Change::InsertDataKey(key) => {
                (Action::DataKeyCreate, format!("{} {}", key.purpose.as_str(), key.version))
            }
            Change::BeginEpoch { .. } => (Action::EpochBegin, "tokens".to_owned()),
            Change::RewrapDataKey { purpose, version, .. } => {
                (Action::DataKeyRewrap, format!("{} {version}", purpose.as_str()))
            }
            Change::RewrapSealingKey { id, .. } => (Action::SealingKeyRewrap, hex(id)),
            Change::ResealPaymentMethod { id, .. } => (Action::MethodReseal, id.to_string()),
            Change::DestroyEncryptionKey { version } => {
                (Action::DataKeyDestroy, format!("{} {version}", DataKeyPurpose::Encryption.as_str()))
            }
            Change::RehashKey { key_id, .. } => (Action::KeyRehash, key_id.clone()),
            Change::RefingerprintPaymentMethod { id, .. } => (Action::MethodRefingerprint, id.to_string()),
            Change::DestroyLookupKey { version, .. } => {
                (Action::DataKeyDestroy, format!("{} {version}", DataKeyPurpose::Lookup.as_str()))
            }
            Change::HashRows(_) => (Action::RowsHash, format!("{rows} rows")),
            Change::RehashRows(_) => (Action::RowsRehash, format!("{rows} rows")),
            Change::DestroyRowKey { version } => {
                (Action::DataKeyDestroy, format!("{} {version}", DataKeyPurpose::Rows.as_str()))
            }
        };
        Some(Self { action, object, marks: Marks::default() })
    }
}

/// The records of one write, in the order of its changes.
#[derive(Debug, Default)]
pub struct Records {
    records: Vec<Record>,
    loose: Marks,
}

impl Records {
    /// Takes what a change is recorded as, if it is, and the marks it left.
    pub fn take(&mut self, record: Option<Record>, marks: Marks) {
        match record {
            Some(record) => self.records.push(Record { marks, ..record }),
            None => self.loose.append(marks),
        }
    }

    /// All records. The marks of changes without one go to the last of them, or, if there is none, to one of their own.
    #[must_use]
    pub fn finish(self) -> Vec<Record> {
        let Self { mut records, loose } = self;
        if !loose.is_empty() {
            match records.last_mut() {
                Some(last) => last.marks.append(loose),
                None => {
                    records.push(Record { action: Action::RowsKeep, object: String::new(), marks: loose })
                }
            }
        }
        records
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}
