//! A schema of the document as HTML: its type in words, and a table of its members.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::markup::{Escaped, Line, Prose, anchor};

/// What is at the end of a reference to a schema of the document.
const PREFIX: &str = "#/components/schemas/";

/// Writes what a schema asks for: one line for a simple one, a table for an object.
pub(super) fn write(out: &mut String, schema: &Value, caption: &str) {
    if let Some(name) = reference(schema) {
        let _ = write!(out, "<p>{}</p>", link(name));
        return;
    }
    let description = schema.get("description").and_then(Value::as_str);
    if let Some(description) = description {
        let _ = write!(out, "{}", Prose(description));
    }
    for part in ["oneOf", "anyOf", "allOf"] {
        let Some(choices) = schema.get(part).and_then(Value::as_array) else { continue };
        let word = if part == "allOf" { "All of:" } else { "One of:" };
        let _ = write!(out, "<p>{word}</p><ul>");
        for (index, choice) in choices.iter().enumerate() {
            out.push_str("<li>");
            if properties(choice).is_some() {
                write(out, choice, &format!("{caption}, form {}", index + 1));
            } else {
                let _ = write!(out, "{}", summary(choice));
            }
            out.push_str("</li>");
        }
        out.push_str("</ul>");
    }
    match properties(schema) {
        Some(members) => table(out, schema, members, caption),
        None if schema.get("oneOf").is_some() || schema.get("anyOf").is_some() => {}
        None if schema.get("allOf").is_some() => {}
        None => {
            let _ = write!(out, "<p>{}</p>", summary(schema));
        }
    }
    if schema.get("additionalProperties") == Some(&Value::Bool(false)) {
        out.push_str("<p>Any other member is refused.</p>");
    }
}

fn table(out: &mut String, schema: &Value, members: &Map<String, Value>, caption: &str) {
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let _ = write!(
        out,
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\"><table><caption>{caption}</caption>\
         <thead><tr><th scope=\"col\">Member</th><th scope=\"col\">Type</th><th scope=\"col\">Required</th>\
         <th scope=\"col\">Meaning</th></tr></thead><tbody>",
        caption = Escaped(caption)
    );
    for (name, member) in members {
        let is_required = if required.contains(&name.as_str()) { "yes" } else { "no" };
        let description = member.get("description").and_then(Value::as_str).unwrap_or_default();
        let _ = write!(
            out,
            "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td><td>{is_required}</td><td>{}",
            Escaped(name),
            summary(member),
            Line(description)
        );
        // A small object that has no name of its own is shown where it stands.
        if let Some(member) = standing(member) {
            let inner = format!("{caption}: {name}");
            let mut bare = member.clone();
            if let Some(bare) = bare.as_object_mut() {
                bare.remove("description");
            }
            write(out, &bare, &inner);
        }
        out.push_str("</td></tr>");
    }
    out.push_str("</tbody></table></div>");
}

/// The type and limits of a schema, in a few words.
pub(super) fn summary(schema: &Value) -> String {
    if let Some(name) = reference(schema) {
        return link(name);
    }
    if schema.as_bool() == Some(true) || schema.as_object().is_some_and(Map::is_empty) {
        return "anything".to_owned();
    }
    let mut words: Vec<String> = match schema.get("type") {
        Some(Value::String(name)) => vec![Escaped(name).to_string()],
        Some(Value::Array(names)) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            vec![Escaped(&names.join(" or ")).to_string()]
        }
        Some(_) | None => Vec::new(),
    };
    for part in ["oneOf", "anyOf", "allOf"] {
        let choices = schema.get(part).and_then(Value::as_array).into_iter().flatten().map(summary);
        let choices: Vec<String> = choices.filter(|choice| !choice.is_empty()).collect();
        if !choices.is_empty() {
            words.push(choices.join(if part == "allOf" { " and " } else { " or " }));
        }
    }
    if let Some(items) = schema.get("items") {
        words.push(format!("of {}", summary(items)));
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let values: Vec<String> =
            values.iter().map(|value| format!("<code>{}</code>", literal(value))).collect();
        words.push(format!("one of {}", values.join(", ")));
    }
    if let Some(value) = schema.get("const") {
        words.push(format!("always <code>{}</code>", literal(value)));
    }
    for (name, before, after) in [
        ("format", "", ""),
        ("pattern", "matching ", ""),
        ("minLength", "at least ", " characters"),
        ("maxLength", "at most ", " characters"),
        ("minimum", "from ", ""),
        ("maximum", "to ", ""),
        ("exclusiveMinimum", "above ", ""),
        ("minItems", "at least ", " items"),
        ("maxItems", "at most ", " items"),
        ("default", "without it ", ""),
    ] {
        if let Some(value) = schema.get(name) {
            words.push(format!("{before}<code>{}</code>{after}", literal(value)));
        }
    }
    words.join(", ")
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "&quot;&quot;".to_owned(),
        Value::String(text) => Escaped(text).to_string(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Escaped(&value.to_string()).to_string()
        }
    }
}

fn link(name: &str) -> String {
    format!("<a href=\"#{}\">{}</a>", anchor("schema", name), Escaped(name))
}

fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref").and_then(Value::as_str)?.strip_prefix(PREFIX)
}

/// An object that is told where it stands: the member itself, or what it is if it is not null.
fn standing(member: &Value) -> Option<&Value> {
    if properties(member).is_some() {
        return Some(member);
    }
    member.get("oneOf").and_then(Value::as_array)?.iter().find(|choice| properties(choice).is_some())
}

fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties").and_then(Value::as_object).filter(|members| !members.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_is_told_in_words() {
        for (schema, words) in [
            (json!({"type": "string", "maxLength": 4}), "string, at most <code>4</code> characters"),
            (json!({"type": ["string", "null"]}), "string or null"),
            (json!({"type": "array", "items": {"type": "string"}}), "array, of string"),
            (json!({"$ref": "#/components/schemas/Card"}), "<a href=\"#schema-Card\">Card</a>"),
            (json!({"const": ""}), "always <code>&quot;&quot;</code>"),
            (json!(true), "anything"),
        ] {
            assert_eq!(summary(&schema), words);
        }
    }

    #[test]
    fn an_object_is_a_table_and_names_what_it_requires() {
        let schema = json!({
            "type": "object", "required": ["a"], "additionalProperties": false,
            "properties": {"a": {"type": "integer", "description": "How many."}, "b<": {}},
        });
        let mut out = String::new();
        write(&mut out, &schema, "Body");
        assert!(
            out.contains(
                "<th scope=\"row\"><code>a</code></th><td>integer</td><td>yes</td><td>How many.</td>"
            )
        );
        assert!(out.contains("<code>b&lt;</code></th><td>anything</td><td>no</td>"), "{out}");
        assert!(out.ends_with("<p>Any other member is refused.</p>"));
    }
}
