//! Shortens the names by which a wasm-bindgen module and its glue know each other:
//! `__wbg_postMessage_0123456789abcdef` stands in both, and its digits do not compress.

/// The name under which the module asks for what stands in its glue.
const GLUE: &str = "./tessera_bg.js";

/// How the object begins that holds what stands in the glue.
const OBJECT: &str = "    const import0 = {\n";

/// The sections of a module in which names stand.
const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;

/// The module and its glue with short names, and without the exports that the glue never names; none if the
/// module is not as wasm-bindgen writes it.
pub(crate) fn shorten(module: &[u8], glue: &str) -> Option<(Vec<u8>, String)> {
    let mut out = module.get(..8)?.to_vec();
    let mut glue = glue.to_owned();
    let mut rest = module.get(8..)?;
    while let Some((&id, after)) = rest.split_first() {
        let (len, after) = leb(after)?;
        let (body, after) = after.split_at_checked(len)?;
        rest = after;
        let body = match id {
            IMPORTS => imports(body, &mut glue)?,
            EXPORTS => exports(body, &mut glue)?,
            _ => body.to_vec(),
        };
        out.push(id);
        push_leb(&mut out, body.len());
        out.extend(body);
    }
    Some((out, glue))
}

fn imports(section: &[u8], glue: &mut String) -> Option<Vec<u8>> {
    let (count, mut rest) = leb(section)?;
    let mut out = Vec::new();
    push_leb(&mut out, count);
    for index in 0..count {
        let (module, after) = name(rest)?;
        let (import, after) = name(after)?;
        let (&kind, after) = after.split_first()?;
        // wasm-bindgen's web target imports functions only.
        let (_, next) = (kind == 0).then(|| leb(after))??;
        let new = short(index);
        *glue = if module == GLUE {
            once(glue, &format!("        {import}: function("), &format!("        {new}: function("))?
        } else {
            direct(glue, module, import, &new)?
        };
        push_name(&mut out, &short(0));
        push_name(&mut out, &new);
        out.push(kind);
        out.extend(after.get(..after.len() - next.len())?);
        rest = next;
    }
    *glue = once(glue, &format!("\"{GLUE}\": "), &[&short(0), ": "].concat())?;
    Some(out)
}

/// Takes what the module imports from a snippet itself into the object of everything else, so that no object has
/// to be made of the snippet. wasm-bindgen names the snippet once for each import: the first that is taken leaves one
/// name of it, which the others go by.
fn direct(glue: &str, module: &str, import: &str, new: &str) -> Option<String> {
    let taken = format!("import {{ {import} as direct_{new} }} from \"{module}\";\n");
    let member = format!("        \"{module}\": import");
    let whole = format!(" from \"{module}\"");
    if !glue.contains(&member) && !glue.contains(&[&whole, ";"].concat()) {
        return None;
    }
    let goes = |line: &str| {
        line.starts_with(&member) || (line.starts_with("import * as ") && line.ends_with(&whole))
    };
    let rest = glue.lines().filter(|line| !goes(line)).flat_map(|line| [line, "\n"]);
    let glue: String = [taken.as_str()].into_iter().chain(rest).collect();
    once(&glue, OBJECT, &format!("{OBJECT}        {new}: direct_{new},\n"))
}

fn exports(section: &[u8], glue: &mut String) -> Option<Vec<u8>> {
    let (count, mut rest) = leb(section)?;
    let mut out = Vec::new();
    let mut kept = 0;
    for _ in 0..count {
        let (export, after) = name(rest)?;
        let (&kind, after) = after.split_first()?;
        let (_, next) = leb(after)?;
        let (renamed, found) = renamed(glue, &format!("wasm.{export}"), &format!("wasm.{}", short(kept)));
        if found {
            *glue = renamed;
            push_name(&mut out, &short(kept));
            out.push(kind);
            out.extend(after.get(..after.len() - next.len())?);
            kept += 1;
        }
        rest = next;
    }
    let mut section = Vec::new();
    push_leb(&mut section, kept);
    section.extend(out);
    Some(section)
}

