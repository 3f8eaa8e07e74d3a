//! Good and bad card numbers, for a comparison of libraries.
//!
//! Good ones are the test numbers that gateways publish, and generated ones in ranges and lengths that nobody
//! disputes. Bad ones are made of good ones by the mistakes that people make, or begin as no card does.

use serde_json::{Value, json};

use crate::failure::{Attempt, Failure};

/// Both corpora.
#[derive(Debug)]
pub(crate) struct Corpus {
    pub(crate) valid: Vec<String>,
    pub(crate) valid_note: String,
    pub(crate) invalid: Vec<Class>,
}

/// Bad numbers of one kind.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) name: String,
    pub(crate) note: String,
    pub(crate) texts: Vec<String>,
}

impl Corpus {
    /// Makes the corpora of the reading of the schemes, the published numbers, and the choices of `corpus.json`.
    ///
    /// # Errors
    /// When one of the files is not of its form.
    pub(crate) fn new(schemes: &Value, numbers: &Value, choices: &Value) -> Result<Self, Failure> {
        let skipped = Skipped::read(choices)?;
        let mut published = Vec::new();
        for row in rows(numbers, "numbers").chain(rows(choices, "published")) {
            let number = text(row, "number")?;
            // What fails the check digit is disputed; what we generated ourselves nobody published.
            if !text(row, "source")?.starts_with("generated") && luhn(number) {
                published.push(number.to_owned());
            }
        }
        let mut generated = Vec::new();
        for row in rows(schemes, "schemes") {
            let (id, tier, rule) = (text(row, "id")?, text(row, "tier")?, text(row, "luhn")?);
            if !["A", "B"].contains(&tier) || rule != "yes" || skipped.schemes.contains(&id) {
                continue;
            }
            for range in rows(row, "ranges").filter_map(Value::as_str) {
                if skipped.ranges.contains(&(id, range)) {
                    continue;
                }
                for length in rows(row, "lengths").filter_map(Value::as_u64) {
                    let length = usize::try_from(length).attempt("a length")?;
                    if !skipped.lengths.contains(&(id, length)) {
                        generated.extend(in_range(range, length)?);
                    }
                }
            }
        }
        let mut valid = published.clone();
        valid.extend(generated.iter().cloned());
        valid.sort();
        valid.dedup();
        // Where a scheme has numbers without a check digit, a mistyped one cannot be told.
        let checked: Vec<&String> = valid
            .iter()
            .filter(|number| !skipped.unchecked.iter().any(|prefix| number.starts_with(prefix)))
            .collect();
        let note = |name: &str| {
            choices.get("notes").and_then(|notes| notes.get(name)).and_then(Value::as_str).map(str::to_owned)
        };
        let class = |name: &str, texts: Vec<String>| {
            let note =
                note(name).ok_or_else(|| Failure::new(format!("corpus.json does not describe `{name}`")))?;
            Ok(Class { name: name.to_owned(), note, texts })
        };
        let mut prefixes = Vec::new();
        for prefix in rows(choices, "impossible_prefixes").filter_map(Value::as_str) {
            for length in [13, 14, 15, 16, 19] {
                prefixes.push(with_check_digit(prefix, length));
            }
        }
        let mut lengths = Vec::new();
        for row in rows(choices, "wrong_lengths") {
            for length in rows(row, "lengths").filter_map(Value::as_u64) {
                let length = usize::try_from(length).attempt("a length")?;
                lengths.push(with_check_digit(text(row, "prefix")?, length));
            }
        }
        let spoilt = published.iter().flat_map(|number| {
            let (head, tail) = number.split_at(number.len().min(5));
            ["a", "_", ".", "+", "½", "O"].map(|mark| format!("{head}{mark}{tail}"))
        });
        Ok(Self {
            valid_note: note("valid").unwrap_or_default(),
            invalid: vec![
                class("check digit", checked.iter().map(|number| next_check_digit(number)).collect())?,
                class("swapped", checked.iter().filter_map(|number| swapped(number)).collect())?,
                class("length", lengths)?,
                class("prefix", prefixes)?,
                class("zeros", (12..=19).map(|length| "0".repeat(length)).collect())?,
                class("characters", spoilt.collect())?,
                class("too long", published.iter().map(|number| format!("{number}0000000")).collect())?,
            ],
            valid,
        })
    }

    /// For `peers.mjs`.
    pub(crate) fn to_json(&self) -> Value {
        let invalid: serde_json::Map<String, Value> =
            self.invalid.iter().map(|class| (class.name.clone(), json!(class.texts))).collect();
        json!({"valid": self.valid, "invalid": invalid})
    }
}

