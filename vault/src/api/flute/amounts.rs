//! What a transaction comes to: the base amount, and what is added to it or taken off.

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::api::members::{Members, Misfit, required};
use crate::domain::{Currency, Money};

/// What is added to the base amount, or taken off.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "the shape of a member that is read into `Amounts`")]
pub(super) struct ExtraAmounts {
    /// A tip, as an amount.
    tip_amount: Option<f64>,
    /// A tip, in percent of the base amount; not with `tipAmount`.
    #[schema(minimum = 0, maximum = 100)]
    tip_rate: Option<f64>,
    /// A discount, as an amount.
    discount_amount: Option<f64>,
    /// A discount, in percent of the base amount; not with `discountAmount`.
    #[schema(minimum = 0, maximum = 100)]
    discount_rate: Option<f64>,
    /// A surcharge, as an amount.
    surcharge_amount: Option<f64>,
    /// A surcharge, in percent of the base amount without the discount; not with `surchargeAmount`.
    #[schema(minimum = 0, maximum = 100)]
    surcharge_rate: Option<f64>,
}

/// What a transaction comes to, part by part.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AmountDetails {
    /// The base amount.
    base_amount: f64,
    /// The tip.
    tip_amount: f64,
    /// The tip in percent, if it was given so.
    tip_rate: f64,
    /// The surcharge.
    surcharge_amount: f64,
    /// The surcharge in percent, if it was given so.
    surcharge_rate: f64,
    /// The discount.
    discount_amount: f64,
    /// The discount in percent, if it was given so.
    discount_rate: f64,
}

/// Amounts in minor units, and the rates they came from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Amounts {
    currency: Currency,
    base: i64,
    tip: Part,
    discount: Part,
    surcharge: Part,
}

/// An amount in minor units, and the rate in hundredths of a percent if it came from one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Part {
    minor: i64,
    rate: i64,
}

impl Amounts {
    /// Takes `baseAmount`, `currencyCode` and `extraAmounts`.
    ///
    /// # Errors
    /// The first member that breaks a rule.
    pub(super) fn take(members: &mut Members) -> Result<Self, Misfit> {
        let currency = currency(members)?;
        let base = money(members, "baseAmount", currency)?.ok_or_else(|| required("baseAmount"))?.minor;
        if base == 0 {
            return Err(Misfit::invalid("baseAmount", "out_of_range", "baseAmount must be more than zero"));
        }
        let mut amounts = Self {
            currency,
            base,
            tip: Part::default(),
            discount: Part::default(),
            surcharge: Part::default(),
        };
        let Some(mut extra) = members.object("extraAmounts")? else { return Ok(amounts) };
        amounts.tip = Part::take(&mut extra, "tip", base, currency)?;
        amounts.discount = Part::take(&mut extra, "discount", base, currency)?;
        if amounts.discount.minor > base {
            let message = "extraAmounts.discountAmount must be at most the base amount";
            return Err(Misfit::invalid("extraAmounts.discountAmount", "out_of_range", message));
        }
        amounts.surcharge = Part::take(&mut extra, "surcharge", base - amounts.discount.minor, currency)?;
        extra.finish()?;
        let total = amounts.total();
        match total {
            Some(total) if total.minor > 0 => Ok(amounts),
            Some(_) | None => {
                let message = "the amounts must come to more than zero and to no more than can be written";
                Err(Misfit::invalid("baseAmount", "out_of_range", message))
            }
        }
    }

    /// What is charged; `None` if it is negative or too large.
    pub(super) fn total(&self) -> Option<Money> {
        let sum = self.base.checked_add(self.tip.minor)?.checked_add(self.surcharge.minor)?;
        Money::of_minor(sum.checked_sub(self.discount.minor)?, self.currency)
    }

    /// What a payment keeps of the parts, under this face's name.
    pub(super) fn kept(&self) -> Map<String, Value> {
        let part = |part: Part| json!({ "minor": part.minor, "rate": part.rate });
        let mut kept = Map::new();
        kept.insert("baseMinor".to_owned(), self.base.into());
        kept.insert("tip".to_owned(), part(self.tip));
        kept.insert("discount".to_owned(), part(self.discount));
        kept.insert("surcharge".to_owned(), part(self.surcharge));
        kept
    }

    /// The parts of a payment; one that another face made has only a base amount.
    pub(super) fn of(total: Money, kept: Option<&Map<String, Value>>) -> Self {
        let part = |name: &str| {
            let kept = kept.and_then(|kept| kept.get(name));
            let number =
                |name: &str| kept.and_then(|kept| kept.get(name)).and_then(Value::as_i64).unwrap_or(0);
            Part { minor: number("minor"), rate: number("rate") }
        };
        let base = kept.and_then(|kept| kept.get("baseMinor")).and_then(Value::as_i64).unwrap_or(total.minor);
        Self {
            currency: total.currency,
            base,
            tip: part("tip"),
            discount: part("discount"),
            surcharge: part("surcharge"),
        }
    }

    /// Shows the parts.
    pub(super) fn shown(&self) -> AmountDetails {
        let amount = |minor| Money { minor, currency: self.currency }.as_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate is at most 10,000")]
        let rate = |rate: i64| rate as f64 / 100.0;
        AmountDetails {
            base_amount: amount(self.base),
            tip_amount: amount(self.tip.minor),
            tip_rate: rate(self.tip.rate),
            surcharge_amount: amount(self.surcharge.minor),
            surcharge_rate: rate(self.surcharge.rate),
            discount_amount: amount(self.discount.minor),
            discount_rate: rate(self.discount.rate),
        }
    }
}

