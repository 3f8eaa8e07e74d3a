//! Whether the rows are those that were written.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    str::FromStr,
};

use super::{AuditRow, Head, Place, RowFinding, Rows, action::hex};
use crate::{
    domain::TenantId,
    keyring::AuditKey,
    store::{Step, Store, StoreError},
};

/// Rows that are read at once.
const PAGE: u32 = 1000;

/// The head of a chain as it was at some time, kept where whoever can write to the database cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The last row.
    pub place: Place,
    /// Its hash, in hexadecimal digits.
    pub mac: String,
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { tenant, chain, seq } = &self.place;
        write!(f, "{tenant}/{chain}/{seq}/{}", self.mac)
    }
}

/// A text that is no head of a chain; whoever gave it is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a head is what `audit verify` prints: merchant/chain/number/hash")]
pub struct AnchorMalformed;

impl FromStr for Anchor {
    type Err = AnchorMalformed;

    fn from_str(text: &str) -> Result<Self, AnchorMalformed> {
        let mut parts = text.trim().rsplitn(4, '/');
        let (Some(mac), Some(seq), Some(chain), Some(tenant)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(AnchorMalformed);
        };
        // Those of a later version of the key have four bytes more.
        let is_hash =
            matches!(mac.len(), 64 | 72) && mac.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let chain = chain.parse().map_err(|_| AnchorMalformed)?;
        let seq = seq.parse().map_err(|_| AnchorMalformed)?;
        if !is_hash || tenant.is_empty() || seq < 1 {
            return Err(AnchorMalformed);
        }
        Ok(Self { place: Place { tenant: TenantId::new(tenant), chain, seq }, mac: mac.to_owned() })
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The row is not the one that was written here.
    Altered(Place),
    /// From this place on, up to the row before `until_seq`, rows are missing.
    Missing {
        /// The first that is missing.
        from: Place,
        /// The first that is there again.
        until_seq: i64,
    },
    /// The chain does not contain a head that it had: its end was removed, or it was written anew.
    NotExpected(Anchor),
}

impl Finding {
    /// The stable name.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Altered(_) => "altered",
            Self::Missing { .. } => "missing",
            Self::NotExpected(_) => "not_expected",
        }
    }

    /// Where.
    #[must_use]
    pub const fn place(&self) -> &Place {
        match self {
            Self::Altered(place) | Self::Missing { from: place, .. } => place,
            Self::NotExpected(anchor) => &anchor.place,
        }
    }
}

/// What came out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many rows there are.
    pub rows: u64,
    /// The heads of all chains: anchors for the next time.
    pub heads: Vec<Anchor>,
    /// What is wrong with the log; nothing, if all is well.
    pub findings: Vec<Finding>,
    /// What is wrong with the rows of other tables; nothing, if all is well.
    pub row_findings: Vec<RowFinding>,
}

/// Takes all rows in the order of their places.
pub struct Verifier {
    key: AuditKey,
    expected: BTreeMap<Place, String>,
    last: Option<(Place, Head)>,
    report: Report,
}

impl Verifier {
    /// Begins, with heads that the chains are known to have had.
    #[must_use]
    pub fn new(key: AuditKey, expected: Vec<Anchor>) -> Self {
        let expected = expected.into_iter().map(|anchor| (anchor.place, anchor.mac)).collect();
        Self { key, expected, last: None, report: Report::default() }
    }

    /// Checks the next row.
    pub fn take(&mut self, row: &AuditRow) {
        let Place { tenant, chain, seq } = &row.place;
        let same_chain = |last: &Place| last.tenant == *tenant && last.chain == *chain;
        let head = match self.last.take() {
            Some((last, head)) if same_chain(&last) => head,
            other => {
                self.report.heads.extend(other.map(|(place, head)| anchor(place, &head)));
                Head::START
            }
        };
        let next = head.seq.saturating_add(1);
        if *seq == next {
            if !row.is_after(&head.mac, &self.key) {
                self.report.findings.push(Finding::Altered(row.place.clone()));
            }
        } else {
            // What stood before it is not known: the row itself cannot be checked.
            let from = Place { seq: next, ..row.place.clone() };
            self.report.findings.push(Finding::Missing { from, until_seq: *seq });
        }
        if let Some(mac) = self.expected.get(&row.place)
            && *mac == hex(&row.mac)
        {
            self.expected.remove(&row.place);
        }
        self.report.rows += 1;
        self.last = Some((row.place.clone(), row.head()));
    }

