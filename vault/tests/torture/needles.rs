//! Numbers that must be nowhere, and a search for them in every form in which somebody could find them again.

use std::collections::{HashMap, HashSet};

use rand::{RngExt as _, rngs::StdRng};

/// What is compared first.
const PREFIX: usize = 8;

/// Consecutive digits of a number that count as found: nobody is shown more than the leading eight and the last four, and
/// fewer would be met by chance.
const WINDOW: usize = 12;

/// The beginnings of published test numbers, with the lengths of their numbers.
const TEST_RANGES: [(&str, usize); 4] = [("411111", 16), ("555555", 16), ("601111", 16), ("378282", 15)];

/// A good number in a test range that nobody has drawn before.
pub(crate) fn number(random: &mut StdRng) -> String {
    let (beginning, len) = TEST_RANGES[random.random_range(0..TEST_RANGES.len())];
    let mut digits: Vec<u8> = beginning.bytes().map(|digit| digit - b'0').collect();
    while digits.len() < len - 1 {
        digits.push(random.random_range(0..10));
    }
    // Counted from the check digit on, every second digit is doubled.
    let sum: u32 =
        digits.iter().rev().enumerate().map(|(place, digit)| weigh(place, u32::from(*digit))).sum();
    digits.push(u8::try_from((10 - sum % 10) % 10).unwrap());
    digits.into_iter().map(|digit| char::from(b'0' + digit)).collect()
}

fn weigh(place: usize, digit: u32) -> u32 {
    match (place % 2, digit * 2) {
        (0, doubled) if doubled > 9 => doubled - 9,
        (0, doubled) => doubled,
        _ => digit,
    }
}

/// The security code that goes with a number.
pub(crate) fn code(number: &str, random: &mut StdRng) -> String {
    let len = if number.starts_with("37") { 4 } else { 3 };
    (0..len).map(|_| char::from(b'0' + random.random_range(0..10u8))).collect()
}

/// The forms in which a number is looked for.
fn forms(number: &str) -> Vec<Vec<u8>> {
    let digits = number.as_bytes();
    let mut forms = vec![
        digits.iter().rev().copied().collect(),
        number.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        number.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        digits.iter().map(|digit| digit - b'0').collect(),
        // Binary-coded decimals, two digits a byte.
        digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | (digit - b'0'))).collect(),
        number.parse::<u64>().unwrap().to_le_bytes().to_vec(),
        number.parse::<u64>().unwrap().to_be_bytes().to_vec(),
    ];
    // The digits of ASCII digits are digits, so this is both cases.
    forms.push(format!("{digits:02x?}").bytes().filter(u8::is_ascii_hexdigit).collect());
    for separator in [" ", "-", "%20", "+"] {
        let groups: Vec<_> = digits.chunks(4).map(|group| std::str::from_utf8(group).unwrap()).collect();
        forms.push(groups.join(separator).into_bytes());
    }
    // As a part of a longer text the number begins at any of three places of its base64.
    for before in 0..3 {
        let mut text = vec![0; before];
        text.extend(digits);
        text.truncate(text.len() / 3 * 3);
        let encoded = base64(&text);
        forms.push(encoded[if before == 0 { 0 } else { 4 }..].to_vec());
    }
    forms
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes
        .chunks_exact(3)
        .flat_map(|three| {
            let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
            [18, 12, 6, 0].map(|shift| ALPHABET[(bits >> shift & 63) as usize])
        })
        .collect()
}

/// Numbers to be looked for.
#[derive(Default)]
pub(crate) struct Needles {
    windows: HashSet<[u8; WINDOW]>,
    forms: HashMap<[u8; PREFIX], Vec<Vec<u8>>>,
    /// Whether any form begins with these two bytes.
    beginnings: Vec<bool>,
}

impl Needles {
    pub(crate) fn add(&mut self, number: &str) {
        let digits = number.as_bytes();
        for window in digits.windows(WINDOW) {
            self.windows.insert(window.try_into().unwrap());
        }
        self.beginnings.resize(1 << 16, false);
        for form in forms(number) {
            let prefix: [u8; PREFIX] = form[..PREFIX].try_into().unwrap();
            self.beginnings[usize::from(prefix[0]) << 8 | usize::from(prefix[1])] = true;
            self.forms.entry(prefix).or_default().push(form);
        }
    }

    /// Where in a haystack a number is.
    pub(crate) fn found(&self, haystack: &[u8]) -> Vec<usize> {
        let mut found = Vec::new();
        let mut run = 0;
        for (place, byte) in haystack.iter().enumerate() {
            run = if byte.is_ascii_digit() { run + 1 } else { 0 };
            if run >= WINDOW && self.windows.contains(&haystack[place + 1 - WINDOW..=place]) {
                found.push(place + 1 - WINDOW);
            }
            let Some(next) = haystack.get(place + 1) else { break };
            if self.beginnings[usize::from(*byte) << 8 | usize::from(*next)]
                && let Some(prefix) = haystack.get(place..place + PREFIX)
                && let Some(forms) = self.forms.get(prefix)
                && forms.iter().any(|form| haystack[place..].starts_with(form))
            {
                found.push(place);
            }
        }
        found
    }
}

#[test]
fn a_number_is_found_in_every_form_and_nothing_else_is() {
    use rand::SeedableRng as _;

    let mut random = StdRng::seed_from_u64(3);
    let mut needles = Needles::default();
    let numbers: Vec<_> = (0..50).map(|_| number(&mut random)).collect();
    for number in &numbers {
        assert!(instrument::card::CardNumber::parse(number).is_ok(), "{number}");
        needles.add(number);
    }
    let number = &numbers[7];
    for form in
        forms(number).into_iter().chain([number.clone().into_bytes(), number.as_bytes()[3..].to_vec()])
    {
        let mut haystack = vec![0xa5; 100];
        haystack.extend(&form);
        haystack.extend([0x5a; 100]);
        assert!(!needles.found(&haystack).is_empty(), "{form:?}");
    }
    let shown = format!("{}******{}", &number[..8], &number[number.len() - 4..]);
    assert!(needles.found(shown.as_bytes()).is_empty());
    let mut noise = vec![0; 1 << 20];
    rand::Rng::fill_bytes(&mut random, &mut noise);
    assert!(needles.found(&noise).is_empty());
}
