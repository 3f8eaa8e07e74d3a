//! Typing free text: names, and the wire names of choices.

use super::Changed;
use super::line::{Line, Span};
use crate::digits::Rest;

/// Bytes beyond which nothing is kept; more than any valid text has.
const LIMIT: usize = 1024;

pub(super) fn fill(line: &mut Line, text: &str) -> Rest {
    line.replace_all(&one_line(text));
    cut(line);
    Rest::Separators
}

pub(super) fn insert(line: &mut Line, text: &str, span: Span) -> Changed {
    if text.is_empty() {
        return line.refuse(span);
    }
    line.replace(span, &one_line(text));
    cut(line);
    Changed::Yes
}

/// Tabs and line ends become spaces, as browsers do in an input of one line; the rest stays for the
/// verdict. Every character keeps its place, so that carets keep theirs.
fn one_line(text: &str) -> String {
    text.replace(['\t', '\n', '\r'], " ")
}

fn cut(line: &mut Line) {
    if line.len() > LIMIT {
        line.truncate(line.boundary(LIMIT));
    }
}
