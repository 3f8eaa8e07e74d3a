//! What a start needs, and what it says when that is missing.

use std::{
    collections::BTreeMap,
    fs::{self, Permissions},
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Stdio,
};

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
    // Made by somebody else, and open to all.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let program = Program::start(dir.path());
    let ready = &program.ready;
    assert_eq!(ready["ready"], true);
    assert_eq!(ready["vault"], PUBLIC_URL);
    assert_eq!(ready["faces"]["native"], format!("{PUBLIC_URL}/v1"));
    for face in ["fluidpay", "paydock", "flute", "paymentsai"] {
        assert_eq!(ready["faces"][face], format!("{PUBLIC_URL}/{face}"));
    }
    assert!(ready["organization_id"].as_str().unwrap().starts_with("mer_"));
    assert!(ready["publishable_key"].as_str().unwrap().starts_with("pk_test_"));
    assert!(ready["secret_key"].as_str().unwrap().starts_with("sk_test_"));
    #[cfg(unix)]
    for name in ["kek", "dev-keys.json", "vault.lock", "vault.sqlite", "vault.sqlite-wal", "vault.sqlite-shm"]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(dir.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

/// Every file of a directory with its content.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(dir)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap())
        })
        .collect()
}

/// Starts the vault where it must refuse; returns what it says.
fn refusal(dir: &Path, more: &[&str]) -> String {
    let mut child = command()
        .args(["serve", "--listen", "127.0.0.1:0", "--public-url", PUBLIC_URL])
        .args(more)
        .arg("--data")
        .arg(dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Its first line would say that it serves; none comes if it ends.
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    if !line.is_empty() {
        child.kill().unwrap();
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(line, "");
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_database_without_its_key_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    assert!(Program::start(dir.path()).terminate());
    let kek = fs::read(dir.path().join("kek")).unwrap();
    fs::remove_file(dir.path().join("kek")).unwrap();
    let before = files(dir.path());
    for _ in 0..2 {
        let said = refusal(dir.path(), &["--dev"]);
        assert!(said.contains("kek is missing beside vault.sqlite"), "{said}");
        assert_eq!(files(dir.path()), before);
    }
    // Also when the database came alone.
    let other = tempfile::tempdir().unwrap();
    fs::copy(dir.path().join("vault.sqlite"), other.path().join("vault.sqlite")).unwrap();
    let said = refusal(other.path(), &["--dev"]);
    assert!(said.contains("kek is missing beside vault.sqlite"), "{said}");
    assert!(!other.path().join("kek").exists());
    // With the key everything is there again.
    fs::write(dir.path().join("kek"), kek).unwrap();
    assert!(Program::start(dir.path()).terminate());
}

#[test]
fn a_start_without_the_database_that_was_there_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let program = Program::start(dir.path());
    let ready = program.ready.clone();
    assert!(program.terminate());
    let database = dir.path().join("vault.sqlite");
    let kept = fs::read(&database).unwrap();
    let kek = dir.path().join("kek");
    let kek = kek.to_str().unwrap();
    let (development, production): (&[&str], &[&str]) =
        (&["--dev"], &["--kek-file", kek, "--accept-development-root"]);
    for loss in ["missing", "empty"] {
        fs::remove_file(&database).unwrap();
        if loss == "empty" {
            fs::write(&database, "").unwrap();
        }
        for more in [development, production] {
            let before = files(dir.path());
            let said = refusal(dir.path(), more);
            assert!(said.contains("vault.sqlite in the data directory is missing or empty"), "{said}");
            assert_eq!(files(dir.path()), before, "{loss}");
        }
        fs::write(&database, &kept).unwrap();
    }
    // A database that is one, but not of this vault.
    fs::remove_file(&database).unwrap();
    rusqlite::Connection::open(&database).unwrap().execute_batch("CREATE TABLE t (n); DROP TABLE t").unwrap();
    for more in [development, production] {
        let said = refusal(dir.path(), more);
        assert!(said.contains("is not the database that was there"), "{said}");
    }
    for name in ["vault.sqlite-wal", "vault.sqlite-shm"] {
        // Gone already, if the refused vault has tidied up.
        drop(fs::remove_file(dir.path().join(name)));
    }
    fs::write(&database, &kept).unwrap();
    let program = Program::start(dir.path());
    assert_eq!(program.ready, ready);
    assert!(program.terminate());
}

#[test]
fn a_first_start_that_broke_off_is_made_good() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("kek"), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n").unwrap();
    fs::write(dir.path().join("vault.sqlite"), "").unwrap();
    assert!(Program::start(dir.path()).terminate());
}

#[test]
fn a_merchant_is_added_without_dev_and_another_key_encryption_key_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let kek_file = dir.path().join("kek.txt");
    fs::write(&kek_file, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n").unwrap();
    fs::set_permissions(&kek_file, Permissions::from_mode(0o644)).unwrap();
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
    let open = "by its mode everybody on this machine may read or write this secret";
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(open) && said.contains("kek.txt"), "{said}");
    let keys: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(keys["publishable_key"].as_str().unwrap().starts_with("pk_live_"));
    assert!(keys["secret_key"].as_str().unwrap().starts_with("sk_live_"));

    // The keys work on a vault that is not `--dev`, whose line tells none.
    let mut serve = command();
    serve.args(["serve", "--listen", "127.0.0.1:0", "--public-url", "https://vault.example", "--data"]);
    serve.arg(&data).arg("--kek-file").arg(&kek_file).arg("--accept-development-root");
    let program = Program::spawn(serve);
    assert_eq!(program.ready.get("secret_key"), None);
    let mut client = program.client();
    client.sk = keys["secret_key"].as_str().unwrap().to_owned();
    assert_eq!(client.server("GET", "/v1/customers", &Value::Null).unwrap().0, 200);
    assert!(program.terminate());

    fs::set_permissions(&kek_file, Permissions::from_mode(0o640)).unwrap();
    fs::write(&kek_file, "HwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8").unwrap();
    let output = add();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("another key-encryption key") && !said.contains(open), "{said}");
    fs::write(&kek_file, "short").unwrap();
    let said = String::from_utf8(add().stderr).unwrap();
    assert!(said.contains("32 bytes in base64url") && !said.contains("short"), "{said}");
}
