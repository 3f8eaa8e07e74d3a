//! What the native face answers, as types; refusals are those of [`crate::problem`].

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Schema};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

use crate::clock::rfc3339;
use crate::domain::{Display, MandateRecord, SessionTerms, TermsRecord};

/// A list; `next` is what `starting_after` takes.
#[derive(Serialize, ToSchema)]
pub(super) struct ListAnswer<T> {
    #[schema(examples("list"))]
    pub(super) object: &'static str,
    pub(super) data: Vec<T>,
    pub(super) has_more: bool,
    /// The id to go on behind, if there is more.
    #[schema(required)]
    pub(super) next: Option<String>,
}

/// That something is gone.
#[derive(Serialize, ToSchema)]
pub(super) struct Deleted {
    pub(super) id: String,
    /// Always true.
    pub(super) deleted: bool,
}

/// A customer.
#[derive(Serialize, ToSchema)]
pub(super) struct CustomerAnswer {
    #[schema(examples("cus_3xRkPq7mT2nWvB8cYdFh"))]
    pub(super) id: String,
    #[schema(examples("customer"))]
    pub(super) object: &'static str,
    #[schema(required)]
    pub(super) first_name: Option<String>,
    #[schema(required)]
    pub(super) last_name: Option<String>,
    #[schema(required)]
    pub(super) company: Option<String>,
    #[schema(required)]
    pub(super) email: Option<String>,
    #[schema(required)]
    pub(super) phone: Option<String>,
    #[schema(required)]
    pub(super) description: Option<String>,
    /// The id of a payment method.
    #[schema(required)]
    pub(super) default_payment_method: Option<String>,
    /// The merchant's own: texts, numbers, true and false.
    #[schema(value_type = Object)]
    pub(super) metadata: Map<String, Value>,
    #[schema(format = DateTime)]
    pub(super) created_at: String,
    #[schema(format = DateTime)]
    pub(super) updated_at: String,
}

/// A payment method. What it holds stands under the name of its kind.
#[derive(Serialize, ToSchema)]
pub(super) struct PaymentMethodAnswer {
    #[schema(examples("pm_3xRkPq7mT2nWvB8cYdFh"))]
    pub(super) id: String,
    #[schema(examples("payment_method"))]
    pub(super) object: &'static str,
    /// `card`, `ach`, `bsb` or `checkout`.
    #[schema(examples("card"))]
    pub(super) kind: &'static str,
    /// Whose it is; `null` for an orphan.
    #[schema(required)]
    pub(super) customer_id: Option<String>,
    pub(super) orphan: bool,
    /// Equal for equal numbers of one merchant.
    pub(super) fingerprint: String,
    /// What `fingerprint` was before the merchant's look-up key was changed; left out if it was not changed, and again a month
    /// after it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) previous_fingerprint: Option<String>,
    #[schema(format = DateTime)]
    pub(super) created_at: String,
    #[schema(format = DateTime)]
    pub(super) updated_at: String,
    #[serde(flatten)]
    pub(super) holds: Holds,
    /// What the owner of the account agreed to; `null` if no text was shown.
    #[schema(required)]
    pub(super) mandate: Option<MandateAnswer>,
    /// The checkout session in which the shopper entered it; left out if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) session: Option<SessionShown>,
    /// True if what is stored does not open; left out otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) unreadable: bool,
}

/// The evidence of an ACH authorisation; docs/mandates.md tells how its hash is made.
#[derive(Serialize, ToSchema)]
pub(super) struct MandateAnswer {
    /// What the owner read.
    pub(super) text: String,
    /// The version of the wording.
    pub(super) version: u16,
    /// The language.
    #[schema(examples("en"))]
    pub(super) locale: String,
    /// When the owner agreed, by their device.
    #[schema(format = DateTime)]
    pub(super) accepted_at: String,
    /// `web`, `ppd` or `ccd`.
    #[schema(examples("web"))]
    pub(super) sec_code: String,
    /// In lower-case hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub(super) sha256: String,
    /// When the vault got it, by its own clock.
    #[schema(format = DateTime)]
    pub(super) received_at: String,
    pub(super) terms: TermsAnswer,
}

/// What may be debited.
#[derive(Serialize, ToSchema)]
pub(super) struct TermsAnswer {
    pub(super) merchant: String,
    /// Where the merchant hears of a revocation.
    #[schema(required)]
    pub(super) contact: Option<String>,
    /// Dollars and cents, or `varying`.
    #[schema(examples("25.00"))]
    pub(super) amount: String,
    #[schema(examples("USD"))]
    pub(super) currency: String,
    #[schema(examples("monthly"))]
    pub(super) frequency: String,
    /// The first day of a debit.
    #[schema(format = Date)]
    pub(super) date: String,
}

