//! Envelopes open for whom they were made, in the context they were made in, and not otherwise.
//!
//! Runs natively and, through `wasm-pack test`, in a browser.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test should panic"
)]

use instrument::bank::mandate::{EnteredTerms, Mandate};
use instrument::bank::{SecCode, wordings};
use instrument::card::SecurityCode;
use instrument::{BankDraft, CardDraft, Draft, Instrument, Kind, Secret, YearMonth};
use seal::rand_core::{TryCryptoRng, TryRng};
use seal::{Context, Envelope, KeyId, OpenError, PrivateKey, SealError, Suite};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// A generator whose output is known, so that envelopes can be frozen. Good for tests only.
struct Counting(u64);

impl TryRng for Counting {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(self.try_next_u64()? as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(mixed ^ (mixed >> 31))
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in to.chunks_mut(8) {
            let word = self.try_next_u64()?.to_be_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Counting {}

fn today() -> YearMonth {
    YearMonth::new(2026, 11).unwrap()
}

fn card() -> Instrument {
    let draft = CardDraft {
        number: Secret::new("4111111111111111".to_owned()),
        expiry: Secret::new("01/2030".to_owned()),
        code: Some(Secret::new("007".to_owned())),
        holder: Some(Secret::new("Zoë Ødegård".to_owned())),
        preferred_scheme: None,
    };
    Draft::Card(draft).finish(today()).unwrap()
}

fn account() -> Instrument {
    let draft = BankDraft {
        routing_number: Secret::new("021000021".to_owned()),
        account_number: Secret::new("000123456789".to_owned()),
        account_type: "savings".to_owned(),
        account_holder_type: Some("business".to_owned()),
        holder: None,
        sec_code: None,
        mandate: None,
    };
    Draft::BankAccount(draft).finish(today()).unwrap()
}

/// The account of a person who agreed to the longest text there can be.
fn agreed() -> (Instrument, Mandate) {
    let (merchant, contact) = ("m".repeat(100), "c".repeat(70));
    let terms = EnteredTerms {
        merchant: &merchant,
        contact: &contact,
        amount: "varying",
        currency: "USD",
        frequency: "on_request",
        date: "2026-12-01",
    };
    let wording = wordings::find("en", 1).unwrap();
    let mandate =
        Mandate::accept(&terms.finish().unwrap(), &wording, SecCode::Web, 1_796_000_000_123).unwrap();
    let draft = BankDraft {
        routing_number: Secret::new("021000021".to_owned()),
        account_number: Secret::new("12345678901234567".to_owned()),
        account_type: "checking".to_owned(),
        account_holder_type: Some("personal".to_owned()),
        holder: Some(Secret::new("é".repeat(100))),
        sec_code: Some("web".to_owned()),
        mandate: Some(Box::new(mandate.clone())),
    };
    (Draft::BankAccount(draft).finish(today()).unwrap(), mandate)
}

fn context(kind: Kind) -> Context<'static> {
    Context {
        publishable_key: "pk_test_abcdefghijkm_0123",
        frame_origin: "https://vault.example",
        page_origin: "https://shop.example",
        kind,
        idempotency_key: "attempt-0000000001",
    }
}

fn recipient(suite: Suite) -> PrivateKey {
    PrivateKey::generate(suite, KeyId::new(*b"key-no-1"), &mut Counting(1))
}

/// A pair of each suite.
fn recipients() -> impl Iterator<Item = PrivateKey> {
    Suite::ALL.iter().copied().map(recipient)
}

/// The characters of an envelope.
fn length(suite: Suite) -> usize {
    if suite == Suite::X25519 { 759 } else { 2210 }
}

fn assert_is_the_card(opened: Draft) {
    let Instrument::Card(card) = opened.finish(today()).unwrap() else { panic!("not a card") };
    assert_eq!(card.number().expose(), "4111111111111111");
    assert_eq!((card.expiry().month(), card.expiry().year()), (1, 2030));
    assert_eq!(card.code().unwrap().expose(), "007");
    assert_eq!(card.holder().unwrap().as_str(), "Zoë Ødegård");
}

fn assert_is_the_account(opened: Draft) {
    let Instrument::BankAccount(account) = opened.finish(today()).unwrap() else { panic!("not an account") };
    assert_eq!(account.routing().expose(), "021000021");
    assert_eq!(account.account().expose(), "000123456789");
    assert_eq!(account.account_type().as_str(), "savings");
    assert_eq!(account.holder_type().as_str(), "business");
    assert_eq!(account.sec_code().as_str(), "ccd");
}

#[test]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn what_was_sealed_comes_out() {
    for key in recipients() {
        let mut rng = Counting(2);
        let sealed = seal::seal(card(), &key.public(), &context(Kind::Card), &mut rng).unwrap();
        assert_is_the_card(seal::open(&sealed, &key, &context(Kind::Card)).unwrap());
        let sealed = seal::seal(account(), &key.public(), &context(Kind::BankAccount), &mut rng).unwrap();
        assert_is_the_account(seal::open(&sealed, &key, &context(Kind::BankAccount)).unwrap());
    }
}

#[test]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn a_code_alone_comes_out_as_that_and_looks_like_any_other_envelope() {
    for key in recipients() {
        let code = || SecurityCode::parse("007", None).unwrap();
        let sealed = seal::seal(code(), &key.public(), &context(Kind::Code), &mut Counting(11)).unwrap();
        assert_eq!(seal::open_code(&sealed, &key, &context(Kind::Code)).unwrap().expose(), "007");
        let card = seal::seal(card(), &key.public(), &context(Kind::Card), &mut Counting(12)).unwrap();
        assert_eq!(sealed.to_text().len(), card.to_text().len());
        // Neither is taken for the other, whatever the context says.
        for kind in [Kind::Card, Kind::BankAccount, Kind::Code] {
            assert_eq!(seal::open(&sealed, &key, &context(kind)).unwrap_err(), OpenError);
            assert_eq!(seal::open_code(&card, &key, &context(kind)).unwrap_err(), OpenError);
        }
        let mismatched = seal::seal(code(), &key.public(), &context(Kind::Card), &mut Counting(13));
        assert_eq!(mismatched.unwrap_err(), SealError::WrongKind);
    }
}

