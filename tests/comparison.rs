//! What docs/COMPARISON.md claims is proven by tests that exist.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot read the checkout must fail"
)]

use std::fs;
use std::path::PathBuf;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn comparison() -> String {
    fs::read_to_string(root().join("docs/COMPARISON.md")).unwrap()
}

/// The cells of the rows whose first cell is like that.
fn rows(text: &str, is_row: impl Fn(&str) -> bool) -> Vec<Vec<String>> {
    let rows = text.lines().filter(|line| line.starts_with("| "));
    let cells = |line: &str| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
    rows.map(cells).filter(|cells: &Vec<String>| is_row(&cells[0])).collect()
}

/// A test as the page names it: `path: a part of what stands there`.
fn named(cell: &str) -> impl Iterator<Item = (&str, &str)> {
    let quoted = cell.split('`').skip(1).step_by(2);
    quoted.filter_map(|text| text.split_once(": ")).filter(|(path, _)| {
        ["tests/", "vault/", "crates/", "xtask/", "fuzz/"].iter().any(|home| path.starts_with(home))
    })
}

#[test]
fn every_test_that_the_comparison_names_exists() {
    let text = comparison();
    let mut count = 0;
    for line in text.lines() {
        for (path, part) in named(line) {
            let source = fs::read_to_string(root().join(path));
            let source = source.unwrap_or_else(|error| panic!("{path}: {error}"));
            assert!(source.contains(part), "{path} has nothing like `{part}`");
            count += 1;
        }
    }
    assert!(count > 60, "the page names its tests as `path: part of the name`, and {count} were found");
}

#[test]
fn whoever_says_yes_names_a_test() {
    let text = comparison();
    let answered = rows(&text, |_| true);
    let answered: Vec<_> = answered.iter().filter(|cells| cells.len() == 3).collect();
    assert!(answered.len() > 100, "only {} rows were found", answered.len());
    for cells in answered {
        let (what, answer, proof) = (&cells[0], cells[1].as_str(), &cells[2]);
        let word = answer.split([':', ',']).next().unwrap();
        if ["yes", "done"].contains(&word) {
            assert!(named(proof).next().is_some(), "{what}: `{answer}` without a test");
        }
        let known =
            ["yes", "done", "partial", "no", "open", "impossible by construction", "Tessera", "state"];
        assert!(known.contains(&word) || word.starts_with("---"), "{what}: `{answer}` is no answer");
        assert!(!proof.is_empty(), "{what}: no reason is given");
    }
}

#[test]
fn the_thirty_complaints_are_answered_one_by_one() {
    let text = comparison();
    for number in 1..=30 {
        let beginning = format!("{number}. ");
        assert_eq!(rows(&text, |first| first.starts_with(&beginning)).len(), 1, "complaint {number}");
    }
}
