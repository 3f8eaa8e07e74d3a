//! `tessera-vault keys root` and `keys sealing`: a root that is kept elsewhere, and a vault without `--dev`.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Output, Stdio},
};

use seal::{Root, Signed, root};
use serde_json::{Value, json};

use crate::program::{Program, SHOP_ORIGIN, command, run};

const VAULT: &str = "https://vault.example";

/// Runs a command that reads `input`.
fn fed(args: &[&str], input: &str) -> Output {
    let mut child = command()
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses its flags reads nothing.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn printed(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A directory with a key-encryption key, the public half of development's root in a file, and a merchant: its keys.
struct Place {
    dir: tempfile::TempDir,
    keys: Value,
}

impl Place {
    fn make() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("kek"), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n").unwrap();
        let place = Self { dir, keys: Value::Null };
        // The private half of development's root, as everybody can read it in the sources.
        let seed = Root::new(*root::DEVELOPMENT_SEED).to_text();
        fs::write(place.root_file(), seed).unwrap();
        let keys = printed(run(&place.args(&[
            "add-merchant",
            "--public-url",
            VAULT,
            "--allow-origin",
            SHOP_ORIGIN,
        ])));
        Self { keys: serde_json::from_str(&keys).unwrap(), ..place }
    }

    fn file(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_owned()
    }

    fn root_file(&self) -> String {
        self.file("root")
    }

    fn args<'a>(&'a self, args: &[&'a str]) -> Vec<&'a str> {
        let place = ["--data", self.file("data").leak(), "--kek-file", self.file("kek").leak()];
        [args, &place].concat()
    }

    fn request(&self, days: &str) -> String {
        printed(run(&self.args(&["keys", "sealing", "request", "--public-url", VAULT, "--days", days])))
    }

    fn sign(&self, requests: &str) -> String {
        printed(fed(
            &["keys", "sealing", "sign", "--root-file", &self.root_file(), "--vault", VAULT],
            requests,
        ))
    }

    fn install(&self, statements: &str) -> Output {
        fed(&self.args(&["keys", "sealing", "install", "--public-url", VAULT]), statements)
    }

    fn states(&self) -> Vec<String> {
        let listed = lines(&printed(run(&self.args(&["keys", "sealing", "list"]))));
        listed.iter().map(|key| key["state"].as_str().unwrap().to_owned()).collect()
    }

    /// A vault without `--dev` that makes do with development's root, which the module of these tests pins.
    fn serve(&self) -> Program {
        let mut serve = command();
        serve.args(self.args(&["serve", "--listen", "127.0.0.1:0", "--public-url", VAULT]));
        serve.arg("--accept-development-root");
        Program::spawn(serve)
    }

    fn published(&self, program: &Program) -> (u16, Value) {
        let key = self.keys["publishable_key"].as_str().unwrap();
        program.client().call(key, "GET", "/v1/keys", "", "").unwrap()
    }
}

#[test]
fn what_the_root_has_signed_is_published_and_nothing_else() {
    let place = Place::make();
    let program = place.serve();
    let (status, refusal) = place.published(&program);
    assert_eq!((status, &refusal["error"]["code"]), (503, &json!("sealing_keys_missing")), "{refusal}");
    // Pairs are made beside the running vault, and again only where there are none.
    let requests = place.request("3");
    assert_eq!(lines(&requests).len(), 3);
    assert_eq!(place.request("3"), requests);
    assert_eq!(place.published(&program).0, 503, "unsigned keys are not published");
    assert!(program.terminate());

    let statements = place.sign(&requests);
    assert_eq!(
        printed(place.install(&statements)),
        format!("{}\n", json!({"installed": 3, "root": root::DEVELOPMENT.to_text()}))
    );
    assert_eq!(place.states(), ["published", "waiting", "waiting"]);
    assert_eq!(lines(&place.request("4")).len(), 1, "the fourth day");

    let program = place.serve();
    let (status, answer) = place.published(&program);
    assert_eq!(status, 200, "{answer}");
    let keys = answer["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1, "today's, and not yet tomorrow's");
    let signed = Signed::from_text(keys[0]["statement"].as_str().unwrap()).unwrap();
    let statement = signed.checked(&root::DEVELOPMENT).unwrap();
    assert_eq!(statement.vault, VAULT);
    assert_eq!(json!(statement.key.to_text()), keys[0]["public_key"]);
    assert!(program.terminate());
}

/// The same three commands with `--sealing-suite`, beside keys of X25519 for the same days.
#[test]
fn keys_of_x_wing_are_requested_signed_and_installed_beside_the_others() {
    let place = Place::make();
    let first = place.request("2");
    let words = ["keys", "sealing", "request", "--public-url", VAULT, "--days", "2", "--sealing-suite"];
    let request = |suite: &'static str| run(&place.args(&[&words[..], &[suite]].concat()));
    let second = printed(request("x-wing"));
    assert_eq!(printed(request("x-wing")), second, "the same pairs again");
    let named = "hpke-x-wing-hkdf-sha256-chacha20poly1305";
    assert!(lines(&second).iter().all(|line| line["suite"] == named));
    let statements = place.sign(&[first, second].concat());
    let installed: Value = serde_json::from_str(&printed(place.install(&statements))).unwrap();
    assert_eq!(installed["installed"], 4);
    let listed = lines(&printed(run(&place.args(&["keys", "sealing", "list"]))));
    let of_x_wing = listed.iter().filter(|key| key["suite"] == named && key["state"] != "unsigned").count();
    assert_eq!((listed.len(), of_x_wing), (4, 2));
    assert!(said(&request("x-wings")).contains("x-wing-only"));

    // The vault that makes keys of X25519 tells of those alone.
    let program = place.serve();
    let (_, answer) = place.published(&program);
    assert_eq!(answer["keys"].as_array().unwrap().len(), 1);
    assert_eq!(answer["keys"][0]["suite"], "hpke-x25519-hkdf-sha256-chacha20poly1305");
    assert!(program.terminate());
}

#[test]
fn what_is_not_right_is_neither_signed_nor_installed() {
    let place = Place::make();
    let requests = place.request("2");
    let sign = |vault: &str, input: &str| {
        said(&fed(&["keys", "sealing", "sign", "--root-file", &place.root_file(), "--vault", vault], input))
    };
    assert!(sign("https://other.example", &requests).contains("line 1 of stdin is not signed"));
    assert!(sign(VAULT, "").contains("nothing on stdin"));
    assert!(
        sign(VAULT, "{\"request\":\"AAAA\"}").contains("line 1 of stdin is not what the step before prints")
    );
    let statements = place.sign(&requests);
    assert!(sign(VAULT, &statements).contains("line 1"), "statements are no requests");

    // Signed by somebody else.
    let made = lines(&printed(run(&["keys", "root", "new", "--root-file", &place.file("other")])));
    assert_ne!(made[0]["root"], json!(root::DEVELOPMENT.to_text()));
    assert!(said(&run(&["keys", "root", "new", "--root-file", &place.file("other")])).contains("exists"));
    let other =
        fed(&["keys", "sealing", "sign", "--root-file", &place.file("other"), "--vault", VAULT], &requests);
    assert!(said(&place.install(&printed(other))).contains("has not signed it"));
    // The good one beside a bad one is not installed either.
    let mixed = format!("{statements}{}", r#"{"statement":"AAAA"}"#);
    assert!(said(&place.install(&mixed)).contains("line 3 of stdin is not installed"));
    assert_eq!(place.states(), ["unsigned", "unsigned"]);
    // Another vault's keys.
    let elsewhere = Place::make();
    assert!(said(&elsewhere.install(&statements)).contains("has no such pair"));
    is_private(Path::new(&place.file("other")));
}

#[cfg(unix)]
fn is_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[cfg(not(unix))]
fn is_private(_: &Path) {}

#[test]
fn a_module_that_pins_the_root_of_development_is_not_served_in_production() {
    // Without a module there is no frame either.
    if !Path::new("../pkg/wasm/tessera_bg.wasm").is_file() {
        return;
    }
    let place = Place::make();
    let refusal = said(&run(&place.args(&["serve", "--listen", "127.0.0.1:0", "--public-url", VAULT])));
    assert!(refusal.contains("pins the root of development"), "{refusal}");
    assert!(refusal.contains("cargo xtask build"), "{refusal}");
}
