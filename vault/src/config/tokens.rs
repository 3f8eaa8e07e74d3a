//! What is read of making tokens: how often, for whom, sealed to what, and what becomes of security codes.

use super::{Mode, ServeArgs};
use crate::{
    keyring::SealingSuites,
    limits::{Proxies, Rules},
    vaulting::SecurityCodes,
};

pub(super) fn rules(
    args: &ServeArgs,
    mode: Mode,
    set: &dyn Fn(&str) -> Option<String>,
    errors: &mut Vec<String>,
) -> Rules {
    let given = if args.limit.is_empty() { set("TESSERA_LIMITS") } else { Some(args.limit.join(" ")) };
    match (given, mode) {
        (Some(text), _) => Rules::parse(&text).unwrap_or_else(|error| {
            errors.push(format!("--limit (TESSERA_LIMITS) is not right: {error}"));
            Rules::default()
        }),
        (None, Mode::Production) => Rules::DEFAULT,
        // Tests and load generators come from one address.
        (None, Mode::Development) => Rules::default(),
    }
}

pub(super) fn security_codes(
    args: &ServeArgs,
    set: &dyn Fn(&str) -> Option<String>,
    errors: &mut Vec<String>,
) -> SecurityCodes {
    let Some(text) = args.security_code.clone().or_else(|| set("TESSERA_SECURITY_CODE")) else {
        return SecurityCodes::default();
    };
    SecurityCodes::parse(&text).unwrap_or_else(|| {
        errors.push("--security-code (TESSERA_SECURITY_CODE) is memory, carried or off".to_owned());
        SecurityCodes::default()
    })
}

pub(super) fn sealing_suites(named: Option<String>, errors: &mut Vec<String>) -> SealingSuites {
    let Some(named) = named else { return SealingSuites::default() };
    SealingSuites::parse(&named).unwrap_or_else(|| {
        errors.push("--sealing-suite (TESSERA_SEALING_SUITE) is x25519, x-wing or x-wing-only".to_owned());
        SealingSuites::default()
    })
}

pub(super) fn proxies(
    args: &ServeArgs,
    set: &dyn Fn(&str) -> Option<String>,
    errors: &mut Vec<String>,
) -> Proxies {
    let given = match args.trusted_proxy.as_slice() {
        [] => set("TESSERA_TRUSTED_PROXIES").unwrap_or_default(),
        given => given.join(" "),
    };
    Proxies::parse(given.split_whitespace()).unwrap_or_else(|error| {
        errors.push(format!("--trusted-proxy (TESSERA_TRUSTED_PROXIES) is not right: {error}"));
        Proxies::default()
    })
}
