//! Makes the one file that browsers without WebAssembly load instead (Lockdown Mode, Tor's "Safer", Edge's enhanced
//! security): the same compiled module, translated to JavaScript by Binaryen's `wasm2js`.
//!
//! `wasm2js` knows the first version of WebAssembly and not much more. So wasm-bindgen is told, by the section in which
//! the compiler wrote down what it used, that there are no reference types and no multiple results, and `wasm-opt`
//! replaces the other newer instructions by older ones. It is one compilation: both files come from the same bytes.

use std::fs;
use std::path::Path;

use walrus::ir::Value;
use walrus::{FunctionBuilder, ImportKind, Module, RawCustomSection, ValType};

use super::{GLUE, MODULE, bind, glue, names};
use crate::failure::{Attempt, Failure};
use crate::invocation::{Invocation, timed};

/// Where wasm-bindgen's runtime asks for what its command-line tool knows about reference types.
const REFERENCES: &str = "__wbindgen_externref_xform__";
/// The first place in the glue's list of objects that is not fixed: 1,024 borrowed ones, and `undefined`, `null`,
/// `true`, `false`. Without reference types wasm-bindgen's runtime has it as a constant, `JSIDX_RESERVED`; `glue.rs`
/// looks for the same number in the glue.
pub(super) const FIRST_FREE: i32 = 1028;

/// The translated module, for the glue to import.
const TRANSLATED: &str = "tessera_bg.js";
/// What a trap throws. `WebAssembly.RuntimeError` in our own scripts means this, too.
const TRAP: (&str, &str) = ("trap.js", "export class Trap extends Error {}\n");

/// The lines that `wasm2js` writes and that are written anew: from, until, instead.
const CHANGES: &[(&str, &str, &str)] = &[
    // The imports come from the glue, when it starts the module.
    ("import * as ", "  var bufferView;", ""),
    ("var retasmFunc = asmFunc({", "", "export { asmFunc as instantiate };\n"),
    (
        "function wasm2js_trap()",
        "\n",
        "function wasm2js_trap() { throw new WebAssembly.RuntimeError('unreachable'); }",
    ),
    // A memory that has grown leaves its old buffer empty and detached, as WebAssembly does: no number stays in it, and
    // whoever still looks at it sees that.
    ("newHEAP8.set(HEAP8);", "\n", "newHEAP8.set(HEAP8); HEAP8.fill(0);"),
    ("buffer = newBuffer;", "\n", "structuredClone(buffer, { transfer: [buffer] }); buffer = newBuffer;"),
];

/// Makes `product` of a trimmed module, with everything between in the empty directory `staging`.
///
/// # Errors
/// When a tool fails, or writes something else than expected.
pub(super) fn build(commands: &Path, trimmed: &[u8], staging: &Path, product: &Path) -> Result<(), Failure> {
    let plain = without_references(trimmed).attempt("the compiled module")?;
    timed("bindings", || bind(plain, staging)).attempt("wasm-bindgen")?;
    let (module, glue) = (staging.join(MODULE), staging.join(GLUE));
    let written = fs::read_to_string(&glue).attempt(glue.display())?;
    let slim = glue::slim_js_only(&written, TRANSLATED, FIRST_FREE).attempt(glue.display())?;
    let bound = fs::read(&module).attempt(module.display())?;
    let (short, slim) = names::shorten(&bound, &slim)
        .ok_or("imports or exports are not written as expected")
        .attempt(module.display())?;
    fs::write(&module, short).attempt(module.display())?;
    fs::write(&glue, slim).attempt(glue.display())?;

    Invocation::new(commands.join("wasm-opt"))
        .words("--enable-bulk-memory --enable-bulk-memory-opt --enable-sign-ext --enable-mutable-globals")
        .words("--enable-nontrapping-float-to-int --signext-lowering --llvm-nontrapping-fptoint-lowering")
        .words("--llvm-memory-copy-fill-lowering -Oz --strip-debug --strip-target-features -o")
        .arg(&module)
        .arg(&module)
        .run("wasm-opt", "what wasm2js does not know becomes what it knows")?;
    let translated = staging.join(TRANSLATED);
    Invocation::new(commands.join("wasm2js"))
        .words("--enable-mutable-globals -Oz -o")
        .arg(&translated)
        .arg(&module)
        .run("wasm2js", "some browsers run no WebAssembly")?;
    let text = fs::read_to_string(&translated).attempt(translated.display())?;
    fs::write(&translated, as_function(&text).attempt(translated.display())?)
        .attempt(translated.display())?;
    let trap = staging.join(TRAP.0);
    fs::write(&trap, TRAP.1).attempt(trap.display())?;
    minify(commands, &glue, &trap, product)
}

fn minify(commands: &Path, glue: &Path, trap: &Path, product: &Path) -> Result<(), Failure> {
    Invocation::new(commands.join("esbuild"))
        .words("--bundle --minify --drop:console --format=esm --target=es2022 --log-level=warning")
        .words("--log-override:duplicate-object-key=silent --define:WebAssembly.RuntimeError=Trap --external:/assets/*")
        .arg(format!("--inject:{}", trap.display()))
        .arg(format!("--outfile={}", product.display()))
        .arg(glue)
        .run("translation", "one file for browsers without WebAssembly")?;
    let made = fs::read_to_string(product).attempt(product.display())?;
    if made.contains("WebAssembly") {
        return Err(Failure::new(format!("{} still asks for WebAssembly", product.display())));
    }
    Ok(())
}

