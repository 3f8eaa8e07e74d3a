//! Typing, key by key: what is shown, where the caret goes, what is thought of it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failing test should stop at once"
)]

use instrument::card::{CardNumber, Scheme};
use instrument::field::{CONSENT, Context, Edit, Field, Selection, View};
use instrument::{FieldName, Reason, Verdict, YearMonth};
use proptest::prelude::*;

fn context() -> Context {
    Context { today: YearMonth::new(2026, 11).unwrap(), scheme: None }
}

fn with_scheme(id: &str) -> Context {
    Context { scheme: Scheme::by_id(id), ..context() }
}

/// A field with its last view; in the texts of these tests `|` is the caret.
struct Typist {
    field: Field,
    view: View,
    context: Context,
}

impl Typist {
    fn new(name: FieldName) -> Self {
        let field = Field::new(name);
        let context = context();
        let view = field.view(&context);
        Self { field, view, context }
    }

    fn with(name: FieldName, text: &str) -> Self {
        let mut typist = Self::new(name);
        typist.view = typist.field.set(text, text.encode_utf16().count(), &typist.context);
        typist
    }

    fn at(mut self, caret: usize) -> Self {
        self.view.caret = caret;
        self
    }

    fn edit(&mut self, edit: Edit<'_>) -> String {
        let caret = self.view.caret;
        self.select(caret, caret, edit)
    }

    fn select(&mut self, start: usize, end: usize, edit: Edit<'_>) -> String {
        self.view = self.field.apply(edit, Selection { start, end }, &self.context);
        self.marked()
    }

    fn keys(&mut self, keys: &str) -> String {
        for key in keys.chars() {
            self.edit(Edit::Insert(key.encode_utf8(&mut [0; 4])));
        }
        self.marked()
    }

    fn backspaces(&mut self, count: usize) -> String {
        for _ in 0..count {
            self.edit(Edit::Backspace);
        }
        self.marked()
    }

    fn marked(&self) -> String {
        let units: Vec<u16> = self.view.text.encode_utf16().collect();
        let left = String::from_utf16(&units[..self.view.caret]).unwrap();
        let right = String::from_utf16(&units[self.view.caret..]).unwrap();
        format!("{left}|{right}")
    }

    fn verdict(&self) -> Verdict {
        self.view.verdict
    }

    fn blurred(&self) -> Verdict {
        self.field.blurred_verdict(&self.context)
    }
}

fn number(text: &str) -> Typist {
    Typist::with(FieldName::Number, text)
}

fn expiry(text: &str) -> Typist {
    Typist::with(FieldName::Expiry, text)
}

#[test]
fn a_number_grows_in_groups_with_the_gap_shown_early() {
    let mut typist = Typist::new(FieldName::Number);
    assert_eq!(typist.keys("411"), "411|");
    assert_eq!(typist.keys("1"), "4111 |");
    assert_eq!(typist.keys("1111"), "4111 1111 |");
    assert_eq!(typist.keys("11111111"), "4111 1111 1111 1111|");
    assert_eq!(typist.verdict(), Verdict::Complete);
    assert_eq!(typist.keys("2"), "4111 1111 1111 1111 2|");
    assert_eq!(typist.verdict(), Verdict::Partial);
    assert_eq!(typist.keys("345"), "4111 1111 1111 1111 234|");
    assert_eq!(typist.field.value(), "4111111111111111234");
}

#[test]
fn the_groups_follow_the_scheme() {
    let mut typist = Typist::new(FieldName::Number);
    assert_eq!(typist.keys("378282246310005"), "3782 822463 10005|");
    let mut typist = Typist::new(FieldName::Number);
    assert_eq!(typist.keys("30569309025904"), "3056 930902 5904|");
    assert_eq!(typist.keys("1"), "3056 9309 0259 041|");
    assert_eq!(typist.backspaces(1), "3056 930902 5904|");
    let mut typist = Typist::new(FieldName::Number);
    assert_eq!(typist.keys("117500000000000"), "1175 00000 000000|");
    // The first digit goes, the scheme with it; the caret keeps its digits.
    let mut typist = number("378282246310005").at(1);
    assert_eq!(typist.edit(Edit::Backspace), "|7828 2246 3100 05");
    let mut typist = typist.at(0);
    assert_eq!(typist.edit(Edit::Insert("3")), "3|782 822463 10005");
}

