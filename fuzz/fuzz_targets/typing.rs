//! Any keys in the lean field for card numbers: it shows what the general field shows.
#![no_main]

use instrument::field::{Context, Edit, Field, Selection};
use instrument::typing::Typing;
use instrument::{FieldName, YearMonth};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|keys: Vec<(u8, u8, u8)>| {
    let Some(today) = YearMonth::new(2026, 11) else { return };
    let context = Context { today, scheme: None };
    let mut field = Field::new(FieldName::Number);
    let mut typing = Typing::new();
    for (key, start, end) in keys {
        let len = typing.text().len() + 1;
        let (start, end) = (usize::from(start) % len, usize::from(end) % len);
        let selection = Selection { start, end };
        let (outcome, view) = match key % 12 {
            10 => (typing.backspace(start, end), field.apply(Edit::Backspace, selection, &context)),
            11 => (typing.delete(start, end), field.apply(Edit::Delete, selection, &context)),
            digit => {
                let digit = char::from(b'0' + digit);
                let text = digit.to_string();
                (typing.press(digit, start, end), field.apply(Edit::Insert(&text), selection, &context))
            }
        };
        assert_eq!(
            (typing.text(), usize::from(outcome.caret), outcome.verdict),
            (view.text.as_str(), view.caret, view.verdict)
        );
    }
});
