//! A disk that loses its power: what was synced is there; of what was not, anything may be, in any order and in parts.
//!
//! The model is POSIX without the favours that file systems do. A name is durable once its directory was synced, not by
//! a sync of the file. What was not synced may be there or not, whatever came after it; a write may be there in some
//! sectors and not in others; and where a file grew and the data did not follow, there are zeros or rubbish.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
};

use rand::{Rng as _, RngExt as _, rngs::StdRng};

use crate::trace::Event;

/// The unit that a disk writes wholly or not at all.
const SECTOR: usize = 512;

/// What becomes of everything that was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing of it is there.
    Lost,
    /// All of it is there.
    Kept,
    /// Each write is there or not: later ones without earlier ones, too.
    Reordered,
    /// All but the last write, of which some sectors are there.
    LastTorn,
    /// Of each write some sectors are there; and rubbish where the file grew.
    Torn,
}

impl Fate {
    pub(crate) const ALL: [Self; 5] = [Self::Lost, Self::Kept, Self::Reordered, Self::LastTorn, Self::Torn];
}

#[derive(Clone, Debug)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Truncate(usize),
}

#[derive(Clone, Debug, Default)]
struct Inode {
    durable: Vec<u8>,
    /// What came after, in order.
    pending: Vec<Change>,
    /// The length as the program sees it: where a write without a place goes.
    len: usize,
}

#[derive(Clone, Debug)]
enum Naming {
    Is(PathBuf, usize),
    Gone(PathBuf),
}

/// The files of one directory.
#[derive(Debug)]
pub(crate) struct Disk {
    directory: PathBuf,
    inodes: Vec<Inode>,
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    namings: Vec<Naming>,
    /// Syncs under way: how many changes were there when they began, and of which file.
    syncs: HashMap<usize, (Option<usize>, usize)>,
}

impl Disk {
    /// An empty directory, itself durable.
    pub(crate) fn new(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            inodes: Vec::new(),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            namings: Vec::new(),
            syncs: HashMap::new(),
        }
    }

    /// How many changes are not durable.
    pub(crate) fn pending(&self) -> usize {
        self.namings.len() + self.inodes.iter().map(|inode| inode.pending.len()).sum::<usize>()
    }

    /// Carries out what happened; whether it was something with this directory.
    pub(crate) fn take(&mut self, event: &Event) -> bool {
        match event {
            Event::Open { path, is_made, is_emptied } if self.is_ours(path) => {
                match self.names.get(path).copied() {
                    Some(inode) if *is_emptied => self.change(inode, Change::Truncate(0)),
                    Some(_) => {}
                    None if *is_made => {
                        self.inodes.push(Inode::default());
                        self.name(Naming::Is(path.clone(), self.inodes.len() - 1));
                    }
                    None => {}
                }
                true
            }
            Event::Write { path, at, bytes } if self.is_ours(path) => {
                let inode = self.names[path];
                let at = at.map_or(self.inodes[inode].len, |at| usize::try_from(at).unwrap());
                self.change(inode, Change::Write { at, bytes: bytes.clone() });
                true
            }
            Event::Truncate { path, len } if self.is_ours(path) => {
                self.change(self.names[path], Change::Truncate(usize::try_from(*len).unwrap()));
                true
            }
            Event::Rename { from, to } if self.is_ours(to) => {
                let inode = self.names[from];
                self.name(Naming::Gone(from.clone()));
                self.name(Naming::Is(to.clone(), inode));
                true
            }
            Event::Remove { path } if self.is_ours(path) => {
                self.name(Naming::Gone(path.clone()));
                true
            }
            Event::SyncBegins { path, number } => {
                let inode = self.names.get(path).copied();
                let changes = match inode {
                    Some(inode) => self.inodes[inode].pending.len(),
                    None if *path == self.directory => self.namings.len(),
                    None => return false,
                };
                self.syncs.insert(*number, (inode, changes));
                false
            }
            Event::SyncEnds { number, .. } => {
                let Some((inode, changes)) = self.syncs.remove(number) else { return false };
                match inode {
                    Some(inode) => {
                        let inode = &mut self.inodes[inode];
                        for change in inode.pending.drain(..changes) {
                            carry_out(&mut inode.durable, &change);
                        }
                    }
                    None => {
                        for naming in self.namings.drain(..changes) {
                            carry_name(&mut self.durable_names, naming);
                        }
                    }
                }
                true
            }
            Event::Open { .. }
            | Event::Write { .. }
            | Event::Truncate { .. }
            | Event::Rename { .. }
            | Event::Remove { .. }
            | Event::Sent { .. } => false,
        }
    }

    /// Writes what a cut now could leave into an empty directory.
    pub(crate) fn leave(&self, fate: Fate, random: &mut StdRng, into: &Path) {
        let mut names = self.durable_names.clone();
        // Names are kept in their order: file systems log them.
        let kept = match fate {
            Fate::Lost => 0,
            Fate::Kept => self.namings.len(),
            Fate::Reordered | Fate::LastTorn | Fate::Torn => random.random_range(0..=self.namings.len()),
        };
        for naming in &self.namings[..kept] {
            carry_name(&mut names, naming.clone());
        }
        for (path, inode) in names {
            // SQLite makes it anew when the first one opens the database; it is never synced.
            if path.to_string_lossy().ends_with("-shm") {
                continue;
            }
            let name = path.file_name().unwrap();
            fs::write(into.join(name), self.inodes[inode].left(fate, random)).unwrap();
        }
    }

    fn is_ours(&self, path: &Path) -> bool {
        path.parent() == Some(&self.directory)
    }

    fn change(&mut self, inode: usize, change: Change) {
        let inode = &mut self.inodes[inode];
        inode.len = match &change {
            Change::Write { at, bytes } => inode.len.max(at + bytes.len()),
            Change::Truncate(len) => *len,
        };
        inode.pending.push(change);
    }

    fn name(&mut self, naming: Naming) {
        carry_name(&mut self.names, naming.clone());
        self.namings.push(naming);
    }
}

