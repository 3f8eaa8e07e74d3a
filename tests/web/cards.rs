//! Which cards are taken, the choice on a card with two schemes, what the host learns, and what it knows before.

use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::flow::{ISSUED, Vault, member, text};
use crate::page::{Page, show};

const DANKORT: &str = "4571994000062336";

/// Greeted with these members beside the usual ones.
async fn greeted(members: &str) -> Page {
    let mut page = Page::started();
    page.greet(&format!("({{data: {members}}})"));
    page.next("ready", "true").await;
    page.next("change", "true").await;
    page
}

fn click(page: &Page, selector: &str) {
    let found = page.form.query_selector(selector).unwrap().unwrap_or_else(|| panic!("{selector}"));
    wasm_bindgen::JsCast::unchecked_into::<web_sys::HtmlElement>(found).click();
}

#[wasm_bindgen_test]
async fn a_card_that_is_not_accepted_is_refused_at_its_first_digits() {
    let page = greeted("{accepted: ['visa', 'mastercard']}").await;
    page.type_text("number", "34");
    let change = page.next("change", "m.fields.number.verdict === 'invalid'").await;
    assert_eq!(text(&change, "fields.number.reason"), "not_accepted");
    assert!(page.is_marked_invalid("number"));
    // The frame stays, and so does what was typed.
    page.send("({type: 'update', accepted: ['amex']})");
    page.next("change", "m.fields.number.verdict === 'partial'").await;
    assert_eq!(page.value("number"), "34");
    page.send("({type: 'update', accepted: undefined})");
    page.fill("number", "4111111111111111");
    page.next("change", "m.fields.number.verdict === 'complete'").await;
}

#[wasm_bindgen_test]
async fn options_that_do_not_exist_are_refused_with_those_that_do() {
    for (members, option, named) in [
        ("{accepted: ['visacard']}", "accepted", "visa, mastercard, amex"),
        ("{accepted: 'visa'}", "accepted", "visa, mastercard, amex"),
        ("{cobadge: 'cb'}", "cobadge", "cartes_bancaires"),
        ("{amexCode: 'three'}", "amex-code", "four or three_or_four"),
        ("{maestroCode: 'never'}", "maestro-code", "optional or required"),
        ("{unionpayLuhn: 'off'}", "unionpay-luhn", "warning or error"),
        ("{prefill: {number: '4111111111111111'}}", "prefill", "holder, account_type, account_holder_type"),
        ("{prefill: {code: '123'}}", "prefill", "holder"),
        ("{prefill: {account_number: '1'}}", "prefill", "holder"),
        ("{prefill: {expiry: '1230'}}", "prefill", "holder"),
        ("{prefill: {account_type: 'gold'}}", "prefill", "holder"),
        ("{prefill: {holder: 7}}", "prefill", "holder"),
    ] {
        let mut page = Page::started();
        page.greet(&format!("({{data: {members}}})"));
        let failed = page.next("failed", "true").await;
        let message = text(&failed, "error.message");
        assert_eq!(text(&failed, "error.code"), "bad_option", "{members}");
        assert!(
            message.contains(&format!("\"{option}\"")) && message.contains(named),
            "{members}: {message}"
        );
    }
}

#[wasm_bindgen_test]
async fn policies_of_codes_and_check_digits_count_in_the_frame() {
    let page = greeted("{amexCode: 'three_or_four', unionpayLuhn: 'error'}").await;
    page.fill("number", "378282246310005");
    page.fill("code", "123");
    page.next("change", "m.fields.code.verdict === 'complete'").await;
    page.send("({type: 'update', amexCode: 'four'})");
    page.next("change", "m.fields.code.verdict === 'partial'").await;
    page.fill("number", "6212345678901239");
    page.next("change", "m.scheme === 'unionpay' && m.fields.number.verdict !== 'complete'").await;
    page.send("({type: 'update', unionpayLuhn: undefined})");
    page.next("change", "m.fields.number.verdict === 'complete'").await;
}

