//! Bugs that users reported to other libraries, each as the case that they describe.
//!
//! The name of a test says whose it was: library, and number of the issue there.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failing test should stop at once"
)]

use instrument::card::{self, Expiry};
use instrument::field::{Context, Edit, Field, Selection, View};
use instrument::{FieldName, Verdict, YearMonth};

fn context() -> Context {
    Context { today: YearMonth::new(2026, 11).unwrap(), scheme: None }
}

/// A field whose text has its caret at `|`.
fn field(name: FieldName, marked: &str) -> (Field, usize) {
    let mut field = Field::new(name);
    let caret = marked.find('|').unwrap();
    field.set(&marked.replace('|', ""), caret, &context());
    (field, caret)
}

fn marked(view: &View) -> String {
    format!("{}|{}", &view.text[..view.caret], &view.text[view.caret..])
}

fn number(before: &str, edit: Edit<'_>) -> String {
    let (mut field, caret) = field(FieldName::Number, before);
    marked(&field.apply(edit, Selection { start: caret, end: caret }, &context()))
}

/// Keys one after the other at the end, each told with the whole text of the input, as Android does.
fn whole_texts(name: FieldName, keys: &str) -> Field {
    let mut field = Field::new(name);
    let mut shown = String::new();
    for key in keys.chars() {
        shown.push(key);
        shown = field.set(&shown, shown.len(), &context()).text;
    }
    field
}

#[test]
fn cleave_142_and_143_the_caret_stays_behind_the_digit_that_fills_a_group() {
    let mut field = Field::new(FieldName::Number);
    let mut caret = 0;
    for (at, key) in ["4", "1", "1", "1", "2"].into_iter().enumerate() {
        let view = field.apply(Edit::Insert(key), Selection { start: caret, end: caret }, &context());
        assert_eq!(view.caret, view.text.len(), "key {at}");
        caret = view.caret;
    }
    assert_eq!(field.value(), "41112");
}

#[test]
fn cleave_160_deleting_leaves_no_gap_at_the_end() {
    assert_eq!(number("4111 1|", Edit::Backspace), "4111|");
    assert_eq!(number("4111 1111 1|", Edit::Backspace), "4111 1111|");
}

#[test]
fn cleave_219_a_digit_before_a_gap_pushes_the_next_over_it() {
    assert_eq!(number("5432| 9876", Edit::Insert("0")), "5432 0|987 6");
    assert_eq!(number("543|2 9876", Edit::Insert("0")), "5430| 2987 6");
}

#[test]
fn cleave_374_backspace_behind_a_gap_deletes_the_digit_before_it() {
    assert_eq!(number("5432 |9876", Edit::Backspace), "543|9 876");
    assert_eq!(number("5432| 9876", Edit::Delete), "5432| 876");
}

#[test]
fn cleave_486_a_year_with_its_century_is_not_cut() {
    for text in ["01/2030", "012030", "2030-01"] {
        let mut field = Field::new(FieldName::Expiry);
        assert_eq!(field.set(text, text.len(), &context()).text, "01 / 30", "{text}");
        let mut typed = Field::new(FieldName::Expiry);
        typed.apply(Edit::Insert(text), Selection { start: 0, end: 0 }, &context());
        assert_eq!(typed.value(), "0130", "{text}");
    }
}

#[test]
fn payform_21_digits_are_not_reversed_on_android() {
    assert_eq!(whole_texts(FieldName::Number, "4111111111111111").value(), "4111111111111111");
    assert_eq!(whole_texts(FieldName::Expiry, "1230").value(), "1230");
    assert_eq!(whole_texts(FieldName::Code, "123").value(), "123");
}

#[test]
fn payform_41_and_inputmask_2790_marks_of_direction_do_no_harm() {
    assert_eq!(card::inspect("\u{200e}4242 4242 4242 4242").verdict, Verdict::Complete);
    assert_eq!(card::inspect("\u{202d}4242424242424242\u{202c}").verdict, Verdict::Complete);
    // Nothing of ours puts one in.
    let mut field = Field::new(FieldName::Number);
    assert!(field.set("\u{200e}4242424242424242", 17, &context()).text.is_ascii());
    assert!(Expiry::parse("\u{200e}01\u{200e}/30", context().today).is_ok());
}

