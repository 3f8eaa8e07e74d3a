//! What the root says of a sealing key: whose it is, for when, and who may seal to it.
//!
//! A statement is a short string of bytes with one form only, so that it can be signed as it is:
//!
//! ```text
//! 0   version (1)               13  not before, in milliseconds since 1970 (8)
//! 1   suite of the key (1)      21  not after (8)
//! 2   suites that are good (1)  29  public key (32)
//! 3   oldest component (2)      61  the vault's public origin, to the end
//! 5   key id (8)
//! ```
//!
//! A key of X-Wing has 1216 bytes, and the origin stands as much further back. Numbers are big-endian. Signed, it stands behind its signature (64), and the text form is unpadded base64url of both.
//! Every key has a statement of its own: a browser gets those of today, and not those of a whole quarter.

use std::fmt;

use sha2::{Digest as _, Sha512};

use crate::{
    base64url,
    key::{KeyId, Public, PublicKey},
    root::Root,
    signature::{self, SIGNATURE_LEN},
    suite::Suite,
};

/// The only version there is. A component that finds another one under a good signature is too old to read it.
const VERSION: u8 = 1;

/// Which component this is: one more with each that statements may ask for.
pub const COMPONENT: u16 = 1;

/// By how much a shopper's clock may be wrong, in milliseconds: a day. Keys are good for two, and who has got hold of
/// one that is over gains a day at most; a clock that is further off has other trouble, with certificates for example.
pub const CLOCK_TOLERANCE_MS: u64 = 24 * 60 * 60 * 1000;

/// The longest name of a vault: a DNS name (253) with scheme and port.
const VAULT_MAX_LEN: usize = 270;

/// The suites that a vault takes envelopes of, as its root has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suites(u8);

impl Suites {
    /// Every suite that this build speaks.
    pub const ALL: Self = Self::of(Suite::ALL);

    /// This suite alone.
    #[must_use]
    pub const fn only(number: u8) -> Self {
        Self(1 << (number & 7))
    }

    /// These suites.
    #[must_use]
    pub const fn of(suites: &[Suite]) -> Self {
        match suites {
            [] => Self(0),
            [first, rest @ ..] => Self(Self::only(first.number()).0 | Self::of(rest).0),
        }
    }

    /// Whether a suite is among them.
    #[must_use]
    pub const fn has(self, number: u8) -> bool {
        number < 8 && self.0 >> number & 1 == 1
    }
}

/// What a root says of a sealing key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The key.
    pub key: PublicKey,
    /// From when on it may be used, in milliseconds since 1970.
    pub not_before_ms: u64,
    /// Until when, likewise.
    pub not_after_ms: u64,
    /// The suites that are good while this key is. Its own must be among them.
    pub suites: Suites,
    /// The oldest component that may seal to it.
    pub component: u16,
    /// The public origin of the vault that has the private half.
    pub vault: String,
}

impl Statement {
    /// The bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let parts: [&[u8]; 7] = [
            &[VERSION, self.key.suite().number(), self.suites.0],
            &self.component.to_be_bytes(),
            self.key.id_bytes(),
            &self.not_before_ms.to_be_bytes(),
            &self.not_after_ms.to_be_bytes(),
            self.key.bytes(),
            self.vault.as_bytes(),
        ];
        parts.concat()
    }

    /// The text form without a signature: a request for one.
    #[must_use]
    pub fn to_text(&self) -> String {
        base64url::encode(&self.to_bytes())
    }

    /// Reads the text form without a signature.
    ///
    /// # Errors
    ///
    /// [`MalformedStatement`] if this build does not write it like that.
    pub fn from_text(text: &str) -> Result<Self, MalformedStatement> {
        let bytes = base64url::decode_all(text).ok_or(MalformedStatement)?;
        let Some(Read::Known(statement)) = read(&bytes) else { return Err(MalformedStatement) };
        Ok(statement)
    }

    /// What is to be signed: the statement behind the label that says what sort of statement it is.
    #[must_use]
    pub fn to_be_signed(&self) -> Vec<u8> {
        [Root::label(), &self.to_bytes()].concat()
    }

    /// The text form with a signature.
    #[must_use]
    pub fn signed(&self, signature: &[u8; SIGNATURE_LEN]) -> String {
        base64url::encode(&[&signature[..], &self.to_bytes()].concat())
    }

    /// The key, if a component of this build may seal to it: for this vault, at this time on the shopper's clock.
    ///
    /// # Errors
    ///
    /// The first [`Distrust`] there is reason for.
    pub fn key_for(self, vault: &str, now_ms: u64) -> Result<PublicKey, Distrust> {
        if self.vault != vault {
            return Err(Distrust::Untrusted);
        }
        if self.component > COMPONENT {
            return Err(Distrust::Outdated);
        }
        if !self.suites.has(self.key.suite().number()) {
            return Err(Distrust::Retired);
        }
        let begins_ms = self.not_before_ms.saturating_sub(CLOCK_TOLERANCE_MS);
        let ends_ms = self.not_after_ms.saturating_add(CLOCK_TOLERANCE_MS);
        if now_ms < begins_ms || now_ms >= ends_ms {
            return Err(Distrust::Expired);
        }
        Ok(self.key)
    }
}

