//! Takes out of wasm-bindgen's JavaScript side what a browser that can run the module never needs: detours for
//! older engines, a second way to load, clean-up after values that our page frees itself.
//!
//! wasm-bindgen is pinned, so its texts are known. Each cut says what it expects; when an update of wasm-bindgen
//! writes something else, the build stops and names the cut.

/// A stretch of the glue that is written anew: from one text, which stands in it once, up to another.
struct Cut {
    from: &'static str,
    until: &'static str,
    instead: &'static str,
}

/// What goes from the glue of every build.
const CUTS: &[Cut] = &[
    // Growing a memory gives it a new buffer in every engine.
    Cut {
        from: "let cachedDataViewMemory0 = null;",
        until: "function getStringFromWasm0",
        instead: "let cachedDataViewMemory0;\n\
            function getDataViewMemory0() {\n\
                if (cachedDataViewMemory0?.buffer !== wasm.memory.buffer) {\n\
                    cachedDataViewMemory0 = new DataView(wasm.memory.buffer);\n\
                }\n\
                return cachedDataViewMemory0;\n\
            }\n",
    },
    // A detour for what Safari does after two gigabytes of text, and one for engines without `encodeInto`.
    Cut {
        from: "let cachedTextDecoder",
        until: "let WASM_VECTOR_LEN",
        instead: "const cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });\n\
            const decodeText = (bytes) => cachedTextDecoder.decode(bytes);\n\
            const cachedTextEncoder = new TextEncoder();\n",
    },
];

/// What goes besides from the glue of the WebAssembly module.
const WASM_CUTS: &[Cut] = &[
    // The page frees what it is given.
    Cut { from: "const CheckoutFinalization", until: "function addToExternrefTable0", instead: "" },
    Cut { from: "function passStringToWasm0", until: "function takeFromExternrefTable0", instead: PASS },
    // Every engine that knows `externref` can compile while it downloads.
    Cut {
        from: "let wasmModule, wasmInstance, wasm;",
        until: "__wbg_init as default };",
        instead: "let wasm, started;\n\
            async function load(from) {\n\
                const imports = __wbg_get_imports();\n\
                const bytes = await from;\n\
                wasm = (await (bytes.byteLength === undefined\n\
                    ? WebAssembly.instantiateStreaming(fetch(bytes), imports)\n\
                    : WebAssembly.instantiate(bytes, imports))).instance.exports;\n\
                wasm.__wbindgen_start();\n\
            }\n\
            const __wbg_init = ({ module_or_path }) => started ??= load(module_or_path).catch((error) => {\n\
                started = undefined;\n\
                throw error;\n\
            });\n\
            export { ",
    },
];

/// What goes besides from the glue of the module that was translated to JavaScript.
const JS_ONLY_CUTS: &[Cut] = &[
    Cut { from: "const CheckoutFinalization", until: "function addHeapObject", instead: "" },
    Cut { from: "function passStringToWasm0", until: "let stack_pointer", instead: PASS },
    // It lies in the same file, so there is nothing to wait for.
    Cut {
        from: "let wasmModule, wasmInstance, wasm;",
        until: "__wbg_init as default };",
        instead: "let wasm;\n\
            const __wbg_init = async () => {\n\
                wasm ??= instantiate(__wbg_get_imports());\n\
            };\n\
            export { ",
    },
];

/// One way to pass a text instead of three, and no copy of it stays behind.
const PASS: &str = "function passStringToWasm0(arg) {\n\
        const copy = cachedTextEncoder.encode(arg);\n\
        WASM_VECTOR_LEN = copy.length;\n\
        const ptr = wasm.__wbindgen_malloc(WASM_VECTOR_LEN, 1) >>> 0;\n\
        getUint8ArrayMemory0().set(copy, ptr);\n\
        copy.fill(0);\n\
        return ptr;\n\
    }\n";

/// The types of what the last cut wrote.
const TYPES: Cut = Cut {
    from: "export type InitInput",
    until: "",
    instead: "/** What brings the module: its address, or its bytes. */\n\
        export type InitInput = RequestInfo | URL | BufferSource;\n\n\
        /** Loads the module, once. A load that failed can be tried again. */\n\
        export default function init(from: { module_or_path: InitInput | Promise<InitInput> }): Promise<void>;\n",
};

/// The lines that go, by a part of them, with how many there are for each class that the module exports.
const LINES: &[&str] = &["Finalization.register(obj", "Finalization.unregister(this", "if (Symbol.dispose) "];

/// How many classes the module exports.
const CLASSES: usize = 3;

/// How wasm-bindgen hands a Rust closure to JavaScript.
const CLOSURES: &[&str] = &["makeClosure(", "makeMutClosure("];

