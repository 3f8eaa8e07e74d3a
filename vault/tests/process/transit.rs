//! A key-encryption key in a transit engine: a server of the tests' own that really encrypts, and fails in every way.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, mpsc},
    thread,
};

use aes_gcm::{
    Aes256Gcm, KeyInit as _, Nonce,
    aead::{Aead as _, Payload},
};
use axum::{
    Json, Router,
    extract::{Path as Segment, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use base64ct::{Base64, Encoding as _};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use serde_json::{Value, json};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
};
use vault::{
    keyring::{Freshness, KekFailure, KeyEncryption as _, TransitAddress, TransitKek},
    random::{self, SystemRandom},
};

use crate::{
    certificate::certificate,
    program::{PUBLIC_URL, Program, command},
};

/// How the engine behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Well,
    Sealed,
    Denying,
    Confused,
    Silent,
    /// Unavailable for so many requests.
    Failing(u32),
}

struct Engine {
    mood: Mutex<Mood>,
    versions: Mutex<Vec<[u8; 32]>>,
    asked: Mutex<u32>,
}

/// A running engine, and the file with the token it wants.
struct Server {
    engine: Arc<Engine>,
    address: SocketAddr,
    dir: tempfile::TempDir,
    scheme: &'static str,
}

impl Server {
    fn start() -> Self {
        Self::start_with(None, "http")
    }

    /// With TLS and a certificate of its own for `localhost`.
    fn start_encrypted(seed: u8) -> Self {
        let (chain, key) = certificate(seed);
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_pem_slice(chain.as_bytes()).unwrap()],
                PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
            )
            .unwrap();
        let server = Self::start_with(Some(TlsAcceptor::from(Arc::new(config))), "https");
        fs::write(server.dir.path().join("ca.pem"), chain).unwrap();
        server
    }

    fn start_with(tls: Option<TlsAcceptor>, scheme: &'static str) -> Self {
        let engine = Arc::new(Engine {
            mood: Mutex::new(Mood::Well),
            versions: Mutex::new(vec![*random::bytes(&SystemRandom).unwrap()]),
            asked: Mutex::new(0),
        });
        let router = Router::new()
            .route("/v1/transit/encrypt/tessera", post(encrypt))
            .route("/v1/transit/decrypt/tessera", post(decrypt))
            .route("/v1/transit/keys/{name}", get(describe))
            .with_state(Arc::clone(&engine));
        let (tell, told) = mpsc::channel();
        // Ends with the test program.
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let (service, tls) = (TowerToHyperService::new(router.clone()), tls.clone());
                    tokio::spawn(async move {
                        let http = hyper::server::conn::http1::Builder::new();
                        match tls {
                            None => drop(http.serve_connection(TokioIo::new(stream), service).await),
                            Some(tls) => {
                                if let Ok(stream) = tls.accept(stream).await {
                                    drop(http.serve_connection(TokioIo::new(stream), service).await);
                                }
                            }
                        }
                    });
                }
            });
        });
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("token"), "s.right\n").unwrap();
        fs::write(dir.path().join("wrong-token"), "s.wrong\n").unwrap();
        Self { engine, address: told.recv().unwrap(), dir, scheme }
    }

    fn url(&self, token: &str, more: &str) -> String {
        format!(
            "transit:{}://localhost:{}/v1/transit/keys/tessera?token-file={}{more}",
            self.scheme,
            self.address.port(),
            self.dir.path().join(token).display()
        )
    }

    fn kek(&self) -> TransitKek {
        TransitKek::new(TransitAddress::parse(&self.url("token", "")).unwrap()).unwrap()
    }

    fn feel(&self, mood: Mood) {
        *self.engine.mood.lock().unwrap() = mood;
    }

    fn rotate(&self) {
        self.engine.versions.lock().unwrap().push(*random::bytes(&SystemRandom).unwrap());
    }

    fn asked(&self) -> u32 {
        *self.engine.asked.lock().unwrap()
    }
}

impl Engine {
    /// What it answers before it does anything.
    async fn first(&self, headers: &HeaderMap) -> Option<Response> {
        *self.asked.lock().unwrap() += 1;
        let mood = *self.mood.lock().unwrap();
        let errors = |status: u16, text: &str| {
            Some((StatusCode::from_u16(status).unwrap(), Json(json!({"errors": [text]}))).into_response())
        };
        match mood {
            Mood::Well => {}
            Mood::Sealed => return errors(503, "Vault is sealed"),
            Mood::Denying => return errors(403, "permission denied"),
            Mood::Confused => return Some(Json(json!({"data": {"something": "else"}})).into_response()),
            Mood::Silent => std::future::pending::<()>().await,
            Mood::Failing(times) => {
                *self.mood.lock().unwrap() = if times <= 1 { Mood::Well } else { Mood::Failing(times - 1) };
                return errors(500, "internal error");
            }
        }
        if headers.get("x-vault-token").is_none_or(|token| token != "s.right") {
            return errors(403, "permission denied");
        }
        None
    }
}

