//! More writes than the disk can take: refused at once, and nothing acknowledged is lost.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::support::Vault;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn too_many_writes_are_refused_at_once_and_the_rest_is_kept() {
    let vault = Arc::new(Vault::start().await);
    // Somebody else's transaction holds the writer up.
    let blocker = rusqlite::Connection::open(vault.dir.path().join("data/vault.sqlite")).unwrap();
    blocker.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (sender, mut answers) = mpsc::unbounded_channel();
    for _ in 0..1300 {
        let (vault, sender) = (Arc::clone(&vault), sender.clone());
        tokio::spawn(async move {
            let answer = vault.call("POST", "/v1/customers", json!({"first_name": "Ada"})).await;
            sender.send(answer).unwrap();
        });
    }
    drop(sender);
    let first = answers.recv().await.unwrap();
    let error = first.expect_error(503, "overloaded");
    assert_eq!(error["classification"], "environment");
    assert_eq!(first.headers["retry-after"], "1");
    blocker.execute_batch("ROLLBACK").unwrap();

    let mut kept = Vec::new();
    while let Some(answer) = answers.recv().await {
        if answer.status == 201 {
            kept.push(answer.json()["id"].as_str().unwrap().to_owned());
        } else {
            answer.expect_error(503, "overloaded");
        }
    }
    assert!(kept.len() >= 1024, "{}", kept.len());
    for id in kept.iter().step_by(97) {
        vault.call("GET", &format!("/v1/customers/{id}"), Value::Null).await.expect(200);
    }
}
