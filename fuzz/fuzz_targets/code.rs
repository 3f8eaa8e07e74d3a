//! Security codes, for every scheme and for none.
#![no_main]

use instrument::Verdict;
use instrument::card::{SCHEMES, SecurityCode, code};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &str)| {
    let (scheme, text) = input;
    let scheme = SCHEMES.get(usize::from(scheme));
    let parsed = SecurityCode::parse(text, scheme);
    assert_eq!(parsed.is_ok(), code::inspect(text, scheme) == Verdict::Complete);
    if let Ok(code) = parsed {
        assert!((3..=code::MAX_DIGITS).contains(&code.expose().len()));
    }
});