#[test]
fn nothing_is_gapped_while_deleting() {
    let mut typist = number("411111111");
    assert_eq!(typist.marked(), "4111 1111 1|");
    assert_eq!(typist.backspaces(1), "4111 1111|");
    assert_eq!(typist.backspaces(4), "4111|");
    assert_eq!(typist.backspaces(1), "411|");
    let mut typist = Typist::new(FieldName::Number);
    assert_eq!(typist.keys("4111"), "4111 |");
    assert_eq!(typist.backspaces(1), "411|");
    assert_eq!(typist.backspaces(9), "|");
    assert_eq!(typist.verdict(), Verdict::Empty);
}

#[test]
fn deleting_reaches_across_a_gap() {
    assert_eq!(number("12345678").at(5).edit(Edit::Backspace), "123|5 678");
    assert_eq!(number("41115678").at(4).edit(Edit::Delete), "4111| 678");
    assert_eq!(number("41115678").at(5).edit(Edit::Delete), "4111| 678");
    assert_eq!(number("41115678").at(4).edit(Edit::Backspace), "411|5 678");
    assert_eq!(number("4111").at(0).edit(Edit::Backspace), "|4111");
    assert_eq!(number("4111").at(4).edit(Edit::Delete), "4111|");
}

#[test]
fn a_selected_gap_only_moves_the_caret() {
    assert_eq!(number("41115678").select(4, 5, Edit::Backspace), "4111| 5678");
    assert_eq!(number("41115678").select(4, 5, Edit::Delete), "4111 |5678");
    assert_eq!(number("41115678").select(5, 4, Edit::Delete), "4111 |5678");
    assert_eq!(number("41115678").select(4, 5, Edit::Insert("9")), "4111 9|567 8");
}

#[test]
fn selections_are_replaced() {
    assert_eq!(number("41115678").select(2, 7, Edit::Backspace), "41|78");
    assert_eq!(number("41115678").select(2, 7, Edit::Insert("0")), "410|7 8");
    assert_eq!(number("41115678").select(7, 2, Edit::Delete), "41|78");
    assert_eq!(number("4111111111111111").select(0, 99, Edit::Insert("5")), "5|");
    assert_eq!(number("5555555555554444").select(0, 1, Edit::Insert("4")), "4|555 5555 5555 4444");
}

#[test]
fn inserting_in_the_middle_keeps_the_caret_before_the_gap() {
    assert_eq!(number("4111567").at(1).edit(Edit::Insert("9")), "49|11 1567");
    assert_eq!(number("4111567").at(3).edit(Edit::Insert("9")), "4119| 1567");
    assert_eq!(number("4111567").at(5).edit(Edit::Insert("9")), "4111 9|567");
}

#[test]
fn a_full_number_refuses_what_does_not_replace() {
    let mut typist = number("5555555555554444");
    assert_eq!(typist.keys("1"), "5555 5555 5555 4444|");
    assert_eq!(typist.at(2).edit(Edit::Insert("1")), "55|55 5555 5555 4444");
    assert_eq!(number("5555555555554444").at(5).edit(Edit::Insert("1")), "5555 |5555 5555 4444");
}

