//! `tessera-vault audit`, beside a vault that runs and after it.

use std::{fs, path::Path, process::Output};

use serde_json::{Value, json};

use crate::program::{Program, command};

fn audit(data: &Path, args: &[&str]) -> (bool, Vec<Value>) {
    let output = command().arg("audit").args(args).args(["--dev", "--data"]).arg(data).output().unwrap();
    (output.status.success(), lines(&output))
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(!text.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_log_is_checked_and_shown_beside_a_running_vault() {
    let dir = tempfile::tempdir().unwrap();
    let program = Program::start(dir.path());
    let client = program.client();
    let (status, made) = client.server("POST", "/v1/customers", &json!({"first_name": "Ada"})).unwrap();
    assert_eq!(status, 201);

    let (is_good, said) = audit(dir.path(), &["verify"]);
    assert!(is_good, "{said:?}");
    let summary = said.last().unwrap();
    assert_eq!((&summary["verified"], &summary["findings"]), (&json!(true), &json!(0)));
    let heads: Vec<_> = said.iter().filter_map(|line| line["head"].as_str()).collect();
    assert_eq!(summary["chains"], heads.len());

    let (_, rows) = audit(dir.path(), &["list", "--object", made["id"].as_str().unwrap()]);
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["action"], "customer.create");
    assert_eq!(rows[0]["actor"], client.sk.split('_').nth(2).unwrap());
    let (_, rows) = audit(dir.path(), &["list", "--last", "3"]);
    let times: Vec<_> = rows.iter().map(|row| row["at_ms"].as_i64().unwrap()).collect();
    assert!(times.len() == 3 && times.is_sorted(), "{rows:?}");

    // The heads are kept elsewhere; the vault goes on and ends; the log still contains them.
    client.server("POST", "/v1/customers", &json!({"first_name": "Bob"})).unwrap();
    assert!(program.terminate());
    let kept = dir.path().join("heads");
    fs::write(&kept, heads.join("\n")).unwrap();
    let kept = kept.to_str().unwrap();
    assert!(audit(dir.path(), &["verify", "--expect-file", kept]).0);

    // Somebody cuts an end off.
    let head = heads.iter().find(|head| head.starts_with("mer_")).unwrap();
    let tenant = head.split('/').next().unwrap();
    let database = rusqlite::Connection::open(dir.path().join("vault.sqlite")).unwrap();
    database.execute("DELETE FROM audit WHERE tenant_id = ?1 AND seq > 3", [tenant]).unwrap();
    let (is_good, said) = audit(dir.path(), &["verify"]);
    assert!(!is_good, "rows are there that the rest of the log does not tell of");
    assert!(said.iter().any(|line| line["finding"] == "row_rolled_back"), "{said:?}");
    let (is_good, said) = audit(dir.path(), &["verify", "--expect", head]);
    assert!(!is_good);
    let finding = said.iter().find(|line| line["finding"] == "not_expected").unwrap();
    assert_eq!(finding["merchant"], tenant);
    assert_eq!(said.last().unwrap()["verified"], false);
}

#[test]
fn without_a_database_there_is_nothing_to_check() {
    let dir = tempfile::tempdir().unwrap();
    let output = command().args(["audit", "verify", "--dev", "--data"]).arg(dir.path()).output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("vault.sqlite in the data directory is missing"), "{said}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "nothing was made");
}
