//! Flags, environment and file, read once into plain values; every mistake is reported at once.

pub mod file;
mod kek;
mod load;
mod operator;
pub mod settings;
mod tokens;

use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, Parser, Subcommand};
use jiff::SignedDuration;
use tracing::Level;
use zeroize::Zeroizing;

use crate::{
    bank_directory::BankDirectory,
    domain::Origin,
    fonts::{FontChoice, Fonts},
    keyring::SealingSuites,
    secret_file,
    state::{NO_ENDPOINT, Settings},
    store::{
        Migration,
        postgres::{Certificates, PostgresAddress},
    },
    telemetry::{Collector, Format},
    vaulting::SecurityCodes,
};

use tokens::{proxies, rules, sealing_suites, security_codes};

pub use kek::KekSource;
pub use load::LoadArgs;
pub use operator::{
    AddMerchantArgs, ApiKeysCommand, AuditCommand, BackupArgs, CreateKekArgs, CreateKeyArgs, InstallArgs,
    KekCommand, KeyKindArg, KeyUseArgs, KeysCommand, ListArgs, ListKeysArgs, ListSealingArgs, MerchantKeyArg,
    MigrateArgs, NewRootArgs, Place, PlaceArgs, RequestArgs, ResealArgs, RestoreArgs, RevokeKeyArgs,
    RewrapArgs, RootCommand, RotateKeyArgs, RotateKeysArgs, SealingKeysCommand, SignArgs, SplitArgs,
    StatusArgs, VerifyArgs,
};

/// Where the vault listens unless told otherwise.
const DEFAULT_LISTEN: &str = "127.0.0.1:8700";

/// More connections than one machine serves.
const MAX_CONNECTIONS: usize = 1_000_000;

/// For how long a vault that ends still serves: longer than two probes of a balancer that asks every two seconds.
const DRAIN_DELAY: Duration = Duration::from_secs(5);

/// More patience than anybody has with a vault that shall end.
const LONGEST_DRAIN: Duration = Duration::from_secs(60 * 60);

/// What a time looks like.
const TIMES: &str = "from 0s to 1h, such as 5s or 2m";

/// Pages that may use the keys of `--dev` unless told otherwise: the demo shop.
const DEV_ORIGINS: [&str; 2] = ["http://localhost:8800", "http://127.0.0.1:8800"];

/// The Tessera vault: exchanges sealed cards and bank accounts for one-time tokens.
#[derive(Debug, Parser)]
#[command(name = "tessera-vault", version)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// File with settings (TOML), for what is neither a flag nor in the environment [TESSERA_CONFIG].
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the vault.
    Serve(ServeArgs),
    /// Make a merchant with a pair of keys, print the keys once, and end. The vault must not be running.
    AddMerchant(AddMerchantArgs),
    /// Bring the database's schema up to date and end; `serve` does so by itself unless told otherwise.
    Migrate(MigrateArgs),
    /// Copy the SQLite database, consistently and beside a running vault.
    Backup(BackupArgs),
    /// Put a backup into an empty data directory, and declare all tokens in it over. The vault must not be running.
    Restore(RestoreArgs),
    /// Check or show what was done. The vault may be running.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Make, show, replace and revoke keys. The vault may be running.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Measure a running vault: ask it for tokens and spend them. What that makes stays in its database: never
    /// where real merchants are.
    Loadgen(LoadArgs),
}