impl MandateAnswer {
    /// What of the evidence a merchant's server reads: all of it.
    pub(super) fn of(kept: MandateRecord) -> Self {
        let MandateRecord { text, version, locale, accepted_at_ms, received_at_ms, sec_code, sha256, terms } =
            kept;
        let TermsRecord { merchant, contact, amount, currency, frequency, date } = terms;
        Self {
            text,
            version,
            locale,
            // As it was hashed.
            accepted_at: instrument::bank::mandate::instant(accepted_at_ms),
            sec_code,
            sha256,
            received_at: rfc3339(received_at_ms),
            terms: TermsAnswer { merchant, contact, amount, currency, frequency, date },
        }
    }
}

/// A checkout session, as the merchant's server has it made.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionAnswer {
    #[schema(examples("3xRkPq7mT2nWvB8cYdFh"))]
    pub(super) id: String,
    /// What the page hands to its form. It is signed, and no secret.
    pub(super) session: String,
    #[schema(format = DateTime)]
    pub(super) expires_at: String,
}

/// The checkout session in which a shopper entered an instrument.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionShown {
    #[schema(examples("3xRkPq7mT2nWvB8cYdFh"))]
    id: String,
    /// In minor units; `null` if the session said nothing of it.
    #[schema(required, examples(1299))]
    amount: Option<i64>,
    /// `null` if the session said nothing of it.
    #[schema(required, examples("USD"))]
    currency: Option<String>,
}

impl SessionShown {
    pub(super) fn of(terms: &SessionTerms) -> Self {
        let SessionTerms { id, amount_minor, currency, expires_at_ms: _ } = terms.clone();
        Self { id, amount: amount_minor, currency }
    }
}

/// A one-time token, and what of its instrument may be shown.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenAnswer {
    pub(super) token: String,
    /// `card`, `ach` or `code`.
    #[schema(examples("card"))]
    pub(super) kind: &'static str,
    /// `null` if the token is permanent.
    #[schema(required, format = DateTime)]
    pub(super) expires_at: Option<String>,
    /// Nothing of a security code alone.
    #[serde(flatten)]
    pub(super) holds: Option<Holds>,
}

/// What came of asking for money.
#[derive(Serialize, ToSchema)]
pub(super) struct PaymentAnswer {
    #[schema(examples("pay_3xRkPq7mT2nWvB8cYdFh"))]
    pub(super) id: String,
    #[schema(examples("payment"))]
    pub(super) object: &'static str,
    /// `approved`, `declined` or `failed`.
    #[schema(examples("approved"))]
    pub(super) status: &'static str,
    /// `approved`, or more exactly why not.
    #[schema(examples("approved"))]
    pub(super) code: &'static str,
    /// What it means, for people.
    #[schema(required)]
    pub(super) message: Option<&'static str>,
    /// In minor units: cents of a dollar.
    #[schema(examples(1299))]
    pub(super) amount: i64,
    #[schema(examples("USD"))]
    pub(super) currency: &'static str,
    /// `automatic` or `manual`.
    #[schema(examples("automatic"))]
    pub(super) capture: &'static str,
    #[schema(required)]
    pub(super) payment_method: Option<String>,
    #[schema(required)]
    pub(super) customer_id: Option<String>,
    #[schema(required)]
    pub(super) reference: Option<String>,
    /// Who decided.
    #[schema(examples("sandbox"))]
    pub(super) processor: String,
    #[schema(format = DateTime)]
    pub(super) created_at: String,
}

/// The texts that the owner of a bank account can agree to, by entry class.
#[derive(Serialize, ToSchema)]
pub(super) struct TextsAnswer {
    /// The version of the wording.
    pub(super) version: u16,
    /// The language.
    #[schema(examples("en"))]
    pub(super) locale: String,
    /// What the texts are made of, in the form that is sealed with an account.
    pub(super) terms: String,
    /// For a consumer, over the internet.
    pub(super) web: String,
    /// For a consumer, in writing.
    pub(super) ppd: String,
    /// For a business.
    pub(super) ccd: String,
}

/// The bank of a routing number.
#[derive(Serialize, ToSchema)]
pub(super) struct BankNameAnswer {
    /// `null` if the directory does not have it.
    #[schema(required)]
    pub(super) name: Option<String>,
}

/// The sealing keys.
#[derive(Serialize, ToSchema)]
pub(super) struct KeysAnswer {
    /// The first is the one to use.
    pub(super) keys: Vec<KeyAnswer>,
}

/// A key that browsers seal to.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyAnswer {
    pub(super) id: String,
    /// The algorithms (RFC 9180).
    pub(super) suite: &'static str,
    /// In base64url without padding.
    pub(super) public_key: String,
    #[schema(format = DateTime)]
    pub(super) expires_at: String,
    /// What the root has signed of the key: the only member that frames believe. Ed25519 signature and statement, in
    /// base64url without padding.
    pub(super) statement: String,
}

/// What may be shown of an instrument, under the name of its kind.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Holds {
    /// A card.
    Card(CardHeld),
    /// A US bank account.
    Ach(AchHeld),
    /// An Australian bank account.
    Bsb(BsbHeld),
    /// An agreement kept elsewhere.
    Checkout(CheckoutHeld),
}

