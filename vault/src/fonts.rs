//! Fonts that the form may be written in, from files that whoever runs the vault names. A merchant's theme picks one by
//! its family; nothing is loaded from anywhere else, so no third party learns of a checkout.

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use axum::body::Bytes;
use sha2::{Digest as _, Sha256};

/// A larger file makes no shopper happy.
const MAX_FILE_BYTES: u64 = 2 * 1024 * 1024;
const MAX_FAMILY_CHARS: usize = 60;

/// What a file begins with, by kind: its ending, its media type and its name in a style sheet.
const KINDS: [(&[u8], Kind); 4] = [
    (b"wOF2", Kind { ending: "woff2", media_type: "font/woff2", format: "woff2" }),
    (b"wOFF", Kind { ending: "woff", media_type: "font/woff", format: "woff" }),
    (b"\0\x01\0\0", Kind { ending: "ttf", media_type: "font/ttf", format: "truetype" }),
    (b"OTTO", Kind { ending: "otf", media_type: "font/otf", format: "opentype" }),
];

#[derive(Clone, Copy, Debug)]
struct Kind {
    ending: &'static str,
    media_type: &'static str,
    format: &'static str,
}

/// A font that was asked for: `Inter=inter.woff2`, or `Inter 600=inter-semibold.woff2` for a file of one weight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FontChoice {
    family: String,
    /// Nothing for a file that has every weight, or is to be used for every weight.
    weight: Option<u16>,
    path: PathBuf,
}

/// Why there is no such font; whoever runs the vault can mend it.
#[derive(Debug, thiserror::Error)]
pub enum FontError {
    /// The text is no choice.
    #[error(
        "it is a family of letters, digits, spaces and dashes, possibly a weight from 1 to 1000, `=` and a file, such as \
         `Inter=inter.woff2` or `Inter 600=inter-semibold.woff2`"
    )]
    Choice,
    /// The file cannot be read.
    #[error("the font {} cannot be read: {source}", path.display())]
    Unreadable {
        /// Where it should be.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The file is no font.
    #[error("{} is neither WOFF2 nor WOFF, TrueType or OpenType of at most 2 MiB", path.display())]
    NoFont {
        /// Which file.
        path: PathBuf,
    },
}

impl FontChoice {
    /// Reads what a flag says.
    ///
    /// # Errors
    ///
    /// [`FontError::Choice`]
    pub fn parse(text: &str) -> Result<Self, FontError> {
        let (name, path) = text.split_once('=').ok_or(FontError::Choice)?;
        let name = name.trim();
        let (family, weight) = match name.rsplit_once(' ') {
            Some((family, weight)) if weight.bytes().all(|byte| byte.is_ascii_digit()) => {
                let weight = weight.parse().ok().filter(|weight| (1..=1000).contains(weight));
                (family.trim_end(), Some(weight.ok_or(FontError::Choice)?))
            }
            _ => (name, None),
        };
        // It is written into a style sheet, and a theme must be able to name it.
        let is_plain = family.starts_with(|first: char| first.is_ascii_alphabetic())
            && family.chars().all(|c| c.is_ascii_alphanumeric() || " -".contains(c))
            && family.len() <= MAX_FAMILY_CHARS;
        if !is_plain || path.is_empty() {
            return Err(FontError::Choice);
        }
        Ok(Self { family: family.to_owned(), weight, path: PathBuf::from(path) })
    }
}

/// The fonts of a vault, read once; empty unless one was chosen.
#[derive(Clone, Debug, Default)]
pub struct Fonts {
    sheet: String,
    files: Vec<Font>,
}

/// A font as browsers get it.
#[derive(Clone, Debug)]
pub struct Font {
    /// Made of its bytes, so that it never changes.
    pub name: String,
    /// What the file is.
    pub media_type: &'static str,
    /// The file; every answer shares it.
    pub bytes: Bytes,
}

