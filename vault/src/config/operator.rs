//! The flags of commands that work beside a vault.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::SignedDuration;

use super::{
    ConfigErrors, KekSource, Mode, ServeArgs, StoreChoice,
    kek::{also_keks, kek_source},
    sealing_suites, store_choice,
};
use crate::{
    audit::Anchor,
    domain::{KeyUse, Origin, Scope},
    keyring::{Pkcs11Uri, SealingSuites},
};

/// What can be done with the audit log.
#[derive(Clone, Debug, Subcommand)]
pub enum AuditCommand {
    /// Check that every row is the one that was written, and print the head of every chain, to be kept elsewhere.
    Verify(VerifyArgs),
    /// Print rows, oldest first.
    List(ListArgs),
}

/// What to bring up to date.
#[derive(Clone, Debug, Args)]
pub struct MigrateArgs {
    /// Where. The key-encryption key is only needed with --take-rows-as-they-are.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Also give rows from before there were hashes theirs, once, after a vault of a version without them: whatever stands in
    /// the database now is believed from then on. All vaults must be stopped.
    #[arg(long)]
    pub take_rows_as_they_are: bool,
}

/// Where to copy to.
#[derive(Clone, Debug, Args)]
pub struct BackupArgs {
    /// Where.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// A directory that is not there yet, or is empty.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
}

/// What to restore.
#[derive(Clone, Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub struct RestoreArgs {
    /// Where to.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// The directory of a backup.
    #[arg(long, value_name = "DIR", group = "what")]
    pub from: Option<PathBuf>,
    /// The database itself was restored already, by pg_restore or to a point in time: only declare its tokens over.
    #[arg(long, group = "what")]
    pub new_epoch_only: bool,
}

/// Where the things of a vault are; each can be given in the environment instead.
#[derive(Clone, Debug, Default, Args)]
pub struct PlaceArgs {
    /// Generate every key and a merchant in the data directory, and print them; for other commands, they were generated
    /// there. Never for real cards.
    #[arg(long)]
    pub dev: bool,
    /// Directory of the database and of what --dev generates [TESSERA_DATA].
    #[arg(long, value_name = "DIR")]
    pub data: Option<String>,
    /// Where tokens and customers are kept: sqlite: in the data directory, or a URL such as
    /// postgres://user@host/database, which may be shared by many vaults [TESSERA_STORE, default sqlite:].
    /// A password belongs into the environment: flags are seen by everybody on the machine.
    #[arg(long, value_name = "URL")]
    pub store: Option<String>,
    /// File with the certificates (PEM) that the PostgreSQL server's is checked against
    /// [TESSERA_STORE_CA, default: those the machine trusts].
    #[arg(long, value_name = "FILE")]
    pub store_ca: Option<String>,
    /// File with that URL, where a password is in it [TESSERA_STORE_FILE].
    #[arg(long, value_name = "FILE")]
    pub store_file: Option<String>,
    /// File with the key-encryption key, 32 bytes in base64url [TESSERA_KEK_FILE; or TESSERA_KEK with
    /// the key itself].
    #[arg(long, value_name = "FILE")]
    pub kek_file: Option<String>,
    /// File with a share of the key-encryption key; to be given as often as shares make it
    /// [TESSERA_KEK_SHARES, separated by semicolons].
    #[arg(long, value_name = "FILE")]
    pub kek_share: Vec<String>,
    /// What keeps the key-encryption key: transit:https://host:8200/v1/transit/keys/NAME?token-file=FILE, or
    /// pkcs11:token=TOKEN;object=KEY?module-path=FILE&pin-source=FILE [TESSERA_KEK_SOURCE].
    #[arg(long, value_name = "SOURCE")]
    pub kek: Option<String>,
    /// A further key-encryption key, which only unwraps: file:FILE, shares:FILE;FILE, or as --kek; can be given
    /// several times [TESSERA_ALSO_KEKS, separated by spaces].
    #[arg(long, value_name = "SOURCE")]
    pub also_kek: Vec<String>,
}

impl PlaceArgs {
    pub(super) fn mode(&self) -> Mode {
        if self.dev { Mode::Development } else { Mode::Production }
    }
}

