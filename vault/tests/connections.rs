//! Clients that are slow, silent, greedy or many: they are cut off, and the others are served.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/vault.rs"]
mod support;

use std::{net::SocketAddr, time::Duration};

use support::Vault;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};
use vault::{config::ConnectionLimits, serve::connections};

/// Longer than anything takes that works, and shorter than what is cut off otherwise.
const PATIENCE: Duration = Duration::from_secs(8);

const WHOLE: &str = "GET /healthz HTTP/1.1\r\nhost: vault\r\nconnection: close\r\n\r\n";
const HALF: &str = "GET /healthz HTTP/1.1\r\nhost: va";

/// Limits that nobody reaches in a test, to be narrowed one by one.
const WIDE: ConnectionLimits = ConnectionLimits {
    at_once: 100,
    header: Duration::from_secs(60),
    lifetime: Duration::from_secs(60),
    drain: Duration::from_secs(60),
};

struct Server {
    address: SocketAddr,
    end: oneshot::Sender<()>,
    task: JoinHandle<()>,
    vault: Vault,
}

async fn serve(limits: ConnectionLimits) -> Server {
    let vault = Vault::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ended) = oneshot::channel();
    let router = vault.router.clone();
    let task = tokio::spawn(connections::serve(listener, router, limits, async { ended.await.unwrap() }));
    Server { address, end, task, vault }
}

impl Server {
    async fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }
}

/// All that still comes, until the other side ends the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is an end too.
    drop(timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the connection is not ended"));
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn half_a_header_and_silence_are_cut_off() {
    let server = serve(ConnectionLimits { header: Duration::from_millis(100), ..WIDE }).await;
    for text in [HALF, "", "G", "GET /healthz HTTP/1.1\r\nhost: vault\r\n"] {
        let answer = rest(&mut server.send(text).await).await;
        assert!(!answer.contains("200"), "{answer}");
    }
    // Also between two requests.
    let kept_open = WHOLE.replace("connection: close\r\n", "");
    let answer = rest(&mut server.send(&kept_open).await).await;
    assert_eq!(answer.matches("200 OK").count(), 1, "{answer}");
}

#[tokio::test]
async fn those_who_wait_do_not_keep_others_out_for_long() {
    let limits = ConnectionLimits { at_once: 3, header: Duration::from_millis(200), ..WIDE };
    let server = serve(limits).await;
    let mut slow = Vec::new();
    for _ in 0..9 {
        slow.push(server.send(HALF).await);
    }
    let answer = rest(&mut server.send(WHOLE).await).await;
    assert!(answer.contains("200 OK"), "{answer}");
}

#[tokio::test]
async fn more_connections_than_places_wait_for_one() {
    let server = serve(ConnectionLimits { at_once: 2, ..WIDE }).await;
    let (first, _second) = (server.send(HALF).await, server.send(HALF).await);
    let mut third = server.send(WHOLE).await;
    let mut byte = [0];
    assert!(
        timeout(Duration::from_millis(200), third.read(&mut byte)).await.is_err(),
        "there is no place yet"
    );
    drop(first);
    assert!(rest(&mut third).await.contains("200 OK"));
}

#[tokio::test]
async fn a_connection_does_not_live_for_ever() {
    let limits =
        ConnectionLimits { lifetime: Duration::from_millis(100), drain: Duration::from_millis(100), ..WIDE };
    let server = serve(limits).await;
    // A body that never ends, and one that is never sent.
    for body in ["", "{"] {
        let text = format!(
            "POST /v1/customers HTTP/1.1\r\nhost: vault\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: 100\r\n\r\n{body}",
            server.vault.sk
        );
        assert_eq!(rest(&mut server.send(&text).await).await, "");
    }
}

#[tokio::test]
async fn a_header_that_is_too_long_is_refused() {
    let server = serve(WIDE).await;
    let long = |value_len: usize| {
        format!("GET /healthz HTTP/1.1\r\nx: {}\r\nconnection: close\r\n\r\n", "x".repeat(value_len))
    };
    assert!(rest(&mut server.send(&long(15 * 1024)).await).await.contains("200 OK"));
    let answer = rest(&mut server.send(&long(17 * 1024)).await).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

#[tokio::test]
async fn what_says_that_it_is_too_long_is_refused_at_once() {
    let server = serve(WIDE).await;
    for path in ["/v1/customers", "/fluidpay/api/vault/customer"] {
        let text = format!(
            "POST {path} HTTP/1.1\r\nhost: vault\r\nauthorization: {}\r\ncontent-type: application/json\r\n\
             content-length: 10000000000\r\n\r\n{{",
            server.vault.sk
        );
        let answer = rest(&mut server.send(&text).await).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(answer.contains("body_too_large"), "{answer}");
    }
}

#[tokio::test]
async fn the_end_waits_for_an_open_request() {
    let server = serve(WIDE).await;
    let body = r#"{"first_name":"Ada"}"#;
    let head = format!(
        "POST /v1/customers HTTP/1.1\r\nhost: vault\r\nauthorization: Bearer {}\r\nexpect: 100-continue\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        server.vault.sk,
        body.len()
    );
    let mut open = server.send(&head).await;
    // The vault has read the header and asks for the body.
    let mut line = [0; 25];
    open.read_exact(&mut line).await.unwrap();
    assert!(line.starts_with(b"HTTP/1.1 100 "));
    server.end.send(()).unwrap();
    open.write_all(body.as_bytes()).await.unwrap();
    assert!(rest(&mut open).await.contains("201 Created"));
    timeout(PATIENCE, server.task).await.unwrap().unwrap();
}

#[tokio::test]
async fn the_end_does_not_wait_for_ever() {
    let server = serve(ConnectionLimits { drain: Duration::from_millis(100), ..WIDE }).await;
    let mut slow = server.send(HALF).await;
    // Whoever came later is served, so the slow one has been accepted.
    assert!(rest(&mut server.send(WHOLE).await).await.contains("200 OK"));
    server.end.send(()).unwrap();
    timeout(PATIENCE, server.task).await.unwrap().unwrap();
    assert_eq!(rest(&mut slow).await, "");
}
