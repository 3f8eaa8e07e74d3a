//! Card numbers that are drawn for this, sent as shoppers send them and as people send them wrongly, and then looked for
//! wherever somebody could come across them: the database and its log, temporary files, the vault's own log at its
//! finest, what it answered, its metrics, and its memory.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{Read as _, Seek as _, SeekFrom},
    path::Path,
};

use rand::{RngExt as _, rngs::StdRng};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    needles::{self, Needles},
    program::{Client, PUBLIC_URL, Program, card::fresh_key, card::text, command},
    proof::{figure, judge::Verdict, row::Row},
};

/// How often the memory of the vault is looked at, in even steps.
const LOOKS: usize = 30;

/// In whose form tokens are made.
const DIALECTS: [&str; 5] = ["tessera", "fluidpay", "paydock", "flute", "payments_ai"];

/// Where numbers are sent that do not belong there: a path of each face, and some that lead nowhere.
const PATHS: [&str; 9] = [
    "/v1/customers",
    "/v1/payment-methods",
    "/v1/tokens",
    "/fluidpay/api/vault/customer",
    "/paydock/v1/customers",
    "/flute/v1/customers",
    "/paymentsai/v1/customers",
    "/frame/",
    "/nowhere/",
];

#[test]
fn no_number_is_anywhere() {
    let mut row = Row::begin("canary numbers in everything that is kept or said");
    let mut random = row.random();
    let checkouts = figure(60, 10_000);
    let dir = TempDir::new().unwrap();
    let (data, temporary, log) = (dir.path().join("data"), dir.path().join("tmp"), dir.path().join("log"));
    fs::create_dir(&temporary).unwrap();
    let mut serve = command();
    serve
        .args(["serve", "--dev", "--listen", "127.0.0.1:0", "--public-url", PUBLIC_URL, "--data"])
        .arg(&data);
    serve.env("TESSERA_LOG", "debug").env("TMPDIR", &temporary).stderr(File::create(&log).unwrap());
    let program = Program::try_spawn(serve).unwrap();
    let client = program.client();

    let (mut sealed, mut misplaced) = (Needles::default(), Needles::default());
    let (mut answers, mut refused) = (Vec::new(), 0);
    let (mut looks, mut bytes_of_memory) = (0, 0);
    let mut verdict = Verdict { acknowledged: checkouts, ..Verdict::default() };
    let mut drawn = HashSet::new();
    // Each once: what is sent in clear may be in memory, what is sealed may not.
    let mut number = |random: &mut StdRng| loop {
        let number = needles::number(random);
        if drawn.insert(number.clone()) {
            return number;
        }
    };
    for checkout in 0..checkouts {
        let sold = number(&mut random);
        sealed.add(&sold);
        let dialect = DIALECTS[checkout % DIALECTS.len()];
        check_out(&client, &sold, dialect, &mut random, &mut answers);
        // At once: what one request leaves on a stack, the next one may write over.
        if checkout % (checkouts / LOOKS) == 0
            && let Some(memory) = memory(program.id())
        {
            looks += 1;
            bytes_of_memory = memory.iter().map(|(_, bytes)| bytes.len()).sum();
            let found = in_memory(&memory, &sealed);
            if found > 0 {
                verdict.find_wrong(&format!("{found} numbers in memory"));
            }
        }
        if checkout % 5 == 0 {
            let astray = number(&mut random);
            misplaced.add(&astray);
            refused += misplace(&client, &astray, &mut random, &mut answers);
        }
    }
    // Metrics, where there are any.
    answers.push(client.raw(&client.sk, "GET", "/metrics", "", "").unwrap());

    let mut look = |what: &str, bytes: &[u8], needles: &[&Needles]| {
        let found: usize = needles.iter().map(|needles| needles.found(bytes).len()).sum();
        if found > 0 {
            verdict.find_wrong(&format!("{found} numbers in {what}"));
        }
    };
    let all = [&sealed, &misplaced];
    look("the answers", answers.concat().as_bytes(), &all);
    assert!(program.terminate());
    let log = fs::read(&log).unwrap();
    assert!(log.len() > checkouts * 100, "the log is there");
    look("the log", &log, &all);
    for directory in [&data, &temporary] {
        for (name, bytes) in files(directory) {
            look(&name, &bytes, &all);
        }
    }
    row.count("checkouts", checkouts);
    row.count("misplaced numbers", refused);
    row.count("looks at memory", looks);
    row.count("bytes of memory", bytes_of_memory);
    if looks == 0 {
        eprintln!("the memory of the vault cannot be read here: NOT looked at");
    }
    row.end(&verdict);
}

