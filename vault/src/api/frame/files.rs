//! The files themselves, by name.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use base64ct::{Base64, Encoding as _};
use rust_embed::{EmbeddedFile, RustEmbed};
use seal::{Root, Suite};
use sha2::{Digest as _, Sha384};

#[derive(RustEmbed)]
#[folder = "../www/frame"]
#[allow_missing = true]
struct Frame;

#[derive(RustEmbed)]
#[folder = "../pkg/wasm"]
#[include = "*.js"]
#[include = "*.wasm"]
#[allow_missing = true]
struct Wasm;

/// What `cargo xtask build` has made small for the frame; without it, what it is made of serves.
#[derive(RustEmbed)]
#[folder = "../pkg/frame"]
#[include = "*.js"]
#[include = "*.wasm"]
#[allow_missing = true]
struct Small;

/// The same with both suites, which `cargo xtask build --post-quantum` makes.
#[derive(RustEmbed)]
#[folder = "../pkg/post-quantum"]
#[include = "*.js"]
#[include = "*.wasm"]
#[allow_missing = true]
struct PostQuantum;

/// What `cargo xtask build` makes of the messages in `www/locales`.
#[derive(RustEmbed)]
#[folder = "../pkg/locale"]
#[include = "*.json"]
#[allow_missing = true]
struct Messages;

#[derive(RustEmbed)]
#[folder = "../pkg"]
#[include = "auto.js"]
#[include = "index.js"]
#[allow_missing = true]
struct Package;

/// A file to be sent.
pub(super) struct File {
    pub(super) bytes: Cow<'static, [u8]>,
    pub(super) media_type: &'static str,
    /// Weak, because the bytes on the wire may be compressed.
    pub(super) etag: String,
}

const MODULE: &str = "tessera_bg.wasm";

/// The files of the browser's module, of which each suite has its own: they fit each other and nothing else.
const OF_MODULE: [&str; 3] = [MODULE, "tessera.js", "tessera.js-only.js"];

const FRAME_PAGE: &str = "frame.html";
const REFUSAL_PAGE: &str = "refused.html";

/// The page in the frame, before the origins are filled in.
pub(super) fn frame_page() -> Option<Cow<'static, [u8]>> {
    Frame::get(FRAME_PAGE).map(|file| file.data)
}

/// The page in a frame that may not show the card form, before the reason is filled in.
pub(super) fn refusal_page() -> Option<Cow<'static, [u8]>> {
    Frame::get(REFUSAL_PAGE).map(|file| file.data)
}

/// The browser's module that goes with sealing keys of a suite, and what lies beside it.
#[derive(Clone, Copy, Debug)]
pub struct Module(Suite);

impl Module {
    /// The one for this suite.
    #[must_use]
    pub const fn of(suite: Suite) -> Self {
        Self(suite)
    }

    /// The root that it pins; none if there is no module, or one that pins none.
    #[must_use]
    pub fn pinned_root(self) -> Option<Root> {
        Root::pinned_in(&self.embedded(MODULE)?.data)
    }

    /// Whether it can seal to keys of its suite; none if there is no module.
    #[must_use]
    pub fn seals(self) -> Option<bool> {
        Some(self.0.is_in(&self.embedded(MODULE)?.data))
    }

    /// Whether it is there: the frame can do nothing without.
    pub(super) fn is_built(self) -> bool {
        self.embedded(MODULE).is_some()
    }

    /// A file beside the pages, or one that the wasm build wrote. The pages themselves are only served with their
    /// policies.
    pub(super) fn asset(self, name: &str) -> Option<File> {
        if !is_plain(name) || [FRAME_PAGE, REFUSAL_PAGE].contains(&name) {
            return None;
        }
        self.embedded(name).and_then(|file| read(name, file))
    }

    fn embedded(self, name: &str) -> Option<EmbeddedFile> {
        match self.0 {
            Suite::XWing if OF_MODULE.contains(&name) => PostQuantum::get(name),
            Suite::X25519 | Suite::XWing => {
                Small::get(name).or_else(|| Frame::get(name)).or_else(|| Wasm::get(name))
            }
        }
    }

