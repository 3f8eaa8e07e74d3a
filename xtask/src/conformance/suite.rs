//! A test suite's facts, and the list of those that we see otherwise.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

use crate::failure::{Attempt, Failure};

/// The facts of one project's test suite.
#[derive(Debug)]
pub(crate) struct Suite {
    pub(crate) name: String,
    pub(crate) facts: Vec<Fact>,
}

/// One fact: a text, and what the suite expects of it.
#[derive(Debug)]
pub(crate) struct Fact {
    kind: String,
    when: When,
    today: Option<String>,
    row: Vec<Value>,
}

/// The moment that a suite judges for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum When {
    /// More keys may follow.
    Typing,
    /// Nothing follows: what is not whole is wrong.
    Submitted,
}

/// What came of a fact.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Judged {
    Agrees,
    /// With what we say instead.
    Differs(String),
}

impl Suite {
    /// Reads a fixture.
    ///
    /// # Errors
    /// When it does not name its source, or is not of the form of the others.
    pub(crate) fn read(text: &str) -> Result<Self, Failure> {
        let fixture: Value = serde_json::from_str(text).attempt("the fixture")?;
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        for source in ["project", "repository", "commit", "file", "licence"] {
            if text(&fixture, source).is_none_or(|text| text.is_empty()) {
                return Err(Failure::new(format!("the fixture has no `{source}`")));
            }
        }
        let mut facts = Vec::new();
        for group in fixture.get("facts").and_then(Value::as_array).into_iter().flatten() {
            let kind = text(group, "kind").ok_or_else(|| Failure::new("a group of facts has no `kind`"))?;
            let when = match text(group, "when").as_deref() {
                Some("submitted") => When::Submitted,
                Some("typing") | None => When::Typing,
                Some(other) => return Err(Failure::new(format!("`when` is {other}"))),
            };
            for row in group.get("rows").and_then(Value::as_array).into_iter().flatten() {
                let row = row.as_array().cloned().ok_or_else(|| Failure::new("a row is no list"))?;
                facts.push(Fact { kind: kind.clone(), when, today: text(group, "today"), row });
            }
        }
        let name = text(&fixture, "project").unwrap_or_default();
        if facts.is_empty() {
            Err(Failure::new("the fixture has no facts"))
        } else {
            Ok(Self { name, facts })
        }
    }

    /// What the judge is asked, in the order of the facts.
    pub(crate) fn questions(&self) -> Vec<Value> {
        self.facts.iter().map(Fact::question).collect()
    }
}

impl Fact {
    fn question(&self) -> Value {
        let kind = match self.kind.as_str() {
            "scheme" | "not_scheme" | "candidates" | "unknown" | "code_size" => "number",
            other => other,
        };
        json!({
            "kind": kind,
            "text": self.row.first(),
            "today": self.today,
            "sizes": self.row.get(2),
            "country": self.row.get(2),
            "keys": self.row.get(1),
        })
    }

