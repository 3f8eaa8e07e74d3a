//! `tessera-vault`: configuration, then the library.

use std::{io, io::Write as _, process::ExitCode, sync::Arc};

use clap::Parser as _;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _};
use vault::{
    audit::{self, Requester},
    clock::SystemClock,
    config::{Command, CommandLine, Config, ServeArgs},
    loadgen,
    operator::{self, Ending},
    random::SystemRandom,
    serve::{self, ServeError},
    startup,
};

fn main() -> ExitCode {
    log_to_stderr();
    let command = CommandLine::parse().command;
    match run(&command) {
        Ok(Ending::Good) => ExitCode::SUCCESS,
        Ok(Ending::Bad) => ExitCode::FAILURE,
        Err(error) => {
            // Nothing is left to be done if not even this can be written.
            drop(writeln!(io::stderr(), "{error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<Ending, Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match command {
        Command::Serve(args) => {
            let config = read(args)?;
            runtime.block_on(async {
                let started = start(&config).await?;
                serve::serve(&config, started).await
            })?;
        }
        Command::AddMerchant(args) => {
            let config = read(args)?;
            runtime.block_on(async {
                let started = start(&config).await?;
                let made = startup::add_merchant(&started.vaulting, &config.allowed_origins);
                let keys = audit::asked_by(Requester::operator(), made).await?;
                // EXPOSE: printed once, because the vault keeps only hashes of them.
                let line = serde_json::json!({
                    "organization_id": keys.merchant.as_str(),
                    "publishable_key": keys.publishable.expose(),
                    "secret_key": keys.secret.expose(),
                });
                writeln!(io::stdout(), "{line}").map_err(ServeError::Io)
            })?;
        }
        Command::Keys(command) => runtime.block_on(operator::keys(command, &mut io::stdout()))?,
        Command::Loadgen(args) => {
            // One thread, which leaves the other processors to the vault.
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(loadgen::run(args, &|name| std::env::var(name).ok(), &mut io::stdout()))?;
        }
        Command::Audit(command) => {
            return Ok(runtime.block_on(operator::audit(command, &mut io::stdout()))?);
        }
    }
    Ok(Ending::Good)
}

fn read(args: &ServeArgs) -> Result<Config, Box<dyn std::error::Error>> {
    Ok(Config::read(args, &|name| std::env::var(name).ok())?)
}

async fn start(config: &Config) -> Result<startup::Started, ServeError> {
    Ok(startup::start(config, Arc::new(SystemClock), Arc::new(SystemRandom)).await?)
}

/// Only the vault's own lines: other crates may log what they are given, at one level or another.
fn log_to_stderr() {
    let level = match std::env::var("TESSERA_LOG").as_deref() {
        Ok("error") => tracing::Level::ERROR,
        Ok("warn") => tracing::Level::WARN,
        Ok("debug") => tracing::Level::DEBUG,
        Ok(_) | Err(_) => tracing::Level::INFO,
    };
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(false))
        .with(Targets::new().with_target("vault", level))
        .init();
    // The message of a panic may quote anything; its place is enough to find it.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(target: "vault", place, "panic");
    }));
}
