//! What is in memory stays there.
#![cfg(target_os = "linux")]

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    process::Command,
};

use crate::program::{Program, command};

/// A user who is not root: nobody else can tell whether the owner of a process may look into it.
const NOBODY: u32 = 65_534;

#[test]
fn there_are_no_core_dumps_and_nobody_looks_into_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let data = dir.path().join("data");
    fs::create_dir(&data).unwrap();
    let plain = command();
    let mut serve = if is_root {
        // A copy that everybody may run, wherever the program lies.
        let program = dir.path().join("tessera-vault");
        fs::copy(plain.get_program(), &program).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        chown(&data, Some(NOBODY), Some(NOBODY)).unwrap();
        let mut serve = Command::new("setpriv");
        serve.args([&format!("--reuid={NOBODY}"), &format!("--regid={NOBODY}"), "--clear-groups"]);
        serve.arg("--").arg(program);
        serve
    } else {
        plain
    };
    serve.args(["serve", "--dev", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
    let program = Program::spawn(serve);
    let proc = format!("/proc/{}", program.id());
    let limits = fs::read_to_string(format!("{proc}/limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).collect::<Vec<_>>(), ["0", "0", "bytes"], "{core}");
    // The files of a process that may not be dumped are root's: its own user cannot open its memory.
    let status = fs::read_to_string(format!("{proc}/status")).unwrap();
    let user = status.lines().find_map(|line| line.strip_prefix("Uid:")).unwrap();
    assert!(!user.split_whitespace().any(|id| id == "0"), "the test itself: {user}");
    assert_eq!(fs::metadata(format!("{proc}/mem")).unwrap().uid(), 0);
    assert!(program.terminate());
}
