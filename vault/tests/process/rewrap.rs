//! Changing the key-encryption key beside a vault that runs, with commands that are killed in the middle.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use rand::RngExt as _;
use serde_json::{Value, json};
use vault::{
    clock::SystemClock,
    config::{Config, KekSource, ServeArgs},
    domain::KeyUse,
    keyring::Kek,
    random::SystemRandom,
    startup,
};

use crate::{
    kill::tokenize,
    program::{Client, PUBLIC_URL, Program, command},
};

/// Merchants besides that of `--dev`: with them a rewrap takes long enough to be killed.
const MERCHANTS: usize = 40;

fn new_kek(dir: &Path, name: &str) -> PathBuf {
    let path = dir.join(name);
    fs::write(&path, Kek::generate(&SystemRandom).unwrap().expose().as_bytes()).unwrap();
    path
}

fn serve(data: &Path, kek: &Path) -> Program {
    let mut program = command();
    program.args(["serve", "--dev", "--listen", "127.0.0.1:0", "--public-url", PUBLIC_URL]).args([
        Path::new("--data"),
        data,
        Path::new("--kek-file"),
        kek,
    ]);
    Program::spawn(program)
}

fn keys(data: &Path, kek: &Path, args: &[&str]) -> Result<Vec<Value>, String> {
    let output = command()
        .args(["keys"])
        .args(args)
        .args([Path::new("--data"), data, Path::new("--kek-file"), kek])
        .output()
        .unwrap();
    if !output.status.success() {
        return Err(String::from_utf8(output.stderr).unwrap());
    }
    let text = String::from_utf8(output.stdout).unwrap();
    Ok(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn add_merchants(data: &Path, kek: &Path) {
    let mut args = ServeArgs { public_url: Some(PUBLIC_URL.to_owned()), ..ServeArgs::default() };
    args.place.data = Some(data.to_str().unwrap().to_owned());
    args.place.kek_file = Some(kek.to_str().unwrap().to_owned());
    let config = Config::read(&args, &|_| None).unwrap();
    assert!(matches!(config.kek, KekSource::File(_)));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let started = startup::start(&config, Arc::new(SystemClock), Arc::new(SystemRandom)).await.unwrap();
        for _ in 0..MERCHANTS {
            startup::add_merchant(&started.vaulting, &[], KeyUse::Live).await.unwrap();
        }
    });
}

/// Tokenizes, spends and reads until it is told to stop; nothing may fail.
fn work(client: &Client, stop: &AtomicBool, done: &AtomicU64) -> Vec<String> {
    let mut made: Vec<String> = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        let token = tokenize(client).unwrap();
        let (status, method) =
            client.server("POST", "/v1/payment-methods", &json!({"token": token})).unwrap();
        assert_eq!(status, 201, "{method}");
        made.push(method["id"].as_str().unwrap().to_owned());
        let path = format!("/v1/payment-methods/{}", made[made.len() / 2]);
        assert_eq!(client.server("GET", &path, &Value::Null).unwrap().0, 200);
        done.fetch_add(1, Ordering::SeqCst);
    }
    made
}

