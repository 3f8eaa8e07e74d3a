//! The page that explains every error code: `GET /docs/errors`, to whose anchors the `help` of an error leads.
//! `docs/errors.md` is made of the same table.

use std::{fmt::Write as _, sync::LazyLock};

use serde::Deserialize;

use super::{
    markup::{Escaped, Line, anchor},
    page::STYLE,
};

/// All error codes of this version.
const TABLE: &str = include_str!("../../../../docs/errors.json");

#[derive(Default, Deserialize)]
struct Table {
    intro: Vec<String>,
    groups: Vec<Group>,
}

/// Codes that belong together.
#[derive(Deserialize)]
struct Group {
    title: String,
    text: Vec<String>,
    errors: Vec<Error>,
}

/// One code: who can mend it, what it means, and what to do.
#[derive(Deserialize)]
struct Error {
    code: String,
    classification: String,
    text: String,
    #[serde(default)]
    mend: String,
}

/// The page. A table that cannot be read, which the tests rule out, would make it empty.
pub(super) static PAGE: LazyLock<String> =
    LazyLock::new(|| render(&serde_json::from_str(TABLE).unwrap_or_default()));

fn render(table: &Table) -> String {
    let mut out = String::with_capacity(96 * 1024);
    let _ = write!(
        out,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Errors</title><style>{STYLE}</style></head><body><header><h1>Errors</h1>"
    );
    paragraphs(&mut out, &table.intro);
    out.push_str("</header><nav aria-label=\"Contents\"><ul>");
    for group in &table.groups {
        let title = Escaped(&group.title);
        let _ = write!(out, "<li><a href=\"#{}\">{title}</a></li>", anchor("group", &group.title));
    }
    out.push_str("</ul></nav><main>");
    for group in &table.groups {
        let (id, title) = (anchor("group", &group.title), Escaped(&group.title));
        let _ = write!(out, "<section aria-labelledby=\"{id}\"><h2 id=\"{id}\">{title}</h2>");
        paragraphs(&mut out, &group.text);
        for Error { code, classification, text, mend } in &group.errors {
            let _ = write!(
                out,
                "<article><h3 id=\"{id}\"><code>{id}</code></h3><p><em>{}</em> · {} <strong>{}</strong></p></article>",
                Escaped(classification),
                Line(text),
                Line(mend),
                id = Escaped(code),
            );
        }
        out.push_str("</section>");
    }
    out.push_str("</main></body></html>\n");
    out
}

fn paragraphs(out: &mut String, texts: &[String]) {
    for text in texts {
        let _ = write!(out, "<p>{}</p>", Line(text));
    }
}
