//! The power fails: at every sync of a real vault under load, before and after it, with everything unsynced lost, kept,
//! reordered or torn. A vault starts on what is left, and everything that was answered before is there.

use std::{collections::HashMap, fs, os::unix::fs::MetadataExt as _, path::Path, sync::Arc, thread};

use rand::{RngExt as _, rngs::StdRng, seq::SliceRandom as _};
use serde_json::{Value, json};
use tempfile::TempDir;
use vault::{
    clock::SystemClock,
    domain::{PaymentMethodId, TenantId},
    keyring::{AuditKey, Kek, KekRing},
    random::SystemRandom,
    startup::{self, Started},
};

use crate::{
    disk::{Disk, Fate},
    program::{Client, PUBLIC_URL, Program, card::text, command},
    proof::{
        figure,
        history::{History, Spend, Story, Told},
        judge::{Verdict, judge},
        kept::Kept,
        row::Row,
    },
    support,
    trace::{self, Event},
};

const WORKERS: usize = 3;

/// Rounds of a customer, a token and its spend by each worker: the log is checkpointed in between.
const ROUNDS: usize = 45;

/// A cut: how many events came before it, and what became of the unsynced ones.
type Cut = (usize, Fate);

#[test]
fn what_was_acknowledged_survives_every_power_cut() {
    let mut row = Row::begin("power lost at sync boundaries, SQLite");
    if let Some(obstacle) = trace::obstacle().or_else(nameless) {
        return row.skip(&obstacle);
    }
    let mut random = row.random();
    let cuts = figure(200, 10_000);
    let mut verdict = Verdict::default();
    let (mut done, mut records, mut syncs) = (0, 0, 0);
    while done < cuts {
        let load = Load::record();
        let mut boundaries = load.boundaries();
        records += 1;
        assert!(
            load.without_syncs(&mut random).lost > 0,
            "a vault that did not sync its log would be noticed"
        );
        syncs += boundaries.len() / 2 / Fate::ALL.len();
        boundaries.shuffle(&mut random);
        boundaries.truncate(cuts - done);
        done += boundaries.len();
        verdict.add(&load.cut_at(boundaries, &mut random));
    }
    row.count("cuts", done);
    row.count("syncs", syncs);
    row.count("records", records);
    row.end(&verdict);
    assert!(verdict.won > 0);
}

/// Why the files of a vault cannot be told apart; `None` if they can. A vault lets nobody but root look into its process, and
/// strace looks there for the names of open files.
fn nameless() -> Option<String> {
    let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    (!is_root).then(|| "only root can tell which files a vault writes to".to_owned())
}

/// A load, and everything that the vault did under it.
struct Load {
    directory: std::path::PathBuf,
    tenant: TenantId,
    events: Vec<Event>,
    /// When each id and token was sent: the number of the event.
    sent: HashMap<String, usize>,
    /// Each token with its payment method.
    spends: Vec<(String, String)>,
    customers: Vec<String>,
}

impl Load {
    fn record() -> Self {
        let dir = TempDir::new().unwrap();
        // As the kernel names it.
        let home = dir.path().canonicalize().unwrap();
        let (data, record) = (home.join("data"), home.join("record"));
        fs::create_dir(&data).unwrap();
        let mut serve = command();
        serve
            .args(["serve", "--dev", "--listen", "127.0.0.1:0", "--public-url", PUBLIC_URL, "--data"])
            .arg(&data);
        let program = Program::spawn(trace::watched(&serve, &record, &trace::whole()));
        let tenant = TenantId::new(program.ready["organization_id"].as_str().unwrap());
        let (mut spends, mut customers) = (Vec::new(), Vec::new());
        let workers: Vec<_> = (0..WORKERS)
            .map(|_| {
                let client = program.client();
                thread::spawn(move || (0..ROUNDS).map(|_| work(&client)).collect::<Vec<_>>())
            })
            .collect();
        for worker in workers {
            for (customer, token, method) in worker.join().unwrap() {
                customers.push(customer);
                spends.push((token, method));
            }
        }
        program.kill_watched(&record);
        let text = fs::read_to_string(&record).unwrap();
        let events = trace::read(&text, Path::new("/"));
        let mut sent = HashMap::new();
        for (number, event) in events.iter().enumerate() {
            let Event::Sent { bytes } = event else { continue };
            for id in ids(bytes) {
                sent.entry(id).or_insert(number);
            }
        }
        let load = Self { directory: data, tenant, events, sent, spends, customers };
        for (token, method) in &load.spends {
            assert!(
                load.sent.contains_key(token) && load.sent.contains_key(method),
                "every answer is recorded"
            );
        }
        load
    }

