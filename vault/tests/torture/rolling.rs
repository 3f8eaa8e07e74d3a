//! Three vaults on one PostgreSQL, each of them ended and started again in turns, under load: no request fails.
//!
//! The balancer before them does what balancers do. It asks each vault whether it is ready and sends new requests to those
//! that are; a request that found no connection was not sent, and goes to another one. A request that was sent is never
//! sent again: if its answer does not come, it has failed.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    private_postgres::Server,
    program::{
        Client, PUBLIC_URL, Program,
        card::{fresh_key, text},
        command,
    },
    proof::{
        figure,
        history::{History, Spend, Story, Told},
        judge::judge,
        row::Row,
    },
};

const REPLICAS: usize = 3;
const WORKERS: usize = 6;

/// Reads for each customer.
const READS: usize = 5;

/// How often a balancer asks whether a vault is ready.
const PROBE_EVERY: Duration = Duration::from_millis(50);

/// How long a vault that is told to end goes on, for the balancer to notice.
const DRAIN_DELAY: &str = "3s";

/// One vault, as the balancer knows it.
struct Replica {
    client: Mutex<Client>,
    is_ready: AtomicBool,
    under_way: AtomicUsize,
}

struct Balancer {
    replicas: Vec<Replica>,
    next: AtomicUsize,
    asked: AtomicUsize,
    failed: Mutex<Vec<String>>,
    /// As many requests as there shall be, and each vault was restarted.
    is_enough: AtomicBool,
    is_over: AtomicBool,
}

impl Balancer {
    /// Sends a request to the next vault that is ready.
    fn ask(&self, send: impl Fn(&Client) -> io::Result<(u16, Value)>) -> Option<(u16, Value)> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        for _ in 0..1000 {
            let replica = &self.replicas[self.next.fetch_add(1, Ordering::SeqCst) % REPLICAS];
            replica.under_way.fetch_add(1, Ordering::SeqCst);
            let client =
                replica.is_ready.load(Ordering::SeqCst).then(|| replica.client.lock().unwrap().clone());
            let outcome = client.map(|client| send(&client));
            replica.under_way.fetch_sub(1, Ordering::SeqCst);
            match outcome {
                Some(Ok(answer)) => return Some(answer),
                // Nothing was sent.
                Some(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                Some(Err(error)) => {
                    self.failed.lock().unwrap().push(format!("{error}"));
                    return None;
                }
                None => thread::sleep(Duration::from_millis(1)),
            }
        }
        self.failed.lock().unwrap().push("no vault was ready".to_owned());
        None
    }

    /// An answer with the expected status; anything else is a failed request.
    fn expect(&self, status: u16, send: impl Fn(&Client) -> io::Result<(u16, Value)>) -> Option<Value> {
        let (told, body) = self.ask(send)?;
        if told == status {
            return Some(body);
        }
        self.failed.lock().unwrap().push(format!("{told} {body}"));
        None
    }
}

