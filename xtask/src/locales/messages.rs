//! The messages of one locale, read from Fluent.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey};
use fluent_syntax::parser;
use serde_json::{Value, json};

/// The messages of a file by name; an attribute `b` of the message `a` is named `a.b`.
#[derive(Debug)]
pub(super) struct Messages(BTreeMap<String, Pattern<String>>);

/// What the browser is to say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Said {
    /// A text, with variables in braces.
    Text(String),
    /// One text of several, chosen by a variable: a number's plural category, the number itself, or a word.
    Choice {
        /// The variable.
        by: String,
        /// The texts; `other` is the one for everything else.
        cases: BTreeMap<String, String>,
    },
}

impl Messages {
    /// Reads a file.
    ///
    /// # Errors
    /// What of it is no Fluent, or nothing that we use of it: terms, and a name that is given twice.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let resource = parser::parse(text.to_owned()).map_err(|(_, errors)| {
            let told = errors.iter().map(|error| {
                let line = text.get(..error.pos.start).map_or(0, |before| before.matches('\n').count() + 1);
                format!("line {line}: {}", error.kind)
            });
            told.collect::<Vec<_>>().join("; ")
        })?;
        let mut messages = BTreeMap::new();
        for entry in resource.body {
            let message = match entry {
                Entry::Message(message) => message,
                Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => continue,
                Entry::Term(term) => {
                    return Err(format!("the term `-{}` is nothing that we use", term.id.name));
                }
                Entry::Junk { content } => return Err(format!("this is no Fluent: {content}")),
            };
            let id = message.id.name;
            let attributes = message.attributes.into_iter();
            let named = attributes.map(|attribute| (format!("{id}.{}", attribute.id.name), attribute.value));
            for (name, pattern) in message.value.map(|value| (id.clone(), value)).into_iter().chain(named) {
                if messages.insert(name.clone(), pattern).is_some() {
                    return Err(format!("`{name}` is there twice"));
                }
            }
        }
        Ok(Self(messages))
    }

    /// What each message says, with the aliases of the reference where this locale has none of its own.
    pub(super) fn completed(&self, reference: &Self) -> BTreeMap<String, Result<Said, String>> {
        let aliases = reference.0.iter().filter(|(_, pattern)| alias(pattern).is_some());
        let all: BTreeMap<&String, &Pattern<String>> = aliases.chain(&self.0).collect();
        let said = all.iter().map(|(name, pattern)| {
            // Longer chains than there are messages go round in a circle.
            let mut pattern = *pattern;
            for _ in 0..=all.len() {
                let Some(target) = alias(pattern) else { return ((*name).clone(), Said::read(pattern)) };
                let Some(next) = all.get(&target) else {
                    return ((*name).clone(), Err(format!("refers to `{target}`, which is not there")));
                };
                pattern = *next;
            }
            ((*name).clone(), Err("refers to itself".to_owned()))
        });
        said.collect()
    }
}

/// The message that this one repeats, if it is nothing but a reference.
fn alias(pattern: &Pattern<String>) -> Option<String> {
    let [PatternElement::Placeable { expression: Expression::Inline(inline) }] = pattern.elements.as_slice()
    else {
        return None;
    };
    let InlineExpression::MessageReference { id, attribute } = inline else { return None };
    Some(match attribute {
        Some(attribute) => format!("{}.{}", id.name, attribute.name),
        None => id.name.clone(),
    })
}

