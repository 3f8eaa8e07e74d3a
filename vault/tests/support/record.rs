//! Which test asked which operation, and how it was answered: what docs/GATEWAYS.md is made of.
//!
//! With `TESSERA_RECORD` in the environment, a line for every request is added to the file of that name.

use std::{env, fs::OpenOptions, io::Write as _, thread};

use axum::{Router, extract::Request, middleware, middleware::Next, response::Response};

/// The same routes, which leave a record.
pub(crate) fn around(router: Router) -> Router {
    match env::var_os("TESSERA_RECORD") {
        Some(_) => router.layer(middleware::from_fn(keep)),
        None => router,
    }
}

async fn keep(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    let current = thread::current();
    if let (Some(test), Some(file)) = (current.name(), env::var_os("TESSERA_RECORD")) {
        let program = env::current_exe().unwrap();
        let binary = program.file_name().unwrap().to_string_lossy().into_owned();
        let face = binary.split('-').next().unwrap();
        let line = format!("{face}\t{test}\t{method}\t{path}\t{}\n", response.status().as_u16());
        // One write of one line, so that lines of several tests do not mix.
        OpenOptions::new().append(true).create(true).open(file).unwrap().write_all(line.as_bytes()).unwrap();
    }
    response
}
