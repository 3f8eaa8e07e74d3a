//! A merchant's card policy as JavaScript writes it: an object whose members may be left out.

use instrument::card::{AmexCode, CardPolicy, MaestroCode, SCHEMES, Scheme, Schemes, UnionPayLuhn};
use js_sys::{Array, Object};
use wasm_bindgen::{JsCast as _, JsValue};

use crate::error::Problem;

/// What a policy may hold.
const MEMBERS: &str = "an object with accepted (a list of scheme ids), amexCode (four or three_or_four), \
    maestroCode (optional or required), unionpayLuhn (warning or error) and nothing else";

/// Reads a policy; what is absent is the default.
///
/// # Errors
/// `bad_argument`: nothing that is not understood is ignored.
pub(super) fn read(policy: &JsValue) -> Result<CardPolicy, Problem> {
    if policy.is_undefined() || policy.is_null() {
        return Ok(CardPolicy::DEFAULT);
    }
    understood(policy).ok_or_else(|| Problem::bad_argument("policy", MEMBERS))
}

/// A policy with one member changed; the default's for what is undefined.
///
/// # Errors
/// `bad_option`, with the values that the member has.
pub(crate) fn with(mut policy: CardPolicy, name: &str, value: &JsValue) -> Result<CardPolicy, Problem> {
    let CardPolicy { accepted, amex_code, maestro_code, unionpay_luhn } = CardPolicy::DEFAULT;
    if value.is_undefined() {
        match name {
            "accepted" => policy.accepted = accepted,
            "amexCode" => policy.amex_code = amex_code,
            "maestroCode" => policy.maestro_code = maestro_code,
            _ => policy.unionpay_luhn = unionpay_luhn,
        }
        return Ok(policy);
    }
    let (attribute, values) = match name {
        "accepted" => {
            return set(&mut policy, name, value).map(|()| policy).ok_or_else(|| {
                Problem::bad_option(name, &["a list of schemes, each ", &schemes()].concat())
            });
        }
        "amexCode" => ("amex-code", "four or three_or_four"),
        "maestroCode" => ("maestro-code", "optional or required"),
        _ => ("unionpay-luhn", "warning or error"),
    };
    set(&mut policy, name, value).map(|()| policy).ok_or_else(|| Problem::bad_option(attribute, values))
}

/// The ids of all schemes, for a message.
pub(crate) fn schemes() -> String {
    super::one_of(SCHEMES.iter().map(|scheme| scheme.id))
}

fn understood(policy: &JsValue) -> Option<CardPolicy> {
    let mut read = CardPolicy::DEFAULT;
    for entry in Object::entries(policy.dyn_ref::<Object>()?) {
        let entry = entry.dyn_into::<Array>().ok()?;
        set(&mut read, &entry.get(0).as_string()?, &entry.get(1))?;
    }
    Some(read)
}

/// Sets one member; none if there is no such member, or it has not this value.
fn set(policy: &mut CardPolicy, name: &str, value: &JsValue) -> Option<()> {
    if name == "accepted" {
        policy.accepted = Schemes::NONE;
        for id in value.dyn_ref::<Array>()?.iter() {
            policy.accepted = policy.accepted.with(Scheme::by_id(&id.as_string()?)?);
        }
        return Some(());
    }
    match (name, value.as_string()?.as_str()) {
        ("amexCode", "four") => policy.amex_code = AmexCode::Four,
        ("amexCode", "three_or_four") => policy.amex_code = AmexCode::ThreeOrFour,
        ("maestroCode", "optional") => policy.maestro_code = MaestroCode::Optional,
        ("maestroCode", "required") => policy.maestro_code = MaestroCode::Required,
        ("unionpayLuhn", "warning") => policy.unionpay_luhn = UnionPayLuhn::Warning,
        ("unionpayLuhn", "error") => policy.unionpay_luhn = UnionPayLuhn::Error,
        _ => return None,
    }
    Some(())
}