/// The flags; each can be given in the environment instead.
#[derive(Clone, Debug, Default, Args)]
pub struct ServeArgs {
    /// Where the things of the vault are.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Address to listen on; port 0 takes any free one [TESSERA_LISTEN, default 127.0.0.1:8700].
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// Where browsers reach the vault, for example https://vault.example [TESSERA_PUBLIC_URL].
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Origin whose pages may use the publishable key; can be given several times
    /// [TESSERA_ALLOW_ORIGINS, separated by spaces].
    #[arg(long, value_name = "ORIGIN")]
    pub allow_origin: Vec<String>,
    /// Base URL of a gateway, besides those it documents, that a frame may send a card to in clear; can be
    /// given several times; `none` forbids all, those too [TESSERA_ALLOW_ENDPOINTS, separated by spaces].
    #[arg(long, value_name = "URL")]
    pub allow_endpoint: Vec<String>,
    /// File with the names of banks, which the form then shows: in each line a routing number, a comma and a name
    /// [TESSERA_BANK_DIRECTORY].
    #[arg(long, value_name = "FILE")]
    pub bank_directory: Option<String>,
    /// A font that themes may use: NAME=FILE, or with a weight for a file of one, "Inter 600=inter-semibold.woff2"; can
    /// be given several times [TESSERA_FONTS, separated by semicolons].
    #[arg(long, value_name = "NAME=FILE")]
    pub font: Vec<String>,
    /// What becomes of security codes until the payment: `memory` of this vault and nothing else; `carried`, sealed, in
    /// the token's text, for several vaults; or `off`, they are dropped [TESSERA_SECURITY_CODE, default memory].
    #[arg(long, value_name = "WHERE")]
    pub security_code: Option<String>,
    /// What the keys are made of that browsers seal to: `x25519`; `x-wing`, with post-quantum keys, while what was sealed
    /// with X25519 still opens; or `x-wing-only`, and it does not. X-Wing needs the module of `cargo xtask build
    /// --post-quantum` [TESSERA_SEALING_SUITE, default x25519].
    #[arg(long, value_name = "SUITE")]
    pub sealing_suite: Option<String>,
    /// How often tokens may be asked for: key=100/s, address=30/m, bin=120/m, cards=20/h, work=30/m, each with `off` or a
    /// rate by /s, /m or /h; or `none`. Can be given several times [TESSERA_LIMITS, separated by spaces; default: these
    /// five, and none with --dev].
    #[arg(long, value_name = "RULE")]
    pub limit: Vec<String>,
    /// Address or network of proxies whose X-Forwarded-For is believed; can be given several times
    /// [TESSERA_TRUSTED_PROXIES, separated by spaces].
    #[arg(long, value_name = "NETWORK")]
    pub trusted_proxy: Vec<String>,
    /// Serve without --dev although the browser's module pins the root of development, for which everybody can sign keys.
    /// For tests of a configuration; never for real cards.
    #[arg(long)]
    pub accept_development_root: bool,
    /// Connections served at the same time; more wait until one ends
    /// [TESSERA_MAX_CONNECTIONS, default 1024].
    #[arg(long, value_name = "NUMBER")]
    pub max_connections: Option<String>,
    /// After a signal to end, for how long /readyz says no while requests are still served
    /// [TESSERA_DRAIN_DELAY, default 5s, and 0s with --dev].
    #[arg(long, value_name = "TIME")]
    pub drain_delay: Option<String>,
    /// After that, how long open requests may take to end [TESSERA_DRAIN_TIMEOUT, default 10s].
    #[arg(long, value_name = "TIME")]
    pub drain_timeout: Option<String>,
    /// Port of 127.0.0.1, or an address with a port, on which /metrics is served, for whoever runs the vault only
    /// [TESSERA_METRICS_LISTEN, default: not at all].
    #[arg(long, value_name = "ADDR")]
    pub metrics_listen: Option<String>,
    /// Collector of OpenTelemetry that traces are sent to by HTTP, such as http://127.0.0.1:4318
    /// [TESSERA_OTLP_ENDPOINT, default: none are made].
    #[arg(long, value_name = "URL")]
    pub otlp_endpoint: Option<String>,
    /// Refuse to start on a database with an older schema, instead of bringing it up to date
    /// [TESSERA_NO_MIGRATE=true].
    #[arg(long)]
    pub no_migrate: bool,
}

/// How the vault shall run.
#[derive(Debug)]
pub struct Config {
    /// Who makes the keys.
    pub mode: Mode,
    /// Directory of the database and of what is generated.
    pub data: PathBuf,
    /// Where tokens and customers are kept.
    pub store: StoreChoice,
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Where browsers reach the vault; with `--dev` it may be left to the address.
    pub public_origin: Option<Origin>,
    /// Where the key-encryption key is.
    pub kek: KekSource,
    /// Those that only unwrap.
    pub also_keks: Vec<KekSource>,
    /// Origins whose pages may use the publishable key.
    pub allowed_origins: Vec<Origin>,
    /// The file with the names of banks.
    pub bank_directory: Option<PathBuf>,
    /// The fonts that themes may use.
    pub fonts: Vec<FontChoice>,
    /// What is decided about browsers.
    pub settings: Settings,
    /// What one client may take from the others.
    pub connections: ConnectionLimits,
    /// For how long requests are still served after a signal, while the vault says that it is not ready.
    pub drain_delay: Duration,
    /// Where whoever runs the vault reads its metrics.
    pub metrics_listen: Option<SocketAddr>,
    /// What is done about an older schema.
    pub migration: Migration,
    /// Whether the root of development will do.
    pub development_root: DevelopmentRoot,
    /// What becomes of security codes until the payment.
    pub security_codes: SecurityCodes,
    /// What sealing keys are made of.
    pub sealing_suites: SealingSuites,
}

