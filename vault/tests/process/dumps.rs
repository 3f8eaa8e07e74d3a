//! What is in memory stays there.
#![cfg(target_os = "linux")]

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::Path,
    process::Command,
};

use crate::program::{Program, command};

/// A user who is not root: nobody else can tell whether the owner of a process may look into it.
const NOBODY: u32 = 65_534;

/// The right to lock memory, in a set of capabilities.
const IPC_LOCK: u64 = 1 << 14;

/// A vault of a user who is not root, where the tests are root's, with further words for setpriv.
fn served(dir: &Path, rights: &[&str]) -> Program {
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let data = dir.join("data");
    fs::create_dir(&data).unwrap();
    let plain = command();
    let mut serve = if is_root {
        // A copy that everybody may run, wherever the program lies.
        let program = dir.join("tessera-vault");
        fs::copy(plain.get_program(), &program).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).unwrap();
        chown(&data, Some(NOBODY), Some(NOBODY)).unwrap();
        let mut serve = Command::new("setpriv");
        serve.args([&format!("--reuid={NOBODY}"), &format!("--regid={NOBODY}"), "--clear-groups"]);
        serve.args(rights).arg("--").arg(program);
        serve
    } else {
        plain
    };
    serve.args(["serve", "--dev", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
    Program::spawn(serve)
}

/// A line of the status of a process.
fn status(program: &Program, of: &str) -> String {
    let status = fs::read_to_string(format!("/proc/{}/status", program.id())).unwrap();
    status.lines().find_map(|line| line.strip_prefix(of)).unwrap().trim().to_owned()
}

/// How much of a process is locked, and how much there is of it, in kB.
fn locked(program: &Program) -> (u64, u64) {
    let of = |what| status(program, what).split_whitespace().next().unwrap().parse().unwrap();
    (of("VmLck:"), of("VmRSS:"))
}

#[test]
fn memory_is_locked_with_the_right_to_and_the_vault_runs_without() {
    let dir = tempfile::tempdir().unwrap();
    let program = served(dir.path(), &[]);
    let limits = fs::read_to_string(format!("/proc/{}/limits", program.id())).unwrap();
    let limit = limits.lines().find(|line| line.starts_with("Max locked memory")).unwrap();
    if !limit.contains("unlimited") {
        assert_eq!(locked(&program).0, 0, "{limit}");
    }
    assert!(program.terminate());

    let mine = fs::read_to_string("/proc/self/status").unwrap();
    let mine = mine.lines().find_map(|line| line.strip_prefix("CapEff:")).unwrap();
    if u64::from_str_radix(mine.trim(), 16).unwrap() & IPC_LOCK == 0 {
        eprintln!("    nobody here has the right to lock memory: that it is locked was not looked at");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let program = served(dir.path(), &["--inh-caps=+ipc_lock", "--ambient-caps=+ipc_lock"]);
    let (locked, resident) = locked(&program);
    assert!(locked >= resident, "{locked} kB of {resident} kB are locked");
    assert!(program.terminate());
}

#[test]
fn there_are_no_core_dumps_and_nobody_looks_into_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let program = served(dir.path(), &[]);
    let proc = format!("/proc/{}", program.id());
    let limits = fs::read_to_string(format!("{proc}/limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).collect::<Vec<_>>(), ["0", "0", "bytes"], "{core}");
    // The files of a process that may not be dumped are root's: its own user cannot open its memory.
    let user = status(&program, "Uid:");
    assert!(!user.split_whitespace().any(|id| id == "0"), "the test itself: {user}");
    assert_eq!(fs::metadata(format!("{proc}/mem")).unwrap().uid(), 0);
    assert!(program.terminate());
}
