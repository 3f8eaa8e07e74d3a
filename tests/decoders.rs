//! The targets of `fuzz/` without a fuzzer: the same files, compiled here, with inputs that are drawn. It is what
//! `cargo xtask test` can afford; `cargo xtask check` and `cargo xtask torture` run them under libFuzzer.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::type_complexity,
    clippy::unwrap_used,
    missing_docs,
    unused_attributes,
    unused_imports,
    unreachable_pub,
    reason = "a test that cannot go on has failed, and the targets are written as programs of their own"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};

// The targets ask this crate for their macro.
extern crate self as libfuzzer_sys;

/// Inputs of each target.
const INPUTS: usize = 50_000;

/// Makes a function of a target, which decodes its input as libFuzzer's own macro does.
#[macro_export]
macro_rules! fuzz_target {
    (|$input:ident: $kind:ty| $body:block) => {
        pub fn run(bytes: &[u8]) {
            fn body($input: $kind) $body
            let drawn = arbitrary::Unstructured::new(bytes);
            if let Ok(input) = arbitrary::Arbitrary::arbitrary_take_rest(drawn) {
                body(input);
            }
        }
    };
}

#[path = "../fuzz/fuzz_targets/account.rs"]
mod account;
#[path = "../fuzz/fuzz_targets/card_number.rs"]
mod card_number;
#[path = "../fuzz/fuzz_targets/code.rs"]
mod code;
#[path = "../fuzz/fuzz_targets/edit.rs"]
mod edit;
#[path = "../fuzz/fuzz_targets/email.rs"]
mod email;
#[path = "../fuzz/fuzz_targets/envelope.rs"]
mod envelope;
#[path = "../fuzz/fuzz_targets/expiry.rs"]
mod expiry;
#[path = "../fuzz/fuzz_targets/holder.rs"]
mod holder;
#[path = "../fuzz/fuzz_targets/json.rs"]
mod json;
#[path = "../fuzz/fuzz_targets/phone.rs"]
mod phone;
#[path = "../fuzz/fuzz_targets/postal.rs"]
mod postal;
#[path = "../fuzz/fuzz_targets/record.rs"]
mod record;
#[path = "../fuzz/fuzz_targets/routing.rs"]
mod routing;
#[path = "../fuzz/fuzz_targets/statement.rs"]
mod statement;
#[path = "../fuzz/fuzz_targets/theme.rs"]
mod theme;
#[path = "../fuzz/fuzz_targets/token.rs"]
mod token;
#[path = "../fuzz/fuzz_targets/typing.rs"]
mod typing;

/// A target: the name of its file, and what it does with an input.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 17] = [
    ("account", account::run),
    ("card_number", card_number::run),
    ("code", code::run),
    ("edit", edit::run),
    ("email", email::run),
    ("envelope", envelope::run),
    ("expiry", expiry::run),
    ("holder", holder::run),
    ("json", json::run),
    ("phone", phone::run),
    ("postal", postal::run),
    ("record", record::run),
    ("routing", routing::run),
    ("statement", statement::run),
    ("theme", theme::run),
    ("token", token::run),
    ("typing", typing::run),
];

fn fuzz() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz"))
}

#[test]
fn every_target_is_here() {
    let files = fs::read_dir(fuzz().join("fuzz_targets")).unwrap();
    let files: BTreeSet<String> =
        files.map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let here: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(files, here);
}

#[test]
fn no_drawn_input_makes_a_decoder_panic() {
    let seed = std::env::var("TESSERA_SEED").map_or_else(
        |_| u64::from(rand::random::<u32>()),
        |text| text.parse().expect("TESSERA_SEED is a number"),
    );
    eprintln!("fuzzing of every decoder: TESSERA_SEED={seed}");
    let words = words();
    for (name, run) in TARGETS {
        let mut random = StdRng::seed_from_u64(seed);
        for number in 0..INPUTS {
            let input = input(&mut random, &words);
            // Said only if it is the last thing that is said.
            let caught = std::panic::catch_unwind(|| run(&input));
            assert!(
                caught.is_ok(),
                "{name}, input {number} of TESSERA_SEED={seed}: {:?}",
                input.escape_ascii().to_string()
            );
        }
    }
}

/// The words of the dictionaries, and lines that are right.
fn words() -> Vec<Vec<u8>> {
    let mut words: Vec<Vec<u8>> = ["card", "json"]
        .iter()
        .flat_map(|name| {
            let text = fs::read_to_string(fuzz().join(format!("dictionaries/{name}.dict"))).unwrap();
            text.lines().filter(|line| line.starts_with('"')).map(unescaped).collect::<Vec<_>>()
        })
        .collect();
    assert!(words.len() > 20);
    for right in [
        "{\"token\":\"tok_1\"}",
        "{\"keys\":[{\"id\":\"a\",\"public_key\":\"b\"}]}",
        "ada@example.com",
        "+44 20 7946 0958",
        "SW1A 1AA",
        "021000021",
        "Ada Lovelace",
        "[ number / expiry code ]",
        "#00ff80",
        "calc(1rem + 2px)",
    ] {
        words.push(right.as_bytes().to_vec());
    }
    words
}

fn unescaped(line: &str) -> Vec<u8> {
    let inner = &line[1..line.len() - 1];
    let mut word = Vec::new();
    let mut rest = inner.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            word.push(*first);
        } else if let [b'x', high, low, after @ ..] = rest {
            let digits = [*high, *low];
            word.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            rest = after;
        } else if let [escaped, after @ ..] = rest {
            word.push(*escaped);
            rest = after;
        }
    }
    word
}

/// Bytes alone, words, and words with a few bytes changed.
fn input(random: &mut StdRng, words: &[Vec<u8>]) -> Vec<u8> {
    let mut input = Vec::new();
    for _ in 0..random.random_range(0..6) {
        if random.random_range(0..4) == 0 {
            let mut bytes = vec![0; random.random_range(0..40)];
            random.fill_bytes(&mut bytes);
            input.extend(bytes);
        } else {
            input.extend(&words[random.random_range(0..words.len())]);
        }
    }
    for _ in 0..random.random_range(0..3) {
        if !input.is_empty() {
            let place = random.random_range(0..input.len());
            match random.random_range(0..3) {
                0 => input[place] = random.random(),
                1 => input.insert(place, b'0' + random.random_range(0..10u8)),
                _ => {
                    input.remove(place);
                }
            }
        }
    }
    input
}