fn member(body: &Value, name: &str) -> Vec<u8> {
    Base64::decode_vec(body[name].as_str().unwrap()).unwrap()
}

async fn encrypt(State(engine): State<Arc<Engine>>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    if let Some(refusal) = engine.first(&headers).await {
        return refusal;
    }
    let versions = engine.versions.lock().unwrap();
    let nonce = *random::bytes::<12>(&SystemRandom).unwrap();
    let (msg, aad) = (member(&body, "plaintext"), member(&body, "associated_data"));
    let sealed = Aes256Gcm::new(versions.last().unwrap().into())
        .encrypt(&Nonce::from(nonce), Payload { msg: &msg, aad: &aad })
        .unwrap();
    let sealed = Base64::encode_string(&[nonce.as_slice(), &sealed].concat());
    Json(json!({"data": {"ciphertext": format!("vault:v{}:{sealed}", versions.len())}})).into_response()
}

async fn decrypt(State(engine): State<Arc<Engine>>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    if let Some(refusal) = engine.first(&headers).await {
        return refusal;
    }
    let bad = || (StatusCode::BAD_REQUEST, Json(json!({"errors": ["invalid ciphertext"]}))).into_response();
    let opened = || {
        let text = body["ciphertext"].as_str()?.strip_prefix("vault:v")?.to_owned();
        let (version, sealed) = text.split_once(':')?;
        let versions = engine.versions.lock().unwrap();
        let key = versions.get(version.parse::<usize>().ok()?.checked_sub(1)?)?;
        let sealed = Base64::decode_vec(sealed).ok()?;
        let (nonce, sealed) = sealed.split_first_chunk::<12>()?;
        let aad = member(&body, "associated_data");
        Aes256Gcm::new(key.into()).decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: &aad }).ok()
    };
    match opened() {
        Some(plain) => Json(json!({"data": {"plaintext": Base64::encode_string(&plain)}})).into_response(),
        None => bad(),
    }
}

async fn describe(
    State(engine): State<Arc<Engine>>,
    headers: HeaderMap,
    Segment(name): Segment<String>,
) -> Response {
    if let Some(refusal) = engine.first(&headers).await {
        return refusal;
    }
    if name != "tessera" {
        return (StatusCode::NOT_FOUND, Json(json!({"errors": []}))).into_response();
    }
    Json(json!({"data": {"latest_version": engine.versions.lock().unwrap().len()}})).into_response()
}

#[tokio::test]
async fn a_key_is_wrapped_bound_to_its_name() {
    let server = Server::start();
    let kek = server.kek();
    let wrapped = kek.wrap("a", &[5; 32], &SystemRandom).await.unwrap();
    assert!(wrapped.starts_with(b"vault:v1:"));
    assert_eq!(*kek.unwrap("a", &wrapped).await.unwrap(), [5; 32]);
    assert_eq!(kek.unwrap("b", &wrapped).await, Err(KekFailure::WrongKey));
    assert_eq!(kek.unwrap("a", b"vault:v9:AAAA").await, Err(KekFailure::WrongKey));
    assert_eq!(kek.unwrap("a", &[0xff; 40]).await, Err(KekFailure::WrongKey));
    assert_eq!((kek.version_of(&wrapped), kek.is_outdated(&wrapped).await), (Some(1), Ok(Freshness::Newest)));
    server.rotate();
    assert_eq!(kek.is_outdated(&wrapped).await, Ok(Freshness::Outdated));
    assert_eq!(*kek.unwrap("a", &wrapped).await.unwrap(), [5; 32]);
    assert_eq!(kek.version_of(&kek.wrap("a", &[5; 32], &SystemRandom).await.unwrap()), Some(2));
}

