//! How many tokens a vault issues and spends per second on each of its stores: the vault as it is released, measured
//! by its own `loadgen` from the same machine. Prints a line of JSON for each round and store.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement that cannot go on has failed"
)]

#[path = "../tests/support/postgres.rs"]
mod private_postgres;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use private_postgres::Server;
use serde_json::{Value, json};

const ROUNDS: usize = 5;
const CONNECTIONS: &str = "32";
const TOKENS: &str = "20000";
const WARM_UP: &str = "3000";

/// Where browsers would reach the vault.
const PUBLIC_URL: &str = "http://vault.localhost:8700";

/// 32 bytes in base64url; what it protects is gone after the round.
const KEK: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let server = Server::start();
    for round in 1..=ROUNDS {
        // In turns, so that a busy minute of the machine hits both.
        measure("sqlite", "sqlite:", round);
        let database = server.database().await;
        measure("postgres", &server.url(&database), round);
    }
}

fn measure(name: &str, store: &str, round: usize) {
    // Beside the build, on a disk: what is commonly mounted at /tmp may have none beneath it.
    let data = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut serve = program("serve", store, data.path());
    // For its sealing keys only: what it does for a request is what every vault does.
    serve.args(["--dev", "--listen", "127.0.0.1:0", "--limit", "none"]);
    let mut vault = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut ready = String::new();
    BufReader::new(vault.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    let ready: Value = serde_json::from_str(&ready).unwrap();
    let key = |name: &str| ready[name].as_str().unwrap();
    let mut load = Command::new(env!("CARGO_BIN_EXE_tessera-vault"))
        .args(["loadgen", "--vault", PUBLIC_URL, "--connect", key("listening")])
        .args(["--connections", CONNECTIONS, "--tokens", TOKENS, "--warm-up", WARM_UP])
        .env("TESSERA_PUBLISHABLE_KEY", key("publishable_key"))
        .env("TESSERA_SECRET_KEY", key("secret_key"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut lines, mut before_secs) = (Vec::new(), 0.0);
    for line in BufReader::new(load.stdout.take().unwrap()).lines() {
        let mut figures: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let secs = processor_secs(&vault);
        let done = figures["done"].as_f64().unwrap_or(0.0);
        figures["per_core_second"] = json!(done / (secs - before_secs));
        before_secs = secs;
        if figures["phase"] == "tokenize" || figures["phase"] == "spend" {
            lines.push(figures);
        }
    }
    assert!(load.wait().unwrap().success(), "the load generator failed");
    let memory_kib = peak_memory_kib(&vault);
    end(&mut vault);
    for mut figures in lines {
        assert_eq!((&figures["done"].to_string(), &figures["refused"]), (&TOKENS.to_owned(), &json!({})));
        figures["store"] = json!(name);
        figures["round"] = json!(round);
        figures["peak_memory_kib"] = json!(memory_kib);
        println!("{figures}");
    }
}

/// A command on a vault of its own, as it is run for real.
fn program(command: &str, store: &str, data: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_tessera-vault"));
    program
        .args([command, "--public-url", PUBLIC_URL, "--allow-origin", PUBLIC_URL, "--data"])
        .arg(data)
        .env("TESSERA_STORE", store)
        .env("TESSERA_KEK", KEK);
    program
}

/// The most memory that was ever resident, as the kernel counts it.
fn peak_memory_kib(vault: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", vault.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

/// The time of processors that it has used until now, in seconds.
fn processor_secs(vault: &Child) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", vault.id())).unwrap();
    // Behind the name, which may hold anything: user and system time are the twelfth and thirteenth, in hundredths of a second.
    let behind = stat.rsplit_once(')').unwrap().1;
    let ticks = |nth: usize| behind.split_whitespace().nth(nth).unwrap().parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / 100.0
}

/// Ends it in good order, as whoever runs it does.
fn end(vault: &mut Child) {
    let asked = Command::new("kill").args(["-TERM", &vault.id().to_string()]).status().unwrap();
    assert!(asked.success() && vault.wait().unwrap().success());
}
