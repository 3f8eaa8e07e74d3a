//! What is typed in the frame: every event becomes an `instrument::field::Edit`, and the page paints the
//! returned view.

pub(crate) mod words;

use instrument::card::{self, CardPolicy, Scheme};
use instrument::field::{Context, Edit, Field, Selection, View};
use instrument::{BankDraft, CardDraft, Draft, FieldName, Kind, Reason, Rejected, Secret, Verdict};

use crate::bridge;
use crate::clock;

/// Every field of the form, in the order of the page.
const NAMES: [FieldName; 8] = [
    FieldName::Number,
    FieldName::Expiry,
    FieldName::Code,
    FieldName::RoutingNumber,
    FieldName::AccountNumber,
    FieldName::AccountType,
    FieldName::AccountHolderType,
    FieldName::Holder,
];

/// All fields of the form. Dropping them wipes what was typed.
pub struct Fields {
    fields: [Field; NAMES.len()],
    method: Kind,
    scheme: Option<&'static Scheme>,
    bin: Option<String>,
    revision: u32,
    /// Which cards the merchant takes.
    policy: CardPolicy,
    /// The schemes of a card that carries two.
    badges: Vec<&'static Scheme>,
    /// The one that the shopper picked.
    picked: Option<&'static Scheme>,
    /// The one that the merchant would have picked as long as the shopper has not.
    preset: Option<&'static Scheme>,
}

impl Fields {
    /// Empty fields, with those of a card shown.
    #[must_use]
    pub fn new() -> Self {
        Self {
            fields: NAMES.map(Field::new),
            method: Kind::Card,
            scheme: None,
            bin: None,
            revision: 0,
            policy: CardPolicy::DEFAULT,
            badges: Vec::new(),
            picked: None,
            preset: None,
        }
    }

    /// The policy that counts.
    #[must_use]
    pub const fn policy(&self) -> CardPolicy {
        self.policy
    }

    /// From now on another policy counts, also for what was typed.
    pub fn obey(&mut self, policy: CardPolicy) {
        self.policy = policy;
        self.revision += 1;
        self.fields.iter_mut().for_each(|field| field.obey(policy));
        self.look();
        // Says at once what the new policy thinks of a number, unless somebody types there.
        self.leave(FieldName::Number);
    }

    /// The shopper picks a scheme of a card that carries two.
    pub fn pick(&mut self, scheme: &str) {
        let before = self.chosen();
        self.picked = Scheme::by_id(scheme);
        self.revision += u32::from(self.chosen() != before);
    }

    /// The merchant picks a scheme for cards that carry it and another, as long as the shopper picks none.
    pub fn preset(&mut self, scheme: Option<&'static Scheme>) {
        self.revision += u32::from(self.preset != scheme);
        self.preset = scheme;
    }

