//! A key-encryption key in the hands of several people: any of so many shares make it, fewer tell nothing of it.
//!
//! Shamir's scheme over GF(256), byte by byte, by the crate `blahaj`. A share is one line of text, `tessera-share-1:` and
//! the base64url of
//!
//! ```text
//! 1 byte: how many make the key | 1 byte: how many there are | 8 bytes: the split | 8 bytes: id of the key
//! 1 byte: which share | 32 bytes: its values | 8 bytes: the beginning of the SHA-256 of everything before
//! ```
//!
//! The checksum tells a share that was mistyped. The random name of the split tells shares that do not belong together.
//! The id of the key, which is a hash of something derived from it, tells a share that somebody changed on purpose.

use std::{
    collections::BTreeSet,
    fmt,
    fs::OpenOptions,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use blahaj::Sharks;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{Kek, KekId, KeyEncryption as _};
use crate::{
    random::{self, Random, RandomFailed},
    secret_file,
};

/// What every share begins with; the number is the version of the form.
const PREFIX: &str = "tessera-share-1:";

const CHECKSUM_LEN: usize = 8;
const SPLIT_LEN: usize = 8;
/// Threshold, count, split, id of the key, which share.
const HEAD_LEN: usize = 1 + 1 + SPLIT_LEN + KekId::LEN + 1;
const LEN: usize = HEAD_LEN + 32 + CHECKSUM_LEN;

/// One share of a key-encryption key.
#[derive(Clone, PartialEq, Eq)]
pub struct KekShare {
    threshold: u8,
    count: u8,
    split: [u8; SPLIT_LEN],
    kek: KekId,
    /// Which share it is, 1 to `count`.
    number: u8,
    values: Zeroizing<[u8; 32]>,
}

impl KekShare {
    /// Reads the text form; space around it is ignored.
    ///
    /// # Errors
    ///
    /// [`ShareError::Malformed`] if it is anything else, or its checksum does not fit.
    pub fn from_text(text: &str) -> Result<Self, ShareError> {
        let encoded = text.trim().strip_prefix(PREFIX).ok_or(ShareError::Malformed)?;
        let mut bytes = Zeroizing::new([0; LEN]);
        match Base64UrlUnpadded::decode(encoded, bytes.as_mut_slice()) {
            Ok(decoded) if decoded.len() == LEN => {}
            Ok(_) | Err(_) => return Err(ShareError::Malformed),
        }
        let (content, checksum) = bytes.split_last_chunk::<CHECKSUM_LEN>().ok_or(ShareError::Malformed)?;
        if !Sha256::digest(content).starts_with(checksum) {
            return Err(ShareError::Malformed);
        }
        let (head, values) = content.split_first_chunk::<HEAD_LEN>().ok_or(ShareError::Malformed)?;
        let values: &[u8; 32] = values.try_into().map_err(|_| ShareError::Malformed)?;
        let [threshold, count, rest @ ..] = head;
        let (split, rest) = rest.split_first_chunk::<SPLIT_LEN>().ok_or(ShareError::Malformed)?;
        let (kek, number) = rest.split_first_chunk::<{ KekId::LEN }>().ok_or(ShareError::Malformed)?;
        let [number] = number else { return Err(ShareError::Malformed) };
        let is_possible = (2..=*count).contains(threshold) && (1..=*count).contains(number);
        is_possible
            .then(|| Self {
                threshold: *threshold,
                count: *count,
                split: *split,
                kek: KekId(*kek),
                number: *number,
                values: Zeroizing::new(*values),
            })
            .ok_or(ShareError::Malformed)
    }

    /// Reads a file that holds the text form.
    ///
    /// # Errors
    ///
    /// [`ShareError::File`] if the file cannot be read or holds anything else.
    pub fn from_file(path: &Path) -> Result<Self, ShareError> {
        let file = |problem: String| ShareError::File { path: path.to_owned(), problem };
        let text = secret_file::read(path).map_err(|error| file(error.to_string()))?;
        Self::from_text(&text).map_err(|error| file(error.to_string()))
    }

    /// The text form, for its holder's file.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(LEN));
        bytes.extend_from_slice(&[self.threshold, self.count]);
        bytes.extend_from_slice(&self.split);
        bytes.extend_from_slice(&self.kek.0);
        bytes.push(self.number);
        // EXPOSE: a share is made to be handed to its holder.
        bytes.extend_from_slice(self.values.as_slice());
        let checksum = Sha256::digest(&bytes);
        bytes.extend(checksum.iter().take(CHECKSUM_LEN));
        Zeroizing::new([PREFIX, &Zeroizing::new(Base64UrlUnpadded::encode_string(&bytes))].concat())
    }

    /// Writes a new file that only its owner may read.
    ///
    /// # Errors
    ///
    /// If there is a file of this name, or none can be made.
    pub fn write_new(&self, path: &Path) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let mut file = options.open(path)?;
        file.write_all(self.expose().as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()
    }

    /// Which share it is, from 1 on.
    #[must_use]
    pub const fn number(&self) -> u8 {
        self.number
    }
}

