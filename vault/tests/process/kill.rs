//! Killed at random moments under load, and started again on the same directory: everything that was
//! acknowledged is there, nothing happened twice, the keys are the same.

use std::{
    io,
    sync::mpsc::{self, Sender},
    thread,
};

use rand::RngExt as _;
use serde_json::{Value, json};

use crate::{
    program::{Client, Program, card::text},
    proof::{
        figure,
        history::{History, Spend, Story, Told},
        judge::judge,
        row::Row,
    },
};

const WORKERS: usize = 4;

/// Those who want the same token at the same time.
const RIVALS: usize = 2;

/// What a worker has to tell.
#[derive(Debug)]
enum Event {
    Customer(String),
    Story(Story),
    /// A request that was cut off, of which nothing is known to look for.
    Unanswered,
}

#[test]
fn what_was_acknowledged_survives_every_kill() {
    let mut row = Row::begin("kill -9 of the server under load");
    let mut random = row.random();
    let kills = figure(50, 2_000);
    let dir = tempfile::tempdir().unwrap();
    let mut program = Program::start(dir.path());
    let ready = program.ready.clone();
    let mut history = History::default();
    for _ in 0..kills {
        let (tell, told) = mpsc::channel();
        let workers: Vec<_> = (0..WORKERS)
            .map(|_| {
                let (client, tell) = (program.client(), tell.clone());
                // Ends with the first connection that fails: the kill.
                thread::spawn(move || work(&client, &tell).unwrap_err())
            })
            .collect();
        drop(tell);
        let moment = random.random_range(1..60);
        let mut events: Vec<_> = told.iter().take(moment).collect();
        program.kill();
        events.extend(told.iter());
        for worker in workers {
            worker.join().unwrap();
        }
        for event in events {
            match event {
                Event::Customer(id) => history.others.push(id),
                Event::Story(story) => history.stories.push(story),
                Event::Unanswered => history.unanswered += 1,
            }
        }
        program = Program::start(dir.path());
        assert_eq!(program.ready, ready, "the same keys");
    }
    let place = ["--dev".to_owned(), "--data".to_owned(), dir.path().display().to_string()];
    let verdict = judge(&history, &program.client().kept(&place, &history));
    assert!(program.terminate(), "an orderly end");
    row.count("kills", kills);
    row.end(&verdict);
    assert!(verdict.won > 0 && !history.others.is_empty());
}

/// Creates customers, issues tokens and has rivals spend them until the vault is gone.
fn work(client: &Client, tell: &Sender<Event>) -> io::Result<std::convert::Infallible> {
    let report = |event| tell.send(event).map_err(io::Error::other);
    loop {
        let customer = client.server("POST", "/v1/customers", &json!({"first_name": "Ada"}));
        let customer = noted(customer, tell)?;
        report(Event::Customer(text(&customer["id"])))?;
        let token = text(&noted(client.tokenize(), tell)?["token"]);
        let spends: Vec<_> = thread::scope(|scope| {
            let rivals: Vec<_> = (0..RIVALS).map(|_| scope.spawn(|| spend(client, &token))).collect();
            rivals.into_iter().map(|rival| rival.join().unwrap()).collect()
        });
        let is_over = spends.iter().any(|spend| spend.told == Told::Unknown);
        report(Event::Story(Story { token, issued: Told::Done, spends }))?;
        if is_over {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// The body of what was created, or that there was no answer.
fn noted(answer: io::Result<(u16, Value)>, tell: &Sender<Event>) -> io::Result<Value> {
    match answer {
        Ok((status, body)) => {
            assert_eq!(status, 201, "{body}");
            Ok(body)
        }
        Err(error) => {
            tell.send(Event::Unanswered).map_err(io::Error::other)?;
            Err(error)
        }
    }
}

fn spend(client: &Client, token: &str) -> Spend {
    match client.spend(token) {
        Ok((201, method)) => Spend { method: Some(text(&method["id"])), told: Told::Done },
        Ok((409, answer)) if answer["error"]["code"] == "token_already_used" => {
            Spend { method: None, told: Told::Spent }
        }
        Ok((_, answer)) => panic!("a spender was told: {answer}"),
        Err(_) => Spend { method: None, told: Told::Unknown },
    }
}

/// Makes a token of a card, as the frame does.
pub(crate) fn tokenize(client: &Client) -> io::Result<String> {
    let (status, answer) = client.tokenize()?;
    assert_eq!(status, 201, "{answer}");
    Ok(text(&answer["token"]))
}