    /// The scheme of a card with two that was picked, by the shopper or else by the merchant.
    fn chosen(&self) -> Option<&'static Scheme> {
        let known = |scheme: &Option<&'static Scheme>| scheme.filter(|scheme| self.badges.contains(scheme));
        known(&self.picked).or_else(|| known(&self.preset))
    }

    /// Looks at the card number anew.
    fn look(&mut self) {
        let value = self.value(FieldName::Number);
        let report = card::inspect_under(value, &self.policy);
        self.badges = card::cobadges(value, &self.policy);
        self.bin = report.bin;
        self.picked = self.picked.filter(|scheme| self.badges.contains(scheme));
        if self.scheme != report.scheme {
            self.scheme = report.scheme;
            // What was a whole security code may be none any more: four digits for American Express.
            self.leave(FieldName::Code);
        }
    }

    /// Counts the states of the values: two equal numbers mean that nothing was changed in between.
    #[must_use]
    pub const fn revision(&self) -> u32 {
        self.revision
    }

    /// An edit that the browser would have made.
    pub fn edit(&mut self, name: &str, edit: Edit<'_>, selection: Selection) {
        self.change(name, &mut |field, context| field.apply(edit, selection, context));
    }

    /// The page holds something that did not come through `edit`.
    pub fn fill(&mut self, name: &str, text: &str, caret: usize) {
        self.change(name, &mut |field, context| field.set(text, caret, context));
    }

    /// The focus left a field: now it may be told that something is missing.
    pub fn leave(&mut self, name: FieldName) {
        let context = self.context();
        if let Some(field) = self.field(name) {
            let verdict = field.blurred_verdict(&context);
            bridge::settle(
                name.as_str(),
                if verdict == Verdict::Empty { "" } else { words::reason(verdict) },
            );
        }
    }

    /// Shows every problem, and why a draft was refused where the field alone sees nothing wrong.
    pub fn report(&self, rejected: Option<Rejected>) {
        let context = self.context();
        for field in &self.fields {
            let name = field.name();
            let verdict = field.blurred_verdict(&context);
            let verdict = match (verdict, rejected) {
                (Verdict::Complete, Some(rejected)) if rejected.field == name => {
                    Verdict::Invalid(rejected.reason)
                }
                (Verdict::Empty, _) if !self.needs(name) => Verdict::Complete,
                (verdict, _) => verdict,
            };
            if belongs(name, self.method) {
                bridge::say(name.as_str(), words::reason(verdict));
            }
        }
    }

    /// Tells the page what the shown fields say of themselves.
    pub fn publish(&self) {
        let context = self.context();
        for field in &self.fields {
            let name = field.name();
            if belongs(name, self.method) {
                let verdict = field.verdict(&context);
                let reason = verdict.reason().map(Reason::as_str);
                bridge::state(name.as_str(), verdict.as_str(), reason, self.needs(name));
            }
        }
        let chosen = self.chosen();
        for scheme in &self.badges {
            bridge::badge(scheme.id, scheme.name, chosen == Some(*scheme));
        }
        bridge::publish(
            self.scheme.map(|scheme| scheme.id),
            self.scheme.map(|scheme| scheme.name),
            words::code_hint(self.scheme),
            self.bin.as_deref(),
            self.revision,
        );
    }

    /// What was typed for the shown method, checked.
    ///
    /// # Errors
    /// The first field that is wrong, and why.
    pub fn instrument(&self) -> Result<instrument::Instrument, Rejected> {
        let context = self.context();
        let missing = self
            .fields
            .iter()
            .find(|field| self.needs(field.name()) && field.verdict(&context) == Verdict::Empty);
        match missing {
            Some(field) => Err(Rejected { field: field.name(), reason: Reason::Required }),
            None => self.draft().finish_under(context.today, &self.policy),
        }
    }

    /// Forgets what the fields held before.
    pub fn forget(&mut self) {
        self.fields.iter_mut().for_each(Field::forget);
    }

    /// Empties every field.
    pub fn clear(&mut self) {
        let Self { method, policy, preset, .. } = *self;
        let fields = NAMES.map(|name| Field::under(name, policy));
        *self = Self { fields, method, policy, preset, revision: self.revision + 1, ..Self::new() };
    }

    /// Shows the fields of a method.
    pub fn choose(&mut self, method: Kind) {
        if method != self.method {
            self.method = method;
            self.revision += 1;
        }
    }

    fn draft(&self) -> Draft {
        match self.method {
            Kind::Card => Draft::Card(CardDraft {
                number: self.secret(FieldName::Number),
                expiry: self.secret(FieldName::Expiry),
                code: self.present(FieldName::Code),
                holder: self.present(FieldName::Holder),
                preferred_scheme: self.chosen().map(|scheme| scheme.id.to_owned()),
            }),
            Kind::BankAccount => Draft::BankAccount(BankDraft {
                routing_number: self.secret(FieldName::RoutingNumber),
                account_number: self.secret(FieldName::AccountNumber),
                account_type: self.value(FieldName::AccountType).to_owned(),
                account_holder_type: Some(self.value(FieldName::AccountHolderType).to_owned()),
                holder: self.present(FieldName::Holder),
                sec_code: None,
                mandate: None,
            }),
        }
    }

    fn change(&mut self, name: &str, act: &mut dyn FnMut(&mut Field, &Context) -> View) {
        let context = self.context();
        let Some(name) = FieldName::parse(name) else { return };
        let before = self.secret(name);
        let Some(field) = self.field(name) else { return };
        let View { text, caret, verdict } = act(field, &context);
        let text = Secret::new(text);
        // EXPOSE: compared only.
        let changed = field.value() != before.expose().as_str();
        // EXPOSE: the shopper sees what was typed.
        bridge::paint(name.as_str(), text.expose(), caret);
        if !changed {
            return;
        }
        self.revision += 1;
        // While somebody types: only what no further typing can mend.
        bridge::say(name.as_str(), if verdict.reason().is_some() { words::reason(verdict) } else { "" });
        if name == FieldName::Number {
            self.look();
        }
    }

    fn context(&self) -> Context {
        Context { today: clock::this_month(), scheme: self.scheme }
    }

    /// Whether the shown method cannot do without a field. An ACH entry carries the receiver's name
    /// (Nacha); a card payment does not need one. Some schemes' cards have no security code.
    fn needs(&self, name: FieldName) -> bool {
        belongs(name, self.method)
            && match name {
                FieldName::Holder => self.method == Kind::BankAccount,
                FieldName::AccountNumberConfirmation
                | FieldName::SecCode
                | FieldName::Consent
                | FieldName::PreferredScheme => false,
                FieldName::Code => !self.scheme.is_some_and(|scheme| self.policy.code(scheme).is_optional()),
                FieldName::Number
                | FieldName::Expiry
                | FieldName::RoutingNumber
                | FieldName::AccountNumber
                | FieldName::AccountType
                | FieldName::AccountHolderType => true,
            }
    }

    fn field(&mut self, name: FieldName) -> Option<&mut Field> {
        self.fields.iter_mut().find(|field| field.name() == name)
    }

    fn value(&self, name: FieldName) -> &str {
        self.fields.iter().find(|field| field.name() == name).map_or("", Field::value)
    }

    fn secret(&self, name: FieldName) -> Secret<String> {
        Secret::new(self.value(name).to_owned())
    }

    /// A field that holds nothing is not there.
    fn present(&self, name: FieldName) -> Option<Secret<String>> {
        if self.value(name).is_empty() { None } else { Some(self.secret(name)) }
    }
}

impl Default for Fields {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether a method shows a field.
const fn belongs(name: FieldName, method: Kind) -> bool {
    match name {
        FieldName::Holder => true,
        FieldName::Number | FieldName::Expiry | FieldName::Code | FieldName::PreferredScheme => {
            matches!(method, Kind::Card)
        }
        FieldName::RoutingNumber
        | FieldName::AccountNumber
        | FieldName::AccountNumberConfirmation
        | FieldName::AccountType
        | FieldName::AccountHolderType
        | FieldName::SecCode
        | FieldName::Consent => matches!(method, Kind::BankAccount),
    }
}
