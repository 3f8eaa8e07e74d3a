//! An example of a body, put together from the examples that the schemas give.

use serde_json::{Map, Value};

/// How deep references are followed: no body nests deeper.
const DEPTH: usize = 8;

/// The example of a body as indented JSON; `None` if no schema says anything by example.
pub(super) fn of(content: &Value, schema: &Value, document: &Value) -> Option<String> {
    let example = content.get("example").cloned().or_else(|| composed(schema, document, DEPTH))?;
    serde_json::to_string_pretty(&example).ok()
}

/// The first example of a schema, or the object of its members' examples.
fn composed(schema: &Value, document: &Value, depth: usize) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    if let Some(path) = schema.get("$ref").and_then(Value::as_str) {
        return composed(document.pointer(path.strip_prefix('#')?)?, document, depth);
    }
    if let Some(example) = schema.get("example") {
        return Some(example.clone());
    }
    if let Some(example) =
        schema.get("examples").and_then(Value::as_array).and_then(|examples| examples.first())
    {
        return Some(example.clone());
    }
    for part in ["oneOf", "anyOf", "allOf"] {
        let mut choices = schema.get(part).and_then(Value::as_array).into_iter().flatten();
        if let Some(found) = choices.find_map(|choice| composed(choice, document, depth)) {
            return Some(found);
        }
    }
    if let Some(items) = schema.get("items") {
        return composed(items, document, depth).map(|item| Value::Array(vec![item]));
    }
    let members = schema.get("properties").and_then(Value::as_object)?;
    let members: Map<String, Value> = members
        .iter()
        .filter_map(|(name, member)| Some((name.clone(), composed(member, document, depth)?)))
        .collect();
    (!members.is_empty()).then_some(Value::Object(members))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn examples_are_collected_through_references() {
        let document = json!({"components": {"schemas": {
            "Card": {"type": "object", "properties": {"number": {"examples": ["4111"]}, "cvc": {"type": "string"}}},
            "Loop": {"properties": {"next": {"$ref": "#/components/schemas/Loop"}}},
        }}});
        let card = json!({"properties": {"card": {"oneOf": [
            {"type": "null"}, {"$ref": "#/components/schemas/Card"},
        ]}}});
        assert_eq!(composed(&card, &document, DEPTH), Some(json!({"card": {"number": "4111"}})));
        let endless = json!({"$ref": "#/components/schemas/Loop"});
        assert_eq!(composed(&endless, &document, DEPTH), None);
    }
}
