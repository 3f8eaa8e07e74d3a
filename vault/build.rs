//! Has the vault compiled again when a file that it carries inside has changed.

fn main() {
    // The folders are there in every clone; `pkg/wasm` may come and go inside the second one.
    for path in ["../www/frame", "../pkg", "migrations"] {
        println!("cargo::rerun-if-changed={path}");
    }
}
