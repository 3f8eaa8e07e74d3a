//! [`Line`]: the raw entry of a field and its caret.

use zeroize::Zeroizing;

use super::Changed;

/// Room that a number never outgrows, so that its buffer is not moved while it is typed.
const CAPACITY: usize = 64;

/// A raw entry. Offsets are bytes, and always character boundaries.
pub(super) struct Line {
    text: Zeroizing<String>,
    /// Where the caret is.
    pub(super) caret: usize,
    /// On which side of a gap the caret stands.
    pub(super) side: Side,
    /// Whether a gap is shown behind the last character, because the next one comes behind it.
    pub(super) tail: Tail,
    /// Who wrote the entry last.
    pub(super) author: Author,
}

/// A side of a gap.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

/// What is shown behind the last character.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    Nothing,
    Gap,
}

/// Who wrote an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    /// A program, or a paste of the whole: nothing more is to come.
    Whole,
    /// Key by key: more may come.
    Typing,
    /// Key by key, and the last digit had a zero put before it.
    Padded,
    /// Key by key, and the last key was a separator that put a zero before the digit.
    Divided,
}

/// A selection, in raw offsets.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether nothing was selected in the shown text, not even a gap.
    pub(super) bare: bool,
    /// On which side of a gap its end was.
    pub(super) side: Side,
}

impl Span {
    pub(super) const fn is_empty(self) -> bool {
        self.start == self.end
    }
}

impl Line {
    pub(super) fn new() -> Self {
        Self {
            text: Zeroizing::new(String::new()),
            caret: 0,
            side: Side::Before,
            tail: Tail::Nothing,
            author: Author::Whole,
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether a span covers everything.
    pub(super) fn is_whole(&self, span: Span) -> bool {
        span.start == 0 && span.end >= self.len()
    }

    /// The nearest character boundary at or before an offset.
    pub(super) fn boundary(&self, offset: usize) -> usize {
        self.text.floor_char_boundary(offset)
    }

    /// Replaces everything; the caret goes to the end.
    pub(super) fn replace_all(&mut self, text: &str) {
        self.splice(0, self.len(), text);
        self.caret = self.len();
        self.side = Side::Before;
        self.tail = Tail::Nothing;
        self.author = Author::Whole;
    }

    /// Replaces a span; the caret goes behind what is new.
    pub(super) fn replace(&mut self, span: Span, text: &str) {
        self.splice(span.start, span.end, text);
        self.caret = span.start + text.len();
        self.side = Side::Before;
        self.tail = Tail::Nothing;
        self.author = Author::Typing;
    }

    /// Cuts the end off.
    pub(super) fn truncate(&mut self, len: usize) {
        if len < self.len() {
            let end = self.len();
            self.splice(len, end, "");
            self.caret = self.caret.min(len);
        }
    }

    /// Puts the caret where the selection ends and changes nothing else.
    pub(super) fn refuse(&mut self, span: Span) -> Changed {
        self.caret = span.end;
        self.side = span.side;
        Changed::No
    }

    /// Deletes the selection, or the character before the caret. Of a selected gap nothing is deleted,
    /// and the caret goes before it.
    pub(super) fn backspace(&mut self, span: Span) -> Changed {
        if !span.is_empty() {
            return self.remove(span);
        }
        let before = self.text.get(..span.start).and_then(|text| text.chars().next_back());
        match before {
            Some(c) if span.bare => self.remove(Span { start: span.start - c.len_utf8(), ..span }),
            Some(_) | None => self.refuse(Span { side: Side::Before, ..span }),
        }
    }

    /// Deletes the selection, or the character behind the caret. Of a selected gap nothing is deleted,
    /// and the caret goes behind it.
    pub(super) fn delete(&mut self, span: Span) -> Changed {
        if !span.is_empty() {
            return self.remove(span);
        }
        let behind = self.text.get(span.start..).and_then(|text| text.chars().next());
        match behind {
            Some(c) if span.bare => self.remove(Span { end: span.start + c.len_utf8(), ..span }),
            Some(_) | None => self.refuse(Span { side: Side::After, ..span }),
        }
    }

    fn remove(&mut self, span: Span) -> Changed {
        self.replace(span, "");
        Changed::Yes
    }

    /// The new text is built apart, so that the old buffer is wiped as a whole when it goes.
    fn splice(&mut self, start: usize, end: usize, with: &str) {
        let head = self.text.get(..start).unwrap_or_default();
        let rest = self.text.get(end..).unwrap_or_default();
        let room = head.len() + with.len() + rest.len();
        let mut text = Zeroizing::new(String::with_capacity(room.max(CAPACITY)));
        text.push_str(head);
        text.push_str(with);
        text.push_str(rest);
        self.text = text;
    }
}
