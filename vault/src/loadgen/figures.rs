//! What came back, and how long it took.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::connection::Answer;

/// What one request came to.
pub(super) enum Outcome {
    /// What was asked for; with the token, if it was one.
    Done(Option<Zeroizing<String>>),
    /// A refusal, by its code.
    Refused(String),
}

#[derive(Deserialize)]
struct Issued {
    token: Option<String>,
}

impl Outcome {
    pub(super) fn of(answer: &Answer) -> Self {
        if answer.status.is_success() {
            let issued = serde_json::from_slice(&answer.body).unwrap_or(Issued { token: None });
            return Self::Done(issued.token.map(Zeroizing::new));
        }
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let code = body.pointer("/error/code").and_then(Value::as_str);
        Self::Refused(code.map_or_else(|| answer.status.as_u16().to_string(), str::to_owned))
    }

    /// No answer came.
    pub(super) fn lost() -> Self {
        Self::Refused("connection_lost".to_owned())
    }
}

/// All answers of a phase.
#[derive(Default)]
pub(super) struct Answers {
    took: Duration,
    /// Of what was done only: a refusal is fast.
    times: Vec<Duration>,
    tokens: Vec<Zeroizing<String>>,
    refused: BTreeMap<String, u64>,
}

impl Answers {
    pub(super) fn extend(&mut self, outcomes: Vec<(Duration, Outcome)>) {
        for (time, outcome) in outcomes {
            match outcome {
                Outcome::Done(token) => {
                    self.times.push(time);
                    self.tokens.extend(token);
                }
                Outcome::Refused(code) => *self.refused.entry(code).or_default() += 1,
            }
        }
    }

    pub(super) fn took(&mut self, time: Duration) {
        self.took = time;
        self.times.sort_unstable();
    }

    pub(super) fn tokens(&self) -> Vec<Zeroizing<String>> {
        self.tokens.clone()
    }

    /// The phase as people and programs read it.
    pub(super) fn describe(&self, phase: &str, connections: usize) -> Value {
        let done = u32::try_from(self.times.len()).unwrap_or(u32::MAX);
        json!({
            "phase": phase,
            "connections": connections,
            "done": done,
            "refused": self.refused,
            "seconds": self.took.as_secs_f64(),
            "per_second": f64::from(done) / self.took.as_secs_f64(),
            "p50_ms": self.quantile_ms(50),
            "p99_ms": self.quantile_ms(99),
            "max_ms": self.quantile_ms(100),
        })
    }

    /// The time that so many in a hundred did not exceed, in milliseconds.
    fn quantile_ms(&self, of_hundred: usize) -> Option<f64> {
        let rank = (self.times.len() * of_hundred).div_ceil(100).checked_sub(1)?;
        self.times.get(rank).map(|time| time.as_secs_f64() * 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_times_that_were_measured() {
        let mut answers = Answers::default();
        answers.extend((1..=200).rev().map(|ms| (Duration::from_millis(ms), Outcome::Done(None))).collect());
        answers.extend(vec![(Duration::from_secs(9), Outcome::Refused("rate_limited".to_owned()))]);
        answers.took(Duration::from_secs(2));
        let line = answers.describe("spend", 32);
        let figure = |name: &str| line[name].as_f64().unwrap();
        assert_eq!([figure("p50_ms"), figure("p99_ms"), figure("max_ms")], [100.0, 198.0, 200.0]);
        assert_eq!((figure("done"), figure("per_second")), (200.0, 100.0));
        assert_eq!(line["refused"], json!({"rate_limited": 1}));
    }

    #[test]
    fn nothing_has_no_quantiles() {
        assert_eq!(Answers::default().describe("spend", 1)["p99_ms"], Value::Null);
    }
}
