//! HTML as text, escaped.

use std::fmt::{self, Display};

/// A text as the content of an element or of a quoted attribute.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => write!(f, "{other}")?,
            }
        }
        Ok(())
    }
}

/// A description, of whose Markdown the two marks that documentation comments use are shown: paragraphs
/// and `code`.
pub(super) struct Prose<'a>(pub(super) &'a str);

impl Display for Prose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for paragraph in self.0.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
            write!(f, "<p>{}</p>", Line(paragraph.trim()))?;
        }
        Ok(())
    }
}

/// A description without paragraphs.
pub(super) struct Line<'a>(pub(super) &'a str);

impl Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Every second part stands between two backticks; a last one without its partner stays text.
        let parts: Vec<&str> = self.0.split('`').collect();
        for (index, part) in parts.iter().enumerate() {
            if index % 2 == 0 {
                write!(f, "{}", Escaped(part))?;
            } else if index + 1 == parts.len() {
                write!(f, "`{}", Escaped(part))?;
            } else {
                write!(f, "<code>{}</code>", Escaped(part))?;
            }
        }
        Ok(())
    }
}

/// The id of a section: words of the text, joined by hyphens.
pub(super) fn anchor(prefix: &str, text: &str) -> String {
    let mut id = String::from(prefix);
    for word in text.split(|character: char| !character.is_ascii_alphanumeric()) {
        if !word.is_empty() {
            id.push('-');
            id.push_str(word);
        }
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_means_something_in_html_gets_through() {
        assert_eq!(Escaped("<a href='\"'>&").to_string(), "&lt;a href=&#39;&quot;&#39;&gt;&amp;");
        assert_eq!(Prose("a `<b>`\n\nc ` d").to_string(), "<p>a <code>&lt;b&gt;</code></p><p>c ` d</p>");
        assert_eq!(anchor("op", "POST /v1/customers/{id}"), "op-POST-v1-customers-id");
    }
}
