//! Reads the files that hold a secret: keys, shares, tokens of other services, PINs, addresses with passwords.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex, PoisonError},
};

use zeroize::Zeroizing;

/// The files that were complained of, so that one that is read for each call is complained of once.
static OPEN_TO_ALL: LazyLock<Mutex<BTreeSet<PathBuf>>> = LazyLock::new(Mutex::default);

/// Reads a file, and says in the log, once, if its mode lets everybody on the machine read or write it. That is no error: an
/// orchestrator may have written the file for a container that nobody else is in, and the directory may be closed.
///
/// # Errors
///
/// If it cannot be read, or is no text.
pub fn read(path: &Path) -> io::Result<Zeroizing<String>> {
    let mut file = File::open(path)?;
    if is_open_to_all(&file)? && is_new(path) {
        let file = path.display();
        tracing::warn!(target: "vault", %file, "by its mode everybody on this machine may read or write this secret: `chmod o= FILE`");
    }
    let mut text = Zeroizing::new(String::new());
    file.read_to_string(&mut text)?;
    Ok(text)
}

fn is_new(path: &Path) -> bool {
    OPEN_TO_ALL.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned())
}

#[cfg(unix)]
fn is_open_to_all(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = file.metadata()?;
    // A pipe, as a shell makes one for `<(...)`, is gone once it was read.
    Ok(metadata.is_file() && metadata.permissions().mode() & 0o006 != 0)
}

#[cfg(not(unix))]
const fn is_open_to_all(_: &File) -> io::Result<bool> {
    Ok(false)
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    #[test]
    fn what_everybody_may_read_or_write_is_told_from_what_its_group_may() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        fs::write(&path, "words\n").unwrap();
        let closed = [0o600, 0o440, 0o640, 0o660, 0o601].map(|mode| (mode, false));
        for (mode, expected) in closed.into_iter().chain([0o604, 0o644, 0o602].map(|mode| (mode, true))) {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(is_open_to_all(&File::open(&path).unwrap()).unwrap(), expected, "{mode:o}");
        }
        assert!(!is_open_to_all(&File::open("/dev/null").unwrap()).unwrap());
        assert_eq!(read(&path).unwrap().as_str(), "words\n");
        assert!(!is_new(&path), "it was complained of");
    }
}
