//! The invariants of the house, so that nobody has to remember them in a review.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot read the checkout must fail")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Directories that hold no source of ours.
const SKIPPED: &[&str] = &["dist", "target", "node_modules", ".git", "test-results"];
/// Generated, and removed by a clean checkout.
const GENERATED: &[&str] = &["pkg/frame", "pkg/post-quantum", "pkg/wasm", "pkg/index.js", "pkg/server.js"];
/// What people write; everything else in the tree is an image, a lock file or a fixture.
const SOURCES: &[&str] = &["rs", "js", "mjs", "ts", "css", "html", "toml", "sql", "md", "svg"];
/// This file names what it forbids.
const THIS: &str = "tests/tidy.rs";

/// One file of the checkout.
struct Source {
    /// From the top of the checkout, with `/`.
    path: String,
    text: String,
}

impl Source {
    fn stem(&self) -> &str {
        Path::new(&self.path).file_stem().unwrap().to_str().unwrap()
    }

    fn extension(&self) -> &str {
        Path::new(&self.path).extension().unwrap().to_str().unwrap()
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    collect(&root(), &mut found);
    assert!(found.iter().any(|source| source.path == THIS), "the walk finds this file");
    found
}

fn collect(directory: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let relative = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let name = path.file_name().unwrap().to_str().unwrap();
        if SKIPPED.contains(&name) || GENERATED.contains(&relative.as_str()) {
            continue;
        }
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| SOURCES.iter().any(|known| extension == *known)) {
            found.push(Source { text: fs::read_to_string(&path).unwrap(), path: relative });
        }
    }
}

/// Fails with all offences at once.
fn assert_none(offences: Vec<String>, rule: &str) {
    assert!(offences.is_empty(), "{rule}:\n  {}", offences.join("\n  "));
}

/// The files in which one of `forbidden` occurs.
fn occurrences(sources: &[Source], extensions: &[&str], forbidden: &[&str]) -> Vec<String> {
    let mut offences = Vec::new();
    for source in
        sources.iter().filter(|source| source.path != THIS && extensions.contains(&source.extension()))
    {
        for (index, line) in source.text.lines().enumerate() {
            if let Some(word) = forbidden.iter().find(|word| line.contains(**word)) {
                offences.push(format!("{}:{} has `{word}`", source.path, index + 1));
            }
        }
    }
    offences
}

/// The dependencies a manifest names outside `[workspace.dependencies]`: name and the rest of the line.
fn dependencies(manifest: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in manifest.lines() {
        let line = line.trim();
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]") && line != "[workspace.dependencies]";
        } else if inside && let Some((name, value)) = line.split_once('=') {
            let (name, attribute) = name.trim().split_once('.').unwrap_or((name.trim(), ""));
            found.push((name.to_owned(), format!("{attribute} = {}", value.trim())));
        }
    }
    found
}

/// Every crate of the workspace: its manifest, and which of our own crates it may use.
const HOUSE: &[(&str, &[&str])] = &[
    ("crates/instrument/Cargo.toml", &[]),
    ("crates/seal/Cargo.toml", &["instrument"]),
    ("crates/gateway/Cargo.toml", &["instrument", "seal"]),
    ("crates/look/Cargo.toml", &[]),
    ("Cargo.toml", &["instrument", "seal", "gateway", "look"]),
    ("vault/Cargo.toml", &["instrument", "seal", "gateway"]),
    ("xtask/Cargo.toml", &[]),
];
const OURS: &[&str] = &["instrument", "seal", "gateway", "look", "tessera", "vault", "xtask"];
const PURE: &[&str] = &["crates/instrument/", "crates/seal/", "crates/gateway/", "crates/look/"];

#[test]
fn dependencies_point_down() {
    let mut offences = Vec::new();
    for (manifest, allowed) in HOUSE {
        for (name, _) in dependencies(&fs::read_to_string(root().join(manifest)).unwrap()) {
            if OURS.contains(&name.as_str()) && !allowed.contains(&name.as_str()) {
                offences.push(format!("{manifest} names {name}"));
            }
        }
    }
    assert_none(offences, "a crate may only use those below it");
}

#[test]
fn every_crate_of_the_workspace_is_known_here() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let members = manifest.split_once("members = [").unwrap().1.split_once(']').unwrap().0;
    let members = members.lines().filter_map(|line| line.split('"').nth(1));
    let listed: BTreeSet<String> =
        members.map(|member| format!("{member}/Cargo.toml").replace("./", "")).collect();
    let known: BTreeSet<String> = HOUSE.iter().map(|(manifest, _)| (*manifest).to_owned()).collect();
    assert_eq!(listed, known);
}

#[test]
fn versions_are_pinned_once() {
    let mut offences = Vec::new();
    for (manifest, _) in HOUSE {
        for (name, value) in dependencies(&fs::read_to_string(root().join(manifest)).unwrap()) {
            if !value.contains("workspace = true") {
                offences.push(format!("{manifest}: {name} {value}"));
            }
        }
    }
    assert_none(offences, "versions stand in the root Cargo.toml only; members say `workspace = true`");
}

