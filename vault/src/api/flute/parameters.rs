//! The parameters of a query or a form, taken by name.
//!
//! A parameter that no operation knows is left alone, as Flute does (its CLI's list of defects, D8); one
//! that is known and stands there twice is refused. An empty value counts as not given.

use zeroize::Zeroizing;

use super::entity::EntityId;
use super::moment;
use crate::api::members::{Misfit, unknown_value};

/// Name and value pairs, decoded.
pub(super) struct Parameters(Vec<(Zeroizing<String>, Zeroizing<String>)>);

impl Parameters {
    /// Decodes `application/x-www-form-urlencoded` text.
    ///
    /// # Errors
    /// `query_invalid` if a value is no text.
    pub(super) fn of(text: &[u8]) -> Result<Self, Misfit> {
        let mut pairs = Vec::new();
        for pair in text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
            pairs.push((decoded(name)?, decoded(value)?));
        }
        Ok(Self(pairs))
    }

    /// Takes a text, without spaces around it; an empty one counts as not given.
    ///
    /// # Errors
    /// `query_invalid` if the parameter stands there more than once.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<Zeroizing<String>>, Misfit> {
        Ok(self.given(name)?.filter(|value| !value.is_empty()))
    }

    /// Takes what stands there, empty or not.
    fn given(&mut self, name: &str) -> Result<Option<Zeroizing<String>>, Misfit> {
        let mut found = None;
        for (known, value) in &self.0 {
            if known.as_str() != name {
                continue;
            }
            if found.is_some() {
                return Err(Misfit::invalid(name, "query_invalid", format!("{name} must be given once")));
            }
            found = Some(Zeroizing::new(value.trim().to_owned()));
        }
        Ok(found)
    }

    /// Takes a whole number within a range.
    ///
    /// # Errors
    /// `wrong_type` or `out_of_range`.
    pub(super) fn number(&mut self, name: &str, least: u32, most: u32) -> Result<Option<u32>, Misfit> {
        let Some(text) = self.given(name)? else { return Ok(None) };
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Misfit::invalid(name, "wrong_type", format!("{name} must be a whole number")));
        }
        match text.parse::<u32>() {
            Ok(number) if (least..=most).contains(&number) => Ok(Some(number)),
            Ok(_) | Err(_) => {
                let message = format!("{name} must be from {least} to {most}");
                Err(Misfit::invalid(name, "out_of_range", message))
            }
        }
    }

    /// Takes `true` or `false`, in any case.
    ///
    /// # Errors
    /// `unknown_value`.
    pub(super) fn truth(&mut self, name: &str) -> Result<Option<bool>, Misfit> {
        match self.given(name)?.as_deref().map(|text| text.to_ascii_lowercase()).as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(unknown_value(name, &["true", "false"])),
        }
    }

    /// Takes one of some words.
    ///
    /// # Errors
    /// `unknown_value`.
    pub(super) fn word(
        &mut self,
        name: &str,
        accepted: &'static [&'static str],
    ) -> Result<Option<&'static str>, Misfit> {
        let Some(text) = self.given(name)? else { return Ok(None) };
        let word = accepted.iter().find(|word| word.eq_ignore_ascii_case(&text));
        word.copied().map(Some).ok_or_else(|| unknown_value(name, accepted))
    }

    /// Takes a moment, in milliseconds since the Unix epoch.
    ///
    /// # Errors
    /// `invalid_date`.
    pub(super) fn moment(&mut self, name: &str) -> Result<Option<i64>, Misfit> {
        self.given(name)?.map(|text| moment::parse(name, &text)).transpose()
    }

    /// Takes an id.
    ///
    /// # Errors
    /// `invalid_id`.
    pub(super) fn id(&mut self, name: &str) -> Result<Option<EntityId>, Misfit> {
        self.given(name)?.map(|text| EntityId::parse(name, &text)).transpose()
    }
}

fn decoded(text: &[u8]) -> Result<Zeroizing<String>, Misfit> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (*first, after) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => {
                let (Some(high), Some(low)) = (hex(*high), hex(*low)) else { return Err(undecodable()) };
                bytes.push(high << 4 | low);
                rest = after;
            }
            (b'%', _) => return Err(undecodable()),
            (byte, _) => bytes.push(byte),
        }
    }
    let text = core::str::from_utf8(&bytes).map_err(|_| undecodable())?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn undecodable() -> Misfit {
    Misfit::invalid("query", "query_invalid", "the parameters must be percent-encoded UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Parameters {
        Parameters::of(text.as_bytes()).unwrap()
    }

    #[test]
    fn parameters_are_decoded_and_taken_by_name() {
        let mut parameters = of("fullName=Ada+L%6Fvelace&pageSize=20&asc=TRUE&empty=&other");
        assert_eq!(parameters.text("fullName").unwrap().unwrap().as_str(), "Ada Lovelace");
        assert_eq!(parameters.number("pageSize", 1, 100).unwrap(), Some(20));
        assert_eq!(parameters.truth("asc").unwrap(), Some(true));
        assert!(parameters.text("empty").unwrap().is_none());
        assert!(parameters.text("missing").unwrap().is_none());
    }

    #[test]
    fn what_does_not_fit_is_named_and_not_repeated() {
        for (text, code) in [
            ("pageSize=4111111111111111", "out_of_range"),
            ("pageSize=0", "out_of_range"),
            ("pageSize=101", "out_of_range"),
            ("pageSize=-1", "wrong_type"),
            ("pageSize=2&pageSize=3", "query_invalid"),
        ] {
            let misfit = of(text).number("pageSize", 1, 100).unwrap_err();
            assert_eq!((misfit.path.as_str(), misfit.code), ("pageSize", code), "{text}");
            assert!(!misfit.message.contains("4111"));
        }
        for text in ["a=%zz", "a=%4", "a=%ff"] {
            assert!(Parameters::of(text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(of("asc=yes").truth("asc").unwrap_err().code, "unknown_value");
    }
}
