//! What only this face knows of a payment method or one-time token: who pays and where they live.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::failure::Failure;
use super::fields::Fields;
use crate::domain::{Address, AddressId, CustomerId, Face, PaymentMethod};

/// What this face keeps of a payment method, under its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    /// The vault token that a customer's payment source has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vault_token: Option<String>,
    /// Which of the customer's addresses is that of the payment source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address_id: Option<String>,
    /// The name of the bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bank_name: Option<String>,
    /// The address, of what has no customer.
    #[serde(skip_serializing_if = "Postal::is_empty")]
    pub(super) address: Postal,
    /// Who pays, of what has no customer.
    #[serde(skip_serializing_if = "Payer::is_empty")]
    pub(super) payer: Payer,
}

impl Kept {
    /// What this face keeps, in the form payment methods have it.
    pub(super) fn into_extra(self) -> Map<String, Value> {
        let mut extra = Map::new();
        // Only maps with keys that are no text cannot be written, and this one has none.
        if let Ok(kept) = serde_json::to_value(self) {
            extra.insert(Face::Paydock.as_str().to_owned(), kept);
        }
        extra
    }

    /// What this face kept of a payment method; nothing, if another face made it.
    pub(super) fn of(method: &PaymentMethod) -> Self {
        let kept = method.extra.get(Face::Paydock.as_str());
        kept.and_then(|kept| Self::deserialize(kept).ok()).unwrap_or_default()
    }

    /// Reads what every payment source may have besides its numbers.
    ///
    /// # Errors
    /// `contains_card_number`.
    pub(super) fn read(fields: &mut Fields) -> Result<Self, Failure> {
        Ok(Self {
            vault_token: None,
            address_id: None,
            bank_name: given(fields.free_text("account_bank_name")?),
            address: Postal::read(fields)?,
            payer: Payer::read(fields)?,
        })
    }

    /// The same, with what is newer in place of what is older.
    #[must_use]
    pub(super) fn updated_by(mut self, newer: Self) -> Self {
        self.bank_name = newer.bank_name.or(self.bank_name);
        if !newer.address.is_empty() {
            self.address = newer.address;
        }
        self.payer = newer.payer.or(self.payer);
        self
    }
}

/// Who pays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Payer {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) phone2: Option<String>,
}

impl Payer {
    /// Reads who pays.
    ///
    /// # Errors
    /// `contains_card_number`.
    pub(super) fn read(fields: &mut Fields) -> Result<Self, Failure> {
        Ok(Self {
            first_name: given(fields.free_text("first_name")?),
            last_name: given(fields.free_text("last_name")?),
            email: given(fields.email("email")?),
            phone: given(fields.phone("phone")?),
            phone2: given(fields.phone("phone2")?),
        })
    }

    /// Whether nothing is known.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn or(self, older: Self) -> Self {
        Self {
            first_name: self.first_name.or(older.first_name),
            last_name: self.last_name.or(older.last_name),
            email: self.email.or(older.email),
            phone: self.phone.or(older.phone),
            phone2: self.phone2.or(older.phone2),
        }
    }
}

/// Where somebody lives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Postal {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line2: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) postcode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) company: Option<String>,
}

impl Postal {
    fn read(fields: &mut Fields) -> Result<Self, Failure> {
        let line3 = given(fields.free_text("address_line3")?);
        let line2 = given(fields.free_text("address_line2")?);
        Ok(Self {
            line1: given(fields.free_text("address_line1")?),
            // The vault's addresses have two lines.
            line2: match (line2, line3) {
                (Some(line2), Some(line3)) => Some(format!("{line2}, {line3}")),
                (line2, line3) => line2.or(line3),
            },
            city: given(fields.free_text("address_city")?),
            state: given(fields.free_text("address_state")?),
            country: fields.country("address_country"),
            postcode: given(fields.free_text("address_postcode")?),
            company: given(fields.free_text("address_company")?),
        })
    }

    /// Whether nothing is known.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The address of a customer that other faces see too.
    pub(super) fn of(address: &Address) -> Self {
        Self {
            line1: address.line_1.clone(),
            line2: address.line_2.clone(),
            city: address.city.clone(),
            state: address.state.clone(),
            country: address.country.clone(),
            postcode: address.postal_code.clone(),
            company: address.company.clone(),
        }
    }

    /// The same as one of a customer's addresses.
    pub(super) fn into_address(self, id: AddressId, customer: CustomerId, now_ms: i64) -> Address {
        Address {
            line_1: self.line1,
            line_2: self.line2,
            city: self.city,
            state: self.state,
            country: self.country,
            postal_code: self.postcode,
            company: self.company,
            ..Address::new(id, customer, now_ms)
        }
    }
}

/// The empty text says the same as no text.
pub(super) fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
