//! What every back end must do: one body each, run for each back end.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod audit;
mod customers;
mod hands;
mod marks;
mod payment_methods;
mod payments;
#[path = "../support/postgres.rs"]
mod private_postgres;
mod row_keys;
mod samples;
mod schema;
mod search;
mod tokens;
mod vault_keys;

use std::sync::Arc;

use tempfile::TempDir;
use vault::{
    data_dir::DataDir,
    keyring::{AuditKey, RowKey},
    random::SystemRandom,
    store::{
        Store,
        sqlite::{DATABASE_FILE, SqliteStore},
    },
};

/// An empty store on SQLite, and the directory that goes with it.
async fn sqlite() -> (Arc<dyn Store>, TempDir) {
    let dir = TempDir::new().unwrap();
    let data = Arc::new(DataDir::open(dir.path()).unwrap());
    let store = SqliteStore::open(&data).unwrap();
    store.record_with(AuditKey::generate(&SystemRandom).unwrap());
    store.guard_with(RowKey::generate(&SystemRandom).unwrap());
    (Arc::new(store), dir)
}

/// An empty store on PostgreSQL; its server is that of the whole program.
async fn postgres() -> (Arc<dyn Store>, ()) {
    (Arc::new(private_postgres::fresh_store().await), ())
}

/// An empty store on SQLite, whoever has its file, and the directory that goes with it.
async fn sqlite_in_hand() -> (Arc<dyn Store>, hands::Hand, TempDir) {
    let (store, dir) = sqlite().await;
    let hand = hands::Hand::Sqlite(dir.path().join(DATABASE_FILE));
    (store, hand, dir)
}

/// An empty store on PostgreSQL, and whoever may connect to it.
async fn postgres_in_hand() -> (Arc<dyn Store>, hands::Hand, ()) {
    let database = private_postgres::server().database().await;
    let store = private_postgres::open(&private_postgres::server().url(&database)).await;
    let client = private_postgres::server().client(&database).await;
    (Arc::new(store), hands::Hand::Postgres(client), ())
}

macro_rules! by_hand {
    ($in_hand:ident: $($module:ident :: $body:ident),+ $(,)?) => {
        mod $in_hand {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $body() {
                    let (store, hand, _dir) = super::$in_hand().await;
                    super::$module::$body(store, hand).await;
                }
            )+
        }
    };
}

/// Every body that has a hand in the database, for one back end.
macro_rules! every_body_by_hand {
    ($($in_hand:ident),+) => {
        $(by_hand! {
            $in_hand:
            hands::every_edited_column_fails_closed,
            hands::every_swapped_column_fails_closed,
            hands::an_edited_epoch_is_not_taken_for_none,
            hands::a_row_that_is_rolled_back_removed_or_brought_back_is_named,
            hands::what_was_edited_is_not_made_good_by_a_change,
            hands::rows_from_before_get_their_hash_once,
            row_keys::the_key_of_the_hashes_is_renewed_row_by_row,
            row_keys::a_row_with_a_wrong_hash_is_never_renewed,
            row_keys::what_changes_while_it_is_renewed_is_not_overwritten,
            row_keys::a_row_of_whoever_knows_the_key_is_named_when_it_is_renewed,
            row_keys::a_version_is_destroyed_when_no_hash_is_of_it,
            marks::what_is_not_believed_is_not_swept,
            marks::a_row_with_anothers_hash_hides_nothing,
            marks::what_was_brought_back_is_named_after_it_was_changed_or_deleted,
            marks::what_was_brought_back_is_named_after_it_got_a_newer_hash,
            marks::a_destroyed_version_that_comes_back_is_named_before_and_after_it_is_renewed_away,
        })+
    };
}

every_body_by_hand!(sqlite_in_hand, postgres_in_hand);

macro_rules! conformance {
    ($backend:ident: $($module:ident :: $body:ident),+ $(,)?) => {
        mod $backend {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $body() {
                    let (store, _dir) = super::$backend().await;
                    super::$module::$body(std::sync::Arc::clone(&store)).await;
                    super::hands::nothing_is_found(&*store).await;
                }
            )+
        }
    };
}

/// Every body, for one back end.
macro_rules! every_body {
    ($($backend:ident),+) => {
        $(conformance! {
            $backend:
            audit::a_write_is_recorded_with_its_author,
            audit::what_changes_nothing_leaves_no_row,
            audit::chains_hold_with_many_writers,
            customers::a_customer_reads_back_whole,
            customers::an_update_needs_the_version_it_was_made_from,
            customers::a_default_must_be_its_own,
            customers::deleting_a_customer_deletes_what_it_has,
            customers::addresses_belong_to_one_customer,
            customers::customers_are_paged_newest_first,
            customers::a_page_goes_on_behind_what_was_deleted,
            customers::a_record_is_read_whole_and_at_one_moment,
            payment_methods::a_payment_method_reads_back_whole,
            payment_methods::an_orphan_is_attached_once,
            payment_methods::an_update_keeps_owner_and_origin,
            payment_methods::a_deleted_one_is_no_default_any_more,
            payment_methods::lists_tell_owners_apart,
            payment_methods::a_page_of_methods_goes_on_behind_what_was_deleted,
            payments::a_payment_reads_back_whole_and_names_what_there_is,
            payments::totals_are_of_what_was_taken,
            payments::payments_are_searched,
            payments::an_archived_customer_is_kept_and_good_for_nothing_new,
            payments::an_archived_method_is_no_default_and_pays_no_more,
            payments::customers_are_found_by_parts_and_in_order,
            payments::a_document_is_replaced_by_version,
            payments::an_answer_is_kept_until_it_is_over,
            search::every_field_is_found_and_excluded,
            search::ranges_limit_offset_and_total,
            search::addresses_count_for_their_owner_only,
            tokens::a_token_is_spent_once,
            tokens::an_expired_token_is_not_spent,
            tokens::a_new_epoch_ends_what_lives_for_a_short_time,
            tokens::one_token_makes_one_payment_method_even_without_its_guard,
            tokens::all_or_nothing,
            tokens::the_sweep_forgets_in_steps,
            tokens::attempts_are_kept_once,
            tokens::an_attempts_answer_goes_with_its_token,
            tokens::simultaneous_spenders_have_one_winner,
            vault_keys::a_wrapped_key_is_replaced_only_as_it_was_read,
            vault_keys::an_encryption_key_is_destroyed_when_nothing_needs_it,
            vault_keys::a_lookup_key_is_destroyed_when_nothing_needs_it,
            vault_keys::keys_and_merchants_are_kept,
            vault_keys::a_key_ends_once_and_for_its_merchant_only,
            vault_keys::tenants_do_not_see_each_other,
        })+
    };
}

every_body!(sqlite, postgres);
