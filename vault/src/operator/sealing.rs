//! Sealing keys for the coming days: asking the root to sign them, signing, installing, and what there is.

use std::io::{self, BufRead};

use seal::{KeyId, Root, Signed, Statement, Suite};
use serde_json::{Value, json};

use super::{OperatorError, read, startup};
use crate::{
    clock::{Clock as _, SystemClock, rfc3339},
    config::{InstallArgs, ListSealingArgs, RequestArgs, SignArgs, file::setting},
    keyring::{Keyring, RootSigner, Standing},
    random::SystemRandom,
    store::{Change, SealingKey},
};

/// No statement is signed for longer: a key is good for two days, and a root that signs one for years has been misled.
const LONGEST_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// The longest line that is read; statements have 250 characters, or 1,800 with a key of X-Wing.
const MAX_LINE: usize = 4096;

/// Makes pairs for the days that have no signed key yet, and prints what is to be signed.
pub(super) async fn request(args: &RequestArgs, out: &mut dyn io::Write) -> Result<(), OperatorError> {
    let (store, keks) = startup::beside(&read(&args.place)?).await?;
    let keyring = Keyring::beside(keks, &*store).await?.ok_or(OperatorError::NoAudit)?;
    let (vault, suites) = (args.vault(&setting)?, args.suites(&setting)?);
    let stored = store.sealing_keys().await?;
    let now_ms = SystemClock.now_ms();
    let requests =
        keyring.sealing_requests(&stored, &vault, suites, now_ms, args.days, &SystemRandom).await?;
    let new = requests.iter().filter(|(_, standing)| *standing == Standing::New);
    let changes: Vec<_> = new.map(|(request, _)| Change::InsertSealingKey(request.pair.clone())).collect();
    if !changes.is_empty() {
        store.apply(&crate::domain::TenantId::vault(), changes).await?;
    }
    for (request, _) in &requests {
        writeln!(out, "{}", shown(&request.statement, "request", &request.statement.to_text()))?;
    }
    Ok(())
}

/// Signs what `request` printed. Works without a vault and without a network.
pub(super) fn sign(
    args: &SignArgs,
    input: &mut dyn BufRead,
    out: &mut dyn io::Write,
    log: &mut dyn io::Write,
) -> Result<(), OperatorError> {
    let signer = RootSigner::from_file(&args.root_file)?;
    let mut statements = Vec::new();
    for (line, text) in lines(input, "request")? {
        let statement = Statement::from_text(&text).map_err(|_| OperatorError::NotARequest { line })?;
        check(&statement, args).map_err(|what| OperatorError::NotToBeSigned { line, what })?;
        statements.push(statement);
    }
    // All or nothing: whoever signs has looked at the whole.
    for statement in &statements {
        writeln!(out, "{}", shown(statement, "statement", &signer.sign(statement)))?;
    }
    let days = |ms: Option<u64>| ms.map(time).unwrap_or_default();
    let first = days(statements.iter().map(|statement| statement.not_before_ms).min());
    let last = days(statements.iter().map(|statement| statement.not_after_ms).max());
    let root = signer.public().to_text();
    writeln!(log, "{} keys signed for {} from {first} to {last}; root {root}", statements.len(), args.vault)?;
    Ok(())
}

fn check(statement: &Statement, args: &SignArgs) -> Result<(), &'static str> {
    let lasts_ms = statement.not_after_ms.checked_sub(statement.not_before_ms);
    match lasts_ms {
        _ if statement.vault != args.vault.as_str() => Err("it is for another vault than --vault"),
        None | Some(0) => Err("it ends before it begins"),
        Some(lasts_ms) if lasts_ms > LONGEST_MS => Err("it is to be good for more than seven days"),
        Some(_) if !statement.suites.has(statement.key.suite().number()) => {
            Err("its suite is not among those that are good")
        }
        Some(_) => Ok(()),
    }
}