#[tokio::test]
async fn what_the_engine_does_wrong_is_told_apart() {
    let server = Server::start();
    let kek = server.kek();
    let wrapped = kek.wrap("a", &[5; 32], &SystemRandom).await.unwrap();
    let refused = async |mood| {
        server.feel(mood);
        let before = server.asked();
        (kek.unwrap("a", &wrapped).await.unwrap_err(), server.asked() - before)
    };
    let (sealed, tries) = refused(Mood::Sealed).await;
    assert!(matches!(&sealed, KekFailure::Unavailable(why) if why.contains("sealed")), "{sealed}");
    assert_eq!(tries, 3);
    let (denied, tries) = refused(Mood::Denying).await;
    assert!(matches!(&denied, KekFailure::Denied(why) if why.contains("policy")), "{denied}");
    assert_eq!(tries, 1, "a refusal is not tried again");
    assert!(matches!(refused(Mood::Confused).await.0, KekFailure::Nonsense(_)));
    // Two failures in a row are survived.
    server.feel(Mood::Failing(2));
    assert_eq!(*kek.unwrap("a", &wrapped).await.unwrap(), [5; 32]);

    let other = TransitKek::new(TransitAddress::parse(&server.url("wrong-token", "")).unwrap()).unwrap();
    assert!(matches!(other.unwrap("a", &wrapped).await, Err(KekFailure::Denied(_))));
    let none = TransitKek::new(TransitAddress::parse(&server.url("no-token", "")).unwrap()).unwrap();
    let said = none.unwrap("a", &wrapped).await.unwrap_err().to_string();
    assert!(said.contains("no-token") && !said.contains("s.right"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_silent_engine_is_given_up() {
    let server = Server::start();
    let kek = server.kek();
    server.feel(Mood::Silent);
    let silent = kek.wrap("a", &[5; 32], &SystemRandom).await.unwrap_err();
    assert!(matches!(silent, KekFailure::Unavailable(_)), "{silent}");
}

#[tokio::test]
async fn the_engines_certificate_is_checked() {
    let server = Server::start_encrypted(7);
    let ca = server.dir.path().join("ca.pem");
    let trusting = |ca: &Path| {
        let url = server.url("token", &format!("&ca-file={}", ca.display()));
        TransitKek::new(TransitAddress::parse(&url).unwrap()).unwrap()
    };
    let kek = trusting(&ca);
    let wrapped = kek.wrap("a", &[5; 32], &SystemRandom).await.unwrap();
    assert_eq!(*kek.unwrap("a", &wrapped).await.unwrap(), [5; 32]);
    let (other, _) = certificate(8);
    let path = server.dir.path().join("other.pem");
    fs::write(&path, other).unwrap();
    let before = server.asked();
    let distrust = trusting(&path).unwrap("a", &wrapped).await.unwrap_err();
    assert!(matches!(&distrust, KekFailure::Denied(why) if why.contains("certificate")), "{distrust}");
    assert_eq!(server.asked(), before, "nothing was sent, the token neither");
}

fn serve(data: &Path, kek: &str) -> Program {
    let mut program = command();
    program.args(["serve", "--dev", "--listen", "127.0.0.1:0", "--public-url", PUBLIC_URL, "--kek", kek]);
    program.arg("--data").arg(data);
    Program::spawn(program)
}

fn keys(data: &Path, args: &[&str]) -> Result<Vec<Value>, String> {
    let output = command().arg("keys").args(args).arg("--data").arg(data).output().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8(output.stderr).unwrap());
    }
    let text = String::from_utf8(output.stdout).unwrap();
    Ok(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn an_outage_stops_nothing_but_the_next_start() {
    let server = Server::start();
    let (url, data): (_, PathBuf) = (server.url("token", ""), server.dir.path().join("data"));
    let program = serve(&data, &url);
    let client = program.client();
    server.feel(Mood::Sealed);
    let token = crate::kill::tokenize(&client).unwrap();
    let (status, _) = client.server("POST", "/v1/payment-methods", &json!({"token": token})).unwrap();
    assert_eq!(status, 201);
    let refused = keys(&data, &["rewrap", "--kek", &url]).unwrap_err();
    assert!(refused.contains("sealed"), "{refused}");
    let output = command()
        .args(["serve", "--dev", "--listen", "127.0.0.1:0", "--kek", &url, "--data"])
        .arg(server.dir.path().join("data-2"))
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("sealed"));

    // It is back, and its key has a new version.
    server.feel(Mood::Well);
    server.rotate();
    let versions = || {
        let shown = keys(&data, &["status", "--kek", &url]).unwrap();
        shown.iter().filter_map(|line| line["kek_version"].as_u64()).collect::<Vec<_>>()
    };
    assert_eq!(versions(), [1; 5]);
    assert_eq!(keys(&data, &["rewrap", "--kek", &url]).unwrap()[0]["rewrapped"], 5);
    assert_eq!(versions(), [2; 5]);
    assert_eq!(client.server("GET", "/v1/customers", &Value::Null).unwrap().0, 200);
    assert!(program.terminate());
    assert!(serve(&data, &url).terminate());
}
