//! The theme: a closed set of tokens, each of one type.

pub mod colour;
pub mod family;
pub mod length;
pub mod shadow;

use crate::Refused;

/// No value of a theme is longer; a list of eight fonts is half as long.
pub const MAX_LEN: usize = 400;

/// One thing that a merchant may decide.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// Its name: on the merchant's element `--tessera-` stands in front of it, in the frame `--`.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
}

/// What a token takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A [`colour`].
    Colour,
    /// A [`length`] within bounds.
    Length {
        /// The least, in px.
        min_px: i32,
        /// The most, in px.
        max_px: i32,
    },
    /// A list of font [`families`](family).
    Family,
    /// A list of [`shadows`](shadow).
    Shadow,
}

const fn colour(name: &'static str) -> Token {
    Token { name, kind: Kind::Colour }
}

const fn length(name: &'static str, min_px: i32, max_px: i32) -> Token {
    Token { name, kind: Kind::Length { min_px, max_px } }
}

/// Every token. A box cannot become lower than its text is high or than a finger needs (WCAG 2.2, 2.5.8), and
/// text not smaller than can be read.
pub const TOKENS: [Token; 18] = [
    colour("text"),
    colour("text-soft"),
    colour("backdrop"),
    colour("surface"),
    colour("tile"),
    colour("border"),
    colour("border-strong"),
    colour("accent"),
    colour("danger"),
    length("border-width", 1, 4),
    length("focus-width", 2, 6),
    length("radius", 0, 32),
    length("space", 4, 32),
    length("control-height", 40, 72),
    length("font-size", 14, 24),
    length("label-size", 12, 20),
    Token { name: "font-family", kind: Kind::Family },
    Token { name: "shadow", kind: Kind::Shadow },
];

/// Which tokens there are, in words.
pub const ACCEPTED: &str = "a set of the tokens that the documentation lists";

/// The token of this name, without any prefix.
#[must_use]
pub fn token(name: &str) -> Option<&'static Token> {
    TOKENS.iter().find(|token| token.name == name)
}

impl Token {
    /// Parses a value by the token's type and writes it anew.
    ///
    /// # Errors
    /// What the token takes, if this is something else.
    pub fn read(&self, text: &str) -> Result<String, Refused> {
        let text = if text.len() > MAX_LEN { "" } else { text };
        match self.kind {
            Kind::Colour => colour::read(text).ok_or(Refused::unless(colour::ACCEPTED)),
            Kind::Length { min_px, max_px } => {
                length::read(text, min_px..=max_px).ok_or(Refused::unless(length::ACCEPTED))
            }
            Kind::Family => family::read(text).ok_or(Refused::unless(family::ACCEPTED)),
            Kind::Shadow => shadow::read(text).ok_or(Refused::unless(shadow::ACCEPTED)),
        }
    }
}
