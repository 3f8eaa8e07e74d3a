//! The OpenAPI documents: complete, consistent, true to what the routes read, and readable as pages.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{HeaderValue, Request},
};
use serde_json::{Map, Value, json};

use crate::support::{Answer, Vault};

/// Where the faces are mounted.
const FACES: [&str; 5] = ["/v1", "/fluidpay", "/paydock", "/flute", "/paymentsai"];

/// Those of them that take a bearer key and answer with the same statuses; the others' own tests say what they do.
const MOUNTS: [&str; 2] = ["/v1", "/fluidpay"];

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

async fn fetch(vault: &Vault, path: &str) -> Answer {
    vault.send(Request::get(path).body(Body::empty()).unwrap()).await
}

async fn document(vault: &Vault, mount: &str) -> Value {
    let answer = fetch(vault, &format!("{mount}/openapi.json")).await;
    assert_eq!(answer.headers["content-type"], "application/json");
    answer.expect(200)
}

/// Every operation: its path, its method and what the document tells of it.
fn operations(document: &Value) -> Vec<(&String, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            METHODS.iter().filter_map(move |method| Some((path, *method, item.get(*method)?)))
        })
        .collect()
}

/// A path whose ids are those of nothing.
fn placed(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "nothing" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// Follows a reference within the document.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema.get("$ref").and_then(Value::as_str) {
        Some(path) => document.pointer(path.strip_prefix('#').unwrap()).unwrap_or_else(|| panic!("{path}")),
        None => schema,
    }
}

fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test]
async fn every_face_has_a_document_whose_references_lead_somewhere() {
    let vault = Vault::start().await;
    for mount in FACES {
        let document = document(&vault, mount).await;
        assert_eq!(document["openapi"], "3.1.0", "{mount}");
        assert_eq!(document["servers"], json!([{"url": mount}]));
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            assert!(document.pointer(&reference[1..]).is_some(), "{mount}: {reference}");
        }
        let mut names = BTreeSet::new();
        for (path, method, told) in operations(&document) {
            assert!(names.insert(told["operationId"].as_str().unwrap()), "{method} {path}");
            assert!(told["summary"].is_string(), "{method} {path}");
            let answers = told["responses"].as_object().unwrap();
            let common: &[_] = if MOUNTS.contains(&mount) { &["400", "401", "500", "503"] } else { &[] };
            for status in common {
                let schema = &answers[*status]["content"]["application/json"]["schema"];
                assert!(schema["$ref"].is_string(), "{method} {path} {status}");
            }
            // What the vault does not keep, it refuses to tell.
            let refuses = told["summary"].as_str().unwrap().starts_with("Refuses");
            assert!(refuses != answers.keys().any(|status| status.starts_with('2')), "{method} {path}");
            let ids = path.matches('{').count();
            let told = told["parameters"].as_array().into_iter().flatten();
            assert_eq!(told.filter(|parameter| parameter["in"] == "path").count(), ids, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn every_operation_of_a_document_is_a_route_and_wants_its_key() {
    let vault = Vault::start().await;
    for mount in MOUNTS {
        let document = document(&vault, mount).await;
        for (path, method, _) in operations(&document) {
            let path = format!("{mount}{}", placed(path));
            let request = Request::builder().method(method.to_uppercase().as_str()).uri(&path);
            let answer = vault.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status.as_u16(), 401, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_pages_show_every_operation_and_load_nothing() {
    let vault = Vault::start().await;
    for mount in FACES {
        let document = document(&vault, mount).await;
        let answer = fetch(&vault, &format!("{mount}/docs")).await;
        assert_eq!(answer.status.as_u16(), 200);
        assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{policy}");
        let page = String::from_utf8(answer.bytes).unwrap();
        for (path, method, told) in operations(&document) {
            let name = format!("<code>{} {path}</code>", method.to_uppercase());
            for (end, place) in [("</a>", "in the contents"), ("</h3>", "as a heading")] {
                assert_eq!(page.matches(&format!("{name}{end}")).count(), 1, "{name}: {place}");
            }
            for status in told["responses"].as_object().unwrap().keys() {
                assert!(page.contains(&format!("<th scope=\"row\">{status}</th>")));
            }
        }
        for name in document["components"]["schemas"].as_object().unwrap().keys() {
            assert!(page.contains(&format!(">{name}</h3>")), "{mount}: {name}");
        }
        for part in ["<script", " src=", "<link", "<img", "<iframe", "http://", " style=", " onclick"] {
            assert!(!page.contains(part), "{mount}: {part}");
        }
        let ids: Vec<&str> =
            page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "ids are unique");
        for target in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(ids.contains(&target), "{mount}: #{target} leads nowhere");
        }
    }
}

#[tokio::test]
async fn the_style_of_a_page_is_the_one_its_policy_names() {
    use base64ct::{Base64, Encoding as _};
    use sha2::{Digest as _, Sha256};

    let vault = Vault::start().await;
    let answer = fetch(&vault, "/v1/docs").await;
    let policy = answer.headers["content-security-policy"].to_str().unwrap().to_owned();
    let page = String::from_utf8(answer.bytes).unwrap();
    let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let hash = Base64::encode_string(&Sha256::digest(style));
    assert!(policy.contains(&format!("'sha256-{hash}'")), "{policy}");
}

/// The documents are not only told: what they say of a body holds against the route that reads it.
#[tokio::test]
async fn bodies_are_read_as_their_schemas_say() {
    let vault = Vault::start().await;
    let mut held = 0;
    for mount in MOUNTS {
        let document = document(&vault, mount).await;
        for (path, method, told) in operations(&document) {
            let Some(schema) = told.pointer("/requestBody/content/application~1json/schema") else {
                continue;
            };
            let schema = resolved(&document, schema);
            let Some(members) = schema["properties"].as_object() else { continue };
            let key =
                if told["security"][0].get("publishable_key").is_some() { &vault.pk } else { &vault.sk };
            let path = format!("{mount}{}", placed(path));
            let send = async |body: Value| -> (u16, String, Value) {
                let request = Request::builder()
                    .method(method.to_uppercase().as_str())
                    .uri(&path)
                    .header("authorization", format!("Bearer {key}"))
                    .header("content-type", "application/json");
                let answer = vault.send(request.body(body.to_string().into()).unwrap()).await;
                let told = answer.json();
                let refusal = told.get("error").unwrap_or(&told);
                let code = refusal["code"].as_str().unwrap_or_default().to_owned();
                (answer.status.as_u16(), code, refusal["field"].clone())
            };
            assert_eq!(schema["additionalProperties"], json!(false), "{method} {path}");
            let (status, code, _) = send(json!({"no_such_member": 1})).await;
            let missing = ["required", "field_missing"];
            assert!(
                status == 400 && (code == "unknown_field" || missing.contains(&code.as_str())),
                "{method} {path}: {status} {code}"
            );
            let required: Vec<&str> =
                schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            for (name, member) in members {
                // Of the wrong type: whatever is said, it is not that there is no such member.
                let mut body = filled(&document, members, &required);
                body.insert(name.clone(), wrong(resolved(&document, member)));
                let (status, code, field) = send(Value::Object(body)).await;
                assert!((400..500).contains(&status), "{method} {path} {name}: {status} {code}");
                assert_ne!(code, "unknown_field", "{method} {path} {name} at {field}");
                held += 1;
            }
            for name in &required {
                let mut body = filled(&document, members, &required);
                body.remove(*name);
                let (status, code, field) = send(Value::Object(body)).await;
                assert!(status == 400 && missing.contains(&code.as_str()), "{method} {path} {name}: {code}");
                assert_eq!(field, json!(name), "{method} {path}");
            }
        }
    }
    assert!(held > 100, "only {held} members were tried");
}

/// The members that are required or have an example.
fn filled(document: &Value, members: &Map<String, Value>, required: &[&str]) -> Map<String, Value> {
    let mut body = Map::new();
    for (name, schema) in members {
        let schema = resolved(document, schema);
        let example = schema.pointer("/examples/0");
        if let Some(example) = example {
            body.insert(name.clone(), example.clone());
        } else if required.contains(&name.as_str()) {
            let any = if schema["type"] == "string" { json!("x") } else { json!({}) };
            body.insert(name.clone(), schema.pointer("/enum/0").cloned().unwrap_or(any));
        }
    }
    body
}

/// A value that no schema here allows in this place.
fn wrong(schema: &Value) -> Value {
    let text = schema.to_string();
    if text.contains("\"array\"") { json!(7) } else { json!([[]]) }
}

#[tokio::test]
async fn the_help_of_every_error_is_an_anchor_of_one_page() {
    let vault = Vault::start().await;
    let answer = fetch(&vault, "/docs/errors").await;
    assert_eq!((answer.status.as_u16(), &answer.headers["content-type"]), (200, &HTML));
    let policy = answer.headers["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(policy.ends_with("base-uri 'none'; form-action 'none'; frame-ancestors 'none'"), "{policy}");
    let page = String::from_utf8(answer.bytes).unwrap();
    let table: Value = serde_json::from_str(include_str!("../../../docs/errors.json")).unwrap();
    let mut codes = 0;
    for error in
        table["groups"].as_array().unwrap().iter().flat_map(|group| group["errors"].as_array().unwrap())
    {
        let code = error["code"].as_str().unwrap();
        assert_eq!(page.matches(&format!(" id=\"{code}\">")).count(), 1, "{code}");
        codes += 1;
    }
    assert!(codes > 100 && page.contains("</html>") && !page.contains('`'));
    assert!(!page.contains(" style=") && !page.contains("<script"));
    let refused = fetch(&vault, "/v1/customers").await;
    let error = &serde_json::from_slice::<Value>(&refused.bytes).unwrap()["error"];
    let (help, code) = (error["help"].as_str().unwrap(), error["code"].as_str().unwrap());
    assert_eq!(help, format!("/docs/errors#{code}"));
}