/// How the exports begin that are for programs and not for the card frame.
const NOT_IN_FRAME: &[&str] = &[
    "export class Typing {",
    "export function edit(",
    "export function inspectAccount(",
    "export function inspectCard(",
    "export function inspectCode(",
    "export function inspectExpiry(",
    "export function inspectRouting(",
];

/// The arguments by which a text was handed over in more than one way.
const ALLOCATORS: &str = ", wasm.__wbindgen_malloc, wasm.__wbindgen_realloc)";

/// The glue without what is not needed.
///
/// # Errors
/// When something that is cut is not there, or not as often as expected.
pub(crate) fn slim(glue: &str) -> Result<String, String> {
    let slim = without_leftovers(glue, WASM_CUTS)?;
    if !slim.contains(ALLOCATORS) {
        return Err(format!("the glue never says `{ALLOCATORS}`"));
    }
    unguarded(&slim.replace(ALLOCATORS, ")"))
}

/// The glue of the card frame, which starts the form and has no use for what else the module exports: `names.rs` leaves
/// the exports out that the glue never names, and `wasm-opt` what only they call.
///
/// # Errors
/// As [`slim`], and when an export of the module is not there.
pub(crate) fn slim_frame(glue: &str) -> Result<String, String> {
    let slim = NOT_IN_FRAME.iter().try_fold(slim(glue)?, |glue, from| {
        // What is left of it is an empty block.
        cut(&glue, &Cut { from, until: "\n}\n", instead: "{" })
    })?;
    // What makes an object of that class, the module still asks for until `wasm-opt` has been there.
    let (call, nothing) = ("field(Typing.__wrap(arg0), arg1)", "undefined");
    if slim.contains(call) {
        Ok(slim.replace(call, nothing))
    } else {
        Err(format!("the glue never says `{call}`"))
    }
}

/// The glue of a module that was translated to JavaScript, which stands in the file `translated` beside it. The list
/// of objects must begin with `first_free` fixed places.
///
/// # Errors
/// As [`slim`].
pub(crate) fn slim_js_only(glue: &str, translated: &str, first_free: i32) -> Result<String, String> {
    let fixed = format!("if (idx < {first_free}) return;");
    if !glue.contains(&fixed) {
        return Err(format!("the glue never says `{fixed}`"));
    }
    let slim = without_leftovers(glue, JS_ONLY_CUTS)?;
    Ok(format!("import {{ instantiate }} from './{translated}';\n{slim}"))
}

fn without_leftovers(glue: &str, cuts: &[Cut]) -> Result<String, String> {
    if let Some(closure) = CLOSURES.iter().find(|closure| glue.contains(**closure)) {
        return Err(format!("the glue has `{closure}`, but `trim.rs` has silenced what closures call"));
    }
    let all = CUTS.iter().chain(cuts);
    let slim = all.into_iter().try_fold(glue.to_owned(), |glue, one| cut(&glue, one))?;
    LINES.iter().try_fold(slim, |slim, part| {
        let found = slim.lines().filter(|line| line.contains(part)).count();
        if found != CLASSES {
            return Err(format!("the glue has {found} lines with `{part}` instead of {CLASSES}"));
        }
        Ok(without_lines(&slim, |line| line.contains(part)))
    })
}

/// The declarations that belong to the slim glue.
///
/// # Errors
/// When the part that is cut is not there.
pub(crate) fn types(declarations: &str) -> Result<String, String> {
    cut(declarations, &TYPES)
}

fn cut(text: &str, cut: &Cut) -> Result<String, String> {
    let missing = || format!("wasm-bindgen's text has not, once, `{}` before `{}`", cut.from, cut.until);
    let (before, rest) = text.split_once(cut.from).ok_or_else(missing)?;
    if rest.contains(cut.from) {
        return Err(missing());
    }
    let after = match cut.until {
        "" => "",
        until => rest.find(until).and_then(|at| rest.get(at..)).ok_or_else(missing)?,
    };
    Ok([before, cut.instead, after].concat())
}

/// Takes the guards off the texts of a call: they give the first texts back when a later one is no text at all,
/// and our page passes nothing else.
fn unguarded(glue: &str) -> Result<String, String> {
    let mut guards = 0;
    let mut cut_catch = false;
    let mut slim = String::with_capacity(glue.len());
    let mut previous = "";
    for line in glue.lines() {
        let word = line.trim();
        if word == "try {" && previous.starts_with("let ptr0") {
            guards += 1;
        } else if word == "} catch (e) {" && previous.starts_with("len") {
            cut_catch = true;
        } else if cut_catch {
            cut_catch = line != "        }";
        } else {
            slim.push_str(line);
            slim.push('\n');
        }
        previous = word;
    }
    if guards == 0 || cut_catch { Err("the glue guards no text of a call".to_owned()) } else { Ok(slim) }
}

