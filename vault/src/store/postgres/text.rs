//! Texts as PostgreSQL can hold them: with every character but NUL, which its type `text` refuses.
//!
//! A NUL can come from anybody who writes a name or asks for an id. It is kept as two characters that begin
//! with the noncharacter U+10FFFF, and so is that one itself: no two texts become the same, and equal stays
//! equal.

use std::borrow::Cow;

const ESCAPE: char = '\u{10FFFF}';

/// A text as it is stored.
pub(super) fn stored(text: &str) -> Cow<'_, str> {
    if !text.contains(['\0', ESCAPE]) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\0' => escaped.extend([ESCAPE, '0']),
            ESCAPE => escaped.extend([ESCAPE, ESCAPE]),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

/// A text as it was; none if it is not one that was stored.
pub(super) fn original(stored: String) -> Option<String> {
    if !stored.contains(ESCAPE) {
        return Some(stored);
    }
    let mut text = String::with_capacity(stored.len());
    let mut characters = stored.chars();
    while let Some(character) = characters.next() {
        if character != ESCAPE {
            text.push(character);
            continue;
        }
        match characters.next() {
            Some('0') => text.push('\0'),
            Some(ESCAPE) => text.push(ESCAPE),
            Some(_) | None => return None,
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_reads_back_and_none_holds_nul() {
        for text in ["", "Ada", "\0", "a\0b", "\u{10FFFF}", "\u{10FFFF}0", "\0\u{10FFFF}\0", "\u{1F600}"] {
            let kept = stored(text);
            assert!(!kept.contains('\0'), "{text:?}");
            assert_eq!(original(kept.into_owned()).as_deref(), Some(text));
        }
        assert_ne!(stored("\0"), stored("\u{10FFFF}0"));
        assert_eq!(original("\u{10FFFF}x".to_owned()), None);
    }
}