/// The module as wasm-bindgen is to see it: made without reference types and without multiple results.
fn without_references(trimmed: &[u8]) -> Result<Vec<u8>, String> {
    let mut module = Module::from_buffer(trimmed).map_err(|error| format!("{error:#}"))?;
    module.customs.remove_raw("target_features").ok_or("the module does not say which features it uses")?;
    module.customs.add(RawCustomSection { name: "target_features".to_owned(), data: vec![0] });
    let end = module.imports.find(REFERENCES, "__wbindgen_externref_statics_end");
    let end = end.ok_or("wasm-bindgen's runtime asks for reference types in another way")?;
    let ImportKind::Function(asked) = module.imports.get(end).kind else {
        return Err("wasm-bindgen's runtime does not call what it asks for".to_owned());
    };
    let mut known = FunctionBuilder::new(&mut module.types, &[], &[ValType::I32]);
    known.func_body().const_(Value::I32(FIRST_FREE));
    module.imports.delete(end);
    module.funcs.get_mut(asked).kind = walrus::FunctionKind::Local(known.local_func(Vec::new()));
    Ok(module.emit_wasm())
}

/// What `wasm2js` wrote, as a module that exports one function: it takes the imports and gives the exports.
fn as_function(translated: &str) -> Result<String, String> {
    if translated.contains(REFERENCES) {
        return Err("something of reference types is left in the module".to_owned());
    }
    CHANGES.iter().try_fold(translated.to_owned(), |text, (from, until, instead)| {
        let missing = || format!("wasm2js wrote no `{from}` before `{until}`");
        let (before, rest) = text.split_once(from).ok_or_else(missing)?;
        let after = match *until {
            "" => "",
            until => rest.find(until).and_then(|at| rest.get(at..)).ok_or_else(missing)?,
        };
        Ok([before, instead, after].concat())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = "import * as a from 'a';\n\n  var bufferView;\nfunction wasm2js_trap() { throw new Error('abort'); }\n\
        function grow() {\n   newHEAP8.set(HEAP8);\n   HEAP8 = newHEAP8;\n   buffer = newBuffer;\n}\n\
        function asmFunc(imports) {\n}\nvar retasmFunc = asmFunc({\n  \"a\": a,\n});\nexport var b = retasmFunc.b;\n";

    #[test]
    fn what_wasm2js_writes_becomes_a_function_that_traps_and_wipes() {
        assert_eq!(
            as_function(WRITTEN).unwrap(),
            "  var bufferView;\n\
             function wasm2js_trap() { throw new WebAssembly.RuntimeError('unreachable'); }\n\
             function grow() {\n   newHEAP8.set(HEAP8); HEAP8.fill(0);\n   HEAP8 = newHEAP8;\n   \
             structuredClone(buffer, { transfer: [buffer] }); buffer = newBuffer;\n}\n\
             function asmFunc(imports) {\n}\nexport { asmFunc as instantiate };\n"
        );
    }

    #[test]
    fn other_texts_are_refused_with_what_is_missing() {
        for (from, _, _) in CHANGES {
            assert!(as_function(&WRITTEN.replace(from, "other")).unwrap_err().contains(from));
        }
        assert!(as_function(&[WRITTEN, REFERENCES].concat()).unwrap_err().contains("reference types"));
    }

    /// A module that asks where the fixed places end, and says which features it was compiled for.
    fn asking(from: &str) -> Vec<u8> {
        let mut module = Module::default();
        let kind = module.types.add(&[], &[ValType::I32]);
        let (asked, _) = module.add_import_func(from, "__wbindgen_externref_statics_end", kind);
        module.exports.add("ask", asked);
        let data = b"\x01+\x0freference-types".to_vec();
        module.customs.add(RawCustomSection { name: "target_features".to_owned(), data });
        module.emit_wasm()
    }

    #[test]
    fn the_module_is_told_where_the_fixed_places_end() {
        let mut module = Module::from_buffer(&without_references(&asking(REFERENCES)).unwrap()).unwrap();
        assert_eq!(module.imports.iter().count(), 0);
        assert_eq!(module.customs.remove_raw("target_features").unwrap().data, [0]);
        let answer = module.funcs.get(module.exports.get_func("ask").unwrap()).kind.unwrap_local();
        let block = answer.block(answer.entry_block());
        assert!(
            matches!(&block.instrs[0].0, walrus::ir::Instr::Const(end) if matches!(end.value, Value::I32(FIRST_FREE)))
        );
    }

    #[test]
    fn a_module_that_asks_otherwise_is_refused() {
        assert!(without_references(&asking("elsewhere")).unwrap_err().contains("another way"));
        assert!(without_references(&Module::default().emit_wasm()).unwrap_err().contains("features"));
    }
}
