//! The table of the rows: one line each, of which the document keeps the newest.

use serde_json::Value;

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::workspace::Workspace;

const HEAD: &str = "\
| row | figures | acknowledged | unknown | lost | double | wrong | seconds | seed | commit | day | machine |
|---|---|---:|---:|---:|---:|---:|---:|---:|---|---|---|
";

/// When, of what and where rows were run.
#[derive(Debug)]
pub(super) struct Stamp {
    commit: String,
    day: String,
    machine: String,
}

impl Stamp {
    /// This run's.
    ///
    /// # Errors
    /// When there is no git, or not the other programs that know these things.
    pub(super) fn now(workspace: &Workspace) -> Result<Self, Failure> {
        let commit =
            Invocation::new("git").words("rev-parse --short=10 HEAD").within(workspace.root()).output()?;
        let changed = Invocation::new("git")
            .words("status --porcelain -- . :!docs")
            .within(workspace.root())
            .output()?;
        let changed = if changed.trim().is_empty() { "" } else { " and changes" };
        let day = Invocation::new("date").words("-u +%Y-%m-%d").output()?;
        let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
        let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = processor.lines().find_map(|line| line.strip_prefix("model name")?.split(':').nth(1));
        let machine = format!("{cores} × {}", model.unwrap_or("cores").trim());
        Ok(Self { commit: format!("{}{changed}", commit.trim()), day: day.trim().to_owned(), machine })
    }

    /// The line of a row.
    pub(super) fn line(&self, name: &str, row: &Value) -> String {
        let of = |member: &str| row.get(member).map(ToString::to_string).unwrap_or_default();
        let figures = row.get("figures").and_then(Value::as_object).into_iter().flatten();
        let figures: Vec<_> = figures.map(|(what, figure)| format!("{what}: {figure}")).collect();
        let mut figures = figures.join(", ");
        if let Some(why) = row.get("skipped").and_then(Value::as_str) {
            figures = format!("**not run**: {why}");
        }
        if row.get("failed").is_some() {
            figures = format!("**FAILED** {figures}");
        }
        format!(
            "| {name} | {figures} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
            of("acknowledged"),
            of("unknown"),
            of("lost"),
            of("double"),
            of("wrong"),
            of("seconds"),
            of("seed"),
            self.commit,
            self.day,
            self.machine,
        )
    }
}

/// A table of lines.
pub(super) fn whole<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    HEAD.to_owned() + &lines.into_iter().collect::<String>()
}

/// The table with the new lines, and the older ones of rows that have no new one.
pub(super) fn merged(order: &[&str], kept: &str, new: &[(&str, String)]) -> String {
    let older = |name: &str| {
        kept.lines().find(|line| line.starts_with(&format!("| {name} |"))).map(|line| format!("{line}\n"))
    };
    let newest = |name: &&str| {
        new.iter().find(|(other, _)| other == name).map(|(_, line)| line.clone()).or_else(|| older(name))
    };
    let lines: Vec<_> = order.iter().filter_map(newest).collect();
    whole(lines.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rows_that_were_not_run_keep_their_lines() {
        let stamp =
            Stamp { commit: "c0ffee".to_owned(), day: "2026-11-29".to_owned(), machine: "2".to_owned() };
        let row = json!({"figures": {"kills": 7}, "acknowledged": 9, "lost": 0, "seed": 5, "seconds": 1.5});
        let line = stamp.line("b", &row);
        assert_eq!(line, "| b | kills: 7 | 9 |  | 0 |  |  | 1.5 | 5 | c0ffee | 2026-11-29 | 2 |\n");
        let older = "| row | x |\n|---|---|\n| a | older |\n| b | older |\n| gone | older |";
        let table = merged(&["a", "b", "c"], older, &[("b", line.clone())]);
        assert_eq!(table, format!("{HEAD}| a | older |\n{line}"));
        assert!(stamp.line("b", &json!({"skipped": "no strace"})).contains("**not run**: no strace"));
        assert!(stamp.line("b", &json!({"failed": true})).contains("**FAILED**"));
    }
}
