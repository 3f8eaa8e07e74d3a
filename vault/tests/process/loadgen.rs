//! `tessera-vault loadgen` against a vault that runs.

use serde_json::{Value, json};

use crate::program::{PUBLIC_URL, Program, SHOP_ORIGIN, command};

#[test]
fn tokens_are_asked_for_and_spent_and_the_figures_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let program = Program::start(dir.path());
    let client = program.client();
    let output = command()
        .args([
            "loadgen",
            "--vault",
            PUBLIC_URL,
            "--connect",
            program.address(),
            "--page-origin",
            SHOP_ORIGIN,
        ])
        .args(["--connections", "3", "--tokens", "20", "--warm-up", "5"])
        .env("TESSERA_PUBLISHABLE_KEY", &client.pk)
        .env("TESSERA_SECRET_KEY", &client.sk)
        .output()
        .unwrap();
    let (stdout, stderr) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{stderr}");
    assert!(!stdout.contains("tok_") && !stdout.contains("_test_"), "{stdout}");
    let lines: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        lines.iter().map(|line| line["phase"].as_str().unwrap()).collect::<Vec<_>>(),
        ["seal", "warm_up", "tokenize", "spend"]
    );
    for line in &lines[2..] {
        assert_eq!(
            (&line["done"], &line["refused"], &line["connections"]),
            (&json!(20), &json!({}), &json!(3))
        );
        assert!(
            line["per_second"].as_f64().unwrap() > 0.0 && line["p99_ms"].as_f64() >= line["p50_ms"].as_f64()
        );
    }
    // What was measured is there.
    let (_, page) = client.server("GET", "/v1/payment-methods?limit=100", &Value::Null).unwrap();
    assert_eq!(page["data"].as_array().unwrap().len(), 25);
}

#[test]
fn refusals_are_counted_by_their_code_and_nothing_is_guessed() {
    let dir = tempfile::tempdir().unwrap();
    let program = Program::start(dir.path());
    let client = program.client();
    let load = |pk: &str, page: &str| {
        let output = command()
            .args(["loadgen", "--vault", PUBLIC_URL, "--connect", program.address(), "--page-origin", page])
            .args(["--connections", "1", "--tokens", "4", "--warm-up", "0"])
            .env("TESSERA_PUBLISHABLE_KEY", pk)
            .env("TESSERA_SECRET_KEY", &client.sk)
            .output()
            .unwrap();
        [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap())
    };
    let [told, _] = load(&client.pk, "http://elsewhere.example");
    assert!(told.contains(r#""refused":{"origin_not_allowed":4}"#), "{told}");
    let [told, why] = load(&client.sk, SHOP_ORIGIN);
    assert!(told.is_empty() && why.contains("TESSERA_PUBLISHABLE_KEY is not such a key"), "{why}");
}