    /// Every place before and after the end of a sync, with every fate. Where nothing is unsynced all fates are one.
    fn boundaries(&self) -> Vec<Cut> {
        let mut disk = Disk::new(&self.directory);
        let mut cuts = Vec::new();
        for (number, event) in self.events.iter().enumerate() {
            let is_end = matches!(event, Event::SyncEnds { .. });
            for place in [number, number + 1] {
                if is_end {
                    cuts.extend(Fate::ALL.map(|fate| (place, fate)));
                }
            }
            disk.take(event);
        }
        cuts
    }

    /// Cuts the power at each of the places, and judges what is left.
    fn cut_at(&self, mut cuts: Vec<Cut>, random: &mut StdRng) -> Verdict {
        cuts.sort_by_key(|(place, _)| *place);
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let mut verdict = Verdict::default();
        let mut disk = Disk::new(&self.directory);
        let mut passed = 0;
        for (place, fate) in cuts {
            for event in &self.events[passed..place] {
                disk.take(event);
            }
            passed = place;
            let left = TempDir::new().unwrap();
            let data = left.path().join("data");
            fs::create_dir(&data).unwrap();
            disk.leave(fate, random, &data);
            if random.random() {
                // What a real disk may have of it is of no use to anybody.
                fs::write(data.join("vault.sqlite-shm"), vec![0x5a; 32_768]).unwrap();
            }
            let mut one = runtime.block_on(self.judge(place, left.path()));
            for offence in &mut one.offences {
                *offence =
                    format!("cut before event {place}, {fate:?}, {} pending: {offence}", disk.pending());
            }
            verdict.add(&one);
        }
        verdict
    }

    /// What the judge says of the same vault, if it had never synced its log.
    fn without_syncs(&self, random: &mut StdRng) -> Verdict {
        let mut disk = Disk::new(&self.directory);
        for event in &self.events {
            let is_of_log = |path: &Path| path.to_string_lossy().ends_with("-wal");
            if !matches!(event, Event::SyncEnds { path, .. } if is_of_log(path)) {
                disk.take(event);
            }
        }
        let left = TempDir::new().unwrap();
        let data = left.path().join("data");
        fs::create_dir(&data).unwrap();
        disk.leave(Fate::Lost, random, &data);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(self.judge(self.events.len(), left.path()))
    }

    /// Starts a vault on what is left, and compares it with what was answered before an event.
    async fn judge(&self, place: usize, left: &Path) -> Verdict {
        let is_sent = |id: &str| self.sent.get(id).is_some_and(|sent| *sent < place);
        let told = |id: &str| if is_sent(id) { Told::Done } else { Told::Unknown };
        let stories = self.spends.iter().map(|(token, method)| Story {
            token: token.clone(),
            issued: told(token),
            spends: vec![Spend { method: Some(method.clone()), told: told(method) }],
        });
        let others = self.customers.iter().filter(|customer| is_sent(customer)).cloned().collect();
        let history = History { stories: stories.collect(), others, unanswered: 0 };
        let config = support::config(left);
        let started = startup::start(&config, Arc::new(SystemClock), Arc::new(SystemRandom)).await;
        let Started { vaulting, .. } = match started {
            Ok(started) => started,
            Err(error) => {
                let mut verdict = Verdict::default();
                verdict.find_wrong(&format!("the vault does not start: {error}"));
                return verdict;
            }
        };
        let store = vaulting.store();
        let Some(keys) = vaulting.keyring().merchant(&self.tenant) else {
            // Before its merchant was there: nothing can have been answered.
            return judge(&history, &Kept::default());
        };
        let macs =
            history.stories.iter().map(|story| (story.token.clone(), keys.lookup().token_mac(&story.token)));
        let keks = KekRing::from(Kek::from_file(&left.join("data/kek")).unwrap());
        let key = AuditKey::load(&keks, store).await.unwrap().unwrap();
        let kept = Kept::in_store(store, key, &self.tenant, macs, &history.others).await;
        let mut verdict = judge(&history, &kept);
        for method in &kept.methods {
            let id = PaymentMethodId::new(method.as_str());
            let method = store.payment_method(&self.tenant, &id).await.unwrap().unwrap();
            if vaulting.instrument(&self.tenant, &method).is_err() {
                verdict.find_wrong(&format!("{} cannot be read", id.as_str()));
            }
        }
        verdict
    }
}

fn work(client: &Client) -> (String, String, String) {
    let created = |answer: std::io::Result<(u16, Value)>| {
        let (status, body) = answer.unwrap();
        assert_eq!(status, 201, "{body}");
        body
    };
    let customer = created(client.server("POST", "/v1/customers", &json!({"first_name": "Ada"})));
    let token = text(&created(client.tokenize())["token"]);
    let method = created(client.spend(&token));
    (text(&customer["id"]), token, text(&method["id"]))
}

/// What an answer gives out.
fn ids(answer: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(answer);
    let Some((_, body)) = text.split_once("\r\n\r\n") else { return Vec::new() };
    let Ok(body) = serde_json::from_str::<Value>(body) else { return Vec::new() };
    ["id", "token"].iter().filter_map(|member| body[member].as_str().map(str::to_owned)).collect()
}
