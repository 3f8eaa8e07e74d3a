//! Where log lines go: to the standard error stream, as text or as JSON.

use std::io;

use tracing::Level;
use tracing_subscriber::{
    Layer as _, filter::Targets, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

/// How a line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object each, for programs.
    Json,
}

impl Format {
    /// Reads the stable name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Has lines written from now on. Once per process.
pub fn start(level: Level, format: Format) {
    // Only the vault's own lines: other crates may log what they are given, at one level or another.
    let of_lines = Targets::new().with_target("vault", level);
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(false);
    let lines = match format {
        Format::Text => lines.boxed(),
        Format::Json => {
            lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed()
        }
    };
    tracing_subscriber::registry().with(lines.with_filter(of_lines)).init();
}
