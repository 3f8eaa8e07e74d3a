//! Changing keys while the vault works, on PostgreSQL.

use vault::config::StoreChoice;

use crate::{
    private_postgres::{address, server},
    shared_rotation,
    support::Vault,
};

async fn vault() -> Vault {
    let database = server().database().await;
    Vault::start_in(StoreChoice::Postgres(address(&server().url(&database)))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_key_changes_under_load() {
    shared_rotation::keys_change_under_load(vault().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_something_needs_is_not_destroyed() {
    shared_rotation::a_needed_key_stays(vault().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_done_twice_while_the_lookup_key_changes() {
    shared_rotation::nothing_is_done_twice_while_the_lookup_key_changes(vault().await).await;
}
