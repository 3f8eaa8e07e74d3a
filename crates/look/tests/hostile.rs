//! Whatever a page says, what comes out is of the token's type, can do nothing else, and reads back to itself.

#![allow(clippy::unwrap_used, reason = "a failing test should stop at once")]

use look::layout::{Area, Layout};
use look::theme::{Kind, MAX_LEN, TOKENS};
use proptest::prelude::*;

/// What a style sheet could be talked into with.
const PIECES: &[&str] = &[
    "url(https://evil.example/?",
    "url(\"data:,x\")",
    "image-set(",
    "@import 'x'",
    "expression(",
    "var(--text)",
    "env(x)",
    "attr(value)",
    "calc(1px + 1px)",
    "\\75rl(",
    "/*",
    "*/",
    ";",
    "}",
    "{",
    "!important",
    "<!--",
    "-->",
    "\\",
    "\n",
    "\u{0}",
    "\u{feff}",
    "\u{202e}",
    "rgb(",
    "hsl(",
    "oklch(",
    "#fff",
    "#12345678",
    "red",
    "transparent",
    "inherit",
    "12px",
    "1.5rem",
    "-3px",
    "0",
    "50%",
    "120deg",
    "none",
    "inset",
    ",",
    "/",
    ")",
    "(",
    " ",
    "\"",
    "'",
    "Inter",
    "sans-serif",
    "ｕｒｌ(",
    ".",
    "-",
    "+",
    "1e3",
    "number",
    "expiry",
    "code",
    "holder",
    "'number expiry code'",
];

fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        proptest::collection::vec(proptest::sample::select(PIECES), 0..12).prop_map(|pieces| pieces.concat()),
        "[ -~]{0,40}",
    ]
}

/// Whether a text holds only what values of this type are made of.
fn is_harmless(kind: Kind, text: &str) -> bool {
    let words = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    let is_plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | ',' | '-' | '%' | '/' | '(' | ')');
    let opens = ["rgb(", "hsl(", "oklch("].iter().map(|name| text.matches(name).count()).sum::<usize>();
    match kind {
        Kind::Colour | Kind::Shadow => text.chars().all(is_plain) && opens == text.matches('(').count(),
        Kind::Length { .. } => {
            words.clone().count() == 1 && words.clone().all(|word| ["px", "rem", "em"].contains(&word))
        }
        Kind::Family => text.split('"').enumerate().all(|(index, part)| {
            let inside = index % 2 == 1;
            part.chars().all(|c| match c {
                ' ' | '-' => true,
                ',' => !inside,
                '_' => inside,
                c if c.is_ascii() => c.is_ascii_alphanumeric(),
                _ => inside,
            })
        }),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn no_value_says_more_than_its_type(text in hostile()) {
        for token in &TOKENS {
            if let Ok(written) = token.read(&text) {
                prop_assert!(is_harmless(token.kind, &written), "{}: {text:?} -> {written}", token.name);
                prop_assert_eq!(token.read(&written), Ok(written.clone()), "{}", token.name);
            }
        }
    }

    #[test]
    fn a_layout_is_names_and_quotes(text in hostile()) {
        if let Ok(Layout::Grid(grid)) = Layout::parse(&text) {
            let css = grid.to_css();
            let mut cells = css.split(['"', ' ']).filter(|cell| !cell.is_empty());
            prop_assert!(cells.all(|cell| cell == "." || Area::parse(cell).is_some()), "{css}");
            prop_assert_eq!(Layout::parse(&css), Ok(Layout::Grid(grid)));
        }
    }

    #[test]
    fn any_bytes_make_a_colour(red: u8, green: u8, blue: u8, alpha: u8) {
        let token = look::theme::token("text").unwrap();
        let written = token.read(&format!("#{red:02x}{green:02X}{blue:02x}{alpha:02x}")).unwrap();
        let prefix = format!("rgb({red} {green} {blue} / ");
        prop_assert!(written.starts_with(&prefix), "{}", written);
    }
}

#[test]
fn a_value_that_is_too_long_is_refused() {
    let font = look::theme::token("font-family").unwrap();
    assert!(font.read(&format!("{}Inter", " ".repeat(MAX_LEN - 5))).is_ok());
    assert!(font.read(&format!("{}Inter", " ".repeat(MAX_LEN - 4))).is_err());
}

#[test]
fn names_of_tokens_are_no_prefix_of_anything_else() {
    for token in &TOKENS {
        assert!(token.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", token.name);
        assert_eq!(TOKENS.iter().filter(|other| other.name == token.name).count(), 1);
    }
    assert!(look::theme::token("--text").is_none());
}
