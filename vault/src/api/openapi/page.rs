//! The page that shows a document: every operation with its parameters, body and answers.

use std::fmt::Write as _;

use serde_json::Value;

use super::markup::{Escaped, Line, Prose, anchor};
use super::{example, schema};

/// The style sheet of the page.
pub(super) const STYLE: &str = include_str!("page.css");

/// The methods of a path, in the order they are shown.
const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];

/// One operation of the document.
struct Operation<'a> {
    method: String,
    path: &'a str,
    told: &'a Value,
}

/// Writes the whole page.
pub(super) fn render(document: &Value) -> String {
    let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (title, mount) = (text("/info/title"), text("/servers/0/url"));
    let operations = operations(document);
    let mut out = String::with_capacity(64 * 1024);
    let _ = write!(
        out,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head><body>\
         <a class=\"skip\" href=\"#operations\">Skip to the operations</a>\
         <header><h1>{title}</h1><p>Version {version}. The paths below begin with <code>{mount}</code>. \
         Programs read the <a href=\"{mount}/openapi.json\">OpenAPI {openapi} document</a>.</p>{description}</header>",
        title = Escaped(title),
        version = Escaped(text("/info/version")),
        mount = Escaped(mount),
        openapi = Escaped(text("/openapi")),
        description = Prose(text("/info/description")),
    );
    contents(&mut out, &operations);
    out.push_str("<main>");
    security(&mut out, document);
    out.push_str("<section aria-labelledby=\"operations\"><h2 id=\"operations\">Operations</h2>");
    for operation in &operations {
        write_operation(&mut out, operation, document);
    }
    out.push_str("</section>");
    schemas(&mut out, document);
    out.push_str("</main></body></html>\n");
    out
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    paths
        .flat_map(|(path, item)| {
            METHODS.iter().filter_map(|method| {
                let told = item.get(method)?;
                Some(Operation { method: method.to_ascii_uppercase(), path, told })
            })
        })
        .collect()
}

impl Operation<'_> {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn text(&self, member: &str) -> &str {
        self.told.get(member).and_then(Value::as_str).unwrap_or_default()
    }
}

