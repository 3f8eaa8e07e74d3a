//! What an envelope costs with each suite, on one core: to open it, as the vault does, to seal it, and to make a pair.
//! `cargo xtask bench seal` reads the medians.
#![allow(missing_docs, reason = "criterion's macros write a public function")]
#![allow(clippy::unwrap_used, reason = "what cannot be sealed cannot be measured")]

#[path = "../../instrument/benches/clock/processor_time.rs"]
mod processor_time;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use instrument::card::SecurityCode;
use instrument::{CardDraft, Draft, Instrument, Kind, Secret, YearMonth};
use processor_time::ProcessorTime;
use rand::rng;
use seal::{Context, KeyId, PrivateKey, Suite};

const CONTEXT: Context<'static> = Context {
    publishable_key: "pk_test_abcdefghijkm_0123",
    frame_origin: "https://vault.example",
    page_origin: "https://shop.example",
    kind: Kind::Card,
    idempotency_key: "attempt-0000000001",
};

fn card() -> Instrument {
    let draft = CardDraft {
        number: Secret::new("4111111111111111".to_owned()),
        expiry: Secret::new("01/2030".to_owned()),
        code: Some(Secret::new("007".to_owned())),
        holder: Some(Secret::new("Ada Lovelace".to_owned())),
        preferred_scheme: None,
    };
    Draft::Card(draft).finish(YearMonth::new(2026, 11).unwrap()).unwrap()
}

fn suites(criterion: &mut Criterion<ProcessorTime>) {
    for suite in Suite::ALL.iter().copied() {
        let key = PrivateKey::generate(suite, KeyId::new([7; 8]), &mut rng());
        let public = key.public();
        let envelope = seal::seal(card(), &public, &CONTEXT, &mut rng()).unwrap();
        let mut group = criterion.benchmark_group(suite.name());
        group.bench_function("open", |bencher| {
            bencher.iter(|| seal::open(black_box(&envelope), &key, &CONTEXT).unwrap());
        });
        group.bench_function("seal", |bencher| {
            let context = Context { kind: Kind::Code, ..CONTEXT };
            let code = || SecurityCode::parse("007", None).unwrap();
            bencher.iter(|| seal::seal(code(), black_box(&public), &context, &mut rng()).unwrap());
        });
        group.bench_function("pair", |bencher| {
            bencher.iter(|| PrivateKey::generate(suite, KeyId::new([7; 8]), &mut rng()).public());
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(ProcessorTime);
    targets = suites
}
criterion_main!(benches);
