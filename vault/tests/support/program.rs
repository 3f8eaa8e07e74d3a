//! Starting the program, and talking to it over a socket.

#![allow(dead_code, reason = "each test program uses its own part of this")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

#[path = "program/card.rs"]
pub(crate) mod card;
#[path = "program/kept.rs"]
mod kept;

use std::{
    fs,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStderr, ChildStdout, Command, Output, Stdio},
    thread,
    time::Duration,
};

use serde_json::Value;
use vault::config::settings::SETTINGS;

/// Where browsers would reach it; fixed, so that it is the same after a restart on another port.
pub(crate) const PUBLIC_URL: &str = "http://vault.localhost:8700";

pub(crate) const SHOP_ORIGIN: &str = "http://localhost:8800";

/// A running vault; killed when it is dropped.
pub(crate) struct Program {
    child: Child,
    // Kept open, so that the vault can go on writing.
    _stdout: BufReader<ChildStdout>,
    pub(crate) ready: Value,
    address: String,
}

impl Program {
    /// Starts `serve --dev` on a directory, and waits for its first line.
    pub(crate) fn start(data: &Path) -> Self {
        let mut program = command();
        program
            .args(["serve", "--dev", "--listen", "127.0.0.1:0", "--public-url", PUBLIC_URL, "--data"])
            .arg(data);
        Self::spawn(program)
    }

    /// Starts a command that serves, and waits for its first line.
    pub(crate) fn spawn(program: Command) -> Self {
        Self::spawn_with(program, Stdio::null()).0
    }

    /// The same, with something else done with what it logs.
    pub(crate) fn spawn_with(mut program: Command, log: Stdio) -> (Self, Option<ChildStderr>) {
        program.stderr(log);
        let mut spawned = Self::try_spawn(program).expect("the vault starts");
        let stderr = spawned.child.stderr.take();
        (spawned, stderr)
    }

    /// Starts a command that serves, and waits for its first line; `None` if it ends before that.
    pub(crate) fn try_spawn(mut program: Command) -> Option<Self> {
        let mut child = program.stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        if line.is_empty() {
            child.wait().unwrap();
            return None;
        }
        let mut ready: Value = serde_json::from_str(&line).unwrap();
        let address = ready.as_object_mut().unwrap().remove("listening").unwrap();
        let address = address.as_str().unwrap().to_owned();
        Some(Self { child, _stdout: stdout, ready, address })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Whether it has ended by itself, and if so, whether in good order.
    pub(crate) fn ended(&mut self) -> Option<bool> {
        self.child.try_wait().unwrap().map(|status| status.success())
    }

    /// A client of this vault.
    pub(crate) fn client(&self) -> Client {
        let key = |name: &str| self.ready[name].as_str().unwrap_or_default().to_owned();
        Client { address: self.address.clone(), pk: key("publishable_key"), sk: key("secret_key") }
    }

    /// Kills it at once (SIGKILL), in the middle of whatever it does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it has ended by itself, if it has to; whether it has.
    pub(crate) fn ended_within_patience(&mut self, has_to: bool) -> bool {
        for _ in 0..600 {
            let ended = self.ended();
            if ended.is_some() || !has_to {
                return ended.is_some();
            }
            // A child that somebody else watches has no event to wait for with a limit.
            thread::sleep(Duration::from_millis(100));
        }
        panic!("the vault goes on after a commit that failed");
    }

    /// Kills it, and waits until strace has written down the end.
    pub(crate) fn kill_watched(mut self, record: &Path) {
        drop(self.child.kill());
        self.child.wait().unwrap();
        let id = self.child.id().to_string();
        let is_end = |line: &str| line.split_whitespace().take(2).eq([id.as_str(), "+++"]);
        while !fs::read_to_string(record).unwrap().lines().rev().take(5).any(is_end) {
            // The watcher is not our child.
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Asks it to end (SIGTERM), and returns whether it did so in good order.
    pub(crate) fn terminate(self) -> bool {
        self.signal("TERM");
        self.wait()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let asked = Command::new("kill").args(["-s", name, &self.id().to_string()]).status().unwrap();
        assert!(asked.success());
    }

    /// Waits for its end, and returns whether it was in good order.
    pub(crate) fn wait(mut self) -> bool {
        self.child.wait().unwrap().success()
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Already gone, if all went well.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The program, without anything in its environment that could configure it.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tessera-vault"));
    for setting in SETTINGS {
        command.env_remove(setting.variable);
    }
    for name in ["TESSERA_KEK", "TESSERA_CONFIG"] {
        command.env_remove(name);
    }
    command
}

/// Runs the program to its end.
pub(crate) fn run(args: &[&str]) -> Output {
    command().args(args).output().unwrap()
}

/// How long an answer may take before its connection counts as lost. Nothing is judged by it: it keeps a row from waiting
/// for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// One connection for each request.
#[derive(Clone)]
pub(crate) struct Client {
    address: String,
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Client {
    /// Where the vault listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Sends a request with a key and reads the whole answer; any failure of the connection is an error.
    pub(crate) fn raw(
        &self,
        key: &str,
        method: &str,
        path: &str,
        more: &str,
        body: &str,
    ) -> io::Result<String> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: vault\r\nconnection: close\r\nauthorization: Bearer {key}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n{more}\r\n{body}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// Sends a request with a key; any failure of the connection is an error.
    pub(crate) fn call(
        &self,
        key: &str,
        method: &str,
        path: &str,
        more: &str,
        body: &str,
    ) -> io::Result<(u16, Value)> {
        let answer = self.raw(key, method, path, more, body)?;
        let broken = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(broken)?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(broken)?;
        Ok((status, serde_json::from_str(body).map_err(|_| broken())?))
    }

    /// Sends a request of the merchant's server.
    pub(crate) fn server(&self, method: &str, path: &str, body: &Value) -> io::Result<(u16, Value)> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.call(&self.sk, method, path, "", &body)
    }
}
