//! Where log lines and traces go.
//!
//! Lines go to the standard error stream, as text or as JSON. Traces go to a collector of OpenTelemetry, if one is named:
//! one span for each request and one for each write it makes, with the pattern of the route, the status and the id of the
//! request, which the log line and the rows of the audit log have too. What a client says of a trace of its own
//! (`traceparent`) is not taken over: thirty-two digits of anybody's choice would go into every span.

mod sender;

use std::io;

use opentelemetry::{KeyValue, trace::TracerProvider as _};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tokio::runtime::Handle;
use tracing::Level;
use tracing_subscriber::{
    Layer as _,
    filter::{FilterExt as _, Targets, filter_fn},
    fmt,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::config::Saying;
use sender::Sender;

/// The target of everything that is traced; written out where a span is made.
const TRACE: &str = "vault::trace";

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

/// The address of a collector: `http://` only, because one on the same machine, or a proxy there, does the encryption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collector(String);

impl Collector {
    /// Reads an address; without a path, the one that OpenTelemetry has for traces. `None` if it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let uri: axum::http::Uri = text.parse().ok()?;
        let (scheme, authority) = (uri.scheme_str()?, uri.authority()?.as_str());
        let is_plain = scheme == "http" && !authority.contains('@') && uri.query().is_none();
        let path = if uri.path() == "/" { "/v1/traces" } else { uri.path() };
        is_plain.then(|| Self(format!("http://{authority}{path}")))
    }
}

/// What was started; to be ended when there will be no more spans.
#[derive(Debug, Default)]
pub struct Telemetry {
    provider: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Has lines written from now on, and spans sent, if there is a collector. Once per process.
    ///
    /// # Errors
    ///
    /// [`ExporterBuildError`] if spans cannot be sent at all.
    pub fn start(saying: &Saying, runtime: Handle) -> Result<Self, ExporterBuildError> {
        // Only the vault's own lines: other crates may log what they are given, at one level or another.
        let of_lines =
            Targets::new().with_target("vault", saying.level).and(filter_fn(|metadata| metadata.is_event()));
        let lines = fmt::layer().with_writer(io::stderr).with_ansi(false);
        let lines = match saying.format {
            Format::Text => lines.boxed(),
            Format::Json => {
                lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed()
            }
        };
        let provider = saying.collector.as_ref().map(|collector| provider(collector, runtime)).transpose()?;
        let traces = provider.as_ref().map(|provider| {
            let of_traces =
                Targets::new().with_target(TRACE, Level::INFO).and(filter_fn(|metadata| metadata.is_span()));
            tracing_opentelemetry::layer()
                .with_tracer(provider.tracer("tessera-vault"))
                .with_location(false)
                .with_threads(false)
                .with_target(false)
                .with_tracked_inactivity(false)
                .with_filter(of_traces)
        });
        tracing_subscriber::registry().with(traces).with(lines.with_filter(of_lines)).init();
        Ok(Self { provider })
    }

    /// Sends what is left, for a few seconds at most. To be called outside of the runtime, which must still be there.
    pub fn end(self) {
        if let Some(provider) = self.provider
            && provider.shutdown().is_err()
        {
            tracing::warn!("the last spans could not be sent");
        }
    }
}

fn provider(collector: &Collector, runtime: Handle) -> Result<SdkTracerProvider, ExporterBuildError> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Sender::new(runtime))
        .with_endpoint(collector.0.as_str())
        .build()?;
    let resource = Resource::builder_empty()
        .with_attribute(KeyValue::new("service.name", "tessera-vault"))
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    Ok(SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_is_reached_in_plain_and_has_its_path() {
        for (text, expected) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("http://collector.local:4318/", "http://collector.local:4318/v1/traces"),
            ("http://[::1]:1/otlp", "http://[::1]:1/otlp"),
        ] {
            assert_eq!(Collector::parse(text), Some(Collector(expected.to_owned())), "{text}");
        }
        for text in
            ["", "127.0.0.1:4318", "https://a.example", "http://u:p@a.example", "http://a.example/?k=v"]
        {
            assert_eq!(Collector::parse(text), None, "{text}");
        }
    }
}
