//! The scanner of JSON, through the reader of a vault's list of keys.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &str| {
    for (key, _) in gateway::keys::list(body) {
        assert_eq!(key.bytes().len(), 32);
    }
});
