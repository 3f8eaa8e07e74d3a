//! [`Country`]: where a payer lives.

use core::fmt;

use crate::verdict::Reason;

/// The 249 officially assigned alpha-2 codes, one behind the other (ISO 3166-1).
const CODES: &str = "ADAEAFAGAIALAMAOAQARASATAUAWAXAZ\
    BABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZ\
    CACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZ\
    DEDJDKDMDODZ\
    ECEEEGEHERESET\
    FIFJFKFMFOFR\
    GAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGY\
    HKHMHNHRHTHU\
    IDIEILIMINIOIQIRISIT\
    JEJMJOJP\
    KEKGKHKIKMKNKPKRKWKYKZ\
    LALBLCLILKLRLSLTLULVLY\
    MAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZ\
    NANCNENFNGNINLNONPNRNUNZ\
    OM\
    PAPEPFPGPHPKPLPMPNPRPSPTPWPY\
    QA\
    RERORSRURW\
    SASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZ\
    TCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZ\
    UAUGUMUSUYUZ\
    VAVCVEVGVIVNVU\
    WFWS\
    YEYT\
    ZAZMZW";

/// A country, by its ISO 3166-1 alpha-2 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// Reads an alpha-2 code, in upper or lower case.
    ///
    /// # Errors
    /// `required` or `unknown_choice`.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let code = match text.trim().as_bytes() {
            [] => return Err(Reason::Required),
            [first, second] => [first.to_ascii_uppercase(), second.to_ascii_uppercase()],
            _ => return Err(Reason::UnknownChoice),
        };
        let (codes, _) = CODES.as_bytes().as_chunks::<2>();
        if codes.contains(&code) { Ok(Self(code)) } else { Err(Reason::UnknownChoice) }
    }

    /// The alpha-2 code, in upper case.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_every_assigned_code_and_no_other() {
        let mut known = 0;
        for first in 'A'..='Z' {
            for second in 'A'..='Z' {
                let code = String::from_iter([first, second]);
                if let Ok(country) = Country::parse(&code) {
                    assert_eq!(country.as_str(), code);
                    known += 1;
                }
            }
        }
        assert_eq!(known, 249);
        assert_eq!(CODES.len(), 498);
    }

    #[test]
    fn reads_lower_case_only_as_a_whole() {
        assert_eq!(Country::parse(" us ").unwrap().as_str(), "US");
        assert_eq!(Country::parse(""), Err(Reason::Required));
        for text in ["USA", "U", "UK", "XX", "DA", "é"] {
            assert_eq!(Country::parse(text), Err(Reason::UnknownChoice), "{text}");
        }
    }
}