/// Whether frames may believe the root of development, for which everybody can sign keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DevelopmentRoot {
    /// They may not; with `--dev` they believe no other.
    Refused,
    /// They may: somebody tests a configuration.
    Accepted,
}

/// How many connections there may be, and how long each may take for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Served at the same time; more wait to be accepted.
    pub at_once: usize,
    /// From the first wait for a request until its header is there whole. An idle connection ends with it.
    pub header: Duration,
    /// How long a connection may live; then it ends with the request it is at.
    pub lifetime: Duration,
    /// How long open requests may take to end, after a signal or at the end of a connection's life.
    pub drain: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            at_once: 1024,
            header: Duration::from_secs(10),
            lifetime: Duration::from_secs(300),
            drain: Duration::from_secs(10),
        }
    }
}

/// Where tokens and customers are kept.
#[derive(Clone, Debug)]
pub enum StoreChoice {
    /// In a SQLite file of the data directory.
    Sqlite,
    /// On a PostgreSQL server.
    Postgres(PostgresAddress),
}

/// Who makes the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The vault itself, and it prints them: for developers.
    Development,
    /// Whoever runs it.
    Production,
}

impl Config {
    /// Reads flags, then the environment where a flag is missing.
    ///
    /// # Errors
    ///
    /// [`ConfigErrors`] with everything that is missing or wrong.
    pub fn read(
        args: &ServeArgs,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigErrors> {
        let set = |name: &str| environment(name).filter(|value| !value.is_empty());
        let mode = args.place.mode();
        let mut errors = Vec::new();

        let place = Place::find(&args.place, &set, &mut errors);
        let listen = args.listen.clone().or_else(|| set("TESSERA_LISTEN"));
        let listen = listen.as_deref().unwrap_or(DEFAULT_LISTEN).parse().unwrap_or_else(|_| {
            errors.push(
                "--listen (TESSERA_LISTEN) is not an address with a port, such as 127.0.0.1:8700".to_owned(),
            );
            SocketAddr::from(([127, 0, 0, 1], 0))
        });
        let public_url = args.public_url.clone().or_else(|| set("TESSERA_PUBLIC_URL"));
        let public_origin = public_url.and_then(|url| match Origin::parse(url.trim_end_matches('/')) {
            Ok(origin) => Some(origin),
            Err(error) => {
                errors.push(format!("--public-url (TESSERA_PUBLIC_URL) is not right: {error}"));
                None
            }
        });
        let connections = connection_limits(args, &set, &mut errors);
        let drain_delay = drain_delay(args, mode, &set, &mut errors);
        let migration = migration(args, &set, &mut errors);
        let metrics_listen = metrics_listen(args, &set, &mut errors);
        let allowed_origins = allowed_origins(args, mode, &set, &mut errors);
        let bank_directory = args.bank_directory.clone().or_else(|| set("TESSERA_BANK_DIRECTORY"));
        let fonts = fonts(args, &set, &mut errors);
        let security_codes = security_codes(args, &set, &mut errors);
        let sealing_suite = args.sealing_suite.clone().or_else(|| set("TESSERA_SEALING_SUITE"));
        let sealing_suites = sealing_suites(sealing_suite, &mut errors);
        let settings = Settings {
            endpoints: allowed_endpoints(args, &set, &mut errors),
            rules: rules(args, mode, &set, &mut errors),
            banks: BankDirectory::default(),
            fonts: Fonts::default(),
            proxies: proxies(args, &set, &mut errors),
        };
        let missing_url =
            public_origin.is_none() && !errors.iter().any(|error| error.contains("--public-url"));
        if mode == Mode::Production && missing_url {
            errors.push(
                "the public URL is missing: set --public-url or TESSERA_PUBLIC_URL to where browsers reach the \
                 vault, such as https://vault.example"
                    .to_owned(),
            );
        }

        match place {
            Some(Place { data, store, kek, also_keks }) if errors.is_empty() => Ok(Self {
                mode,
                data,
                store,
                listen,
                public_origin,
                kek,
                also_keks,
                allowed_origins,
                bank_directory: bank_directory.map(PathBuf::from),
                fonts,
                settings,
                connections,
                drain_delay,
                metrics_listen,
                migration,
                development_root: if args.accept_development_root {
                    DevelopmentRoot::Accepted
                } else {
                    DevelopmentRoot::Refused
                },
                security_codes,
                sealing_suites,
            }),
            Some(_) | None => Err(ConfigErrors(errors)),
        }
    }
}

/// How the vault says what it does: needed before anything else can be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saying {
    /// From which level on lines are written.
    pub level: Level,
    /// How they are written.
    pub format: Format,
    /// Where traces are sent.
    pub collector: Option<Collector>,
}

