//! What a write leaves behind, as the audit log keeps it: the beginnings of the hashes of the rows that it made, and of
//! those that it took away.
//!
//! A row that is changed is the old one taken away and a new one made. So what is there at any time is what was made as
//! often as it was not taken away, whatever the order in which the chains are read.

use crate::keyring::split_hash;

/// Bytes of a hash that are kept: nobody without the key can make a row with a given one.
const MARK_LEN: usize = 16;

/// Stands before the mark of a row that was made.
const MADE: u8 = b'+';

/// Stands before the mark of a row that was taken away.
const TAKEN: u8 = b'-';

/// The beginning of a row's hash.
pub type Mark = [u8; MARK_LEN];

/// Marks, in the form in which they are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks(Vec<u8>);

/// What happened to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It was made.
    Made(Mark),
    /// It was taken away.
    Taken(Mark),
}

/// The mark of a row with a hash, without the version of its key; what has not the form of a hash, which is nobody's, has
/// none.
#[must_use]
pub fn mark(hash: &[u8]) -> Option<Mark> {
    split_hash(hash).and_then(|(_, hash)| hash.first_chunk().copied())
}

impl Marks {
    /// What a row of the audit log holds.
    #[must_use]
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The form in which they are kept.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Notes that a row was made.
    pub fn made(&mut self, hash: &[u8]) {
        self.note(MADE, hash);
    }

    /// Notes that a row was taken away.
    pub fn taken(&mut self, hash: &[u8]) {
        self.note(TAKEN, hash);
    }

    /// Adds others.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// All of them; what is no mark is left out.
    pub fn steps(&self) -> impl Iterator<Item = Step> {
        let (chunks, _) = self.0.as_chunks::<{ MARK_LEN + 1 }>();
        chunks.iter().filter_map(|chunk| {
            let (sort, mark) = chunk.split_first()?;
            let mark = mark.first_chunk().copied()?;
            match *sort {
                MADE => Some(Step::Made(mark)),
                TAKEN => Some(Step::Taken(mark)),
                _ => None,
            }
        })
    }

    fn note(&mut self, sort: u8, hash: &[u8]) {
        if let Some(mark) = mark(hash) {
            self.0.push(sort);
            self.0.extend_from_slice(&mark);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_read_back_in_order() {
        let mut marks = Marks::default();
        marks.made(&[1; 32]);
        marks.taken(&[2; 32]);
        marks.taken(&[3; 31]);
        marks.taken(&[&[0, 0, 0, 1], [3; 32].as_slice()].concat());
        let mut more = Marks::default();
        more.made(&[&[0, 0, 0, 2], [4; 32].as_slice()].concat());
        marks.append(more);
        let expected = [Step::Made([1; 16]), Step::Taken([2; 16]), Step::Made([4; 16])];
        assert_eq!(marks.steps().collect::<Vec<_>>(), expected);
        assert_eq!(Marks::from_bytes(marks.as_bytes().to_vec()), marks);
        assert_eq!(Marks::from_bytes(vec![b'*'; 40]).steps().count(), 0);
    }
}
