//! What the other faces of the vault have made is seen and used here, and the other way round.

use instrument::Secret;
use serde_json::{Value, json};
use vault::domain::{BsbAccount, CheckoutAgreement, CustomerId, PaymentMethodId, Source};
use vault::store::Change;
use vault::vaulting::NewPaymentMethod;

use crate::shop::{APPROVED, Shop, jane};

#[tokio::test]
async fn a_customer_of_the_fluidpay_face_is_charged_here() {
    let shop = Shop::open().await;
    let body = json!({
        "id": "fluid1",
        "default_payment": {"card": {"number": APPROVED, "expiration_date": "12/30"}},
        "default_billing_address": {
            "first_name": "John", "last_name": "Smith", "line_1": "1 Elm St", "city": "Wheaton", "state": "IL",
            "postal_code": "60187", "country": "US",
        },
    });
    shop.other_face("POST", "/fluidpay/api/vault/customer", body).await.ok(200);
    let customer = shop.get("/customers/fluid1").await.ok(200);
    assert_eq!(customer["address"]["address1"], "1 Elm St");
    let instrument = customer["defaultPaymentInstrumentId"].as_str().unwrap();
    let paid = shop.charge("fluid1", Value::Null).await.ok(201);
    assert_eq!(paid["paymentInstrumentId"], instrument);
    assert_eq!(
        (&paid["billingAddress"]["firstName"], &paid["billingAddress"]["postalCode"]),
        (&json!("John"), &json!("60187"))
    );

    // Deleted here, it is gone there; its new address was seen there before.
    let sent = json!({"address": {"address1": "2 Oak St", "city": "Wheaton"}});
    shop.put("/customers/fluid1", sent).await.ok(200);
    let there = shop.other_face("GET", "/fluidpay/api/vault/fluid1", Value::Null).await.ok(200);
    let address = &there["data"]["data"]["customer"]["addresses"][0];
    assert_eq!((&address["line_1"], &address["first_name"]), (&json!("2 Oak St"), &json!("John")));
    shop.delete("/customers/fluid1").await.ok(204);
    let there = shop.other_face("GET", "/fluidpay/api/vault/fluid1", Value::Null).await;
    assert_eq!(there.status, 404, "{}", there.body);
}

#[tokio::test]
async fn payment_methods_that_only_other_faces_make_are_shown_and_charged() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    let vaulting = shop.vaulting();
    let sources = [
        ("bsb", Source::Bsb(BsbAccount::parse("062-000", "12345678", "Jane Doe").unwrap())),
        (
            "checkout",
            Source::Checkout(CheckoutAgreement::new(Secret::new("agreement".to_owned()), None, None)),
        ),
    ];
    for (kind, source) in sources {
        let new = NewPaymentMethod::new(PaymentMethodId::new(kind), Some(CustomerId::new(&*customer)));
        let checked = vaulting.check_source(source);
        let method = vaulting.payment_method(&shop.tenant(), checked, new).unwrap();
        vaulting.store().apply(&shop.tenant(), vec![Change::InsertPaymentMethod(method)]).await.unwrap();
        let shown = shop.get(&format!("/customers/{customer}/payment-instruments/{kind}")).await.ok(200);
        assert_eq!((&shown["type"], shown.get("creditCard")), (&json!(kind), None));
        let last4 = shown["bankAccount"]["accountNumberLastFourDigits"].as_str();
        assert_eq!(last4, (kind == "bsb").then_some("5678"));
        let paid = shop.charge(&customer, json!({"paymentInstrumentId": kind})).await.ok(201);
        assert_eq!(
            (&paid["result"], &paid["paymentInstrument"]["method"]),
            (&json!("approved"), &json!(kind))
        );
    }
}
