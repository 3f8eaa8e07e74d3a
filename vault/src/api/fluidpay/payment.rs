//! Payment methods as a request of this face sends them, and as its answers show them.

use instrument::bank::{AccountType, BankDraft, SecCode};
use instrument::card::CardDraft;
use instrument::secret::Secret;
use instrument::{Draft, FieldName, Rejected};
use utoipa::ToSchema as _;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
use zeroize::Zeroizing;

use super::failure::Failure;
use super::schemas::{self, schema_of};
use crate::api::members::{self, Json, Members, TEXT_MAX_CHARS};
use crate::domain::MethodKind;

/// The flags a stored payment method may carry.
pub(super) const FLAGS: &[&str] = &[
    "surcharge_exempt",
    "applepay",
    "closed_contact",
    "contact",
    "locked_security",
    "locked_stop_recurring",
];

/// The types of bank accounts.
const ACCOUNT_TYPES: &[&str] = &["checking", "savings"];

/// The SEC codes of the document.
const SEC_CODES: &[&str] = &["web", "ccd", "ppd"];

/// The longest reference of WalletJS: as long as a whole body may be.
const TEMPORARY_TOKEN_MAX_CHARS: usize = 16 * 1024;

/// How a payment method is given when it is created.
pub(super) enum NewPayment {
    /// A card or bank account in clear.
    Clear(ClearPayment),
    /// A one-time token, and the path it was found at.
    Token(TokenBody),
    /// A payment token of Apple's or Google's wallet.
    Wallet(WalletBody),
}

/// A card or bank account in clear, and the flags sent with it.
pub(super) struct ClearPayment {
    pub(super) draft: Draft,
    pub(super) path: String,
    pub(super) flags: Vec<String>,
}

/// A one-time token, with the flags sent along.
pub(super) struct TokenBody {
    pub(super) token: Zeroizing<String>,
    pub(super) path: String,
    pub(super) flags: Option<Vec<String>>,
}

/// A wallet's payment token.
pub(super) enum WalletBody {
    /// From Apple Pay.
    Apple(ApplePayBody),
    /// From Google Pay: an object, or the same object as JSON text; with its path.
    Google(Json, String),
}

/// The members of `apple_pay`.
pub(super) struct ApplePayBody {
    /// The merchant's Apple Pay id, which chooses the configured key.
    pub(super) key_id: Zeroizing<String>,
    pub(super) token: AppleToken,
    pub(super) path: String,
}

/// What Apple Pay's two browser libraries hand over.
pub(super) enum AppleToken {
    /// From Apple Pay JS: the PKPaymentToken, as an object.
    Payment(Json),
    /// From WalletJS: a reference, which only the gateway that issued it can resolve.
    Temporary,
}

schema_of!(
    NewPayment,
    "DefaultPayment",
    schemas::object(
        &[],
        [
            ("card", schemas::nested::<CardBody>()),
            ("ach", schemas::nested::<AchBody>()),
            ("token", schemas::text(TEXT_MAX_CHARS).into()),
            ("apple_pay", schemas::nested::<ApplePayBody>()),
            ("google_pay_token", google_token()),
        ],
    )
);

/// What a card is told by; it has its name for the documentation.
pub(super) struct CardBody;

schema_of!(
    CardBody,
    "Card",
    schemas::object(
        &["number", "expiration_date"],
        [("number", card_number()), ("expiration_date", expiration_date()), ("flags", schemas::flags(FLAGS)),],
    )
);

/// What a bank account is told by; it has its name for the documentation.
pub(super) struct AchBody;

schema_of!(
    AchBody,
    "Ach",
    schemas::object(
        &["account_number", "routing_number", "account_type", "sec_code"],
        [
            ("account_number", schemas::required_text(TEXT_MAX_CHARS).examples(["123456789"]).into()),
            ("routing_number", schemas::required_text(TEXT_MAX_CHARS).examples(["021000021"]).into()),
            ("account_type", schemas::required_literal(ACCOUNT_TYPES).examples(["checking"]).into()),
            ("sec_code", schemas::required_literal(SEC_CODES).examples(["web"]).into()),
            ("flags", schemas::flags(FLAGS)),
        ],
    )
);

