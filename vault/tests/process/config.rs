//! Where settings come from, and which of them counts.

use std::fs;

use crate::program::{Program, command};

#[test]
fn flags_come_before_the_environment_and_that_before_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("vault.toml");
    let data = dir.path().join("data");
    let text = format!(
        "data = {:?}\nlisten = \"127.0.0.1:0\"\npublic_url = \"https://file.example\"\nmetrics_listen = \"0\"\n",
        data.to_str().unwrap()
    );
    fs::write(&file, text).unwrap();
    let start = |flags: &[&str], environment: &[(&str, &str)]| {
        let mut serve = command();
        serve.args(["serve", "--dev"]).args(flags).env("TESSERA_CONFIG", &file);
        serve.envs(environment.iter().copied());
        let program = Program::spawn(serve);
        let vault = program.ready["vault"].as_str().unwrap().to_owned();
        assert!(program.ready.get("metrics").is_some());
        assert!(program.terminate());
        vault
    };
    let variable = ("TESSERA_PUBLIC_URL", "https://variable.example");
    assert_eq!(start(&[], &[]), "https://file.example");
    assert_eq!(start(&[], &[variable]), "https://variable.example");
    assert_eq!(start(&["--public-url", "https://flag.example"], &[variable]), "https://flag.example");
}

#[test]
fn everything_that_is_wrong_is_said_at_once_wherever_it_stands() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("vault.toml");
    fs::write(&file, "listn = \"pa55word\"\nmax_connections = 0\nallow_origin = \"pa55word\"\n").unwrap();
    let output = command()
        .args(["serve", "--config"])
        .arg(&file)
        .args(["--drain-delay", "soon"])
        .env("TESSERA_LIMITS", "soon")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    for what in [
        "listn is no setting; is listen meant?",
        "allow_origin is not a list of strings",
        "--max-connections",
        "--drain-delay",
        "--limit",
        "--data",
        "TESSERA_KEK_FILE",
        "--public-url",
    ] {
        assert!(said.contains(what), "{what} in {said}");
    }
    assert!(!said.contains("pa55word"), "{said}");
    // Also for the commands beside a vault.
    let output = command().args(["audit", "verify", "--config"]).arg(&file).output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("listn is no setting"));
}
