//! The address for whoever runs the vault.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
};

use crate::program::{Program, command};

fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: vault\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn metrics_are_served_on_an_address_of_their_own_and_nowhere_else() {
    let dir = tempfile::tempdir().unwrap();
    let mut serve = command();
    serve
        .args(["serve", "--dev", "--listen", "127.0.0.1:0", "--metrics-listen", "0", "--data"])
        .arg(dir.path());
    let program = Program::spawn(serve);
    let metrics: SocketAddr = program.ready["metrics"].as_str().unwrap().parse().unwrap();
    assert!(metrics.ip().is_loopback(), "a port alone is one of this machine");
    let public: SocketAddr = program.address().parse().unwrap();

    assert!(get(public, "/v1/customers").starts_with("HTTP/1.1 401 "));
    let answer = get(metrics, "/metrics");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("content-type: text/plain; version=0.0.4"), "{answer}");
    assert!(answer.contains("tessera_refusals_total{face=\"native\",code=\"key_missing\"} 1"), "{answer}");
    assert!(get(metrics, "/readyz").contains("\"ready\":true"));
    assert!(get(metrics, "/healthz").starts_with("HTTP/1.1 200 "));
    assert!(get(metrics, "/v1/customers").starts_with("HTTP/1.1 404 "));
    assert!(get(public, "/metrics").starts_with("HTTP/1.1 404 "));
    assert!(program.terminate());

    // Unless told so, there is none.
    assert_eq!(Program::start(dir.path()).ready.get("metrics"), None);
}
