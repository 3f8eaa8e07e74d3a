//! Bringing the schema up to date: by itself, by command, and not at all.

use crate::program::{Program, command};

#[test]
fn an_older_schema_is_refused_if_it_shall_be_and_migrated_by_command() {
    let dir = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let output = command().args(args).args(["--dev", "--data"]).arg(dir.path()).output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    // Of nothing, which is the oldest.
    let (is_good, said) = run(&["serve", "--listen", "127.0.0.1:0", "--no-migrate"]);
    assert!(!is_good && said.contains("has schema 0") && said.contains("tessera-vault migrate"), "{said}");
    let (is_good, said) = run(&["migrate"]);
    assert!(is_good, "{said}");
    let mut serve = command();
    serve.args(["serve", "--dev", "--listen", "127.0.0.1:0", "--no-migrate", "--data"]).arg(dir.path());
    let program = Program::spawn(serve);
    let (is_good, said) = run(&["migrate"]);
    assert!(!is_good && said.contains("in use by another vault process"), "{said}");
    assert!(program.terminate());
    // Its rows have hashes, and so none is taken as it is.
    let (is_good, said) = run(&["migrate", "--take-rows-as-they-are"]);
    assert!(!is_good && said.contains("no row is taken as it is"), "{said}");
    std::fs::remove_file(dir.path().join("database-made")).unwrap();
    let (is_good, said) = run(&["migrate", "--take-rows-as-they-are"]);
    assert!(!is_good && said.contains("no row is taken as it is"), "{said}");
    // A second time it has nothing to do.
    assert!(run(&["migrate"]).0);
}
