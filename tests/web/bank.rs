//! Bank accounts in the frame: the number twice, the entry class, the text to agree to, the bank's name.

use instrument::bank::mandate::EnteredTerms;
use instrument::bank::{SecCode, wordings};
use instrument::{BankDraft, Draft};
use js_sys::{Array, Reflect};
use seal::{Context, Envelope};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::flow::{KEY, Vault, member, text};
use crate::page::{Page, evaluate};

const ISSUED: &str = r#"[{status: 201, body: {token: "tok_two", kind: "ach", expires_at: "2030-01-01T00:15:00Z",
    ach: {last4: "6789", account_type: "checking"}}}]"#;

const MANDATE: &str =
    r#"{merchant: "Blue Bottle Books", amount: "25.00", frequency: "once", date: "2026-12-01"}"#;

/// What the vault answers to such a mandate.
fn texts() -> String {
    let entered = EnteredTerms {
        merchant: "Blue Bottle Books",
        contact: "",
        amount: "25.00",
        currency: "USD",
        frequency: "once",
        date: "2026-12-01",
    };
    let (terms, wording) = (entered.finish().unwrap(), wordings::find("en", 1).unwrap());
    let text = |class| wording.text(&terms, class).unwrap();
    format!(
        "{{status: 200, body: {{version: 1, locale: 'en', terms: {:?}, web: {:?}, ppd: {:?}, ccd: {:?}}}}}",
        terms.to_record(),
        text(SecCode::Web),
        text(SecCode::Ppd),
        text(SecCode::Ccd)
    )
}

/// What is answered to requests besides those for keys and tokens, by path.
fn beside(answers: &str) {
    evaluate(&format!("globalThis.besides = ({answers})"));
}

fn asked_beside(requests: &Array) -> u32 {
    Reflect::get(requests, &"besides".into()).unwrap().as_f64().map_or(0, |count| count as u32)
}

async fn bank_page(greeting: &str) -> Page {
    let mut page = Page::started();
    page.greet(&format!("({{data: {{methods: ['ach'], {greeting}}}}})"));
    page.next("ready", "true").await;
    page
}

fn fill_account(page: &Page) {
    page.fill("routing_number", "021000021");
    page.fill("account_number", "000123456789");
    page.fill("holder", "Ada Lovelace");
}

fn tick() {
    evaluate("document.querySelector('#consent').click()");
}

fn ticked() -> bool {
    evaluate("document.querySelector('#consent').checked") == JsValue::TRUE
}

/// What was sealed in a request for a token.
fn opened(vault: &Vault, request: &JsValue) -> BankDraft {
    let origin = web_sys::window().unwrap().location().origin().unwrap();
    let idempotency_key = text(request, "idempotency_key");
    let context = Context {
        publishable_key: KEY,
        frame_origin: &origin,
        page_origin: &origin,
        kind: instrument::Kind::BankAccount,
        idempotency_key: &idempotency_key,
    };
    let envelope = Envelope::from_text(&text(request, "body.envelope")).unwrap();
    match seal::open(&envelope, &vault.private, &context).unwrap() {
        Draft::BankAccount(draft) => draft,
        Draft::Card(_) => panic!("not an account"),
    }
}

#[wasm_bindgen_test]
async fn an_account_number_is_asked_for_twice_where_it_is_wanted() {
    let requests = Vault::new(1).answers(ISSUED);
    let page = bank_page("confirmAccount: true").await;
    assert!(page.is_shown("#account_number_confirmation"));
    fill_account(&page);
    page.send("({type: 'tokenize', id: 1, deadline_ms: 5000})");
    let missing = page.next("error", "m.id === 1").await;
    assert_eq!(text(&missing, "error.field"), "account_number_confirmation");
    assert_eq!(page.words_of("account_number_confirmation"), "Enter the account number once more.");

    // That it differs is told when it is left, not in the middle.
    page.fire("account_number_confirmation", "focusin");
    page.type_text("account_number_confirmation", "0001234");
    assert_eq!(page.words_of("account_number_confirmation"), "");
    page.next("change", "m.fields.account_number_confirmation?.verdict === 'partial'").await;
    page.type_text("account_number_confirmation", "9");
    assert_eq!(page.words_of("account_number_confirmation"), "");
    let change = page.next("change", "m.fields.account_number_confirmation?.verdict === 'invalid'").await;
    assert_eq!(text(&change, "fields.account_number_confirmation.reason"), "account_mismatch");
    page.fire("account_number_confirmation", "focusout");
    let differs = "Check the account number: the two entries differ.";
    assert_eq!(page.words_of("account_number_confirmation"), differs);
    page.send("({type: 'tokenize', id: 2, deadline_ms: 5000})");
    let refused = page.next("error", "m.id === 2").await;
    assert_eq!(text(&refused, "error.code"), "account_mismatch");
    assert_eq!(requests.length(), 0);

    // A paste is as good, with or without separators; and the first number counts when it is the one that changes.
    page.fill("account_number_confirmation", "");
    assert!(
        page.edit("account_number_confirmation", "insertFromPaste", Some("000-123-456-789")),
        "taken by us"
    );
    assert_eq!(page.words_of("account_number_confirmation"), "");
    page.next("change", "m.complete").await;
    page.fill("account_number", "000123456788");
    assert_eq!(page.words_of("account_number_confirmation"), differs);
    page.fill("account_number", "000123456789");
    assert_eq!(page.words_of("account_number_confirmation"), "");
    page.send("({type: 'tokenize', id: 3, deadline_ms: 5000})");
    page.next("token", "m.id === 3").await;

    page.send("({type: 'update', confirmAccount: false})");
    let change = page.next("change", "!('account_number_confirmation' in m.fields)").await;
    assert_eq!(member(&change, "complete"), JsValue::TRUE);
    assert!(!page.is_shown("#account_number_confirmation"));
}

