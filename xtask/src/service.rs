//! A program that keeps running: started, known to be ready, and ended in order.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::failure::{Attempt, Failure};
use crate::invocation::Invocation;

/// How long a service may take until its first line. It is long because a loaded machine is slow, and it
/// is never waited for when the line is there.
const READY_LIMIT: Duration = Duration::from_secs(60);
/// How long a service may take to end after it was asked to.
const END_LIMIT: Duration = Duration::from_secs(10);

/// What happens while services run.
#[derive(Debug)]
pub(crate) enum Event {
    /// A service printed its first line.
    Ready {
        /// The service's name.
        name: &'static str,
        /// The line, without its end.
        line: String,
    },
    /// A service ended.
    Ended {
        /// The service's name.
        name: &'static str,
        /// How, as far as the system could tell.
        how: String,
    },
    /// The developer, or the system, asked to stop.
    Stop,
}

/// The running services, in the order they were started.
#[derive(Debug)]
pub(crate) struct Services {
    events: Receiver<Event>,
    sender: Sender<Event>,
    running: Vec<Service>,
}

#[derive(Debug)]
struct Service {
    name: &'static str,
    process: Pid,
}

/// Why services are no longer waited for.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// Somebody asked for it.
    Asked,
    /// One of them went wrong.
    Failed(Failure),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Services {
    /// No service yet; `sender` is where stop requests come from.
    pub(crate) fn new(sender: Sender<Event>, events: Receiver<Event>) -> Self {
        Self { events, sender, running: Vec::new() }
    }

    /// Starts a service and gives its first line of output; later lines go to stderr.
    ///
    /// # Errors
    /// When it cannot be started, ends, is too slow, or a stop is asked for meanwhile.
    pub(crate) fn start(&mut self, name: &'static str, invocation: Invocation) -> Result<String, Stopped> {
        let shown = invocation.to_string();
        eprintln!("==> {name}: {shown}");
        let mut command = invocation.into_command();
        // In a process group of its own, so that Ctrl-C reaches only this command, which ends them in order.
        command.stdin(Stdio::null()).stdout(Stdio::piped()).process_group(0);
        let mut child = command.spawn().attempt(format!("cannot start `{shown}`"))?;
        let output = child.stdout.take().ok_or_else(|| Failure::new(format!("{name} has no output")))?;
        self.running.push(Service { name, process: Pid::from_child(&child) });
        let sender = self.sender.clone();
        thread::spawn(move || watch(name, child, output, &sender));
        self.first_line(name)
    }

    /// Waits until something ends the services.
    pub(crate) fn wait(&mut self) -> Stopped {
        loop {
            match self.events.recv() {
                Ok(Event::Ready { .. }) => {}
                Ok(Event::Ended { name, how }) => return self.ended(name, &how),
                Ok(Event::Stop) => return Stopped::Asked,
                Err(error) => return Stopped::Failed(Failure::new(error.to_string())),
            }
        }
    }

    /// Ends all services, the last started first: asks, and after [`END_LIMIT`] kills.
    pub(crate) fn end(mut self) {
        while let Some(service) = self.running.last() {
            let name = service.name;
            signal(service, Signal::TERM);
            if !self.is_gone_within(name, END_LIMIT) {
                eprintln!("{name} did not end within {} s and is killed", END_LIMIT.as_secs());
                if let Some(service) = self.running.last() {
                    signal(service, Signal::KILL);
                }
                self.is_gone_within(name, END_LIMIT);
            }
            self.running.retain(|service| service.name != name);
        }
    }

    fn first_line(&mut self, awaited: &'static str) -> Result<String, Stopped> {
        let deadline = Instant::now() + READY_LIMIT;
        loop {
            match self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(Event::Ready { name, line }) if name == awaited => return Ok(line),
                Ok(Event::Ready { .. }) => {}
                Ok(Event::Ended { name, how }) => return Err(self.ended(name, &how)),
                Ok(Event::Stop) => return Err(Stopped::Asked),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    let limit = READY_LIMIT.as_secs();
                    return Err(Failure::new(format!("{awaited} was not ready within {limit} s")).into());
                }
            }
        }
    }

    fn ended(&mut self, name: &'static str, how: &str) -> Stopped {
        self.running.retain(|service| service.name != name);
        Stopped::Failed(
            Failure::new(format!("{name} ended by itself ({how})")).mend("what it printed above says why"),
        )
    }

    fn is_gone_within(&mut self, awaited: &str, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        loop {
            match self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(Event::Ended { name, .. }) => {
                    self.running.retain(|service| service.name != name);
                    if name == awaited {
                        return true;
                    }
                }
                Ok(Event::Ready { .. } | Event::Stop) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return false,
            }
        }
    }
}

/// Reports the first line and the end of one service. It runs in a thread of its own.
fn watch(name: &'static str, mut child: Child, output: ChildStdout, sender: &Sender<Event>) {
    let mut lines = BufReader::new(output).lines().map_while(Result::ok);
    if let Some(line) = lines.next() {
        // Nobody listens any more only when this command is about to end.
        let _ = sender.send(Event::Ready { name, line });
    }
    for line in lines {
        eprintln!("{name}: {line}");
    }
    let how = child.wait().map_or_else(|error| error.to_string(), |status: ExitStatus| status.to_string());
    let _ = sender.send(Event::Ended { name, how });
}

fn signal(service: &Service, signal: Signal) {
    // It fails only when the process is gone already, which is what was wanted.
    let _ = kill_process(service.process, signal);
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn services() -> Services {
        let (sender, events) = mpsc::channel();
        Services::new(sender, events)
    }

    fn shell(script: &str) -> Invocation {
        Invocation::new("sh").arg("-c").arg(script)
    }

    #[test]
    fn a_service_is_ready_with_its_first_line_and_ends_when_asked() {
        let mut services = services();
        let line = services.start("echo", shell("echo ready; exec cat /dev/zero >/dev/null")).unwrap();
        assert_eq!(line, "ready");
        services.end();
    }

    #[test]
    fn a_service_that_ends_before_it_is_ready_is_a_failure() {
        let Err(Stopped::Failed(failure)) = services().start("broken", shell("exit 3")) else {
            panic!("it cannot be ready");
        };
        assert!(failure.to_string().starts_with("broken ended by itself (exit status: 3)"), "{failure}");
    }

    #[test]
    fn a_service_that_ends_later_stops_the_wait() {
        let mut services = services();
        services.start("brief", shell("echo ready; exit 4")).unwrap();
        let Stopped::Failed(failure) = services.wait() else { panic!("nobody asked for a stop") };
        assert!(failure.to_string().contains("exit status: 4"), "{failure}");
    }
}