impl Inode {
    fn left(&self, fate: Fate, random: &mut StdRng) -> Vec<u8> {
        let mut content = self.durable.clone();
        let last = self.pending.len().saturating_sub(1);
        for (index, change) in self.pending.iter().enumerate() {
            let is_torn = match fate {
                Fate::Lost => continue,
                Fate::Kept => false,
                Fate::Reordered if random.random() => continue,
                Fate::Reordered => false,
                Fate::LastTorn => index == last,
                Fate::Torn => true,
            };
            match change {
                Change::Write { at, bytes } if is_torn => tear(&mut content, *at, bytes, fate, random),
                Change::Write { .. } | Change::Truncate(_) => carry_out(&mut content, change),
            }
        }
        content
    }
}

/// Carries out some sectors of a write.
fn tear(content: &mut Vec<u8>, at: usize, bytes: &[u8], fate: Fate, random: &mut StdRng) {
    let grown = content.len();
    let mut begin = 0;
    while begin < bytes.len() {
        let end = ((at + begin) / SECTOR + 1) * SECTOR - at;
        let end = end.min(bytes.len());
        if random.random() {
            carry_out(content, &Change::Write { at: at + begin, bytes: bytes[begin..end].to_vec() });
        } else if fate == Fate::Torn && at + begin >= grown {
            let mut rubbish = vec![0; end - begin];
            random.fill_bytes(&mut rubbish);
            carry_out(content, &Change::Write { at: at + begin, bytes: rubbish });
        }
        begin = end;
    }
}

fn carry_out(content: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Truncate(len) => content.resize(*len, 0),
        Change::Write { at, bytes } => {
            if content.len() < at + bytes.len() {
                content.resize(at + bytes.len(), 0);
            }
            content[*at..at + bytes.len()].copy_from_slice(bytes);
        }
    }
}

fn carry_name(names: &mut BTreeMap<PathBuf, usize>, naming: Naming) {
    match naming {
        Naming::Is(path, inode) => {
            names.insert(path, inode);
        }
        Naming::Gone(path) => {
            names.remove(&path);
        }
    }
}

#[test]
fn only_what_was_synced_is_sure() {
    use rand::SeedableRng as _;

    let directory = PathBuf::from("/d");
    let file = directory.join("f");
    let mut disk = Disk::new(&directory);
    let mut random = StdRng::seed_from_u64(1);
    let left = |disk: &Disk, fate, random: &mut StdRng| {
        let into = tempfile::tempdir().unwrap();
        disk.leave(fate, random, into.path());
        fs::read(into.path().join("f")).ok()
    };
    let sync = |path: &Path, number| {
        [
            Event::SyncBegins { path: path.to_owned(), number },
            Event::SyncEnds { path: path.to_owned(), number },
        ]
    };
    disk.take(&Event::Open { path: file.clone(), is_made: true, is_emptied: false });
    disk.take(&Event::Write { path: file.clone(), at: None, bytes: b"one".to_vec() });
    let [begins, ends] = sync(&file, 1);
    disk.take(&begins);
    // Too late for the sync that has begun.
    disk.take(&Event::Write { path: file.clone(), at: None, bytes: b"two".to_vec() });
    disk.take(&ends);
    assert_eq!(left(&disk, Fate::Lost, &mut random), None, "the name was not synced");
    assert_eq!(left(&disk, Fate::Kept, &mut random), Some(b"onetwo".to_vec()));
    for event in sync(&directory, 2) {
        disk.take(&event);
    }
    assert_eq!(left(&disk, Fate::Lost, &mut random), Some(b"one".to_vec()));
    for event in sync(&file, 3) {
        disk.take(&event);
    }
    let big = vec![7; 3 * SECTOR];
    disk.take(&Event::Write { path: file.clone(), at: Some(0), bytes: big.clone() });
    let mut seen = std::collections::HashSet::new();
    for _ in 0..100 {
        seen.insert(left(&disk, Fate::LastTorn, &mut random).unwrap());
    }
    assert!(seen.contains(&big) && seen.contains(b"onetwo".as_slice()) && seen.len() > 4);
    assert_eq!(disk.pending(), 1);
}