#[test]
fn pastes_are_read_and_cut() {
    let paste = |text: &str| Typist::new(FieldName::Number).edit(Edit::Insert(text));
    assert_eq!(paste("4242 4242 4242 4242 12/28 123"), "4242 4242 4242 4242|");
    assert_eq!(paste("4242424242424242 12/28"), "4242 4242 4242 4242|");
    assert_eq!(paste("378282246310005 12/28 1234"), "3782 822463 10005|");
    assert_eq!(paste("30569309025904 12/28"), "3056 930902 5904|");
    assert_eq!(paste("5555-5555-5555-4444"), "5555 5555 5555 4444|");
    assert_eq!(paste("55555555555544441111"), "5555 5555 5555 4444|");
    assert_eq!(paste("４２４２\u{200e}4242\u{a0}٤٢٤٢‑۴۲۴۲"), "4242 4242 4242 4242|");
    assert_eq!(paste("Card: 4242 4242 4242 4242"), "4242 4242 4242 4242|");
    assert_eq!(paste("hello"), "|");
    assert_eq!(
        number("4111111111111111").select(0, 19, Edit::Insert("5555555555554444 1")),
        "5555 5555 5555 4444|"
    );
    assert_eq!(number("42").edit(Edit::Insert("42 4242")), "4242 4242 |");
    assert_eq!(paste(&"9".repeat(5000)).len(), 24);
}

#[test]
fn a_set_text_with_foreign_characters_stays_invalid_until_it_is_edited() {
    let mut typist = number("4111a11111111111");
    assert_eq!(typist.verdict(), Verdict::Invalid(Reason::NotDigits));
    assert_eq!(number("4242 4242 4242 4242 12/28").verdict(), Verdict::Complete);
    assert_eq!(number("5555 5555 5555 4445 12/28").verdict(), Verdict::Invalid(Reason::Luhn));
    assert_eq!(number("4242424242424242x").verdict(), Verdict::Invalid(Reason::NotDigits));
    assert_eq!(number("4242424242424242x12").verdict(), Verdict::Invalid(Reason::NotDigits));
    typist.keys("z");
    assert_eq!(typist.verdict(), Verdict::Invalid(Reason::NotDigits));
    typist.keys("1");
    assert_eq!(typist.verdict(), Verdict::Complete);
    let mut typed = Typist::new(FieldName::Number);
    assert_eq!(typed.keys("4a1b1"), "411|");
    assert_eq!(typed.verdict(), Verdict::Partial);
}

#[test]
fn leaving_the_field_settles_the_verdict() {
    for (text, verdict) in [
        ("", Verdict::Empty),
        ("4111", Verdict::Invalid(Reason::Incomplete)),
        ("4111111111111112", Verdict::Invalid(Reason::Luhn)),
        ("41111111111111111", Verdict::Invalid(Reason::WrongLength)),
        ("4111111111111111", Verdict::Complete),
        ("77", Verdict::Invalid(Reason::UnknownScheme)),
    ] {
        assert_eq!(number(text).blurred(), verdict, "{text}");
    }
    for (text, verdict) in [
        ("1", Verdict::Invalid(Reason::Incomplete)),
        ("12", Verdict::Invalid(Reason::Incomplete)),
        ("12/3", Verdict::Invalid(Reason::Incomplete)),
        ("12/30", Verdict::Complete),
    ] {
        assert_eq!(expiry(text).blurred(), verdict, "{text}");
    }
    let other = |name, text| Typist::with(name, text).blurred();
    assert_eq!(other(FieldName::Code, "12"), Verdict::Invalid(Reason::Incomplete));
    assert_eq!(other(FieldName::RoutingNumber, "0210"), Verdict::Invalid(Reason::Incomplete));
    assert_eq!(other(FieldName::AccountNumber, "123"), Verdict::Invalid(Reason::Incomplete));
    assert_eq!(other(FieldName::Holder, "123"), Verdict::Invalid(Reason::NotAName));
    assert_eq!(other(FieldName::Holder, ""), Verdict::Empty);
}

#[test]
fn an_expiry_is_typed_as_people_do() {
    for (keys, shown) in [
        ("1", "1|"),
        ("12", "12 / |"),
        ("123", "12 / 3|"),
        ("1230", "12 / 30|"),
        ("4", "04 / |"),
        ("430", "04 / 30|"),
        ("0", "0|"),
        ("04", "04 / |"),
        ("1/", "01 / |"),
        ("1/30", "01 / 30|"),
        ("01/30", "01 / 30|"),
        ("12/30", "12 / 30|"),
        ("12 / 30", "12 / 30|"),
        ("12-30", "12 / 30|"),
        ("13", "01 / 3|"),
        ("130", "01 / 30|"),
        ("12/2030", "12 / 30|"),
        ("122030", "12 / 30|"),
        ("4/2030", "04 / 30|"),
        ("/", "|"),
        ("0/", "0|"),
        ("1230999", "12 / 30|"),
        ("1x2", "12 / |"),
    ] {
        assert_eq!(Typist::new(FieldName::Expiry).keys(keys), shown, "{keys}");
    }
}