/// The text with this word replaced wherever no letter, digit or underscore follows it, and whether it was there.
fn renamed(text: &str, word: &str, short: &str) -> (String, bool) {
    let mut parts = text.split(word);
    let mut out = parts.next().unwrap_or_default().to_owned();
    let mut found = false;
    for part in parts {
        let ends = !part.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_');
        out.push_str(if ends { short } else { word });
        out.push_str(part);
        found |= ends;
    }
    (out, found)
}

/// The text with this part replaced; none unless it stands there exactly once.
fn once(text: &str, part: &str, instead: &str) -> Option<String> {
    let (before, after) = text.split_once(part)?;
    (!after.contains(part)).then(|| [before, instead, after].concat())
}

/// The name of a number: `a` to `z`, then `ba` and so on.
fn short(number: usize) -> String {
    let letter = |at: usize| char::from(b'a' + u8::try_from(at % 26).unwrap_or(0));
    match number / 26 {
        0 => letter(number).to_string(),
        more => [letter(more), letter(number)].iter().collect(),
    }
}

fn leb(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0;
    for (at, byte) in bytes.iter().enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * at);
        if *byte < 0x80 {
            return Some((value, bytes.get(at + 1..)?));
        }
    }
    None
}

fn name(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (len, rest) = leb(bytes)?;
    let (name, rest) = rest.split_at_checked(len)?;
    Some((std::str::from_utf8(name).ok()?, rest))
}

fn push_leb(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn push_name(out: &mut Vec<u8>, name: &str) {
    push_leb(out, name.len());
    out.extend(name.as_bytes());
}

#[cfg(test)]
mod tests {
    use walrus::{FunctionBuilder, Module};

    use super::*;

    const GLUE_TEXT: &str = "import * as import1 from \"./snippets/page.js\"
import * as import2 from \"./snippets/page.js\"
    const import0 = {
        __wbg_say_0123456789abcdef: function(arg0) { arg0.say(); },
    };
    return {
        \"./tessera_bg.js\": import0,
        \"./snippets/page.js\": import1,
        \"./snippets/page.js\": import2,
    };
wasm.checkout(wasm.checkout_edit);
";

    fn bound() -> Vec<u8> {
        let mut module = Module::default();
        let kind = module.types.add(&[], &[]);
        for (from, name) in [
            (GLUE, "__wbg_say_0123456789abcdef"),
            ("./snippets/page.js", "now"),
            ("./snippets/page.js", "on"),
        ] {
            module.add_import_func(from, name, kind);
        }
        for name in ["checkout", "__wbindgen_realloc", "checkout_edit"] {
            let mut nothing = FunctionBuilder::new(&mut module.types, &[], &[]);
            nothing.func_body();
            let nothing = nothing.finish(Vec::new(), &mut module.funcs);
            module.exports.add(name, nothing);
        }
        module.emit_wasm()
    }

    #[test]
    fn both_sides_get_the_same_short_names() {
        let (module, glue) = shorten(&bound(), GLUE_TEXT).unwrap();
        let module = Module::from_buffer(&module).unwrap();
        let imports: Vec<_> =
            module.imports.iter().map(|import| [import.module.as_str(), &import.name]).collect();
        assert_eq!(imports, [["a", "a"], ["a", "b"], ["a", "c"]]);
        let exports: Vec<_> = module.exports.iter().map(|export| export.name.as_str()).collect();
        assert_eq!(exports, ["a", "b"], "the glue does not name the third");
        for expected in [
            "import { now as direct_b } from \"./snippets/page.js\";\n",
            "        a: function(arg0)",
            "        b: direct_b,\n",
            "        c: direct_c,\n",
            "        a: import0,\n    }",
            "wasm.a(wasm.b)",
        ] {
            assert!(glue.contains(expected), "{expected} is missing:\n{glue}");
        }
        assert!(!glue.contains("import1") && !glue.contains("import2"), "{glue}");
    }

    #[test]
    fn glue_without_an_import_is_refused() {
        for part in ["        __wbg_say_0123456789abcdef", "        \"./snippets/page.js\": import"] {
            assert!(shorten(&bound(), &GLUE_TEXT.replace(part, "other")).is_none(), "{part}");
        }
        assert!(shorten(b"no module", GLUE_TEXT).is_none());
    }
}
