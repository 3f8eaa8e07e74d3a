//! The directory a vault keeps its files in; one process at a time may have it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

/// A locked data directory.
///
/// The lock goes with the process, however it ends, so that a killed vault can be started again at once.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    // Held, never read: dropping it gives the lock back. Commands beside a vault have none.
    _lock: Option<File>,
}

impl DataDir {
    /// Makes the directory if it is missing, and locks it.
    ///
    /// # Errors
    ///
    /// [`DataDirError::InUse`] if another process has it, [`DataDirError::Io`] if it cannot be made,
    /// read or locked.
    pub fn open(path: &Path) -> Result<Self, DataDirError> {
        let io = |source| DataDirError::Io { path: path.to_owned(), source };
        make_private_dir(path).map_err(io)?;
        let lock = private_file().truncate(false).open(path.join("vault.lock")).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: Some(lock) }),
            Err(TryLockError::WouldBlock) => Err(DataDirError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(io(source)),
        }
    }

    /// Takes the directory as it is, for commands beside a vault that may have it locked; nothing may be made in it.
    ///
    /// # Errors
    ///
    /// [`DataDirError::Io`] if it is not there.
    pub fn beside(path: &Path) -> Result<Self, DataDirError> {
        match fs::metadata(path) {
            Ok(_) => Ok(Self { path: path.to_owned(), _lock: None }),
            Err(source) => Err(DataDirError::Io { path: path.to_owned(), source }),
        }
    }

    /// The path of a file in the directory.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Reads a file; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`DataDirError::Io`] if it is there and cannot be read.
    pub fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, DataDirError> {
        match fs::read(self.file(name)) {
            Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(DataDirError::Io { path: self.file(name), source }),
        }
    }

    /// Whether there is a file with something in it.
    ///
    /// # Errors
    ///
    /// [`DataDirError::Io`] if that cannot be told.
    pub fn holds(&self, name: &str) -> Result<bool, DataDirError> {
        match fs::metadata(self.file(name)) {
            Ok(metadata) => Ok(metadata.len() > 0),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(DataDirError::Io { path: self.file(name), source }),
        }
    }

    /// Makes a file empty that only its owner may read, if it is missing; takes it from everybody else if
    /// it is there.
    ///
    /// # Errors
    ///
    /// [`DataDirError::Io`] if it cannot be made or changed.
    pub fn make_private(&self, name: &str) -> Result<(), DataDirError> {
        let path = self.file(name);
        let make = || {
            let file = private_file().truncate(false).open(&path)?;
            restrict(&file)
        };
        make().map_err(|source| DataDirError::Io { path: self.file(name), source })
    }

    /// Takes a file from elsewhere on the same file system under a name of the directory, durably.
    ///
    /// # Errors
    ///
    /// [`DataDirError::Io`] if any step fails.
    pub fn take_in(&self, from: &Path, name: &str) -> Result<(), DataDirError> {
        let take = || {
            File::open(from)?.sync_all()?;
            fs::rename(from, self.file(name))?;
            File::open(&self.path)?.sync_all()
        };
        take().map_err(|source| DataDirError::Io { path: self.file(name), source })
    }

    /// Writes a file that only its owner may read, wholly or not at all, and durably.
    ///
    /// # Errors
    ///
    /// [`DataDirError::Io`] if any step fails; an older file of that name is intact then.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), DataDirError> {
        let unfinished = self.file(&format!("{name}.new"));
        let write = || {
            let mut file = private_file().truncate(true).open(&unfinished)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&unfinished, self.file(name))?;
            // The new name is only durable once the directory is.
            File::open(&self.path)?.sync_all()
        };
        write().map_err(|source| DataDirError::Io { path: self.file(name), source })
    }
}

/// The data directory cannot be used; the environment is at fault.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another process has it.
    #[error("{} is in use by another vault process; stop that one first, or choose another --data", path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// It cannot be made, read, written or locked.
    #[error("{} cannot be used: {source}", path.display())]
    Io {
        /// The directory or file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
}

fn make_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path)
}

fn restrict(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_owner_is_refused_until_the_first_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let first = DataDir::open(dir.path()).unwrap();
        let refusal = DataDir::open(dir.path()).unwrap_err();
        assert!(matches!(refusal, DataDirError::InUse { .. }));
        assert!(refusal.to_string().contains("in use by another vault process"), "{refusal}");
        drop(first);
        DataDir::open(dir.path()).unwrap();
    }

    #[test]
    fn files_are_private_and_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::open(dir.path()).unwrap();
        assert!(data.read("key").unwrap().is_none());
        data.write("key", b"one").unwrap();
        data.write("key", b"two").unwrap();
        assert_eq!(data.read("key").unwrap().unwrap().as_slice(), b"two");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(data.file("key")).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
