//! What is there, as a merchant sees it over HTTP, and the audit log, as whoever runs the vault sees it.

use serde_json::{Value, json};

use super::{Client, card::text, command};
use crate::proof::{
    history::History,
    kept::{Kept, SPEND, Token},
};

impl Client {
    /// Reads everything of this merchant that a history can be compared with. `place` is where the vault keeps it, as
    /// arguments of its commands.
    ///
    /// Whether a token is spent only an attempt to spend it tells, so unspent ones are spent afterwards.
    pub(crate) fn kept(&self, place: &[String], history: &History) -> Kept {
        let mut kept = Kept::default();
        let last = command().args(["audit", "verify"]).args(place).output().unwrap();
        let verified = lines(&last.stdout);
        let summary = verified.last().expect("`audit verify` says what it found");
        kept.findings = usize::try_from(summary["findings"].as_u64().unwrap()).unwrap();
        assert_eq!(last.status.success(), kept.findings == 0, "exit code and figure agree");
        let listed = command()
            .args(["audit", "list", "--action", SPEND, "--last", "100000000"])
            .args(place)
            .output()
            .unwrap();
        assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
        kept.recorded_spends = lines(&listed.stdout).len();
        let mut after = String::new();
        loop {
            let (status, page) =
                self.server("GET", &format!("/v1/payment-methods?limit=100{after}"), &Value::Null).unwrap();
            assert_eq!(status, 200, "{page}");
            for method in page["data"].as_array().unwrap() {
                assert_ne!(method["unreadable"], true, "a payment method cannot be read");
                kept.methods.push(text(&method["id"]));
            }
            match page["next"].as_str() {
                Some(next) => after = format!("&starting_after={next}"),
                None => break,
            }
        }
        for id in &history.others {
            let (status, _) = self.server("GET", &format!("/v1/customers/{id}"), &Value::Null).unwrap();
            if status == 200 {
                kept.others.insert(id.clone());
            }
        }
        for story in &history.stories {
            let (status, answer) = self.spend(&story.token).unwrap();
            let code = answer["error"]["code"].as_str().unwrap_or_default();
            let token = match (status, code) {
                (201, _) => {
                    let (status, again) = self.spend(&story.token).unwrap();
                    let is_over = (status, &again["error"]["code"]) == (409, &json!("token_already_used"));
                    if is_over { Token::Unspent } else { Token::Torn }
                }
                (409, "token_already_used") => Token::Spent,
                (404, _) => Token::Missing,
                other => panic!("a token was answered with {other:?}: {answer}"),
            };
            kept.tokens.insert(story.token.clone(), token);
        }
        kept
    }
}

fn lines(output: &[u8]) -> Vec<Value> {
    let text = String::from_utf8(output.to_vec()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
