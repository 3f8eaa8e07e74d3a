//! The tables whose rows have a hash, with all their columns.
//!
//! The hash of a row is of the values of these columns, in this order; it stands in the column `row_mac`. A column that
//! is added later goes to the end of its list, may be null, and is null in the rows that are there.

use std::fmt::Write as _;

use super::epoch;

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name.
    pub(super) name: &'static str,
    /// How many of the columns, from the first on, are its primary key.
    pub(super) key: usize,
    /// All columns but `row_mac`.
    pub(super) columns: &'static [&'static str],
    /// What else is read of a row: nothing, or behind a comma.
    pub(super) beside: &'static str,
}

impl Table {
    /// All columns, for a `SELECT`: those that the hash is of first, then the hash, and then what is read beside them.
    pub(super) fn select(&self) -> String {
        [&self.columns.join(", "), ", row_mac", self.beside].concat()
    }

    /// The columns of the primary key.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().take(self.key).copied()
    }

    /// The question for rows behind a place, if there is one, under a further condition. The parameters are the values of
    /// the place's key, in the placeholders of an engine.
    pub(super) fn rows_behind(&self, places: Option<&[String]>, condition: &str, limit: u32) -> String {
        let keys = self.keys().collect::<Vec<_>>().join(", ");
        let behind =
            places.map_or_else(|| "TRUE".to_owned(), |places| format!("({keys}) > ({})", places.join(", ")));
        format!(
            "SELECT {} FROM {} WHERE {behind} AND {condition} ORDER BY {keys} LIMIT {limit}",
            self.select(),
            self.name
        )
    }

    /// What a row is called in a log: the values of its key.
    pub(super) fn label<'a>(&self, row: impl Iterator<Item = crate::keyring::Cell<'a>>) -> String {
        use crate::keyring::Cell;

        let mut label = self.name.to_owned();
        for cell in row.take(self.key) {
            label.push(' ');
            match cell {
                Cell::Null => label.push('-'),
                Cell::Integer(number) => write!(label, "{number}").unwrap_or_default(),
                // Only somebody's hand makes it as long as it likes.
                Cell::Text(text) => label.extend(text.chars().filter(|c| !c.is_control()).take(64)),
                Cell::Bytes(bytes) => label.push_str(&crate::audit::hex(bytes)),
                Cell::NoText(bytes) => label.push_str(&crate::audit::hex(bytes)),
                Cell::Fraction(bits) => write!(label, "{}", f64::from_bits(bits)).unwrap_or_default(),
            }
        }
        label
    }
}

pub(super) const MERCHANT: Table =
    Table { name: "merchant", key: 1, columns: &["tenant_id", "created_at_ms"], beside: "" };

pub(super) const API_KEY: Table = Table {
    name: "api_key",
    key: 1,
    columns: &[
        "id",
        "tenant_id",
        "kind",
        "mac",
        "origins",
        "created_at_ms",
        "scopes",
        "expires_at_ms",
        "revoked_at_ms",
        "lookup_version",
    ],
    beside: "",
};

pub(super) const DATA_KEY: Table = Table {
    name: "data_key",
    key: 3,
    columns: &["tenant_id", "purpose", "version", "wrapped", "created_at_ms"],
    beside: "",
};

pub(super) const SEALING_KEY: Table = Table {
    name: "sealing_key",
    key: 2,
    columns: &[
        "tenant_id",
        "id",
        "wrapped",
        "created_at_ms",
        "starts_at_ms",
        "expires_at_ms",
        "statement",
        "suite",
    ],
    beside: "",
};

pub(super) const TOKEN: Table = Table {
    name: "token",
    key: 2,
    columns: &[
        "tenant_id",
        "mac",
        "attempt_mac",
        "dialect",
        "display",
        "sealed",
        "mandate",
        "state",
        "issued_at_ms",
        "expires_at_ms",
        "epoch",
        "lookup_version",
    ],
    beside: concat!(", ", epoch::state!()),
};

pub(super) const ATTEMPT: Table = Table {
    name: "attempt",
    key: 2,
    columns: &["tenant_id", "mac", "sealed", "expires_at_ms", "epoch", "lookup_version"],
    beside: "",
};

pub(super) const CUSTOMER: Table = Table {
    name: "customer",
    key: 2,
    columns: &[
        "tenant_id",
        "id",
        "first_name",
        "last_name",
        "company",
        "email",
        "phone",
        "description",
        "notes",
        "reference",
        "flags",
        "metadata",
        "extra",
        "default_payment_method_id",
        "default_billing_address_id",
        "default_shipping_address_id",
        "created_at_ms",
        "updated_at_ms",
        "archived_at_ms",
        "version",
    ],
    beside: "",
};

pub(super) const ADDRESS: Table = Table {
    name: "address",
    key: 2,
    columns: &[
        "tenant_id",
        "id",
        "customer_id",
        "first_name",
        "last_name",
        "company",
        "line_1",
        "line_2",
        "city",
        "state",
        "postal_code",
        "country",
        "email",
        "phone",
        "fax",
        "created_at_ms",
        "updated_at_ms",
    ],
    beside: "",
};

pub(super) const PAYMENT_METHOD: Table = Table {
    name: "payment_method",
    key: 2,
    columns: &[
        "tenant_id",
        "id",
        "customer_id",
        "kind",
        "display",
        "sealed",
        "sealed_at_ms",
        "name",
        "flags",
        "extra",
        "mandate",
        "fingerprint",
        "from_token_mac",
        "created_at_ms",
        "updated_at_ms",
        "archived_at_ms",
        "version",
        "fingerprint_version",
    ],
    beside: "",
};

pub(super) const PAYMENT: Table = Table {
    name: "payment",
    key: 2,
    columns: &[
        "tenant_id",
        "id",
        "face",
        "customer_id",
        "payment_method_id",
        "kind",
        "amount_minor",
        "currency",
        "capture",
        "outcome",
        "processor",
        "reference",
        "description",
        "metadata",
        "extra",
        "created_at_ms",
    ],
    beside: "",
};

pub(super) const DOCUMENT: Table = Table {
    name: "document",
    key: 3,
    columns: &["tenant_id", "collection", "id", "body", "created_at_ms", "updated_at_ms", "version"],
    beside: "",
};

pub(super) const REMEMBERED: Table = Table {
    name: "remembered",
    key: 2,
    columns: &["tenant_id", "mac", "digest", "sealed", "expires_at_ms", "epoch", "lookup_version"],
    beside: "",
};

pub(super) const EPOCH: Table =
    Table { name: "epoch", key: 2, columns: &["tenant_id", "number", "begun_at_ms"], beside: "" };

/// Every table of SQLite's; PostgreSQL's have the same columns, and one of them more.
pub(super) const ALL: [&Table; 13] = [
    &MERCHANT,
    &API_KEY,
    &DATA_KEY,
    &SEALING_KEY,
    &TOKEN,
    &ATTEMPT,
    &CUSTOMER,
    &ADDRESS,
    &PAYMENT_METHOD,
    &PAYMENT,
    &DOCUMENT,
    &REMEMBERED,
    &EPOCH,
];
