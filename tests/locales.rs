//! The messages in `www/locales` fit what the code and the page ask for. That all locales have the same ones is a
//! test of xtask, which compiles them.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot read the checkout must fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{Entry, Pattern, PatternElement};
use fluent_syntax::parser;
use instrument::{FieldName, Reason};

const FIELDS: [FieldName; 8] = [
    FieldName::Number,
    FieldName::Expiry,
    FieldName::Code,
    FieldName::Holder,
    FieldName::RoutingNumber,
    FieldName::AccountNumber,
    FieldName::AccountType,
    FieldName::AccountHolderType,
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The plain texts of the English messages; empty for what is more than a text.
fn english() -> BTreeMap<String, String> {
    let text = fs::read_to_string(root().join("www/locales/en.ftl")).unwrap();
    let resource = parser::parse(text).unwrap_or_else(|(_, errors)| panic!("{errors:?}"));
    let mut messages = BTreeMap::new();
    for entry in resource.body {
        let Entry::Message(message) = entry else { continue };
        if let Some(value) = message.value {
            messages.insert(message.id.name.clone(), plain(&value));
        }
        for attribute in message.attributes {
            messages.insert(format!("{}.{}", message.id.name, attribute.id.name), plain(&attribute.value));
        }
    }
    messages
}

fn plain(pattern: &Pattern<String>) -> String {
    let [PatternElement::TextElement { value }] = pattern.elements.as_slice() else { return String::new() };
    value.clone()
}

#[test]
fn every_reason_has_its_sentence() {
    let english = english();
    for reason in Reason::ALL {
        let name = format!("reason.{}", reason.as_str());
        assert_eq!(english.get(&name).map(String::as_str), Some(reason.message()), "{name}");
    }
    let reasons = english.keys().filter(|name| name.starts_with("reason.")).count();
    assert_eq!(reasons, Reason::ALL.len(), "a sentence without a reason");
}

#[test]
fn every_field_has_its_label_and_says_nothing_for_reasons_that_do_not_exist() {
    let english = english();
    let others = ["hint", "help", "any", "three", "four", "optional", "account", "card"];
    for field in FIELDS {
        assert!(!english[field.as_str()].is_empty(), "{}", field.as_str());
        let choices = matches!(field, FieldName::AccountType | FieldName::AccountHolderType);
        let of_field = english.keys().filter_map(|name| name.strip_prefix(field.as_str())?.strip_prefix('.'));
        for said in of_field.filter(|said| !choices && !others.contains(said)) {
            assert!(Reason::ALL.iter().any(|reason| reason.as_str() == said), "{}.{said}", field.as_str());
        }
    }
}

/// The names in quotes after any of these words.
fn named(text: &str, before: &[&str]) -> BTreeSet<String> {
    let follow = before.iter().flat_map(|before| text.split(before).skip(1));
    follow.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[test]
fn every_message_is_asked_for_and_whatever_is_asked_for_is_there() {
    let english = english();
    let page = fs::read_to_string(root().join("www/frame/frame.html")).unwrap();
    let mut asked = named(&page, &["data-say=\"", "data-hint=\"", "data-label=\""]);
    for file in fs::read_dir(root().join("src/bridge")).unwrap() {
        let script = fs::read_to_string(file.unwrap().path()).unwrap();
        asked.extend(named(&script, &["text(\""]));
    }
    let words = fs::read_to_string(Path::new(&root()).join("src/fields/words.rs")).unwrap();
    asked.extend(named(&words, &["=> \""]).into_iter().filter(|name| !name.is_empty()));
    let missing: Vec<_> = asked.iter().filter(|name| !english.contains_key(*name)).collect();
    assert_eq!(missing, Vec::<&String>::new(), "asked for, but not written");
    // Errors and reasons are looked up by their codes.
    let by_code = |name: &str| {
        let (of, code) = name.split_once('.').unwrap_or((name, ""));
        of == "reason" || of == "error" || Reason::ALL.iter().any(|reason| reason.as_str() == code)
    };
    let idle: Vec<_> = english.keys().filter(|name| !asked.contains(*name) && !by_code(name)).collect();
    assert_eq!(idle, Vec::<&String>::new(), "written, but never asked for");
}
