//! Answers of gateways, read by every dialect: a token or an error with a code, never a panic.
#![no_main]

use gateway::{HttpResponse, dialects};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u16, &str)| {
    let (status, body) = input;
    let response = HttpResponse { status: 100 + status % 500, body: body.to_owned() };
    for dialect in dialects::ALL {
        if let Err(error) = dialect.token(&response, None) {
            assert!(!error.code().is_empty(), "{}", dialect.id());
        }
    }
});