/// What to check.
#[derive(Clone, Debug, Args)]
pub struct VerifyArgs {
    /// Where.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// A head that was printed before: its chain must still contain it; can be given several times.
    #[arg(long, value_name = "HEAD")]
    pub expect: Vec<Anchor>,
    /// A file with such heads, one in each line.
    #[arg(long, value_name = "FILE")]
    pub expect_file: Option<PathBuf>,
}

/// What to show.
#[derive(Clone, Debug, Args)]
pub struct ListArgs {
    /// Where.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Only rows of this merchant; `vault` for what the vault did for itself.
    #[arg(long, value_name = "ID")]
    pub merchant: Option<String>,
    /// Only rows of this action, such as token.spend.
    #[arg(long)]
    pub action: Option<String>,
    /// Only rows in whose object this id stands.
    #[arg(long, value_name = "ID")]
    pub object: Option<String>,
    /// The newest so many.
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    pub last: usize,
}

/// Whose keys.
#[derive(Clone, Debug, Subcommand)]
pub enum KeysCommand {
    /// The keys that merchants call the vault with.
    #[command(subcommand)]
    Api(ApiKeysCommand),
    /// The keys that browsers seal to, for the coming days.
    #[command(subcommand)]
    Sealing(SealingKeysCommand),
    /// The root that signs them; not for the machine of the vault.
    #[command(subcommand)]
    Root(RootCommand),
    /// Print every key of the vault's: what for, which version, how old, under which key-encryption key. Never a key.
    Status(StatusArgs),
    /// Make a new version of merchants' data keys, or of the vault's own. Running vaults take it up, bring what is stored to
    /// it, and destroy the old version when nothing needs it any more.
    Rotate(RotateKeysArgs),
    /// Bring along now what is still under older versions of merchants' data keys and of the key of the rows' hashes, and do
    /// not wait for the vault to do it.
    Reseal(ResealArgs),
    /// Wrap every key under another key-encryption key, or under the newest version of it.
    Rewrap(RewrapArgs),
    /// Make or split a key-encryption key.
    #[command(subcommand)]
    Kek(KekCommand),
}

/// What to show.
#[derive(Clone, Debug, Args)]
pub struct StatusArgs {
    /// Where.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// From what age on a key is due, such as 8760h, a year.
    #[arg(long, default_value = "8760h")]
    pub max_age: SignedDuration,
}

/// Whose data keys to replace.
#[derive(Clone, Debug, Args)]
pub struct RotateKeysArgs {
    /// Where.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Which key is replaced.
    #[arg(long, value_enum, default_value_t = MerchantKeyArg::Encryption)]
    pub kind: MerchantKeyArg,
    /// The merchant whose key is replaced; can be given several times.
    #[arg(long, value_name = "MERCHANT", required_unless_present = "all", conflicts_with = "all")]
    pub merchant: Vec<String>,
    /// All merchants.
    #[arg(long)]
    pub all: bool,
    /// After which time the new version is used: the time in which every running vault takes it up.
    #[arg(long = "in", value_name = "TIME", default_value = "2m")]
    pub used_in: SignedDuration,
}

/// Which key of a merchant, or of the vault's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MerchantKeyArg {
    /// That with which records are encrypted.
    Encryption,
    /// That with which tokens and API keys are found and fingerprints are made.
    Lookup,
    /// That with which the hashes of the audit log are made: the vault's own, so it is named with --all.
    Audit,
    /// That with which the hashes of rows are made: the vault's own, likewise.
    Rows,
}

/// Whose records to bring to the newest keys.
#[derive(Clone, Debug, Args)]
pub struct ResealArgs {
    /// Where.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Only those of this merchant, and no hashes of rows.
    #[arg(long, value_name = "ID")]
    pub merchant: Option<String>,
}

