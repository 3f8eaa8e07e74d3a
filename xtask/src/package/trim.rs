//! Takes out of the compiled module what no call ever needs: everything behind a panic.
//!
//! Panics abort. The function in which a panic ends builds a message, formats numbers into it, and then
//! executes `unreachable`, which JavaScript sees as a `WebAssembly.RuntimeError`. Nobody reads the message,
//! because it may hold what the shopper typed. So these functions become a bare `unreachable`: the same trap
//! at the same place, without the message. With them go the places in the source that a message would name,
//! and the paths of the machine that built the module.
//!
//! This happens before wasm-bindgen runs, so that it writes no JavaScript for imports that only panics use.

use std::collections::BTreeSet;
use std::ops::Range;

use walrus::ir::{Const, Load, Value, Visitor};
use walrus::{ConstExpr, Data, DataId, DataKind, FunctionBuilder, FunctionId, FunctionKind, Module};

/// Functions that end in a panic, as parts of paths without the hashes of crates. None of them returns. Those of
/// wasm-bindgen end in an exception, which runs no destructor either, so that the module is as broken as by a trap.
const PANICS: &[&str] = &[
    "alloc::alloc::handle_alloc_error",
    "alloc::raw_vec::capacity_overflow",
    "alloc::raw_vec::handle_error",
    "core::cell::lazy::panic_poisoned",
    "core::cell::panic_already_",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::panicking::",
    "core::result::unwrap_failed",
    "core::slice::copy_from_slice_impl::len_mismatch_fail",
    "core::slice::index::slice_index_fail",
    "core::str::slice_error_fail",
    "rand_core::unwrap_err::panic_msg",
    "rust_begin_unwind",
    "std::alloc::default_alloc_error_hook",
    "std::alloc::rust_oom",
    "std::panicking::begin_panic",
    "std::panicking::panic_",
    "wasm_bindgen::__rt::borrow_fail",
    "wasm_bindgen::__rt::throw_null",
    "wasm_bindgen::throw_str",
];

/// Functions that write the texts of messages. Nothing else in the module formats text, and [`trim`] refuses a
/// module in which something else does.
const FORMATS: &[&str] = &[
    " as core::fmt::Debug>::fmt",
    " as core::fmt::Display>::fmt",
    " as core::fmt::Write>::write_",
    "core::fmt::Arguments",
    "core::fmt::Formatter>::",
    "core::fmt::builders::",
    "core::fmt::num::",
    "core::fmt::write",
];

/// Functions that stand in the module's table and that nobody calls: what a panic carries, and the ways back into
/// Rust for closures and promises, of which the page keeps its own. `glue.rs` refuses glue that makes a closure.
const UNCALLED: &[&str] =
    &[" as core::any::Any>::type_id", "js_sys::futures::", "wasm_bindgen::convert::closures::_::invoke"];

/// Texts of those messages, each long enough to be nothing else. Only exact copies are taken out: after an update
/// of a crate a new text stays in the module, which costs some bytes and nothing more.
const TEXTS: &[&str] = &[
    " but ends at ",
    " but the index is ",
    " index out of bounds: the len is ",
    " out of range for slice of length ",
    " right` failed",
    "(rand_core::UnwrapErr: failed to unwrap: ",
    ") does not equal buffer length (",
    ") does not match destination slice length (",
    ") should be <= len (is ",
    "==!=matches",
    "HMAC can take a key of any size",
    "IncorrectInputLengthInvalidPskBundleInvalidLength",
    "InvalidLength",
    "InvalidPrkLength",
    "Map key is not a string and cannot be an object key",
    "MessageLimitReachedOpenErrorSealErrorKdfOutputTooLongValidationErrorEncapErrorDecapError",
    "OS Error: ",
    "PRK size is correct",
    "RefCell already borrowed",
    "RefCell already mutably borrowed",
    "StreamCipherError",
    "Tried to shrink to a larger capacity",
    "TryFromIntError",
    "TryFromIteratorError",
    "TryFromSliceError",
    "Unknown Error: ",
    "Web Crypto API is unavailable",
    "\n  left: ",
    "\n right: ",
    "aead key len is way too big",
    "assertion `left ",
    "assertion failed: buf.len() == 2",
    "assertion failed: matches!(iv.len(), 4 | 8 | 12)",
    "assertion failed: self.is_char_boundary(new_len)",
    "attempt to divide by zero",
    "attempted to take ownership of Rust value while it was borrowed",
    "called `Option::unwrap()` on a `None` value",
    "called `Option::unwrap_throw()` on a `None` value",
    "called `Result::unwrap()` on an `Err` value",
    "called `Result::unwrap_throw()` on an `Err` value",
    "capacity overflow",
    "closure invoked recursively or after being dropped",
    "copy_from_slice: source slice length (",
    "end of keystream reached",
    "errno: did not return a positive value",
    "exporter secret len is way too big",
    "getrandom: this target is not supported",
    "insertion index (is ",
    "mid > len",
    "nonce len is way too big",
    "null pointer passed to rust",
    "position value bigger than keystream length",
    "range end index ",
    "range start index ",
    "recursive use of an object detected which would lead to unsafe aliasing in rust",
    "shared secret is way too big",
    "should convert",
    "slice index starts at ",
    "unexpected situation",
    "write_exact(): serialized size (",
];

