//! One row of the proof: its seed, its figures, and the line of JSON in which it ends.

use std::{
    env, fs,
    io::{self, Write as _},
    time::Instant,
};

use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::{Map, Value, json};

use super::judge::Verdict;

/// The seed of this run, for all rows of the program: that of `TESSERA_SEED`, or a new one.
fn seed() -> u64 {
    match env::var("TESSERA_SEED") {
        Ok(text) => text.parse().expect("TESSERA_SEED is a number"),
        Err(_) => u64::from(rand::random::<u32>()),
    }
}

/// A row that has been begun.
pub(crate) struct Row {
    name: &'static str,
    seed: u64,
    figures: Map<String, Value>,
    begun: Instant,
}

impl Row {
    /// Begins, and says the seed: whoever sees the row fail can repeat it.
    pub(crate) fn begin(name: &'static str) -> Self {
        let seed = seed();
        eprintln!("{name}: TESSERA_SEED={seed}");
        Self { name, seed, figures: Map::new(), begun: Instant::now() }
    }

    /// Everything that is drawn in this row is drawn from this.
    pub(crate) fn random(&self) -> StdRng {
        StdRng::seed_from_u64(self.seed)
    }

    /// Adds a figure to the line.
    pub(crate) fn count(&mut self, what: &str, figure: usize) {
        self.figures.insert(what.to_owned(), json!(figure));
    }

    /// Ends: writes the line, whatever the verdict, and fails if the verdict is bad.
    #[track_caller]
    pub(crate) fn end(self, verdict: &Verdict) {
        self.write(json!({
            "acknowledged": verdict.acknowledged,
            "unknown": verdict.unknown,
            "lost": verdict.lost,
            "double": verdict.double,
            "wrong": verdict.wrong,
        }));
        verdict.assert_holds();
    }

    /// Ends a row that could not be run, and says so.
    pub(crate) fn skip(self, why: &str) {
        eprintln!("{}: SKIPPED: {why}", self.name);
        self.write(json!({"skipped": why}));
    }

    fn write(&self, more: Value) {
        let mut line = json!({
            "row": self.name,
            "seed": self.seed,
            "figures": self.figures,
            "seconds": (self.begun.elapsed().as_secs_f64() * 10.0).round() / 10.0,
        });
        line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        // Not through the test's own output, which is only shown when it fails.
        let mut stdout = io::stdout();
        writeln!(stdout, "{line}").unwrap();
        if let Some(path) = env::var_os("TESSERA_ROWS") {
            let mut file = fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
            writeln!(file, "{line}").unwrap();
        }
    }
}
