//! Expiries, in any month: what is read lies in the window, and its own text reads back to it.
#![no_main]

use instrument::YearMonth;
use instrument::card::{Expiry, expiry};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, u8, &str)| {
    let (month, year, text) = input;
    let Some(today) = YearMonth::new(1_980 + u16::from(year), month % 12 + 1) else { return };
    let _ = expiry::inspect(text, today);
    if let Ok(expiry) = Expiry::parse(text, today) {
        assert!(expiry.year_month() >= today && expiry.year() <= today.year() + expiry::MAX_YEARS_AHEAD);
        assert_eq!(Expiry::parse(&expiry.to_text(), today), Ok(expiry));
    }
});
