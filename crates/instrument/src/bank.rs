//! US bank accounts that are debited over the ACH network.

pub mod account;
mod choice;
pub mod mandate;
pub mod routing;
pub mod wordings;

use core::fmt;

pub use account::{AccountNumber, LetterRule, inspect as inspect_account, inspect_repeated};
pub use choice::{AccountType, HolderType, SecCode, SecCodes};
pub use mandate::Mandate;
pub use routing::{Prefix, PrefixRule, RoutingNumber, inspect as inspect_routing};

use crate::card::HolderName;
use crate::digits::normalise;
use crate::rejected::{FieldName, Rejected};
use crate::secret::Secret;
use crate::verdict::Reason;

/// What a merchant decides about bank accounts. The default refuses the fewest good ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BankPolicy {
    /// What a routing number's prefix outside the published blocks means.
    pub prefix: PrefixRule,
    /// Whether letters are taken in an account number.
    pub letters: LetterRule,
}

/// A bank account as it was entered, unchecked.
#[derive(Debug)]
pub struct BankDraft {
    /// The routing number.
    pub routing_number: Secret<String>,
    /// The account number.
    pub account_number: Secret<String>,
    /// `checking` or `savings`.
    pub account_type: String,
    /// `personal` or `business`; personal if it was not asked for.
    pub account_holder_type: Option<String>,
    /// The owner's name, if it was asked for.
    pub holder: Option<Secret<String>>,
    /// The standard entry class; by the holder type if it is not given.
    pub sec_code: Option<String>,
    /// What the owner agreed to, if a text was shown; whether it is what it says is for the vault to check.
    pub mandate: Option<Box<Mandate>>,
}

impl BankDraft {
    /// Checks every part; the only way to a [`BankAccount`]. A holder, holder type or entry class that is
    /// there but empty counts as missing.
    ///
    /// # Errors
    /// The first field that is wrong, in the order holder, routing number, account number, account type,
    /// holder type, entry class; and why.
    pub fn finish(self) -> Result<BankAccount, Rejected> {
        self.finish_under(BankPolicy::default())
    }

    /// Checks every part as [`BankDraft::finish`] does, under a merchant's policy. A wrong routing number whose
    /// account number would be a right one is `swapped`.
    ///
    /// # Errors
    /// The first field that is wrong, and why.
    pub fn finish_under(self, policy: BankPolicy) -> Result<BankAccount, Rejected> {
        let refuse = |field| move |reason| Rejected { field, reason };
        let unknown = |field| move || Rejected { field, reason: Reason::UnknownChoice };
        let holder = HolderName::parse_optional(self.holder.as_ref()).map_err(refuse(FieldName::Holder))?;
        // EXPOSE: parsing is the one thing that needs the entered text.
        let (routing_text, account_text) = (self.routing_number.expose(), self.account_number.expose());
        let routing = RoutingNumber::parse_under(routing_text, policy.prefix)
            .map_err(|reason| swapped_hint(routing_text, account_text).unwrap_or(reason))
            .map_err(refuse(FieldName::RoutingNumber))?;
        let account = AccountNumber::parse_under(account_text, policy.letters)
            .map_err(refuse(FieldName::AccountNumber))?;
        let account_type = match self.account_type.trim() {
            "" => return Err(refuse(FieldName::AccountType)(Reason::Required)),
            text => AccountType::parse(text).ok_or_else(unknown(FieldName::AccountType))?,
        };
        let holder_type = match self.account_holder_type.as_deref().map_or("", str::trim) {
            "" => HolderType::Personal,
            text => HolderType::parse(text).ok_or_else(unknown(FieldName::AccountHolderType))?,
        };
        let sec_code = match self.sec_code.as_deref().map_or("", str::trim) {
            "" => SecCode::for_holder(holder_type),
            text => SecCode::parse(text).ok_or_else(unknown(FieldName::SecCode))?,
        };
        Ok(BankAccount {
            routing,
            account,
            account_type,
            holder_type,
            holder,
            sec_code,
            mandate: self.mandate,
        })
    }
}

/// A valid bank account.
pub struct BankAccount {
    routing: RoutingNumber,
    account: AccountNumber,
    account_type: AccountType,
    holder_type: HolderType,
    holder: Option<HolderName>,
    sec_code: SecCode,
    mandate: Option<Box<Mandate>>,
}

impl BankAccount {
    /// The bank's routing number.
    pub const fn routing(&self) -> &RoutingNumber {
        &self.routing
    }

    /// The account number.
    pub const fn account(&self) -> &AccountNumber {
        &self.account
    }

    /// Checking or savings.
    pub const fn account_type(&self) -> AccountType {
        self.account_type
    }

    /// Personal or business.
    pub const fn holder_type(&self) -> HolderType {
        self.holder_type
    }

    /// The owner's name, if there is one.
    pub const fn holder(&self) -> Option<&HolderName> {
        self.holder.as_ref()
    }

    /// The ACH standard entry class.
    pub const fn sec_code(&self) -> SecCode {
        self.sec_code
    }

    /// What the owner agreed to, if a text was shown.
    pub fn mandate(&self) -> Option<&Mandate> {
        self.mandate.as_deref()
    }
}

impl fmt::Debug for BankAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BankAccount([REDACTED])")
    }
}

/// `swapped`, if the text in the routing field is no routing number but the one in the account field is:
/// the most frequent human error with the two.
pub fn swapped_hint(routing_text: &str, account_text: &str) -> Option<Reason> {
    let routing_like = |text| RoutingNumber::parse(text).is_ok();
    let filled = !normalise(routing_text).digits.is_empty();
    (filled && !routing_like(routing_text) && routing_like(account_text)).then_some(Reason::Swapped)
}
