//! `cargo xtask demo`: the vault and the shop, built, started and ended together.

use std::fs;
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::failure::{Attempt, Failure};
use crate::invocation::Invocation;
use crate::package;
use crate::service::{Event, Services, Stopped};
use crate::tools::npm;
use crate::workspace::Workspace;

/// What the developer chose.
#[derive(Debug)]
pub(crate) struct Options {
    /// The shop's port; 0 for any free one.
    pub(crate) shop_port: u16,
    /// The vault's port; 0 for any free one.
    pub(crate) vault_port: u16,
    /// Where the vault keeps its data; a fresh temporary directory if absent.
    pub(crate) data: Option<PathBuf>,
}

/// Builds what is missing, runs vault and shop, and ends them when asked to.
///
/// # Errors
/// When something cannot be built or started, or one of the two ends by itself.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    npm::ensure_node()?;
    // Before the long build, because this is the most frequent mistake.
    ensure_free(options.vault_port, "--vault-port")?;
    ensure_free(options.shop_port, "--shop-port")?;
    package::build(workspace)?;
    let vault = build_vault(workspace)?;

    let (sender, events) = mpsc::channel();
    report_signals(sender.clone())?;
    let data = DataDirectory::open(options.data.as_deref())?;
    let mut services = Services::new(sender, events);
    let stopped = match start(workspace, options, &vault, data.path(), &mut services) {
        Ok(()) => services.wait(),
        Err(stopped) => stopped,
    };
    services.end();
    match stopped {
        Stopped::Asked => Ok(()),
        Stopped::Failed(failure) => Err(failure),
    }
}

fn start(
    workspace: &Workspace,
    options: &Options,
    vault: &Path,
    data: &Path,
    services: &mut Services,
) -> Result<(), Stopped> {
    let shop_port = match options.shop_port {
        0 => free_port()?,
        port => port,
    };
    let origins = [format!("http://localhost:{shop_port}"), format!("http://127.0.0.1:{shop_port}")];
    let mut serve = Invocation::new(vault).words("serve --dev --data").arg(data);
    serve = serve.arg("--listen").arg(format!("127.0.0.1:{}", options.vault_port)).within(workspace.root());
    for origin in &origins {
        serve = serve.arg("--allow-origin").arg(origin);
    }
    let vault_line = object(&services.start("vault", serve)?, "vault")?;

    let secret_key = text(&vault_line, "secret_key")?;
    let shop = Invocation::new("node")
        .arg(workspace.path("www/shop/server.mjs"))
        .arg("--port")
        .arg(shop_port.to_string())
        .arg("--vault")
        .arg(text(&vault_line, "vault")?)
        .arg("--organization-id")
        .arg(text(&vault_line, "organization_id")?)
        .arg("--publishable-key")
        .arg(text(&vault_line, "publishable_key")?)
        .secret_env("TESSERA_SECRET_KEY", secret_key);
    let shop_line = object(&services.start("shop", shop)?, "shop")?;

    let member = |line: &Value, name: &str| text(line, name).map(|text| json!(text));
    // Written member by member to keep the order people expect to read.
    let ready = format!(
        concat!(
            r#"{{"ready":true,"shop":{},"vault":{},"organization_id":{},"#,
            r#""publishable_key":{},"secret_key":{},"faces":{}}}"#,
        ),
        member(&shop_line, "shop")?,
        member(&vault_line, "vault")?,
        member(&vault_line, "organization_id")?,
        member(&vault_line, "publishable_key")?,
        member(&vault_line, "secret_key")?,
        faces(&vault_line)?,
    );
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{ready}").and_then(|()| stdout.flush()).attempt("stdout")?;
    eprintln!("==> ready: open {} (Ctrl-C ends it)", text(&shop_line, "shop")?);
    Ok(())
}

