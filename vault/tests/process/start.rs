//! What a start needs, and what it says when that is missing.

use std::fs;

use serde_json::Value;

use crate::program::{PUBLIC_URL, Program, command, run};

#[test]
fn without_dev_a_missing_key_is_a_clear_refusal() {
    let output = run(&["serve"]);
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    for what in ["TESSERA_KEK_FILE", "TESSERA_KEK ", "TESSERA_PUBLIC_URL", "--data", "--dev"] {
        assert!(said.contains(what), "{what} in {said}");
    }
    assert!(output.stdout.is_empty());
}

#[test]
fn a_second_vault_on_the_same_directory_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let program = Program::start(dir.path());
    let output = command()
        .args(["serve", "--dev", "--listen", "127.0.0.1:0", "--data"])
        .arg(dir.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("in use by another vault process"), "{said}");
    assert!(program.terminate());
}

#[test]
fn the_ready_line_tells_the_port_and_the_keys() {
    let dir = tempfile::tempdir().unwrap();
    let program = Program::start(dir.path());
    let ready = &program.ready;
    assert_eq!(ready["ready"], true);
    assert_eq!(ready["vault"], PUBLIC_URL);
    assert_eq!(ready["faces"]["native"], format!("{PUBLIC_URL}/v1"));
    assert_eq!(ready["faces"]["fluidpay"], format!("{PUBLIC_URL}/fluidpay"));
    assert!(ready["publishable_key"].as_str().unwrap().starts_with("pk_test_"));
    assert!(ready["secret_key"].as_str().unwrap().starts_with("sk_test_"));
    #[cfg(unix)]
    for name in ["kek", "dev-keys.json", "vault.lock"] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(dir.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_merchant_is_added_without_dev_and_another_key_encryption_key_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let kek_file = dir.path().join("kek.txt");
    fs::write(&kek_file, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n").unwrap();
    let data = dir.path().join("data");
    let add = || {
        command()
            .args([
                "add-merchant",
                "--public-url",
                "https://vault.example",
                "--allow-origin",
                "https://shop.example",
            ])
            .arg("--data")
            .arg(&data)
            .arg("--kek-file")
            .arg(&kek_file)
            .output()
            .unwrap()
    };
    let output = add();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let keys: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(keys["secret_key"].as_str().unwrap().starts_with("sk_test_"));

    // The keys work on a vault that is not `--dev`, whose line tells none.
    let mut serve = command();
    serve.args(["serve", "--listen", "127.0.0.1:0", "--public-url", "https://vault.example", "--data"]);
    serve.arg(&data).arg("--kek-file").arg(&kek_file);
    let program = Program::spawn(serve);
    assert_eq!(program.ready.get("secret_key"), None);
    let mut client = program.client();
    client.sk = keys["secret_key"].as_str().unwrap().to_owned();
    assert_eq!(client.server("GET", "/v1/customers", &Value::Null).unwrap().0, 200);
    assert!(program.terminate());

    fs::write(&kek_file, "HwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8").unwrap();
    let output = add();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("another key-encryption key"), "{said}");
    fs::write(&kek_file, "short").unwrap();
    let said = String::from_utf8(add().stderr).unwrap();
    assert!(said.contains("32 bytes in base64url") && !said.contains("short"), "{said}");
}