#[test]
fn pure_crates_know_no_outside_world() {
    let web_or_io = [
        "axum",
        "chrono",
        "getrandom",
        "gloo-net",
        "jiff",
        "js-sys",
        "reqwest",
        "rusqlite",
        "time",
        "tokio",
        "tracing",
        "wasm-bindgen",
        "wasm-bindgen-futures",
        "web-sys",
    ];
    let mut offences = Vec::new();
    for pure in PURE {
        let manifest = fs::read_to_string(root().join(pure).join("Cargo.toml")).unwrap();
        for (name, _) in dependencies(&manifest) {
            if web_or_io.contains(&name.as_str()) {
                offences.push(format!("{pure}Cargo.toml names {name}"));
            }
        }
    }
    let outside = [
        "std::env",
        "std::fs",
        "std::io",
        "std::net",
        "std::process",
        "std::thread",
        "SystemTime",
        "Instant::now",
    ];
    let pure: Vec<Source> = sources()
        .into_iter()
        .filter(|source| PURE.iter().any(|pure| source.path.starts_with(&format!("{pure}src/"))))
        .collect();
    assert!(pure.len() > 10, "the pure crates are found");
    offences.extend(occurrences(&pure, &["rs"], &outside));
    assert_none(offences, "clock, random source, files and network are arguments of the pure crates");
}

#[test]
fn files_are_named_after_the_domain() {
    let forbidden = ["mod", "util", "utils", "helper", "helpers", "common", "misc", "shared"];
    let offences = sources()
        .iter()
        .filter(|source| ["rs", "js", "mjs", "ts"].contains(&source.extension()))
        .filter(|source| forbidden.contains(&source.stem()))
        .map(|source| source.path.clone())
        .collect();
    assert_none(
        offences,
        "a file's name says which one concept it holds (and `foo.rs` + `foo/`, not `mod.rs`)",
    );
}

#[test]
fn files_are_short() {
    let offences = sources()
        .iter()
        .filter(|source| !["md", "toml", "svg"].contains(&source.extension()))
        .map(|source| (source, source.text.lines().count()))
        .filter(|(_, lines)| *lines > 800)
        .map(|(source, lines)| format!("{} has {lines} lines", source.path))
        .collect();
    assert_none(offences, "aim at 400 lines, split before 800");
}

#[test]
fn every_dialect_is_registered() {
    let registry = fs::read_to_string(root().join("crates/gateway/src/dialects.rs")).unwrap();
    let list = registry.split_once("\nregistry! {").unwrap().1.split_once('}').unwrap().0;
    let registered: BTreeSet<String> =
        list.split(',').map(str::trim).filter(|module| !module.is_empty()).map(str::to_owned).collect();
    let files: BTreeSet<String> = sources()
        .iter()
        .filter(|source| Path::new(&source.path).parent() == Some(Path::new("crates/gateway/src/dialects")))
        .map(|source| source.stem().to_owned())
        .collect();
    assert_eq!(files, registered, "each file in dialects/ is one entry of the registry");
}

#[test]
fn messages_go_to_an_exact_origin() {
    let mut offences = Vec::new();
    for source in sources().iter().filter(|source| source.path != THIS && source.extension() != "md") {
        for call in ["postMessage(", "post_message"] {
            for (position, _) in source.text.match_indices(call) {
                let given: String =
                    source.text.get(position..).unwrap().chars().take_while(|c| *c != ';').collect();
                if given.contains("\"*\"") || given.contains("'*'") {
                    offences.push(source.path.clone());
                }
            }
        }
    }
    assert_none(offences, "a message to \"*\" is a message to anybody");
}

#[test]
fn no_text_becomes_markup_or_code() {
    let sinks = [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "set_inner_html",
        "set_outer_html",
        "insert_adjacent_html",
    ];
    let shipped: Vec<Source> = sources()
        .into_iter()
        .filter(|source| {
            ["src/", "www/", "pkg/", "vault/src/"].iter().any(|top| source.path.starts_with(top))
        })
        .collect();
    assert_none(
        occurrences(&shipped, &["rs", "js", "mjs", "html"], &sinks),
        "text stays text in everything that is shipped",
    );
}

/// The rows of the tables of threats: id and everything behind it.
fn threats(page: &str) -> Vec<(&str, &str)> {
    let section = page.split_once("\n## Threats and their proofs\n").unwrap().1;
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
    rows.filter(|(id, _)| *id != "id").collect()
}

/// Whether a file has a test of this name: a function with a test's attribute, or a text that a script calls `test`
/// with. The conformance suite of the stores has its own list of bodies.
fn has_test(path: &str, name: &str) -> bool {
    let Ok(text) = fs::read_to_string(root().join(path)) else { return false };
    if !path.ends_with(".rs") {
        return ['"', '`'].iter().any(|quote| text.contains(&format!("test({quote}{name}{quote}")));
    }
    text.split(&format!("fn {name}(")).collect::<Vec<_>>().split_last().is_some_and(|(_, before)| {
        before.iter().any(|before| {
            let attributes = before.rsplit("\n\n").next().unwrap();
            ["#[test]", "#[tokio::test", "#[wasm_bindgen_test]"].iter().any(|test| attributes.contains(test))
        })
    })
}

