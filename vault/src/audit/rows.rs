//! Whether the rows that are there are those that the log says were left there.

use std::collections::HashMap;

use super::{AuditRow, Place};
use crate::store::{Intact, LiveRow, Mark, Step};

/// What is wrong with a row of another table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowFinding {
    /// It is not as the vault wrote it, or was not written by the vault.
    Altered(String),
    /// The vault wrote it so once, and has changed or deleted it since: it was rolled back, or brought back.
    RolledBack(String),
    /// What a write left there, recorded at this place, is not there.
    Gone(Place),
    /// A write, recorded at this place, took away a row that no write had left there: it had been brought back, or somebody who
    /// knew the key of the rows' hashes had made it.
    Unrecorded(Place),
}

impl RowFinding {
    /// The stable name.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Altered(_) => "row_altered",
            Self::RolledBack(_) => "row_rolled_back",
            Self::Gone(_) => "row_gone",
            Self::Unrecorded(_) => "row_unrecorded",
        }
    }
}

/// The rows that the log says are there, by their marks.
#[derive(Debug, Default)]
pub struct Rows(HashMap<Mark, Recorded>);

#[derive(Debug, Default)]
struct Recorded {
    /// Made as often as this, not counting as often as it was taken away.
    there: i64,
    /// Where the log has it made that often, or taken away.
    at: Option<Place>,
}

impl Rows {
    /// Reads the marks of a row of the log. The order does not matter.
    pub fn take(&mut self, row: &AuditRow) {
        for step in row.marks.steps() {
            let (mark, change) = match step {
                Step::Made(mark) => (mark, 1),
                Step::Taken(mark) => (mark, -1),
            };
            let recorded = self.0.entry(mark).or_default();
            recorded.there += change;
            if recorded.there.signum() == change {
                recorded.at = Some(row.place.clone());
            }
            if recorded.there == 0 {
                self.0.remove(&mark);
            }
        }
    }

    /// Checks a row that is there. What is found is kept with its mark: the row may have been changed between the
    /// reading of the log and this.
    #[must_use]
    pub fn check(&mut self, row: &LiveRow) -> Option<(RowFinding, Option<Mark>)> {
        if row.intact == Intact::No {
            // Its hash may be another row's: the mark stays for that one.
            return Some((RowFinding::Altered(row.label.clone()), None));
        }
        let Some(recorded) = row.mark.and_then(|mark| self.0.get_mut(&mark)) else {
            return Some((RowFinding::RolledBack(row.label.clone()), row.mark));
        };
        // What was made once more than it is there stays recorded: it was gone, and made anew.
        recorded.there -= 1;
        let is_good = recorded.there >= 0;
        if recorded.there <= 0 {
            row.mark.map(|mark| self.0.remove(&mark));
        }
        (!is_good).then(|| (RowFinding::RolledBack(row.label.clone()), row.mark))
    }

    /// What is not there, after all that is there was checked.
    pub fn gone(&self) -> impl Iterator<Item = (RowFinding, Mark)> {
        self.0
            .iter()
            .filter(|(_, recorded)| recorded.there > 0)
            .filter_map(|(mark, recorded)| recorded.at.clone().map(|place| (RowFinding::Gone(place), *mark)))
    }

    /// What was taken away more often than it was made, and how much more often.
    pub fn taken_only(&self) -> impl Iterator<Item = (RowFinding, Mark, i64)> {
        self.0.iter().filter(|(_, recorded)| recorded.there < 0).filter_map(|(mark, recorded)| {
            let place = recorded.at.clone()?;
            Some((RowFinding::Unrecorded(place), *mark, recorded.there.saturating_neg()))
        })
    }

    /// Whether a mark was made and not taken away.
    #[must_use]
    pub fn has(&self, mark: &Mark) -> bool {
        self.0.get(mark).is_some_and(|recorded| recorded.there > 0)
    }

    /// Whether a mark was taken away.
    #[must_use]
    pub fn lost(&self, mark: &Mark) -> bool {
        self.0.get(mark).is_some_and(|recorded| recorded.there < 0)
    }
}
