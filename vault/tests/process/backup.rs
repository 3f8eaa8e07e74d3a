//! The restore drill: a copy made under load, what was lost with the rest, and what must not come back.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};

use serde_json::{Value, json};

use crate::{
    kill::tokenize,
    program::{Client, Program, command},
};

/// Runs a command on a data directory of `--dev`; what it printed, or what it complained of.
fn command_on(data: &Path, args: &[&str], more: &Path) -> Result<Value, String> {
    let mut program = command();
    program.args(args).arg(more).args(["--dev", "--data"]).arg(data);
    let output = program.output().unwrap();
    if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout).unwrap())
    } else {
        Err(String::from_utf8(output.stderr).unwrap())
    }
}

fn backup(data: &Path, to: &Path) -> Result<Value, String> {
    command_on(data, &["backup", "--to"], to)
}

fn restore(data: &Path, from: &Path) -> Result<Value, String> {
    command_on(data, &["restore", "--from"], from)
}

/// A data directory that has the keys of another and nothing else.
fn with_keys_of(data: &Path) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in ["kek", "dev-keys.json"] {
        fs::copy(data.join(name), dir.path().join(name)).unwrap();
    }
    dir
}

fn spend(client: &Client, token: &str) -> (u16, Value) {
    client.server("POST", "/v1/payment-methods", &json!({"token": token})).unwrap()
}

/// Makes customers until it is stopped; those that were acknowledged come out.
fn write_on(client: Client, stop: Arc<AtomicBool>) -> mpsc::Receiver<String> {
    let (sender, made) = mpsc::channel();
    thread::spawn(move || {
        while !stop.load(Ordering::Relaxed)
            && let Ok((201, customer)) = client.server("POST", "/v1/customers", &json!({"first_name": "Ada"}))
            && sender.send(customer["id"].as_str().unwrap().to_owned()).is_ok()
        {}
    });
    made
}

#[test]
fn a_restored_backup_has_everything_but_no_token() {
    let dir = tempfile::tempdir().unwrap();
    let program = Program::start(dir.path());
    let client = program.client();
    let (kept, unspent, spent_later) =
        (tokenize(&client).unwrap(), tokenize(&client).unwrap(), tokenize(&client).unwrap());
    let (status, method) = spend(&client, &kept);
    assert_eq!(status, 201);
    let stop = Arc::new(AtomicBool::new(false));
    let made = write_on(client.clone(), Arc::clone(&stop));
    let before: Vec<String> = made.iter().take(20).collect();
    let place = tempfile::tempdir().unwrap();
    let copy = place.path().join("backup");
    let said = backup(dir.path(), &copy).unwrap();
    assert_eq!((&said["epoch"], &said["audit_findings"]), (&json!(0), &json!([])));
    // It went on meanwhile, and goes on.
    let after = made.recv().unwrap();
    assert!(!before.contains(&after));
    stop.store(true, Ordering::Relaxed);
    assert_eq!(spend(&client, &spent_later).0, 201, "spent after the backup");
    program.kill();

    // A directory of its own, for its owner only, without the key-encryption key.
    let kek = fs::read_to_string(dir.path().join("kek")).unwrap();
    for entry in fs::read_dir(&copy).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(kek.len()).any(|part| part == kek.as_bytes()), "the key is in the backup");
    }
    assert!(backup(dir.path(), &copy).unwrap_err().contains("--to is not empty"));

    let fresh = with_keys_of(dir.path());
    let said = restore(fresh.path(), &copy).unwrap();
    assert_eq!(said["epoch"], 1);
    let program = Program::start(fresh.path());
    let client = program.client();
    for token in [&unspent, &spent_later] {
        let (status, answer) = spend(&client, token);
        assert_eq!((status, &answer["error"]["code"]), (410, &json!("token_expired")));
    }
    // What was spent before is known as spent, and what was kept is there.
    assert_eq!(spend(&client, &kept).1["error"]["code"], "token_already_used");
    let path = format!("/v1/payment-methods/{}", method["id"].as_str().unwrap());
    assert_eq!(client.server("GET", &path, &Value::Null).unwrap(), (200, method));
    for id in &before {
        assert_eq!(client.server("GET", &format!("/v1/customers/{id}"), &Value::Null).unwrap().0, 200);
    }
    assert_eq!(spend(&client, &tokenize(&client).unwrap()).0, 201, "new tokens are as good as ever");
    assert!(program.terminate());

    let audit = |args: &[&str]| {
        let output = command().arg("audit").args(args).args(["--dev", "--data"]).arg(fresh.path()).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    audit(&["verify"]);
    assert_eq!(audit(&["list", "--action", "epoch.begin"]).lines().count(), 1);
}