/// Tables by which numbers are written. They go as well, unless some code that is left names their place.
const TABLES: &[&str] = &[
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899",
    "0123456789abcdef",
    "0x0123456789ABCDEF",
];

/// The size of a `core::panic::Location`: pointer, length, line and column.
const LOCATION_LEN: usize = 16;

/// The compiled module without what only panics need; for wasm-bindgen.
///
/// # Errors
/// When it is no module, or one without the names of its functions, or when something in it formats text at
/// run time.
pub(crate) fn trim(compiled: &[u8]) -> Result<Vec<u8>, String> {
    let mut module = Module::from_buffer(compiled).map_err(|error| format!("{error:#}"))?;
    quiet(&mut module)?;
    let named = Addresses::of(&module);
    blank(&mut module, TEXTS, &Addresses::default());
    blank(&mut module, TABLES, &named);
    Ok(module.emit_wasm())
}

/// Takes the messages of panics out of a module that has none of the texts that [`trim`] knows.
///
/// # Errors
/// When it is no module, has no panics, or formats text where it is needed.
pub(crate) fn silence_panics(compiled: &[u8]) -> Result<Vec<u8>, String> {
    let mut module = Module::from_buffer(compiled).map_err(|error| format!("{error:#}"))?;
    quiet(&mut module)?;
    Ok(module.emit_wasm())
}

/// Silences what only panics call, and takes out what is then called by nobody.
fn quiet(module: &mut Module) -> Result<(), String> {
    let panics = named(module, PANICS);
    let formats = named(module, FORMATS);
    let uncalled = named(module, UNCALLED);
    if panics.is_empty() {
        return Err("no function of the compiled module has the name of one that panics use".to_owned());
    }
    silence(module, &panics);
    silence(module, &formats);
    silence(module, &uncalled);
    walrus::passes::gc::run(module);
    if let Some((caller, called)) = call_of(module, &formats) {
        return Err(format!(
            "{caller} formats text by {called}, which is silenced; write the text in another way"
        ));
    }
    blank_locations(module);
    Ok(())
}

/// The functions with one of these parts in their names.
fn named(module: &Module, parts: &[&str]) -> Vec<FunctionId> {
    let local = module.funcs.iter_local().map(|(id, _)| id);
    local.filter(|id| parts.iter().any(|part| plain_name(module, *id).contains(part))).collect()
}

fn plain_name(module: &Module, id: FunctionId) -> String {
    let name = module.funcs.get(id).name.as_deref().unwrap_or_default();
    format!("{:#}", rustc_demangle::demangle(name))
}

/// Makes functions a bare `unreachable`.
fn silence(module: &mut Module, doomed: &[FunctionId]) {
    for id in doomed {
        let signature = module.types.get(module.funcs.get(*id).ty());
        let (params, results) = (signature.params().to_vec(), signature.results().to_vec());
        let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
        builder.func_body().unreachable();
        let arguments = params.iter().map(|param| module.locals.add(*param)).collect();
        module.funcs.get_mut(*id).kind = FunctionKind::Local(builder.local_func(arguments));
    }
}

/// A function that calls one of these, and which one.
fn call_of(module: &Module, silenced: &[FunctionId]) -> Option<(String, String)> {
    module.funcs.iter_local().find_map(|(caller, function)| {
        let mut calls = Calls(Vec::new());
        walrus::ir::dfs_in_order(&mut calls, function, function.entry_block());
        let called = calls.0.into_iter().find(|called| silenced.contains(called))?;
        Some((plain_name(module, caller), plain_name(module, called)))
    })
}

/// The functions that a function calls by name.
struct Calls(Vec<FunctionId>);

impl<'instr> Visitor<'instr> for Calls {
    fn visit_function_id(&mut self, function: &FunctionId) {
        self.0.push(*function);
    }
}