#[test]
fn the_key_encryption_key_is_changed_beside_a_running_vault() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let (old, new) = (new_kek(dir.path(), "old"), new_kek(dir.path(), "new"));
    add_merchants(&data, &old);
    let program = serve(&data, &old);
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let workers: Vec<_> = (0..2)
        .map(|_| {
            let (client, stop, done) = (program.client(), Arc::clone(&stop), Arc::clone(&done));
            thread::spawn(move || work(&client, &stop, &done))
        })
        .collect();

    let new_flag = ["rewrap", "--new-kek-file", new.to_str().unwrap()];
    let status = |kek: &Path| keys(&data, kek, &["status"]).unwrap().pop().unwrap();
    let is_wrapped = |line: &&Value| line.get("current_kek").is_some();
    let all = keys(&data, &old, &["status"]).unwrap().iter().filter(is_wrapped).count();
    let left = |shown: &Value| shown["under_other_keks"].as_u64().unwrap();
    assert_eq!(left(&status(&old)), 0);
    // Killed in the middle, until it was in the middle.
    let mut halfway = false;
    while !halfway {
        let mut rewrap = command();
        rewrap.arg("keys").args(new_flag);
        rewrap.args([Path::new("--data"), data.as_path(), Path::new("--kek-file"), old.as_path()]);
        let mut child = rewrap.stdout(std::process::Stdio::null()).spawn().unwrap();
        let wanted = rand::rng().random_range(1..60);
        let database = rusqlite::Connection::open(data.join("vault.sqlite")).unwrap();
        let count = "SELECT count(*) FROM audit WHERE action = 'data_key.rewrap'";
        while database.query_row(count, [], |row| row.get::<_, i64>(0)).unwrap() < wanted
            && child.try_wait().unwrap().is_none()
        {}
        drop(child.kill());
        child.wait().unwrap();
        let under_old = left(&status(&new));
        halfway = under_old > 0 && under_old < u64::try_from(all).unwrap();
        assert!(under_old > 0, "it was too fast to be killed");
    }
    // Neither key alone opens everything now.
    for kek in [&old, &new] {
        let refused = keys(&data, kek, &["rewrap"]).unwrap_err();
        assert!(refused.contains("another key-encryption key"), "{refused}");
    }
    let before = done.load(Ordering::SeqCst);
    let summary = &keys(&data, &old, &new_flag).unwrap()[0];
    assert_eq!(summary["provider"], "local");
    assert!(summary["rewrapped"].as_u64().unwrap() > 0);
    while done.load(Ordering::SeqCst) < before + 10 {
        thread::yield_now();
    }
    let shown = keys(&data, &new, &["status"]).unwrap();
    assert_eq!(left(shown.last().unwrap()), 0);
    let text = fs::read_to_string(&new).unwrap();
    assert!(!shown.iter().any(|line| line.to_string().contains(&text)));
    assert_eq!(keys(&data, &new, &["rewrap"]).unwrap()[0]["rewrapped"], 0);

    // The merchant's own key, too: the old one goes on working until its overlap is over.
    let key_id = program.client().sk.split('_').nth(2).unwrap().to_owned();
    let newer = &keys(&data, &new, &["api", "rotate", &key_id, "--overlap", "1h"]).unwrap()[0];
    let newer = newer["key"].as_str().unwrap();
    let before = done.load(Ordering::SeqCst);
    while done.load(Ordering::SeqCst) < before + 10 {
        assert_eq!(program.client().call(newer, "GET", "/v1/customers", "", "").unwrap().0, 200);
    }

    stop.store(true, Ordering::SeqCst);
    let made: Vec<String> = workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect();
    assert!(program.terminate());

    // The new key is enough, and the old one is good for nothing.
    let verified = command()
        .args(["audit", "verify"])
        .args([Path::new("--data"), data.as_path(), Path::new("--kek-file"), new.as_path()])
        .output()
        .unwrap();
    assert!(verified.status.success());
    let program = serve(&data, &new);
    let client = program.client();
    for id in &made {
        let path = format!("/v1/payment-methods/{id}");
        assert_eq!(client.server("GET", &path, &Value::Null).unwrap().0, 200);
    }
    assert!(program.terminate());
    let refused = command()
        .args(["serve", "--dev", "--listen", "127.0.0.1:0"])
        .args([Path::new("--data"), data.as_path(), Path::new("--kek-file"), old.as_path()])
        .output()
        .unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8(refused.stderr).unwrap().contains("another key-encryption key"));
}

