//! The one table of card schemes.
//!
//! No free official list exists for all networks, so every row names the sources that it was read from
//! and the day. Where sources disagree, `choice` says what was chosen. Ranges overlap on purpose: a number
//! has *candidates*, and [`super::super::candidates`] puts them in order.
//!
//! Closed schemes have no row: what is left of them is reported under the scheme that runs their ranges
//! today, and `choice` of that row says which. Bankcard of Australia (5610, 560221-560225) falls to Maestro's
//! fallback; enRoute (2014, 2149) has no successor and is unknown. Schemes without any public range have no
//! row either: eftpos of Australia, PayPak, Jaywan. Those known from memory only are left out: Belkart,
//! Prostir, ArCa, Elkart.

mod global;
mod narrow;
mod regional;

use super::Scheme;
use super::index::Range;

/// Every scheme, global ones first.
pub static SCHEMES: [Scheme; COUNT] = schemes();

/// How many schemes there are.
pub(crate) const COUNT: usize = ROWS.len();

/// Where the row of a scheme comes from. Unused in the browser, and then not part of what is downloaded.
pub fn provenance(scheme: &Scheme) -> Option<Provenance> {
    ROWS.iter().find(|row| row.scheme.id == scheme.id).map(|row| row.provenance)
}

/// Where a row comes from.
#[derive(Clone, Copy, Debug)]
pub struct Provenance {
    /// How far the scheme reaches.
    pub tier: Tier,
    /// The documents and open-source tables that agree on the row. `cct` is credit-card-type.
    pub sources: &'static str,
    /// The day on which they were read, as YYYY-MM-DD.
    pub checked_on: &'static str,
    /// What was chosen where they disagree; empty if they do not.
    pub choice: &'static str,
}

/// How far a scheme reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Accepted around the world.
    Global,
    /// National or regional, with at least two independent sources.
    Regional,
    /// Known from one source, or from sources that copy each other.
    OneSource,
    /// A private label: meal vouchers, shops, lenders.
    Private,
}

#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) scheme: Scheme,
    pub(super) ranges: &'static [Range],
    provenance: Provenance,
}

/// The rows of all tables.
pub(super) const ROWS: [Row; global::ROWS.len() + regional::ROWS.len() + narrow::ROWS.len()] = rows();

const fn iin(prefix: u32) -> Range {
    Range::span(prefix, prefix)
}

const fn span(low: u32, high: u32) -> Range {
    Range::span(low, high)
}

const fn leading_zeros(prefix: u32, digits: u8) -> Range {
    Range::with_digits(prefix, prefix, digits)
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler only, over a constant")]
const fn rows() -> [Row; global::ROWS.len() + regional::ROWS.len() + narrow::ROWS.len()] {
    let mut rows = [global::ROWS[0]; global::ROWS.len() + regional::ROWS.len() + narrow::ROWS.len()];
    let mut at = 0;
    while at < rows.len() {
        rows[at] = if at < global::ROWS.len() {
            global::ROWS[at]
        } else if at < global::ROWS.len() + regional::ROWS.len() {
            regional::ROWS[at - global::ROWS.len()]
        } else {
            narrow::ROWS[at - global::ROWS.len() - regional::ROWS.len()]
        };
        at += 1;
    }
    rows
}

/// Takes the schemes out of the rows when the crate is compiled, so that the sources stay behind.
#[expect(clippy::indexing_slicing, reason = "runs in the compiler only, over a constant")]
const fn schemes() -> [Scheme; COUNT] {
    let mut schemes = [ROWS[0].scheme; COUNT];
    let mut at = 0;
    while at < COUNT {
        schemes[at] = ROWS[at].scheme;
        at += 1;
    }
    schemes
}
