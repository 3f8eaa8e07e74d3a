//! What may be logged of a conversation with a gateway.

use crate::{Facts, json};

/// What must not be logged of a dialect's requests and answers.
#[derive(Clone, Copy, Debug)]
pub struct Secrets {
    /// The headers whose values are secret, in lower case.
    pub headers: &'static [&'static str],
    /// The members of JSON objects whose values are secret.
    pub members: &'static [&'static str],
}

impl Facts {
    /// Removes from a transcript of this dialect, which has JSON texts and header lines, everything that must
    /// not be logged.
    #[must_use]
    pub fn scrub(&self, transcript: &str) -> String {
        let secrets = &self.secrets;
        let mut scrubbed = String::with_capacity(transcript.len());
        for line in transcript.split_inclusive('\n') {
            match line.split(':').next().filter(|name| is_secret_header(name, secrets)) {
                Some(name) => {
                    scrubbed.push_str(name);
                    scrubbed.push_str(": [REDACTED]\n");
                }
                None => json::redact(line, secrets.members, &mut scrubbed),
            }
        }
        scrubbed
    }
}

/// A header's name, possibly behind the mark of a transcript line (`> `).
fn is_secret_header(name: &str, secrets: &Secrets) -> bool {
    let name = name.trim_start_matches(['>', '<', ' ']).trim_end();
    secrets.headers.iter().any(|secret| name.eq_ignore_ascii_case(secret))
}
