//! The calls that a vault made, in the order in which the kernel took them, as strace writes them down.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::Command,
};

/// The calls that change files, make changes durable, or send answers.
const WATCHED: &str = "openat,open,creat,write,writev,pwrite64,pwritev,sendto,sendmsg,fsync,fdatasync,ftruncate,\
                       fallocate,unlink,unlinkat,rename,renameat,renameat2";

/// Why nothing can be watched here; `None` if it can.
pub(crate) fn obstacle() -> Option<String> {
    let probe = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).output();
    match probe {
        Ok(output) if output.status.success() => None,
        Ok(_) => Some("strace may not watch other processes here".to_owned()),
        Err(_) => Some("strace is missing (Debian's package `strace`)".to_owned()),
    }
}

/// A command under strace: the command is the child, and the watcher its descendant, so that it is killed as if nobody
/// watched. What it did is written to a file.
pub(crate) fn watched(command: &Command, record: &Path, more: &[&str]) -> Command {
    let mut watcher = Command::new("strace");
    watcher.args(["-D", "-f", "--seccomp-bpf", "-q", "-o"]).arg(record).args(more);
    watcher.arg("--").arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => watcher.env(name, value),
            None => watcher.env_remove(name),
        };
    }
    watcher
}

/// What strace has to be told for [`read`].
pub(crate) fn whole() -> [&'static str; 6] {
    ["-y", "-xx", "-s", "10000000", "-e", WATCHED]
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A file was made, or emptied, or only opened.
    Open {
        path: PathBuf,
        is_made: bool,
        is_emptied: bool,
    },
    /// Bytes were given to the kernel: at a place, or behind the last ones.
    Write {
        path: PathBuf,
        at: Option<u64>,
        bytes: Vec<u8>,
    },
    Truncate {
        path: PathBuf,
        len: u64,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Remove {
        path: PathBuf,
    },
    /// A sync was asked for. Its number tells which end belongs to it.
    SyncBegins {
        path: PathBuf,
        number: usize,
    },
    /// The kernel said that everything is on the disk that was there when the sync was asked for.
    SyncEnds {
        path: PathBuf,
        number: usize,
    },
    /// Bytes were sent to a client.
    Sent {
        bytes: Vec<u8>,
    },
}

/// Reads a record; `home` is the directory the program was started in.
pub(crate) fn read(record: &str, home: &Path) -> Vec<Event> {
    let mut events = Vec::new();
    // Calls that another thread's line interrupts: what they began with, and the sync they began.
    let mut unfinished: HashMap<&str, (String, Option<usize>)> = HashMap::new();
    let mut syncs = 0;
    for line in record.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let rest = rest.trim_start();
        if rest.starts_with("+++") || rest.starts_with("---") {
            continue;
        }
        if let Some(begun) = rest.strip_suffix(" <unfinished ...>") {
            let sync = begin(begun, &mut syncs, &mut events);
            // What is written may be on the disk, and what is sent may have arrived, from now on.
            let is_done = is_write(begun) && act(begun, home, &mut events);
            let kept = if is_done { String::new() } else { begun.to_owned() };
            unfinished.insert(thread, (kept, sync));
        } else if let Some(resumed) = rest.strip_prefix("<... ") {
            let Some((begun, sync)) = unfinished.remove(thread) else { continue };
            let ended = resumed.split_once(" resumed>").map_or("", |(_, end)| end);
            if begun.is_empty() {
                continue;
            }
            finish(&format!("{begun}{ended}"), sync, home, &mut events);
        } else {
            let sync = begin(rest, &mut syncs, &mut events);
            finish(rest, sync, home, &mut events);
        }
    }
    events
}

fn name(call: &str) -> &str {
    call.split('(').next().unwrap_or_default()
}

fn is_write(call: &str) -> bool {
    ["write", "writev", "pwrite64", "pwritev", "sendto", "sendmsg"].contains(&name(call))
}

/// A sync that begins.
fn begin(call: &str, syncs: &mut usize, events: &mut Vec<Event>) -> Option<usize> {
    if !["fsync", "fdatasync"].contains(&name(call)) {
        return None;
    }
    let path = open_file(call)?;
    *syncs += 1;
    events.push(Event::SyncBegins { path, number: *syncs });
    Some(*syncs)
}

fn finish(call: &str, sync: Option<usize>, home: &Path, events: &mut Vec<Event>) {
    // From the end: texts may hold anything.
    let Some((_, outcome)) = call.rsplit_once(" = ") else { return };
    if outcome.starts_with('-') || outcome.starts_with('?') {
        return;
    }
    match sync {
        Some(number) => {
            let path = open_file(call).expect("a sync names its file");
            events.push(Event::SyncEnds { path, number });
        }
        None => {
            act(call, home, events);
        }
    }
}