#[test]
fn an_expiry_is_converted_from_every_form() {
    for text in [
        "2030-01",
        "01/2030",
        "012030",
        "01/30",
        "1/30",
        "0130",
        "130",
        "01 / 30",
        "2030/1",
        "01-30",
        "０１／３０",
    ] {
        let mut pasted = Typist::new(FieldName::Expiry);
        assert_eq!(pasted.edit(Edit::Insert(text)), "01 / 30|", "{text}");
        assert_eq!(expiry(text).marked(), "01 / 30|", "{text}");
        assert_eq!(expiry(text).verdict(), Verdict::Complete, "{text}");
        assert_eq!(expiry(text).field.value(), "0130");
        let mut replaced = expiry("11/29");
        assert_eq!(replaced.select(0, 7, Edit::Insert(text)), "01 / 30|", "{text}");
    }
    assert_eq!(expiry("01/2130").marked(), "01 / 2130|");
    assert_eq!(expiry("01/2130").verdict(), Verdict::Invalid(Reason::TooFar));
    assert_eq!(expiry("01/1999").verdict(), Verdict::Invalid(Reason::Expired));
    assert_eq!(expiry("13/30").marked(), "13 / 30|");
    assert_eq!(expiry("13/30").verdict(), Verdict::Invalid(Reason::BadMonth));
    assert_eq!(expiry("Jan 2030").verdict(), Verdict::Invalid(Reason::NotDigits));
}

#[test]
fn an_expiry_is_deleted_across_its_gap() {
    let mut typist = expiry("12/30");
    assert_eq!(typist.backspaces(1), "12 / 3|");
    assert_eq!(typist.backspaces(1), "12|");
    assert_eq!(typist.backspaces(1), "1|");
    assert_eq!(typist.backspaces(1), "|");
    assert_eq!(expiry("12/30").at(5).edit(Edit::Backspace), "1|3 / 0");
    assert_eq!(expiry("12/30").at(2).edit(Edit::Delete), "12| / 0");
    // The zero that came with the 4 goes with it.
    let mut typist = Typist::new(FieldName::Expiry);
    assert_eq!(typist.keys("4"), "04 / |");
    assert_eq!(typist.backspaces(1), "|");
    let mut typist = Typist::new(FieldName::Expiry);
    assert_eq!(typist.keys("1/"), "01 / |");
    assert_eq!(typist.backspaces(1), "1|");
    let mut typist = Typist::new(FieldName::Expiry);
    assert_eq!(typist.keys("12"), "12 / |");
    assert_eq!(typist.backspaces(1), "1|");
}

#[test]
fn a_year_may_still_become_one_with_its_century() {
    let mut typist = Typist::new(FieldName::Expiry);
    typist.keys("12/20");
    assert_eq!((typist.verdict(), typist.blurred()), (Verdict::Partial, Verdict::Invalid(Reason::Expired)));
    assert_eq!(typist.keys("2"), "12 / 202|");
    assert_eq!(typist.verdict(), Verdict::Partial);
    assert_eq!(typist.keys("8"), "12 / 28|");
    assert_eq!(typist.verdict(), Verdict::Complete);
    assert_eq!(expiry("12/20").verdict(), Verdict::Invalid(Reason::Expired));
    let mut typist = Typist::new(FieldName::Expiry);
    typist.keys("1025");
    assert_eq!(typist.verdict(), Verdict::Invalid(Reason::Expired));
    typist.keys("1");
    assert_eq!(typist.marked(), "10 / 25|");
}

