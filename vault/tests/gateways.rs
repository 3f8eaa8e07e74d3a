//! docs/GATEWAYS.md: what each gateway's face does, and the test that proves it.
//!
//! The page is made of the faces' own documents, the dialects' facts, the tables in the faces' sources, and a
//! record of which test asked what. This test keeps all of them together: every operation stands in the page
//! with a test that there is. `cargo xtask gateways` makes the page anew.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/vault.rs"]
mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
};

use axum::{body::Body, http::Request};
use gateway::{Clear, Lifetime, TokenShape, dialects};
use support::Vault;

/// A gateway's face: its mount, its name, its sources and tests.
struct Face {
    mount: &'static str,
    name: &'static str,
    /// Also the name of the test program.
    source: &'static str,
    /// The operations that stand in the user's own document of the gateway.
    seed: &'static [&'static str],
}

const FACES: [Face; 4] = [
    Face {
        mount: "/fluidpay",
        name: "FluidPay",
        source: "fluidpay",
        seed: &[
            "POST /api/vault/customer",
            "GET /api/vault/{customer}",
            "POST /api/vault/customer/search",
            "POST /api/vault/customer/{customer}",
            "DELETE /api/vault/{customer}",
            "POST /api/vault/customer/{customer}/address",
            "POST /api/vault/customer/{customer}/address/{address}",
            "DELETE /api/vault/customer/{customer}/address/{address}",
            "POST /api/vault/customer/{customer}/card",
            "POST /api/vault/customer/{customer}/ach",
            "POST /api/vault/customer/{customer}/token",
            "POST /api/vault/customer/{customer}/applepay",
            "POST /api/vault/customer/{customer}/googlepay",
            "POST /api/vault/customer/{customer}/card/{method}",
            "POST /api/vault/customer/{customer}/ach/{method}",
            "POST /api/vault/customer/{customer}/token/{method}",
            "DELETE /api/vault/customer/{customer}/card/{method}",
            "DELETE /api/vault/customer/{customer}/ach/{method}",
        ],
    },
    Face { mount: "/paydock", name: "Paydock", source: "paydock", seed: &["POST /v1/customers"] },
    Face {
        mount: "/flute",
        name: "Flute",
        source: "flute",
        seed: &["POST /pay-api/v1/customers", "POST /v2/transactions"],
    },
    Face {
        mount: "/paymentsai",
        name: "payments.ai",
        source: "paymentsai",
        seed: &[
            "POST /v1/public-api/organizations/{org}/customers",
            "GET /v1/public-api/organizations/{org}/customers/{customer}",
            "GET /v1/public-api/organizations/{org}/customers",
            "PUT /v1/public-api/organizations/{org}/customers/{customer}",
            "DELETE /v1/public-api/organizations/{org}/customers/{customer}",
            "POST /v1/public-api/organizations/{org}/custom-fields",
        ],
    },
];

/// An operation of a face's document.
struct Operation {
    method: String,
    path: String,
    summary: String,
}

impl Operation {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page() -> PathBuf {
    root().join("docs/GATEWAYS.md")
}

async fn operations(vault: &Vault, face: &Face) -> Vec<Operation> {
    let request = Request::get(format!("{}/openapi.json", face.mount)).body(Body::empty()).unwrap();
    let document = vault.send(request).await.expect(200);
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, told) in methods.as_object().unwrap() {
            if let Some(summary) = told["summary"].as_str() {
                let summary = summary.split_whitespace().collect::<Vec<_>>().join(" ");
                let summary = summary.trim_end_matches('.').replace('|', "\\|");
                operations.push(Operation { method: method.to_uppercase(), path: path.clone(), summary });
            }
        }
    }
    operations
}

/// Every test of a face, as its program names it: `customers::one_is_created`.
fn tests(face: &Face) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(face.source);
    let mut tests = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        for part in text.split("#[tokio::test").skip(1) {
            if let Some((_, rest)) = part.split_once("fn ") {
                tests.insert(format!("{module}::{}", rest.split('(').next().unwrap()));
            }
        }
    }
    tests
}

/// The row of an operation, up to its proof.
fn row(operation: &Operation, face: &Face) -> String {
    let name = operation.name();
    let mark = if face.seed.contains(&name.as_str()) { " ★" } else { "" };
    format!("| `{name}`{mark} | {} |", operation.summary)
}

#[tokio::test]
async fn every_operation_stands_in_the_page_with_a_test_that_there_is() {
    let vault = Vault::start().await;
    if let Some(record) = env::var_os("TESSERA_GATEWAYS_FROM") {
        write(&vault, &fs::read_to_string(record).unwrap()).await;
    }
    let page = fs::read_to_string(page()).unwrap();
    for face in &FACES {
        let section = section(&page, face);
        let tests = tests(face);
        let operations = operations(&vault, face).await;
        for operation in &operations {
            let row = row(operation, face);
            let proof = section
                .lines()
                .find_map(|line| line.strip_prefix(&row))
                .unwrap_or_else(|| panic!("not in docs/GATEWAYS.md; run `cargo xtask gateways`: {row}"));
            let proof = proof.trim_matches(['|', ' ', '`']);
            assert!(tests.contains(proof), "{}: there is no test {proof:?}", face.name);
        }
        let table = section.split(READINGS).next().unwrap();
        let rows = table.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(rows, operations.len(), "{}: run `cargo xtask gateways`", face.name);
        let names: BTreeSet<_> = operations.iter().map(Operation::name).collect();
        for seed in face.seed {
            assert!(names.contains(*seed), "{}: {seed} is in the user's document", face.name);
        }
        for reading in readings(face) {
            assert!(section.contains(&reading), "{}: run `cargo xtask gateways`", face.name);
        }
    }
    for facts in dialects::FACTS {
        assert!(page.contains(&dialect(facts)), "{}: run `cargo xtask gateways`", facts.id);
    }
}