impl Saying {
    /// Reads the environment and the command; what is wrong comes with what is right.
    #[must_use]
    pub fn read(command: &Command, environment: &dyn Fn(&str) -> Option<String>) -> (Self, Vec<String>) {
        let set = |name: &str| environment(name).filter(|value| !value.is_empty());
        let mut errors = Vec::new();
        let level = match set("TESSERA_LOG").as_deref() {
            Some("error") => Level::ERROR,
            Some("warn") => Level::WARN,
            Some("debug") => Level::DEBUG,
            None | Some("info") => Level::INFO,
            Some(_) => {
                errors.push("TESSERA_LOG is none of error, warn, info and debug".to_owned());
                Level::INFO
            }
        };
        let format = set("TESSERA_LOG_FORMAT").map_or(Some(Format::Text), |text| Format::parse(&text));
        let format = format.unwrap_or_else(|| {
            errors.push("TESSERA_LOG_FORMAT is neither text nor json".to_owned());
            Format::Text
        });
        let collector = if let Command::Serve(args) = command {
            args.otlp_endpoint.clone().or_else(|| set("TESSERA_OTLP_ENDPOINT"))
        } else {
            None
        };
        let collector = collector.and_then(|text| {
            let collector = Collector::parse(&text);
            if collector.is_none() {
                errors.push(
                    "--otlp-endpoint (TESSERA_OTLP_ENDPOINT) is not the http:// address of a collector, such as \
                     http://127.0.0.1:4318"
                        .to_owned(),
                );
            }
            collector
        });
        (Self { level, format, collector }, errors)
    }
}

/// Everything that is wrong with the configuration; whoever runs the vault can mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(Vec<String>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the vault does not start:")?;
        self.0.iter().try_for_each(|error| write!(f, "\n- {error}"))
    }
}

impl std::error::Error for ConfigErrors {}

impl ConfigErrors {
    /// Puts what is wrong with the file before what is wrong with all the settings.
    ///
    /// # Errors
    ///
    /// Both, if there is any.
    pub fn with<T>(mut file: Vec<String>, settings: Result<T, Self>) -> Result<T, Self> {
        match settings {
            Ok(value) if file.is_empty() => Ok(value),
            Ok(_) => Err(Self(file)),
            Err(Self(errors)) => {
                file.extend(errors);
                Err(Self(file))
            }
        }
    }
}