#[test]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn what_was_agreed_to_is_sealed_with_the_account() {
    for key in recipients() {
        let (account, mandate) = agreed();
        let context = context(Kind::BankAccount);
        let sealed = seal::seal(account, &key.public(), &context, &mut Counting(10)).unwrap();
        let opened = seal::open(&sealed, &key, &context).unwrap().finish(today()).unwrap();
        let Instrument::BankAccount(account) = opened else { panic!("not an account") };
        assert_eq!(account.mandate(), Some(&mandate));
        let text = mandate.text(&wordings::find("en", 1).unwrap(), account.sec_code()).unwrap();
        assert!(text.starts_with("I authorize mmmm"), "{text}");
    }
}

#[test]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn every_envelope_has_the_same_length_and_none_is_made_twice() {
    for key in recipients().map(|key| key.public()) {
        let mut rng = Counting(3);
        let texts = [
            seal::seal(card(), &key, &context(Kind::Card), &mut rng).unwrap().to_text(),
            seal::seal(card(), &key, &context(Kind::Card), &mut rng).unwrap().to_text(),
            seal::seal(account(), &key, &context(Kind::BankAccount), &mut rng).unwrap().to_text(),
            seal::seal(agreed().0, &key, &context(Kind::BankAccount), &mut rng).unwrap().to_text(),
        ];
        assert!(texts.iter().all(|text| text.len() == length(key.suite())));
        assert_ne!(texts[0], texts[1]);
    }
}

#[test]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn another_context_or_key_does_not_open() {
    for key in recipients() {
        let made_in = context(Kind::Card);
        let sealed = seal::seal(card(), &key.public(), &made_in, &mut Counting(4)).unwrap();
        let others = [
            Context { publishable_key: "pk_test_abcdefghijkm_0124", ..made_in },
            Context { frame_origin: "https://vault.example:8443", ..made_in },
            Context { page_origin: "https://shop.example.net", ..made_in },
            Context { kind: Kind::BankAccount, ..made_in },
            Context { idempotency_key: "attempt-0000000002", ..made_in },
        ];
        for other in others {
            assert_eq!(seal::open(&sealed, &key, &other).unwrap_err(), OpenError, "{other:?}");
        }
        let same_name = PrivateKey::generate(key.suite(), key.id(), &mut Counting(5));
        assert_eq!(seal::open(&sealed, &same_name, &made_in).unwrap_err(), OpenError);
        let same_key =
            PrivateKey::from_bytes(key.suite(), KeyId::new(*b"key-no-2"), key.expose().as_slice()).unwrap();
        assert_eq!(seal::open(&sealed, &same_key, &made_in).unwrap_err(), OpenError);
        assert_is_the_card(seal::open(&sealed, &key, &made_in).unwrap());
    }
}

#[test]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn the_announced_kind_must_be_the_real_one() {
    for key in recipients() {
        let sealed = seal::seal(card(), &key.public(), &context(Kind::BankAccount), &mut Counting(6));
        assert_eq!(sealed.unwrap_err(), SealError::WrongKind);
    }
}

/// The identity point makes a shared secret that everybody knows (RFC 9180, section 7.1.4).
#[test]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn a_worthless_public_key_is_refused() {
    let worthless = seal::PublicKey::new(KeyId::new([0; 8]), [0; 32]);
    let sealed = seal::seal(card(), &worthless, &context(Kind::Card), &mut Counting(7));
    assert_eq!(sealed.unwrap_err(), SealError::Key);
}

