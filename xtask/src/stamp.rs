//! A record of what something was made from, so that it is made again only when that changed.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::failure::{Attempt, Failure};

/// A fingerprint of all inputs of one product.
///
/// It only decides whether work is repeated, so a fast hash without a key is enough.
#[derive(Debug, Default)]
pub(crate) struct Stamp {
    hasher: DefaultHasher,
}

impl Stamp {
    /// A stamp of nothing yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Takes in a text such as a tool's version.
    pub(crate) fn text(mut self, text: &str) -> Self {
        text.hash(&mut self.hasher);
        self
    }

    /// Takes in a file, or every file below a directory: names and contents.
    ///
    /// # Errors
    /// When something cannot be read.
    pub(crate) fn path(mut self, path: &Path) -> Result<Self, Failure> {
        let mut files = Vec::new();
        collect(path, &mut files)?;
        files.sort();
        for file in files {
            file.strip_prefix(path).unwrap_or(&file).hash(&mut self.hasher);
            fs::read(&file).attempt(file.display())?.hash(&mut self.hasher);
        }
        Ok(self)
    }

    /// Whether `file` holds exactly this stamp.
    pub(crate) fn is_in(&self, file: &Path) -> bool {
        fs::read_to_string(file).is_ok_and(|kept| kept == self.digest())
    }

    /// Keeps the stamp in `file`; to be called after the product is complete.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn keep(&self, file: &Path) -> Result<(), Failure> {
        fs::write(file, self.digest()).attempt(file.display())
    }

    fn digest(&self) -> String {
        format!("{:016x}\n", self.hasher.finish())
    }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).attempt(path.display())? {
        collect(&entry.attempt(path.display())?.path(), files)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_follows_names_and_contents() {
        let directory = std::env::temp_dir().join(format!("tessera-stamp-{}", std::process::id()));
        fs::create_dir_all(directory.join("inner")).unwrap();
        fs::write(directory.join("inner/a"), "1").unwrap();
        let of = |path: &Path| Stamp::new().text("tool 1").path(path).unwrap().digest();
        let first = of(&directory);
        assert_eq!(first, of(&directory));

        fs::write(directory.join("inner/a"), "2").unwrap();
        let changed = of(&directory);
        assert_ne!(first, changed);

        fs::rename(directory.join("inner/a"), directory.join("inner/b")).unwrap();
        assert_ne!(changed, of(&directory));
        fs::remove_dir_all(&directory).unwrap();
    }
}