/// What a shopper and a merchant do, over HTTP.
fn check_out(client: &Client, number: &str, dialect: &str, random: &mut StdRng, answers: &mut Vec<String>) {
    let key = client.sealing_key().unwrap();
    let mut sealed = client.seal(&key, number, &needles::code(number, random), fresh_key());
    let mut body: Value = serde_json::from_str(&sealed.body).unwrap();
    body["dialect"] = json!(dialect);
    sealed.body = body.to_string();
    let (status, issued) = client.post_token(&sealed).unwrap();
    assert_eq!(status, 201, "{issued}");
    answers.push(issued.to_string());
    // Flute's tokens are payment methods themselves; all others are spent.
    if dialect == "flute" {
        return;
    }
    let (status, method) = client.spend(&text(&issued["token"])).unwrap();
    assert_eq!(status, 201, "{method}");
    let (status, again) = client.spend(&text(&issued["token"])).unwrap();
    assert_eq!(status, 409, "{again}");
    let (_, listed) = client.server("GET", "/v1/payment-methods?limit=3", &Value::Null).unwrap();
    answers.extend([method, again, listed].map(|answer| answer.to_string()));
}

/// Sends a number where none belongs; gives how often.
fn misplace(client: &Client, number: &str, random: &mut StdRng, answers: &mut Vec<String>) -> usize {
    let groups: Vec<_> = number.as_bytes().chunks(4).map(|four| std::str::from_utf8(four).unwrap()).collect();
    let spaced = groups.join(" ");
    let bodies = [
        json!({"first_name": number, "token": number}),
        json!({number: number}),
        json!({"number": spaced, "cvc": "9137", "card": {"number": number}}),
        json!({"envelope": number, "kind": "card", "page_origin": number}),
        json!({"metadata": {"note": spaced, number: [number]}}),
    ];
    let mut sent = 0;
    for path in PATHS {
        let body = &bodies[random.random_range(0..bodies.len())];
        for (method, path) in [
            ("POST", path.to_owned()),
            ("GET", format!("{path}/{number}")),
            ("PATCH", format!("{path}?q={number}")),
        ] {
            for key in [&client.sk, &client.pk, &number.to_owned()] {
                answers.push(client.raw(key, method, &path, "", &body.to_string()).unwrap());
                sent += 1;
            }
        }
    }
    sent
}

/// Every file below a directory.
fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![(path.display().to_string(), fs::read(&path).unwrap())]
            }
        })
        .collect()
}

/// How many places of the memory hold a number; where they are is said.
fn in_memory(memory: &[(String, Vec<u8>)], needles: &Needles) -> usize {
    let mut places = 0;
    for (mapping, bytes) in memory {
        let mut last = None;
        for place in needles.found(bytes) {
            // One number is found window by window.
            if last.is_none_or(|last| place > last + 1) {
                places += 1;
                let around = &bytes[place.saturating_sub(64)..bytes.len().min(place + 80)];
                eprintln!("a number in {mapping} at {place:#x}: {}", around.escape_ascii());
            }
            last = Some(place);
        }
    }
    places
}

/// All memory of a process that it may write to, by mappings; `None` where nobody may look at it.
fn memory(process: u32) -> Option<Vec<(String, Vec<u8>)>> {
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).ok()?;
    let mut memory = File::open(format!("/proc/{process}/mem")).ok()?;
    let mut all = Vec::new();
    for line in maps.lines() {
        let mut fields = line.split_whitespace();
        let (Some(range), Some(rights)) = (fields.next(), fields.next()) else { continue };
        if !rights.starts_with("rw") || line.ends_with("[vvar]") {
            continue;
        }
        let (from, to) = range.split_once('-')?;
        let (from, to) = (u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?);
        memory.seek(SeekFrom::Start(from)).ok()?;
        let mut part = vec![0; usize::try_from(to - from).ok()?];
        // Mappings of files may end before their last page.
        if memory.read_exact(&mut part).is_ok() {
            all.push((line.to_owned(), part));
        }
    }
    (!all.is_empty()).then_some(all)
}