schema_of!(
    TokenBody,
    "Token",
    schemas::object(
        &["token"],
        [
            (
                "token",
                schemas::required_text(TEXT_MAX_CHARS).examples(["Z2a87b7wk9PHzwl2RZLvslq1UzjzjHl1"]).into()
            ),
            ("flags", schemas::flags(FLAGS)),
        ],
    )
);

schema_of!(
    ApplePayBody,
    "ApplePay",
    schemas::object(
        &["key_id"],
        [
            ("key_id", schemas::required_text(TEXT_MAX_CHARS).into()),
            ("processor_id", schemas::text(TEXT_MAX_CHARS).into()),
            ("temporary_token", schemas::text(TEMPORARY_TOKEN_MAX_CHARS).into()),
            ("pkpaymenttoken", ObjectBuilder::new().schema_type(SchemaType::AnyValue).into()),
        ],
    )
);

/// The body of `/applepay`: the members of `apple_pay`, or that member itself.
pub(super) struct ApplePayAttachment;

schema_of!(
    ApplePayAttachment,
    "ApplePayAttachment",
    schemas::either([
        schemas::object(&["apple_pay"], [("apple_pay", Ref::from_schema_name(ApplePayBody::name()).into())]),
        Ref::from_schema_name(ApplePayBody::name()).into(),
    ])
);

/// The body of `/googlepay`: `google_pay_token`, or Google's own token.
pub(super) struct GooglePayAttachment;

schema_of!(
    GooglePayAttachment,
    "GooglePayAttachment",
    schemas::either([
        schemas::object(&["google_pay_token"], [("google_pay_token", google_token())]),
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("signedMessage", schemas::required_text(usize::from(u16::MAX)))
            .required("signedMessage")
            .into(),
    ])
);

schema_of!(
    CardChange,
    "CardChange",
    schemas::object(
        &[],
        [
            ("number", schemas::text(TEXT_MAX_CHARS).into()),
            (
                "expiration_date",
                schemas::text(5).pattern(Some("^([0-9]{2}/?[0-9]{2})?$")).examples(["11/30"]).into(),
            ),
            ("flags", schemas::flags(FLAGS)),
        ],
    )
);

schema_of!(
    AchChange,
    "AchChange",
    schemas::object(
        &[],
        [
            ("account_number", schemas::text(TEXT_MAX_CHARS).into()),
            ("routing_number", schemas::text(TEXT_MAX_CHARS).into()),
            ("account_type", schemas::literal(ACCOUNT_TYPES).examples(["savings"]).into()),
            ("sec_code", schemas::literal(SEC_CODES).into()),
            ("flags", schemas::flags(FLAGS)),
        ],
    )
);

/// The schema of a card's number.
pub(super) fn card_number() -> RefOr<Schema> {
    schemas::required_text(TEXT_MAX_CHARS).examples(["4111111111111111"]).into()
}

/// The schema of a card's expiration date.
pub(super) fn expiration_date() -> RefOr<Schema> {
    let text = schemas::required_text(5).pattern(Some("^[0-9]{2}/?[0-9]{2}$"));
    text.examples(["12/30"]).into()
}

/// The schema of a Google Pay token: an object, or the same object as JSON text.
fn google_token() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::Object, Type::String, Type::Null])).into()
}

