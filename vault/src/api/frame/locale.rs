//! Which language a shopper is spoken to in, and the page of the frame in that language.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::files;

/// The locale of whoever asks for none, or for one that we do not have.
const FALLBACK: &str = "en";

/// The longest language tag that is looked at; RFC 5646 finds 35 characters enough for anything real.
const TAG_CHARS: usize = 35;

/// What the build made of one locale's messages.
#[derive(Deserialize)]
pub(super) struct Locale {
    /// Its tag, which is also the name of its file.
    pub(super) locale: String,
    dir: String,
    messages: HashMap<String, Value>,
}

impl Locale {
    /// The best one for a language tag.
    pub(super) fn of(tag: &str) -> Option<Self> {
        let file = files::locale_file(&negotiate(tag, &files::locales()))?;
        serde_json::from_slice(&file.bytes).ok()
    }

    /// Fills in the page: its language and direction, and each text where the page names it. `data-say` is the text
    /// of an element, `data-hint` what stands in an empty input, `data-label` the name that only assistive
    /// technology tells.
    pub(super) fn render(&self, page: &str) -> String {
        let page = page
            .replacen("<html lang=\"en\"", &format!("<html lang=\"{}\" dir=\"{}\"", self.locale, self.dir), 1)
            .replacen("/assets/locale/en.json", &format!("/assets/locale/{}.json", self.locale), 1);
        let mut filled = String::with_capacity(page.len() * 2);
        let mut rest = page.as_str();
        while let Some(at) = rest.find(" data-") {
            let (before, from) = rest.split_at(at);
            filled.push_str(before);
            let Some(mark) = Mark::read(from) else {
                let (skipped, next) = from.split_at(" data-".len());
                filled.push_str(skipped);
                rest = next;
                continue;
            };
            let text = escape(self.messages.get(mark.message).and_then(Value::as_str).unwrap_or_default());
            let (attribute, next) = from.split_at(mark.end);
            filled.push_str(attribute);
            rest = next;
            if let Some(name) = mark.attribute {
                filled.extend([" ", name, "=\"", &text, "\""]);
            } else if let Some(open) = rest.find('>') {
                let (tag, next) = rest.split_at(open + 1);
                filled.extend([tag, &text]);
                rest = next;
            }
        }
        filled.push_str(rest);
        filled
    }
}

/// Where the page wants a message.
struct Mark<'a> {
    message: &'a str,
    /// The attribute that takes it; none if it is the element's text.
    attribute: Option<&'static str>,
    /// How long the mark is.
    end: usize,
}

impl<'a> Mark<'a> {
    fn read(from: &'a str) -> Option<Self> {
        let marks = [
            (" data-say=\"", None),
            (" data-hint=\"", Some("placeholder")),
            (" data-label=\"", Some("aria-label")),
        ];
        marks.into_iter().find_map(|(mark, attribute)| {
            let (message, _) = from.strip_prefix(mark)?.split_once('"')?;
            Some(Self { message, attribute, end: mark.len() + message.len() + 1 })
        })
    }
}

/// A text as HTML, also within an attribute.
fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"']) {
        return text.into();
    }
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").into()
}

/// The best of the locales that there are: the tag itself, its language in the same script, its language. A tag may
/// stop short (`zh` is written in simplified characters, `pt` is spoken in Brazil) or be an old one.
fn negotiate(tag: &str, available: &[String]) -> String {
    let known = |wanted: &str| available.iter().find(|name| name.eq_ignore_ascii_case(wanted)).cloned();
    let mut parts = tag.get(..tag.len().min(TAG_CHARS)).unwrap_or_default().split(['-', '_']);
    let language = parts.next().unwrap_or_default().to_ascii_lowercase();
    // What follows the singleton of an extension says nothing of language, script or region.
    let parts: Vec<&str> = parts.take_while(|part| part.len() > 1).collect();
    let letters = |part: &&str| part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let script = parts.iter().copied().find(|part| part.len() == 4 && letters(part));
    let region =
        parts.iter().copied().find(|part| part.len() == 2 && letters(part)).map(str::to_ascii_uppercase);
    let language = match language.as_str() {
        "cmn" => "zh",
        "in" => "id",
        "iw" => "he",
        "nn" | "no" => "nb",
        "yue" => "zh",
        other => other,
    };
    let within = match (language, script, region.as_deref()) {
        (_, Some(script), _) => script.to_owned(),
        ("zh", None, Some("HK" | "MO" | "TW")) => "Hant".to_owned(),
        ("zh", None, _) => "Hans".to_owned(),
        ("pt", None, None | Some("BR")) => "BR".to_owned(),
        ("pt", None, Some(_)) => "PT".to_owned(),
        (_, None, region) => region.unwrap_or_default().to_owned(),
    };
    known(&format!("{language}-{within}")).or_else(|| known(language)).unwrap_or_else(|| FALLBACK.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiated(tag: &str) -> String {
        let available = ["ar", "de", "en", "es", "he", "id", "nb", "pt-BR", "pt-PT", "zh-Hans", "zh-Hant"];
        negotiate(tag, &available.map(str::to_owned))
    }

    #[test]
    fn the_nearest_locale_is_found() {
        for (tag, found) in [
            ("de", "de"),
            ("DE", "de"),
            ("de-AT", "de"),
            ("de_CH", "de"),
            ("es-419", "es"),
            ("de-Latn-DE-1996-u-co-phonebk", "de"),
            ("ar-EG-u-nu-latn", "ar"),
            ("iw-IL", "he"),
            ("in", "id"),
            ("no", "nb"),
            ("nn-NO", "nb"),
            ("pt", "pt-BR"),
            ("pt-br", "pt-BR"),
            ("pt-AO", "pt-PT"),
            ("zh", "zh-Hans"),
            ("zh-SG", "zh-Hans"),
            ("zh-TW", "zh-Hant"),
            ("zh-hk", "zh-Hant"),
            ("zh-Hant-CN", "zh-Hant"),
            ("zh-hans-HK", "zh-Hans"),
            ("yue-HK", "zh-Hant"),
            ("zh-yue-HK", "zh-Hant"),
            ("en-GB", "en"),
            ("tlh", "en"),
            ("", "en"),
            ("-", "en"),
            ("../../secret", "en"),
            (
                "\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}",
                "en",
            ),
        ] {
            assert_eq!(negotiated(tag), found, "{tag}");
        }
    }

    #[test]
    fn a_page_is_filled_in_where_it_names_messages() {
        let locale =
            r#"{"locale": "he", "dir": "rtl", "messages": {"a": "x < \"y\" & z", "b.hint": "B", "c": "C"}}"#;
        let locale: Locale = serde_json::from_str(locale).unwrap();
        assert_eq!(
            locale.render(
                "<html lang=\"en\" data-origins=\"o\"><link href=\"/assets/locale/en.json\"><form data-label=\"c\">\
                 <label for=\"i\" data-say=\"a\" class=\"k\"></label><input id=\"i\" data-hint=\"b.hint\"></form>\
                 <p data-say=\"none\"></p></html>"
            ),
            "<html lang=\"he\" dir=\"rtl\" data-origins=\"o\"><link href=\"/assets/locale/he.json\">\
             <form data-label=\"c\" aria-label=\"C\"><label for=\"i\" data-say=\"a\" class=\"k\">x &lt; &quot;y&quot; &amp; \
             z</label><input id=\"i\" data-hint=\"b.hint\" placeholder=\"B\"></form><p data-say=\"none\"></p></html>"
        );
    }
}
