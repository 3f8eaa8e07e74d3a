//! Shortens the names of the imports of a wasm-bindgen module: `__wbg_postMessage_0123456789abcdef` stands in the
//! module and in its glue, and its digits do not compress.

/// The name under which the module asks for what stands in its glue.
const GLUE: &str = "./tessera_bg.js";

/// The module and its glue with imports named `aa`, `ab`, ...; none if the module is not as wasm-bindgen writes it.
pub(crate) fn shorten(module: &[u8], glue: &str) -> Option<(Vec<u8>, String)> {
    let mut out = module.get(..8)?.to_vec();
    let mut glue = glue.to_owned();
    let mut rest = module.get(8..)?;
    while let Some((&id, after)) = rest.split_first() {
        let (len, after) = leb(after)?;
        let (body, after) = after.split_at_checked(len)?;
        rest = after;
        let body = if id == 2 { imports(body, &mut glue)? } else { body.to_vec() };
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
        // What the module takes from a snippet directly has a short name already.
        if module != GLUE {
            push_name(&mut out, module);
            push_name(&mut out, import);
            out.push(kind);
            out.extend(after.get(..after.len() - next.len())?);
            rest = next;
            continue;
        }
        let short: String = [index / 26, index % 26]
            .map(|at| char::from(b'a' + u8::try_from(at).unwrap_or(25)))
            .iter()
            .collect();
        *glue = glue.replace(&format!("        {import}: function("), &format!("        {short}: function("));
        push_name(&mut out, module);
        push_name(&mut out, &short);
        out.push(kind);
        out.extend(after.get(..after.len() - next.len())?);
        rest = next;
    }
    Some(out)
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
