//! Which version of a merchant's look-up key a row was written with, as it is stored.

use super::LookupNeeds;

/// The first version. Its rows do not name it, so that they are, with their hashes, what they were before there was another.
const FIRST: u32 = 1;

/// What a row holds of a version.
pub(super) fn stored(version: u32) -> Option<u32> {
    (version != FIRST).then_some(version)
}

/// What a row says of its version.
pub(super) fn read(stored: Option<u32>) -> u32 {
    stored.unwrap_or(FIRST)
}

/// The tables whose rows have one, with the column, the condition under which a row needs its version, and where it is
/// counted. The conditions take the time as their second parameter, and know it by `{now}`.
pub(super) const NEEDING: [Needing; 5] = [
    Needing {
        table: "token",
        column: "lookup_version",
        condition: "TRUE",
        count: |needs, rows| needs.tokens = rows,
    },
    Needing {
        table: "attempt",
        column: "lookup_version",
        condition: "TRUE",
        count: |needs, rows| needs.attempts = rows,
    },
    Needing {
        table: "remembered",
        column: "lookup_version",
        condition: "TRUE",
        count: |needs, rows| needs.answers = rows,
    },
    Needing {
        table: "api_key",
        column: "lookup_version",
        // Of one that is good for nothing nobody is told whether it was one.
        condition: "revoked_at_ms IS NULL AND coalesce(expires_at_ms > {now}, TRUE)",
        count: |needs, rows| needs.api_keys = rows,
    },
    Needing {
        table: "payment_method",
        column: "fingerprint_version",
        condition: "TRUE",
        count: |needs, rows| needs.payment_methods = rows,
    },
];

/// Rows that need a version of the look-up key.
pub(super) struct Needing {
    pub(super) table: &'static str,
    column: &'static str,
    condition: &'static str,
    /// Puts a number where it belongs.
    pub(super) count: fn(&mut LookupNeeds, u64),
}

impl Needing {
    /// How many rows of a merchant, the first parameter, need a version, the third; the second is the time. With the
    /// placeholders of an engine, which begin with this character.
    pub(super) fn count_sql(&self, place: char) -> String {
        let Self { table, column, condition, .. } = self;
        let now = format!("CAST({place}2 AS bigint)");
        let condition = condition.replace("{now}", &now);
        // The time is named in any case: an engine wants a type for each parameter.
        format!(
            "SELECT count(*) AS needing FROM {table} WHERE tenant_id = {place}1 AND {condition}
             AND coalesce({column}, {FIRST}) = {place}3 AND {now} >= 0"
        )
    }
}
