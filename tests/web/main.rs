//! Ring 2: the module, the frame's page and the element in a real browser.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests say what went wrong by panicking"
)]

mod bank;
mod bindings;
mod cards;
mod element;
mod flow;
mod keys;
mod page;
mod sealing;
mod transport;
mod typing;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