/// What is disputed and therefore not generated.
#[derive(Debug)]
struct Skipped<'a> {
    schemes: Vec<&'a str>,
    ranges: Vec<(&'a str, &'a str)>,
    lengths: Vec<(&'a str, usize)>,
    unchecked: Vec<&'a str>,
}

impl<'a> Skipped<'a> {
    fn read(choices: &'a Value) -> Result<Self, Failure> {
        let mut skipped = Self {
            schemes: Vec::new(),
            ranges: Vec::new(),
            lengths: Vec::new(),
            unchecked: rows(choices, "unchecked_prefixes").filter_map(Value::as_str).collect(),
        };
        for row in rows(choices, "disputed") {
            let id = text(row, "scheme")?;
            text(row, "why")?;
            let ranges: Vec<&str> = rows(row, "ranges").filter_map(Value::as_str).collect();
            let lengths: Vec<u64> = rows(row, "lengths").filter_map(Value::as_u64).collect();
            if ranges.is_empty() && lengths.is_empty() {
                skipped.schemes.push(id);
            }
            skipped.ranges.extend(ranges.into_iter().map(|range| (id, range)));
            for length in lengths {
                skipped.lengths.push((id, usize::try_from(length).attempt("a length")?));
            }
        }
        Ok(skipped)
    }
}

fn rows<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(row: &'a Value, name: &str) -> Result<&'a str, Failure> {
    row.get(name).and_then(Value::as_str).ok_or_else(|| Failure::new(format!("a row has no `{name}`: {row}")))
}

/// A number at each end of a range and one in the middle.
fn in_range(range: &str, length: usize) -> Result<Vec<String>, Failure> {
    let (low, high) = range.split_once('-').unwrap_or((range, range));
    let width = low.len();
    let low: u64 = low.parse().attempt(range)?;
    let high: u64 = high.parse().attempt(range)?;
    let mut prefixes = vec![low, low.midpoint(high), high];
    prefixes.dedup();
    Ok(prefixes.into_iter().map(|prefix| with_check_digit(&format!("{prefix:0width$}"), length)).collect())
}

/// Fills a prefix up with digits that depend on nothing but the prefix, and with the digit that Luhn asks for.
fn with_check_digit(prefix: &str, length: usize) -> String {
    let mut number = prefix.to_owned();
    let mut state =
        prefix.bytes().fold(7_u32, |state, byte| state.wrapping_mul(31).wrapping_add(u32::from(byte)));
    while number.len() + 1 < length {
        // The constants of Numerical Recipes; the high bits are the better ones.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        number.push(char::from(b'0' + u8::try_from((state >> 16) % 10).unwrap_or(0)));
    }
    number.truncate(length.saturating_sub(1));
    for digit in '0'..='9' {
        let whole = format!("{number}{digit}");
        if luhn(&whole) {
            return whole;
        }
    }
    number
}

/// The number with another last digit.
fn next_check_digit(number: &str) -> String {
    let (head, last) = number.split_at(number.len() - 1);
    let last: u8 = last.parse().unwrap_or(0);
    format!("{head}{}", (last + 1) % 10)
}

/// The number with two neighbours swapped, where Luhn can tell; not among the first eight, where the brand
/// might change.
fn swapped(number: &str) -> Option<String> {
    let digits: Vec<char> = number.chars().collect();
    let at = (8..digits.len() - 1).find(|at| {
        let pair = (digits.get(*at), digits.get(at + 1));
        pair.0 != pair.1 && pair != (Some(&'0'), Some(&'9')) && pair != (Some(&'9'), Some(&'0'))
    })?;
    let mut digits = digits;
    digits.swap(at, at + 1);
    Some(digits.into_iter().collect())
}

/// Written here again, apart from the code that is judged.
fn luhn(number: &str) -> bool {
    let sum: u32 = number
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .enumerate()
        .map(|(at, digit)| if at % 2 == 0 { digit } else { digit / 5 + digit * 2 % 10 })
        .sum();
    !number.is_empty() && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_numbers_have_prefix_length_and_check_digit() {
        for number in in_range("2221-2720", 16).unwrap() {
            assert!(number.len() == 16 && luhn(&number), "{number}");
        }
        assert!(luhn("4111111111111111") && !luhn("4111111111111112"));
        assert_eq!(with_check_digit("37", 15).len(), 15);
    }

    #[test]
    fn mistakes_are_mistakes() {
        assert!(!luhn(&next_check_digit("4111111111111111")));
        let swapped = swapped("4012888888881881").unwrap();
        assert!(!luhn(&swapped) && swapped != "4012888888881881", "{swapped}");
    }
}
