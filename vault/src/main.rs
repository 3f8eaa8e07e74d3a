//! `tessera-vault`: configuration, then the library.

use std::{io, io::Write as _, process::ExitCode, sync::Arc};

use clap::Parser as _;
use tokio::runtime::Runtime;
use vault::{
    audit::{self, Requester},
    clock::SystemClock,
    config::{Command, CommandLine, Config, ConfigErrors, Mode, Saying, file},
    loadgen,
    locked_memory::{self, Swapping},
    metrics::metrics,
    no_dumps,
    operator::{self, Ending},
    random::SystemRandom,
    serve::{self, ServeError},
    startup,
    telemetry::Telemetry,
};

fn main() -> ExitCode {
    match prepared() {
        Ok(Ending::Good) => ExitCode::SUCCESS,
        Ok(Ending::Bad) => ExitCode::FAILURE,
        Err(error) => {
            // Nothing is left to be done if not even this can be written.
            drop(writeln!(io::stderr(), "{error}"));
            ExitCode::FAILURE
        }
    }
}

/// Everything around the command: what must be so before a key is read, and where lines and traces go.
fn prepared() -> Result<Ending, Box<dyn std::error::Error>> {
    no_dumps::forbid()?;
    let swapping = locked_memory::lock();
    let CommandLine { command, config } = CommandLine::parse();
    let mut wrong = file::load(config.as_deref());
    let (saying, more) = Saying::read(&command, &file::setting);
    wrong.extend(more);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let telemetry = Telemetry::start(&saying, runtime.handle().clone())?;
    // The message of a panic may quote anything; its place is enough to find it.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(target: "vault", place, "panic");
    }));
    metrics().memory_locked(swapping == Swapping::Forbidden);
    if swapping == Swapping::Possible && matches!(command, Command::Serve(_)) {
        tracing::warn!(target: "vault", "memory may be swapped out: give this process CAP_IPC_LOCK, or no limit for locked memory");
    }
    let outcome = run(&runtime, &command, wrong);
    telemetry.end();
    outcome
}

fn run(
    runtime: &Runtime,
    command: &Command,
    wrong: Vec<String>,
) -> Result<Ending, Box<dyn std::error::Error>> {
    if !matches!(command, Command::Serve(_) | Command::AddMerchant(_)) {
        ConfigErrors::with(wrong.clone(), Ok(()))?;
    }
    match command {
        Command::Serve(args) => {
            let config = ConfigErrors::with(wrong, Config::read(args, &file::setting))?;
            if config.mode == Mode::Production && !config.allowed_origins.is_empty() {
                tracing::warn!(
                    target: "vault",
                    "allow_origin changes no key that is there: make one with `keys api create --kind publishable --allow-origin`"
                );
            }
            // Before there are keys.
            startup::check_module(&config)?;
            runtime.block_on(async {
                let started = start(&config).await?;
                serve::serve(&config, started).await
            })?;
        }
        Command::AddMerchant(args) => {
            let config = ConfigErrors::with(wrong, Config::read(&args.serve, &file::setting))?;
            if config.allowed_origins.is_empty() {
                tracing::warn!(target: "vault", "without --allow-origin no page may use the publishable key");
            }
            runtime.block_on(async {
                let started = start(&config).await?;
                let made =
                    startup::add_merchant(&started.vaulting, &config.allowed_origins, args.key_use.key_use());
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
        Command::Keys(command) => {
            runtime.block_on(operator::keys(command, &mut io::stdin().lock(), &mut io::stdout()))?;
        }
        Command::Loadgen(args) => {
            // One thread, which leaves the other processors to the vault.
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(loadgen::run(args, &file::setting, &mut io::stdout()))?;
        }
        Command::Migrate(command) => runtime.block_on(operator::migrate(command, &mut io::stdout()))?,
        Command::Backup(command) => {
            return Ok(runtime.block_on(operator::backup(command, &mut io::stdout()))?);
        }
        Command::Restore(command) => runtime.block_on(operator::restore(command, &mut io::stdout()))?,
        Command::Audit(command) => {
            return Ok(runtime.block_on(operator::audit(command, &mut io::stdout()))?);
        }
    }
    Ok(Ending::Good)
}

async fn start(config: &Config) -> Result<startup::Started, ServeError> {
    Ok(startup::start(config, Arc::new(SystemClock), Arc::new(SystemRandom)).await?)
}
