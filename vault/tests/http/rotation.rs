//! Changing keys while the vault works, on SQLite.

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