#[wasm_bindgen_test]
async fn a_card_with_two_schemes_offers_them_alike_and_picks_none() {
    let page = Page::connected().await;
    assert!(!page.is_shown("#cobadge"));
    page.type_text("number", &DANKORT[..7]);
    assert!(!page.is_shown("#cobadge"));
    page.type_text("number", &DANKORT[7..]);
    let change = page.next("change", "m.cobadge").await;
    assert_eq!(show(&member(&change, "cobadge")), r#"{"schemes":["visa","dankort"],"chosen":null}"#);
    assert!(page.is_shown("#cobadge"));
    // The vault has not written the legend into this page.
    assert_eq!(page.text_of("#announcement"), ": Visa, Dankort");
    assert!(page.form.query_selector("#cobadge :checked").unwrap().is_none());
    click(&page, "#cobadge [value=dankort]");
    page.next("change", "m.cobadge.chosen === 'dankort'").await;
    // Another number that has both keeps the choice; one that has not, forgets it.
    page.fill("number", "4571990000000005");
    page.next("change", "m.cobadge.chosen === 'dankort'").await;
    page.fill("number", "4111111111111111");
    page.next("change", "m.cobadge === null").await;
    assert!(!page.is_shown("#cobadge"));
    page.fill("number", DANKORT);
    page.next("change", "m.cobadge && m.cobadge.chosen === null").await;
}

#[wasm_bindgen_test]
async fn the_shoppers_choice_wins_over_the_merchants_and_is_sealed() {
    let vault = Vault::new(1);
    let requests = vault.answers(&format!("[{ISSUED}]"));
    let page = greeted("{cobadge: 'visa'}").await;
    page.fill_card();
    page.fill("number", DANKORT);
    page.next("change", "m.cobadge?.chosen === 'visa'").await;
    page.send("({type: 'tokenize', id: 1, deadline_ms: 5000})");
    assert_eq!(text(&page.next("token", "m.id === 1").await, "token.preferred_scheme"), "visa");
    click(&page, "#cobadge [value=dankort]");
    page.next("change", "m.cobadge?.chosen === 'dankort'").await;
    page.send("({type: 'tokenize', id: 2, deadline_ms: 5000})");
    assert_eq!(text(&page.next("token", "m.id === 2").await, "token.preferred_scheme"), "dankort");
    let picked = |at| match vault.open(&requests.get(at)) {
        instrument::Draft::Card(card) => card.preferred_scheme,
        instrument::Draft::BankAccount(_) => panic!("not a card"),
    };
    assert_eq!((picked(0).as_deref(), picked(1).as_deref()), (Some("visa"), Some("dankort")));
    // Another choice is another attempt.
    assert_ne!(text(&requests.get(0), "idempotency_key"), text(&requests.get(1), "idempotency_key"));
}

#[wasm_bindgen_test]
async fn no_choice_is_offered_where_one_scheme_is_not_accepted() {
    let page = greeted("{accepted: ['visa']}").await;
    page.fill("number", DANKORT);
    let change = page.next("change", "m.fields.number.verdict === 'complete'").await;
    assert!(member(&change, "cobadge").is_null() && !page.is_shown("#cobadge"));
}

#[wasm_bindgen_test]
async fn the_leading_digits_are_told_by_policy_and_taken_back() {
    Vault::new(1).answers(&format!("[{ISSUED}]"));
    let page = greeted("{binDigits: 6}").await;
    page.fill_card();
    assert_eq!(text(&page.next("bin", "true").await, "bin"), "411111");
    page.send("({type: 'tokenize', id: 1, deadline_ms: 5000})");
    assert_eq!(text(&page.next("token", "true").await, "token.bin"), "411111");
    page.send("({type: 'update', binDigits: 0})");
    assert!(member(&page.next("bin", "true").await, "bin").is_null());
    page.send("({type: 'tokenize', id: 2, deadline_ms: 5000})");
    assert!(member(&page.next("token", "m.id === 2").await, "token.bin").is_null());

    let page = greeted("{binDigits: 0}").await;
    page.fill_card();
    page.next("change", "m.complete").await;
    assert!(!page.heard().contains("\"bin\""), "{}", page.heard());
}

#[wasm_bindgen_test]
async fn what_is_known_already_is_there_and_the_shoppers_own_typing_wins() {
    let page =
        greeted("{methods: ['card', 'ach'], prefill: {holder: 'Ada Lovelace', account_type: 'savings'}}")
            .await;
    assert_eq!((page.value("holder"), page.value("account_type")), ("Ada Lovelace".into(), "savings".into()));
    // The shopper has not begun.
    page.send("({type: 'update', methods: ['ach', 'card']})");
    page.next("change", "m.method === 'ach' && m.fields.holder.verdict === 'complete'").await;
    page.fill("holder", "Grace Hopper");
    page.send("({type: 'update', prefill: {holder: 'Ada Lovelace', account_type: 'checking'}})");
    page.next("change", "true").await;
    page.next("change", "true").await;
    assert_eq!(
        (page.value("holder"), page.value("account_type")),
        ("Grace Hopper".into(), "checking".into())
    );
    page.send("({type: 'reset'})");
    page.next("change", "true").await;
    assert_eq!(page.value("holder"), "Ada Lovelace");

    // What was typed before anybody greeted stays, too.
    let mut page = Page::started();
    page.fill("holder", "Grace Hopper");
    page.greet("({data: {prefill: {holder: 'Ada Lovelace'}}})");
    page.next("ready", "true").await;
    assert_eq!(page.value("holder"), "Grace Hopper");
}

#[wasm_bindgen_test]
async fn a_change_tells_each_field_whether_it_is_focused_and_empty() {
    let page = Page::connected().await;
    page.fire("expiry", "focusin");
    let change = page.next("change", "m.fields.expiry.focused").await;
    let of = |name: &str| show(&member(&change, &format!("fields.{name}")));
    assert_eq!(of("expiry"), r#"{"verdict":"empty","reason":null,"empty":true,"focused":true}"#);
    page.fire("expiry", "focusout");
    page.fill("expiry", "1320");
    let change = page.next("change", "m.fields.expiry.verdict === 'invalid'").await;
    assert_eq!(member(&change, "fields.expiry.focused"), JsValue::FALSE);
    assert_eq!(member(&change, "fields.expiry.empty"), JsValue::FALSE);
    assert!(!page.heard().contains("1320"));
}