/// An X25519 key and an X-Wing key of the same bytes and name: what is sealed to the one is not opened by the other, not
/// even with the other's version at the beginning.
#[cfg(feature = "x-wing")]
#[test]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn no_suite_opens_what_another_has_sealed() {
    let [first, second] = [Suite::X25519, Suite::XWing]
        .map(|suite| PrivateKey::from_bytes(suite, KeyId::new(*b"key-no-1"), &[0x42; 32]).unwrap());
    for (to, other) in [(&first, &second), (&second, &first)] {
        let sealed = seal::seal(card(), &to.public(), &context(Kind::Card), &mut Counting(14)).unwrap();
        assert_eq!(sealed.suite(), to.suite());
        assert_eq!(seal::open(&sealed, other, &context(Kind::Card)).unwrap_err(), OpenError);
        assert_is_the_card(seal::open(&sealed, to, &context(Kind::Card)).unwrap());
    }
}

/// Envelopes made by the first version of this crate: a change that cannot open them needs a new
/// version number in the envelope.
#[test]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn frozen_envelopes_still_open_and_are_still_made() {
    still_opens_and_is_still_made(&recipient(Suite::X25519), include_str!("../fixtures/frozen.txt"));
}

/// The first ones with X-Wing.
#[cfg(feature = "x-wing")]
#[test]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn frozen_envelopes_of_x_wing_still_open_and_are_still_made() {
    still_opens_and_is_still_made(&recipient(Suite::XWing), include_str!("../fixtures/frozen-x-wing.txt"));
}

fn still_opens_and_is_still_made(key: &PrivateKey, frozen: &str) {
    let mut lines = frozen.lines().filter(|line| !line.starts_with('#'));
    let (card_text, account_text) = (lines.next().unwrap(), lines.next().unwrap());

    let made = seal::seal(card(), &key.public(), &context(Kind::Card), &mut Counting(100)).unwrap();
    assert_eq!(made.to_text(), card_text);
    let envelope = Envelope::from_text(card_text).unwrap();
    assert_is_the_card(seal::open(&envelope, key, &context(Kind::Card)).unwrap());

    let made = seal::seal(account(), &key.public(), &context(Kind::BankAccount), &mut Counting(101)).unwrap();
    assert_eq!(made.to_text(), account_text);
    let envelope = Envelope::from_text(account_text).unwrap();
    assert_is_the_account(seal::open(&envelope, key, &context(Kind::BankAccount)).unwrap());
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        /// No changed character of the text opens, whatever part of the envelope it falls into.
        #[test]
        fn a_changed_envelope_does_not_open(at in 0_usize..759, to in "[A-Za-z0-9_-]") {
            does_not_open_changed(&recipient(Suite::X25519), at, &to)?;
        }

        /// Any text at all is an error, never a panic.
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,900}") {
            let _ = Envelope::from_text(&text);
        }

        /// So is the right length of arbitrary bytes, for whichever key it names.
        #[test]
        fn any_envelope_is_opened_without_panic(text in "AQ[A-Za-z0-9_-]{756}[AEIMQUYcgkosw048]") {
            is_opened_without_panic(Suite::X25519, &text)?;
        }
    }

    #[cfg(feature = "x-wing")]
    proptest! {
        // A pair takes a hundred times as long in a test's build.
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_changed_envelope_of_x_wing_does_not_open(at in 0_usize..2210, to in "[A-Za-z0-9_-]") {
            does_not_open_changed(&recipient(Suite::XWing), at, &to)?;
        }

        #[test]
        fn any_envelope_of_x_wing_is_opened_without_panic(text in "Ag[A-Za-z0-9_-]{2207}[AQgw]") {
            is_opened_without_panic(Suite::XWing, &text)?;
        }
    }

    fn does_not_open_changed(key: &PrivateKey, at: usize, to: &str) -> Result<(), TestCaseError> {
        let sealed = seal::seal(card(), &key.public(), &context(Kind::Card), &mut Counting(8)).unwrap();
        let text = sealed.to_text();
        prop_assert_eq!(text.len(), length(key.suite()));
        let mut changed = text.clone();
        changed.replace_range(at..=at, to);
        prop_assume!(changed != text);
        if let Ok(envelope) = Envelope::from_text(&changed) {
            prop_assert_eq!(seal::open(&envelope, key, &context(Kind::Card)).unwrap_err(), OpenError);
        }
        Ok(())
    }

    fn is_opened_without_panic(suite: Suite, text: &str) -> Result<(), TestCaseError> {
        let envelope = Envelope::from_text(text).unwrap();
        let key = PrivateKey::generate(suite, envelope.key_id(), &mut Counting(9));
        prop_assert_eq!(seal::open(&envelope, &key, &context(Kind::Card)).unwrap_err(), OpenError);
        Ok(())
    }
}
