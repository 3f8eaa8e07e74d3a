//! The disk fails under a real vault: it is full, a write fails, a sync fails. Nothing that was acknowledged is lost, a vault
//! whose commit failed ends, and the next start goes on with everything.

use std::{fs, io, path::Path, thread};

use rand::{RngExt as _, rngs::StdRng};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    program::{Client, PUBLIC_URL, Program, card::text, command},
    proof::{
        figure,
        history::{History, Spend, Story, Told},
        judge::{Verdict, judge},
        row::Row,
    },
    trace,
};

const WORKERS: usize = 3;

/// Requests of each worker, if the vault answers that many.
const REQUESTS: usize = 12;

/// Faults on one directory, before it is judged and another one is taken.
const ON_ONE: usize = 10;

/// What fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    DiskFull,
    WriteFails,
    SyncFails,
}

impl Fault {
    const ALL: [Self; 3] = [Self::DiskFull, Self::WriteFails, Self::SyncFails];

    /// What strace is told: from which call of a thread on, and for how many.
    fn injection(self, random: &mut StdRng) -> String {
        match self {
            // Full it stays.
            Self::DiskFull => format!("inject=pwrite64:error=ENOSPC:when={}+", random.random_range(4..120)),
            Self::WriteFails => format!("inject=pwrite64:error=EIO:when={}", random.random_range(4..120)),
            Self::SyncFails => {
                format!("inject=fsync,fdatasync:error=EIO:when={}", random.random_range(2..20))
            }
        }
    }
}

#[derive(Default)]
struct Figures {
    injected: [usize; 3],
    ended_by_itself: usize,
    not_started: usize,
}

#[test]
fn what_was_acknowledged_survives_a_failing_disk() {
    let mut row = Row::begin("disk full, I/O error, failing fsync");
    if let Some(obstacle) = trace::obstacle() {
        return row.skip(&obstacle);
    }
    let mut random = row.random();
    let faults = figure(3, 500);
    let mut verdict = Verdict::default();
    let mut figures = Figures::default();
    let mut left = faults;
    while left > 0 {
        let some = left.min(ON_ONE);
        verdict.add(&on_one_directory(faults - left, some, &mut random, &mut figures));
        left -= some;
    }
    for (fault, injected) in ["disk full", "failing write", "failing fsync"].iter().zip(figures.injected) {
        row.count(fault, injected);
        assert!(injected > 0, "{fault}");
    }
    row.count("ended by itself", figures.ended_by_itself);
    row.count("did not start", figures.not_started);
    row.end(&verdict);
}

fn on_one_directory(first: usize, faults: usize, random: &mut StdRng, figures: &mut Figures) -> Verdict {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    let mut history = History::default();
    // Made without a fault.
    assert!(Program::start(&data).terminate());
    let mut injected = 0;
    while injected < faults {
        let which = (first + injected) % Fault::ALL.len();
        if fail_once(Fault::ALL[which], dir.path(), random, &mut history, figures) {
            figures.injected[which] += 1;
            injected += 1;
        }
    }
    let program = Program::start(&data);
    let place = ["--dev".to_owned(), "--data".to_owned(), data.display().to_string()];
    let verdict = judge(&history, &program.client().kept(&place, &history));
    assert!(program.terminate());
    verdict
}

/// One life of the vault, with one fault in it; whether the fault came to pass before the life was over.
fn fail_once(
    fault: Fault,
    dir: &Path,
    random: &mut StdRng,
    history: &mut History,
    figures: &mut Figures,
) -> bool {
    let data = dir.join("data");
    // One for each life: the watcher of the last one may not be done.
    let record = tempfile::NamedTempFile::new_in(dir).unwrap().into_temp_path();
    let injection = fault.injection(random);
    let mut serve = command();
    serve
        .args(["serve", "--dev", "--listen", "127.0.0.1:0", "--public-url", PUBLIC_URL, "--data"])
        .arg(&data);
    let calls = ["-s", "0", "-e", "trace=pwrite64,fsync,fdatasync", "-e", injection.as_str()];
    let mut watched = trace::watched(&serve, &record, &calls);
    watched.stderr(std::process::Stdio::null());
    let Some(mut program) = Program::try_spawn(watched) else {
        // It refused to start on a disk that fails, which is its right.
        figures.not_started += 1;
        return is_injected(&record);
    };
    let workers: Vec<_> = (0..WORKERS)
        .map(|_| {
            let client = program.client();
            thread::spawn(move || {
                let mut told = History::default();
                for _ in 0..REQUESTS {
                    if work(&client, &mut told).is_err() {
                        break;
                    }
                }
                told
            })
        })
        .collect();
    let mut is_somebody_refused = false;
    for worker in workers {
        let told = worker.join().unwrap();
        let is_unknown = |story: &Story| story.spends.iter().any(|spend| spend.told == Told::Unknown);
        is_somebody_refused |= told.unanswered > 0 || told.stories.iter().any(is_unknown);
        history.stories.extend(told.stories);
        history.others.extend(told.others);
        history.unanswered += told.unanswered;
    }
    // A sync that fails in a checkpoint is nobody's commit: SQLite tries it again, with the pages from the log.
    if program.ended_within_patience(is_somebody_refused && is_sync_failed(&record)) {
        figures.ended_by_itself += 1;
    }
    program.kill_watched(&record);
    is_injected(&record)
}

fn is_injected(record: &Path) -> bool {
    fs::read_to_string(record).unwrap_or_default().contains("(INJECTED)")
}

/// Whether a sync failed.
fn is_sync_failed(record: &Path) -> bool {
    let record = fs::read_to_string(record).unwrap_or_default();
    record.lines().any(|line| line.contains("fsync") && line.contains("(INJECTED)"))
}

fn work(client: &Client, told: &mut History) -> io::Result<()> {
    let customer = client.server("POST", "/v1/customers", &json!({"first_name": "Ada"}));
    if let Some(customer) = noted(customer, told)? {
        told.others.push(text(&customer["id"]));
    }
    let Some(token) = noted(client.tokenize(), told)? else { return Ok(()) };
    let token = text(&token["token"]);
    let (spend, outcome) = match client.spend(&token) {
        Ok((201, method)) => (Spend { method: Some(text(&method["id"])), told: Told::Done }, Ok(())),
        Ok((status, answer)) => {
            assert_unavailable(status, &answer);
            (Spend { method: None, told: Told::Unknown }, Ok(()))
        }
        Err(error) => (Spend { method: None, told: Told::Unknown }, Err(error)),
    };
    told.stories.push(Story { token, issued: Told::Done, spends: vec![spend] });
    outcome
}

/// The body of what was created, if it was.
fn noted(answer: io::Result<(u16, Value)>, told: &mut History) -> io::Result<Option<Value>> {
    match answer {
        Ok((201, body)) => Ok(Some(body)),
        Ok((status, body)) => {
            assert_unavailable(status, &body);
            told.unanswered += 1;
            Ok(None)
        }
        Err(error) => {
            told.unanswered += 1;
            Err(error)
        }
    }
}

/// The one thing that a vault with a broken disk says.
#[track_caller]
fn assert_unavailable(status: u16, answer: &Value) {
    assert_eq!((status, &answer["error"]["code"]), (503, &json!("unavailable")), "{answer}");
}
