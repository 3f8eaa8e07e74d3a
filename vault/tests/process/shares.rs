//! A vault whose key-encryption key is in the hands of several people.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use serde_json::Value;

use crate::program::{PUBLIC_URL, Program, command};

fn split(out: &Path, more: &[&str]) -> Vec<PathBuf> {
    let output = command().args(["keys", "kek", "split", "--out"]).arg(out).args(more).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let files: Vec<_> = lines.iter().map(|line| PathBuf::from(line["file"].as_str().unwrap())).collect();
    for file in &files {
        let share = fs::read_to_string(file).unwrap();
        assert!(share.starts_with("tessera-share-1:") && !text.contains(share.trim()));
    }
    files
}

fn refused(data: &Path, shares: &[&Path]) -> String {
    let mut program = command();
    program.args(["serve", "--dev", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    for share in shares {
        program.arg("--kek-share").arg(share);
    }
    let Output { status, stderr, .. } = program.output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap()
}

#[test]
fn two_of_three_holders_start_the_vault() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let shares = split(&dir.path().join("shares"), &["--shares", "3", "--threshold", "2"]);
    assert_eq!(shares.len(), 3);
    let others = split(&dir.path().join("others"), &[]);
    let mut ready = None;
    for two in [[0, 1], [2, 0], [1, 2]] {
        let mut program = command();
        program
            .args(["serve", "--dev", "--listen", "127.0.0.1:0", "--public-url", PUBLIC_URL, "--data"])
            .arg(&data);
        if two == [0, 1] {
            let list = format!("{};{}", shares[0].display(), shares[1].display());
            program.env("TESSERA_KEK_SHARES", list);
        } else {
            program.arg("--kek-share").arg(&shares[two[0]]).arg("--kek-share").arg(&shares[two[1]]);
        }
        let program = Program::spawn(program);
        let same = ready.get_or_insert_with(|| program.ready.clone());
        assert_eq!(*same, program.ready);
        assert!(program.terminate());
    }
    assert!(!data.join("kek").exists(), "the key is nowhere but in its shares");

    assert!(refused(&data, &[&shares[0]]).contains("2 different shares"));
    assert!(refused(&data, &[&shares[0], &shares[0]]).contains("given twice"));
    assert!(refused(&data, &[&shares[0], &others[1]]).contains("different splits"));
    assert!(refused(&data, &[&others[0], &others[1]]).contains("another key-encryption key"));
    let mut mistyped = fs::read_to_string(&shares[1]).unwrap();
    mistyped.replace_range(40..41, if mistyped.as_bytes()[40] == b'A' { "B" } else { "A" });
    let wrong = dir.path().join("wrong");
    fs::write(&wrong, mistyped).unwrap();
    let said = refused(&data, &[&shares[0], &wrong]);
    assert!(said.contains("checksum") && said.contains(wrong.to_str().unwrap()), "{said}");

    // Shares are never written over.
    let again =
        command().args(["keys", "kek", "split", "--out"]).arg(dir.path().join("shares")).output().unwrap();
    assert!(!again.status.success());
}
