//! Card numbers: what is taken is a card number, and nothing is known of what is not.
#![no_main]

use instrument::Verdict;
use instrument::card::{CardNumber, inspect, scheme_of};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let report = inspect(text);
    assert_eq!(scheme_of(text).map(|scheme| scheme.id), report.scheme.map(|scheme| scheme.id));
    match CardNumber::parse(text) {
        Ok(number) => {
            assert_eq!(report.verdict, Verdict::Complete);
            assert!((12..=19).contains(&number.len()));
            assert!(number.candidates().next().is_some());
            assert_eq!(number.masked().len(), number.len());
            assert!(number.expose().starts_with(number.bin()) && number.expose().ends_with(number.last4()));
        }
        Err(_) => assert_ne!(report.verdict, Verdict::Complete),
    }
});