#[test]
fn a_running_vault_takes_a_new_data_key_up_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let (data, kek) = (dir.path().join("data"), new_kek(dir.path(), "kek"));
    let program = serve(&data, &kek);
    let client = program.client();
    let merchant = program.ready["organization_id"].as_str().unwrap().to_owned();
    let made = &keys(&data, &kek, &["rotate", "--merchant", &merchant, "--in", "0s"]).unwrap()[0];
    assert_eq!((&made["version"], &made["purpose"]), (&json!(2), &json!("encryption")));
    let database = rusqlite::Connection::open(data.join("vault.sqlite")).unwrap();
    // It looks every half minute; until then it goes on with what it has.
    loop {
        let token = tokenize(&client).unwrap();
        let (status, method) =
            client.server("POST", "/v1/payment-methods", &json!({"token": token})).unwrap();
        assert_eq!(status, 201);
        let version: Vec<u8> = database
            .query_row(
                "SELECT substr(sealed, 1, 4) FROM payment_method WHERE id = ?1",
                [method["id"].as_str()],
                |row| row.get(0),
            )
            .unwrap();
        if version == [0, 0, 0, 2] {
            break;
        }
    }
    let of_merchant = |shown: &[Value], state: &str| {
        shown.iter().filter(|line| line["purpose"] == "encryption" && line["state"] == state).count()
    };
    let shown = keys(&data, &kek, &["status"]).unwrap();
    assert_eq!((of_merchant(&shown, "used"), of_merchant(&shown, "older")), (1, 1));
    // The vault does it, too; whoever is second finds nothing left.
    keys(&data, &kek, &["reseal"]).unwrap();
    assert_eq!(keys(&data, &kek, &["reseal", "--merchant", &merchant]).unwrap()[0]["resealed"], 0);
    let refused = keys(&data, &kek, &["rotate", "--merchant", "mer_1"]).unwrap_err();
    assert!(refused.contains("no such merchant"), "{refused}");
    assert!(program.terminate());
}

#[test]
fn a_running_vault_takes_a_new_lookup_key_up_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let (data, kek) = (dir.path().join("data"), new_kek(dir.path(), "kek"));
    let program = serve(&data, &kek);
    let client = program.client();
    let merchant = program.ready["organization_id"].as_str().unwrap().to_owned();
    let made = &keys(&data, &kek, &["rotate", "--kind", "lookup", "--merchant", &merchant, "--in", "0s"])
        .unwrap()[0];
    assert_eq!((&made["version"], &made["purpose"]), (&json!(2), &json!("lookup")));
    let (method, first) = loop {
        let token = tokenize(&client).unwrap();
        let (status, method) =
            client.server("POST", "/v1/payment-methods", &json!({"token": token})).unwrap();
        assert_eq!(status, 201);
        if let Some(first) = method["previous_fingerprint"].as_str() {
            break (method.clone(), first.to_owned());
        }
    };
    assert_ne!(method["fingerprint"], first);
    // The next use of each API key has its hash made anew; that request may have been let in before the change.
    let token = tokenize(&client).unwrap();
    assert_eq!(client.server("POST", "/v1/payment-methods", &json!({"token": token})).unwrap().0, 201);
    let of = |shown: &[Value], version: u32| {
        let is_it = |line: &&Value| line["purpose"] == "lookup" && line["version"] == version;
        shown.iter().find(is_it).unwrap().clone()
    };
    keys(&data, &kek, &["reseal"]).unwrap();
    let resealed = &keys(&data, &kek, &["reseal", "--merchant", &merchant]).unwrap()[0];
    assert_eq!((&resealed["refingerprinted"], &resealed["lookup_version"]), (&json!(0), &json!(2)));
    let shown = keys(&data, &kek, &["status"]).unwrap();
    assert_eq!(of(&shown, 1)["state"], "older");
    assert_eq!(of(&shown, 2)["state"], "used");
    let needed = &of(&shown, 1)["needed_by"];
    // Both keys are in use, and every method was brought along; the tokens are told apart from unknown ones for a month.
    assert_eq!((&needed["api_keys"], &needed["payment_methods"]), (&json!(0), &json!(0)), "{needed}");
    assert!(needed["tokens"].as_u64().unwrap() > 0, "{needed}");
    let fixed = shown.iter().filter(|line| line["purpose"] == "fixed");
    assert!(fixed.clone().all(|line| line["state"] == "used" && line["due"] == false));
    assert_eq!(fixed.count(), 6);
    assert!(program.terminate());
}