/// Under which key-encryption key to wrap.
#[derive(Clone, Debug, Args)]
pub struct RewrapArgs {
    /// Where, and the key-encryption keys of today.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// File with the new key-encryption key.
    #[arg(long, value_name = "FILE", conflicts_with = "new_kek")]
    pub new_kek_file: Option<PathBuf>,
    /// What keeps the new key-encryption key: file:FILE, shares:FILE;FILE, transit:…, pkcs11:… Without either, the key of
    /// today wraps what older ones, or older versions of it, have wrapped.
    #[arg(long, value_name = "SOURCE", value_parser = KekSource::parse)]
    pub new_kek: Option<KekSource>,
}

/// What can be done with a key-encryption key.
#[derive(Clone, Debug, Subcommand)]
pub enum KekCommand {
    /// Write shares of a key-encryption key, one file each, of which a number makes it again.
    Split(SplitArgs),
    /// Make a key in a hardware security module, which never leaves it.
    Create(CreateKekArgs),
}

/// Where to make a key.
#[derive(Clone, Debug, Args)]
pub struct CreateKekArgs {
    /// Which key the module shall have: pkcs11:token=TOKEN;object=KEY?module-path=FILE&pin-source=FILE.
    #[arg(long, value_name = "SOURCE", value_parser = module_key)]
    pub kek: Pkcs11Uri,
}

/// How to split.
#[derive(Clone, Debug, Args)]
pub struct SplitArgs {
    /// File with the key that is split. Without, a new one is made, which then is nowhere but in its shares.
    #[arg(long, value_name = "FILE")]
    pub kek_file: Option<PathBuf>,
    /// How many shares there shall be.
    #[arg(long, value_name = "NUMBER", default_value_t = 3)]
    pub shares: u8,
    /// How many of them make the key.
    #[arg(long, value_name = "NUMBER", default_value_t = 2)]
    pub threshold: u8,
    /// Directory into which the files kek-share-1, kek-share-2 and so on are written.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// What can be done with sealing keys.
#[derive(Clone, Debug, Subcommand)]
pub enum SealingKeysCommand {
    /// Make pairs for the coming days, and print what the root is to sign.
    Request(RequestArgs),
    /// Read that on stdin and print it signed. Needs no vault.
    Sign(SignArgs),
    /// Read that on stdin, check it, and have the vault publish the keys from their days on.
    Install(InstallArgs),
    /// Print which keys there are, and for when.
    List(ListSealingArgs),
}

/// What can be done with a root.
#[derive(Clone, Debug, Subcommand)]
pub enum RootCommand {
    /// Make a root: the private half into a new file, the public half on stdout.
    New(NewRootArgs),
}

/// For which days to make sealing keys.
#[derive(Clone, Debug, Args)]
pub struct RequestArgs {
    /// Where.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Where browsers reach the vault [TESSERA_PUBLIC_URL].
    #[arg(long, value_name = "URL", value_parser = origin)]
    pub public_url: Option<Origin>,
    /// What the keys are made of: `x25519`, `x-wing`, or `x-wing-only` [TESSERA_SEALING_SUITE, default x25519].
    #[arg(long, value_name = "SUITE", value_parser = suites)]
    pub sealing_suite: Option<SealingSuites>,
    /// For how many days, beginning with today (UTC).
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=400))]
    pub days: u16,
}

impl RequestArgs {
    /// The vault's public origin.
    ///
    /// # Errors
    ///
    /// [`ConfigErrors`] if it is given nowhere.
    pub fn vault(&self, environment: &dyn Fn(&str) -> Option<String>) -> Result<Origin, ConfigErrors> {
        vault(self.public_url.as_ref(), environment)
    }