fn store_choice(
    args: &PlaceArgs,
    set: &dyn Fn(&str) -> Option<String>,
    errors: &mut Vec<String>,
) -> StoreChoice {
    // A password may be in it.
    let named = args.store.clone().or_else(|| set("TESSERA_STORE")).map(Zeroizing::new);
    let file = args.store_file.clone().or_else(|| set("TESSERA_STORE_FILE"));
    let url = match (named, file) {
        (None, Some(file)) => match secret_file::read(Path::new(&file)) {
            Ok(text) => Some(Zeroizing::new(text.trim().to_owned())),
            Err(error) => {
                errors.push(format!("the file of --store-file (TESSERA_STORE_FILE) cannot be read: {error}"));
                None
            }
        },
        (Some(_), Some(_)) => {
            errors.push("the store is given twice: set TESSERA_STORE or TESSERA_STORE_FILE".to_owned());
            None
        }
        (named, None) => named,
    };
    let certificates = match args.store_ca.clone().or_else(|| set("TESSERA_STORE_CA")) {
        Some(file) => Certificates::File(PathBuf::from(file)),
        None => Certificates::System,
    };
    match url.as_ref().map(|url| url.as_str()) {
        None | Some("sqlite:") => StoreChoice::Sqlite,
        Some(url) => PostgresAddress::parse(url, certificates).map_or_else(
            |error| {
                errors.push(format!(
                    "--store (TESSERA_STORE) is neither sqlite: nor the URL of a PostgreSQL server: {error}"
                ));
                StoreChoice::Sqlite
            },
            StoreChoice::Postgres,
        ),
    }
}

fn connection_limits(
    args: &ServeArgs,
    set: &dyn Fn(&str) -> Option<String>,
    errors: &mut Vec<String>,
) -> ConnectionLimits {
    let default = ConnectionLimits::default();
    let given = args.drain_timeout.clone().or_else(|| set("TESSERA_DRAIN_TIMEOUT"));
    let drain = given.map_or(default.drain, |text| {
        duration(&text).unwrap_or_else(|| {
            errors.push(format!("--drain-timeout (TESSERA_DRAIN_TIMEOUT) is no time {TIMES}"));
            default.drain
        })
    });
    let default = ConnectionLimits { drain, ..default };
    let Some(text) = args.max_connections.clone().or_else(|| set("TESSERA_MAX_CONNECTIONS")) else {
        return default;
    };
    match text.parse() {
        Ok(at_once) if (1..=MAX_CONNECTIONS).contains(&at_once) => ConnectionLimits { at_once, ..default },
        Ok(_) | Err(_) => {
            errors.push(format!(
                "--max-connections (TESSERA_MAX_CONNECTIONS) is not a number from 1 to {MAX_CONNECTIONS}"
            ));
            default
        }
    }
}

fn drain_delay(
    args: &ServeArgs,
    mode: Mode,
    set: &dyn Fn(&str) -> Option<String>,
    errors: &mut Vec<String>,
) -> Duration {
    let default = match mode {
        Mode::Production => DRAIN_DELAY,
        // Nobody balances a developer's vault, and it is stopped often.
        Mode::Development => Duration::ZERO,
    };
    let given = args.drain_delay.clone().or_else(|| set("TESSERA_DRAIN_DELAY"));
    given.map_or(default, |text| {
        duration(&text).unwrap_or_else(|| {
            errors.push(format!("--drain-delay (TESSERA_DRAIN_DELAY) is no time {TIMES}"));
            default
        })
    })
}

/// A time such as `5s` or `2m`, up to an hour.
fn duration(text: &str) -> Option<Duration> {
    let time = text.parse::<SignedDuration>().ok()?;
    Duration::try_from(time).ok().filter(|time| *time <= LONGEST_DRAIN)
}

fn migration(args: &ServeArgs, set: &dyn Fn(&str) -> Option<String>, errors: &mut Vec<String>) -> Migration {
    match (args.no_migrate, set("TESSERA_NO_MIGRATE").as_deref()) {
        (true, _) | (false, Some("true")) => Migration::Refuse,
        (false, None | Some("false")) => Migration::Run,
        (false, Some(_)) => {
            errors.push("--no-migrate (TESSERA_NO_MIGRATE) is neither true nor false".to_owned());
            Migration::Run
        }
    }
}

/// A port alone is one of this machine: who wants another address names it.
fn metrics_listen(
    args: &ServeArgs,
    set: &dyn Fn(&str) -> Option<String>,
    errors: &mut Vec<String>,
) -> Option<SocketAddr> {
    let text = args.metrics_listen.clone().or_else(|| set("TESSERA_METRICS_LISTEN"))?;
    let port = || text.parse().map(|port: u16| SocketAddr::from(([127, 0, 0, 1], port)));
    let address = text.parse().or_else(|_| port()).ok();
    if address.is_none() {
        errors.push(
            "--metrics-listen (TESSERA_METRICS_LISTEN) is neither a port, such as 9464, nor an address with one"
                .to_owned(),
        );
    }
    address
}