#[test]
fn keys_that_arrive_as_whole_texts_are_typed() {
    let mut field = Field::new(FieldName::Expiry);
    let mut shown = String::new();
    for (key, expected) in [("1", "1"), ("2", "12 / "), ("7", "12 / 7"), ("", "12 / 7"), ("9", "12 / 79")] {
        shown.push_str(key);
        let view = field.set(&shown, shown.len(), &context());
        assert_eq!(view.text, expected);
        shown = view.text;
    }
    assert_eq!(field.set("12 / 7a", 7, &context()).verdict, Verdict::Invalid(Reason::NotDigits));
    // Deleting, as a browser does it by itself, is not fought.
    let mut typist = Typist::new(FieldName::Expiry);
    typist.keys("12");
    assert_eq!(typist.field.set("12 /", 4, &context()).text, "12");
    assert_eq!(typist.field.set("1", 1, &context()).text, "1");
    assert_eq!(typist.field.set("130", 3, &context()).text, "01 / 30");
}

#[test]
fn a_code_follows_its_scheme() {
    let mut typist = Typist::new(FieldName::Code);
    assert_eq!(typist.keys("007"), "007|");
    assert_eq!(typist.verdict(), Verdict::Complete);
    assert_eq!(typist.keys("12"), "0071|");
    typist.context = with_scheme("visa");
    assert_eq!(typist.field.verdict(&typist.context), Verdict::Invalid(Reason::TooLong));
    typist.context = with_scheme("amex");
    assert_eq!(typist.field.verdict(&typist.context), Verdict::Complete);
    let mut typist = Typist::new(FieldName::Code);
    typist.context = with_scheme("visa");
    assert_eq!(typist.keys("1234"), "123|");
    typist.context = with_scheme("amex");
    assert_eq!(typist.field.verdict(&typist.context), Verdict::Partial);
    assert_eq!(Typist::with(FieldName::Code, " 123  ").verdict(), Verdict::Complete);
    assert_eq!(Typist::with(FieldName::Code, "12a").verdict(), Verdict::Invalid(Reason::NotDigits));
}

#[test]
fn bank_numbers_are_typed_plainly() {
    let mut typist = Typist::new(FieldName::RoutingNumber);
    assert_eq!(typist.keys("021 000 021 9"), "021000021|");
    assert_eq!(typist.verdict(), Verdict::Complete);
    // A wrong paste is called too long, not cut to something that looks right.
    let mut typist = Typist::new(FieldName::RoutingNumber);
    typist.edit(Edit::Insert("0210000211"));
    assert_eq!(typist.verdict(), Verdict::Invalid(Reason::TooLong));
    let mut typist = Typist::new(FieldName::AccountNumber);
    assert_eq!(typist.keys("00-12 ab/"), "0012AB|");
    assert_eq!(typist.verdict(), Verdict::Complete);
    assert_eq!(
        Typist::with(FieldName::AccountNumber, "1234/5").verdict(),
        Verdict::Invalid(Reason::BadCharacters)
    );
    assert_eq!(
        Typist::with(FieldName::AccountNumber, &"1".repeat(99)).verdict(),
        Verdict::Invalid(Reason::TooLong)
    );
}

#[test]
fn names_are_left_as_typed() {
    let mut typist = Typist::new(FieldName::Holder);
    assert_eq!(typist.keys("Zoë 🎉é"), "Zoë 🎉é|");
    assert_eq!(typist.backspaces(2), "Zoë |");
    let mut typist = Typist::with(FieldName::Holder, "A🎉b").at(3);
    assert_eq!(typist.edit(Edit::Backspace), "A|b");
    assert_eq!(Typist::with(FieldName::Holder, "A🎉b").at(1).edit(Edit::Delete), "A|b");
    assert_eq!(Typist::with(FieldName::Holder, "A\tB").marked(), "A B|");
    let mut typist = Typist::with(FieldName::Holder, "John");
    typist.keys(" 4111111111111111");
    assert_eq!(typist.verdict(), Verdict::Invalid(Reason::ContainsCardNumber));
}

