//! Tokens of Apple's and Google's wallets: opened here when the merchant's keys are configured.
//!
//! | variable | what it names |
//! |---|---|
//! | `TESSERA_GOOGLE_PAY_KEY_FILE` | the private key whose public half Google has, as PEM |
//! | `TESSERA_GOOGLE_PAY_RECIPIENT` | `merchant:<id>` or `gateway:<id>`, as registered with Google |
//! | `TESSERA_GOOGLE_PAY_ROOT_KEYS_FILE` | the root signing keys as Google publishes them (JSON) |
//! | `TESSERA_APPLE_PAY_KEY_FILE` | the private key of the payment processing certificate, as PEM |
//! | `TESSERA_APPLE_PAY_MERCHANT_ID` | the merchant identifier; requests name it as `key_id` |
//! | `TESSERA_APPLE_PAY_ROOT_FILE` | "Apple Root CA - G3" as PEM |
//!
//! Without a wallet's three variables its tokens are refused with a text that says which are missing;
//! nothing is stored then. A `temporary_token` of WalletJS is a reference into FluidPay's own systems and
//! cannot be resolved here at all.
//!
//! What is kept of a wallet's token is the device's card number and its expiry. The cryptogram is of use
//! for one payment only and is dropped. A token is accepted once: its id takes the place of a one-time
//! token's in the store's unique index, for as long as the payment method made of it exists.

mod apple;
mod google;

use std::{fs, path::Path};

use instrument::card::CardDraft;
use instrument::{Draft, Secret};
use p256::SecretKey;
use p256::pkcs8::DecodePrivateKey;
use zeroize::Zeroizing;

pub use apple::ApplePay;
pub use google::GooglePay;

use super::failure::Failure;
use super::payment::{ApplePayBody, AppleToken, WalletBody};
use crate::{config::file::setting, secret_file};

/// The names of Google Pay's variables.
const GOOGLE: [&str; 3] =
    ["TESSERA_GOOGLE_PAY_KEY_FILE", "TESSERA_GOOGLE_PAY_RECIPIENT", "TESSERA_GOOGLE_PAY_ROOT_KEYS_FILE"];

/// The names of Apple Pay's variables.
const APPLE: [&str; 3] =
    ["TESSERA_APPLE_PAY_KEY_FILE", "TESSERA_APPLE_PAY_MERCHANT_ID", "TESSERA_APPLE_PAY_ROOT_FILE"];

/// The wallets this vault can open tokens of.
pub struct Wallets {
    google: Setup<GooglePay>,
    apple: Setup<ApplePay>,
}

/// What is known of one wallet's configuration.
enum Setup<T> {
    Ready(T),
    /// Why it cannot be used: variables that are missing, or a file that does not read.
    Missing(String),
}

/// What a wallet's token held.
pub(super) struct Opened {
    /// The card, still to be validated.
    pub(super) draft: Draft,
    /// The token's own id, behind the wallet's name; never used twice.
    pub(super) unique: String,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opened([REDACTED])")
    }
}

/// Why a wallet's token was not opened. No variant says anything of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WalletError {
    /// It has not the form of such a token.
    Malformed,
    /// A signature, key or seal does not fit.
    NotAuthentic,
    /// The token, or the key that signed it, has expired.
    Expired,
    /// It is of a sort that is not supported.
    Unsupported(&'static str),
}

impl Wallets {
    /// No wallet at all; the refusals name every variable.
    #[must_use]
    pub fn unconfigured() -> Self {
        Self { google: Setup::Missing(missing(&GOOGLE)), apple: Setup::Missing(missing(&APPLE)) }
    }

    /// The wallets that the process's environment configures.
    #[must_use]
    pub fn from_environment() -> Self {
        Self::from_variables(setting)
    }