impl NewPayment {
    /// Reads `default_payment`: exactly one of its five members.
    ///
    /// # Errors
    /// A `Failure` naming what breaks a rule.
    pub(super) fn read_default(mut members: Members) -> Result<Self, Failure> {
        let path = members.own_path().to_owned();
        let card = members.object("card")?;
        let ach = members.object("ach")?;
        let token = members.text("token", TEXT_MAX_CHARS)?;
        let apple = members.object("apple_pay")?;
        let google_path = members.path("google_pay_token");
        let google = members.value("google_pay_token");
        members.finish()?;
        match (card, ach, token, apple, google) {
            (Some(card), None, None, None, None) => Ok(Self::Clear(read_card(card)?)),
            (None, Some(ach), None, None, None) => Ok(Self::Clear(read_ach(ach)?)),
            (None, None, Some(token), None, None) => {
                let path = format!("{path}.token");
                if token.is_empty() {
                    return Err(members::required(&path).into());
                }
                Ok(Self::Token(TokenBody { token, path, flags: None }))
            }
            (None, None, None, Some(apple), None) => {
                Ok(Self::Wallet(WalletBody::Apple(ApplePayBody::read(apple)?)))
            }
            (None, None, None, None, Some(google)) => {
                Ok(Self::Wallet(WalletBody::Google(google, google_path)))
            }
            (None, None, None, None, None) => Err(Failure::from(members::required(&path))
                .says(format!("{path} must hold one of card, ach, token, apple_pay, google_pay_token"))),
            _ => Err(Failure::invalid(
                &path,
                "one_of",
                format!("{path} must hold exactly one of card, ach, token, apple_pay, google_pay_token"),
            )),
        }
    }
}

/// Reads the members of a new card: number, expiration date and flags.
///
/// # Errors
/// A `Failure` naming the member that breaks a rule.
pub(super) fn read_card(mut members: Members) -> Result<ClearPayment, Failure> {
    let path = members.own_path().to_owned();
    let card = read_number_and_expiry(&mut members)?;
    let flags = members.literals("flags", FLAGS)?.unwrap_or_default();
    members.finish()?;
    Ok(ClearPayment { draft: Draft::Card(card), path, flags })
}

/// Reads the two members that every card has.
///
/// # Errors
/// A `Failure` naming the member that breaks a rule.
pub(super) fn read_number_and_expiry(members: &mut Members) -> Result<CardDraft, Failure> {
    let number = members.required_text("number", TEXT_MAX_CHARS)?;
    let expiry_path = members.path("expiration_date");
    let expiry = members.required_text("expiration_date", TEXT_MAX_CHARS)?;
    check_expiration_form(&expiry_path, &expiry)?;
    Ok(CardDraft {
        number: secret(number),
        expiry: secret(expiry),
        code: None,
        holder: None,
        preferred_scheme: None,
    })
}

/// Reads the members of a new bank account.
///
/// # Errors
/// A `Failure` naming the member that breaks a rule.
pub(super) fn read_ach(mut members: Members) -> Result<ClearPayment, Failure> {
    let path = members.own_path().to_owned();
    let account_number = members.required_text("account_number", TEXT_MAX_CHARS)?;
    let routing_number = members.required_text("routing_number", TEXT_MAX_CHARS)?;
    let account_type =
        account_type(&mut members)?.ok_or_else(|| members::required(&members.path("account_type")))?;
    let sec_code = sec_code(&mut members)?.ok_or_else(|| members::required(&members.path("sec_code")))?;
    let flags = members.literals("flags", FLAGS)?.unwrap_or_default();
    members.finish()?;
    let draft = Draft::BankAccount(BankDraft {
        routing_number: secret(routing_number),
        account_number: secret(account_number),
        account_type: account_type.as_str().to_owned(),
        account_holder_type: None,
        holder: None,
        sec_code: Some(sec_code.as_str().to_owned()),
        mandate: None,
    });
    Ok(ClearPayment { draft, path, flags })
}

impl TokenBody {
    /// Reads the body of the `/token` operations: `{"token":"..."}`, with flags if wanted.
    ///
    /// # Errors
    /// A `Failure` naming the member that breaks a rule.
    pub(super) fn read(mut members: Members) -> Result<Self, Failure> {
        let path = members.path("token");
        let token = members.required_text("token", TEXT_MAX_CHARS)?;
        let flags = members.literals("flags", FLAGS)?;
        members.finish()?;
        Ok(Self { token, path, flags })
    }
}

