//! `POST /reports`: what a browser says that a policy has stopped, in the frame or in a merchant's page.
//!
//! Anybody can send such a report, with anything in it. So of each only closed words and origins are kept, in one line of
//! the log: never a path or a query, no sample of a script, and no host with a card number in it. How many are read is
//! bounded for each address and for the whole vault, and how many of one request are looked at.

use axum::{
    body::Bytes,
    extract::{FromRequestParts, rejection::BytesRejection},
    http::{StatusCode, request::Parts},
};
use instrument::card::contains_card_number;
use serde::Deserialize;

use crate::{
    api::body::unreadable,
    domain::Origin,
    problem::{Classification, Problem},
    state::AppState,
};

/// How many reports of one request are looked at. Browsers send what has come together within a minute.
const AT_ONCE: usize = 20;

/// Blocked things that are no address. Everything else that is no origin is `other`.
const KEYWORDS: [&str; 10] = [
    "about",
    "blob",
    "data",
    "eval",
    "filesystem",
    "inline",
    "self",
    "trusted-types-policy",
    "trusted-types-sink",
    "wasm-eval",
];

/// A body, as any of the two protocols has it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Sent {
    /// The Reporting API's: several at once.
    Several(Vec<Report>),
    /// `report-uri`'s: one.
    One {
        #[serde(rename = "csp-report")]
        report: Old,
    },
}

#[derive(Deserialize)]
struct Report {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    body: New,
}

/// The body of a report of a content security policy, or of an integrity policy.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct New {
    effective_directive: Option<String>,
    destination: Option<String>,
    #[serde(rename = "blockedURL", alias = "blockedUrl")]
    blocked: String,
    disposition: String,
}

/// The one member of a report of the older kind.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Old {
    document_uri: String,
    effective_directive: String,
    violated_directive: String,
    blocked_uri: String,
    disposition: String,
}

/// What is kept of a report.
#[derive(Debug, PartialEq, Eq)]
struct Kept {
    directive: String,
    blocked: String,
    page: String,
    disposition: &'static str,
}

/// Whoever sends a report, if there is room for one more.
pub(super) struct Reporter;

impl FromRequestParts<AppState> for Reporter {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        state.limits().admit_report(state.client(parts))?;
        Ok(Self)
    }
}

/// Takes reports, and says nothing of what it thinks of them.
pub(super) async fn take(
    _reporter: Reporter,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Problem> {
    let body = body.map_err(|rejection| unreadable(&rejection))?;
    for Kept { directive, blocked, page, disposition } in read(&body).ok_or_else(malformed)? {
        tracing::warn!(directive, blocked, page, disposition, "a browser reports a violation of a policy");
    }
    Ok(StatusCode::NO_CONTENT)
}

fn malformed() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "report_malformed",
        Classification::Environment,
        "This is no report of a browser about a policy.",
    )
}

/// The reports of a body; of other kinds than ours (a browser may have more to tell) none.
fn read(body: &[u8]) -> Option<Vec<Kept>> {
    let kept = match serde_json::from_slice(body).ok()? {
        Sent::Several(reports) => {
            let ours = reports
                .into_iter()
                .filter(|report| ["csp-violation", "integrity-violation"].contains(&report.kind.as_str()));
            ours.take(AT_ONCE).map(Report::kept).collect()
        }
        Sent::One { report } => vec![report.kept()],
    };
    Some(kept)
}

impl Report {
    fn kept(self) -> Kept {
        let New { effective_directive, destination, blocked, disposition } = self.body;
        let directive = match (effective_directive, destination) {
            (Some(directive), _) => word(&directive),
            (None, Some(destination)) => format!("integrity-{}", word(&destination)),
            (None, None) => word(""),
        };
        Kept { directive, blocked: shown(&blocked), page: shown(&self.url), disposition: mode(&disposition) }
    }
}

