//! One run of another program, with its progress on stderr.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{Attempt, Failure};

/// How often a long step says that it is still alive.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// A program with its arguments, ready to run once.
#[derive(Debug)]
pub(crate) struct Invocation {
    command: Command,
    named: Vec<(String, OsString)>,
}

impl Invocation {
    /// The program `program` without arguments.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        // What cargo says of xtask itself. Build scripts of dependencies ask for the same names, so that with them all that
        // depends on one of those would be built anew after every build by hand, and the other way round.
        for name in std::env::vars_os().map(|(name, _)| name).filter(|name| is_of_xtask(name)) {
            command.env_remove(name);
        }
        Self { command, named: Vec::new() }
    }

    /// Cargo of the toolchain that runs this command.
    pub(crate) fn cargo() -> Self {
        Self::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
    }

    /// Adds one argument.
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Adds arguments that are separated by white space in `arguments`.
    pub(crate) fn words(mut self, arguments: &str) -> Self {
        self.command.args(arguments.split_whitespace());
        self
    }

    /// Sets an environment variable that a developer would have to set as well.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.named.push((name.to_owned(), value.as_ref().to_owned()));
        self.command.env(name, value);
        self
    }

    /// Sets an environment variable that must not be shown, such as a key.
    pub(crate) fn secret_env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs in the directory `path`.
    pub(crate) fn within(mut self, path: &Path) -> Self {
        self.command.current_dir(path);
        self
    }

    /// Runs to the end, saying what is done, why, and how long it took.
    ///
    /// What the program prints goes to stderr: stdout belongs to results.
    ///
    /// # Errors
    /// When the program cannot be started or does not succeed; the failure names the command to repeat.
    pub(crate) fn run(mut self, what: &str, why: &str) -> Result<(), Failure> {
        let shown = self.to_string();
        eprintln!("==> {what}: {why}\n    {shown}");
        let status =
            timed(what, || self.command.stdin(Stdio::null()).stdout(Stdio::from(io::stderr())).status())
                .attempt(format!("cannot start `{shown}`"))?;
        if status.success() {
            return Ok(());
        }
        Err(Failure::new(format!("{what} failed ({status})")).mend(format!("to repeat it: {shown}")))
    }

    /// Whether the program can be run and succeeds; it prints nothing.
    pub(crate) fn succeeds(mut self) -> bool {
        let quiet = self.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        quiet.status().is_ok_and(|status| status.success())
    }

    /// What the program prints to stdout.
    ///
    /// # Errors
    /// When it cannot be started, does not succeed, or prints something that is not UTF-8.
    pub(crate) fn output(mut self) -> Result<String, Failure> {
        let shown = self.to_string();
        let output = self.command.stdin(Stdio::null()).output().attempt(format!("cannot start `{shown}`"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Failure::new(format!("`{shown}` failed ({}): {}", output.status, said.trim())));
        }
        String::from_utf8(output.stdout).attempt(format!("`{shown}` did not print text"))
    }

    /// What the program prints to stdout when it reads `input` from stdin.
    ///
    /// # Errors
    /// As [`Self::output`].
    pub(crate) fn answer(mut self, input: &str) -> Result<String, Failure> {
        let shown = self.to_string();
        let spawned =
            self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.attempt(format!("cannot start `{shown}`"))?;
        let mut stdin = child.stdin.take();
        // Written from a thread of its own: the program may answer before it has read everything.
        let output = thread::scope(|scope| {
            scope.spawn(move || stdin.as_mut().map(|stdin| stdin.write_all(input.as_bytes())));
            child.wait_with_output()
        });
        let output = output.attempt(format!("`{shown}`"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Failure::new(format!("`{shown}` failed ({}): {}", output.status, said.trim())));
        }
        String::from_utf8(output.stdout).attempt(format!("`{shown}` did not print text"))
    }

    /// The underlying command, for a program that keeps running.
    pub(crate) fn into_command(self) -> Command {
        self.command
    }
}

impl fmt::Display for Invocation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let here = std::env::current_dir().ok();
        if let Some(directory) = self.command.get_current_dir().filter(|path| here.as_deref() != Some(*path))
        {
            write!(out, "cd {} && ", quoted(directory.as_os_str()))?;
        }
        for (name, value) in &self.named {
            write!(out, "{name}={} ", quoted(value))?;
        }
        let program = Path::new(self.command.get_program());
        // Cargo gives its own full path, which nobody would type.
        let is_cargo = program.file_name() == Some(OsStr::new("cargo"));
        out.write_str(&quoted(if is_cargo { OsStr::new("cargo") } else { program.as_os_str() }))?;
        for argument in self.command.get_args() {
            write!(out, " {}", quoted(argument))?;
        }
        Ok(())
    }
}

/// Does `work`, says every [`HEARTBEAT`] that it goes on, and at the end how long it took.
pub(crate) fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let (done, finished) = mpsc::channel::<()>();
    let answer = thread::scope(|scope| {
        scope.spawn(move || {
            while finished.recv_timeout(HEARTBEAT) == Err(mpsc::RecvTimeoutError::Timeout) {
                eprintln!("    {what}: still working after {} s", started.elapsed().as_secs());
            }
        });
        let answer = work();
        drop(done);
        answer
    });
    eprintln!("    {what}: {:.1} s", started.elapsed().as_secs_f64());
    answer
}

/// The word as a POSIX shell would need it.
fn quoted(word: &OsStr) -> String {
    let text = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Whether a variable is there because `cargo xtask` runs a package of its own.
fn is_of_xtask(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_does_not_see_what_cargo_says_of_this_one() {
        assert!(std::env::var_os("CARGO_PKG_NAME").is_some(), "cargo runs this test");
        let seen = Invocation::new("env").output().unwrap();
        assert!(seen.contains("PATH="));
        assert!(!seen.contains("CARGO_PKG_") && !seen.contains("CARGO_MANIFEST_"), "{seen}");
    }

    #[test]
    fn an_invocation_shows_what_a_developer_can_paste() {
        let shown = Invocation::new("npm")
            .words("ci --ignore-scripts")
            .arg("it's here")
            .env("PATH", "/a b:/c")
            .secret_env("KEY", "hidden")
            .to_string();
        assert_eq!(shown, r"PATH='/a b:/c' npm ci --ignore-scripts 'it'\''s here'");
    }

    #[test]
    fn a_failing_program_names_the_command_to_repeat() {
        let failure = Invocation::new("false").run("nothing", "a test").unwrap_err().to_string();
        assert!(failure.contains("to repeat it: false"), "{failure}");
    }
}
