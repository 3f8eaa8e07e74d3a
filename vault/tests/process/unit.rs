//! The unit for systemd: it names what there is, and systemd finds nothing wrong with it, where there is one.

use std::{fs, path::Path, process::Command};

use clap::CommandFactory as _;
use vault::config::CommandLine;

/// The most exposure that is borne: ten times the figure that systemd shows, which ends at 10.
const EXPOSURE_LIMIT: &str = "20";

fn unit() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/tessera-vault.service")).unwrap()
}

#[test]
fn the_unit_starts_the_program_with_flags_that_it_has() {
    let unit = unit();
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let words = start.split(' ').map(|word| word.rsplit('/').next().unwrap_or(word));
    CommandLine::command().debug_assert();
    let parsed = CommandLine::command().try_get_matches_from(words).unwrap();
    assert_eq!(parsed.subcommand_name(), Some("serve"));
    for line in [
        "LimitCORE=0",
        "MemorySwapMax=0",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "KillSignal=SIGTERM",
    ] {
        assert!(unit.lines().any(|found| found == line), "{line} is missing");
    }
}

#[test]
fn systemd_finds_nothing_wrong_with_the_unit() {
    let Ok(version) = Command::new("systemd-analyze").arg("--version").output() else {
        // Where there is no systemd nobody uses the unit.
        return;
    };
    assert!(version.status.success());
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("tessera-vault.service");
    // Only what is installed can be started.
    fs::write(&file, unit().replace("/usr/bin/tessera-vault", env!("CARGO_BIN_EXE_tessera-vault"))).unwrap();
    let verified = Command::new("systemd-analyze").arg("verify").arg(&file).output().unwrap();
    let said = String::from_utf8_lossy(&verified.stderr);
    assert!(verified.status.success() && !said.contains("tessera-vault.service"), "{said}");
    let secure = Command::new("systemd-analyze")
        .args(["security", "--offline=true", &format!("--threshold={EXPOSURE_LIMIT}")])
        .arg(&file)
        .output()
        .unwrap();
    assert!(secure.status.success(), "{}", String::from_utf8_lossy(&secure.stdout));
}