    /// Compares our answer with the suite's.
    pub(crate) fn judge(&self, answer: &Value) -> Judged {
        let scheme = answer.get("scheme").and_then(Value::as_str);
        let candidates: Vec<&str> = strings(answer.get("candidates"));
        let expected = self.row.get(1);
        let (agrees, ours) = match self.kind.as_str() {
            "scheme" => (
                // Until a scheme can be named, the best candidate counts.
                scheme.or(candidates.first().copied()) == expected.and_then(Value::as_str),
                format!("{} of {candidates:?}", scheme.unwrap_or("undecided")),
            ),
            "not_scheme" => (scheme != expected.and_then(Value::as_str), format!("{scheme:?}")),
            "candidates" => (
                strings(expected).iter().all(|expected| candidates.contains(expected)),
                format!("{candidates:?}"),
            ),
            "unknown" => (candidates.is_empty(), format!("{candidates:?}")),
            "code_size" => {
                let sizes: Vec<&Value> =
                    answer.get("code_sizes").and_then(Value::as_array).into_iter().flatten().collect();
                (expected.is_some_and(|expected| sizes.contains(&expected)), format!("{sizes:?}"))
            }
            "lengths" => (answer.get("lengths") == expected, shown(answer.get("lengths"))),
            "check_digit" => (
                answer.get("digit") == expected && answer.get("another").is_some_and(Value::is_null),
                shown(answer.get("digit")),
            ),
            "typing" => {
                let text = answer.get("text") == self.row.get(2);
                let caret =
                    self.row.get(3).is_none_or(Value::is_null) || answer.get("caret") == self.row.get(3);
                (text && caret, format!("{} at {}", shown(answer.get("text")), shown(answer.get("caret"))))
            }
            // The rest are verdicts; a card number's may name a brand as well.
            _ => {
                let verdict = self.verdict(answer.get("verdict").and_then(Value::as_str).unwrap_or_default());
                let brand =
                    if self.kind == "number" { self.row.get(2).and_then(Value::as_str) } else { None };
                let taker = answer.get("taker").and_then(Value::as_str).or(scheme);
                let agrees = Some(verdict) == expected.and_then(Value::as_str)
                    && brand.is_none_or(|brand| taker == Some(brand));
                (agrees, format!("{verdict} {}", taker.unwrap_or_default()).trim().to_owned())
            }
        };
        if agrees { Judged::Agrees } else { Judged::Differs(ours) }
    }

    fn verdict(&self, ours: &str) -> &'static str {
        match (ours, self.when) {
            ("complete", _) => "valid",
            ("empty" | "partial", When::Typing) => "potential",
            _ => "invalid",
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.kind, Value::from(self.row.clone()))
    }
}

fn strings(value: Option<&Value>) -> Vec<&str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), Value::to_string)
}

/// The facts that we see otherwise on purpose, each group with its reason.
#[derive(Debug)]
pub(crate) struct Ledger {
    groups: Vec<Group>,
}

#[derive(Debug)]
struct Group {
    suite: String,
    kind: String,
    reason: String,
    /// Each input with whether it was met.
    inputs: BTreeMap<String, Met>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Met {
    Yes,
    No,
}

impl Ledger {
    /// Reads the list.
    ///
    /// # Errors
    /// When an entry lacks its reason or its reference.
    pub(crate) fn read(text: &str) -> Result<Self, Failure> {
        let list: Value = serde_json::from_str(text).attempt("disagreements.json")?;
        let mut groups = Vec::new();
        for entry in list.get("disagreements").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| {
                let text = entry.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
                text.map(str::to_owned).ok_or_else(|| Failure::new(format!("a disagreement has no `{name}`")))
            };
            let inputs = strings(entry.get("inputs")).into_iter().map(|input| (input.to_owned(), Met::No));
            groups.push(Group {
                suite: text("suite")?,
                kind: text("kind")?,
                reason: format!("{} ({})", text("reason")?, text("reference")?),
                inputs: inputs.collect(),
            });
        }
        Ok(Self { groups })
    }

    /// Whether a difference is listed.
    pub(crate) fn explains(&mut self, suite: &str, fact: &Fact) -> bool {
        let input = match fact.row.first() {
            Some(Value::String(text)) => text.clone(),
            other => shown(other),
        };
        let groups = self.groups.iter_mut().filter(|group| group.suite == suite && group.kind == fact.kind);
        let mut explained = false;
        for group in groups {
            if let Some(met) = group.inputs.get_mut(&input) {
                *met = Met::Yes;
                explained = true;
            }
        }
        explained
    }

    /// Each reason with how many facts it explained.
    pub(crate) fn reasons(&self) -> Vec<(&str, usize)> {
        let met = |group: &Group| group.inputs.values().filter(|met| **met == Met::Yes).count();
        self.groups.iter().map(|group| (group.reason.as_str(), met(group))).collect()
    }

    /// What is listed although nobody disagrees.
    pub(crate) fn stale(&self) -> Vec<String> {
        let mut stale = Vec::new();
        for group in &self.groups {
            for (input, _) in group.inputs.iter().filter(|(_, met)| **met == Met::No) {
                stale.push(format!("  {}: {} {input}", group.suite, group.kind));
            }
        }
        stale
    }
}
