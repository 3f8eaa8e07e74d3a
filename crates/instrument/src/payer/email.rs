//! [`Email`]: an e-mail address.

use crate::card::holder::check;
use crate::verdict::Reason;

/// The most bytes of an address that fits into a mail envelope (RFC 5321, 4.5.3.1.3 less the brackets).
const MAX_BYTES: usize = 254;

/// The most bytes before the @ (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL_BYTES: usize = 64;

/// The most bytes of one part of a domain (RFC 1035, 2.3.4).
const MAX_LABEL_BYTES: usize = 63;

/// An e-mail address, spelt as it was entered. Only its form is checked: whether mail arrives is for a
/// mail to find out. Letters beyond ASCII are allowed (RFC 6531).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Reads an address.
    ///
    /// # Errors
    /// `required`, `too_long`, `bad_characters`, `contains_card_number` or `bad_format`.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let text = check(text, MAX_BYTES, MAX_BYTES)?;
        let (local, domain) = text.rsplit_once('@').ok_or(Reason::BadFormat)?;
        if is_local(local) && is_domain(domain) { Ok(Self(text.to_owned())) } else { Err(Reason::BadFormat) }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_local(local: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    local.len() <= MAX_LOCAL_BYTES && local.split('.').all(|part| !part.is_empty() && part.chars().all(plain))
}

fn is_domain(domain: &str) -> bool {
    domain.contains('.') && domain.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= MAX_LABEL_BYTES
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|c| c == '-' || c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_addresses() {
        for text in ["a@b.co", "first.last+tag@sub.example.com", "o'neil@example.org", "用户@例子.中国"]
        {
            assert_eq!(Email::parse(text).unwrap().as_str(), text);
        }
        assert_eq!(Email::parse(" a@b.co ").unwrap().as_str(), "a@b.co");
    }

    #[test]
    fn refuses_with_the_reason() {
        for text in [
            "a",
            "@b.co",
            "a@",
            "a@b",
            "a@@b.co",
            "a b@c.de",
            ".a@b.co",
            "a.@b.co",
            "a..b@c.de",
            "a@-b.co",
            "a@b..co",
        ] {
            assert_eq!(Email::parse(text), Err(Reason::BadFormat), "{text}");
        }
        assert_eq!(Email::parse(" "), Err(Reason::Required));
        assert_eq!(Email::parse("4111111111111111@b.co"), Err(Reason::ContainsCardNumber));
        assert_eq!(Email::parse(&format!("{}@b.co", "a".repeat(250))), Err(Reason::TooLong));
        assert_eq!(Email::parse(&format!("{}@b.co", "a".repeat(65))), Err(Reason::BadFormat));
    }
}
