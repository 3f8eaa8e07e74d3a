//! What is typed in the frame: every event becomes an `instrument::field::Edit`, and the page paints the
//! returned view.

mod bank;
pub(crate) mod words;

use instrument::bank::{self as bank_account, HolderType, SecCode, SecCodes};
use instrument::card::{self, CardPolicy, Scheme, SecurityCode};
use instrument::field::{Context, Edit, Field, Selection, View};
use instrument::{BankDraft, CardDraft, Draft, Entry, FieldName, Kind, Reason, Rejected, Secret, Verdict};

use crate::bridge;
use crate::clock;

use bank::Bank;
pub use bank::Texts;

/// Every field of the form, in the order of the page.
const NAMES: [FieldName; 11] = [
    FieldName::Number,
    FieldName::Expiry,
    FieldName::Code,
    FieldName::RoutingNumber,
    FieldName::AccountNumber,
    FieldName::AccountNumberConfirmation,
    FieldName::AccountType,
    FieldName::AccountHolderType,
    FieldName::Holder,
    FieldName::SecCode,
    FieldName::Consent,
];

/// All fields of the form. Dropping them wipes what was typed.
pub struct Fields {
    fields: [Field; NAMES.len()],
    method: Kind,
    scheme: Option<&'static Scheme>,
    bin: Option<String>,
    bank: Bank,
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
            bank: Bank::default(),
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

    /// The shopper picks a scheme of a card that carries two; where only the code of a stored card is asked for, the
    /// merchant tells that card's.
    pub fn pick(&mut self, scheme: &str) {
        if self.method == Kind::Code {
            // Whoever asks for nothing but the code does not ask for what may be missing.
            self.scheme = Scheme::by_id(scheme).filter(|scheme| !scheme.code.is_optional());
            return;
        }
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
        if self.method == Kind::Code {
            return;
        }
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

    /// The focus left a field: now it may be told that something is missing. What was said of an empty one stays: only
    /// [`Self::report`] complains about those, and that still holds.
    pub fn leave(&mut self, name: FieldName) {
        let context = self.context();
        if let Some(field) = self.fields.iter().find(|field| field.name() == name) {
            match self.blurred_verdict(field, &context) {
                Verdict::Empty if self.needs(name) => {}
                Verdict::Empty => bridge::settle(name.as_str(), ""),
                verdict => bridge::settle(name.as_str(), words::reason(verdict)),
            }
        }
    }

    /// Shows every problem, and why a draft was refused where the field alone sees nothing wrong.
    pub fn report(&self, rejected: Option<Rejected>) {
        let context = self.context();
        for field in &self.fields {
            let name = field.name();
            let verdict = self.blurred_verdict(field, &context);
            let verdict = match (verdict, rejected) {
                (Verdict::Complete, Some(rejected)) if rejected.field == name => {
                    Verdict::Invalid(rejected.reason)
                }
                (Verdict::Empty, _) if !self.needs(name) => Verdict::Complete,
                (verdict, _) => verdict,
            };
            if self.asks(name) {
                bridge::say(name.as_str(), words::reason(verdict));
            }
        }
    }

    /// Tells the page what the shown fields say of themselves.
    pub fn publish(&self) {
        let context = self.context();
        for field in &self.fields {
            let name = field.name();
            if self.asks(name) {
                let verdict = self.verdict(field, &context);
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
            self.whole_bin(&context),
            self.revision,
        );
    }

    /// The leading digits that the page may know: of a whole number only. A page that cuts a number in the middle, by
    /// emptying the form or moving the focus while somebody types, would else be told digit after digit of it.
    fn whole_bin(&self, context: &Context) -> Option<&str> {
        let number = self.fields.iter().find(|field| field.name() == FieldName::Number)?;
        self.bin.as_deref().filter(|_| self.verdict(number, context) == Verdict::Complete)
    }

    /// What was typed for the shown method, checked; what the owner of an account agrees to is agreed to at this
    /// time, in milliseconds since 1970.
    ///
    /// # Errors
    /// The first field that is wrong, and why.
    pub fn entry(&self, at_ms: u64) -> Result<Entry, Rejected> {
        let context = self.context();
        let missing = self
            .fields
            .iter()
            .find(|field| self.needs(field.name()) && self.verdict(field, &context) == Verdict::Empty);
        if let Some(field) = missing {
            return Err(Rejected { field: field.name(), reason: Reason::Required });
        }
        let Some(draft) = self.draft(at_ms) else {
            let code = SecurityCode::parse_under(self.value(FieldName::Code), self.scheme, &self.policy);
            return code.map(Entry::Code).map_err(|reason| Rejected { field: FieldName::Code, reason });
        };
        let instrument = draft.finish_under(context.today, &self.policy)?;
        let repeated = FieldName::AccountNumberConfirmation;
        match self.fields.iter().find(|field| field.name() == repeated && self.asks(repeated)) {
            Some(field) if self.verdict(field, &context) != Verdict::Complete => {
                Err(Rejected { field: repeated, reason: Reason::AccountMismatch })
            }
            Some(_) | None => Ok(instrument.into()),
        }
    }

    /// Takes what a merchant decided about bank accounts: whether the number is asked for twice, the entry classes
    /// that are allowed, and whether there will be texts that the owner is to agree to.
    pub fn decide(&mut self, repeats: bool, allowed: SecCodes, texts: bool) {
        self.bank.decide(repeats, allowed, texts);
        self.revision += 1;
        self.renew_bank();
    }

    /// Takes the texts that an account's owner is to agree to.
    pub fn propose(&mut self, texts: Texts) {
        self.bank.propose(texts);
        self.renew_bank();
    }

    /// Whether the text that the owner of an account agrees to has not come yet.
    #[must_use]
    pub fn waits_for_text(&self) -> bool {
        self.method == Kind::BankAccount && self.bank.waits(self.class())
    }

    /// Forgets what the fields held before.
    pub fn forget(&mut self) {
        self.fields.iter_mut().for_each(Field::forget);
    }

    /// Empties every field.
    pub fn clear(&mut self) {
        let Self { method, policy, preset, .. } = *self;
        let fields = NAMES.map(|name| Field::under(name, policy));
        let bank = std::mem::take(&mut self.bank);
        let scheme = self.scheme.filter(|_| method == Kind::Code);
        *self =
            Self { fields, method, scheme, policy, preset, bank, revision: self.revision + 1, ..Self::new() };
    }

    /// Shows the fields of a method.
    pub fn choose(&mut self, method: Kind) {
        if method != self.method {
            self.method = method;
            self.revision += 1;
        }
    }

    /// The instrument as it was typed; none if only a code is asked for.
    fn draft(&self, at_ms: u64) -> Option<Draft> {
        Some(match self.method {
            Kind::Code => return None,
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
                sec_code: Some(self.class().as_str().to_owned()),
                mandate: self.bank.agreed(self.class(), at_ms).map(Box::new),
            }),
        })
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
        // While somebody types: only what no further typing can mend. That a repetition differs is told when it is left.
        let told = verdict.reason().is_some() && name != FieldName::AccountNumberConfirmation;
        bridge::say(name.as_str(), if told { words::reason(verdict) } else { "" });
        match name {
            FieldName::AccountNumber if !self.value(FieldName::AccountNumberConfirmation).is_empty() => {
                self.leave(FieldName::AccountNumberConfirmation);
            }
            FieldName::AccountHolderType | FieldName::SecCode => self.renew_bank(),
            _ => {}
        }
        if name == FieldName::Number {
            self.look();
        }
    }

