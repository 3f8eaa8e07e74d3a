//! Routing numbers: what is taken has nine digits and fits its check digit.
#![no_main]

use instrument::Verdict;
use instrument::bank::{RoutingNumber, inspect_routing, swapped_hint};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let parsed = RoutingNumber::parse(text);
    assert_eq!(parsed.is_ok(), inspect_routing(text) == Verdict::Complete);
    if let Ok(number) = parsed {
        let weights = [3, 7, 1].iter().cycle();
        let sum: u32 =
            number.expose().bytes().zip(weights).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
        assert!(number.expose().len() == 9 && sum.is_multiple_of(10) && sum > 0);
        let _ = number.prefix();
    }
    let _ = swapped_hint(text, text);
});
