//! `tessera-vault keys api`, beside a vault that runs.

use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Client, Program, command};

fn keys(data: &Path, args: &[&str]) -> Result<Vec<Value>, String> {
    let output =
        command().args(["keys", "api"]).args(args).args(["--dev", "--data"]).arg(data).output().unwrap();
    if !output.status.success() {
        assert!(output.stdout.is_empty());
        return Err(String::from_utf8(output.stderr).unwrap());
    }
    let text = String::from_utf8(output.stdout).unwrap();
    Ok(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn status(client: &Client, key: &str, method: &str) -> u16 {
    let body = if method == "POST" { "{}" } else { "" };
    client.call(key, method, "/v1/customers", "", body).unwrap().0
}

#[test]
fn keys_are_made_replaced_and_revoked_beside_a_running_vault() {
    let dir = tempfile::tempdir().unwrap();
    let program = Program::start(dir.path());
    let client = program.client();
    let merchant = program.ready["organization_id"].as_str().unwrap();

    let args = ["create", "--merchant", merchant, "--kind", "secret", "--scope", "read"];
    let made = &keys(dir.path(), &args).unwrap()[0];
    assert_eq!(made["scopes"], json!(["read"]));
    assert!(made["key"].as_str().unwrap().starts_with("sk_live_"));
    let (reader, id) = (made["key"].as_str().unwrap(), made["key_id"].as_str().unwrap());
    assert_eq!((status(&client, reader, "GET"), status(&client, reader, "POST")), (200, 403));

    // Replaced: both are good, and the new one can do no more.
    let replaced = &keys(dir.path(), &["rotate", id, "--overlap", "1h", "--test"]).unwrap()[0];
    let newer = replaced["key"].as_str().unwrap();
    assert_eq!((status(&client, reader, "GET"), status(&client, newer, "GET")), (200, 200));
    assert_eq!(status(&client, newer, "POST"), 403);
    assert!(newer.starts_with("sk_test_"));
    assert!(keys(dir.path(), &["rotate", id]).unwrap_err().contains("replaced already"));

    // Revoked: the next request is refused.
    keys(dir.path(), &["revoke", id]).unwrap();
    assert_eq!((status(&client, reader, "GET"), status(&client, newer, "GET")), (401, 200));
    assert!(keys(dir.path(), &["revoke", id]).unwrap_err().contains("revoked"));

    // Replaced without overlap.
    let newer_id = replaced["key_id"].as_str().unwrap();
    let newest = &keys(dir.path(), &["rotate", newer_id, "--overlap", "0s"]).unwrap()[0];
    assert_eq!(
        (status(&client, newer, "GET"), status(&client, newest["key"].as_str().unwrap(), "GET")),
        (401, 200)
    );

    let listed = keys(dir.path(), &["list", "--merchant", merchant]).unwrap();
    let states: Vec<_> = listed.iter().map(|key| key["state"].as_str().unwrap()).collect();
    assert_eq!(
        states.iter().filter(|state| **state == "good").count(),
        3,
        "the pair, and the newest: {listed:?}"
    );
    assert_eq!(states.iter().filter(|state| **state == "revoked").count(), 2);
    assert!(listed.iter().all(|key| key.get("key").is_none()));

    let said = command().args(["audit", "list", "--dev", "--data"]).arg(dir.path()).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    for (action, count) in [("api_key.create", 5), ("api_key.expire", 1), ("api_key.revoke", 2)] {
        assert_eq!(said.matches(action).count(), count, "{action} in {said}");
    }
    assert_eq!(said.matches("\"actor\":\"operator\"").count(), 6, "{said}");
    let verified = command().args(["audit", "verify", "--dev", "--data"]).arg(dir.path()).status().unwrap();
    assert!(verified.success());
    assert!(program.terminate());
}

#[test]
fn keys_that_cannot_be_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    assert!(Program::start(dir.path()).terminate());
    for (args, why) in [
        (&["create", "--merchant", "mer_1", "--kind", "secret"] as &[_], "no such merchant"),
        (
            &["create", "--merchant", "mer_1", "--kind", "secret", "--scope", "all"],
            "tokenize, read, customers:write",
        ),
        (
            &["create", "--merchant", "mer_1", "--kind", "publishable", "--scope", "read"],
            "only have the scopes tokenize and session:required",
        ),
        (
            &["create", "--merchant", "mer_1", "--kind", "secret", "--scope", "session:required"],
            "any but the last",
        ),
        (
            &["create", "--merchant", "mer_1", "--kind", "secret", "--allow-origin", "https://shop.example"],
            "never in a page",
        ),
        (&["create", "--merchant", "mer_1", "--kind", "publishable"], "--allow-origin"),
        (&["rotate", "111111111111"], "no such key"),
        (&["rotate", "111111111111", "--overlap", "3000h"], "2160h"),
        (&["revoke", "111111111111"], "no such key"),
    ] {
        let said = keys(dir.path(), args).unwrap_err();
        assert!(said.contains(why), "{args:?}: {said}");
    }
}