fn fonts(
    args: &ServeArgs,
    set: &dyn Fn(&str) -> Option<String>,
    errors: &mut Vec<String>,
) -> Vec<FontChoice> {
    let mut texts = args.font.clone();
    if texts.is_empty() {
        texts.extend(set("TESSERA_FONTS").iter().flat_map(|list| list.split(';')).map(str::to_owned));
    }
    let mut choices = Vec::new();
    for text in &texts {
        match FontChoice::parse(text) {
            Ok(choice) => choices.push(choice),
            Err(error) => errors.push(format!("a --font (TESSERA_FONTS) is not right: {error}")),
        }
    }
    choices
}

fn allowed_origins(
    args: &ServeArgs,
    mode: Mode,
    set: &dyn Fn(&str) -> Option<String>,
    errors: &mut Vec<String>,
) -> Vec<Origin> {
    let mut texts = args.allow_origin.clone();
    if texts.is_empty() {
        texts.extend(
            set("TESSERA_ALLOW_ORIGINS").iter().flat_map(|list| list.split_whitespace()).map(str::to_owned),
        );
    }
    if texts.is_empty() && mode == Mode::Development {
        texts.extend(DEV_ORIGINS.map(str::to_owned));
    }
    let mut origins = Vec::new();
    for text in &texts {
        match Origin::parse(text) {
            Ok(origin) => origins.push(origin),
            Err(error) => errors.push(format!("an --allow-origin is not right: {error}")),
        }
    }
    origins
}

fn allowed_endpoints(
    args: &ServeArgs,
    set: &dyn Fn(&str) -> Option<String>,
    errors: &mut Vec<String>,
) -> Vec<String> {
    let mut texts = args.allow_endpoint.clone();
    if texts.is_empty() {
        texts.extend(
            set("TESSERA_ALLOW_ENDPOINTS").iter().flat_map(|list| list.split_whitespace()).map(str::to_owned),
        );
    }
    let (endpoints, wrong): (Vec<_>, Vec<_>) = texts
        .into_iter()
        .map(|text| text.trim_end_matches('/').to_owned())
        .partition(|text| is_base_url(text) || text == NO_ENDPOINT);
    if !wrong.is_empty() {
        errors.push(
            "an --allow-endpoint (TESSERA_ALLOW_ENDPOINTS) is not right: it is an origin and possibly a path, such \
             as https://gateway.example/api, or none"
                .to_owned(),
        );
    }
    endpoints
}

