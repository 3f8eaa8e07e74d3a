//! Sealing keys that the root has not signed for here and now: nothing is sealed to them, and nothing is sent.

use js_sys::Array;
use seal::{Statement, Suites};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::flow::{ISSUED, Vault, signed, statement, text};
use crate::page::{Page, answer};

fn origin() -> String {
    web_sys::window().unwrap().location().origin().unwrap()
}

/// A page whose vault has these keys and no others: the code that it ends with, and what it has sent.
async fn verdict(statements: &[String]) -> (String, Array) {
    let entries: Vec<String> =
        statements.iter().map(|statement| format!(r#"{{"statement":"{statement}"}}"#)).collect();
    let requests = answer(&format!(r#"{{"keys":[{}]}}"#, entries.join(",")), &format!("[{ISSUED}]"));
    let page = Page::connected().await;
    page.fill_card();
    page.send("({type: 'tokenize', id: 1, deadline_ms: 5000})");
    (text(&page.next("error", "true").await, "error.code"), requests)
}

#[wasm_bindgen_test]
async fn who_does_not_trust_a_key_does_not_seal() {
    let good = || statement(Vault::new(1).private.public(), origin());
    let mut swapped = signed(&good());
    let other = Vault::new(2).private.public().to_text();
    // The key begins at byte 93, and each character is six bits.
    swapped.replace_range(124..166, &other[..42]);
    for (entry, code) in [
        (swapped, "sealing_key_untrusted"),
        (signed(&Statement { vault: "https://other.example".to_owned(), ..good() }), "sealing_key_untrusted"),
        (signed(&Statement { not_after_ms: 1_700_000_000_000, ..good() }), "sealing_key_expired"),
        (signed(&Statement { not_before_ms: u64::MAX, ..good() }), "sealing_key_expired"),
        (signed(&Statement { component: seal::COMPONENT + 1, ..good() }), "component_outdated"),
        (signed(&Statement { suites: Suites::only(2), ..good() }), "suite_retired"),
        (good().to_text(), "sealing_key_untrusted"),
        ("AAAA".to_owned(), "keys_malformed"),
    ] {
        let (said, requests) = verdict(&[entry]).await;
        assert_eq!(said, code);
        assert_eq!(requests.length(), 0, "{code}");
    }
}

#[wasm_bindgen_test]
async fn the_first_refusal_is_told_if_there_is_no_good_key() {
    let good = || statement(Vault::new(1).private.public(), origin());
    let outdated = signed(&Statement { component: seal::COMPONENT + 1, ..good() });
    let retired = signed(&Statement { suites: Suites::only(2), ..good() });
    assert_eq!(verdict(&[outdated.clone(), retired.clone()]).await.0, "component_outdated");
    assert_eq!(verdict(&[retired, outdated]).await.0, "suite_retired");
}
