//! An orderly end: first it is said, then nobody new is let in, then what is open ends.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use serde_json::{Value, json};

use crate::program::{Program, command};

/// Starts a vault that takes its time to end: longer than any test waits.
fn start(data: &std::path::Path, delay: &str) -> Program {
    let mut program = command();
    program.args(["serve", "--dev", "--listen", "127.0.0.1:0", "--drain-delay", delay, "--data"]).arg(data);
    Program::spawn(program)
}

fn ready(program: &Program) -> (u16, Value) {
    program.client().call("", "GET", "/readyz", "", "").unwrap()
}

#[test]
fn a_vault_that_ends_says_so_serves_on_and_lets_open_requests_end() {
    let dir = tempfile::tempdir().unwrap();
    let program = start(dir.path(), "1h");
    assert_eq!(ready(&program), (200, json!({"ready": true, "not_ready": []})));
    let client = program.client();
    // Half a request, which ends after everything else.
    let body = r#"{"first_name":"Ada"}"#;
    let mut open = TcpStream::connect(program.address()).unwrap();
    write!(
        open,
        "POST /v1/customers HTTP/1.1\r\nhost: vault\r\nauthorization: Bearer {}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{{",
        client.sk,
        body.len()
    )
    .unwrap();

    program.signal("TERM");
    while ready(&program).0 == 200 {}
    assert_eq!(ready(&program), (503, json!({"ready": false, "not_ready": ["draining"]})));
    // It is alive, and what still comes is served.
    assert_eq!(client.server("POST", "/v1/customers", &json!({"first_name": "Grace"})).unwrap().0, 201);

    // The second signal cuts the delay short: no new connections, but the open request still ends.
    program.signal("TERM");
    while TcpStream::connect(program.address()).is_ok() {}
    open.write_all(&body.as_bytes()[1..]).unwrap();
    let mut answer = String::new();
    open.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert!(program.wait());
}

#[test]
fn the_delay_ends_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    assert!(start(dir.path(), "10ms").terminate());
}