#[test]
fn a_backup_is_restored_whole_and_unaltered_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let program = Program::start(dir.path());
    let place = tempfile::tempdir().unwrap();
    let copy = place.path().join("backup");
    backup(dir.path(), &copy).unwrap();
    // Over a vault that runs, and over one that does not.
    assert!(restore(dir.path(), &copy).unwrap_err().contains("in use by another vault process"));
    assert!(program.terminate());
    assert!(
        restore(dir.path(), &copy).unwrap_err().contains("vault.sqlite is in the data directory already")
    );

    let fresh = with_keys_of(dir.path());
    let refused = |what: &str| {
        let said = restore(fresh.path(), &copy).unwrap_err();
        assert!(said.contains(what), "{what} in {said}");
        let mut left: Vec<_> =
            fs::read_dir(fresh.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert!(!left.iter().any(|name| name == "vault.sqlite" || name == "restoring"), "{left:?}");
    };
    let (database, manifest) = (copy.join("vault.sqlite"), copy.join("manifest.json"));
    let (good_database, good_manifest) =
        (fs::read(&database).unwrap(), fs::read_to_string(&manifest).unwrap());
    let mut altered = good_database.clone();
    *altered.last_mut().unwrap() ^= 1;
    fs::write(&database, &altered).unwrap();
    refused("not the one that was made");
    fs::write(&database, &good_database).unwrap();
    fs::write(&manifest, good_manifest.replace("\"epoch\": 0", "\"epoch\": 7")).unwrap();
    refused("not the one that was made");
    fs::write(&manifest, good_manifest.replace("\"format\": 1", "\"format\": 2")).unwrap();
    refused("none that this program writes");
    fs::remove_file(&manifest).unwrap();
    refused(&manifest.display().to_string());
    fs::write(&manifest, &good_manifest).unwrap();
    let kek = fs::read(fresh.path().join("kek")).unwrap();
    fs::write(fresh.path().join("kek"), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8").unwrap();
    refused("another key-encryption key");
    fs::write(fresh.path().join("kek"), kek).unwrap();
    // What a broken restore left is no hindrance.
    fs::create_dir(fresh.path().join("restoring")).unwrap();
    fs::write(fresh.path().join("restoring/vault.sqlite"), "half").unwrap();
    assert_eq!(restore(fresh.path(), &copy).unwrap()["epoch"], 1);
    // A backup of a restored vault is one, too.
    let again = place.path().join("again");
    assert_eq!(backup(fresh.path(), &again).unwrap()["epoch"], 1);
}

/// Whoever keeps backups could have one file measured and give another one for the copy.
#[test]
fn what_is_restored_is_what_was_measured() {
    let dir = tempfile::tempdir().unwrap();
    let program = Program::start(dir.path());
    let client = program.client();
    let (status, method) = spend(&client, &tokenize(&client).unwrap());
    assert_eq!(status, 201);
    let place = tempfile::tempdir().unwrap();
    let copy = place.path().join("backup");
    backup(dir.path(), &copy).unwrap();
    assert!(program.terminate());
    let database = copy.join("vault.sqlite");
    let good = fs::read(&database).unwrap();
    let hand = rusqlite::Connection::open(&database).unwrap();
    hand.execute_batch("DELETE FROM payment_method; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(hand);
    let altered = fs::read(&database).unwrap();
    assert_ne!(altered, good);
    // As soon as somebody has opened it, another file has its name.
    let aside = place.path().join("altered");
    fs::rename(&database, &aside).unwrap();
    assert!(Command::new("mkfifo").arg(&database).status().unwrap().success());
    let exchanged = thread::spawn(move || {
        let mut opened = fs::OpenOptions::new().write(true).open(&database).unwrap();
        fs::rename(&aside, &database).unwrap();
        opened.write_all(&good).unwrap();
    });
    let fresh = with_keys_of(dir.path());
    assert_eq!(restore(fresh.path(), &copy).unwrap()["row_findings"], json!([]));
    exchanged.join().unwrap();
    let program = Program::start(fresh.path());
    let path = format!("/v1/payment-methods/{}", method["id"].as_str().unwrap());
    assert_eq!(program.client().server("GET", &path, &Value::Null).unwrap(), (200, method));
    assert!(program.terminate());
}