    /// What the page of the frame and its scripts load by name: path and digest, as `integrity` takes it.
    fn digests(self) -> BTreeMap<String, String> {
        let names: BTreeSet<_> = Frame::iter().chain(Wasm::iter()).collect();
        names
            .into_iter()
            .filter(|name| [".js", ".wasm", ".css"].iter().any(|end| name.ends_with(end)))
            .filter_map(|name| Some((format!("/assets/{name}"), digest(&self.embedded(&name)?))))
            .collect()
    }

    /// The import map of the frame: which bytes a script must have that another one imports. What no script imports is in
    /// it for `look.js`, which asks for its module by the same list.
    pub(super) fn import_map(self) -> String {
        let mut integrity = self.digests();
        // What stands in the page as an element's own `integrity`, and what the frame never loads.
        integrity.retain(|path, _| {
            !["frame.css", "frame.js", "refused.js", "tessera_bg.wasm"]
                .iter()
                .any(|name| path.ends_with(name))
        });
        serde_json::json!({ "integrity": integrity }).to_string()
    }

    /// Writes into a page what the files that it loads must be: an old one in some cache would not fit a new page, and a
    /// changed one is not run.
    pub(super) fn with_integrity(self, page: &str, locale: Option<&str>) -> String {
        let mut digests = self.digests();
        let messages = locale.map(|locale| format!("{locale}.json"));
        if let Some((name, file)) = messages.and_then(|name| Messages::get(&name).map(|file| (name, file))) {
            digests.insert(format!("/assets/locale/{name}"), digest(&file));
        }
        digests.into_iter().fold(page.to_owned(), |page, (path, digest)| {
            ["integrity", "data-integrity"].into_iter().fold(page, |page, attribute| {
                let place = format!("\"{path}\" {attribute}=\"");
                page.replacen(&format!("{place}\""), &format!("{place}{digest}\""), 1)
            })
        })
    }
}

fn digest(file: &EmbeddedFile) -> String {
    format!("sha256-{}", Base64::encode_string(&file.metadata.sha256_hash()))
}

/// The locales that there are.
pub(super) fn locales() -> Vec<String> {
    Messages::iter().filter_map(|name| name.strip_suffix(".json").map(str::to_owned)).collect()
}

/// The messages of one of the [`locales`].
pub(super) fn locale_file(locale: &str) -> Option<File> {
    let name = format!("{locale}.json");
    Messages::get(&name).and_then(|file| read(&name, file))
}

/// Whether a name looks like one that the wasm build would have written.
pub(super) fn is_wasm_output(name: &str) -> bool {
    is_plain(name) && (name.ends_with(".wasm") || (name.starts_with("tessera.") && name.ends_with(".js")))
}

/// A script of the package.
pub(super) fn package_script(name: &str) -> Option<File> {
    // A copy that has everything in it, where the build has made one.
    Small::get(name).or_else(|| Package::get(name)).and_then(|file| read(name, file))
}

/// What a page may demand of such a script in its `integrity`.
pub(super) fn package_integrity(name: &str) -> Option<String> {
    let file = package_script(name)?;
    Some(format!("sha384-{}", Base64::encode_string(&Sha384::digest(&file.bytes))))
}

fn read(name: &str, file: EmbeddedFile) -> Option<File> {
    let media_type = match name.rsplit_once('.')?.1 {
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "html" => "text/html; charset=utf-8",
        "json" => "application/json",
        _ => return None,
    };
    let mut etag = String::from("W/\"");
    for byte in file.metadata.sha256_hash().iter().take(16) {
        write!(etag, "{byte:02x}").ok()?;
    }
    etag.push('"');
    Some(File { bytes: file.data, media_type, etag })
}

/// A name without any way out of its folder.
fn is_plain(name: &str) -> bool {
    !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}
