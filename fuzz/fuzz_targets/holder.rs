//! Holders' names: what is taken holds no card number.
#![no_main]

use instrument::card::{HolderName, contains_card_number, holder};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = holder::inspect(text);
    if let Ok(name) = HolderName::parse(text) {
        assert!(!contains_card_number(name.as_str()));
    }
});