/// Takes what `sign` printed: checks it against the root that the embedded module of its suite pins, and publishes the keys from their
/// days on.
pub(super) async fn install(
    args: &InstallArgs,
    input: &mut dyn BufRead,
    out: &mut dyn io::Write,
) -> Result<(), OperatorError> {
    // First: in a pipe the pairs may be made while this waits.
    let statements = lines(input, "statement")?;
    let (store, keks) = startup::beside(&read(&args.place)?).await?;
    let keyring = Keyring::beside(keks, &*store).await?.ok_or(OperatorError::NoAudit)?;
    let vault = args.vault(&setting)?;
    let stored = store.sealing_keys().await?;
    let (mut changes, mut root) = (Vec::new(), None);
    for (line, text) in statements {
        let what = |what| OperatorError::NotToBeInstalled { line, what };
        let (statement, signed_by) = verified(&text).map_err(what)?;
        root = Some(signed_by.to_text());
        if statement.vault != vault.as_str() {
            return Err(what("it is for another vault than --public-url"));
        }
        let id = statement.key.id();
        let pair = stored.iter().find(|pair| pair.id == *id.bytes());
        let pair = pair.ok_or(what("this vault has no such pair; it may be over"))?;
        let is_of_pair = keyring.sealing_public(pair).await? == statement.key
            && u64::try_from(pair.starts_at_ms) == Ok(statement.not_before_ms)
            && u64::try_from(pair.expires_at_ms) == Ok(statement.not_after_ms);
        if !is_of_pair {
            return Err(what("key or times are not those of the vault's pair"));
        }
        changes.push(Change::SignSealingKey { id: pair.id, statement: text });
    }
    let installed = changes.len();
    if installed > 0 {
        store.apply(&crate::domain::TenantId::vault(), changes).await?;
    }
    Ok(writeln!(out, "{}", json!({"installed": installed, "root": root}))?)
}

fn verified(text: &str) -> Result<(Statement, Root), &'static str> {
    let signed = Signed::from_text(text).map_err(|_| "it is no signed statement")?;
    let by_its_root = |suite: Suite| {
        let root = startup::pinned_root(suite);
        signed.checked(&root).ok().filter(|statement| statement.key.suite() == suite).zip(Some(root))
    };
    let found = Suite::ALL.iter().copied().find_map(by_its_root);
    found.ok_or("the root that this vault's module pins has not signed it")
}

/// Prints what there is, oldest first.
pub(super) async fn list(args: &ListSealingArgs, out: &mut dyn io::Write) -> Result<(), OperatorError> {
    let (store, _) = startup::beside(&read(&args.place)?).await?;
    let now_ms = SystemClock.now_ms();
    for key in store.sealing_keys().await?.iter().rev() {
        let line = json!({
            "key_id": KeyId::new(key.id).to_text(),
            "suite": Suite::from_number(key.suite).map(Suite::name),
            "not_before": rfc3339(key.starts_at_ms),
            "not_after": rfc3339(key.expires_at_ms),
            "state": state(key, now_ms),
        });
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// What a key is good for now, in a word.
pub(super) fn state(key: &SealingKey, now_ms: i64) -> &'static str {
    match &key.statement {
        _ if key.expires_at_ms <= now_ms => "over",
        None => "unsigned",
        Some(_) if key.starts_at_ms <= now_ms => "published",
        Some(_) => "waiting",
    }
}

fn shown(statement: &Statement, member: &str, text: &str) -> Value {
    json!({
        "key_id": statement.key.id().to_text(),
        "suite": statement.key.suite().name(),
        "vault": statement.vault,
        "not_before": time(statement.not_before_ms),
        "not_after": time(statement.not_after_ms),
        (member): text,
    })
}

fn time(ms: u64) -> String {
    rfc3339(i64::try_from(ms).unwrap_or(i64::MAX))
}

/// This member of each line of JSON, with the line's number. Only it counts: what else stands there is for people.
fn lines(input: &mut dyn BufRead, member: &str) -> Result<Vec<(usize, String)>, OperatorError> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(input.lines()) {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let value: Option<Value> =
            (line.len() <= MAX_LINE).then(|| serde_json::from_str(&line).ok()).flatten();
        let text = value.as_ref().and_then(|value| value.get(member)).and_then(Value::as_str);
        found.push((number, text.ok_or(OperatorError::NotARequest { line: number })?.to_owned()));
    }
    if found.is_empty() { Err(OperatorError::NothingToRead) } else { Ok(found) }
}