#[test]
fn payform_63_an_edit_in_the_middle_keeps_the_caret() {
    assert_eq!(number("4111 11|11", Edit::Insert("2")), "4111 112|1 1");
    assert_eq!(number("4111 11|11", Edit::Backspace), "4111 1|11");
    let (mut expiry, _) = field(FieldName::Expiry, "12 / 30|");
    let view = expiry.apply(Edit::Backspace, Selection { start: 1, end: 1 }, &context());
    assert_eq!(view.caret, 0);
}

#[test]
fn angular_credit_cards_83_and_inputmask_745_the_gaps_take_no_digits_room() {
    let mut field = Field::new(FieldName::Number);
    let view = field.apply(Edit::Insert("6205500000000000004"), Selection { start: 0, end: 0 }, &context());
    assert_eq!((view.text.as_str(), view.verdict), ("6205 5000 0000 0000 004", Verdict::Complete));
}

#[test]
fn drop_in_650_a_paste_that_is_told_twice_is_pasted_once() {
    let mut field = Field::new(FieldName::Number);
    let paste = "5555555555554444";
    let view = field.apply(Edit::Insert(paste), Selection { start: 0, end: 0 }, &context());
    let end = view.caret;
    assert_eq!(field.apply(Edit::Insert(paste), Selection { start: end, end }, &context()).text, view.text);
    // The browser's own insertion arrives afterwards as the text of the input.
    let doubled = format!("{}{paste}", view.text);
    assert_eq!(field.set(&doubled, doubled.len(), &context()).text, view.text);
}

#[test]
fn drop_in_849_and_braintree_web_660_a_second_autofill_replaces_the_first() {
    let mut field = Field::new(FieldName::Number);
    field.set("4111111111111111", 16, &context());
    let view = field.set("378282246310005", 15, &context());
    assert_eq!((view.text.as_str(), view.verdict), ("3782 822463 10005", Verdict::Complete));
    let mut expiry = Field::new(FieldName::Expiry);
    expiry.set("12/28", 5, &context());
    assert_eq!(expiry.set("2030-01", 7, &context()).text, "01 / 30");
}

#[test]
fn maskito_418_and_467_a_composition_that_is_told_at_its_end_is_taken_once() {
    let mut field = Field::new(FieldName::Number);
    field.set("41", 2, &context());
    let view = field.set("41１１", 4, &context());
    assert_eq!(marked(&view), "4111|");
    assert_eq!(field.set(&view.text, view.caret, &context()), view);
}

#[test]
fn recurly_476_a_diners_number_keeps_the_caret_where_its_groups_change() {
    let mut field = Field::new(FieldName::Number);
    let mut caret = 0;
    for (at, key) in "3056930902590412".chars().enumerate() {
        let key = key.to_string();
        let view = field.apply(Edit::Insert(&key), Selection { start: caret, end: caret }, &context());
        assert_eq!(view.caret, view.text.len(), "digit {}", at + 1);
        caret = view.caret;
    }
    assert_eq!(field.value(), "3056930902590412");
    let (mut field, caret) = self::field(FieldName::Number, "3056 930902 5|904");
    let view = field.apply(Edit::Insert("1"), Selection { start: caret, end: caret }, &context());
    assert_eq!(marked(&view), "3056 9309 0251| 904");
}

#[test]
fn bitwarden_646_1727_4373_6734_12631_13217_what_password_managers_fill_in_is_read() {
    for text in ["01/2030", "2030-01", "1/30", "0130", "01/30", "2030-1", "2030/01", "01-2030", "1/2030"] {
        let mut field = Field::new(FieldName::Expiry);
        let view = field.set(text, text.len(), &context());
        assert_eq!((view.text.as_str(), view.verdict), ("01 / 30", Verdict::Complete), "{text}");
        // And once more into the field that is formatted now.
        assert_eq!(field.set(text, text.len(), &context()).text, "01 / 30", "{text}");
    }
}

#[test]
fn card_validator_108_three_digits_that_could_be_two_months_wait() {
    for text in ["111", "112", "123"] {
        assert_eq!(card::expiry::inspect(text, context().today).verdict, Verdict::Partial, "{text}");
    }
}

#[test]
fn evervault_a_code_with_a_space_and_an_expiry_with_a_bracket() {
    assert_eq!(card::code::inspect("123  ", None), Verdict::Complete);
    assert!(Expiry::parse("1[30", context().today).is_err());
}

#[test]
fn evervault_any_scheme_of_a_co_brand_is_enough() {
    // Elo has 16 digits, Discover up to 19: both numbers are good.
    assert_eq!(card::inspect("6500313074185298").verdict, Verdict::Complete);
    assert_eq!(card::inspect("6500313074185296308").verdict, Verdict::Complete);
}
