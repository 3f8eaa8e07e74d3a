//! Changing keys while the vault works, on SQLite.

use vault::{clock::Clock as _, random::SystemRandom};

use crate::{shared_rotation, support::Vault};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_key_changes_under_load() {
    shared_rotation::keys_change_under_load(Vault::start().await).await;
}

#[tokio::test]
async fn a_key_that_something_needs_is_not_destroyed() {
    shared_rotation::a_needed_key_stays(Vault::start().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_done_twice_while_the_lookup_key_changes() {
    shared_rotation::nothing_is_done_twice_while_the_lookup_key_changes(Vault::start().await).await;
}

#[tokio::test]
async fn keys_that_were_not_read_for_five_minutes_are_called_stale() {
    let vault = Vault::start().await;
    let keyring = vault.vaulting.keyring();
    let is_stale = || keyring.is_stale(vault.clock.now_ms());
    vault.clock.advance_ms(300_000);
    assert!(!is_stale());
    vault.clock.advance_ms(1);
    assert!(is_stale());
    keyring.refresh(vault.vaulting.store(), &*vault.clock, &SystemRandom).await.unwrap();
    assert!(!is_stale());
}
