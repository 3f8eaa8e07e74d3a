//! Card numbers per second on one core: the Luhn formula, detection, and both, as a vault sees them that is handed
//! whole numbers. `cargo xtask bench core` reads the medians.
//!
//! Time is the processor time of the thread: on a machine that is shared, the clock on the wall also counts others.
#![allow(missing_docs, reason = "criterion's macros write a public function")]

#[path = "clock/processor_time.rs"]
mod processor_time;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use instrument::Verdict;
use instrument::card::{CardNumber, detect, scheme_of};
use instrument::digits::passes_luhn;
use processor_time::ProcessorTime;

/// Numbers that gateways publish for tests: every common brand and length.
const NUMBERS: [&str; 12] = [
    "4242424242424242",
    "4111111111111111",
    "4000056655665556",
    "5555555555554444",
    "5105105105105100",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "30569309025904",
    "3530111333300000",
    "6205500000000000004",
    "6759649826438453",
];

fn numbers(criterion: &mut Criterion<ProcessorTime>) {
    rate(criterion, "Luhn", passes_luhn);
    rate(criterion, "Luhn and detection", |number| {
        let found = detect(number);
        found.luhn_ok && found.scheme.is_some() && found.verdict == Verdict::Complete
    });
    rate(criterion, "detection in a text", |number| scheme_of(number).is_some());
    rate(criterion, "whole parse", |number| CardNumber::parse(number).is_ok());
}

/// How often `work` can be done in a second, once with each number.
fn rate(criterion: &mut Criterion<ProcessorTime>, name: &str, work: impl Fn(&str) -> bool) {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(NUMBERS.len() as u64));
    group.bench_function("numbers", |bencher| {
        bencher.iter(|| NUMBERS.iter().filter(|number| work(black_box(number))).count());
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(ProcessorTime);
    targets = numbers
}
criterion_main!(benches);
