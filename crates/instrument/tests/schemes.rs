//! The scheme table against a slow reference written apart from it: strings instead of packed numbers.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failing test should stop at once"
)]

use instrument::card::{self, CardNumber, CardPolicy, SCHEMES, Scheme, Schemes, scheme};
use instrument::{Reason, Verdict};
use proptest::prelude::*;
use serde_json::Value;

fn fixture(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A scheme as the fixture has it.
struct Reference {
    id: String,
    ranges: Vec<Span>,
    lengths: Vec<usize>,
    tier: String,
}

/// A range as the fixture has it, with the lengths of a closed scheme if it was one's.
struct Span {
    low: String,
    high: String,
    lengths: Option<Vec<usize>>,
}

fn lengths(value: &Value) -> Vec<usize> {
    value.as_array().unwrap().iter().map(|len| len.as_u64().unwrap() as usize).collect()
}

fn references() -> Vec<Reference> {
    let fixture = fixture(include_str!("fixtures/schemes.json"));
    let rows = fixture["schemes"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let span = |range: &Value, lengths: Option<Vec<usize>>| {
        let range = text(range);
        let (low, high) = range.split_once('-').unwrap_or((&range, &range));
        Span { low: low.to_owned(), high: high.to_owned(), lengths }
    };
    let mut all: Vec<Reference> = rows
        .iter()
        .map(|row| Reference {
            id: text(&row["id"]),
            ranges: row["ranges"].as_array().unwrap().iter().map(|range| span(range, None)).collect(),
            lengths: lengths(&row["lengths"]),
            tier: text(&row["tier"]),
        })
        .collect();
    for closed in fixture["closed"].as_array().unwrap() {
        let own = closed["lengths"].as_array().map(|_| lengths(&closed["lengths"]));
        let heir = all.iter_mut().find(|scheme| scheme.id == closed["scheme"]).unwrap();
        heir.ranges.push(span(&closed["range"], own));
    }
    all
}

/// The Luhn formula by its table of doubled digits.
fn luhn(number: &str) -> bool {
    let doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    let digit = |byte: u8| usize::from(byte - b'0');
    let sum: usize = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| if at % 2 == 1 { doubled[digit(byte)] } else { digit(byte) })
        .sum();
    sum.is_multiple_of(10)
}

/// Schemes that count only where they are named.
const TO_BE_NAMED: [&str; 3] = ["interac", "gpn", "girocard"];

/// What the reference thinks of a range that a number lies in: rank, and whether Luhn must pass.
fn judged(scheme: &Reference, low: &str, high: &str, number: &str) -> (u8, bool) {
    let id = scheme.id.as_str();
    let sure_maestro = ["5018", "5020", "5038", "5893", "6304", "6759", "6761"];
    let fallback = (id == "maestro" && !sure_maestro.contains(&low))
        || (id == "unionpay" && &number[..3] == "817" && number[3..4] > *"1");
    let second = matches!(
        (id, low),
        ("discover", "622126")
            | ("dankort", "4571")
            | ("hipercard", "384100" | "384140" | "384160")
            | ("naranja", "402918" | "527572")
            | ("jcb", "1800")
    );
    let no_luhn = match id {
        "unionpay" => !fallback,
        "uzcard" | "humo" | "gpn" | "china_t_union" | "girocard" | "afrigo" => true,
        "hipercard" | "naranja" => !second,
        "sodexo" => low == "505864",
        "maestro" => (low, high) == ("500000", "509999") && ("501080".."501083").contains(&&number[..6]),
        _ => false,
    };
    let rank = match id {
        "gpn" | "china_t_union" | "instapayment" | "interpayment" => 0,
        _ if fallback => 1,
        "mastercard" if low == "605272" => 2,
        _ if scheme.tier == "C" => 2,
        _ if second => 3,
        _ => 4,
    };
    (rank, !no_luhn)
}

/// The schemes that take a whole number, best first.
fn reference_candidates(number: &str, references: &[Reference], accepted: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (order, scheme) in references.iter().enumerate() {
        if !accepted.contains(&scheme.id.as_str()) {
            continue;
        }
        let mut best = None;
        for Span { low, high, lengths } in &scheme.ranges {
            let Some(prefix) = number.get(..low.len()) else { continue };
            if prefix < low.as_str() || prefix > high.as_str() {
                continue;
            }
            let (rank, needs_luhn) = judged(scheme, low, high, number);
            let width = high.parse::<i64>().unwrap() - low.parse::<i64>().unwrap();
            let lengths = lengths.as_ref().unwrap_or(&scheme.lengths);
            best = best.max(Some((rank, low.len(), -width, -(order as i64), needs_luhn, lengths)));
        }
        if let Some(best) = best {
            found.push((best, scheme));
        }
    }
    found.sort_by_key(|(best, _)| std::cmp::Reverse(*best));
    let certain = found.iter().any(|(best, _)| best.0 > 2);
    found
        .into_iter()
        .filter(|(best, _)| !certain || best.0 > 1)
        .filter(|(best, _)| best.5.contains(&number.len()) && (luhn(number) || !best.4))
        .map(|(_, scheme)| scheme.id.clone())
        .collect()
}

/// What is accepted where nobody says anything.
fn usual(references: &[Reference]) -> Vec<&str> {
    let ids = references.iter().map(|scheme| scheme.id.as_str());
    ids.filter(|id| !TO_BE_NAMED.contains(id)).collect()
}

fn candidates_under(number: &str, accepted: &[&str]) -> Vec<String> {
    let policy =
        CardPolicy { accepted: Schemes::of(accepted.iter().copied()).unwrap(), ..CardPolicy::DEFAULT };
    CardNumber::parse_under(number, &policy)
        .map(|number| number.candidates().map(|candidate| candidate.scheme.id.to_owned()).collect())
        .unwrap_or_default()
}

fn candidates(number: &str) -> Vec<String> {
    CardNumber::parse(number)
        .map(|number| number.candidates().map(|candidate| candidate.scheme.id.to_owned()).collect())
        .unwrap_or_default()
}

/// A number that begins with the prefix, has the length, and passes Luhn.
fn number_with(prefix: &str, len: usize, filler: u8) -> String {
    let mut body = prefix.to_owned();
    while body.len() + 1 < len {
        body.push(char::from(b'0' + (filler + body.len() as u8 * 3) % 10));
    }
    body.truncate(len - 1);
    (0..10).map(|digit| format!("{body}{digit}")).find(|number| luhn(number)).unwrap()
}

#[test]
fn table_and_fixture_hold_the_same_schemes() {
    let fixture = fixture(include_str!("fixtures/schemes.json"));
    let rows = fixture["schemes"].as_array().unwrap();
    assert_eq!(rows.len(), SCHEMES.len());
    for (row, scheme) in rows.iter().zip(&SCHEMES) {
        assert_eq!(row["id"], scheme.id);
        assert_eq!(row["name"], scheme.name);
        let lengths: Vec<usize> = scheme.lengths.iter().collect();
        assert_eq!(row["lengths"], Value::from(lengths), "{}", scheme.id);
        match row["code"].as_object() {
            Some(code) => {
                assert_eq!(code["name"], scheme.code.name, "{}", scheme.id);
                assert_eq!(code["sizes"], Value::from(scheme.code.sizes.to_vec()), "{}", scheme.id);
            }
            None => assert_eq!(scheme.code.sizes, [3, 4], "{}", scheme.id),
        }
        let gaps: Vec<usize> =
            scheme.grouping.gaps(scheme.lengths.min()).iter().copied().filter(|gap| *gap < 16).collect();
        assert_eq!(row["gaps"], Value::from(gaps), "{}", scheme.id);
        assert_eq!(Scheme::by_id(scheme.id), Some(scheme));
    }
    assert_eq!(Scheme::by_id("eftpos_au"), None);
}

#[test]
fn every_row_names_its_sources_and_day() {
    for row in &SCHEMES {
        let provenance = scheme::provenance(row).unwrap();
        assert!(!provenance.sources.is_empty(), "{}", row.id);
        assert_eq!(provenance.checked_on, "2026-11-23", "{}", row.id);
    }
}

#[test]
fn every_edge_of_every_range_agrees_with_the_reference() {
    let references = references();
    let usual = usual(&references);
    let mut compared = 0;
    for scheme in &references {
        // Beside what is usual, what is usual with this scheme named.
        let named: Vec<&str> = usual.iter().copied().chain([scheme.id.as_str()]).collect();
        for Span { low, high, .. } in &scheme.ranges {
            let (first, last): (i64, i64) = (low.parse().unwrap(), high.parse().unwrap());
            let width = low.len();
            for edge in [first - 1, first, last, last + 1] {
                let edge = format!("{edge:0width$}");
                for len in 12..=19 {
                    for filler in [0, 9] {
                        let good = number_with(&edge, len, filler);
                        let last = good.as_bytes()[len - 1] - b'0';
                        let bad = format!("{}{}", &good[..len - 1], (last + 1) % 10);
                        for number in [good, bad] {
                            let expected = reference_candidates(&number, &references, &usual);
                            assert_eq!(candidates(&number), expected, "{number}");
                            if TO_BE_NAMED.contains(&scheme.id.as_str()) {
                                let expected = reference_candidates(&number, &references, &named);
                                assert_eq!(candidates_under(&number, &named), expected, "{number}");
                            }
                            compared += 1;
                        }
                    }
                }
            }
        }
    }
    assert!(compared > 25_000, "{compared}");
}

#[test]
fn every_beginning_agrees_with_the_reference() {
    let references = references();
    let usual = usual(&references);
    // All of one to four digits, and every edge of every range at every length.
    let mut beginnings: Vec<String> = Vec::new();
    for len in 1..=4_usize {
        beginnings.extend((0..10_u32.pow(len as u32)).map(|value| format!("{value:0len$}")));
    }
    for Span { low, high, .. } in references.iter().flat_map(|scheme| &scheme.ranges) {
        let width = low.len();
        let (first, last): (i64, i64) = (low.parse().unwrap(), high.parse().unwrap());
        for edge in [first - 1, first, last, last + 1] {
            let edge = format!("{edge:0width$}");
            beginnings.extend((1..=edge.len()).map(|len| edge[..len].to_owned()));
        }
    }
    for beginning in &beginnings {
        let leads = references.iter().filter(|scheme| usual.contains(&scheme.id.as_str())).any(|scheme| {
            scheme.ranges.iter().any(|Span { low, high, .. }| {
                let len = low.len().min(beginning.len());
                low[..len] <= beginning[..len] && beginning[..len] <= high[..len]
            })
        });
        let verdict = card::inspect(beginning).verdict;
        let expected = if leads { Verdict::Partial } else { Verdict::Invalid(Reason::UnknownScheme) };
        assert_eq!(verdict, expected, "{beginning}");
    }
}

#[test]
fn a_narrow_scheme_never_comes_before_a_global_one() {
    let references = references();
    for scheme in references.iter().filter(|scheme| scheme.tier == "C") {
        for Span { low, high, .. } in &scheme.ranges {
            for prefix in [low, high] {
                for len in &scheme.lengths {
                    let named: Vec<&str> = references.iter().map(|scheme| scheme.id.as_str()).collect();
                    let found = candidates_under(&number_with(prefix, *len, 5), &named);
                    let at = |id: &str| found.iter().position(|found| found == id);
                    let own = at(&scheme.id);
                    for rival in ["visa", "mastercard", "amex", "discover", "jcb", "unionpay", "elo"] {
                        assert!(own.is_none() || at(rival) < own, "{} over {rival}: {found:?}", scheme.id);
                    }
                }
            }
        }
    }
}

#[test]
fn a_range_holds_what_lies_inside_and_nothing_beside() {
    let references = references();
    for scheme in &references {
        for Span { low, high, lengths } in &scheme.ranges {
            for prefix in [low, high] {
                let len = lengths.as_ref().unwrap_or(&scheme.lengths)[0];
                let number = number_with(prefix, len, 5);
                let accepted: Vec<&str> =
                    usual(&references).into_iter().chain([scheme.id.as_str()]).collect();
                let accepted = Schemes::of(accepted).unwrap();
                let report = card::inspect_under(&number, &CardPolicy { accepted, ..CardPolicy::DEFAULT });
                let shadowed = ["maestro", "gpn", "china_t_union", "instapayment", "interpayment"]
                    .contains(&scheme.id.as_str())
                    || (scheme.id == "unionpay" && prefix == "817");
                let named = report.candidates.iter().any(|candidate| candidate.scheme.id == scheme.id);
                assert!(named || shadowed, "{} {prefix}", scheme.id);
            }
        }
    }
}

#[test]
fn a_merchant_decides_what_is_taken() {
    let under = |text: &str, accepted: &[&str]| {
        let policy =
            CardPolicy { accepted: Schemes::of(accepted.iter().copied()).unwrap(), ..CardPolicy::DEFAULT };
        card::inspect_under(text, &policy)
    };
    let refused = Verdict::Invalid(Reason::NotAccepted);
    assert_eq!(under("3", &["visa"]).verdict, refused);
    assert_eq!(under("378282246310005", &["visa"]).verdict, refused);
    assert_eq!(under("378282246310005", &["visa"]).bin, None);
    assert_eq!(under("0", &["visa"]).verdict, Verdict::Invalid(Reason::UnknownScheme));
    assert_eq!(under("4", &["visa"]).verdict, Verdict::Partial);
    // One of two schemes is enough, and is the one that shows.
    let cobrand = "6221263074185293";
    assert_eq!(under(cobrand, &["discover"]).scheme.map(|scheme| scheme.id), Some("discover"));
    assert_eq!(under(cobrand, &["discover"]).verdict, Verdict::Complete);
    assert_eq!(under(cobrand, &["visa", "unionpay"]).scheme.map(|scheme| scheme.id), Some("unionpay"));
    // A mada card is one that Maestro's fallback takes, if mada is not accepted.
    let mada = number_with("588845", 19, 3);
    assert_eq!(card::inspect(&mada).verdict, Verdict::Invalid(Reason::TooLong));
    assert_eq!(under(&mada, &["maestro"]).verdict, Verdict::Complete);
    // Interac is Visa, until somebody names it; then it is both.
    let interac = "4761739001010119";
    assert_eq!(candidates(interac), ["visa"]);
    assert_eq!(candidates_under(interac, &["visa", "interac"]), ["visa", "interac"]);
    assert_eq!(under("0012", &["interac"]).verdict, Verdict::Partial);
    assert_eq!(under("0", &[]).verdict, Verdict::Invalid(Reason::UnknownScheme));
    assert_eq!(under("4", &[]).verdict, refused);
}

#[test]
fn a_wrong_check_digit_of_unionpay_is_a_warning_or_an_error() {
    use instrument::card::UnionPayLuhn;
    let square = "6222988812340000";
    let report = card::inspect(square);
    assert_eq!(report.verdict, Verdict::Complete);
    let best = &report.candidates[0];
    assert!(best.scheme.id == "unionpay" && best.complete && best.length_ok && !best.luhn_ok);
    let discover = &report.candidates[1];
    assert!(discover.scheme.id == "discover" && !discover.complete && discover.length_ok);
    let strict = CardPolicy { unionpay_luhn: UnionPayLuhn::Error, ..CardPolicy::DEFAULT };
    assert_eq!(CardNumber::parse_under(square, &strict).unwrap_err(), Reason::Luhn);
    // Other schemes without check digits are none of its business.
    let humo = "9860003074185290";
    assert!(!luhn(humo) && CardNumber::parse_under(humo, &strict).is_ok());
}

#[test]
fn a_candidate_names_the_network_that_carries_it() {
    let rails = |text: &str| -> Vec<(&str, &str)> {
        let candidates = card::inspect(text).candidates;
        candidates.iter().map(|candidate| (candidate.scheme.id, candidate.rail)).collect()
    };
    assert_eq!(rails("4571003074185294"), [("visa", "visa"), ("dankort", "visa")]);
    assert_eq!(rails("6500313074185298"), [("elo", "discover"), ("discover", "discover")]);
    assert_eq!(rails("6500923074185294"), [("troy", "discover"), ("discover", "discover")]);
    assert_eq!(rails("6521503074185299"), [("rupay", "discover"), ("discover", "discover")]);
    assert_eq!(rails("3538003074185298"), [("rupay", "jcb"), ("jcb", "jcb")]);
    assert_eq!(rails("6555900000604105"), [("discover", "discover"), ("bc_card", "discover")]);
    assert_eq!(rails(&number_with("6703", 16, 1)), [("bancontact", "maestro")]);
    assert_eq!(rails(&number_with("9891", 16, 1)), [("dinacard", "discover")]);
    assert_eq!(rails(&number_with("357111", 16, 1)), [("jcb", "jcb"), ("lankapay", "jcb")]);
    assert_eq!(rails("9860003074185293"), [("humo", "humo")]);
}

#[test]
fn closed_schemes_are_those_that_run_them() {
    let shown = |prefix: &str, len| {
        let number = number_with(prefix, len, 2);
        CardNumber::parse(&number).map(|number| number.scheme().id)
    };
    for (prefix, len, heir) in [
        ("4026", 16, "visa"),
        ("417500", 16, "visa"),
        ("4917", 16, "visa"),
        ("4903", 16, "visa"),
        ("6334", 16, "maestro"),
        ("6767", 18, "maestro"),
        ("633110", 19, "maestro"),
        ("564182", 16, "maestro"),
        ("6706", 19, "maestro"),
        ("6771", 16, "maestro"),
        ("5610", 16, "maestro"),
        ("2131", 15, "jcb"),
        ("1800", 15, "uatp"),
    ] {
        assert_eq!(shown(prefix, len), Ok(heir), "{prefix}");
    }
    assert_eq!(shown("2131", 16), Err(Reason::TooLong));
    assert_eq!(shown("2014", 15), Err(Reason::UnknownScheme));
    // Known from memory only.
    for prefix in ["9112", "9804", "9051", "9417"] {
        assert_eq!(shown(prefix, 16), Err(Reason::UnknownScheme), "{prefix}");
    }
}

#[test]
fn published_and_generated_numbers_have_their_scheme() {
    let fixture = fixture(include_str!("fixtures/numbers.json"));
    for row in fixture["numbers"].as_array().unwrap() {
        let text = row["number"].as_str().unwrap();
        let number = CardNumber::parse(text).unwrap();
        assert_eq!(row["scheme"], number.scheme().id, "{}", row["source"]);
        assert_eq!(row["candidates"], Value::from(candidates(text)), "{}", row["source"]);
        assert_eq!(number.expose(), text);
        assert_eq!(number.bin(), &text[..if text.len() >= 16 { 8 } else { 6 }]);
        assert_eq!(number.last4(), &text[text.len() - 4..]);
        let masked = number.masked();
        assert_eq!(masked.len(), text.len());
        assert_eq!(masked.matches('*').count(), text.len() - 10);
        // While it is typed, no beginning of it is ever called wrong.
        for len in 1..text.len() {
            let verdict = card::inspect(&text[..len]).verdict;
            assert!(matches!(verdict, Verdict::Partial | Verdict::Complete), "{} at {len}", row["source"]);
        }
        let report = card::inspect(text);
        assert_eq!(report.verdict, Verdict::Complete);
        assert_eq!(report.bin.as_deref(), Some(number.bin()));
        assert_eq!(report.last4.as_deref(), Some(number.last4()));
        for candidate in &report.candidates {
            assert_eq!(candidate.luhn_ok, luhn(text));
            let closed = candidate.scheme.id == "jcb" && text.len() == 15;
            assert_eq!(candidate.length_ok, closed || candidate.scheme.lengths.contains(text.len()));
        }
    }
}

#[test]
fn refusals_have_their_reason() {
    for (text, reason) in [
        ("", Reason::Required),
        (" - ", Reason::Required),
        ("4111", Reason::TooShort),
        ("41111111111111", Reason::WrongLength),
        ("4111111111111112", Reason::Luhn),
        ("5555555555554445", Reason::Luhn),
        ("3782822463100055", Reason::TooLong),
        ("41111111111111111111", Reason::TooLong),
        ("0000000000000000", Reason::AllZeros),
        ("0", Reason::UnknownScheme),
        ("7000000000000005", Reason::UnknownScheme),
        ("9999999999999995", Reason::UnknownScheme),
        ("4111a11111111111", Reason::NotDigits),
        ("4111_1111_1111_1111", Reason::NotDigits),
        ("+4242424242424242", Reason::NotDigits),
        ("4½42424242424242", Reason::NotDigits),
    ] {
        assert_eq!(CardNumber::parse(text).unwrap_err(), reason, "{text}");
    }
}

#[test]
fn verdicts_while_typing() {
    for (text, verdict) in [
        ("", Verdict::Empty),
        ("4", Verdict::Partial),
        ("6", Verdict::Partial),
        ("0", Verdict::Invalid(Reason::UnknownScheme)),
        ("7", Verdict::Partial),
        ("77", Verdict::Invalid(Reason::UnknownScheme)),
        ("4111111111111112", Verdict::Partial),
        ("41111111111111111", Verdict::Partial),
        ("5555555555554445", Verdict::Invalid(Reason::Luhn)),
        ("3782822463100055", Verdict::Invalid(Reason::TooLong)),
        ("4111a", Verdict::Invalid(Reason::NotDigits)),
        ("4242\u{200b}4242\u{a0}４２４２‑4242", Verdict::Complete),
    ] {
        assert_eq!(card::inspect(text).verdict, verdict, "{text}");
    }
}

#[test]
fn the_scheme_shows_as_soon_as_it_is_known() {
    for (text, scheme) in [
        ("", None),
        ("3", None),
        ("4", Some("visa")),
        ("5", None),
        ("51", Some("mastercard")),
        ("34", Some("amex")),
        ("62", Some("unionpay")),
        ("6", None),
        ("65", Some("discover")),
        ("650031", Some("elo")),
        ("1", Some("uatp")),
        ("220", Some("mir")),
        ("0", None),
    ] {
        assert_eq!(card::inspect(text).scheme.map(|scheme| scheme.id), scheme, "{text}");
        assert_eq!(card::scheme_of(text).map(|scheme| scheme.id), scheme, "{text}");
    }
}

#[test]
fn the_bin_waits_and_the_last_four_wait_longer() {
    let told = |text: &str| {
        let report = card::inspect(text);
        (report.bin, report.last4)
    };
    assert_eq!(told("41111"), (None, None));
    assert_eq!(told("411111"), (Some("411111".to_owned()), None));
    assert_eq!(told("411111111111111"), (Some("411111".to_owned()), None));
    assert_eq!(told("4111111111111112"), (Some("41111111".to_owned()), None));
    assert_eq!(told("378282246310005"), (Some("378282".to_owned()), Some("0005".to_owned())));
    assert_eq!(told("700000000"), (None, None));
    assert_eq!(told("411111a"), (None, None));
    assert_eq!(told("37828224631000555"), (None, None));
}

#[test]
fn reports_and_numbers_never_print_digits() {
    let number = CardNumber::parse("4111111111111111").unwrap();
    let printed = format!("{:?} {:?}", card::inspect("4111111111111111"), number);
    assert!(!printed.contains("1111"), "{printed}");
}

proptest! {
    #[test]
    fn any_number_agrees_with_the_reference(number in "[1-9][0-9]{11,18}") {
        let references = references();
        prop_assert_eq!(candidates(&number), reference_candidates(&number, &references, &usual(&references)));
    }

    #[test]
    fn a_number_is_taken_exactly_when_it_has_a_candidate(number in "[0-9]{0,22}") {
        let taken = CardNumber::parse(&number).is_ok();
        prop_assert_eq!(taken, !candidates(&number).is_empty());
        prop_assert_eq!(taken, card::inspect(&number).verdict == Verdict::Complete);
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let report = card::inspect(&text);
        prop_assert_eq!(report.verdict == Verdict::Complete, CardNumber::parse(&text).is_ok());
    }

    #[test]
    fn one_wrong_digit_is_noticed(at in 0_usize..15, by in 1_u8..10) {
        let good = b"5555555555554444";
        let mut bad = good.to_vec();
        bad[at] = b'0' + (bad[at] - b'0' + by) % 10;
        let bad = String::from_utf8(bad).unwrap();
        // UnionPay numbers need not pass the formula.
        prop_assume!(!bad.starts_with("62") && !bad.starts_with("81"));
        prop_assert!(CardNumber::parse(&bad).is_err());
    }
}
