//! The envelope, sealed by the module's own randomness.

use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use instrument::{CardDraft, Draft, Kind, Secret, YearMonth};
use seal::{Context, Envelope, KeyId, PrivateKey, Suite};
use wasm_bindgen_test::wasm_bindgen_test;

const CONTEXT: Context<'static> = Context {
    publishable_key: "pk_test_123456789ABC_23456789ABCDEFGHJKLMNPQRSTUVWXYZ",
    frame_origin: "https://vault.example",
    page_origin: "https://shop.example",
    kind: Kind::Card,
    idempotency_key: "0123456789abcdef",
};

fn today() -> YearMonth {
    YearMonth::new(2026, 11).unwrap()
}

/// A pair of each suite that this module speaks.
fn keys() -> impl Iterator<Item = PrivateKey> {
    let pair = |suite: &Suite| PrivateKey::generate(*suite, KeyId::new([3; 8]), &mut UnwrapErr(SysRng));
    Suite::ALL.iter().map(pair)
}

fn card() -> instrument::Instrument {
    let draft = CardDraft {
        number: Secret::new("4111111111111111".to_owned()),
        expiry: Secret::new("12/30".to_owned()),
        code: Some(Secret::new("007".to_owned())),
        holder: None,
        preferred_scheme: None,
    };
    Draft::Card(draft).finish(today()).unwrap()
}

#[wasm_bindgen_test]
fn what_is_sealed_here_opens_again() {
    let mut rng = UnwrapErr(SysRng);
    for key in keys() {
        let envelope = seal::seal(card(), &key.public(), &CONTEXT, &mut rng).unwrap();
        let carried = Envelope::from_text(&envelope.to_text()).unwrap();
        let Draft::Card(opened) = seal::open(&carried, &key, &CONTEXT).unwrap() else { panic!("not a card") };
        assert_eq!(opened.number.expose(), "4111111111111111");
        assert_eq!(opened.code.unwrap().expose(), "007");
    }
}

#[wasm_bindgen_test]
fn another_context_does_not_open() {
    let mut rng = UnwrapErr(SysRng);
    for key in keys() {
        let envelope = seal::seal(card(), &key.public(), &CONTEXT, &mut rng).unwrap();
        for other in [
            Context { page_origin: "https://evil.example", ..CONTEXT },
            Context { frame_origin: "https://evil.example", ..CONTEXT },
            Context { idempotency_key: "0123456789abcdeg", ..CONTEXT },
            Context { kind: Kind::BankAccount, ..CONTEXT },
            Context { publishable_key: "pk_test_other", ..CONTEXT },
        ] {
            assert!(seal::open(&envelope, &key, &other).is_err());
        }
    }
}

#[wasm_bindgen_test]
fn two_envelopes_of_one_card_differ_and_are_equally_long() {
    let mut rng = UnwrapErr(SysRng);
    for key in keys() {
        let first = seal::seal(card(), &key.public(), &CONTEXT, &mut rng).unwrap().to_text();
        let second = seal::seal(card(), &key.public(), &CONTEXT, &mut rng).unwrap().to_text();
        assert_ne!(first, second);
        assert_eq!(first.len(), second.len());
    }
}