/// An origin, and a path of plain characters, if any: it is written into a header and into HTML.
fn is_base_url(text: &str) -> bool {
    let host = text.find("://").map_or(0, |at| at + 3);
    let path = text.get(host..).and_then(|rest| rest.find('/')).map_or(text.len(), |at| host + at);
    let (origin, path) = text.split_at_checked(path).unwrap_or((text, ""));
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte);
    Origin::parse(origin).is_ok() && path.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(args: &ServeArgs, environment: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
        Config::read(args, &|name| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn everything_that_is_missing_is_said_at_once() {
        let errors = read(&ServeArgs::default(), &[]).unwrap_err().to_string();
        for what in [
            "--data",
            "TESSERA_DATA",
            "TESSERA_KEK_FILE",
            "TESSERA_KEK ",
            "--public-url",
            "TESSERA_PUBLIC_URL",
        ] {
            assert!(errors.contains(what), "{what} in {errors}");
        }
        assert_eq!(errors.lines().count(), 4);
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let args = ServeArgs {
            place: PlaceArgs {
                data: Some("d".to_owned()),
                store: Some("mysql://u:pa55word@h/d".to_owned()),
                ..PlaceArgs::default()
            },
            listen: Some("here".to_owned()),
            public_url: Some("vault.example".to_owned()),
            allow_origin: vec!["*".to_owned(), "https://shop.example/".to_owned()],
            max_connections: Some("0".to_owned()),
            ..ServeArgs::default()
        };
        let errors = read(&args, &[("TESSERA_KEK", "k"), ("TESSERA_KEK_FILE", "f")]).unwrap_err().to_string();
        assert_eq!(errors.lines().count(), 8, "{errors}");
        assert!(errors.contains("given twice") && !errors.contains("pa55word"));
    }

    #[test]
    fn dev_needs_a_directory_only() {
        let args = ServeArgs {
            place: PlaceArgs { dev: true, data: Some("d".to_owned()), ..PlaceArgs::default() },
            ..ServeArgs::default()
        };
        let config = read(&args, &[]).unwrap();
        assert_eq!(config.mode, Mode::Development);
        assert_eq!(config.listen.to_string(), DEFAULT_LISTEN);
        assert!(matches!(config.kek, KekSource::DataDir));
        assert_eq!(config.allowed_origins.len(), 2);
        assert!(config.public_origin.is_none());
        assert!(matches!(config.store, StoreChoice::Sqlite));
    }

    #[test]
    fn the_environment_is_enough() {
        let environment = [
            ("TESSERA_DATA", "d"),
            ("TESSERA_LISTEN", "0.0.0.0:80"),
            ("TESSERA_PUBLIC_URL", "https://vault.example/"),
            ("TESSERA_KEK", "secret-key"),
            ("TESSERA_ALLOW_ORIGINS", "https://a.example https://b.example"),
            ("TESSERA_MAX_CONNECTIONS", "7"),
            ("TESSERA_STORE", "postgres://u:pa55word@db.example/tessera"),
            ("TESSERA_STORE_CA", "ca.pem"),
        ];
        let config = read(&ServeArgs::default(), &environment).unwrap();
        assert_eq!(config.connections, ConnectionLimits { at_once: 7, ..ConnectionLimits::default() });
        assert_eq!(config.public_origin.as_ref().unwrap().as_str(), "https://vault.example");
        assert_eq!(config.allowed_origins.len(), 2);
        assert!(matches!(config.store, StoreChoice::Postgres(_)));
        let shown = format!("{config:?}");
        assert!(!shown.contains("secret-key") && !shown.contains("pa55word"), "{shown}");
        assert!(shown.contains("db.example") && shown.contains("ca.pem"), "{shown}");
    }

    #[test]
    fn a_time_has_a_unit_and_an_end_and_a_port_alone_is_of_this_machine() {
        let dev = |more: ServeArgs| ServeArgs {
            place: PlaceArgs { dev: true, data: Some("d".to_owned()), ..PlaceArgs::default() },
            ..more
        };
        let config = read(&dev(ServeArgs::default()), &[]).unwrap();
        assert_eq!((config.drain_delay, config.metrics_listen), (Duration::ZERO, None));
        let environment = [
            ("TESSERA_DRAIN_DELAY", "7s"),
            ("TESSERA_DRAIN_TIMEOUT", "1m"),
            ("TESSERA_METRICS_LISTEN", "9464"),
        ];
        let config = read(&dev(ServeArgs::default()), &environment).unwrap();
        assert_eq!(config.drain_delay, Duration::from_secs(7));
        assert_eq!(config.connections.drain, Duration::from_secs(60));
        assert_eq!(config.metrics_listen.unwrap().to_string(), "127.0.0.1:9464");
        let named = ServeArgs { metrics_listen: Some("[::]:1".to_owned()), ..ServeArgs::default() };
        assert_eq!(read(&dev(named), &[]).unwrap().metrics_listen.unwrap().to_string(), "[::]:1");
        let wrong = ServeArgs {
            drain_delay: Some("5".to_owned()),
            drain_timeout: Some("-1s".to_owned()),
            metrics_listen: Some("localhost".to_owned()),
            ..ServeArgs::default()
        };
        let errors = read(&dev(wrong), &[("TESSERA_LISTEN", "x")]).unwrap_err().to_string();
        assert_eq!(errors.lines().count(), 5, "{errors}");
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory as _;
        CommandLine::command().debug_assert();
    }

    #[test]
    fn an_endpoint_is_an_origin_and_a_plain_path() {
        for text in
            ["https://gateway.example", "http://127.0.0.1:8700/paydock", "https://a.example/v1/x-y_z."]
        {
            assert!(is_base_url(text), "{text}");
        }
        for text in [
            "",
            "gateway.example",
            "https://a.example/?x",
            "https://a.example/\"x",
            "https://*/",
            "ftp://a.example",
        ] {
            assert!(!is_base_url(text), "{text}");
        }
    }
}
