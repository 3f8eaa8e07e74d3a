//! Every export, and every bad argument.

use js_sys::Reflect;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::show;

fn text(text: &str) -> JsValue {
    JsValue::from_str(text)
}

/// The code and the message of a refusal.
fn refusal(result: Result<JsValue, JsValue>) -> (String, String) {
    let error = result.unwrap_err();
    assert!(error.is_instance_of::<js_sys::Error>());
    let member = |name: &str| Reflect::get(&error, &name.into()).unwrap();
    assert_eq!(member("classification").as_string().unwrap(), "merchant");
    assert!(member("field").is_null());
    let code = member("code").as_string().unwrap();
    assert_eq!(member("help").as_string().unwrap(), format!("docs/errors.md#{code}"));
    (code, member("message").as_string().unwrap())
}

#[wasm_bindgen_test]
fn a_whole_card_number_tells_everything() {
    let card = tessera::inspect_card(&text("4111-1111 1111 1111")).unwrap();
    let shown = show(&card);
    for part in [
        r#""verdict":"complete""#,
        r#""reason":null"#,
        r#""digitsLength":16"#,
        r#""formatted":"4111 1111 1111 1111""#,
        r#""scheme":"visa""#,
        r#""candidates":[{"scheme":"visa","name":"Visa","confident":true,"luhnOk":true,"codeName":"#,
        r#""codeLengths":[3]"#,
        r#""bin":"41111111""#,
        r#""last4":"1111""#,
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let names: Vec<String> = js_sys::Object::keys(card.unchecked_ref::<js_sys::Object>())
        .iter()
        .filter_map(|name| name.as_string())
        .collect();
    assert_eq!(names.join(" "), "verdict reason digitsLength formatted scheme candidates bin last4");
}

#[wasm_bindgen_test]
fn absent_things_are_null_and_never_undefined() {
    let empty = show(&tessera::inspect_card(&text("")).unwrap());
    assert!(empty.contains(r#""verdict":"empty""#), "{empty}");
    for name in ["reason", "scheme", "bin", "last4"] {
        assert!(empty.contains(&format!(r#""{name}":null"#)), "{name} in {empty}");
    }
    let expiry = show(&tessera::inspect_expiry(&text("1"), &2026.into(), &11.into()).unwrap());
    assert_eq!(expiry, r#"{"verdict":"partial","reason":null,"month":null,"year":null}"#);
}

#[wasm_bindgen_test]
fn the_bin_has_eight_digits_only_from_sixteen_on() {
    let bin = |number| {
        let card = tessera::inspect_card(&text(number)).unwrap();
        Reflect::get(&card, &"bin".into()).unwrap().as_string()
    };
    assert_eq!(bin("5555555555554444").as_deref(), Some("55555555"));
    assert_eq!(bin("378282246310005").as_deref(), Some("378282"));
    assert_eq!(bin("41111"), None);
}

#[wasm_bindgen_test]
fn a_mistyped_number_has_a_reason() {
    let card = show(&tessera::inspect_card(&text("378282246310006")).unwrap());
    assert!(card.contains(r#""verdict":"invalid","reason":"luhn""#), "{card}");
}

#[wasm_bindgen_test]
fn dates_are_judged_by_the_given_month() {
    let judge = |typed: &str, year: u32, month: u32| {
        show(&tessera::inspect_expiry(&text(typed), &year.into(), &month.into()).unwrap())
    };
    assert_eq!(judge("11/26", 2026, 11), r#"{"verdict":"complete","reason":null,"month":11,"year":2026}"#);
    assert_eq!(
        judge("11/26", 2026, 12),
        r#"{"verdict":"invalid","reason":"expired","month":11,"year":2026}"#
    );
    assert_eq!(judge("2030-01", 2026, 11), r#"{"verdict":"complete","reason":null,"month":1,"year":2030}"#);
}

#[wasm_bindgen_test]
fn codes_and_bank_numbers_are_judged() {
    let code = |typed: &str, scheme: JsValue| show(&tessera::inspect_code(&text(typed), &scheme).unwrap());
    let complete = r#"{"verdict":"complete","reason":null}"#;
    assert_eq!(code("1234", text("amex")), complete);
    assert_eq!(code("123", text("amex")), r#"{"verdict":"partial","reason":null}"#);
    assert_eq!(code("007", JsValue::UNDEFINED), complete);
    assert_eq!(code("0071", JsValue::NULL), complete);
    assert_eq!(show(&tessera::inspect_routing(&text("021000021")).unwrap()), complete);
    assert_eq!(
        show(&tessera::inspect_routing(&text("021000022")).unwrap()),
        r#"{"verdict":"invalid","reason":"checksum"}"#
    );
    assert_eq!(show(&tessera::inspect_account(&text("000123456789")).unwrap()), complete);
    assert_eq!(
        show(&tessera::inspect_account(&text("12")).unwrap()),
        r#"{"verdict":"partial","reason":null}"#
    );
}

fn edit(kind: &str, held: &str, places: (u32, u32), insert: &str, action: &str) -> String {
    let (start, end) = places;
    show(
        &tessera::edit(&text(kind), &text(held), &start.into(), &end.into(), &text(insert), &text(action))
            .unwrap(),
    )
}

#[wasm_bindgen_test]
fn edits_keep_the_caret_by_digits() {
    assert_eq!(
        edit("number", "", (0, 0), "3782822463", "insert"),
        r#"{"text":"3782 822463 ","caret":12,"verdict":"partial","reason":null}"#
    );
    assert_eq!(
        edit("number", "4111 1111", (5, 5), "", "backspace"),
        r#"{"text":"4111 111","caret":3,"verdict":"partial","reason":null}"#
    );
    assert_eq!(
        edit("number", "4111 1111", (4, 4), "", "delete"),
        r#"{"text":"4111 111","caret":4,"verdict":"partial","reason":null}"#
    );
    assert_eq!(
        edit("code", "12", (2, 2), "3", "insert"),
        r#"{"text":"123","caret":3,"verdict":"complete","reason":null}"#
    );
    // A selection that is given backwards is the same selection.
    assert_eq!(edit("code", "1234", (3, 1), "", "delete"), edit("code", "1234", (1, 3), "", "delete"));
    for kind in ["number", "expiry", "code", "holder", "routing_number", "account_number"] {
        assert!(edit(kind, "", (0, 0), "1", "insert").contains(r#""text":"#), "{kind}");
    }
}

#[wasm_bindgen_test]
fn what_is_not_a_string_is_refused() {
    for wrong in [JsValue::UNDEFINED, JsValue::NULL, 4.into(), js_sys::Object::new().into(), true.into()] {
        let refused = [
            tessera::inspect_card(&wrong),
            tessera::inspect_expiry(&wrong, &2026.into(), &11.into()),
            tessera::inspect_code(&wrong, &JsValue::NULL),
            tessera::inspect_routing(&wrong),
            tessera::inspect_account(&wrong),
            tessera::edit(&text("number"), &wrong, &0.into(), &0.into(), &text("1"), &text("insert")),
        ];
        for result in refused {
            let expected = r#"The argument "text" must be a string."#;
            assert_eq!(refusal(result), ("bad_argument".to_owned(), expected.to_owned()));
        }
    }
}

#[wasm_bindgen_test]
fn months_years_and_schemes_that_are_none_are_refused() {
    let (code, message) = refusal(tessera::inspect_code(&text("123"), &text("visacard")));
    assert_eq!(code, "bad_argument");
    assert!(message.starts_with(r#"The argument "scheme" must be null or one of: "#), "{message}");
    assert!(message.contains("visa,") && message.contains("amex"), "{message}");
    for month in [0.into(), 13.into(), JsValue::from_f64(1.5), text("11"), JsValue::from_f64(f64::NAN)] {
        let (_, message) = refusal(tessera::inspect_expiry(&text("1/30"), &2026.into(), &month));
        assert_eq!(message, r#"The argument "month" must be a whole number from 1 to 12."#);
    }
    for year in [JsValue::from_f64(-1.0), 70_000.into(), text("2026"), JsValue::UNDEFINED] {
        let (_, message) = refusal(tessera::inspect_expiry(&text("1/30"), &year, &11.into()));
        assert_eq!(message, r#"The argument "year" must be a whole number such as 2030."#);
    }
}

#[wasm_bindgen_test]
fn kinds_and_actions_that_are_none_name_the_accepted_ones() {
    let edit = |kind: JsValue, action: JsValue, start: JsValue, insert: JsValue| {
        refusal(tessera::edit(&kind, &text(""), &start, &0.into(), &insert, &action)).1
    };
    for kind in [text("pan"), text("account_type"), JsValue::NULL] {
        assert_eq!(
            edit(kind, text("insert"), 0.into(), text("1")),
            "The argument \"kind\" must be one of: number, expiry, code, holder, routing_number, account_number."
        );
    }
    for action in [text("type"), JsValue::UNDEFINED] {
        assert_eq!(
            edit(text("number"), action, 0.into(), text("1")),
            "The argument \"action\" must be one of: insert, backspace, delete."
        );
    }
    assert_eq!(
        edit(text("number"), text("insert"), JsValue::from_f64(-1.0), text("1")),
        "The argument \"selectionStart\" must be a whole number, 0 or more."
    );
    assert_eq!(
        edit(text("number"), text("insert"), 0.into(), JsValue::NULL),
        "The argument \"insert\" must be a string."
    );
}

#[wasm_bindgen_test]
fn no_refusal_repeats_what_was_given() {
    let number = text("4111111111111111");
    for result in [
        tessera::inspect_code(&text("123"), &number),
        tessera::edit(&number, &number, &0.into(), &0.into(), &number, &text("insert")),
        tessera::edit(&text("number"), &number, &0.into(), &0.into(), &number, &number),
    ] {
        let (_, message) = refusal(result);
        assert!(!message.contains("4111"), "{message}");
    }
}

#[wasm_bindgen_test]
fn only_the_frames_form_can_be_started() {
    let wrong = tessera::start(&JsValue::NULL, &JsValue::UNDEFINED).map(|_| JsValue::NULL);
    assert_eq!(refusal(wrong).0, "bad_argument");
    let document = web_sys::window().unwrap().document().unwrap();
    let empty = document.create_element("form").unwrap();
    let error = tessera::start(&empty, &JsValue::UNDEFINED).map(|_| ()).unwrap_err();
    assert_eq!(Reflect::get(&error, &"code".into()).unwrap().as_string().unwrap(), "internal");
}

/// An object with these members.
fn policy(members: &[(&str, JsValue)]) -> JsValue {
    let policy = js_sys::Object::new();
    for (name, value) in members {
        Reflect::set(&policy, &text(name), value).unwrap();
    }
    policy.into()
}

fn list(ids: &[&str]) -> JsValue {
    ids.iter().map(|id| text(id)).collect::<js_sys::Array>().into()
}

#[wasm_bindgen_test]
fn a_policy_decides_what_is_taken() {
    let under =
        |number: &str, policy: &JsValue| show(&tessera::inspect_card_under(&text(number), policy).unwrap());
    let visa = policy(&[("accepted", list(&["visa", "discover"]))]);
    assert!(under("378282246310005", &visa).contains(r#""verdict":"invalid","reason":"not_accepted""#));
    assert!(under("4111111111111111", &visa).contains(r#""verdict":"complete""#));
    let cobrand = under("6221263074185293", &visa);
    assert!(cobrand.contains(r#""scheme":"discover","candidates":[{"scheme":"discover""#), "{cobrand}");
    assert!(cobrand.contains(r#""lengthOk":true,"complete":true,"rail":"discover"}"#), "{cobrand}");
    let strict = policy(&[("unionpayLuhn", text("error"))]);
    assert!(under("6222988812340000", &strict).contains(r#""verdict":"partial""#));
    assert!(under("6222988812340000", &JsValue::NULL).contains(r#""verdict":"complete""#));
    let code = |typed: &str, scheme: &str, policy: &JsValue| {
        show(&tessera::inspect_code_under(&text(typed), &text(scheme), policy).unwrap())
    };
    let lenient = policy(&[("amexCode", text("three_or_four")), ("maestroCode", text("required"))]);
    assert_eq!(code("123", "amex", &lenient), r#"{"verdict":"complete","reason":null}"#);
    assert_eq!(code("123", "amex", &policy(&[])), r#"{"verdict":"partial","reason":null}"#);
}

#[wasm_bindgen_test]
fn a_policy_that_is_not_understood_is_refused() {
    for wrong in [
        text("visa"),
        4.into(),
        policy(&[("accept", list(&["visa"]))]),
        policy(&[("accepted", text("visa"))]),
        policy(&[("accepted", list(&["visacard"]))]),
        policy(&[("amexCode", 3.into())]),
        policy(&[("maestroCode", text("never"))]),
    ] {
        for result in [
            tessera::inspect_card_under(&text("4"), &wrong),
            tessera::inspect_code_under(&text("123"), &JsValue::NULL, &wrong),
        ] {
            let (code, message) = refusal(result);
            assert_eq!(code, "bad_argument");
            assert!(
                message.starts_with(r#"The argument "policy" must be an object with accepted"#),
                "{message}"
            );
        }
    }
}

#[wasm_bindgen_test]
fn an_account_number_and_its_repetition_are_compared() {
    let repeated =
        |second: JsValue| show(&tessera::inspect_account_repeated(&text("000123456789"), &second).unwrap());
    assert_eq!(repeated(text("000123456789")), r#"{"verdict":"complete","reason":null}"#);
    assert_eq!(repeated(text("0001")), r#"{"verdict":"partial","reason":null}"#);
    assert_eq!(repeated(text("123456789")), r#"{"verdict":"invalid","reason":"account_mismatch"}"#);
    assert_eq!(repeated(JsValue::UNDEFINED), r#"{"verdict":"complete","reason":null}"#);
    assert_eq!(refusal(tessera::inspect_account_repeated(&text("1"), &4.into())).0, "bad_argument");
}

#[wasm_bindgen_test]
fn a_cheque_copied_whole_is_told_apart() {
    let routing = |typed: &str| show(&tessera::inspect_routing(&text(typed)).unwrap());
    assert_eq!(routing("⑆021000021⑆"), r#"{"verdict":"invalid","reason":"micr_symbols"}"#);
    assert_eq!(routing("1-2/210"), r#"{"verdict":"invalid","reason":"fractional_form"}"#);
}

/// Calls a method of a JavaScript object with numbers.
fn call(on: &JsValue, method: &str, arguments: &[u32]) -> u32 {
    let function: js_sys::Function = Reflect::get(on, &text(method)).unwrap().unchecked_into();
    let arguments: js_sys::Array = arguments.iter().map(|argument| JsValue::from(*argument)).collect();
    Reflect::apply(&function, on, &arguments).unwrap().as_f64().unwrap() as u32
}

#[wasm_bindgen_test]
fn one_key_is_one_call_and_one_number() {
    use tessera::typing::Typing;
    let field = Typing::number();
    let shown = || Reflect::get(&field, &text("text")).unwrap().as_string().unwrap();
    let mut end = 0;
    for (key, expected) in "378282246310005".bytes().zip([
        "3",
        "37",
        "378",
        "3782 ",
        "3782 8",
        "3782 82",
        "3782 822",
        "3782 8224",
        "3782 82246",
        "3782 822463 ",
        "3782 822463 1",
        "3782 822463 10",
        "3782 822463 100",
        "3782 822463 1000",
        "3782 822463 10005",
    ]) {
        let outcome = call(&field, "press", &[key.into(), end, end]);
        end = outcome & 63;
        assert_eq!((shown().as_str(), end as usize), (expected, expected.len()));
        assert_eq!((outcome >> 6) & 63, end);
    }
    let outcome = call(&field, "press", &[0x35, end, end]);
    assert_eq!((outcome >> 12) & 3, 3);
    assert_eq!(Typing::scheme(outcome).as_deref(), Some("amex"));
    assert_eq!(Typing::reason(outcome), None);
    let outcome = call(&field, "backspace", &[5, 5]);
    assert_eq!((shown().as_str(), outcome & 63), ("3788 224631 0005", 3));
    call(&field, "delete", &[0, 4]);
    assert_eq!(shown(), "2246 3100 05");
    // Memory that grows in between changes nothing.
    let grown = vec![1_u8; 4 << 20];
    call(&field, "press", &[0x39, 0, 0]);
    assert_eq!((shown().as_str(), grown.len()), ("9224 6310 005", 4 << 20));
    let outcome = call(&field, "clear", &[]);
    assert_eq!((shown().as_str(), (outcome >> 12) & 3), ("", 0));
    let outcome = call(&field, "press", &[0x30, 0, 0]);
    assert_eq!(Typing::reason(outcome).as_deref(), Some("unknown_scheme"));
    assert_eq!(Typing::scheme(outcome), None);
}