fn contents(out: &mut String, operations: &[Operation<'_>]) {
    out.push_str("<nav aria-label=\"Operations\"><ul>");
    for operation in operations {
        let name = operation.name();
        let _ = write!(
            out,
            "<li><a href=\"#{}\"><code>{}</code></a> {}</li>",
            anchor("op", &name),
            Escaped(&name),
            Line(operation.text("summary"))
        );
    }
    out.push_str("</ul></nav>");
}

fn security(out: &mut String, document: &Value) {
    let Some(schemes) = document.pointer("/components/securitySchemes").and_then(Value::as_object) else {
        return;
    };
    out.push_str("<section aria-labelledby=\"keys\"><h2 id=\"keys\">Keys</h2><dl>");
    for (name, scheme) in schemes {
        let member = |member: &str| scheme.get(member).and_then(Value::as_str).unwrap_or_default();
        let how = match member("type") {
            "http" => format!("<code>Authorization: {} …</code>. ", Escaped(member("scheme"))),
            "apiKey" => {
                format!("<code>{}</code> ({}). ", Escaped(member("name")), Escaped(member("in")))
            }
            other => format!("{}. ", Escaped(other)),
        };
        let _ = write!(out, "<dt>{}</dt><dd>{how}{}</dd>", Escaped(name), Line(member("description")));
    }
    out.push_str("</dl></section>");
}

fn write_operation(out: &mut String, operation: &Operation<'_>, document: &Value) {
    let name = operation.name();
    let id = anchor("op", &name);
    let _ = write!(
        out,
        "<article aria-labelledby=\"{id}\"><h3 id=\"{id}\"><code>{}</code></h3><p>{}</p>{}",
        Escaped(&name),
        Line(operation.text("summary")),
        Prose(operation.text("description"))
    );
    keys(out, operation, document);
    parameters(out, operation);
    body(out, operation, document);
    answers(out, operation);
    out.push_str("</article>");
}

fn keys(out: &mut String, operation: &Operation<'_>, document: &Value) {
    let asked = operation.told.get("security").or_else(|| document.get("security"));
    let asked = asked.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    let names: Vec<String> = asked
        .flat_map(|requirement| requirement.keys())
        .map(|name| format!("<a href=\"#keys\">{}</a>", Escaped(name)))
        .collect();
    if names.is_empty() {
        out.push_str("<p>No key.</p>");
    } else {
        let _ = write!(out, "<p>Key: {}.</p>", names.join(" or "));
    }
}

fn parameters(out: &mut String, operation: &Operation<'_>) {
    let parameters = operation.told.get("parameters").and_then(Value::as_array);
    let Some(parameters) = parameters.filter(|parameters| !parameters.is_empty()) else { return };
    let _ = write!(
        out,
        "<h4>Parameters</h4><div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Parameters of {}\">\
         <table><thead><tr><th scope=\"col\">Name</th><th scope=\"col\">In</th><th scope=\"col\">Type</th>\
         <th scope=\"col\">Required</th><th scope=\"col\">Meaning</th></tr></thead><tbody>",
        Escaped(&operation.name())
    );
    for parameter in parameters {
        let member = |member: &str| parameter.get(member).and_then(Value::as_str).unwrap_or_default();
        let required = parameter.get("required").and_then(Value::as_bool).unwrap_or_default();
        let _ = write!(
            out,
            "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            Escaped(member("name")),
            Escaped(member("in")),
            parameter.get("schema").map(schema::summary).unwrap_or_default(),
            if required { "yes" } else { "no" },
            Line(member("description"))
        );
    }
    out.push_str("</tbody></table></div>");
}

fn body(out: &mut String, operation: &Operation<'_>, document: &Value) {
    let Some(body) = operation.told.get("requestBody") else { return };
    out.push_str("<h4>Body</h4>");
    if let Some(description) = body.get("description").and_then(Value::as_str) {
        let _ = write!(out, "{}", Prose(description));
    }
    for (media_type, content) in body.get("content").and_then(Value::as_object).into_iter().flatten() {
        let _ = write!(out, "<p>As <code>{}</code>:</p>", Escaped(media_type));
        let Some(asked) = content.get("schema") else { continue };
        schema::write(out, asked, &format!("Body of {}", operation.name()));
        if let Some(example) = example::of(content, asked, document) {
            let _ = write!(out, "<pre tabindex=\"0\"><code>{}</code></pre>", Escaped(&example));
        }
    }
}

fn answers(out: &mut String, operation: &Operation<'_>) {
    let _ = write!(
        out,
        "<h4>Answers</h4><div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Answers of {}\">\
         <table><thead><tr><th scope=\"col\">Status</th><th scope=\"col\">Meaning</th><th scope=\"col\">Body</th></tr>\
         </thead><tbody>",
        Escaped(&operation.name())
    );
    for (status, answer) in operation.told.get("responses").and_then(Value::as_object).into_iter().flatten() {
        let meaning = answer.get("description").and_then(Value::as_str).unwrap_or_default();
        let contents = answer.get("content").and_then(Value::as_object).into_iter().flatten();
        let bodies: Vec<String> = contents
            .map(|(media_type, content)| {
                let told = content.get("schema").map(schema::summary).unwrap_or_default();
                format!("<code>{}</code> {told}", Escaped(media_type))
            })
            .collect();
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
            Escaped(status),
            Line(meaning),
            if bodies.is_empty() { "none".to_owned() } else { bodies.join("<br>") }
        );
    }
    out.push_str("</tbody></table></div>");
}

fn schemas(out: &mut String, document: &Value) {
    let Some(schemas) = document.pointer("/components/schemas").and_then(Value::as_object) else { return };
    out.push_str("<section aria-labelledby=\"schemas\"><h2 id=\"schemas\">Schemas</h2>");
    for (name, told) in schemas {
        let id = anchor("schema", name);
        let _ = write!(out, "<article aria-labelledby=\"{id}\"><h3 id=\"{id}\">{}</h3>", Escaped(name));
        schema::write(out, told, name);
        out.push_str("</article>");
    }
    out.push_str("</section>");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_operation_stands_on_the_page_with_all_that_is_told_of_it() {
        let page = render(&json!({
            "openapi": "3.1.0",
            "info": {"title": "A <face>", "version": "1", "description": "About `it`."},
            "servers": [{"url": "/face"}],
            "security": [{"secret": []}],
            "paths": {"/things/{id}": {"post": {
                "summary": "Makes a thing.",
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                "responses": {"201": {"description": "Made.", "content": {"application/json": {"schema": {}}}}},
            }}},
            "components": {
                "schemas": {"Thing": {"type": "object", "properties": {"a": {"type": "string", "examples": ["b"]}}}},
                "securitySchemes": {"secret": {"type": "apiKey", "in": "header", "name": "x-key"}},
            },
        }));
        for part in [
            "<title>A &lt;face&gt;</title>",
            "<a href=\"/face/openapi.json\">",
            "<a href=\"#op-POST-things-id\"><code>POST /things/{id}</code></a> Makes a thing.",
            "<th scope=\"row\"><code>id</code></th><td>path</td><td>string</td><td>yes</td>",
            "<a href=\"#schema-Thing\">Thing</a>",
            "<h3 id=\"schema-Thing\">Thing</h3>",
            "<th scope=\"row\">201</th><td>Made.</td>",
            "<a href=\"#keys\">secret</a>",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert!(!page.contains("<script") && !page.contains("<face>"));
    }
}