#[wasm_bindgen_test]
async fn the_entry_class_is_fixed_or_chosen_among_those_that_suit() {
    let vault = Vault::new(1);
    let requests = vault.answers(ISSUED);
    let page = bank_page("secCodes: ['WEB', 'PPD', 'CCD']").await;
    fill_account(&page);
    assert!(page.is_shown("#sec_code"));
    page.fill_with("sec_code", "ppd", "change");
    page.send("({type: 'tokenize', id: 1, deadline_ms: 5000})");
    page.next("token", "m.id === 1").await;
    assert_eq!(opened(&vault, &requests.get(0)).sec_code.unwrap(), "ppd");
    // For a business only one of them is left, and that is no question.
    page.fill_with("account_holder_type", "business", "change");
    assert!(!page.is_shown("#sec_code"));
    page.send("({type: 'tokenize', id: 2, deadline_ms: 5000})");
    page.next("token", "m.id === 2").await;
    assert_eq!(opened(&vault, &requests.get(1)).sec_code.unwrap(), "ccd");
    page.send("({type: 'update', secCodes: ['TEL']})");
    page.next("change", "true").await;
    page.send("({type: 'tokenize', id: 3, deadline_ms: 5000})");
    page.next("token", "m.id === 3").await;
    assert_eq!(opened(&vault, &requests.get(2)).sec_code.unwrap(), "tel");
    assert!(!page.is_shown("#sec_code") && page.value("sec_code") == "tel");
    page.send("({type: 'update', secCodes: ['POP']})");
    let failed = page.next("failed", "true").await;
    assert_eq!(
        text(&failed, "error.message"),
        "The attribute \"sec-codes\" must be a list of: WEB, PPD, CCD, TEL."
    );
}

#[wasm_bindgen_test]
async fn what_the_owner_read_is_sealed_with_the_account() {
    let vault = Vault::new(1);
    let requests = vault.answers(ISSUED);
    beside(&format!("{{'/v1/mandates': {}}}", texts()));
    let page = bank_page(&format!("mandate: {MANDATE}")).await;
    page.next("change", "m.revision > 2 && 'consent' in m.fields").await;
    fill_account(&page);
    page.next("change", "m.fields.holder.verdict === 'complete'").await;
    let read = page.text_of("#terms");
    assert!(read.starts_with("I authorize Blue Bottle Books to debit USD 25.00 once"), "{read}");
    page.send("({type: 'tokenize', id: 1, deadline_ms: 5000})");
    let missing = page.next("error", "m.id === 1").await;
    assert_eq!(
        (text(&missing, "error.field"), text(&missing, "error.code")),
        ("consent".into(), "required".into())
    );
    assert_eq!(page.words_of("consent"), "Tick the box to authorize the debit.");
    tick();
    page.next("change", "m.complete").await;
    assert_eq!(page.words_of("consent"), "");
    let before = js_sys::Date::now();
    for id in [2, 3] {
        page.send(&format!("({{type: 'tokenize', id: {id}, deadline_ms: 5000}})"));
        page.next("token", &format!("m.id === {id}")).await;
    }
    assert_eq!(
        text(&requests.get(0), "body.envelope"),
        text(&requests.get(1), "body.envelope"),
        "one attempt, one time"
    );
    let draft = opened(&vault, &requests.get(0));
    let mandate = draft.mandate.unwrap();
    assert_eq!(mandate.text(&wordings::find("en", 1).unwrap(), SecCode::Web), Ok(read.clone()));
    let at_ms = mandate.accepted_at_ms() as f64;
    assert!(at_ms >= before && at_ms <= js_sys::Date::now(), "{at_ms}");

    // Another text is not agreed to yet, and another attempt; a business agrees by submitting.
    page.fill_with("account_holder_type", "business", "change");
    assert!(!ticked() && !page.is_shown("#consent") && page.is_shown("#terms"));
    assert_ne!(page.text_of("#terms"), read);
    page.send("({type: 'tokenize', id: 4, deadline_ms: 5000})");
    page.next("token", "m.id === 4").await;
    assert_ne!(text(&requests.get(0), "idempotency_key"), text(&requests.get(2), "idempotency_key"));
    let draft = opened(&vault, &requests.get(2));
    assert_eq!(draft.sec_code.as_deref(), Some("ccd"));
    assert_eq!(
        draft.mandate.unwrap().text(&wordings::find("en", 1).unwrap(), SecCode::Ccd),
        Ok(page.text_of("#terms"))
    );

    page.send("({type: 'reset'})");
    page.next("change", "m.fields.holder.empty").await;
    assert!(!ticked());
    page.send("({type: 'update', mandate: undefined})");
    page.next("change", "!('consent' in m.fields)").await;
    assert!(!page.is_shown("#terms") && page.text_of("#terms").is_empty());
}

