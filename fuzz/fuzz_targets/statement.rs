//! Statements about sealing keys: one that is read writes itself as it was read, and nothing that was not signed is believed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seal::{Distrust, Root, Signed, Statement, root};

fuzz_target!(|data: (&str, &[u8], [u8; 64])| {
    let (text, module, hash) = data;
    if let Ok(statement) = Statement::from_text(text) {
        assert_eq!(statement.to_text(), text);
        let signed = Signed::from_text(&statement.signed(&hash)).expect("it was just written");
        assert_eq!(signed.checked(&root::PINNED), Err(Distrust::Untrusted));
        let _ = statement.key_for("https://vault.example", u64::from(hash[0]));
    }
    if let Ok(signed) = Signed::from_text(text) {
        assert!(signed.checked(&root::PINNED).is_err());
        assert!(signed.verified(&root::PINNED, &hash).is_err());
    }
    if let Ok(root) = Root::from_text(text) {
        assert_eq!(root.to_text(), text);
    }
    let _ = Root::pinned_in(module);
});