/// The part of the page about a face.
fn section<'a>(page: &'a str, face: &Face) -> &'a str {
    let heading = format!("\n## {}\n", face.name);
    let (_, rest) = page.split_once(&heading).unwrap_or_else(|| panic!("{heading:?} is not in the page"));
    rest.split("\n## ").next().unwrap()
}

/// The tables in the documentation of a face's module.
fn readings(face: &Face) -> Vec<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api").join(face.source).with_extension("rs");
    let text = fs::read_to_string(source).unwrap();
    text.lines().filter_map(|line| line.strip_prefix("//! |")).map(|row| format!("|{row}")).collect()
}

/// What is known of a dialect, as a row.
fn dialect(facts: &gateway::Facts) -> String {
    let shape = match facts.token.shape {
        TokenShape::Text { prefix: "", length, .. } => format!("{length} letters and digits"),
        TokenShape::Text { prefix, alphabet, length } if alphabet.len() == 58 => {
            format!("`{prefix}` and {length} characters of base58")
        }
        TokenShape::Text { prefix, length, .. } => format!("`{prefix}` and {length} letters and digits"),
        TokenShape::Uuid => "UUID, version 4".to_owned(),
    };
    let lifetime = match facts.token.lifetime {
        Lifetime::Secs(secs) if secs % 3600 == 0 => format!("{} hours, once", secs / 3600),
        Lifetime::Secs(secs) => format!("{} minutes, once", secs / 60),
        Lifetime::Permanent => "for ever: the id of a payment method".to_owned(),
    };
    let clear = match facts.clear {
        Clear::At(urls) => {
            let urls: Vec<_> = urls.iter().map(|url| format!("`{url}`")).collect();
            format!("yes: {}", urls.join(", "))
        }
        Clear::Unsupported(reason) => format!("no: {reason}"),
    };
    format!("| `{}` | {} | {shape} | {lifetime} | {clear} |", facts.id, facts.name)
}

/// Writes the page from a record of the tests.
async fn write(vault: &Vault, record: &str) {
    // Of each test, which operations it asked with success.
    let mut asked: BTreeMap<(String, String), BTreeSet<(String, String)>> = BTreeMap::new();
    for line in record.lines() {
        let [face, test, method, path, status] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("a line of another form: {line}");
        };
        // What can only be refused, by design, is proved by its refusal.
        if status.starts_with('2') || status == "422" {
            let of_test = asked.entry((face.to_owned(), test.to_owned())).or_default();
            of_test.insert((method.to_owned(), path.to_owned()));
        }
    }
    let mut text = String::from(INTRODUCTION);
    for facts in dialects::FACTS {
        text.push_str(&dialect(facts));
        text.push('\n');
    }
    for face in &FACES {
        text.push_str(&format!(
            "\n## {}\n\nMounted at `{}`; its OpenAPI document is `{}/openapi.json`.\n\n",
            face.name, face.mount, face.mount
        ));
        text.push_str("| operation | what it does | proved by |\n|---|---|---|\n");
        let all = operations(vault, face).await;
        for operation in &all {
            // The test that asks the fewest different things is the one that is most about this one.
            let proof = asked
                .iter()
                .filter(|((program, _), _)| program == face.source)
                .filter(|(_, paths)| {
                    paths.iter().any(|(method, path)| {
                        *method == operation.method && is_of(path, face, &operation.path, &all)
                    })
                })
                .min_by_key(|((_, test), paths)| {
                    (test.contains("refuse"), test.contains("wrong"), paths.len(), test.clone())
                })
                .map(|((_, test), _)| test.clone());
            let proof = proof.unwrap_or_else(|| panic!("{}: no test of {}", face.name, operation.name()));
            text.push_str(&format!("{} `{proof}` |\n", row(operation, face)));
        }
        text.push_str(READINGS);
        text.push_str(&readings(face).join("\n"));
        text.push('\n');
    }
    fs::write(page(), text).unwrap();
}

/// Whether a path that was asked is one of an operation, and of no other that names it more exactly.
fn is_of(asked: &str, face: &Face, template: &str, all: &[Operation]) -> bool {
    // A test may ask a face that is not mounted.
    let asked = asked.strip_prefix(face.mount).unwrap_or(asked);
    let fits = |template: &str| {
        let (asked, template): (Vec<_>, Vec<_>) = (asked.split('/').collect(), template.split('/').collect());
        asked.len() == template.len()
            && asked.iter().zip(&template).all(|(asked, part)| part.starts_with('{') || asked == part)
    };
    let names = |template: &str| template.matches('{').count();
    fits(template) && !all.iter().any(|other| names(&other.path) < names(template) && fits(&other.path))
}

/// What stands between the two tables of a face.
const READINGS: &str = "\nWhere documents contradict each other or are silent, this face does the following. The last \
column is our own reading wherever the others say \"not said\" or \"none\".\n\n";

const INTRODUCTION: &str = "\
# Gateways

What each gateway's face of the vault does, with the test that proves it. This page is made by `cargo xtask gateways`
from the faces' own documents, the dialects' facts and a record of the tests, and a test fails when it falls behind.
★ marks an operation that stands in the document of the gateway that this project began with; the others come from
the gateways' public references. A test's name is that of `cargo test -p vault --test <face>`.

## Dialects: from the browser to a token

Sealed for the vault, every dialect works, and a token of any of them can be spent through any face of the same
merchant (Flute's is a payment method already). In clear, straight to the gateway:

| dialect | gateway | token | lives | in clear from a browser |
|---|---|---|---|---|
";
