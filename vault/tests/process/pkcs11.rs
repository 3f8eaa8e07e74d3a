//! A key-encryption key in a hardware security module: SoftHSM, of Debian's package `softhsm2`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::program::{PUBLIC_URL, Program, command};

/// Where Debian and others have it.
const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
];

/// A token of a test's own.
struct Token {
    dir: tempfile::TempDir,
    module: PathBuf,
}

impl Token {
    fn make() -> Self {
        let module =
            MODULES.iter().map(PathBuf::from).find(|path| path.exists()).expect(
                "SoftHSM is missing: install Debian's package `softhsm2` (`cargo xtask test` does so)",
            );
        let dir = tempfile::tempdir().unwrap();
        let token = Self { dir, module };
        fs::create_dir(token.path("tokens")).unwrap();
        let settings = format!("directories.tokendir = {}\n", token.path("tokens").display());
        fs::write(token.path("softhsm2.conf"), settings).unwrap();
        fs::write(token.path("pin"), "9281\n").unwrap();
        fs::write(token.path("wrong-pin"), "1111\n").unwrap();
        let made = Command::new("softhsm2-util")
            .args(["--init-token", "--free", "--label", "a vault", "--pin", "9281", "--so-pin", "81726354"])
            .env("SOFTHSM2_CONF", token.path("softhsm2.conf"))
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        token
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn uri(&self, token: &str, object: &str, pin: &str) -> String {
        let (module, pin) = (self.module.display(), self.path(pin));
        format!("pkcs11:token={token};object={object}?module-path={module}&pin-source=file:{}", pin.display())
    }

    fn command(&self) -> Command {
        let mut command = command();
        command.env("SOFTHSM2_CONF", self.path("softhsm2.conf"));
        command
    }

    fn run(&self, args: &[&str]) -> Result<Vec<Value>, String> {
        let output = self.command().args(args).output().unwrap();
        if !output.status.success() {
            return Err(String::from_utf8(output.stderr).unwrap());
        }
        let text = String::from_utf8(output.stdout).unwrap();
        Ok(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    fn serve(&self, data: &Path, kek: &[&str]) -> Program {
        let mut program = self.command();
        program.args(["serve", "--dev", "--listen", "127.0.0.1:0", "--public-url", PUBLIC_URL]).args(kek);
        program.arg("--data").arg(data);
        Program::spawn(program)
    }
}

#[test]
fn a_key_in_a_module_wraps_and_never_leaves_it() {
    let token = Token::make();
    let uri = token.uri("a%20vault", "kek-1", "pin");
    let made = token.run(&["keys", "kek", "create", "--kek", &uri]).unwrap();
    assert_eq!(made[0]["provider"], "pkcs11");
    let again = token.run(&["keys", "kek", "create", "--kek", &uri]).unwrap_err();
    assert!(again.contains("such a key already"), "{again}");

    let data = token.path("data");
    let program = token.serve(&data, &["--kek", &uri]);
    let ready = program.ready.clone();
    program.kill();
    let program = token.serve(&data, &["--kek", &uri]);
    assert_eq!(program.ready, ready);
    let place = ["--data", data.to_str().unwrap()];
    let status = |kek: &str| token.run(&[&["keys", "status", "--kek", kek], &place[..]].concat()).unwrap();
    let shown = status(&uri);
    assert_eq!(shown.last().unwrap()["under_other_keks"], 0);
    assert!(shown.iter().any(|line| line["kek"] == made[0]["kek"]));

    // Beside the running vault: to another key of the module, and to a file and back.
    let second = token.uri("a%20vault", "kek-2", "pin");
    token.run(&["keys", "kek", "create", "--kek", &second]).unwrap();
    token.run(&[&["keys", "rewrap", "--kek", &uri, "--new-kek", &second], &place[..]].concat()).unwrap();
    assert_eq!(status(&second).last().unwrap()["under_other_keks"], 0);
    assert_eq!(program.client().server("GET", "/v1/customers", &Value::Null).unwrap().0, 200);
    assert!(program.terminate());
    assert!(token.serve(&data, &["--kek", &second, "--also-kek", &uri]).terminate());
    let refused = |kek: &str| {
        let args = [&["serve", "--dev", "--listen", "127.0.0.1:0", "--kek", kek], &place[..]].concat();
        token.run(&args).unwrap_err()
    };
    assert!(refused(&uri).contains("another key-encryption key"));

    for (kek, why) in [
        (token.uri("a%20vault", "kek-2", "wrong-pin"), "does not take the PIN"),
        (token.uri("a%20vault", "kek-2", "no-pin"), "cannot be read"),
        (token.uri("a%20vault", "kek-3", "pin"), "no such secret key"),
        (token.uri("another", "kek-2", "pin"), "no such token"),
        ("pkcs11:token=t;object=k?module-path=/no/module.so".to_owned(), "no PKCS #11 module"),
    ] {
        let said = refused(&kek);
        assert!(said.contains(why) && !said.contains("9281") && !said.contains("1111"), "{why}: {said}");
    }
}
