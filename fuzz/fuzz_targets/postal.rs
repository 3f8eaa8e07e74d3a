//! Postal codes of every two letters: a code that is taken reads back to itself.
#![no_main]

use instrument::payer::{Country, PostalCode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: ([u8; 2], &str)| {
    let (letters, text) = input;
    let letters: String = letters.map(|byte| char::from(b'A' + byte % 26)).iter().collect();
    let Ok(country) = Country::parse(&letters) else { return };
    let _ = PostalCode::is_required_in(country);
    if let Ok(code) = PostalCode::parse(text, country) {
        assert_eq!(PostalCode::parse(code.as_str(), country).as_ref(), Ok(&code));
    }
});