/// A statement behind a signature that nobody has checked yet.
#[derive(Clone, Debug)]
pub struct Signed {
    signature: [u8; SIGNATURE_LEN],
    statement: Vec<u8>,
}

impl Signed {
    /// Reads the text form.
    ///
    /// # Errors
    ///
    /// [`Distrust::Malformed`] if it is not base64url, or too short to be signed.
    pub fn from_text(text: &str) -> Result<Self, Distrust> {
        let bytes = base64url::decode_all(text).ok_or(Distrust::Malformed)?;
        let (signature, statement) = bytes.split_first_chunk().ok_or(Distrust::Malformed)?;
        Ok(Self { signature: *signature, statement: statement.to_vec() })
    }

    /// What the SHA-512 is to be taken of for [`verified`](Self::verified).
    #[must_use]
    pub fn hashed(&self, root: &Root) -> Vec<u8> {
        let (r, _) = self.signature.split_at(32);
        [r, root.labelled(), &self.statement].concat()
    }

    /// The statement, if the root has signed it; `hash` is the SHA-512 of [`hashed`](Self::hashed). Whether it is for
    /// here and now is for [`Statement::key_for`].
    ///
    /// # Errors
    ///
    /// [`Distrust`]: untrusted; or, with a good signature, malformed or of a later version.
    pub fn verified(&self, root: &Root, hash: &[u8; 64]) -> Result<Statement, Distrust> {
        // First of all, so that nothing is made of what nobody vouches for.
        if !signature::is_good(root.bytes(), &self.signature, hash) {
            return Err(Distrust::Untrusted);
        }
        match read(&self.statement) {
            Some(Read::Known(statement)) => Ok(statement),
            Some(Read::Newer) => Err(Distrust::Outdated),
            None => Err(Distrust::Malformed),
        }
    }

    /// The same, with a hash of our own.
    ///
    /// # Errors
    ///
    /// As [`verified`](Self::verified).
    pub fn checked(&self, root: &Root) -> Result<Statement, Distrust> {
        self.verified(root, &Sha512::digest(self.hashed(root)).into())
    }
}

/// What the bytes of a statement are.
enum Read {
    /// One that this build knows.
    Known(Statement),
    /// One of a later version, or of a suite that this build does not speak.
    Newer,
}

fn read(bytes: &[u8]) -> Option<Read> {
    let ([version, suite, suites], rest) = bytes.split_first_chunk()?;
    let Some(suite) = Suite::from_number(*suite).filter(|_| *version == VERSION) else {
        return Some(Read::Newer);
    };
    let (component, rest) = rest.split_first_chunk()?;
    let (id, rest) = rest.split_first_chunk()?;
    let (not_before_ms, rest) = rest.split_first_chunk()?;
    let (not_after_ms, rest) = rest.split_first_chunk()?;
    let (key, vault) = Public::split(suite, rest)?;
    if vault.len() > VAULT_MAX_LEN {
        return None;
    }
    Some(Read::Known(Statement {
        key: PublicKey::of(KeyId::new(*id), key),
        not_before_ms: u64::from_be_bytes(*not_before_ms),
        not_after_ms: u64::from_be_bytes(*not_after_ms),
        suites: Suites(*suites),
        component: u16::from_be_bytes(*component),
        vault: std::str::from_utf8(vault).ok()?.to_owned(),
    }))
}

/// A text that is no statement as this build writes it; says nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedStatement;

impl fmt::Display for MalformedStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is no statement about a sealing key, or one that another version wrote")
    }
}

impl std::error::Error for MalformedStatement {}