#[test]
fn choices_are_what_they_are() {
    let verdict = |name, text| Typist::with(name, text).verdict();
    assert_eq!(verdict(FieldName::AccountType, "checking"), Verdict::Complete);
    assert_eq!(verdict(FieldName::AccountType, "current"), Verdict::Invalid(Reason::UnknownChoice));
    assert_eq!(verdict(FieldName::AccountHolderType, "business"), Verdict::Complete);
    assert_eq!(verdict(FieldName::SecCode, "ccd"), Verdict::Complete);
    assert_eq!(verdict(FieldName::SecCode, " "), Verdict::Empty);
    assert_eq!(verdict(FieldName::Consent, CONSENT), Verdict::Complete);
    assert_eq!(verdict(FieldName::Consent, ""), Verdict::Empty);
    assert_eq!(verdict(FieldName::Consent, "no"), Verdict::Invalid(Reason::UnknownChoice));
}

#[test]
fn an_edit_of_a_foreign_text_follows_its_characters() {
    let edit = |text: &str, edit, start, end| {
        let view = Field::new(FieldName::Number).apply_to(text, edit, Selection { start, end }, &context());
        (view.text, view.caret)
    };
    assert_eq!(edit("41 11", Edit::Insert("9"), 3, 3), ("4191 1".to_owned(), 3));
    assert_eq!(edit("4111 ", Edit::Backspace, 5, 5), ("411".to_owned(), 3));
    assert_eq!(edit("4111", Edit::Insert("1"), 4, 4), ("4111 1".to_owned(), 6));
    assert_eq!(edit("４１１１", Edit::Insert("1"), 4, 4), ("4111 1".to_owned(), 6));
    let view = Field::new(FieldName::Expiry).apply_to(
        "4",
        Edit::Insert("3"),
        Selection { start: 1, end: 1 },
        &context(),
    );
    assert_eq!(view.text, "04 / 3");
}

#[test]
fn nothing_typed_is_printed() {
    let typist = number("4111111111111111");
    let printed = format!("{:?} {:?} {:?}", typist.field, typist.view, Edit::Insert("4111"));
    assert!(!printed.contains("4111"), "{printed}");
}

fn names() -> impl Strategy<Value = FieldName> {
    prop::sample::select(FieldName::ALL.to_vec())
}

#[derive(Clone, Debug)]
enum Act {
    Insert(String),
    Backspace,
    Delete,
    Set(String, usize),
}

fn acts() -> impl Strategy<Value = Vec<(Act, usize, usize)>> {
    let act = prop_oneof![
        4 => "[0-9]".prop_map(Act::Insert),
        2 => "[0-9 /a-z４٤é🎉\u{200b}-]{0,24}".prop_map(Act::Insert),
        2 => Just(Act::Backspace),
        2 => Just(Act::Delete),
        1 => (any::<String>(), 0_usize..40).prop_map(|(text, caret)| Act::Set(text, caret)),
    ];
    prop::collection::vec((act, 0_usize..30, 0_usize..30), 1..24)
}