    /// What the keys are made of.
    ///
    /// # Errors
    ///
    /// [`ConfigErrors`] if it is no suite.
    pub fn suites(
        &self,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<SealingSuites, ConfigErrors> {
        let mut errors = Vec::new();
        let named = environment("TESSERA_SEALING_SUITE").filter(|named| !named.is_empty());
        let suites = match self.sealing_suite {
            Some(suites) => suites,
            None => sealing_suites(named, &mut errors),
        };
        if errors.is_empty() { Ok(suites) } else { Err(ConfigErrors(errors)) }
    }
}

/// What to sign with.
#[derive(Clone, Debug, Args)]
pub struct SignArgs {
    /// The file with the private half of the root.
    #[arg(long, value_name = "FILE")]
    pub root_file: PathBuf,
    /// The public origin of the vault whose keys are signed; a request of another is refused.
    #[arg(long, value_name = "URL", value_parser = origin)]
    pub vault: Origin,
}

/// Where to install.
#[derive(Clone, Debug, Args)]
pub struct InstallArgs {
    /// Where.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Where browsers reach the vault [TESSERA_PUBLIC_URL].
    #[arg(long, value_name = "URL", value_parser = origin)]
    pub public_url: Option<Origin>,
}

impl InstallArgs {
    /// The vault's public origin.
    ///
    /// # Errors
    ///
    /// [`ConfigErrors`] if it is given nowhere.
    pub fn vault(&self, environment: &dyn Fn(&str) -> Option<String>) -> Result<Origin, ConfigErrors> {
        vault(self.public_url.as_ref(), environment)
    }
}

/// Whose sealing keys to show.
#[derive(Clone, Debug, Args)]
pub struct ListSealingArgs {
    /// Where.
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Where to keep a new root.
#[derive(Clone, Debug, Args)]
pub struct NewRootArgs {
    /// The file for the private half; there must be none of that name.
    #[arg(long, value_name = "FILE")]
    pub root_file: PathBuf,
}

fn vault(
    given: Option<&Origin>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Origin, ConfigErrors> {
    let named = || environment("TESSERA_PUBLIC_URL").filter(|url| !url.is_empty());
    let missing = "the public URL is missing or not right: set --public-url or TESSERA_PUBLIC_URL to where \
                   browsers reach the vault, such as https://vault.example";
    given
        .cloned()
        .or_else(|| Origin::parse(named()?.trim_end_matches('/')).ok())
        .ok_or_else(|| ConfigErrors(vec![missing.to_owned()]))
}

/// What can be done with API keys.
#[derive(Clone, Debug, Subcommand)]
pub enum ApiKeysCommand {
    /// Make a key for a merchant and print it, once.
    Create(CreateKeyArgs),
    /// Print what is kept of the keys.
    List(ListKeysArgs),
    /// Make a key like another one, which stays good for a while, and print the new one, once.
    Rotate(RotateKeyArgs),
    /// Have a key be good for nothing, at once and on every vault.
    Revoke(RevokeKeyArgs),
}

/// The sorts of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KeyKindArg {
    /// For pages.
    Publishable,
    /// For the merchant's server.
    Secret,
}

/// Which key to make.
#[derive(Clone, Debug, Args)]
pub struct CreateKeyArgs {
    /// Where.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Whose.
    #[arg(long, value_name = "ID")]
    pub merchant: String,
    /// For pages, or for the merchant's server.
    #[arg(long, value_enum)]
    pub kind: KeyKindArg,
    /// What it may be used for: tokenize, read, customers:write, payments, sessions; can be given several times.
    /// Without, all that its kind allows: a publishable key can only tokenize. One with session:required besides makes
    /// tokens in checkout sessions only.
    #[arg(long, value_parser = scope)]
    pub scope: Vec<Scope>,
    /// Origin whose pages may use a publishable key; can be given several times.
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    pub allow_origin: Vec<Origin>,
    /// For what cards.
    #[command(flatten)]
    pub key_use: KeyUseArgs,
}

/// For what cards a key is.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct KeyUseArgs {
    /// Make a test key, whose form takes orders to fail. Without, it is a live one.
    #[arg(long)]
    pub test: bool,
}

impl KeyUseArgs {
    /// What was asked for.
    #[must_use]
    pub const fn key_use(self) -> KeyUse {
        if self.test { KeyUse::Test } else { KeyUse::Live }
    }
}

/// Which merchant to make.
#[derive(Clone, Debug, Args)]
pub struct AddMerchantArgs {
    /// The vault's settings.
    #[command(flatten)]
    pub serve: ServeArgs,
    /// For what cards its keys are.
    #[command(flatten)]
    pub key_use: KeyUseArgs,
}

/// Which keys to show.
#[derive(Clone, Debug, Args)]
pub struct ListKeysArgs {
    /// Where.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Only those of this merchant.
    #[arg(long, value_name = "ID")]
    pub merchant: Option<String>,
}

/// Which key to replace.
#[derive(Clone, Debug, Args)]
pub struct RotateKeyArgs {
    /// Where.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// The id part of the key: the twelve characters after `sk_live_`, `pk_live_`, `sk_test_` or `pk_test_`.
    pub key: String,
    /// For how long the old key stays good, such as 24h or 30m; 0s revokes it at once.
    #[arg(long, default_value = "24h")]
    pub overlap: SignedDuration,
    /// For what cards the new key is.
    #[command(flatten)]
    pub key_use: KeyUseArgs,
}

/// Which key to revoke.
#[derive(Clone, Debug, Args)]
pub struct RevokeKeyArgs {
    /// Where.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// The id part of the key: the twelve characters after `sk_live_`, `pk_live_`, `sk_test_` or `pk_test_`.
    pub key: String,
}

fn module_key(text: &str) -> Result<Pkcs11Uri, String> {
    Pkcs11Uri::parse(text).map_err(|error| error.to_string())
}

fn scope(text: &str) -> Result<Scope, String> {
    let names = || Scope::ALL.map(Scope::as_str).join(", ");
    Scope::parse(text).ok_or_else(|| format!("the scopes are {}", names()))
}

fn suites(text: &str) -> Result<SealingSuites, String> {
    SealingSuites::parse(text).ok_or_else(|| "it is one of x25519, x-wing and x-wing-only".to_owned())
}

pub(super) fn origin(text: &str) -> Result<Origin, String> {
    Origin::parse(text).map_err(|error| error.to_string())
}

/// Where the things of a vault are.
#[derive(Debug)]
pub struct Place {
    /// Directory of the database and of what is generated.
    pub data: PathBuf,
    /// Where tokens and customers are kept.
    pub store: StoreChoice,
    /// Where the key-encryption key is.
    pub kek: KekSource,
    /// Those that only unwrap.
    pub also_keks: Vec<KekSource>,
}

impl Place {
    /// Reads flags, then the environment where a flag is missing.
    ///
    /// # Errors
    ///
    /// [`ConfigErrors`] with everything that is missing or wrong.
    pub fn read(
        args: &PlaceArgs,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigErrors> {
        let set = |name: &str| environment(name).filter(|value| !value.is_empty());
        let mut errors = Vec::new();
        let place = Self::find(args, &set, &mut errors);
        place.filter(|_| errors.is_empty()).ok_or(ConfigErrors(errors))
    }

    /// Reads what is needed without a key-encryption key: the data directory and the store.
    ///
    /// # Errors
    ///
    /// [`ConfigErrors`] with everything that is missing or wrong.
    pub fn read_without_key(
        args: &PlaceArgs,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(PathBuf, StoreChoice), ConfigErrors> {
        let set = |name: &str| environment(name).filter(|value| !value.is_empty());
        let mut errors = Vec::new();
        let data = data_dir(args, &set, &mut errors);
        let store = store_choice(args, &set, &mut errors);
        match data {
            Some(data) if errors.is_empty() => Ok((data, store)),
            Some(_) | None => Err(ConfigErrors(errors)),
        }
    }

    /// The same, for who reads more flags; none where something is missing, which the errors then tell.
    pub(super) fn find(
        args: &PlaceArgs,
        set: &dyn Fn(&str) -> Option<String>,
        errors: &mut Vec<String>,
    ) -> Option<Self> {
        let data = data_dir(args, set, errors);
        let store = store_choice(args, set, errors);
        let kek = kek_source(args, args.mode(), set, errors);
        let also_keks = also_keks(args, set, errors);
        Some(Self { data: data?, store, kek: kek?, also_keks })
    }
}

fn data_dir(
    args: &PlaceArgs,
    set: &dyn Fn(&str) -> Option<String>,
    errors: &mut Vec<String>,
) -> Option<PathBuf> {
    let data = args.data.clone().or_else(|| set("TESSERA_DATA"));
    if data.is_none() {
        errors.push("the data directory is missing: set --data or TESSERA_DATA".to_owned());
    }
    data.map(PathBuf::from)
}
