//! The scanner of JSON, through the reader of a vault's list of keys.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seal::root;

fuzz_target!(|body: &str| {
    for signed in gateway::keys::list(body) {
        assert!(signed.checked(&root::PINNED).is_err(), "nobody signed it");
    }
});