impl WalletBody {
    /// Where the wallet's own token stands.
    pub(super) fn token_path(&self) -> String {
        match self {
            Self::Apple(apple) if apple.path.is_empty() => "pkpaymenttoken".to_owned(),
            Self::Apple(apple) => format!("{}.pkpaymenttoken", apple.path),
            Self::Google(_, path) => path.clone(),
        }
    }
}

impl ApplePayBody {
    /// Reads `apple_pay`, or the body of `/applepay`.
    ///
    /// # Errors
    /// A `Failure` naming the member that breaks a rule.
    pub(super) fn read(mut members: Members) -> Result<Self, Failure> {
        let path = members.own_path().to_owned();
        let key_id = members.required_text("key_id", TEXT_MAX_CHARS)?;
        // Which processor would charge the card is the gateway's business; the vault has none.
        members.text("processor_id", TEXT_MAX_CHARS)?;
        let temporary_token =
            members.text("temporary_token", TEMPORARY_TOKEN_MAX_CHARS)?.filter(|text| !text.is_empty());
        let token_path = members.path("pkpaymenttoken");
        let payment_token = members.value("pkpaymenttoken");
        members.finish()?;
        let token = match (payment_token, temporary_token) {
            (Some(token), None) => AppleToken::Payment(token),
            (None, Some(_)) => AppleToken::Temporary,
            (None, None) => {
                return Err(Failure::from(members::required(&token_path))
                    .says(format!("{token_path} is required (or temporary_token, when using WalletJS)")));
            }
            (Some(_), Some(_)) => {
                return Err(Failure::invalid(
                    token_path,
                    "one_of",
                    "pkpaymenttoken and temporary_token exclude each other",
                ));
            }
        };
        Ok(Self { key_id, token, path })
    }
}

/// The members of a card's update; what is `None` stays as it is.
pub(super) struct CardChange {
    pub(super) number: Option<Zeroizing<String>>,
    pub(super) expiration_date: Option<Zeroizing<String>>,
    pub(super) flags: Option<Vec<String>>,
}

impl CardChange {
    /// Reads the body of "Update Card".
    ///
    /// # Errors
    /// A `Failure` naming the member that breaks a rule.
    pub(super) fn read(mut members: Members) -> Result<Self, Failure> {
        let number = members.text("number", TEXT_MAX_CHARS)?.filter(|text| !text.is_empty());
        let expiry_path = members.path("expiration_date");
        let expiration_date =
            members.text("expiration_date", TEXT_MAX_CHARS)?.filter(|text| !text.is_empty());
        if let Some(text) = &expiration_date {
            check_expiration_form(&expiry_path, text)?;
        }
        let flags = members.literals("flags", FLAGS)?;
        members.finish()?;
        if number.is_none() && expiration_date.is_none() && flags.is_none() {
            return Err(nothing_to_change("number, expiration_date, flags"));
        }
        Ok(Self { number, expiration_date, flags })
    }
}

/// The members of a bank account's update; what is `None` stays as it is.
pub(super) struct AchChange {
    pub(super) account_number: Option<Zeroizing<String>>,
    pub(super) routing_number: Option<Zeroizing<String>>,
    pub(super) account_type: Option<AccountType>,
    pub(super) sec_code: Option<SecCode>,
    pub(super) flags: Option<Vec<String>>,
}

impl AchChange {
    /// Whether anything but the flags changes.
    pub(super) fn touches_account(&self) -> bool {
        self.account_number.is_some()
            || self.routing_number.is_some()
            || self.account_type.is_some()
            || self.sec_code.is_some()
    }

