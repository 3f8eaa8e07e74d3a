//! The marks of the schemes: one for each scheme of the table, made of its name and a frame, and of nothing else.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeSet;

use instrument::card::SCHEMES;

const MARKS: &str = include_str!("../www/frame/schemes.svg");

/// The texts between these two.
fn between<'a>(open: &str, close: &str) -> Vec<&'a str> {
    MARKS.split(open).skip(1).filter_map(|rest| rest.split(close).next()).collect()
}

#[test]
fn every_scheme_has_its_mark() {
    let marks: BTreeSet<&str> = between("<view id=\"", "\"").into_iter().collect();
    let schemes: BTreeSet<&str> = SCHEMES.iter().map(|scheme| scheme.id).collect();
    assert_eq!(marks, schemes);
}

#[test]
fn a_mark_is_the_name_of_its_scheme() {
    let texts: Vec<&str> = between("<text ", "</text>");
    let shown = texts.iter().filter_map(|text| text.split('>').nth(1)).collect::<Vec<_>>().join(" ");
    for scheme in SCHEMES {
        assert!(shown.contains(&scheme.name.replace('&', "&amp;")), "{}", scheme.name);
    }
}

#[test]
fn no_artwork_is_in_it() {
    let elements: BTreeSet<&str> = between("<", ">")
        .iter()
        .filter_map(|tag| tag.split([' ', '/']).find(|name| !name.is_empty()))
        .collect();
    assert_eq!(elements, BTreeSet::from(["g", "rect", "svg", "text", "title", "view"]));
}