impl Said {
    fn read(pattern: &Pattern<String>) -> Result<Self, String> {
        let mut text = String::new();
        let mut choice = None;
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => text.push_str(value),
                PatternElement::Placeable { expression: Expression::Inline(inline) } => {
                    text.push_str(&inlined(inline)?)
                }
                PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                    let InlineExpression::VariableReference { id } = selector else {
                        return Err("chooses by something that is no variable".to_owned());
                    };
                    let mut cases = BTreeMap::new();
                    for variant in variants {
                        let key = match &variant.key {
                            VariantKey::Identifier { name } => name,
                            VariantKey::NumberLiteral { value } => value,
                        };
                        if variant.default && key != "other" {
                            return Err(format!("has `{key}` for everything else; it must be `other`"));
                        }
                        let Self::Text(text) = Self::read(&variant.value)? else {
                            return Err("chooses within a choice".to_owned());
                        };
                        cases.insert(key.clone(), text);
                    }
                    choice = Some((id.name.clone(), cases));
                }
            }
        }
        match choice {
            None => Ok(Self::Text(text)),
            Some((by, cases)) if text.is_empty() => Ok(Self::Choice { by, cases }),
            Some(_) => Err("has text beside its choice; repeat it in every case".to_owned()),
        }
    }

    /// Whether somebody would see nothing.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::Choice { cases, .. } => cases.values().any(|text| text.trim().is_empty()),
        }
    }

    /// What stands in it, and what it is chosen by.
    pub(super) fn variables(&self) -> BTreeSet<String> {
        let texts = match self {
            Self::Text(text) => vec![text],
            Self::Choice { cases, .. } => cases.values().collect(),
        };
        let mut variables: BTreeSet<String> = texts
            .iter()
            .flat_map(|text| text.split('{').skip(1).filter_map(|rest| rest.split('}').next()))
            .map(str::to_owned)
            .collect();
        if let Self::Choice { by, .. } = self {
            variables.insert(by.clone());
        }
        variables
    }

    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Choice { by, cases } => json!([by, cases]),
        }
    }
}

fn inlined(inline: &InlineExpression<String>) -> Result<String, String> {
    match inline {
        InlineExpression::StringLiteral { value } => {
            let mut text = String::new();
            fluent_syntax::unicode::unescape_unicode(&mut text, value).map_err(|error| error.to_string())?;
            if text.contains(['{', '}']) { Err("has a brace in its text".to_owned()) } else { Ok(text) }
        }
        InlineExpression::VariableReference { id } => Ok(format!("{{{}}}", id.name)),
        InlineExpression::MessageReference { id, .. } => {
            Err(format!("refers to `{}` in the middle of a text", id.name))
        }
        InlineExpression::NumberLiteral { .. }
        | InlineExpression::FunctionReference { .. }
        | InlineExpression::TermReference { .. }
        | InlineExpression::Placeable { .. } => Err("uses something of Fluent that we do not".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Result<Said, String> {
        let messages = Messages::parse(text).unwrap();
        messages.completed(&messages).remove("a").unwrap()
    }

    #[test]
    fn texts_variables_and_literals_become_one_text() {
        assert_eq!(said("a = x { $y } z{ \"\\u200E\" }\n"), Ok(Said::Text("x {y} z\u{200e}".to_owned())));
        assert_eq!(said("a =\n    one\n    two\n"), Ok(Said::Text("one\ntwo".to_owned())));
    }

    #[test]
    fn what_we_do_not_use_is_refused() {
        for (text, error) in [
            ("a = { NUMBER($x) }\n", "uses something of Fluent that we do not"),
            ("a = { \"{\" }\n", "has a brace in its text"),
            ("b = B\na = x { b }\n", "refers to `b` in the middle of a text"),
            ("a = { b }\n", "refers to `b`, which is not there"),
            ("a = { b }\nb = { a }\n", "refers to itself"),
            ("a = x { $y ->\n   *[other] z\n}\n", "has text beside its choice; repeat it in every case"),
            ("a = { $y ->\n   *[many] z\n}\n", "has `many` for everything else; it must be `other`"),
        ] {
            assert_eq!(said(text), Err(error.to_owned()), "{text}");
        }
        assert_eq!(Messages::parse("a = 1\na = 2\n").unwrap_err(), "`a` is there twice");
        assert_eq!(Messages::parse("-a = 1\n").unwrap_err(), "the term `-a` is nothing that we use");
        assert!(Messages::parse("ok = 1\na ? 1\n").unwrap_err().starts_with("line 2: "));
    }
}
