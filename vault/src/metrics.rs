//! What is counted while the vault runs, in the form that Prometheus reads.
//!
//! One set for the process, as its log is: whoever counts says what happened and passes nothing on. Labels are of types
//! that cannot hold what anybody sent: names of the code's own, statuses, and the patterns of routes.

mod route;

use std::{
    fmt,
    sync::LazyLock,
    time::{Duration, Instant},
};

use prometheus_client::{
    encoding::{EncodeLabelSet, prometheus_text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::{Registry, Unit},
};

use crate::{audit::Record, store::Change};

pub use prometheus_text::CONTENT_TYPE;
pub use route::Route;

/// Upper ends of the classes of durations, in seconds: from a read in memory to the deadline of a request.
const BUCKETS_SECS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 20.0];

/// The set of this process.
pub fn metrics() -> &'static Metrics {
    static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);
    &METRICS
}

/// Everything that is counted.
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    request_durations: Family<Timed, Histogram, fn() -> Histogram>,
    refusals: Family<Refusal, Counter>,
    tokens: Family<TokenEvent, Counter>,
    audit_rows: Counter,
    sealing_keys: Gauge,
    memory_locked: Gauge,
    waiting: Family<PoolLabel, Gauge>,
    used: Family<PoolLabel, Gauge>,
    waits: Family<PoolLabel, Histogram, fn() -> Histogram>,
    overloads: Family<PoolLabel, Counter>,
}

/// What the store does its work with: apart, so that one sort of work does not keep another out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pool {
    /// Everything that is changed.
    Write,
    /// What must be read before something is changed: keys, tokens, attempts.
    Spend,
    /// Everything that is looked at: customers, payment methods, lists.
    List,
}

impl Pool {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Spend => "spend",
            Self::List => "list",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    face: &'static str,
    method: &'static str,
    route: Route,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Timed {
    face: &'static str,
    route: Route,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refusal {
    face: &'static str,
    code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TokenEvent {
    event: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PoolLabel {
    pool: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
}

/// The code of the error that a response tells; every face puts it on its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusalCode(pub &'static str);

impl Metrics {
    fn new() -> Self {
        fn durations() -> Histogram {
            Histogram::new(BUCKETS_SECS)
        }
        let requests = Family::default();
        let request_durations: Family<Timed, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(durations);
        let refusals = Family::default();
        let tokens = Family::default();
        let audit_rows = Counter::default();
        let sealing_keys = Gauge::default();
        let memory_locked = Gauge::default();
        let waiting = Family::default();
        let used = Family::default();
        let waits: Family<PoolLabel, Histogram, fn() -> Histogram> = Family::new_with_constructor(durations);
        let overloads = Family::default();

        let mut registry = Registry::with_prefix("tessera");
        registry.register(
            "build",
            "What is running",
            Info::new(Build { version: env!("CARGO_PKG_VERSION") }),
        );
        registry.register("http_requests", "Requests that were answered", Family::clone(&requests));
        registry.register_with_unit(
            "http_request_duration",
            "From a request's header to the head of its answer",
            Unit::Seconds,
            request_durations.clone(),
        );
        registry.register(
            "refusals",
            "Requests that were refused, by the code of the error",
            Family::clone(&refusals),
        );
        registry.register(
            "tokens",
            "One-time tokens that were issued, spent, or expired unspent",
            Family::clone(&tokens),
        );
        registry.register("audit_rows", "Rows that this vault added to the audit log", audit_rows.clone());
        registry.register("sealing_keys", "Keys that browsers may seal to now", sealing_keys.clone());
        registry.register("memory_locked", "Whether no memory can be swapped out", memory_locked.clone());
        registry.register(
            "store_waiting",
            "Questions and writes that wait for their turn",
            Family::clone(&waiting),
        );
        registry.register("store_used", "Connections of the store that are in use", Family::clone(&used));
        registry.register_with_unit("store_wait", "How long they waited", Unit::Seconds, waits.clone());
        registry.register(
            "store_overloads",
            "Those that were refused because too many waited",
            Family::clone(&overloads),
        );
        for event in ["issued", "spent", "expired"] {
            drop(Family::<TokenEvent, Counter>::get_or_create(&tokens, &TokenEvent { event }));
        }
        Self {
            registry,
            requests,
            request_durations,
            refusals,
            tokens,
            audit_rows,
            sealing_keys,
            memory_locked,
            waiting,
            used,
            waits,
            overloads,
        }
    }

    /// Everything as text, of the type [`CONTENT_TYPE`].
    ///
    /// # Errors
    ///
    /// [`fmt::Error`] if it cannot be written.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.registry)?;
        Ok(text)
    }

    /// A request was answered.
    pub fn answered(
        &self,
        method: &'static str,
        route: Route,
        status: u16,
        refusal: Option<RefusalCode>,
        took: Duration,
    ) {
        let face = route.face();
        if let Some(RefusalCode(code)) = refusal {
            self.refusals.get_or_create(&Refusal { face, code }).inc();
        }
        self.request_durations
            .get_or_create(&Timed { face, route: route.clone() })
            .observe(took.as_secs_f64());
        self.requests.get_or_create(&Request { face, method, route, status }).inc();
    }

    /// Changes were kept, all of them, and touched so many rows together.
    pub fn kept(&self, changes: &[Change], rows: u64) {
        for change in changes {
            if let Change::InsertToken(_) = change {
                self.token("issued", 1);
            } else if let Change::SpendToken { .. } = change {
                self.token("spent", 1);
            }
            if Record::of(change, rows).is_some() {
                self.audit_rows.inc();
            }
        }
    }

    /// The sweep found so many tokens that nobody had spent in time.
    pub fn expired(&self, tokens: u64) {
        self.token("expired", tokens);
    }

    fn token(&self, event: &'static str, by: u64) {
        self.tokens.get_or_create(&TokenEvent { event }).inc_by(by);
    }

    /// So many keys may be sealed to.
    pub fn sealing_keys(&self, published: usize) {
        self.sealing_keys.set(i64::try_from(published).unwrap_or(i64::MAX));
    }

    /// Whether the memory of this process stays off the swap space.
    pub fn memory_locked(&self, is_locked: bool) {
        self.memory_locked.set(i64::from(is_locked));
    }

    /// Somebody waits for a turn, until what is returned is dropped.
    #[must_use]
    pub fn waits(&'static self, pool: Pool) -> Waiting {
        self.waiting.get_or_create(&label(pool)).inc();
        Waiting { pool, since: Instant::now() }
    }

    /// Somebody has a connection, until what is returned is dropped.
    #[must_use]
    pub fn uses(&'static self, pool: Pool) -> Using {
        self.used.get_or_create(&label(pool)).inc();
        Using { pool }
    }

    /// Somebody was refused because too many wait.
    pub fn overloaded(&self, pool: Pool) {
        self.overloads.get_or_create(&label(pool)).inc();
    }
}

const fn label(pool: Pool) -> PoolLabel {
    PoolLabel { pool: pool.as_str() }
}

/// One who waits.
#[derive(Debug)]
pub struct Waiting {
    pool: Pool,
    since: Instant,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let (metrics, label) = (metrics(), label(self.pool));
        metrics.waiting.get_or_create(&label).dec();
        metrics.waits.get_or_create(&label).observe(self.since.elapsed().as_secs_f64());
    }
}

/// One who has a connection.
#[derive(Debug)]
pub struct Using {
    pool: Pool,
}

impl Drop for Using {
    fn drop(&mut self) {
        metrics().used.get_or_create(&label(self.pool)).dec();
    }
}
