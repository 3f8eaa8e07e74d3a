//! What a merchant decides about bank accounts: the repetition of the number, the entry classes, and the text that the
//! owner agrees to.

use instrument::bank::mandate::Mandate;
use instrument::bank::{HolderType, SecCode, SecCodes};

/// What a merchant decided, and the text that was last shown.
#[derive(Default)]
pub(super) struct Bank {
    /// Whether the account number is asked for twice.
    pub(super) repeats: bool,
    /// The entry classes that the merchant allows; without any, the owner's kind decides.
    pub(super) allowed: SecCodes,
    /// What debits are to be authorised for, if anything.
    proposal: Proposal,
    /// What stands in the page; another text needs another agreement.
    shown: String,
}

/// What a merchant wants to be authorised for.
#[derive(Default)]
enum Proposal {
    /// Nothing.
    #[default]
    Absent,
    /// Something whose texts the vault has not sent yet.
    Awaited,
    /// These texts.
    Present(Texts),
}

/// What the vault made of a merchant's terms.
#[derive(Debug)]
pub struct Texts {
    /// The version of the wording.
    pub version: u16,
    /// The language.
    pub locale: String,
    /// The terms, as they travel with an account.
    pub terms: String,
    /// The text for a consumer over the internet.
    pub web: String,
    /// The text for a consumer in writing.
    pub ppd: String,
    /// The text for a business.
    pub ccd: String,
}

impl Texts {
    /// The text for a class; a spoken authorisation has none.
    fn of(&self, class: SecCode) -> Option<&str> {
        match class {
            SecCode::Web => Some(&self.web),
            SecCode::Ppd => Some(&self.ppd),
            SecCode::Ccd => Some(&self.ccd),
            SecCode::Tel => None,
        }
    }
}

impl Bank {
    /// Takes what a merchant decided. Texts that are there already stay.
    pub(super) fn decide(&mut self, repeats: bool, allowed: SecCodes, texts: bool) {
        self.repeats = repeats;
        self.allowed = allowed;
        match (texts, &self.proposal) {
            (false, _) => self.proposal = Proposal::Absent,
            (true, Proposal::Absent) => self.proposal = Proposal::Awaited,
            (true, Proposal::Awaited | Proposal::Present(_)) => {}
        }
    }

    /// Takes the texts.
    pub(super) fn propose(&mut self, texts: Texts) {
        self.proposal = Proposal::Present(texts);
    }

    /// The class that counts: the chosen one if it is offered, else the first.
    pub(super) fn class(&self, chosen: &str, holder: HolderType) -> SecCode {
        let offered = self.allowed.offered(holder);
        let chosen = SecCode::parse(chosen).filter(|class| offered.contains(*class));
        chosen.or(offered.first()).unwrap_or(SecCode::Web)
    }

    /// Whether there is a text that the owner of an account in this class must agree to by ticking a box.
    pub(super) fn ticks(&self, class: SecCode) -> bool {
        !matches!(self.proposal, Proposal::Absent) && class.needs_consent()
    }

    /// Whether the text for this class is still to come.
    pub(super) fn waits(&self, class: SecCode) -> bool {
        matches!(self.proposal, Proposal::Awaited) && class != SecCode::Tel
    }

    /// The text for this class with its language, if it is another one than before; empty for none.
    pub(super) fn renew(&mut self, class: SecCode) -> Option<(&str, &str)> {
        let (text, locale) = match &self.proposal {
            Proposal::Present(texts) => (texts.of(class).unwrap_or_default(), texts.locale.as_str()),
            Proposal::Absent | Proposal::Awaited => ("", ""),
        };
        if text == self.shown {
            return None;
        }
        text.clone_into(&mut self.shown);
        Some((text, locale))
    }

    /// The agreement to the text that stands in the page.
    pub(super) fn agreed(&self, class: SecCode, accepted_at_ms: u64) -> Option<Mandate> {
        let Proposal::Present(texts) = &self.proposal else { return None };
        let text = texts.of(class)?;
        Mandate::agree(&texts.terms, &texts.locale, texts.version, text, class, accepted_at_ms)
    }
}
