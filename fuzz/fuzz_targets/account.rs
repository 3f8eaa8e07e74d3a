//! Account numbers: what is taken keeps its zeros and fits an ACH entry.
#![no_main]

use instrument::bank::{AccountNumber, inspect_account};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = inspect_account(text);
    if let Ok(number) = AccountNumber::parse(text) {
        assert!((1..=17).contains(&number.expose().len()));
        assert!(number.expose().ends_with(number.last4()) && !number.masked().is_empty());
    }
});