impl Fonts {
    /// Reads the files.
    ///
    /// # Errors
    ///
    /// [`FontError`] with the first that cannot be used.
    pub fn load(choices: &[FontChoice]) -> Result<Self, FontError> {
        let mut fonts = Self::default();
        for FontChoice { family, weight, path } in choices {
            let (kind, bytes) = read(path)?;
            let mut name = String::new();
            for byte in Sha256::digest(&bytes).iter().take(12) {
                let _ = write!(name, "{byte:02x}");
            }
            let name = format!("{name}.{}", kind.ending);
            let weight = weight.map_or_else(|| "1 1000".to_owned(), |weight| weight.to_string());
            let _ = writeln!(
                fonts.sheet,
                "@font-face{{font-family:\"{family}\";font-weight:{weight};font-display:swap;\
                 src:url(\"/assets/fonts/{name}\") format(\"{}\")}}",
                kind.format
            );
            fonts.files.push(Font { name, media_type: kind.media_type, bytes: bytes.into() });
        }
        Ok(fonts)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The style sheet that names them; a browser loads a file when the form is written in its family.
    #[must_use]
    pub fn sheet(&self) -> &str {
        &self.sheet
    }

    /// One of them, by the name in the style sheet.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Font> {
        self.files.iter().find(|font| font.name == name)
    }
}

fn read(path: &Path) -> Result<(Kind, Vec<u8>), FontError> {
    let unreadable = |source| FontError::Unreadable { path: path.to_owned(), source };
    let no_font = || FontError::NoFont { path: path.to_owned() };
    if fs::metadata(path).map_err(unreadable)?.len() > MAX_FILE_BYTES {
        return Err(no_font());
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    let (_, kind) = KINDS.into_iter().find(|(magic, _)| bytes.starts_with(magic)).ok_or_else(no_font)?;
    Ok((kind, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_a_family_a_weight_and_a_file() {
        let choice = |family: &str, weight, path: &str| FontChoice {
            family: family.to_owned(),
            weight,
            path: PathBuf::from(path),
        };
        for (text, expected) in [
            ("Inter=inter.woff2", choice("Inter", None, "inter.woff2")),
            ("Source Sans 3=a=b.woff2", choice("Source Sans", Some(3), "a=b.woff2")),
            (" Open Sans 600 =/fonts/os.woff2", choice("Open Sans", Some(600), "/fonts/os.woff2")),
        ] {
            assert_eq!(FontChoice::parse(text).unwrap(), expected, "{text}");
        }
        for text in
            ["", "Inter", "=a.woff2", "Inter=", "Inter 1001=a", "Inter 0=a", "3Inter=a", "a\";}*{=a", "Ä=a"]
        {
            FontChoice::parse(text).expect_err(text);
        }
    }

    #[test]
    fn a_file_is_known_by_what_it_begins_with() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("font");
        let load = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            Fonts::load(&[FontChoice { family: "Inter".to_owned(), weight: Some(600), path: path.clone() }])
        };
        let fonts = load(b"wOF2 and more").unwrap();
        let name = &fonts.files[0].name;
        assert_eq!(fonts.get(name).unwrap().media_type, "font/woff2");
        assert!(fonts.get("other.woff2").is_none());
        assert_eq!(
            fonts.sheet(),
            format!(
                "@font-face{{font-family:\"Inter\";font-weight:600;font-display:swap;\
                 src:url(\"/assets/fonts/{name}\") format(\"woff2\")}}\n"
            )
        );
        assert!(matches!(load(b"<svg>"), Err(FontError::NoFont { .. })));
        assert!(matches!(load(&vec![b'w'; 3 << 20]), Err(FontError::NoFont { .. })));
        fs::remove_file(&path).unwrap();
        let gone = FontChoice { family: "Inter".to_owned(), weight: None, path: path.clone() };
        assert!(matches!(Fonts::load(&[gone]), Err(FontError::Unreadable { .. })));
        assert!(Fonts::default().is_empty() && !fonts.is_empty());
    }
}
