//! Envelopes and keys as text: one that is taken writes itself as it was read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seal::{Envelope, KeyId, PublicKey, Suite};

fuzz_target!(|text: &str| {
    if let Ok(envelope) = Envelope::from_text(text) {
        assert_eq!(envelope.to_text(), text);
    }
    if let Ok(id) = KeyId::from_text(text) {
        assert_eq!(id.to_text(), text);
    }
    let (id, key) = text.split_once(' ').unwrap_or((text, text));
    for suite in Suite::ALL.iter().copied() {
        if let Ok(key) = PublicKey::from_text(suite, id, key) {
            assert_eq!(PublicKey::from_text(suite, &key.id().to_text(), &key.to_text()), Ok(key));
        }
    }
});
