//! Any sequence of edits in any field: the caret stays in the text, and setting the shown text changes nothing.
#![no_main]

use instrument::field::{Context, Edit, Field, Selection, View};
use instrument::{FieldName, YearMonth, card};
use libfuzzer_sys::fuzz_target;

const NAMES: [FieldName; 11] = [
    FieldName::Number,
    FieldName::Expiry,
    FieldName::Code,
    FieldName::Holder,
    FieldName::RoutingNumber,
    FieldName::AccountNumber,
    FieldName::AccountNumberConfirmation,
    FieldName::AccountType,
    FieldName::AccountHolderType,
    FieldName::SecCode,
    FieldName::Consent,
];

fuzz_target!(|input: (u8, u8, Vec<(u8, u8, u8, String)>)| {
    let (name, scheme, steps) = input;
    let Some(name) = NAMES.get(usize::from(name) % NAMES.len()) else { return };
    let Some(today) = YearMonth::new(2026, 11) else { return };
    let context = Context { today, scheme: card::SCHEMES.get(usize::from(scheme)) };
    let mut field = Field::new(*name);
    for (action, start, end, text) in steps {
        let selection = Selection { start: usize::from(start), end: usize::from(end) };
        let view = match action % 5 {
            0 => field.apply(Edit::Insert(&text), selection, &context),
            1 => field.apply(Edit::Backspace, selection, &context),
            2 => field.apply(Edit::Delete, selection, &context),
            3 => field.set(&text, selection.end, &context),
            _ => field.apply_to(&text, Edit::Insert("4"), selection, &context),
        };
        check(&view);
        let _ = field.blurred_verdict(&context);
    }
    if *name == FieldName::Number {
        let shown = field.view(&context).text;
        let digits = field.value().to_owned();
        field.set(&shown, shown.len(), &context);
        assert_eq!(field.value(), digits, "what is shown stands for what was typed");
    }
});

fn check(view: &View) {
    assert!(view.caret <= view.text.encode_utf16().count(), "the caret stands behind the text");
}