fn run(field: &mut Field, act: &Act, start: usize, end: usize) -> View {
    let selection = Selection { start, end };
    match act {
        Act::Insert(text) => field.apply(Edit::Insert(text), selection, &context()),
        Act::Backspace => field.apply(Edit::Backspace, selection, &context()),
        Act::Delete => field.apply(Edit::Delete, selection, &context()),
        Act::Set(text, caret) => field.set(text, *caret, &context()),
    }
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The digits of a text before a position; the shown number is ASCII.
fn digits_before(text: &str, caret: usize) -> usize {
    text[..caret].chars().filter(char::is_ascii_digit).count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_caret_stays_within_the_text(name in names(), acts in acts()) {
        let mut field = Field::new(name);
        for (act, start, end) in &acts {
            let view = run(&mut field, act, *start, *end);
            prop_assert!(view.caret <= units(&view.text));
            prop_assert!(char::decode_utf16(view.text.encode_utf16().take(view.caret)).all(|c| c.is_ok()));
            prop_assert_eq!(&field.view(&context()), &view);
            prop_assert_ne!(field.blurred_verdict(&context()), Verdict::Partial);
        }
    }

    #[test]
    fn shown_digits_are_the_value(acts in acts()) {
        for name in [FieldName::Number, FieldName::Expiry, FieldName::Code, FieldName::RoutingNumber] {
            let mut field = Field::new(name);
            for (act, start, end) in &acts {
                let view = run(&mut field, act, *start, *end);
                let shown: String = view.text.chars().filter(char::is_ascii_digit).collect();
                prop_assert_eq!(shown, field.value());
            }
        }
    }

    #[test]
    fn setting_what_is_shown_changes_nothing(name in names(), acts in acts()) {
        let mut field = Field::new(name);
        for (act, start, end) in &acts {
            run(&mut field, act, *start, *end);
        }
        let mut again = Field::new(name);
        let text = field.view(&context()).text;
        let once = again.set(&text, units(&text), &context());
        let twice = again.set(&once.text, once.caret, &context());
        prop_assert_eq!(&once, &twice);
        if matches!(name, FieldName::Number | FieldName::Code | FieldName::AccountNumber | FieldName::Holder) {
            prop_assert_eq!(again.value(), field.value());
        }
    }

    #[test]
    fn a_digit_moves_the_caret_over_itself(text in "[0-9]{0,15}", digit in "[0-9]", at in 0_usize..25) {
        let mut field = Field::new(FieldName::Number);
        let before = field.set(&text, 0, &context());
        let at = at.min(before.text.len());
        let left = digits_before(&before.text, at);
        let view = field.apply(Edit::Insert(&digit), Selection { start: at, end: at }, &context());
        let kept = field.value().len();
        if kept > before.text.chars().filter(char::is_ascii_digit).count() {
            prop_assert_eq!(digits_before(&view.text, view.caret), left + 1);
        }
    }

    #[test]
    fn backspace_undoes_a_digit(text in "[0-9]{0,15}", digit in "[0-9]", at in 0_usize..25) {
        let mut field = Field::new(FieldName::Number);
        let before = field.set(&text, 0, &context());
        let value = field.value().to_owned();
        let at = at.min(before.text.len());
        let left = digits_before(&before.text, at);
        let view = field.apply(Edit::Insert(&digit), Selection { start: at, end: at }, &context());
        // A full field refuses, and a shorter scheme cuts.
        prop_assume!(field.value().len() == value.len() + 1);
        let back = field.apply(Edit::Backspace, Selection { start: view.caret, end: view.caret }, &context());
        prop_assert_eq!(field.value(), value);
        prop_assert_eq!(digits_before(&back.text, back.caret), left);
    }

    #[test]
    fn typing_and_pasting_agree(digits in "[1-9][0-9]{0,18}") {
        let mut typist = Typist::new(FieldName::Number);
        typist.keys(&digits);
        let mut pasted = Typist::new(FieldName::Number);
        pasted.edit(Edit::Insert(&digits));
        prop_assert_eq!(typist.field.value(), pasted.field.value());
        let complete = typist.verdict() == Verdict::Complete;
        prop_assert_eq!(complete, CardNumber::parse(typist.field.value()).is_ok());
    }

    #[test]
    fn every_good_month_can_be_typed(year in 2027_u16..=2045, month in 1_u8..=12) {
        let short = format!("{month:02}{:02}", year % 100);
        for text in [
            short.clone(),
            format!("{month}/{:02}", year % 100),
            format!("{month:02}/{year}"),
            format!("{month:02}{year}"),
        ] {
            let mut typist = Typist::new(FieldName::Expiry);
            typist.keys(&text);
            prop_assert_eq!(typist.field.value(), &short);
            prop_assert_eq!(typist.verdict(), Verdict::Complete);
        }
        for text in [format!("{year}-{month:02}"), format!("{month:02}/{year}"), short.clone()] {
            let set = expiry(&text);
            prop_assert_eq!(set.field.value(), &short);
        }
    }
}