    /// Reads the body of "Update ACH".
    ///
    /// # Errors
    /// A `Failure` naming the member that breaks a rule.
    pub(super) fn read(mut members: Members) -> Result<Self, Failure> {
        let account_number = members.text("account_number", TEXT_MAX_CHARS)?.filter(|text| !text.is_empty());
        let routing_number = members.text("routing_number", TEXT_MAX_CHARS)?.filter(|text| !text.is_empty());
        let account_type = account_type(&mut members)?;
        let sec_code = sec_code(&mut members)?;
        let flags = members.literals("flags", FLAGS)?;
        members.finish()?;
        let change = Self { account_number, routing_number, account_type, sec_code, flags };
        if !change.touches_account() && change.flags.is_none() {
            return Err(nothing_to_change("account_number, routing_number, account_type, sec_code, flags"));
        }
        Ok(change)
    }
}

/// Turns the domain's rejection into this face's refusal; `path` is that of the card or bank account.
pub(super) fn rejection(path: &str, rejected: &Rejected) -> Failure {
    let member = match rejected.field {
        FieldName::Number => "number",
        FieldName::Expiry => "expiration_date",
        FieldName::Code => "cvc",
        FieldName::Holder => "name",
        FieldName::RoutingNumber => "routing_number",
        FieldName::AccountNumber | FieldName::AccountNumberConfirmation => "account_number",
        FieldName::AccountType => "account_type",
        FieldName::AccountHolderType => "account_holder_type",
        FieldName::SecCode => "sec_code",
        FieldName::Consent => "consent",
        FieldName::PreferredScheme => "preferred_scheme",
    };
    let path = if path.is_empty() { member.to_owned() } else { format!("{path}.{member}") };
    let msg = format!("{path}: {}", rejected.reason.message());
    Failure::invalid(path, rejected.code(), msg).classified(rejected.classification())
}

/// The kind a path or `payment_method_type` names.
pub(super) fn kind_at(path: &str, text: &str) -> Result<MethodKind, Failure> {
    let known = [MethodKind::Card, MethodKind::BankAccount].into_iter().find(|kind| kind.as_str() == text);
    known.ok_or_else(|| members::unknown_value(path, &["card", "ach"]).into())
}

/// A secret of the text given, which is wiped afterwards.
pub(super) fn secret(text: Zeroizing<String>) -> Secret<String> {
    Secret::new(text.as_str().to_owned())
}

fn nothing_to_change(members: &str) -> Failure {
    Failure::malformed("nothing_to_change", format!("the body must hold at least one of {members}"))
}

/// The two documented forms, `MMYY` and `MM/YY`; whether the month is possible is the domain's question.
fn check_expiration_form(path: &str, text: &str) -> Result<(), Failure> {
    let digits = match text.as_bytes() {
        [a, b, c, d] | [a, b, b'/', c, d] => [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()),
        _ => false,
    };
    if digits {
        return Ok(());
    }
    Err(Failure::invalid(path, "invalid_expiration_date", format!("{path} must be \"MMYY\" or \"MM/YY\"")))
}

fn account_type(members: &mut Members) -> Result<Option<AccountType>, Failure> {
    let path = members.path("account_type");
    let Some(text) = members.text("account_type", TEXT_MAX_CHARS)?.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let found = match text.as_str() {
        "checking" => AccountType::Checking,
        "savings" => AccountType::Savings,
        _ => return Err(members::unknown_value(&path, ACCOUNT_TYPES).into()),
    };
    Ok(Some(found))
}

/// `web`, `ccd` or `ppd`; the document leaves out `tel`, which only the Tokenizer's settings know.
fn sec_code(members: &mut Members) -> Result<Option<SecCode>, Failure> {
    let path = members.path("sec_code");
    let Some(text) = members.text("sec_code", TEXT_MAX_CHARS)?.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let found = match text.as_str() {
        "web" => SecCode::Web,
        "ccd" => SecCode::Ccd,
        "ppd" => SecCode::Ppd,
        _ => return Err(members::unknown_value(&path, SEC_CODES).into()),
    };
    Ok(Some(found))
}