#[wasm_bindgen_test]
async fn a_mandate_that_is_none_is_said_to_be_none() {
    Vault::new(1).answers(ISSUED);
    beside(
        r#"{'/v1/mandates': {status: 422, body: {error: {code: "bad_option", classification: "merchant",
        message: "\"mandate.date\" must be a day such as \"2026-12-01\".", field: "date"}}}}"#,
    );
    let page = bank_page("mandate: {merchant: 'x', amount: '1', frequency: 'once', date: '1.12.'}").await;
    let failed = page.next("failed", "true").await;
    assert_eq!(text(&failed, "error.code"), "bad_option");
    assert_eq!(
        text(&failed, "error.message"),
        "The attribute \"mandate\" is not right: \"mandate.date\" must be a day such as \"2026-12-01\"."
    );
}

#[wasm_bindgen_test]
async fn without_its_text_nothing_is_agreed_to() {
    let requests = Vault::new(1).answers(ISSUED);
    beside("{'/v1/mandates': {status: 503, body: {error: {classification: 'environment'}}}}");
    let page = bank_page(&format!("mandate: {MANDATE}")).await;
    fill_account(&page);
    page.fill_with("account_holder_type", "business", "change");
    page.send("({type: 'tokenize', id: 1, deadline_ms: 5000})");
    let refused = page.next("error", "m.id === 1").await;
    assert_eq!(text(&refused, "error.code"), "mandate_unavailable");
    assert_eq!(requests.length(), 0);
    // The attempt has asked for it once more.
    beside(&format!("{{'/v1/mandates': {}}}", texts()));
    page.send("({type: 'tokenize', id: 2, deadline_ms: 5000})");
    page.next("error", "m.id === 2").await;
    page.next("change", "true").await;
    assert!(page.is_shown("#terms"));
    page.send("({type: 'tokenize', id: 3, deadline_ms: 5000})");
    page.next("token", "m.id === 3").await;
}

#[wasm_bindgen_test]
async fn a_bank_is_named_once_for_each_number_that_is_complete() {
    let requests = Vault::new(1).answers(ISSUED);
    beside("{'/v1/bank-names': {status: 200, body: {name: 'Bank & <b>Co</b>'}}}");
    let page = bank_page("").await;
    page.fill("routing_number", "021000021");
    page.next("change", "m.fields.routing_number.verdict === 'complete'").await;
    assert_eq!(asked_beside(&requests), 0, "this vault has no directory");
    evaluate("document.documentElement.dataset.banks = 'on'");
    page.fill("routing_number", "02100002");
    page.fill("routing_number", "021000021");
    let named = page.next("change", "m.bankName !== null").await;
    assert_eq!(text(&named, "bankName"), "Bank & <b>Co</b>");
    assert_eq!(page.text_of("#bank-name"), "Bank & <b>Co</b>");
    page.fill("account_number", "000123456789");
    page.fill("routing_number", "021000021");
    assert_eq!(asked_beside(&requests), 1);
    assert!(!page.heard().contains("021000021"));
    page.fill("routing_number", "02100002");
    let gone = page.next("change", "m.bankName === null").await;
    assert_eq!(text(&gone, "fields.routing_number.verdict"), "partial");
    assert_eq!(page.text_of("#bank-name"), "");
    evaluate("delete document.documentElement.dataset.banks");
}