    /// Ends behind the last row.
    #[must_use]
    pub fn finish(mut self) -> Report {
        self.report.heads.extend(self.last.take().map(|(place, head)| anchor(place, &head)));
        let lost = self.expected.into_iter().map(|(place, mac)| Finding::NotExpected(Anchor { place, mac }));
        self.report.findings.extend(lost);
        self.report
    }
}

/// Whether the log holds, and what is looked for is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    /// It is as it was written, and has no such row.
    Good,
    /// It is not, or has.
    Broken,
}

/// Checks the log alone, and that no row is what must not be there.
///
/// # Errors
///
/// What the store reports.
pub async fn verify_log(
    store: &dyn Store,
    key: AuditKey,
    is_forbidden: impl Fn(&AuditRow) -> bool + Send + Sync,
) -> Result<Log, StoreError> {
    let mut verifier = Verifier::new(key, Vec::new());
    let mut found = false;
    each_row(store, |row| {
        verifier.take(row);
        found |= is_forbidden(row);
    })
    .await?;
    Ok(if found || !verifier.finish().findings.is_empty() { Log::Broken } else { Log::Good })
}

/// Checks the log of a store, and by it the rows of all tables, also while it is written to.
///
/// # Errors
///
/// What the store reports.
pub async fn verify(store: &dyn Store, key: AuditKey, expected: Vec<Anchor>) -> Result<Report, StoreError> {
    let mut verifier = Verifier::new(key, expected);
    let (mut rows, mut seen) = (Rows::default(), HashMap::new());
    each_row(store, |row| {
        verifier.take(row);
        rows.take(row);
        seen.insert((row.place.tenant.clone(), row.place.chain), row.place.seq);
    })
    .await?;
    let (mut suspects, mut short) = (Vec::new(), HashMap::new());
    for (finding, mark, by) in rows.taken_only() {
        suspects.push((finding, Some(mark)));
        short.insert(mark, by);
    }
    let mut after = None;
    loop {
        let live = store.live_rows(after.as_ref(), PAGE).await?;
        let Some(last) = live.last() else { break };
        after = Some(last.place.clone());
        suspects.extend(live.iter().filter_map(|row| rows.check(row)));
    }
    suspects.extend(rows.gone().map(|(finding, mark)| (finding, Some(mark))));
    let mut report = verifier.finish();
    if !suspects.is_empty() {
        // What was written between the two readings, and what the first came too early for, is in what the log has more by
        // now. Whoever took a row away saw it, so that it was made is there by now at the latest: each time that it was taken
        // away wants one time that it was made.
        let mut since = Rows::default();
        each_row(store, |row| {
            let known = seen.get(&(row.place.tenant.clone(), row.place.chain)).copied().unwrap_or(0);
            if row.place.seq <= known {
                return;
            }
            since.take(row);
            for step in row.marks.steps() {
                if let Step::Made(mark) = step
                    && let Some(by) = short.get_mut(&mark)
                {
                    *by -= 1;
                }
            }
        })
        .await?;
        suspects.retain(|(finding, mark)| match (finding, mark) {
            (RowFinding::RolledBack(_), Some(mark)) => !since.has(mark),
            (RowFinding::Gone(_), Some(mark)) => !since.lost(mark),
            (RowFinding::Unrecorded(_), Some(mark)) => short.get(mark).is_some_and(|by| *by > 0),
            (RowFinding::Altered(_), _)
            | (RowFinding::RolledBack(_) | RowFinding::Gone(_) | RowFinding::Unrecorded(_), None) => true,
        });
    }
    report.row_findings = suspects.into_iter().map(|(finding, _)| finding).collect();
    Ok(report)
}

async fn each_row(store: &dyn Store, mut take: impl FnMut(&AuditRow) + Send) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let rows = store.audit_rows(after.as_ref(), PAGE).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.place.clone());
        rows.iter().for_each(&mut take);
    }
}

fn anchor(place: Place, head: &Head) -> Anchor {
    Anchor { place, mac: hex(&head.mac) }
}