#[test]
fn every_threat_has_a_proof_that_exists_or_is_open() {
    let page = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let threats = threats(&page);
    let ids: Vec<String> = threats.iter().map(|(id, _)| (*id).to_owned()).collect();
    let expected = [("B", 12), ("S", 17)].map(|(kind, last)| (1..=last).map(move |at| format!("{kind}{at}")));
    assert_eq!(ids, expected.into_iter().flatten().collect::<Vec<_>>(), "each threat once, in order");
    let mut offences = Vec::new();
    for (id, row) in &threats {
        let quoted = row.split('`').skip(1).step_by(2);
        let proofs: Vec<(&str, &str)> = quoted.filter_map(|text| text.split_once(": ")).collect();
        let missing = proofs.iter().filter(|(path, name)| !has_test(path, name));
        offences.extend(missing.map(|(path, name)| format!("{id}: {path} has no test `{name}`")));
        if proofs.is_empty() && !row.contains("*open*: ") {
            offences.push(format!("{id} has neither a proof nor a reason why it is open"));
        }
    }
    assert_none(offences, "SECURITY.md names what proves it");
    assert!(has_test(THIS, "every_threat_has_a_proof_that_exists_or_is_open"), "the search finds this test");
    assert!(!has_test(THIS, "has_test") && !has_test(THIS, "nobody"), "and no function that is none");
}

#[test]
fn nothing_is_left_for_later() {
    let offences = occurrences(&sources(), SOURCES, &["TODO", "FIXME", "todo!(", "unimplemented!("]);
    assert_none(offences, "do it, or write an issue");
}

/// How an error code is written down in the sources: what stands before it, in which files.
const CODE_MARKERS: &[(&str, &[&str])] = &[
    ("src/", &["Problem::new(", "code: Cow::Borrowed("]),
    ("src/error.rs", &["Self::new("]),
    ("vault/src/", &["Problem::new(", "Problem::merchant(", " bad(", " conflict("]),
    ("vault/src/problem.rs", &["Self::new(", "Self::merchant("]),
    ("www/host/", &["problem("]),
];

/// Every error code of the code base.
fn error_codes() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for source in sources() {
        for (_, markers) in CODE_MARKERS.iter().filter(|(top, _)| source.path.starts_with(top)) {
            for (position, marker) in markers.iter().flat_map(|marker| source.text.match_indices(marker)) {
                let call = source.text.get(position + marker.len()..).unwrap();
                let statement = call.split(';').next().unwrap();
                codes.extend(
                    statement.split('"').nth(1).filter(|literal| is_code(literal)).map(str::to_owned),
                );
            }
        }
        let table = match source.path.as_str() {
            "crates/instrument/src/verdict.rs" => source.text.split_once("impl Reason"),
            "crates/gateway/src/error.rs" => source.text.split_once("pub fn code("),
            "crates/seal/src/statement.rs" => source.text.split_once("pub const fn code("),
            "vault/src/problem.rs" => source.text.split_once("impl From<VaultingError>"),
            _ => None,
        };
        // Plain scripts choose between codes in one line.
        if source.path.starts_with("www/frame/") {
            let lines = source.text.lines().filter(|line| line.trim_start().starts_with("code:"));
            let literals = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
            codes.extend(literals.filter(|literal| literal.contains('_')).map(str::to_owned));
        }
        let rows = table.map(|(_, rows)| rows.split("\n    }\n").next().unwrap()).unwrap_or_default();
        codes.extend(rows.split("=> \"").skip(1).filter_map(|row| row.split('"').next()).map(str::to_owned));
    }
    codes
}

fn is_code(literal: &str) -> bool {
    literal.len() > 3 && literal.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

#[test]
fn error_codes_are_found_in_every_part() {
    let codes = error_codes();
    for known in [
        "luhn",
        "answer_malformed",
        "bad_option",
        "token_already_used",
        "not_found",
        "blocked_by_csp",
        "suite_retired",
    ] {
        assert!(codes.contains(known), "{known} is not among {codes:?}");
    }
}

#[test]
fn every_error_code_is_explained() {
    // Each error's `help` is an anchor of this file.
    let Ok(explained) = fs::read_to_string(root().join("docs/errors.md")) else {
        panic!("docs/errors.md is missing; it must explain: {:?}", error_codes());
    };
    let headings: BTreeSet<&str> = explained
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| line.trim_matches(['#', ' ', '`']))
        .collect();
    let offences = error_codes().into_iter().filter(|code| !headings.contains(code.as_str())).collect();
    assert_none(offences, "docs/errors.md has no heading for");
}