fn without_lines(text: &str, goes: impl Fn(&str) -> bool) -> String {
    text.lines().filter(|line| !goes(line)).flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Glue with everything that is cut, between what stays.
    fn written() -> String {
        let classes = ["Checkout", "Exchange", "Typing"].map(|class| {
            format!(
                "class {class} {{\n        {class}Finalization.register(obj, ptr);\n        \
                 {class}Finalization.unregister(this);\n}}\nif (Symbol.dispose) {class};\n"
            )
        });
        let call = "        let ptr0, len0;\n        try {\n            \
            ptr0 = passStringToWasm0(key, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);\n            \
            len0 = WASM_VECTOR_LEN;\n        } catch (e) {\n            if (ptr0) { give(back); }\n            \
            throw e;\n        }\n        wasm.call(ptr0, len0);\n";
        [classes.concat(), call.to_owned(), parts(WASM_CUTS)].concat()
    }

    fn parts(cuts: &[Cut]) -> String {
        CUTS.iter().chain(cuts).map(|cut| format!("{} dropped\n{}\n", cut.from, cut.until)).collect()
    }

    #[test]
    fn the_frame_lacks_what_is_for_programs() {
        let exports = NOT_IN_FRAME.iter().map(|from| format!("{from}\n    gone();\n}}\n"));
        let call = "const ret = field(Typing.__wrap(arg0), arg1);\n";
        let start = "export function start(form) {\n    stays();\n}\n";
        let glue = [written(), exports.collect(), call.to_owned(), start.to_owned()].concat();
        let slim = slim_frame(&glue).unwrap();
        assert!(!slim.contains("gone()") && !slim.contains("Typing.__wrap"), "{slim}");
        assert!(slim.contains("stays()") && slim.contains("const ret = undefined;"), "{slim}");
        for missing in ["export function edit(", "field(Typing"] {
            assert!(slim_frame(&glue.replace(missing, "other(")).is_err(), "{missing}");
        }
    }

    #[test]
    fn what_is_cut_goes_and_the_rest_stays() {
        let slim = slim(&written()).unwrap();
        for gone in ["Finalization", "dispose", "dropped", "catch (e)", "give(back)", "realloc", "initSync"] {
            assert!(!slim.contains(gone), "{gone} is still there:\n{slim}");
        }
        let call = "        let ptr0, len0;\n            ptr0 = passStringToWasm0(key);\n            \
            len0 = WASM_VECTOR_LEN;\n        wasm.call(ptr0, len0);\n";
        assert!(slim.contains(call), "{slim}");
        assert!(slim.contains("class Checkout {\n}\nclass Exchange {\n}\nclass Typing {\n}\n"), "{slim}");
        assert!(slim.ends_with("export { __wbg_init as default };\n"), "{slim}");
    }

    #[test]
    fn glue_that_is_written_otherwise_is_refused_with_the_missing_text() {
        for one in CUTS.iter().chain(WASM_CUTS) {
            let refused = slim(&written().replace(one.from, "something else")).unwrap_err();
            assert!(refused.contains(one.from), "{refused}");
            assert!(slim(&[written().as_str(), one.from].concat()).unwrap_err().contains(one.from));
        }
        for part in LINES {
            assert!(slim(&written().replacen(part, "", 1)).unwrap_err().contains(part));
        }
        assert!(slim(&written().replace(ALLOCATORS, ")")).unwrap_err().contains(ALLOCATORS));
        assert!(slim(&written().replace("let ptr0", "let other")).unwrap_err().contains("guards"));
        assert!(slim(&[&written(), "makeMutClosure("].concat()).unwrap_err().contains("makeMutClosure"));
        assert!(types("export function start(form: any): any;").unwrap_err().contains("InitInput"));
    }
    #[test]
    fn glue_of_a_translated_module_starts_it_and_knows_its_fixed_places() {
        let classes = written();
        let classes = classes.split_once("        let ptr0").unwrap().0;
        let glue = [classes, "    if (idx < 1028) return;\n", &parts(JS_ONLY_CUTS)].concat();
        let slim = slim_js_only(&glue, "module.js", 1028).unwrap();
        for gone in ["Finalization", "dispose", "dropped", "WebAssembly", "initSync"] {
            assert!(!slim.contains(gone), "{gone} is still there:\n{slim}");
        }
        assert!(slim.starts_with("import { instantiate } from './module.js';\n"), "{slim}");
        assert!(slim_js_only(&glue, "module.js", 1032).unwrap_err().contains("1032"));
        for one in JS_ONLY_CUTS {
            let refused = slim_js_only(&glue.replace(one.from, "other"), "module.js", 1028).unwrap_err();
            assert!(refused.contains(one.from), "{refused}");
        }
    }
}
