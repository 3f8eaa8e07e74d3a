//! Checking and showing the audit log.

use std::{cmp::Reverse, collections::BinaryHeap, fs, io};

use serde_json::{Value, json};

use super::{Ending, OperatorError, read, startup};
use crate::{
    audit::{Anchor, AuditRow, Finding, Place, RowFinding, verify as verify_all},
    clock::{Clock as _, SystemClock},
    config::{ListArgs, VerifyArgs},
    keyring::{AuditKey, RowKey},
};

/// Rows that are read at once.
const PAGE: u32 = 1000;

/// Prints the heads, what is wrong, and a last line that says whether anything is.
pub(super) async fn verify(args: &VerifyArgs, out: &mut dyn io::Write) -> Result<Ending, OperatorError> {
    let mut expected = args.expect.clone();
    if let Some(file) = &args.expect_file {
        let text = fs::read_to_string(file)?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        expected.extend(lines.map(str::parse::<Anchor>).collect::<Result<Vec<_>, _>>()?);
    }
    let (store, keks) = startup::beside(&read(&args.place)?).await?;
    let key = AuditKey::load(&keks, &*store).await?.ok_or(OperatorError::NoAudit)?;
    store
        .guard_with(RowKey::load(&keks, &*store, SystemClock.now_ms()).await?.ok_or(OperatorError::NoAudit)?);
    let report = verify_all(&*store, key, expected).await?;
    for head in &report.heads {
        line(out, &json!({"head": head.to_string()}))?;
    }
    for finding in &report.findings {
        let Place { tenant, chain, seq } = finding.place();
        let until = match finding {
            Finding::Missing { until_seq, .. } => Some(until_seq),
            Finding::Altered(_) | Finding::NotExpected(_) => None,
        };
        let shown = json!({
            "finding": finding.code(),
            "merchant": tenant.as_str(),
            "chain": chain,
            "number": seq,
            "until": until,
        });
        line(out, &shown)?;
    }
    for finding in &report.row_findings {
        line(out, &row_shown(finding))?;
    }
    let findings = report.findings.len() + report.row_findings.len();
    let (is_good, chains) = (findings == 0, report.heads.len());
    line(out, &json!({"verified": is_good, "rows": report.rows, "chains": chains, "findings": findings}))?;
    Ok(if is_good { Ending::Good } else { Ending::Bad })
}

/// Prints the newest rows that are wanted, oldest first. They are not checked.
pub(super) async fn list(args: &ListArgs, out: &mut dyn io::Write) -> Result<Ending, OperatorError> {
    let (store, _) = startup::beside(&read(&args.place)?).await?;
    // The oldest on top, to be thrown out first.
    let mut newest = BinaryHeap::new();
    let mut after = None;
    loop {
        let rows = store.audit_rows(after.as_ref(), PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = Some(last.place.clone());
        for row in rows.into_iter().filter(|row| is_wanted(args, row)) {
            newest.push(Reverse((row.at_ms, row.place.clone(), shown(&row).to_string())));
            if newest.len() > args.last {
                newest.pop();
            }
        }
    }
    for Reverse((_, _, shown)) in newest.into_sorted_vec().into_iter().rev() {
        writeln!(out, "{shown}")?;
    }
    Ok(Ending::Good)
}

fn row_shown(finding: &RowFinding) -> Value {
    match finding {
        RowFinding::Altered(row) | RowFinding::RolledBack(row) => {
            json!({"finding": finding.code(), "row": row})
        }
        // What it was is what the log says there.
        RowFinding::Gone(Place { tenant, chain, seq })
        | RowFinding::Unrecorded(Place { tenant, chain, seq }) => json!({
            "finding": finding.code(),
            "merchant": tenant.as_str(),
            "chain": chain,
            "number": seq,
        }),
    }
}

fn is_wanted(args: &ListArgs, row: &AuditRow) -> bool {
    args.merchant.as_ref().is_none_or(|merchant| row.place.tenant.as_str() == merchant)
        && args.action.as_ref().is_none_or(|action| row.action == *action)
        && args.object.as_ref().is_none_or(|object| row.object.split(' ').any(|part| part == object))
}

fn shown(row: &AuditRow) -> Value {
    let Place { tenant, chain, seq } = &row.place;
    json!({
        "at_ms": row.at_ms,
        "merchant": tenant.as_str(),
        "chain": chain,
        "number": seq,
        "actor": row.actor,
        "action": row.action,
        "object": row.object,
        "request": row.request,
    })
}

fn line(out: &mut dyn io::Write, value: &Value) -> io::Result<()> {
    writeln!(out, "{value}")
}