/// Overwrites the places in the source, which nothing reads any more, with zeros: wasm-opt leaves those out.
fn blank_locations(module: &mut Module) {
    let ids: Vec<DataId> = module.data.iter().map(Data::id).collect();
    let mut blanks = Vec::new();
    for id in &ids {
        let data = module.data.get(*id);
        let Some(start) = address(data) else { continue };
        for (at, pair) in data.value.windows(8).enumerate().filter(|(at, _)| (start + at).is_multiple_of(4)) {
            if let Some(path) = path_of(module, pair) {
                blanks.push(start + at..start + at + LOCATION_LEN);
                blanks.push(path);
            }
        }
    }
    for id in ids {
        let data = module.data.get_mut(id);
        let Some(start) = address(data) else { continue };
        for blank in &blanks {
            let within = blank.start.saturating_sub(start)..blank.end.saturating_sub(start);
            if blank.start >= start
                && let Some(bytes) = data.value.get_mut(within)
            {
                bytes.fill(0);
            }
        }
    }
}

/// Overwrites texts, except at these addresses.
fn blank(module: &mut Module, texts: &[&str], named: &Addresses) {
    let ids: Vec<DataId> = module.data.iter().map(Data::id).collect();
    for id in ids {
        let data = module.data.get_mut(id);
        let start = address(data).unwrap_or_default();
        for text in texts {
            let mut from = 0;
            while let Some(at) = position(&data.value, from, text) {
                from = at + text.len();
                if !named.any_in(start + at..start + from) {
                    data.value.iter_mut().skip(at).take(text.len()).for_each(|byte| *byte = 0);
                }
            }
        }
    }
}

fn position(bytes: &[u8], from: usize, text: &str) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(text.len()).position(|window| window == text.as_bytes()).map(|at| from + at)
}

/// The numbers in the code that can be addresses.
#[derive(Default)]
struct Addresses(BTreeSet<usize>);

impl Addresses {
    fn of(module: &Module) -> Self {
        let mut addresses = Self(BTreeSet::new());
        for (_, function) in module.funcs.iter_local() {
            walrus::ir::dfs_in_order(&mut addresses, function, function.entry_block());
        }
        addresses
    }

    fn any_in(&self, range: Range<usize>) -> bool {
        self.0.range(range).next().is_some()
    }
}

impl<'instr> Visitor<'instr> for Addresses {
    fn visit_const(&mut self, constant: &Const) {
        if let Value::I32(value) = constant.value {
            self.0.extend(usize::try_from(value));
        }
    }

    fn visit_load(&mut self, load: &Load) {
        self.0.extend(usize::try_from(load.arg.offset));
    }
}

/// Where a segment lies in memory.
fn address(data: &Data) -> Option<usize> {
    match data.kind {
        DataKind::Active { offset: ConstExpr::Value(Value::I32(offset)), .. } => usize::try_from(offset).ok(),
        DataKind::Active { .. } | DataKind::Passive => None,
    }
}

