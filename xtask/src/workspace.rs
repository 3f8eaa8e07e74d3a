//! Where things lie: the checkout, the build directory, the per-user tool cache.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::failure::{Attempt, Failure};
use crate::invocation::Invocation;

/// The directories every command works with.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    tools: PathBuf,
}

impl Workspace {
    /// Asks cargo for the checkout that contains the current directory.
    ///
    /// # Errors
    /// When the current directory is not inside the checkout, or no home directory is known.
    pub(crate) fn find() -> Result<Self, Failure> {
        let metadata = Invocation::cargo().words("metadata --format-version 1 --no-deps").output()?;
        let metadata: Value = serde_json::from_str(&metadata).attempt("cargo metadata")?;
        let path = |name: &str| {
            let text = metadata.get(name).and_then(Value::as_str);
            text.map(PathBuf::from).ok_or_else(|| Failure::new(format!("cargo metadata has no {name}")))
        };
        let cache = match absolute_from_env("XDG_CACHE_HOME") {
            Some(cache) => cache,
            None => absolute_from_env("HOME")
                .ok_or_else(|| Failure::new("neither XDG_CACHE_HOME nor HOME is set"))?
                .join(".cache"),
        };
        Ok(Self {
            root: path("workspace_root")?,
            target: path("target_directory")?,
            tools: cache.join("tessera").join("tools"),
        })
    }

    /// The top of the checkout.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A file or directory of the checkout.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Cargo's build directory.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// The tool cache. It lies outside the build directory so that `cargo clean` and a fresh clone keep it.
    pub(crate) fn tools(&self) -> &Path {
        &self.tools
    }

    /// The version that the root `Cargo.toml` pins exactly (`name = "=1.2.3"`) for the dependency `name`.
    ///
    /// # Errors
    /// When the file cannot be read or holds no such pin.
    pub(crate) fn pinned(&self, name: &str) -> Result<String, Failure> {
        let manifest = self.path("Cargo.toml");
        let text = fs::read_to_string(&manifest).attempt(manifest.display())?;
        exact_pin(&text, name)
            .ok_or_else(|| Failure::new(format!("Cargo.toml has no line `{name} = \"=x.y.z\"`")))
    }
}

/// The XDG base directory rules: a relative path in such a variable is to be ignored.
fn absolute_from_env(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

fn exact_pin(manifest: &str, name: &str) -> Option<String> {
    manifest.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        let version = value.trim().strip_prefix("\"=")?.strip_suffix('"')?;
        (key.trim() == name).then(|| version.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_found_by_its_whole_name() {
        let manifest = "wasm-bindgen-test = \"=0.3.80\"\nwasm-bindgen = \"=0.2.130\"\nserde = \"1\"\n";
        assert_eq!(exact_pin(manifest, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(exact_pin(manifest, "serde"), None);
        assert_eq!(exact_pin(manifest, "wasm"), None);
    }
}
