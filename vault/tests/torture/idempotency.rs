//! The same key many times at once, for something else, and after a crash: one token, one answer.

use std::{collections::HashSet, thread};

use rand::{RngExt as _, seq::SliceRandom as _};
use serde_json::Value;

use crate::{
    program::{
        Client, Program,
        card::{Sealed, fresh_key, text},
    },
    proof::{
        figure,
        history::{History, Spend, Story, Told},
        judge::judge,
        row::Row,
    },
};

/// Those who send the same key at the same time.
const AT_ONCE: usize = 32;

/// Keys between two crashes.
const BETWEEN: usize = 20;

/// Published test numbers.
const NUMBERS: [&str; 3] = ["4111111111111111", "5555555555554444", "4000056655665556"];

/// A key that was answered.
struct Attempt {
    sealed: Sealed,
    /// The same key with another card.
    other: Sealed,
    answer: Value,
}

#[test]
fn one_key_has_one_answer() {
    let mut row = Row::begin("same idempotency key 32 times at once");
    let mut random = row.random();
    let keys = figure(200, 10_000);
    let dir = tempfile::tempdir().unwrap();
    let mut program = Program::start(dir.path());
    let mut history = History::default();
    let (mut crashes, mut done, mut different) = (0, 0, Vec::new());
    while done < keys {
        let client = program.client();
        let sealing_key = client.sealing_key().unwrap();
        let mut attempts: Vec<Attempt> = Vec::new();
        for _ in 0..BETWEEN.min(keys - done) {
            let key = fresh_key();
            let mut numbers = NUMBERS;
            numbers.shuffle(&mut random);
            let [sealed, other] =
                [numbers[0], numbers[1]].map(|number| client.seal(&sealing_key, number, "123", key.clone()));
            let answers = at_once(&client, &sealed);
            let created = answers.iter().filter(|(status, _)| *status == 201).count();
            let bodies: HashSet<String> = answers.iter().map(|(_, body)| body.to_string()).collect();
            if created != 1
                || bodies.len() != 1
                || answers.iter().any(|(status, _)| ![200, 201].contains(status))
            {
                different.push(format!("{created} created, bodies: {bodies:?}"));
                continue;
            }
            attempts.push(Attempt { sealed, other, answer: answers[0].1.clone() });
        }
        done += BETWEEN.min(keys - done);
        let crashed = random.random_range(0..attempts.len().max(1));
        for (index, attempt) in attempts.iter().enumerate() {
            if index == crashed {
                program.kill();
                program = Program::start(dir.path());
                crashes += 1;
            }
            let client = program.client();
            let (status, again) = client.post_token(&attempt.sealed).unwrap();
            if status != 200 || again != attempt.answer {
                different.push(format!("again: {status} {again}"));
            }
            let (status, refused) = client.post_token(&attempt.other).unwrap();
            if status != 422 || refused["error"]["code"] != "idempotency_conflict" {
                different.push(format!("changed: {status} {refused}"));
            }
            let token = text(&attempt.answer["token"]);
            let (status, method) = client.spend(&token).unwrap();
            assert_eq!(status, 201, "{method}");
            let spends = vec![Spend { method: Some(text(&method["id"])), told: Told::Done }];
            history.stories.push(Story { token, issued: Told::Done, spends });
        }
    }
    let place = ["--dev".to_owned(), "--data".to_owned(), dir.path().display().to_string()];
    let mut verdict = judge(&history, &program.client().kept(&place, &history));
    assert!(program.terminate());
    for difference in &different {
        verdict.find_wrong(difference);
    }
    let tokens: HashSet<_> = history.stories.iter().map(|story| &story.token).collect();
    if tokens.len() != history.stories.len() {
        verdict.find_double("two keys have one token");
    }
    row.count("keys", done);
    row.count("requests", done * (AT_ONCE + 2));
    row.count("crashes", crashes);
    row.end(&verdict);
}

fn at_once(client: &Client, sealed: &Sealed) -> Vec<(u16, Value)> {
    thread::scope(|scope| {
        let senders: Vec<_> =
            (0..AT_ONCE).map(|_| scope.spawn(|| client.post_token(sealed).unwrap())).collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    })
}