/// Why nothing is sealed to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distrust {
    /// What should be a signed statement is none.
    Malformed,
    /// The root did not sign this, or not for this vault: another key may have been put in its place.
    Untrusted,
    /// It is not time for it yet, or not any more; or the shopper's clock is wrong by more than a day.
    Expired,
    /// The root wants a newer component, or one that speaks another suite.
    Outdated,
    /// The root has retired the suite that this component speaks.
    Retired,
}

impl Distrust {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "keys_malformed",
            Self::Untrusted => "sealing_key_untrusted",
            Self::Expired => "sealing_key_expired",
            Self::Outdated => "component_outdated",
            Self::Retired => "suite_retired",
        }
    }
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "this is no signed statement about a sealing key",
            Self::Untrusted => "the root has not signed this statement, or not for this vault",
            Self::Expired => "it is not the time of this sealing key",
            Self::Outdated => "the statement asks for a newer component",
            Self::Retired => "the suite of this sealing key is retired",
        })
    }
}

impl std::error::Error for Distrust {}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: u64 = 1_790_000_000_000;
    const DAY_MS: u64 = 24 * 60 * 60 * 1000;

    fn statement() -> Statement {
        Statement {
            key: PublicKey::new(KeyId::new([3; 8]), [5; 32]),
            not_before_ms: NOW_MS - DAY_MS,
            not_after_ms: NOW_MS + DAY_MS,
            suites: Suites::ALL,
            component: COMPONENT,
            vault: "https://vault.example".to_owned(),
        }
    }

    #[test]
    fn bytes_and_texts_come_back_and_have_one_form() {
        let bytes = statement().to_bytes();
        assert_eq!(bytes.len(), 61 + 21);
        assert_eq!(bytes[..13], [1, 1, Suites::ALL.0, 0, 1, 3, 3, 3, 3, 3, 3, 3, 3]);
        assert_eq!(Statement::from_text(&statement().to_text()), Ok(statement()));
        for at in 0..61 {
            let cut = base64url::encode(&bytes[..at]);
            assert_eq!(Statement::from_text(&cut), Err(MalformedStatement), "{at}");
        }
        assert_eq!(Statement::from_text("A"), Err(MalformedStatement));
        assert_eq!(Statement::from_text(&format!("{}=", statement().to_text())), Err(MalformedStatement));
    }

    #[cfg(feature = "x-wing")]
    #[test]
    fn a_key_of_x_wing_is_longer_and_the_rest_stands_behind_it() {
        let key = crate::PrivateKey::from_bytes(Suite::XWing, KeyId::new([3; 8]), &[5; 32]).unwrap().public();
        let statement = Statement { key, suites: Suites::of(&[Suite::XWing]), ..statement() };
        let bytes = statement.to_bytes();
        assert_eq!(bytes.len(), 61 + 1184 + 21);
        assert_eq!(bytes[..5], [1, 2, 4, 0, 1]);
        assert!(bytes.ends_with(b"https://vault.example"));
        assert_eq!(Statement::from_text(&statement.to_text()), Ok(statement));
        for cut in [60, 61, 61 + 1183] {
            let cut = base64url::encode(&bytes[..cut]);
            assert_eq!(Statement::from_text(&cut), Err(MalformedStatement));
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    mod signed {
        use ed25519_dalek::{Signer as _, SigningKey};

        use super::*;
        use crate::root::{DEVELOPMENT, DEVELOPMENT_SEED};

        fn sign(bytes: &[u8]) -> String {
            let signer = SigningKey::from_bytes(DEVELOPMENT_SEED);
            let signature = signer.sign(&[Root::label(), bytes].concat()).to_bytes();
            base64url::encode(&[&signature[..], bytes].concat())
        }

        fn key_of(text: &str, root: &Root, vault: &str, now_ms: u64) -> Result<PublicKey, Distrust> {
            Signed::from_text(text)?.checked(root)?.key_for(vault, now_ms)
        }

        fn verdict_of(statement: &Statement, now_ms: u64) -> Result<PublicKey, Distrust> {
            key_of(&sign(&statement.to_bytes()), &DEVELOPMENT, "https://vault.example", now_ms)
        }

        #[test]
        fn what_is_signed_for_here_and_now_is_believed() {
            assert_eq!(verdict_of(&statement(), NOW_MS), Ok(statement().key));
            let signer = SigningKey::from_bytes(DEVELOPMENT_SEED);
            let signature = signer.sign(&statement().to_be_signed()).to_bytes();
            assert_eq!(statement().signed(&signature), sign(&statement().to_bytes()));
        }

        #[test]
        fn no_bit_of_it_can_be_changed() {
            let text = sign(&statement().to_bytes());
            let bytes = base64url::decode_all(&text).unwrap();
            for bit in 0..bytes.len() * 8 {
                let mut changed = bytes.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                let changed = base64url::encode(&changed);
                let verdict = key_of(&changed, &DEVELOPMENT, "https://vault.example", NOW_MS);
                assert_eq!(verdict, Err(Distrust::Untrusted), "bit {bit}");
            }
        }

        #[test]
        fn another_root_or_another_purpose_is_not_believed() {
            let bytes = statement().to_bytes();
            let other = SigningKey::from_bytes(&[9; 32]);
            for (signer, message) in [
                (&other, statement().to_be_signed()),
                (&SigningKey::from_bytes(DEVELOPMENT_SEED), bytes.clone()),
            ] {
                let text = statement().signed(&signer.sign(&message).to_bytes());
                let verdict = key_of(&text, &DEVELOPMENT, "https://vault.example", NOW_MS);
                assert_eq!(verdict, Err(Distrust::Untrusted));
            }
            let elsewhere = key_of(&sign(&bytes), &DEVELOPMENT, "https://other.example", NOW_MS);
            assert_eq!(elsewhere, Err(Distrust::Untrusted));
        }

        #[test]
        fn it_has_its_time_and_a_clock_may_be_wrong_by_a_day() {
            for (now_ms, verdict) in [
                (NOW_MS - 2 * DAY_MS, Ok(statement().key)),
                (NOW_MS - 2 * DAY_MS - 1, Err(Distrust::Expired)),
                (NOW_MS + 2 * DAY_MS - 1, Ok(statement().key)),
                (NOW_MS + 2 * DAY_MS, Err(Distrust::Expired)),
                (0, Err(Distrust::Expired)),
                (u64::MAX, Err(Distrust::Expired)),
            ] {
                assert_eq!(verdict_of(&statement(), now_ms), verdict, "{now_ms}");
            }
        }

        #[test]
        fn who_is_too_old_does_not_seal() {
            let newer = Statement { component: COMPONENT + 1, ..statement() };
            assert_eq!(verdict_of(&newer, NOW_MS), Err(Distrust::Outdated));
            let retired = Statement { suites: Suites::only(7), ..statement() };
            assert_eq!(verdict_of(&retired, NOW_MS), Err(Distrust::Retired));
            for (at, value) in [(0, 2), (1, 0), (1, 7)] {
                let mut bytes = statement().to_bytes();
                bytes[at] = value;
                let verdict = key_of(&sign(&bytes), &DEVELOPMENT, "https://vault.example", NOW_MS);
                assert_eq!(verdict, Err(Distrust::Outdated), "byte {at}");
            }
        }

        /// A root that has retired X25519 signs nothing that would let a component of both suites go back to it.
        #[cfg(feature = "x-wing")]
        #[test]
        fn a_suite_is_good_for_its_own_keys_only() {
            let key =
                crate::PrivateKey::from_bytes(Suite::XWing, KeyId::new([3; 8]), &[5; 32]).unwrap().public();
            let of = |key: &PublicKey, suite| {
                let statement = Statement { key: key.clone(), suites: Suites::of(&[suite]), ..statement() };
                verdict_of(&statement, NOW_MS)
            };
            assert_eq!(of(&key, Suite::XWing), Ok(key.clone()));
            assert_eq!(of(&key, Suite::X25519), Err(Distrust::Retired));
            assert_eq!(of(&statement().key, Suite::XWing), Err(Distrust::Retired));
        }

        #[test]
        fn what_is_no_statement_is_malformed_even_if_it_is_signed() {
            for signed in [&b""[..], b"\x01\x01", &[0xff; 400], &statement().to_bytes()[..60]] {
                let verdict = key_of(&sign(signed), &DEVELOPMENT, "", NOW_MS);
                let newer = signed.len() > 3 && signed[0] != 1;
                assert_eq!(verdict, Err(if newer { Distrust::Outdated } else { Distrust::Malformed }));
            }
            for text in ["", "AAAA", "not base64url!"] {
                assert_eq!(key_of(text, &DEVELOPMENT, "", NOW_MS), Err(Distrust::Malformed));
            }
        }
    }
}