#[test]
fn the_vaults_own_keys_are_changed_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let (data, kek) = (dir.path().join("data"), new_kek(dir.path(), "kek"));
    let program = serve(&data, &kek);
    let merchant = program.ready["organization_id"].as_str().unwrap().to_owned();
    for kind in ["audit", "rows"] {
        let rotate = |more: &[&str]| keys(&data, &kek, &[&["rotate", "--kind", kind], more].concat());
        let refused = rotate(&["--merchant", &merchant]).unwrap_err();
        assert!(refused.contains("say --all"), "{refused}");
        let refused = rotate(&["--all", "--in", "59s"]).unwrap_err();
        assert!(refused.contains("in a minute at the earliest"), "{refused}");
        let made = &rotate(&["--all"]).unwrap()[0];
        assert_eq!(
            (&made["version"], &made["purpose"], &made["merchant"]),
            (&json!(2), &json!(kind), &json!("vault"))
        );
        let shown = keys(&data, &kek, &["status"]).unwrap();
        let states: Vec<_> =
            shown.iter().filter(|line| line["purpose"] == kind).map(|line| line["state"].clone()).collect();
        assert_eq!(states, ["used", "pending"]);
    }
    assert!(program.terminate());
}

#[test]
fn a_running_vault_takes_a_new_key_of_the_rows_hashes_up_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let (data, kek) = (dir.path().join("data"), new_kek(dir.path(), "kek"));
    let program = serve(&data, &kek);
    let client = program.client();
    let token = tokenize(&client).unwrap();
    keys(&data, &kek, &["rotate", "--kind", "rows", "--all", "--in", "1m"]).unwrap();
    let needed = |version: u32| {
        let shown = keys(&data, &kek, &["status"]).unwrap();
        let is_it = |line: &&Value| line["purpose"] == "rows" && line["version"] == version;
        let line = shown.iter().find(is_it).unwrap().clone();
        (line["state"].as_str().unwrap().to_owned(), line["needed_by"]["rows"].as_u64().unwrap())
    };
    assert_eq!(needed(2), ("pending".to_owned(), 0));
    // What was issued before is spent after. The vault brings all along by itself; `reseal` would have, too.
    while needed(2).0 == "pending" || needed(1).1 > 0 {
        let (status, _) = client.server("POST", "/v1/customers", &json!({"first_name": "Ada"})).unwrap();
        assert_eq!(status, 201);
        keys(&data, &kek, &["reseal"]).unwrap();
    }
    assert_eq!(needed(1).0, "older");
    let spent = client.server("POST", "/v1/payment-methods", &json!({"token": token})).unwrap();
    assert_eq!(spent.0, 201, "{}", spent.1);
    let resealed = keys(&data, &kek, &["reseal"]).unwrap();
    let rows = resealed.last().unwrap();
    assert_eq!(
        (&rows["merchant"], &rows["rows_version"], &rows["older_rows_versions"], &rows["unreadable"]),
        (&json!("vault"), &json!(2), &json!([1]), &json!(0))
    );
    // The copy of a backup is checked, and so is what is restored of it.
    let copy = dir.path().join("copy");
    let on = |args: &[&Path], data: &Path| {
        let output =
            command().args(args).args([Path::new("--data"), data, Path::new("--kek-file"), &kek]).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str::<Value>(text.lines().last().unwrap()).unwrap()
    };
    let verified = on(&[Path::new("audit"), Path::new("verify")], &data);
    assert_eq!((&verified["verified"], &verified["findings"]), (&json!(true), &json!(0)));
    let said = on(&[Path::new("backup"), Path::new("--to"), &copy], &data);
    assert_eq!((&said["audit_findings"], &said["row_findings"]), (&json!([]), &json!([])));
    assert!(program.terminate());
    let restored = dir.path().join("restored");
    let said = on(&[Path::new("restore"), Path::new("--from"), &copy], &restored);
    assert_eq!((&said["epoch"], &said["row_findings"]), (&json!(1), &json!([])));
    let verified = on(&[Path::new("audit"), Path::new("verify")], &restored);
    assert_eq!(verified["verified"], true);
}
