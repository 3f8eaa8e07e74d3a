//! What goes out: lines and spans, with what is needed to find a request and nothing that anybody sent.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    process::Stdio,
    sync::mpsc,
    thread,
};

use serde_json::{Value, json};

use crate::program::{PUBLIC_URL, Program, card::text, command};

const NUMBER: &str = "4111111111111111";

/// A collector: every body that is sent to it, with the path it was sent to.
fn collector() -> (String, mpsc::Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, bodies) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, sender) = (stream.unwrap(), sender.clone());
            thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut line = String::new();
                while matches!(reader.read_line(&mut line), Ok(1..)) {
                    let path = line.split(' ').nth(1).unwrap().to_owned();
                    let mut length = 0;
                    loop {
                        line.clear();
                        reader.read_line(&mut line).unwrap();
                        if let Some((name, value)) = line.split_once(':')
                            && name.eq_ignore_ascii_case("content-length")
                        {
                            length = value.trim().parse().unwrap();
                        }
                        if line == "\r\n" {
                            break;
                        }
                    }
                    let mut body = vec![0; length];
                    reader.read_exact(&mut body).unwrap();
                    drop(sender.send((path, body)));
                    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
                    line.clear();
                }
            });
        }
    });
    (format!("http://{address}"), bodies)
}

#[test]
fn spans_reach_a_collector_and_say_nothing_that_was_sent() {
    let dir = tempfile::tempdir().unwrap();
    let (address, bodies) = collector();
    let mut serve = command();
    serve.args(["serve", "--dev", "--listen", "127.0.0.1:0", "--public-url", PUBLIC_URL]);
    serve.args(["--otlp-endpoint", &address, "--data"]).arg(dir.path());
    let program = Program::spawn(serve);
    let client = program.client();
    let token = text(&client.tokenize().unwrap().1["token"]);
    let (status, method) = client.server("POST", "/v1/payment-methods", &json!({"token": token})).unwrap();
    assert_eq!(status, 201);
    // A trace of somebody's choice is not gone on with.
    let parent = format!("traceparent: 00-{NUMBER:0>32}-00f067aa0ba902b7-01\r\n");
    client.call(&client.sk, "GET", &format!("/v1/customers/{NUMBER}"), &parent, "").unwrap();
    // What was not sent yet is sent at the end.
    assert!(program.terminate());
    let mut sent = Vec::new();
    for (path, body) in bodies.try_iter() {
        assert_eq!(path, "/v1/traces");
        sent.extend(body);
    }
    let has = |text: &str| sent.windows(text.len()).any(|part| part == text.as_bytes());
    for text in [
        "tessera-vault",
        "POST /v1/tokens",
        "POST /v1/payment-methods",
        "GET /v1/customers/{id}",
        "http.response.status_code",
        "store.write",
    ] {
        assert!(has(text), "{text} is in no span");
    }
    // The id that the audit log has.
    let mut list = command();
    list.args(["audit", "list", "--action", "token.spend", "--dev", "--data"]).arg(dir.path());
    let row: Value = serde_json::from_slice(&list.output().unwrap().stdout).unwrap();
    assert!(has(row["request"].as_str().unwrap()), "{row}");

    let secret = |key: &str| key.rsplit('_').next().unwrap().to_owned();
    for canary in [
        NUMBER.to_owned(),
        token,
        method["id"].as_str().unwrap().to_owned(),
        secret(&client.sk),
        secret(&client.pk),
    ] {
        assert!(!has(&canary), "a canary in a span");
        let raw: Vec<u8> = canary
            .as_bytes()
            .chunks_exact(2)
            .filter_map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        assert!(raw.len() < 8 || !sent.windows(8).any(|part| raw.windows(8).any(|canary| canary == part)));
    }
}

#[test]
fn lines_are_json_if_they_shall_be() {
    let dir = tempfile::tempdir().unwrap();
    let mut serve = command();
    serve.args(["serve", "--dev", "--listen", "127.0.0.1:0", "--data"]).arg(dir.path());
    serve.env("TESSERA_LOG_FORMAT", "json");
    let (program, stderr) = Program::spawn_with(serve, Stdio::piped());
    program.client().server("GET", "/v1/customers", &Value::Null).unwrap();
    assert!(program.terminate());
    let mut said = String::new();
    BufReader::new(stderr.unwrap()).read_to_string(&mut said).unwrap();
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let request = lines.iter().find(|line| line["route"] == "/v1/customers").unwrap();
    assert_eq!(
        (&request["status"], &request["level"], &request["method"]),
        (&json!(200), &json!("INFO"), &json!("GET"))
    );
    assert!(request["id"].is_string() && request["timestamp"].is_string(), "{request}");
}