impl Old {
    fn kept(self) -> Kept {
        let directive = match self.effective_directive.as_str() {
            // The old name of the member, with the directive's sources behind it.
            "" => self.violated_directive.split(' ').next().map(word).unwrap_or_default(),
            directive => word(directive),
        };
        Kept {
            directive,
            blocked: shown(&self.blocked_uri),
            page: shown(&self.document_uri),
            disposition: mode(&self.disposition),
        }
    }
}

fn mode(disposition: &str) -> &'static str {
    match disposition {
        "report" => "report",
        "enforce" => "enforce",
        _ => "other",
    }
}

/// A directive's name; all of them are letters and dashes.
fn word(text: &str) -> String {
    let is_one =
        (1..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    if is_one { text.to_owned() } else { "other".to_owned() }
}

/// The origin of an address, or one of the [`KEYWORDS`].
fn shown(text: &str) -> String {
    if let Some(keyword) = KEYWORDS.iter().find(|keyword| text == **keyword) {
        return (*keyword).to_owned();
    }
    let origin = text.split_once("://").and_then(|(scheme, rest)| {
        let host = rest.split(['/', '?', '#']).next()?;
        Origin::parse(&format!("{scheme}://{host}")).ok()
    });
    match origin {
        Some(origin) if !contains_card_number(origin.as_str()) => origin.as_str().to_owned(),
        Some(_) | None => "other".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_json(body: &serde_json::Value) -> Vec<Kept> {
        read(body.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn of_a_report_the_directive_and_origins_are_kept() {
        let old = json!({"csp-report": {
            "document-uri": "https://vault.example/frame/111111111111?page=https%3A%2F%2Fshop.example",
            "violated-directive": "script-src 'self' 'wasm-unsafe-eval'",
            "blocked-uri": "https://evil.example/steal.js?number=4111111111111111",
            "script-sample": "4111111111111111", "disposition": "enforce",
        }});
        let kept = Kept {
            directive: "script-src".to_owned(),
            blocked: "https://evil.example".to_owned(),
            page: "https://vault.example".to_owned(),
            disposition: "enforce",
        };
        assert_eq!(read_json(&old), [kept]);
        let new = json!([
            {"type": "deprecation", "url": "https://vault.example/", "body": {"id": "x"}},
            {"type": "csp-violation", "age": 3, "url": "https://vault.example/frame/1?2", "user_agent": "x",
             "body": {"effectiveDirective": "connect-src", "blockedURL": "inline", "disposition": "report",
                      "sample": "4111111111111111", "statusCode": 200}},
            {"type": "integrity-violation", "url": "https://vault.example/frame/1",
             "body": {"documentURL": "x", "blockedURL": "https://vault.example/assets/frame.js",
                      "destination": "script", "reportOnly": false}},
        ]);
        let kept = read_json(&new);
        let told: Vec<_> = kept.iter().map(|kept| (kept.directive.as_str(), kept.blocked.as_str())).collect();
        assert_eq!(told, [("connect-src", "inline"), ("integrity-script", "https://vault.example")]);
    }

    #[test]
    fn nothing_that_a_stranger_writes_is_kept() {
        for hostile in [
            "https://4111111111111111.evil.example/",
            "https://evil.example:99999/",
            "https://user:4111111111111111@evil.example/",
            "javascript:alert(4111111111111111)",
            "https://\u{1b}[31m.example",
            "4111111111111111",
            "",
        ] {
            assert_eq!(shown(hostile), "other", "{hostile}");
            assert_eq!(word(hostile), "other", "{hostile}");
            assert_eq!(mode(hostile), "other");
        }
        let many: Vec<_> = (0..100).map(|_| json!({"type": "csp-violation", "body": {}})).collect();
        assert_eq!(read_json(&json!(many)).len(), AT_ONCE);
        for body in ["", "{}", "[1]", "null", "{\"csp-report\": 1}", "\u{ff}"] {
            assert!(read(body.as_bytes()).is_none(), "{body}");
        }
    }
}
