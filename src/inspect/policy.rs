//! A merchant's card policy as JavaScript writes it: an object whose members may be left out.

use instrument::card::{AmexCode, CardPolicy, MaestroCode, Scheme, Schemes, UnionPayLuhn};
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

fn understood(policy: &JsValue) -> Option<CardPolicy> {
    let mut read = CardPolicy::DEFAULT;
    for entry in Object::entries(policy.dyn_ref::<Object>()?) {
        let entry = entry.dyn_into::<Array>().ok()?;
        let (name, value) = (entry.get(0).as_string()?, entry.get(1));
        if name == "accepted" {
            read.accepted = Schemes::NONE;
            for id in value.dyn_into::<Array>().ok()? {
                read.accepted = read.accepted.with(Scheme::by_id(&id.as_string()?)?);
            }
            continue;
        }
        match (name.as_str(), value.as_string()?.as_str()) {
            ("amexCode", "four") => read.amex_code = AmexCode::Four,
            ("amexCode", "three_or_four") => read.amex_code = AmexCode::ThreeOrFour,
            ("maestroCode", "optional") => read.maestro_code = MaestroCode::Optional,
            ("maestroCode", "required") => read.maestro_code = MaestroCode::Required,
            ("unionpayLuhn", "warning") => read.unionpay_luhn = UnionPayLuhn::Warning,
            ("unionpayLuhn", "error") => read.unionpay_luhn = UnionPayLuhn::Error,
            _ => return None,
        }
    }
    Some(read)
}