impl Part {
    /// Takes `<name>Amount` or `<name>Rate`, the latter of the amount given.
    fn take(members: &mut Members, name: &str, of_minor: i64, currency: Currency) -> Result<Self, Misfit> {
        let amount = money(members, &format!("{name}Amount"), currency)?.map_or(0, |money| money.minor);
        let rate_name = format!("{name}Rate");
        let path = members.path(&rate_name);
        let rate = match members.number(&rate_name)? {
            None => 0,
            // Percent with two places are an amount with two places.
            Some(percent) => Money::from_f64(percent, Currency::USD)
                .map(|rate| rate.minor)
                .filter(|rate| *rate <= 10_000)
                .ok_or_else(|| {
                    let message = format!("{path} must be from 0 to 100, with at most two decimal places");
                    Misfit::invalid(&path, "out_of_range", message)
                })?,
        };
        if amount != 0 && rate != 0 {
            let message = format!("{path} and the amount must not both be given");
            return Err(Misfit::invalid(&path, "one_of", message));
        }
        if rate == 0 {
            return Ok(Self { minor: amount, rate: 0 });
        }
        // Rounded half up to the minor unit.
        let minor = i128::from(of_minor) * i128::from(rate) + 5_000;
        Ok(Self { minor: i64::try_from(minor / 10_000).unwrap_or(i64::MAX), rate })
    }
}

/// Takes `currencyCode`; the dollar of the USA if it is not given.
///
/// # Errors
/// `invalid_currency`.
pub(super) fn currency(members: &mut Members) -> Result<Currency, Misfit> {
    let Some(code) = members.text("currencyCode", 3)?.filter(|code| !code.is_empty()) else {
        return Ok(Currency::USD);
    };
    Currency::parse(&code).ok_or_else(|| {
        let message = "currencyCode must be a code of ISO 4217, for example \"USD\"";
        Misfit::invalid("currencyCode", "invalid_currency", message)
    })
}

/// Takes an amount.
///
/// # Errors
/// `wrong_type`, or `out_of_range` if it is negative or has more decimal places than the currency.
pub(super) fn money(members: &mut Members, name: &str, currency: Currency) -> Result<Option<Money>, Misfit> {
    let path = members.path(name);
    let Some(number) = members.number(name)? else { return Ok(None) };
    Money::from_f64(number, currency).map(Some).ok_or_else(|| {
        let places = currency.exponent();
        let message =
            format!("{path} must be an amount of zero or more with at most {places} decimal places");
        Misfit::invalid(&path, "out_of_range", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(body: &str) -> Result<Amounts, Misfit> {
        let mut members = Members::of_body(body.as_bytes()).unwrap();
        let amounts = Amounts::take(&mut members)?;
        members.finish()?;
        Ok(amounts)
    }

    #[test]
    fn parts_add_up_and_read_back() {
        // A surcharge of 3 % is of 95, the base amount less the discount.
        let amounts = amounts(
            r#"{"baseAmount":100,"extraAmounts":{"tipAmount":15,"discountRate":5,"surchargeRate":3}}"#,
        )
        .unwrap();
        let total = amounts.total().unwrap();
        assert_eq!(total.minor, 10_000 + 1_500 - 500 + 285);
        assert_eq!(Amounts::of(total, Some(&amounts.kept())), amounts);
        let shown = amounts.shown();
        assert_eq!((shown.tip_amount, shown.discount_amount, shown.surcharge_amount), (15.0, 5.0, 2.85));
        assert_eq!((shown.tip_rate, shown.discount_rate, shown.surcharge_rate), (0.0, 5.0, 3.0));
    }

    #[test]
    fn a_half_cent_is_rounded_up() {
        let amounts = amounts(r#"{"baseAmount":0.5,"extraAmounts":{"tipRate":5}}"#).unwrap();
        assert_eq!(amounts.total().unwrap().minor, 53);
    }

    #[test]
    fn amounts_that_cannot_be_are_refused() {
        for (body, path, code) in [
            ("{}", "baseAmount", "required"),
            (r#"{"baseAmount":0}"#, "baseAmount", "out_of_range"),
            (r#"{"baseAmount":-1}"#, "baseAmount", "out_of_range"),
            (r#"{"baseAmount":1.001}"#, "baseAmount", "out_of_range"),
            (r#"{"baseAmount":"1"}"#, "baseAmount", "wrong_type"),
            (r#"{"baseAmount":1e20}"#, "baseAmount", "out_of_range"),
            (r#"{"baseAmount":1,"currencyCode":"XXX"}"#, "currencyCode", "invalid_currency"),
            (
                r#"{"baseAmount":1,"extraAmounts":{"tipAmount":1,"tipRate":1}}"#,
                "extraAmounts.tipRate",
                "one_of",
            ),
            (r#"{"baseAmount":1,"extraAmounts":{"tipRate":101}}"#, "extraAmounts.tipRate", "out_of_range"),
            (
                r#"{"baseAmount":1,"extraAmounts":{"discountAmount":2}}"#,
                "extraAmounts.discountAmount",
                "out_of_range",
            ),
            (r#"{"baseAmount":1,"extraAmounts":{"discountRate":100}}"#, "baseAmount", "out_of_range"),
            (r#"{"baseAmount":1,"extraAmounts":{"cashback":1}}"#, "extraAmounts.cashback", "unknown_field"),
        ] {
            let misfit = amounts(body).unwrap_err();
            assert_eq!((misfit.path.as_str(), misfit.code), (path, code), "{body}");
        }
    }
}