/// What may be shown of a card.
#[derive(Serialize, ToSchema)]
pub(super) struct CardHeld {
    #[schema(examples("visa"))]
    scheme: String,
    /// The first six or eight digits.
    #[schema(examples("41111111"))]
    bin: String,
    #[schema(examples("1111"))]
    last4: String,
    exp_month: u8,
    exp_year: u16,
    /// The scheme that the holder of a co-badged card picked; left out if none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("dankort"))]
    preferred_scheme: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<String>,
}

/// What may be shown of a US bank account.
#[derive(Serialize, ToSchema)]
pub(super) struct AchHeld {
    routing_number_last4: String,
    last4: String,
    account_type: String,
    account_holder_type: String,
    sec_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<String>,
}

/// What may be shown of an Australian bank account.
#[derive(Serialize, ToSchema)]
pub(super) struct BsbHeld {
    bsb: String,
    last4: String,
    account_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<String>,
}

/// What may be shown of an agreement kept elsewhere.
#[derive(Serialize, ToSchema)]
pub(super) struct CheckoutHeld {
    #[schema(required)]
    email: Option<String>,
    #[schema(required)]
    holder: Option<String>,
}

impl Holds {
    /// What may be shown of an instrument; the holder is kept encrypted and comes from elsewhere.
    pub(super) fn of(display: &Display, holder: Option<String>) -> Self {
        match display {
            Display::Card(card) => Self::Card(CardHeld {
                scheme: card.scheme.clone(),
                bin: card.bin.clone(),
                last4: card.last4.clone(),
                exp_month: card.exp_month,
                exp_year: card.exp_year,
                preferred_scheme: card.preferred_scheme.clone(),
                holder,
            }),
            Display::BankAccount(account) => Self::Ach(AchHeld {
                routing_number_last4: account.routing_last4.clone(),
                last4: account.last4.clone(),
                account_type: account.account_type.clone(),
                account_holder_type: account.holder_type.clone(),
                sec_code: account.sec_code.clone(),
                holder,
            }),
            Display::Bsb(account) => Self::Bsb(BsbHeld {
                bsb: account.bsb.clone(),
                last4: account.last4.clone(),
                account_name: account.account_name.clone(),
                holder,
            }),
            Display::Checkout(agreement) => Self::Checkout(CheckoutHeld {
                email: agreement.email.clone(),
                holder: agreement.holder.clone().or(holder),
            }),
        }
    }
}

/// The form of every refusal; [`crate::problem::Problem`] writes it.
pub(super) struct ProblemAnswer;

impl PartialSchema for ProblemAnswer {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let perhaps = || ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null]));
        let error = ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("code", text().description(Some("For programs; docs/errors.md explains every one.")))
            .property(
                "classification",
                text().enum_values(Some(["shopper", "merchant", "gateway", "environment", "internal"])),
            )
            .property("message", text().description(Some("For people: what to do.")))
            .property("field", perhaps().description(Some("The member or field it is about.")))
            .property("reason", perhaps().description(Some("More exactly why a field was refused.")))
            .property("help", text().description(Some("Where the code is explained: a page of this vault.")));
        let error = ["code", "classification", "message", "field", "reason", "help"]
            .into_iter()
            .fold(error, ObjectBuilder::required);
        ObjectBuilder::new().schema_type(Type::Object).property("error", error).required("error").into()
    }
}

impl ToSchema for ProblemAnswer {
    fn name() -> std::borrow::Cow<'static, str> {
        "Problem".into()
    }
}

/// What an operation without a body may be refused with.
pub(super) struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        problems(&COMMON)
    }
}

/// What an operation may be refused with that names something and changes it.
pub(super) struct ChangeProblems;

impl IntoResponses for ChangeProblems {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let mut found = problems(&COMMON);
        found.append(&mut problems(&OF_CHANGES));
        found
    }
}

const COMMON: [(&str, &str); 6] = [
    ("400", "The request cannot be read, or a parameter breaks a rule."),
    ("401", "There is no key, or none of this vault."),
    ("403", "The key is of the other kind, or may not be used by that page."),
    ("404", "There is nothing under this id for this key."),
    ("500", "The vault has a problem of its own."),
    ("503", "The vault cannot reach its store, or has too much to do."),
];

const OF_CHANGES: [(&str, &str); 5] = [
    ("409", "It was used already, belongs to somebody already, or is being changed by others."),
    ("410", "The one-time token has expired."),
    ("413", "The body is too long."),
    ("415", "The body is said to be something else than JSON."),
    ("422", "A field breaks a rule; `field` and `reason` name it."),
];

fn problems(list: &[(&str, &str)]) -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
    list.iter()
        .map(|(status, description)| {
            let schema = Ref::from_schema_name(ProblemAnswer::name());
            let content = ContentBuilder::new().schema(Some(schema)).build();
            let response =
                ResponseBuilder::new().description(*description).content("application/json", content).build();
            ((*status).to_owned(), response.into())
        })
        .collect()
}
