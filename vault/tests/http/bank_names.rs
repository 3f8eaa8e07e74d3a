//! The names of banks, for a vault that was given a directory.

use serde_json::{Value, json};
use vault::{
    app::{self, AppState},
    bank_directory::BankDirectory,
    domain::Origin,
    state::Settings,
};

use crate::support::{Answer, VAULT_ORIGIN, Vault};

/// A vault that knows one bank.
async fn with_directory() -> Vault {
    let mut vault = Vault::start().await;
    let banks = BankDirectory::parse("021000021,Bank & Co").unwrap();
    let origin = Origin::parse(VAULT_ORIGIN).unwrap();
    vault.router = app::router(AppState::with_settings(
        vault.vaulting.clone(),
        origin,
        Settings { banks, ..Settings::default() },
    ));
    vault
}

async fn ask(vault: &Vault, key: &str, body: Value) -> Answer {
    vault.call_with(key, "POST", "/v1/bank-names", body).await
}

#[tokio::test]
async fn a_bank_is_named_for_browsers() {
    let vault = with_directory().await;
    let pk = vault.pk.clone();
    for (number, name) in
        [("021000021", json!("Bank & Co")), ("021-000-021", json!("Bank & Co")), ("091000019", Value::Null)]
    {
        let answer = ask(&vault, &pk, json!({"routing_number": number})).await.expect(200);
        assert_eq!(answer, json!({"name": name}), "{number}");
    }
    let refusal = ask(&vault, &pk, json!({"routing_number": "021000022"})).await;
    let error = refusal.expect_error(422, "bank_account_invalid");
    assert_eq!((&error["field"], &error["reason"]), (&json!("routing_number"), &json!("checksum")));
    assert!(!error.to_string().contains("021000022"));
    ask(&vault, &vault.sk, json!({"routing_number": "021000021"})).await.expect_error(403, "wrong_key_kind");
    ask(&vault, &pk, json!({"routing_number": "021000021", "x": 1})).await.expect_error(400, "unknown_field");
}

#[tokio::test]
async fn without_a_directory_there_is_none() {
    let vault = Vault::start().await;
    let refusal = ask(&vault, &vault.pk, json!({"routing_number": "021000021"})).await;
    refusal.expect_error(404, "bank_directory_missing");
    assert!(include_str!("../../../docs/errors.md").contains("\n### `bank_directory_missing`\n"));
}
