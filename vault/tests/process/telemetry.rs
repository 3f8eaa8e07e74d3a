//! What the vault says.

use std::{io::Read as _, process::Stdio};

use serde_json::{Value, json};

use crate::program::{Program, command};

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
    stderr.unwrap().read_to_string(&mut said).unwrap();
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let request = lines.iter().find(|line| line["route"] == "/v1/customers").unwrap();
    assert_eq!(
        (&request["status"], &request["level"], &request["method"]),
        (&json!(200), &json!("INFO"), &json!("GET"))
    );
    assert!(request["id"].is_string() && request["timestamp"].is_string(), "{request}");
}