    /// Shows the entry classes that are offered and the text to agree to. A new text is not agreed to yet.
    fn renew_bank(&mut self) {
        let offered = self.bank.allowed.offered(self.holder_type());
        let class = self.class();
        bridge::ask(self.bank.repeats, offered.bits(), class.as_str());
        let ticks = self.bank.ticks(class);
        let Some((text, locale)) = self.bank.renew(class) else { return };
        bridge::authorise(text, locale, ticks);
        let context = self.context();
        if let Some(consent) = self.field(FieldName::Consent) {
            consent.set("", 0, &context);
            bridge::paint(FieldName::Consent.as_str(), "", 0);
            bridge::say(FieldName::Consent.as_str(), "");
        }
        self.revision += 1;
    }

    /// The entry class that counts.
    fn class(&self) -> SecCode {
        self.bank.class(self.value(FieldName::SecCode), self.holder_type())
    }

    fn holder_type(&self) -> HolderType {
        HolderType::parse(self.value(FieldName::AccountHolderType)).unwrap_or_default()
    }

    /// What is thought of a field; a repetition is judged by what it repeats.
    fn verdict(&self, field: &Field, context: &Context) -> Verdict {
        let verdict = field.verdict(context);
        match (field.name(), verdict) {
            (_, Verdict::Invalid(Reason::BadCharacters)) => verdict,
            (FieldName::AccountNumberConfirmation, _) => {
                bank_account::inspect_repeated(self.value(FieldName::AccountNumber), field.value())
            }
            _ => verdict,
        }
    }

    /// What is thought of a field that was left.
    fn blurred_verdict(&self, field: &Field, context: &Context) -> Verdict {
        if field.name() != FieldName::AccountNumberConfirmation {
            return field.blurred_verdict(context);
        }
        match self.verdict(field, context) {
            Verdict::Partial => Verdict::Invalid(Reason::AccountMismatch),
            verdict => verdict,
        }
    }

    fn context(&self) -> Context {
        Context { today: clock::this_month(), scheme: self.scheme }
    }

    /// Whether the shown method cannot do without a field. An ACH entry carries the receiver's name
    /// (Nacha); a card payment does not need one. Some schemes' cards have no security code.
    fn needs(&self, name: FieldName) -> bool {
        self.asks(name)
            && match name {
                FieldName::Holder => self.method == Kind::BankAccount,
                // One of the classes is always chosen; a card's scheme need not be.
                FieldName::SecCode | FieldName::PreferredScheme => false,
                FieldName::Code => !self.scheme.is_some_and(|scheme| self.policy.code(scheme).is_optional()),
                FieldName::Number
                | FieldName::Expiry
                | FieldName::RoutingNumber
                | FieldName::AccountNumber
                | FieldName::AccountNumberConfirmation
                | FieldName::AccountType
                | FieldName::AccountHolderType
                | FieldName::Consent => true,
            }
    }

    /// Whether the shown method asks for a field.
    fn asks(&self, name: FieldName) -> bool {
        belongs(name, self.method)
            && match name {
                FieldName::AccountNumberConfirmation => self.bank.repeats,
                FieldName::SecCode => self.bank.allowed.offered(self.holder_type()).is_choice(),
                FieldName::Consent => self.bank.ticks(self.class()),
                _ => true,
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
        FieldName::Holder => !matches!(method, Kind::Code),
        FieldName::Code => !matches!(method, Kind::BankAccount),
        FieldName::Number | FieldName::Expiry | FieldName::PreferredScheme => matches!(method, Kind::Card),
        FieldName::RoutingNumber
        | FieldName::AccountNumber
        | FieldName::AccountNumberConfirmation
        | FieldName::AccountType
        | FieldName::AccountHolderType
        | FieldName::SecCode
        | FieldName::Consent => matches!(method, Kind::BankAccount),
    }
}
