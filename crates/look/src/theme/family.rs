//! Lists of font families.

use crate::scan::Scan;

/// What is accepted, in words.
pub const ACCEPTED: &str =
    "up to 8 font names of letters, digits, spaces and dashes, such as \"Inter\", sans-serif";

/// The keywords that name a kind of font instead of a font (CSS Fonts 4, 2.1.1).
const GENERIC: [&str; 13] = [
    "serif",
    "sans-serif",
    "monospace",
    "cursive",
    "fantasy",
    "system-ui",
    "ui-serif",
    "ui-sans-serif",
    "ui-monospace",
    "ui-rounded",
    "math",
    "emoji",
    "fangsong",
];
const MAX_FAMILIES: usize = 8;

/// Reads a list of families and writes it anew: names in quotes, keywords without.
#[must_use]
pub fn read(text: &str) -> Option<String> {
    let mut scan = Scan::new(text);
    let mut output = String::new();
    for _ in 0..MAX_FAMILIES {
        family(&mut scan, &mut output)?;
        scan.space();
        if scan.is_done() {
            return Some(output);
        }
        if !scan.eat(',') {
            return None;
        }
        output.push_str(", ");
    }
    None
}

fn family(scan: &mut Scan<'_>, output: &mut String) -> Option<()> {
    let quote = ['"', '\''].into_iter().find(|quote| scan.eat(*quote));
    let name = scan.run(is_of_name).trim_ascii_end();
    if quote.is_none() && GENERIC.contains(&name) {
        output.push_str(name);
        return Some(());
    }
    // Without quotes a name does not begin with a digit or a dash, and neither does one that is written with them.
    if !name.starts_with(|first: char| first.is_ascii_alphabetic() || !first.is_ascii())
        || quote.is_some_and(|quote| !scan.eat(quote))
    {
        return None;
    }
    output.push('"');
    output.push_str(name);
    output.push('"');
    Some(())
}

/// Names of fonts may be in any script, but hold nothing that means anything in a style sheet.
fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, ' ' | '-' | '_')
        || matches!(c, '\u{c0}'..='\u{1fff}' | '\u{3040}'..='\u{d7ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_and_keywords_are_not() {
        for (text, written) in [
            ("Inter", r#""Inter""#),
            ("'Source Sans 3' , Arial,sans-serif", r#""Source Sans 3", "Arial", sans-serif"#),
            ("\"serif\"", r#""serif""#),
            ("system-ui", "system-ui"),
            ("ヒラギノ角ゴ Pro", r#""ヒラギノ角ゴ Pro""#),
        ] {
            assert_eq!(read(text).as_deref(), Some(written), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_a_list_of_names() {
        for text in [
            "",
            ",",
            "Inter,",
            "\"Inter",
            "Inter\"",
            "\"a\\22 b\"",
            "url(x)",
            "var(--x)",
            "Inter;color:red",
            "a}b{",
            "\"a\"b",
            "1a",
            "-a",
            "a/*b*/",
            "a,b,c,d,e,f,g,h,i",
            "\u{200b}",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