    /// The wallets that the given variables configure.
    #[must_use]
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let google = setup(&variable, &GOOGLE, GooglePay::new);
        let apple = setup(&variable, &APPLE, ApplePay::new);
        Self { google, apple }
    }

    /// These wallets, with Google Pay.
    #[must_use]
    pub fn with_google(self, google: GooglePay) -> Self {
        Self { google: Setup::Ready(google), ..self }
    }

    /// These wallets, with Apple Pay.
    #[must_use]
    pub fn with_apple(self, apple: ApplePay) -> Self {
        Self { apple: Setup::Ready(apple), ..self }
    }

    /// Verifies and decrypts a wallet's token.
    ///
    /// # Errors
    /// `wallet_not_configured` if the keys are missing, and otherwise what is wrong with the token.
    pub(super) fn open(&self, body: WalletBody, now_ms: i64) -> Result<Opened, Failure> {
        match body {
            WalletBody::Google(token, path) => match &self.google {
                Setup::Missing(why) => Err(not_configured(&path, "Google Pay", why)),
                Setup::Ready(google) => google.open(token, now_ms).map_err(|error| refused(&path, error)),
            },
            WalletBody::Apple(ApplePayBody { key_id, token, path }) => {
                let AppleToken::Payment(token) = token else {
                    let path = join(&path, "temporary_token");
                    let msg = format!(
                        "{path} can only be resolved by the gateway that issued it; send pkpaymenttoken instead"
                    );
                    return Err(Failure::invalid(path, "wallet_token_unsupported", msg));
                };
                match &self.apple {
                    Setup::Missing(why) => Err(not_configured(&path, "Apple Pay", why)),
                    Setup::Ready(apple) if apple.merchant_id() != key_id.as_str() => {
                        let path = join(&path, "key_id");
                        let msg = format!("{path} is not the merchant identifier configured");
                        Err(Failure::invalid(path, "wallet_key_unknown", msg))
                    }
                    Setup::Ready(apple) => {
                        let path = join(&path, "pkpaymenttoken");
                        apple.open(token, now_ms).map_err(|error| refused(&path, error))
                    }
                }
            }
        }
    }
}

impl Opened {
    /// Takes what a token says of its card.
    fn new(number: Zeroizing<String>, month: i64, year: i64, unique: String) -> Result<Self, WalletError> {
        if !(1..=12).contains(&month) || !(2000..=2099).contains(&year) {
            return Err(WalletError::Malformed);
        }
        let draft = Draft::Card(CardDraft {
            number: super::payment::secret(number),
            expiry: Secret::new(format!("{month:02}/{:02}", year % 100)),
            code: None,
            holder: None,
            preferred_scheme: None,
        });
        Ok(Self { draft, unique })
    }
}

/// Reads one wallet's three variables: a key file, a name, and a file of trusted roots.
fn setup<T>(
    variable: &impl Fn(&str) -> Option<String>,
    names: &[&'static str; 3],
    make: impl FnOnce(SecretKey, &str, &str) -> Result<T, &'static str>,
) -> Setup<T> {
    let [key_name, id_name, roots_name] = names;
    let (key, id, roots) = (variable(key_name), variable(id_name), variable(roots_name));
    let (Some(key), Some(id), Some(roots)) = (&key, &id, &roots) else {
        let absent: Vec<&str> = [(key_name, &key), (id_name, &id), (roots_name, &roots)]
            .into_iter()
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| *name)
            .collect();
        return Setup::Missing(missing(&absent));
    };
    let unreadable = |name: &str| format!("the file {name} names cannot be read");
    let made = secret_file::read(Path::new(key)).map_err(|_| unreadable(key_name)).and_then(|pem| {
        let key = private_key(&pem).ok_or_else(|| format!("{key_name} names no P-256 private key as PEM"))?;
        let roots = fs::read_to_string(roots).map_err(|_| unreadable(roots_name))?;
        make(key, id, &roots).map_err(ToOwned::to_owned)
    });
    match made {
        Ok(ready) => Setup::Ready(ready),
        Err(why) => {
            tracing::error!(reason = %why, "a wallet is configured wrongly and stays closed");
            Setup::Missing(why)
        }
    }
}

/// Reads a P-256 private key from PEM, in the newer form (PKCS#8) or the older one (SEC 1).
///
/// What `openssl` writes in front of the key is skipped.
fn private_key(text: &str) -> Option<SecretKey> {
    let pem = text.find("-----BEGIN").and_then(|start| text.get(start..))?;
    SecretKey::from_pkcs8_pem(pem).or_else(|_| SecretKey::from_sec1_pem(pem)).ok()
}

fn missing(names: &[&str]) -> String {
    format!("set {}", names.join(", "))
}

fn not_configured(path: &str, wallet: &str, why: &str) -> Failure {
    Failure::invalid(
        path,
        "wallet_not_configured",
        format!("{wallet} is not configured on this vault: {why}"),
    )
    .classified("environment")
}

fn refused(path: &str, error: WalletError) -> Failure {
    let (code, why) = match error {
        WalletError::Malformed => ("wallet_token_malformed", "has not the form of a payment token"),
        WalletError::NotAuthentic => {
            ("wallet_token_refused", "was not made for this merchant, or was altered")
        }
        WalletError::Expired => ("wallet_token_expired", "has expired"),
        WalletError::Unsupported(why) => ("wallet_token_unsupported", why),
    };
    Failure::invalid(path, code, format!("{path}: {why}"))
}

fn join(path: &str, member: &str) -> String {
    if path.is_empty() { member.to_owned() } else { format!("{path}.{member}") }
}