/// Builds the vault for development; gives the executable.
pub(crate) fn build_vault(workspace: &Workspace) -> Result<PathBuf, Failure> {
    Invocation::cargo()
        .words("build --package vault")
        .within(workspace.root())
        .run("vault", "the server that exchanges sealed cards for tokens")?;
    Ok(workspace.target().join("debug/tessera-vault"))
}

fn ensure_free(port: u16, flag: &str) -> Result<(), Failure> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map(drop).map_err(|error| {
        Failure::new(format!("port {port} of 127.0.0.1 cannot be used: {error}"))
            .mend(format!("end what uses it, or choose another with {flag} PORT (0: any free one)"))
    })
}

/// A port that nobody uses now. The vault must know the shop's origin before the shop starts.
pub(crate) fn free_port() -> Result<u16, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).attempt("no free port")?;
    Ok(listener.local_addr().attempt("no free port")?.port())
}

pub(crate) fn report_signals(sender: Sender<Event>) -> Result<(), Failure> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).attempt("cannot listen for signals")?;
    thread::spawn(move || {
        for _ in signals.forever() {
            // Nobody listens any more only when this command is about to end.
            let _ = sender.send(Event::Stop);
        }
    });
    Ok(())
}

/// The faces' addresses as JSON, the vault's own first.
fn faces(vault_line: &Value) -> Result<String, Failure> {
    let faces = vault_line.get("faces").unwrap_or(&Value::Null);
    let members = ["native", "fluidpay", "paydock", "flute", "paymentsai"].map(|name| {
        let address = text(faces, name)?;
        Ok(format!("{}:{}", json!(name), json!(address)))
    });
    let members: Result<Vec<_>, Failure> = members.into_iter().collect();
    Ok(format!("{{{}}}", members?.join(",")))
}

pub(crate) fn object(line: &str, name: &str) -> Result<Value, Failure> {
    // The line may hold a key: it is not repeated.
    serde_json::from_str(line).map_err(|_| Failure::new(format!("the first line of the {name} is not JSON")))
}

pub(crate) fn text<'a>(line: &'a Value, name: &str) -> Result<&'a str, Failure> {
    let text = line.get(name).and_then(Value::as_str);
    text.ok_or_else(|| Failure::new(format!("the first line of a service lacks `{name}`")))
}

/// Where the vault keeps its data during this run.
#[derive(Debug)]
pub(crate) enum DataDirectory {
    /// The developer's own: kept.
    Given(PathBuf),
    /// Made for this run: removed at its end.
    Temporary(PathBuf),
}

impl DataDirectory {
    pub(crate) fn open(given: Option<&Path>) -> Result<Self, Failure> {
        if let Some(given) = given {
            fs::create_dir_all(given).attempt(given.display())?;
            // The vault runs in another directory.
            return Ok(Self::Given(given.canonicalize().attempt(given.display())?));
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let path = std::env::temp_dir().join(format!("tessera-demo-{}-{now}", std::process::id()));
        // Not readable for others: it will hold keys.
        fs::DirBuilder::new().mode(0o700).create(&path).attempt(path.display())?;
        Ok(Self::Temporary(path))
    }

    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Given(path) | Self::Temporary(path) => path,
        }
    }
}

impl Drop for DataDirectory {
    fn drop(&mut self) {
        match self {
            Self::Given(_) => {}
            Self::Temporary(path) => {
                if let Err(error) = fs::remove_dir_all(&*path) {
                    eprintln!("{} could not be removed: {error}", path.display());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_named_with_the_flag_to_change_it() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let failure = ensure_free(port, "--shop-port").unwrap_err().to_string();
        assert!(failure.contains(&port.to_string()) && failure.contains("--shop-port"), "{failure}");
    }

    #[test]
    fn only_a_temporary_data_directory_is_removed() {
        let temporary = DataDirectory::open(None).unwrap();
        let path = temporary.path().to_owned();
        assert!(path.is_dir());
        assert!(DataDirectory::open(Some(&path)).unwrap().path().is_absolute());
        assert!(path.is_dir());
        drop(temporary);
        assert!(!path.exists());
    }
}