impl fmt::Debug for KekShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KekShare({} of {}, [REDACTED])", self.number, self.count)
    }
}

impl Kek {
    /// Splits the key into shares of which a number, the threshold, makes it again.
    ///
    /// # Errors
    ///
    /// [`ShareError::Numbers`] unless the threshold is at least 2 and not above the number of shares.
    pub fn split(&self, count: u8, threshold: u8, random: &dyn Random) -> Result<Vec<KekShare>, ShareError> {
        if !(2..=count).contains(&threshold) {
            return Err(ShareError::Numbers);
        }
        let split = *random::bytes::<SPLIT_LEN>(random)?;
        // EXPOSE: the key goes into its shares.
        let dealer = Sharks(threshold).dealer(self.bytes().as_slice());
        dealer
            .take(usize::from(count))
            .map(|share| {
                let bytes = Zeroizing::new(Vec::from(&share));
                let (number, values) = bytes.split_first().ok_or(ShareError::Malformed)?;
                let values: &[u8; 32] = values.try_into().map_err(|_| ShareError::Malformed)?;
                let (number, values) = (*number, Zeroizing::new(*values));
                Ok(KekShare { threshold, count, split, kek: self.id(), number, values })
            })
            .collect()
    }

    /// Puts a key together.
    ///
    /// # Errors
    ///
    /// [`ShareError`] if a share is given twice, the shares are of different splits, there are too few, or one of them was
    /// changed.
    pub fn from_shares(shares: &[KekShare]) -> Result<Self, ShareError> {
        let first = shares.first().ok_or(ShareError::TooFew { given: 0, needed: 2 })?;
        let is_kin = |share: &KekShare| {
            (share.threshold, share.count, share.split, share.kek)
                == (first.threshold, first.count, first.split, first.kek)
        };
        if !shares.iter().all(is_kin) {
            return Err(ShareError::DifferentSplits);
        }
        let numbers: BTreeSet<u8> = shares.iter().map(|share| share.number).collect();
        if numbers.len() != shares.len() {
            return Err(ShareError::Repeated);
        }
        if shares.len() < usize::from(first.threshold) {
            return Err(ShareError::TooFew { given: shares.len(), needed: first.threshold });
        }
        let points = shares
            .iter()
            .map(|share| {
                let bytes = Zeroizing::new([&[share.number], share.values.as_slice()].concat());
                blahaj::Share::try_from(bytes.as_slice()).map_err(|_| ShareError::Malformed)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let key =
            Sharks(first.threshold).recover(&points).map(Zeroizing::new).map_err(|_| ShareError::Wrong)?;
        let key = Self::from_bytes(&key).ok_or(ShareError::Wrong)?;
        if key.id() == first.kek { Ok(key) } else { Err(ShareError::Wrong) }
    }

    /// Reads files with shares and puts the key together.
    ///
    /// # Errors
    ///
    /// As [`from_shares`](Self::from_shares), and if a file cannot be read.
    pub fn from_share_files(paths: &[PathBuf]) -> Result<Self, ShareError> {
        let shares = paths.iter().map(|path| KekShare::from_file(path)).collect::<Result<Vec<_>, _>>()?;
        Self::from_shares(&shares)
    }
}

/// Shares that make no key; their holders can mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// Not a share, or mistyped.
    #[error("this is no share of a key-encryption key, or it was damaged: its checksum does not fit")]
    Malformed,
    /// A file.
    #[error("the share in {} cannot be read: {problem}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// Not enough.
    #[error("{needed} different shares make the key-encryption key, and {given} was given")]
    TooFew {
        /// How many there were.
        given: usize,
        /// How many are needed.
        needed: u8,
    },
    /// One share counts once.
    #[error("the same share of the key-encryption key was given twice")]
    Repeated,
    /// Shares that do not belong together.
    #[error("the shares are of different splits of a key-encryption key: take all of one `keys kek split`")]
    DifferentSplits,
    /// Somebody changed one.
    #[error("the shares do not make the key-encryption key that was split: one of them is not what it was")]
    Wrong,
    /// Impossible numbers.
    #[error("--threshold is at least 2, and not above --shares")]
    Numbers,
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] RandomFailed),
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::random::SystemRandom;

    fn split() -> (Kek, Vec<KekShare>) {
        let kek = Kek::generate(&SystemRandom).unwrap();
        let shares = kek.split(3, 2, &SystemRandom).unwrap();
        (kek, shares)
    }

    #[test]
    fn any_two_of_three_make_the_key_and_so_do_all() {
        let (kek, shares) = split();
        for some in [&[0, 1][..], &[0, 2], &[1, 2], &[2, 0], &[0, 1, 2]] {
            let some: Vec<_> = some.iter().map(|index| shares[*index].clone()).collect();
            assert_eq!(Kek::from_shares(&some).unwrap().expose(), kek.expose());
        }
    }

    #[test]
    fn what_makes_no_key_is_told_apart() {
        let (_, shares) = split();
        let (_, others) = split();
        let refused = |shares: &[&KekShare]| {
            Kek::from_shares(&shares.iter().map(|share| (*share).clone()).collect::<Vec<_>>()).unwrap_err()
        };
        assert_eq!(refused(&[]), ShareError::TooFew { given: 0, needed: 2 });
        assert_eq!(refused(&[&shares[0]]), ShareError::TooFew { given: 1, needed: 2 });
        assert_eq!(refused(&[&shares[0], &shares[0]]), ShareError::Repeated);
        assert_eq!(refused(&[&shares[0], &others[1]]), ShareError::DifferentSplits);
        // The same key split twice is still two splits.
        let (kek, first) = split();
        let second = kek.split(3, 2, &SystemRandom).unwrap();
        assert_eq!(refused(&[&first[0], &second[1]]), ShareError::DifferentSplits);
        let mut forged = shares[1].clone();
        forged.values[7] ^= 1;
        assert_eq!(refused(&[&shares[0], &forged]), ShareError::Wrong);
        assert_eq!(refused(&[&shares[0], &forged, &shares[2]]), ShareError::Wrong);
    }

    #[test]
    fn fewer_shares_than_the_threshold_tell_nothing() {
        // Every first byte is as likely as any other with one share known: there is a second share for each.
        let (_, shares) = split();
        let (known, mut guess) = (shares[0].clone(), shares[1].clone());
        let mut seen = BTreeSet::new();
        for value in 0..=u8::MAX {
            guess.values[0] = value;
            let points = [&known, &guess].map(|share| {
                blahaj::Share::try_from([&[share.number], share.values.as_slice()].concat().as_slice())
                    .unwrap()
            });
            seen.insert(Sharks(2).recover(&points).unwrap()[0]);
        }
        assert_eq!(seen.len(), 256);
    }

    #[test]
    fn a_share_has_a_text_form_that_notices_every_change() {
        let (_, shares) = split();
        let text = shares[2].expose();
        assert_eq!(KekShare::from_text(&format!(" {}\n", *text)).unwrap(), shares[2]);
        assert_eq!(shares[2].number(), 3);
        assert!(!format!("{:?}", shares[2]).contains(text.get(30..).unwrap()));
        for index in 0..text.len() {
            let mut changed = text.as_bytes().to_vec();
            changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(KekShare::from_text(&changed), Err(ShareError::Malformed), "{index}");
            assert_eq!(
                KekShare::from_text(text.get(..index).unwrap()),
                Err(ShareError::Malformed),
                "{index}"
            );
        }
    }

    #[test]
    fn impossible_splits_are_refused() {
        let (kek, _) = split();
        for (count, threshold) in [(3, 0), (3, 1), (3, 4), (0, 0), (1, 1)] {
            assert_eq!(kek.split(count, threshold, &SystemRandom).unwrap_err(), ShareError::Numbers);
        }
        assert_eq!(kek.split(255, 255, &SystemRandom).unwrap().len(), 255);
    }

    #[test]
    fn a_share_is_written_once_and_for_its_holder_only() {
        let dir = tempfile::tempdir().unwrap();
        let (kek, shares) = split();
        let paths: Vec<_> = shares.iter().map(|share| dir.path().join(share.number().to_string())).collect();
        for (share, path) in shares.iter().zip(&paths) {
            share.write_new(path).unwrap();
            assert!(share.write_new(path).is_err(), "never over another one");
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
            }
        }
        assert_eq!(Kek::from_share_files(&paths[1..]).unwrap().expose(), kek.expose());
        fs::write(&paths[0], "nothing").unwrap();
        let refused = Kek::from_share_files(&paths).unwrap_err().to_string();
        assert!(refused.contains("checksum") && refused.contains(paths[0].to_str().unwrap()), "{refused}");
    }
}
