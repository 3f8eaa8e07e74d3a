//! `cargo xtask gallery`: a vault, and a page with every state, theme, layout and language of the form.

use std::io::{self, Write};
use std::sync::mpsc;

use crate::demo;
use crate::failure::{Attempt, Failure};
use crate::invocation::Invocation;
use crate::package;
use crate::service::{Services, Stopped};
use crate::tools::npm;
use crate::workspace::Workspace;

/// Builds what is missing, runs both on free ports, and ends them when asked to. The first line on stdout says where
/// the page is.
///
/// # Errors
/// When something cannot be built or started, or one of the two ends by itself.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    npm::ensure_node()?;
    package::build(workspace)?;
    let vault = demo::build_vault(workspace)?;
    let (sender, events) = mpsc::channel();
    demo::report_signals(sender.clone())?;
    let data = demo::DataDirectory::open(None)?;
    let mut services = Services::new(sender, events);
    let port = demo::free_port()?;
    let serve = Invocation::new(vault)
        .words("serve --dev --listen 127.0.0.1:0 --data")
        .arg(data.path())
        .arg("--allow-origin")
        .arg(format!("http://localhost:{port}"))
        .within(workspace.root());
    let stopped = match start(workspace, serve, port, &mut services) {
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
    serve: Invocation,
    port: u16,
    services: &mut Services,
) -> Result<(), Stopped> {
    let vault = demo::object(&services.start("vault", serve)?, "vault")?;
    let gallery = Invocation::new("node")
        .arg(workspace.path("www/gallery/server.mjs"))
        .arg("--port")
        .arg(port.to_string())
        .arg("--vault")
        .arg(demo::text(&vault, "vault")?)
        .arg("--publishable-key")
        .arg(demo::text(&vault, "publishable_key")?);
    let line = services.start("gallery", gallery)?;
    let page = demo::object(&line, "gallery")?;
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).attempt("stdout")?;
    eprintln!("==> ready: open {} (Ctrl-C ends it)", demo::text(&page, "gallery")?);
    Ok(())
}
