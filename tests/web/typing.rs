//! Field editing against the real inputs of frame.html.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::Page;

#[wasm_bindgen_test]
fn digits_are_grouped_as_they_are_typed() {
    let page = Page::started();
    page.type_text("number", "378282246310005");
    assert_eq!(page.value("number"), "3782 822463 10005");
    assert_eq!(page.caret("number"), 17);
    assert_eq!(page.text_of("#scheme"), "American Express");
    assert!(page.is_shown("#scheme"));
    page.type_text("expiry", "130");
    assert_eq!(page.value("expiry"), "01 / 30");
}

#[wasm_bindgen_test]
fn typing_in_the_middle_keeps_the_caret() {
    let page = Page::started();
    page.type_text("number", "41111111");
    page.select("number", 2, 2);
    assert!(page.edit("number", "insertText", Some("2")));
    assert_eq!((page.value("number").as_str(), page.caret("number")), ("4121 1111 1", 3));
    page.select("number", 5, 5);
    assert!(page.edit("number", "deleteContentBackward", None));
    assert_eq!((page.value("number").as_str(), page.caret("number")), ("4121 1111", 3));
    page.select("number", 0, 2);
    assert!(page.edit("number", "deleteContentForward", None));
    assert_eq!((page.value("number").as_str(), page.caret("number")), ("2111 11", 0));
}

#[wasm_bindgen_test]
fn what_does_not_belong_is_not_typed() {
    let page = Page::started();
    page.type_text("number", "4a1-1");
    assert_eq!(page.value("number"), "411");
    page.type_text("code", "12345");
    assert_eq!(page.value("code"), "123");
}

#[wasm_bindgen_test]
fn pasted_text_is_read_in_any_form() {
    let page = Page::started();
    page.type_text("number", "");
    assert!(page.edit("number", "insertFromPaste", Some("5555\u{a0}5555-5555 4444")));
    assert_eq!(page.value("number"), "5555 5555 5555 4444");
    page.type_text("expiry", "");
    assert!(page.edit("expiry", "insertFromPaste", Some("2030-01")));
    assert_eq!(page.value("expiry"), "01 / 30");
}

#[wasm_bindgen_test]
fn edits_that_the_browser_knows_best_are_left_to_it_and_taken_over() {
    let page = Page::started();
    page.type_text("number", "41111111");
    for input_type in ["deleteWordBackward", "insertFromDrop", "deleteByCut"] {
        assert!(!page.edit("number", input_type, None), "{input_type}");
    }
    page.fill("number", "4111 11114");
    assert_eq!(page.value("number"), "4111 1111 4");
}

#[wasm_bindgen_test]
fn undo_and_redo_are_our_own() {
    let page = Page::started();
    page.type_text("number", "4111111");
    assert!(page.edit("number", "insertFromPaste", Some("2222")));
    assert_eq!(page.value("number"), "4111 1112 222");
    assert!(page.press("number", "Control+z"));
    assert_eq!((page.value("number").as_str(), page.caret("number")), ("4111 111", 8));
    assert!(page.edit("number", "historyUndo", None), "from the menu, too");
    assert_eq!(page.value("number"), "");
    assert!(page.press("number", "Meta+Shift+z"));
    assert!(page.press("number", "Control+y"));
    assert_eq!(page.value("number"), "4111 1112 222");
    // Where the layout has no Latin letters, the place of the key counts.
    assert!(page.press("number", "Control+я"));
    assert_eq!(page.value("number"), "4111 111");
}

#[wasm_bindgen_test]
fn other_keys_are_none_of_ours() {
    let page = Page::started();
    page.type_text("number", "4111");
    for keys in ["z", "Alt+Control+z", "Control+a", "Meta+y", "Control+Shift+y", "Control+Meta+z"] {
        assert!(!page.press("number", keys), "{keys}");
    }
    page.fire("number", "compositionstart");
    assert!(!page.press("number", "Control+z"), "an input method has its own");
    page.fire("number", "compositionend");
    // Programs dispatch key events that are bare events.
    page.fire("number", "keydown");
    assert_eq!(page.value("number"), "4111 ");
}

#[wasm_bindgen_test]
fn untrusted_events_of_password_managers_are_accepted() {
    let page = Page::started();
    page.fill("expiry", "2030-01");
    assert_eq!(page.value("expiry"), "01 / 30");
    page.fill_with("number", "4111111111111111", "change");
    assert_eq!(page.value("number"), "4111 1111 1111 1111");
}

#[wasm_bindgen_test]
fn nothing_is_touched_while_an_input_method_composes() {
    let page = Page::started();
    page.type_text("number", "41");
    page.fire("number", "compositionstart");
    page.fill("number", "41１１");
    assert_eq!(page.value("number"), "41１１");
    assert!(!page.edit("number", "insertText", Some("1")));
    page.fire("number", "compositionend");
    assert_eq!(page.value("number"), "4111");
}

#[wasm_bindgen_test]
fn keys_typed_before_the_module_came_are_kept() {
    let mut page = Page::bare();
    page.fill("number", "4111111111111111");
    page.fill("expiry", "12/2030");
    assert_eq!(page.value("number"), "4111111111111111");
    page.start();
    assert_eq!(page.value("number"), "4111 1111 1111 1111");
    assert_eq!(page.value("expiry"), "12 / 30");
    assert_eq!(page.text_of("#scheme"), "Visa");
}

#[wasm_bindgen_test]
fn problems_wait_until_the_field_is_left() {
    let page = Page::started();
    page.type_text("number", "4111111111111112");
    assert_eq!(page.words_of("number"), "");
    page.fire("number", "focusout");
    assert_eq!(page.words_of("number"), "Check the card number: a digit seems to be mistyped.");
    assert!(page.is_marked_invalid("number"));
    page.type_text("number", "");
    page.edit("number", "deleteContentBackward", None);
    assert_eq!(page.words_of("number"), "");
    assert!(!page.is_marked_invalid("number"));
}

#[wasm_bindgen_test]
fn an_empty_field_may_be_left() {
    let page = Page::started();
    page.type_text("code", "");
    page.fire("code", "focusout");
    assert_eq!(page.words_of("code"), "");
}

#[wasm_bindgen_test]
fn what_no_digit_can_mend_is_told_at_once() {
    let page = Page::started();
    page.type_text("number", "0");
    assert_eq!(page.words_of("number"), "Check the first digits: no card that we know begins like this.");
    page.type_text("expiry", "0125");
    assert_eq!(page.words_of("expiry"), "Use another card: this one has expired.");
}

#[wasm_bindgen_test]
fn the_security_code_follows_the_scheme() {
    let page = Page::started();
    page.fill("number", "378282246310005");
    assert_eq!(
        page.form.elements().named_item("code").unwrap().get_attribute("placeholder").unwrap(),
        "4 digits"
    );
    page.type_text("code", "1234");
    page.fire("code", "focusout");
    assert_eq!(page.words_of("code"), "");
    page.fill("number", "4111111111111111");
    assert!(page.is_marked_invalid("code"), "{}", page.value("code"));
}

#[wasm_bindgen_test]
fn removing_the_checkout_empties_the_inputs() {
    let page = Page::started();
    page.fill_card();
    let form = page.form.clone();
    drop(page);
    let inputs = form.query_selector_all("input:not([type=radio], [type=checkbox])").unwrap();
    for index in 0..inputs.length() {
        let input: web_sys::HtmlInputElement =
            wasm_bindgen::JsCast::unchecked_into(inputs.item(index).unwrap());
        assert_eq!(input.value(), "");
    }
}
