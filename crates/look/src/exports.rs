//! What the frame's script calls. The module is loaded only where a merchant has a theme or a grid of their own, so
//! it comes without wasm-bindgen's glue: texts cross byte by byte, which is quick enough for a few hundred of them.

use std::cell::RefCell;

use lol_alloc::{FreeListAllocator, LockedAllocator};

use crate::layout::{self, Area, Layout};
use crate::theme;

#[global_allocator]
static ALLOCATOR: LockedAllocator<FreeListAllocator> = LockedAllocator::new(FreeListAllocator::new());

/// No question is longer: a name and a value.
const MAX_QUESTION_LEN: usize = 2 * layout::MAX_LEN;

#[derive(Default)]
struct Mail {
    question: Vec<u8>,
    answer: Vec<u8>,
    read: usize,
}

thread_local! {
    static MAIL: RefCell<Mail> = const { RefCell::new(Mail { question: Vec::new(), answer: Vec::new(), read: 0 }) };
}

/// Whether the answer is what was asked for, or what would have been accepted.
const TAKEN: i32 = 1;
const REFUSED: i32 = 0;

/// Appends a byte to the question.
#[expect(
    unsafe_code,
    reason = "an export without wasm-bindgen carries its own name; nothing else is called so"
)]
#[unsafe(no_mangle)]
pub extern "C" fn write(byte: u8) {
    MAIL.with_borrow_mut(|mail| {
        if mail.question.len() < MAX_QUESTION_LEN {
            mail.question.push(byte);
        }
    });
}

/// The next byte of the answer; -1 at its end.
#[expect(
    unsafe_code,
    reason = "an export without wasm-bindgen carries its own name; nothing else is called so"
)]
#[unsafe(no_mangle)]
pub extern "C" fn read() -> i32 {
    MAIL.with_borrow_mut(|mail| {
        let byte = mail.answer.get(mail.read).map_or(-1, |byte| i32::from(*byte));
        mail.read += 1;
        byte
    })
}

/// Asks for the value of a token: its name, a line feed, and the text.
#[expect(
    unsafe_code,
    reason = "an export without wasm-bindgen carries its own name; nothing else is called so"
)]
#[unsafe(no_mangle)]
pub extern "C" fn theme() -> i32 {
    answer(|question| {
        let (name, text) = question.split_once('\n').unwrap_or_default();
        let token = theme::token(name).ok_or(theme::ACCEPTED)?;
        token.read(text).map_err(|refused| refused.accepted)
    })
}

/// Asks for a layout. The answer is its name or its rows, a line feed, and the areas in their order.
#[expect(
    unsafe_code,
    reason = "an export without wasm-bindgen carries its own name; nothing else is called so"
)]
#[unsafe(no_mangle)]
pub extern "C" fn layout() -> i32 {
    answer(|question| {
        let layout = Layout::parse(question).map_err(|refused| refused.accepted)?;
        let (mut text, order) = match layout {
            Layout::Preset(preset) => (preset.as_str().to_owned(), layout::in_order(Area::ALL)),
            Layout::Grid(grid) => (grid.to_css(), layout::in_order(&grid.areas())),
        };
        text.push('\n');
        text.push_str(&order);
        Ok(text)
    })
}

fn answer(ask: impl FnOnce(&str) -> Result<String, &'static str>) -> i32 {
    MAIL.with_borrow_mut(|mail| {
        let question = std::mem::take(&mut mail.question);
        // What is no text is like no text: it is refused.
        let (answer, outcome) = match ask(std::str::from_utf8(&question).unwrap_or_default()) {
            Ok(written) => (written, TAKEN),
            Err(accepted) => (accepted.to_owned(), REFUSED),
        };
        mail.answer = answer.into_bytes();
        mail.read = 0;
        outcome
    })
}
