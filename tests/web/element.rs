//! The element of `www/host`, as bundled in `pkg/index.js`: `element.js` plays each scene, this file names them.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

macro_rules! scenes {
    ($($scene:ident)*) => {
        #[wasm_bindgen(module = "/tests/web/element.js")]
        extern "C" {
            $(fn $scene(source: &str) -> Promise;)*
        }

        mod scenes {
            $(#[super::wasm_bindgen_test]
            async fn $scene() {
                super::passes(super::$scene(include_str!("../../pkg/index.js"))).await;
            })*
        }
    };
}

scenes! {
    greets_the_exact_origin
    the_vault_and_the_frame_are_told_the_language
    without_a_locale_the_page_says_which_language
    a_gateway_is_named_to_the_vault_and_to_the_frame
    a_gateway_without_its_endpoint_or_key_is_a_bad_option
    bad_options_name_what_is_accepted
    tokenizes_and_says_so
    aborts
    odd_options_settle_and_leave_nothing_behind
    disabled_is_a_property
    a_plain_form_posts_the_token_once
    after_the_real_submit_the_form_is_locked
    an_incomplete_form_is_reported_by_the_frame
    enter_in_the_frame_presses_the_default_button
    reset_and_disabling_reach_the_frame
    moving_is_survived_and_removal_frees_everything
    a_frame_that_failed_fails_every_attempt
    every_wait_has_an_end
    mount_waits_for_the_frame_and_may_be_called_again
    an_aborted_mount_lets_the_frame_go
    an_environment_that_failed_may_have_mended
    the_states_say_what_the_fields_are
    the_merchant_may_add_things_around_the_frame
    the_pay_button_presses_the_forms_or_asks_itself
    a_fault_is_for_the_frame_to_pretend
}

async fn passes(scene: Promise) {
    if let Err(error) = JsFuture::from(scene).await {
        panic!("{error:?}");
    }
}