/// Adds what a call did; whether it is one of those that are known.
fn act(call: &str, home: &Path, events: &mut Vec<Event>) -> bool {
    let texts = || texts(call);
    let path = |index: usize| texts().get(index).map(|bytes| home.join(as_path(bytes)));
    let event = match name(call) {
        "openat" | "open" | "creat" => path(0).map(|path| Event::Open {
            path,
            is_made: call.contains("O_CREAT") || name(call) == "creat",
            is_emptied: call.contains("O_TRUNC") || name(call) == "creat",
        }),
        "pwrite64" | "pwritev" => {
            let arguments = call.rsplit_once(')').map_or(call, |(arguments, _)| arguments);
            let at = arguments.rsplit_once(", ").and_then(|(_, at)| at.trim_end_matches(')').parse().ok());
            open_file(call).map(|path| Event::Write {
                path,
                at: Some(at.expect("a place")),
                bytes: texts().concat(),
            })
        }
        "write" | "writev" | "sendto" | "sendmsg" => match descriptor(call) {
            Some(target) if target.starts_with(b"/") => {
                Some(Event::Write { path: as_path(&target), at: None, bytes: texts().concat() })
            }
            Some(target) if target.starts_with(b"socket:") || target.starts_with(b"TCP") => {
                Some(Event::Sent { bytes: texts().concat() })
            }
            Some(_) | None => None,
        },
        "ftruncate" => {
            let len = call.split(", ").nth(1).and_then(|len| len.split(')').next()?.parse().ok());
            open_file(call).map(|path| Event::Truncate { path, len: len.expect("a length") })
        }
        "fallocate" => panic!("the model of the disk does not know fallocate"),
        "rename" | "renameat" | "renameat2" => {
            path(0).zip(path(1)).map(|(from, to)| Event::Rename { from, to })
        }
        "unlink" | "unlinkat" => path(0).map(|path| Event::Remove { path }),
        _ => return false,
    };
    events.extend(event);
    true
}

/// What the first argument, a file descriptor, belongs to.
fn descriptor(call: &str) -> Option<Vec<u8>> {
    let inner = call.split_once('<')?.1.split_once('>')?.0;
    Some(if inner.starts_with("\\x") { decode(inner) } else { inner.as_bytes().to_vec() })
}

fn open_file(call: &str) -> Option<PathBuf> {
    descriptor(call).filter(|target| target.starts_with(b"/")).map(|target| as_path(&target))
}

fn as_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(std::str::from_utf8(bytes).expect("our paths are text"))
}

/// All texts in quotes; they are written in hexadecimal digits, so none holds a quote.
fn texts(call: &str) -> Vec<Vec<u8>> {
    call.split('"').skip(1).step_by(2).map(decode).collect()
}

fn decode(text: &str) -> Vec<u8> {
    assert!(!text.contains("..."), "a text was cut off");
    text.as_bytes()
        .chunks(4)
        .map(|escape| u8::from_str_radix(std::str::from_utf8(&escape[2..]).unwrap(), 16).unwrap())
        .collect()
}

#[test]
fn a_record_is_read_in_the_order_in_which_things_are_known() {
    // `/d/f`, `ab`, a socket, `ok`.
    let file = r"\x2f\x64\x2f\x66";
    let record = format!(
        "1 openat(AT_FDCWD<\\x2f\\x64>, \"\\x66\", O_RDWR|O_CREAT, 0600) = 3<{file}>\n\
         1 pwrite64(3<{file}>, \"\\x61\\x62\", 2, 4096 <unfinished ...>\n\
         2 writev(4<\\x73\\x6f\\x63\\x6b\\x65\\x74\\x3a>, [{{iov_base=\"\\x6f\", iov_len=1}}, {{iov_base=\"\\x6b\", iov_len=1}}], 2) = 2\n\
         1 <... pwrite64 resumed>) = 2\n\
         1 fsync(3<{file}> <unfinished ...>\n\
         2 write(5<\\x61\\x6e>, \"\\x01\", 1) = 1\n\
         1 <... fsync resumed>) = 0\n\
         1 fsync(3<{file}>) = -1 EIO (Input/output error) (INJECTED)\n\
         2 ftruncate(3<{file}>, 7) = 0\n\
         1 +++ killed by SIGKILL +++\n"
    );
    let path = PathBuf::from("/d/f");
    assert_eq!(
        read(&record, Path::new("/d")),
        [
            Event::Open { path: path.clone(), is_made: true, is_emptied: false },
            Event::Write { path: path.clone(), at: Some(4096), bytes: b"ab".to_vec() },
            Event::Sent { bytes: b"ok".to_vec() },
            Event::SyncBegins { path: path.clone(), number: 1 },
            Event::SyncEnds { path: path.clone(), number: 1 },
            Event::SyncBegins { path: path.clone(), number: 2 },
            Event::Truncate { path, len: 7 },
        ]
    );
}