#[test]
fn no_request_fails_while_three_vaults_are_restarted_in_turns() {
    let mut row = Row::begin("three replicas, rolling restart under load");
    let goal = figure(20_000, 500_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = Server::start();
    let store = server.url(&runtime.block_on(server.database()));
    let dir = TempDir::new().unwrap();
    let says_when_ready = says_when_ready();
    let start = |data: &Path| Program::spawn(serve(data, &store, says_when_ready));
    let homes: Vec<PathBuf> = (0..REPLICAS).map(|number| dir.path().join(number.to_string())).collect();
    let mut programs = vec![Some(start(&homes[0]))];
    for home in &homes[1..] {
        // The key-encryption key and the merchant's keys are those of all.
        fs::create_dir(home).unwrap();
        for name in ["kek", "dev-keys.json", "database-made"] {
            fs::copy(homes[0].join(name), home.join(name)).unwrap();
        }
        programs.push(Some(start(home)));
    }
    let ready = programs.iter().flatten().map(|program| &program.ready);
    assert!(ready.is_sorted_by(|one, other| one == other), "one merchant, one pair of keys");
    let balancer = Arc::new(Balancer {
        replicas: programs
            .iter()
            .flatten()
            .map(|program| Replica {
                client: Mutex::new(program.client()),
                is_ready: AtomicBool::new(true),
                under_way: AtomicUsize::new(0),
            })
            .collect(),
        next: AtomicUsize::new(0),
        asked: AtomicUsize::new(0),
        failed: Mutex::new(Vec::new()),
        is_enough: AtomicBool::new(false),
        is_over: AtomicBool::new(false),
    });
    let workers: Vec<_> = (0..WORKERS)
        .map(|_| {
            let balancer = Arc::clone(&balancer);
            thread::spawn(move || {
                let mut history = History::default();
                while !balancer.is_enough.load(Ordering::SeqCst) {
                    work(&balancer, &mut history);
                }
                history
            })
        })
        .collect();
    let probes = says_when_ready.then(|| probe(&balancer));
    let mut restarts = 0;
    while restarts < REPLICAS || balancer.asked.load(Ordering::SeqCst) < goal {
        let number = restarts % REPLICAS;
        let replica = &balancer.replicas[number];
        if !says_when_ready {
            // The balancer is told beforehand, as by whoever deploys.
            replica.is_ready.store(false, Ordering::SeqCst);
            while replica.under_way.load(Ordering::SeqCst) > 0 {
                thread::sleep(Duration::from_millis(1));
            }
        }
        let ending = programs[number].take().unwrap();
        assert!(ending.terminate(), "an orderly end");
        replica.is_ready.store(false, Ordering::SeqCst);
        let program = start(&homes[number]);
        *replica.client.lock().unwrap() = program.client();
        programs[number] = Some(program);
        replica.is_ready.store(true, Ordering::SeqCst);
        restarts += 1;
    }
    balancer.is_enough.store(true, Ordering::SeqCst);
    let mut history = History::default();
    for worker in workers {
        let told = worker.join().unwrap();
        history.stories.extend(told.stories);
        history.others.extend(told.others);
    }
    balancer.is_over.store(true, Ordering::SeqCst);
    probes.into_iter().flatten().for_each(|probe| probe.join().unwrap());
    let place = ["--dev", "--data", homes[0].to_str().unwrap(), "--store", &store].map(str::to_owned);
    let client = balancer.replicas[0].client.lock().unwrap().clone();
    let mut verdict = judge(&history, &client.kept(&place, &history));
    let failed = balancer.failed.lock().unwrap();
    for failure in &*failed {
        verdict.find_wrong(&format!("a request failed: {failure}"));
    }
    row.count("requests", balancer.asked.load(Ordering::SeqCst));
    row.count("failed", failed.len());
    row.count("restarts", restarts);
    row.end(&verdict);
}

/// Whether this vault says by itself whether new requests should come.
fn says_when_ready() -> bool {
    let help = command().args(["serve", "--help"]).output().unwrap();
    String::from_utf8_lossy(&help.stdout).contains("--drain-delay")
}

fn serve(data: &Path, store: &str, says_when_ready: bool) -> std::process::Command {
    let mut serve = command();
    serve.args(["serve", "--dev", "--listen", "127.0.0.1:0", "--public-url", PUBLIC_URL, "--data"]).arg(data);
    serve.env("TESSERA_STORE", store);
    if says_when_ready {
        serve.args(["--drain-delay", DRAIN_DELAY]);
    }
    serve
}

/// Asks every vault again and again whether it is ready.
fn probe(balancer: &Arc<Balancer>) -> Vec<thread::JoinHandle<()>> {
    (0..REPLICAS)
        .map(|number| {
            let balancer = Arc::clone(balancer);
            thread::spawn(move || {
                let replica = &balancer.replicas[number];
                while !balancer.is_over.load(Ordering::SeqCst) {
                    let client = replica.client.lock().unwrap().clone();
                    let is_ready =
                        client.call("", "GET", "/readyz", "", "").is_ok_and(|(status, _)| status == 200);
                    // The answer is one about this vault, not about one that was started meanwhile.
                    if replica.client.lock().unwrap().address() == client.address() {
                        replica.is_ready.store(is_ready, Ordering::SeqCst);
                    }
                    thread::sleep(PROBE_EVERY);
                }
            })
        })
        .collect()
}

/// A customer that is read, a token, and its spend.
fn work(balancer: &Balancer, history: &mut History) {
    let created =
        balancer.expect(201, |client| client.server("POST", "/v1/customers", &json!({"first_name": "Ada"})));
    let Some(customer) = created else { return };
    let id = text(&customer["id"]);
    for _ in 0..READS {
        balancer.expect(200, |client| client.server("GET", &format!("/v1/customers/{id}"), &Value::Null));
    }
    history.others.push(id);
    let Some(keys) = balancer.expect(200, |client| client.call(&client.pk, "GET", "/v1/keys", "", "")) else {
        return;
    };
    let key = &keys["keys"][0];
    let suite = seal::Suite::from_name(&text(&key["suite"])).unwrap();
    let key = seal::PublicKey::from_text(suite, &text(&key["id"]), &text(&key["public_key"])).unwrap();
    let idempotency_key = fresh_key();
    let issued = balancer.expect(201, |client| {
        client.post_token(&client.seal(&key, "4111111111111111", "123", idempotency_key.clone()))
    });
    let Some(issued) = issued else { return };
    let token = text(&issued["token"]);
    let spent = balancer.expect(201, |client| client.spend(&token));
    let spend = match spent {
        Some(method) => Spend { method: Some(text(&method["id"])), told: Told::Done },
        None => Spend { method: None, told: Told::Unknown },
    };
    history.stories.push(Story { token, issued: Told::Done, spends: vec![spend] });
}
