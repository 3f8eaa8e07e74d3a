//! Records: whatever bytes decode to can be checked, and what passes is written again and reads back.
#![no_main]

use instrument::{YearMonth, record};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // No bytes are both.
    if record::decode_code(bytes).is_ok() {
        assert!(record::decode(bytes).is_err());
    }
    let Ok(draft) = record::decode(bytes) else { return };
    let Some(today) = YearMonth::new(2026, 11) else { return };
    if let Ok(instrument) = draft.finish(today) {
        let written = record::encode(&instrument);
        assert!(record::decode(&written).is_ok_and(|draft| draft.finish(today).is_ok()));
    }
});