/// The memory that a pair of pointer and length names, if the path of a Rust file lies there.
fn path_of(module: &Module, pair: &[u8]) -> Option<Range<usize>> {
    let (pointer, length) = pair.split_at_checked(4)?;
    let pointer = usize::try_from(u32::from_le_bytes(pointer.try_into().ok()?)).ok()?;
    let length = usize::try_from(u32::from_le_bytes(length.try_into().ok()?)).ok()?;
    let range = pointer..pointer.checked_add(length)?;
    let path = module.data.iter().find_map(|data| {
        let start = address(data)?;
        data.value.get(range.start.checked_sub(start)?..range.end.checked_sub(start)?)
    })?;
    let is_path = path.ends_with(b".rs") && path.contains(&b'/') && path.iter().all(u8::is_ascii_graphic);
    is_path.then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module as the compiler writes it: a call that panics, and the place in the source that it would name.
    fn compiled() -> Vec<u8> {
        let mut module = Module::default();
        let memory = module.memories.add_local(false, false, 1, None, None);
        let mut path = b"kept/home/somebody/src/lib.rs".to_vec();
        path.resize(32, b'!');
        path.extend(1028_u32.to_le_bytes());
        path.extend(25_u32.to_le_bytes());
        path.extend([7, 0, 0, 0, 9, 0, 0, 0, b'k', b'e', b'p', b't']);
        let offset = ConstExpr::Value(Value::I32(1024));
        module.data.add(DataKind::Active { memory, offset }, path);

        let mut panics = FunctionBuilder::new(&mut module.types, &[], &[]);
        panics.name("_ZN4core9panicking9panic_fmt17h0123456789abcdefE".to_owned());
        panics.func_body().i32_const(1056).drop();
        let panics = panics.finish(Vec::new(), &mut module.funcs);
        let mut calls = FunctionBuilder::new(&mut module.types, &[], &[]);
        calls.name("_ZN7tessera5start17h0123456789abcdefE".to_owned());
        calls.func_body().call(panics);
        let calls = calls.finish(Vec::new(), &mut module.funcs);
        module.exports.add("start", calls);
        module.exports.add("panic", panics);
        module.exports.add("memory", memory);
        module.emit_wasm()
    }

    #[test]
    fn panics_become_bare_traps_and_other_functions_stay() {
        let module = Module::from_buffer(&trim(&compiled()).unwrap()).unwrap();
        let body = |export: &str| {
            let function = module.funcs.get(module.exports.get_func(export).unwrap()).kind.unwrap_local();
            let block = function.block(function.entry_block());
            block.instrs.iter().map(|(instruction, _)| instruction.clone()).collect::<Vec<_>>()
        };
        assert!(matches!(body("panic").as_slice(), [walrus::ir::Instr::Unreachable(_)]));
        assert!(matches!(body("start").as_slice(), [walrus::ir::Instr::Call(_)]));
    }

    #[test]
    fn places_in_the_source_become_zeros_and_their_neighbours_stay() {
        let module = Module::from_buffer(&trim(&compiled()).unwrap()).unwrap();
        let data = &module.data.iter().next().unwrap().value;
        let mut expected = b"kept".to_vec();
        expected.resize(29, 0);
        expected.extend(b"!!!");
        expected.resize(48, 0);
        expected.extend(b"kept");
        assert_eq!(data, &expected);
    }

    /// A module whose data is this text, and one function with this constant in it.
    fn with_text(text: &str, constant: i32) -> Vec<u8> {
        let mut module = Module::from_buffer(&compiled()).unwrap();
        let memory = module.memories.iter().next().unwrap().id();
        let offset = ConstExpr::Value(Value::I32(4096));
        module.data.add(DataKind::Active { memory, offset }, format!("kept{text}kept").into_bytes());
        let mut names = FunctionBuilder::new(&mut module.types, &[], &[]);
        names.func_body().i32_const(constant).drop();
        let names = names.finish(Vec::new(), &mut module.funcs);
        module.exports.add("names", names);
        module.emit_wasm()
    }

    #[test]
    fn texts_of_messages_become_zeros_and_so_do_tables_that_no_code_names() {
        let (message, table) = ("capacity overflow", "0123456789abcdef");
        for (text, constant, stays) in [
            (message, 4100, false),
            (table, 4099, false),
            (table, 4100, true),
            (table, 4115, true),
            (table, 4116, false),
        ] {
            let module = Module::from_buffer(&trim(&with_text(text, constant)).unwrap()).unwrap();
            let data = module.data.iter().find(|data| address(data) == Some(4096));
            let data = &data.unwrap().value;
            assert_eq!(position(data, 0, text), stays.then_some(4), "{text} {constant}");
            assert!(data.starts_with(b"kept") && data.ends_with(b"kept"));
        }
    }

    #[test]
    fn a_module_that_formats_text_at_run_time_is_refused() {
        let mut module = Module::from_buffer(&compiled()).unwrap();
        let mut writes = FunctionBuilder::new(&mut module.types, &[], &[]);
        writes.name("_ZN4core3fmt5write17h0123456789abcdefE".to_owned());
        let writes = writes.finish(Vec::new(), &mut module.funcs);
        let mut formats = FunctionBuilder::new(&mut module.types, &[], &[]);
        formats.name("_ZN7tessera7inspect17h0123456789abcdefE".to_owned());
        formats.func_body().call(writes);
        let formats = formats.finish(Vec::new(), &mut module.funcs);
        module.exports.add("inspect", formats);
        let refused = trim(&module.emit_wasm()).unwrap_err();
        assert_eq!(
            refused,
            "tessera::inspect formats text by core::fmt::write, which is silenced; write the text in another way"
        );
    }

    #[test]
    fn a_module_without_names_is_refused() {
        assert!(trim(&Module::default().emit_wasm()).unwrap_err().contains("has the name"));
        assert!(trim(b"no module").is_err());
    }

    #[test]
    fn only_what_never_returns_or_writes_messages_is_silenced() {
        let is_message = |name: &str| {
            let plain = format!("{:#}", rustc_demangle::demangle(name));
            PANICS.iter().chain(FORMATS).any(|part| plain.contains(part))
        };
        assert!(is_message("_ZN4core9panicking18panic_bounds_check17h0123456789abcdefE"));
        // These have real work to do, however close their names are.
        for name in [
            "_ZN4core5slice20copy_from_slice_impl17h0123456789abcdefE",
            "_ZN3std9panicking3try17h0123456789abcdefE",
            "_ZN4core6option15Option$LT$T$GT$6unwrap17h0123456789abcdefE",
        ] {
            assert!(!is_message(name), "{name}");
        }
    }
}
