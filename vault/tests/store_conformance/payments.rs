//! Payments, documents, kept answers, and what is archived.

use std::sync::Arc;

use serde_json::json;
use vault::{
    domain::{
        Anywhere, Capture, Comparison, Criterion, Currency, CustomerId, Decline, Direction, Document, Face,
        Holding, Lifecycle, MethodOrder, MethodOrderBy, MethodSearch, Money, Order, OrderBy, Outcome,
        PaymentId, PaymentMethodId, PaymentSearch, Search, SearchField, TimeRange,
    },
    store::{Change, Remembered, Store, StoreError},
};

use crate::samples::{NOW_MS, customer, full_customer, other_tenant, payment, payment_method, tenant};

pub(crate) async fn a_payment_reads_back_whole_and_names_what_there_is(store: Arc<dyn Store>) {
    let changes = vec![
        Change::InsertCustomer(customer("c1")),
        Change::InsertPaymentMethod(payment_method("p1", Some("c1"))),
    ];
    store.apply(&tenant(), changes).await.unwrap();
    let mut kept = payment("t1", Some("c1"));
    kept.payment_method_id = Some(PaymentMethodId::new("p1"));
    kept.outcome = Outcome::Declined(Decline::LostCard);
    kept.capture = Capture::Manual;
    store.apply(&tenant(), vec![Change::InsertPayment(kept.clone())]).await.unwrap();
    assert_eq!(store.payment(&tenant(), &kept.id).await.unwrap(), Some(kept.clone()));
    assert_eq!(store.payment(&other_tenant(), &kept.id).await.unwrap(), None);

    let mut of_no_method = payment("t2", None);
    of_no_method.payment_method_id = Some(PaymentMethodId::new("nothing"));
    for (new, refusal) in [
        (kept, StoreError::PaymentExists),
        (payment("t2", Some("nobody")), StoreError::CustomerMissing),
        (of_no_method, StoreError::PaymentMethodMissing),
    ] {
        assert_eq!(store.apply(&tenant(), vec![Change::InsertPayment(new)]).await, Err(refusal));
    }
    assert_eq!(store.payment(&tenant(), &PaymentId::new("t2")).await.unwrap(), None);
}

pub(crate) async fn totals_are_of_what_was_taken(store: Arc<dyn Store>) {
    let yen = Currency::parse("JPY").unwrap();
    let mut changes = vec![Change::InsertCustomer(customer("c1")), Change::InsertCustomer(customer("c2"))];
    for (number, (minor, currency, capture, outcome)) in [
        (1_250, Currency::USD, Capture::Automatic, Outcome::Approved),
        (750, Currency::USD, Capture::Automatic, Outcome::Approved),
        (10_000, Currency::USD, Capture::Manual, Outcome::Approved),
        (99, Currency::USD, Capture::Automatic, Outcome::Declined(Decline::Generic)),
        (500, yen, Capture::Automatic, Outcome::Approved),
    ]
    .into_iter()
    .enumerate()
    {
        let mut one = payment(&format!("t{number}"), Some("c1"));
        (one.amount, one.capture, one.outcome) = (Money { minor, currency }, capture, outcome);
        one.created_at_ms = NOW_MS + i64::try_from(number).unwrap();
        changes.push(Change::InsertPayment(one));
    }
    changes.push(Change::InsertPayment(payment("other", Some("c2"))));
    store.apply(&tenant(), changes).await.unwrap();
    let totals = store.payment_totals(&tenant(), &CustomerId::new("c1")).await.unwrap();
    assert_eq!((totals.count, totals.approved_count, totals.last_at_ms), (5, 4, Some(NOW_MS + 4)));
    assert_eq!(totals.collected_in(Currency::USD).minor, 2_000);
    assert_eq!(totals.collected_in(yen).minor, 500);
    assert_eq!(totals.collected_in(Currency::parse("EUR").unwrap()).minor, 0);
    let none = store.payment_totals(&other_tenant(), &CustomerId::new("c1")).await.unwrap();
    assert_eq!((none.count, none.last_at_ms), (0, None));
}

pub(crate) async fn payments_are_searched(store: Arc<dyn Store>) {
    let mut changes = vec![Change::InsertCustomer(customer("c1"))];
    for number in 0..5 {
        let mut one = payment(&format!("t{number}"), (number % 2 == 0).then_some("c1"));
        one.created_at_ms = NOW_MS + number;
        if number == 4 {
            one.face = Face::Flute;
        }
        changes.push(Change::InsertPayment(one));
    }
    store.apply(&tenant(), changes).await.unwrap();
    let found = |search: PaymentSearch| {
        let store = Arc::clone(&store);
        async move {
            let found = store.payments(&tenant(), &search).await.unwrap();
            let ids: Vec<_> = found.items.iter().map(|one| one.id.as_str().to_owned()).collect();
            (ids.join(" "), found.total)
        }
    };
    let all = PaymentSearch { limit: 10, ..PaymentSearch::default() };
    assert_eq!(found(all.clone()).await, ("t4 t3 t2 t1 t0".to_owned(), 5));
    let page = PaymentSearch { limit: 2, offset: 1, direction: Direction::Ascending, ..all.clone() };
    assert_eq!(found(page).await, ("t1 t2".to_owned(), 5));
    let own = PaymentSearch { customer: Some(CustomerId::new("c1")), ..all.clone() };
    assert_eq!(found(own).await, ("t4 t2 t0".to_owned(), 3));
    let of_face = PaymentSearch { face: Some(Face::Flute), ..all.clone() };
    assert_eq!(found(of_face).await, ("t4".to_owned(), 1));
    let created = TimeRange { from_ms: Some(NOW_MS + 1), until_ms: Some(NOW_MS + 2) };
    assert_eq!(found(PaymentSearch { created, ..all }).await, ("t2 t1".to_owned(), 2));
}

pub(crate) async fn an_archived_customer_is_kept_and_good_for_nothing_new(store: Arc<dyn Store>) {
    let changes = vec![
        Change::InsertCustomer(customer("c1")),
        Change::InsertPaymentMethod(payment_method("p1", Some("c1"))),
        Change::InsertPaymentMethod(payment_method("p2", None)),
        Change::InsertPayment(payment("t1", Some("c1"))),
    ];
    store.apply(&tenant(), changes).await.unwrap();
    let id = CustomerId::new("c1");
    let archive = vec![Change::ArchiveCustomer { id: id.clone(), now_ms: NOW_MS + 5 }];
    store.apply(&tenant(), archive.clone()).await.unwrap();
    assert_eq!(store.apply(&tenant(), archive).await, Err(StoreError::CustomerMissing));

    assert_eq!(store.customer(&tenant(), &id).await.unwrap(), None);
    assert_eq!(store.customer_record(&tenant(), &id).await.unwrap(), None);
    let kept = store.any_customer(&tenant(), &id).await.unwrap().unwrap();
    assert_eq!((kept.archived_at_ms, kept.updated_at_ms, kept.version), (Some(NOW_MS + 5), NOW_MS + 5, 2));
    let whole = store.whole_customer_record(&tenant(), &id).await.unwrap().unwrap();
    assert_eq!(whole.payment_methods.len(), 1);
    assert_eq!(
        store.payment(&tenant(), &PaymentId::new("t1")).await.unwrap().unwrap().customer_id,
        Some(id.clone())
    );

    let method = PaymentMethodId::new("p2");
    for change in [
        Change::UpdateCustomer(kept),
        Change::InsertPayment(payment("t2", Some("c1"))),
        Change::InsertPaymentMethod(payment_method("p3", Some("c1"))),
        Change::AttachPaymentMethod { id: method.clone(), customer: id.clone(), now_ms: NOW_MS },
        Change::DefaultPaymentMethod { customer: id.clone(), id: PaymentMethodId::new("p1"), now_ms: NOW_MS },
    ] {
        let refused = store.apply(&tenant(), vec![change.clone()]).await;
        assert_eq!(refused, Err(StoreError::CustomerMissing), "{change:?}");
    }
    // What it has stays as it is, whichever face asks.
    let p1 = PaymentMethodId::new("p1");
    let owned = store.payment_method(&tenant(), &p1).await.unwrap().unwrap();
    for change in [
        Change::UpdatePaymentMethod(owned),
        Change::ArchivePaymentMethod { id: p1.clone(), now_ms: NOW_MS },
        Change::DeletePaymentMethod { id: p1, now_ms: NOW_MS },
    ] {
        let refused = store.apply(&tenant(), vec![change.clone()]).await;
        assert_eq!(refused, Err(StoreError::PaymentMethodMissing), "{change:?}");
    }
    for (lifecycle, total) in [(Lifecycle::Active, 0), (Lifecycle::Archived, 1), (Lifecycle::Any, 1)] {
        let search = Search { lifecycle, limit: 10, ..Search::default() };
        assert_eq!(store.search_customers(&tenant(), &search).await.unwrap().total, total, "{lifecycle:?}");
    }
}

pub(crate) async fn an_archived_method_is_no_default_and_pays_no_more(store: Arc<dyn Store>) {
    let mut named = payment_method("p2", Some("c1"));
    named.name = Some("The Blue one".to_owned());
    named.extra = json!({"flute": {"tax": "x"}}).as_object().unwrap().clone();
    named.created_at_ms = NOW_MS + 1;
    let changes = vec![
        Change::InsertCustomer(customer("c1")),
        Change::InsertCustomer(customer("c2")),
        Change::InsertPaymentMethod(payment_method("p1", Some("c1"))),
        Change::InsertPaymentMethod(named.clone()),
    ];
    store.apply(&tenant(), changes).await.unwrap();
    let [c1, c2] = ["c1", "c2"].map(CustomerId::new);
    let [p1, p2] = ["p1", "p2"].map(PaymentMethodId::new);
    assert_eq!(store.payment_method(&tenant(), &p2).await.unwrap(), Some(named));
    let default = |customer: &CustomerId, id: &PaymentMethodId| {
        vec![Change::DefaultPaymentMethod { customer: customer.clone(), id: id.clone(), now_ms: NOW_MS }]
    };
    assert_eq!(
        store.apply(&tenant(), default(&c2, &p1)).await,
        Err(StoreError::PaymentMethodMissing),
        "of another customer"
    );
    store.apply(&tenant(), default(&c1, &p1)).await.unwrap();
    store.apply(&tenant(), default(&c1, &p2)).await.unwrap();
    let archive = vec![Change::ArchivePaymentMethod { id: p2.clone(), now_ms: NOW_MS + 7 }];
    store.apply(&tenant(), archive.clone()).await.unwrap();
    assert_eq!(store.apply(&tenant(), archive).await, Err(StoreError::PaymentMethodMissing));
    let now = store.customer(&tenant(), &c1).await.unwrap().unwrap();
    assert_eq!(now.default_payment_method_id, None);
    assert_eq!(store.payment_method(&tenant(), &p2).await.unwrap(), None);
    let kept = store.any_payment_method(&tenant(), &p2).await.unwrap().unwrap();
    assert_eq!(kept.archived_at_ms, Some(NOW_MS + 7));
    let mut late = payment("t1", Some("c1"));
    late.payment_method_id = Some(p2.clone());
    for change in [
        Change::InsertPayment(late),
        Change::UpdatePaymentMethod(kept),
        Change::DefaultPaymentMethod { customer: c1.clone(), id: p2, now_ms: NOW_MS },
    ] {
        let refused = store.apply(&tenant(), vec![change.clone()]).await;
        assert_eq!(refused, Err(StoreError::PaymentMethodMissing), "{change:?}");
    }
    let search = |lifecycle, contains: Option<&str>| MethodSearch {
        holding: Holding::Customer(CustomerId::new("c1")),
        lifecycle,
        contains: contains.map(str::to_owned),
        order: MethodOrder { by: MethodOrderBy::Name, direction: Direction::Ascending },
        limit: 10,
        ..MethodSearch::default()
    };
    for (search, ids) in [
        (search(Lifecycle::Active, None), "p1"),
        (search(Lifecycle::Archived, None), "p2"),
        (search(Lifecycle::Any, None), "p2 p1"),
        (search(Lifecycle::Any, Some("blue")), "p2"),
        (search(Lifecycle::Any, Some("1111")), "p2 p1"),
        (search(Lifecycle::Any, Some("111")), ""),
    ] {
        let found = store.search_payment_methods(&tenant(), &search).await.unwrap();
        let list: Vec<_> = found.items.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(list.join(" "), ids, "{search:?}");
    }
}

pub(crate) async fn customers_are_found_by_parts_and_in_order(store: Arc<dyn Store>) {
    let mut changes = Vec::new();
    for (number, (id, first, last)) in
        [("A", "Zoe", "Adams"), ("B", "jane", "Brown"), ("C", "Jane", "adamson")].into_iter().enumerate()
    {
        let mut one = full_customer(id);
        one.first_name = Some(first.to_owned());
        one.last_name = Some(last.to_owned());
        one.created_at_ms = NOW_MS + i64::try_from(number).unwrap();
        changes.push(Change::InsertCustomer(one));
    }
    store.apply(&tenant(), changes).await.unwrap();
    let found = |search: Search| {
        let store = Arc::clone(&store);
        async move {
            let found = store.search_customers(&tenant(), &search).await.unwrap();
            found.items.iter().map(|one| one.id.as_str().to_owned()).collect::<String>()
        }
    };
    let all = Search { limit: 10, ..Search::default() };
    let order = |by, direction| Search { order: Order { by, direction }, ..all.clone() };
    assert_eq!(found(order(OrderBy::FirstName, Direction::Ascending)).await, "CBA");
    assert_eq!(found(order(OrderBy::LastName, Direction::Descending)).await, "BCA");
    assert_eq!(found(order(OrderBy::Created, Direction::Ascending)).await, "ABC");
    let contains = |field, value: &str| Search {
        criteria: vec![Criterion { field, comparison: Comparison::Contains, value: value.to_owned() }],
        ..all.clone()
    };
    assert_eq!(found(contains(SearchField::FullName, "jane b")).await, "B");
    assert_eq!(found(contains(SearchField::LastName, "ADAMS")).await, "CA");
    assert_eq!(found(contains(SearchField::LastName, "%")).await, "");
    let fields = vec![SearchField::FirstName, SearchField::LastName];
    let anywhere = |needle: &str| Search {
        anywhere: Some(Anywhere { needle: needle.to_owned(), fields: fields.clone() }),
        ..all.clone()
    };
    assert_eq!(found(anywhere("o")).await, "CBA");
    assert_eq!(found(anywhere("zoe")).await, "A");
    assert_eq!(found(anywhere("nobody")).await, "");
}

pub(crate) async fn a_document_is_replaced_by_version(store: Arc<dyn Store>) {
    let body = |state: &str| json!({"state": state}).as_object().unwrap().clone();
    let first = Document::new("flute/session", "s1", body("created"), NOW_MS);
    store.apply(&tenant(), vec![Change::InsertDocument(first.clone())]).await.unwrap();
    let again = store.apply(&tenant(), vec![Change::InsertDocument(first.clone())]).await;
    assert_eq!(again, Err(StoreError::DocumentExists));
    let elsewhere = Document::new("paymentsai/field", "s1", body("other"), NOW_MS + 1);
    store.apply(&tenant(), vec![Change::InsertDocument(elsewhere)]).await.unwrap();

    let mut second = first.clone();
    (second.body, second.updated_at_ms) = (body("completed"), NOW_MS + 9);
    store.apply(&tenant(), vec![Change::ReplaceDocument(second.clone())]).await.unwrap();
    let late = store.apply(&tenant(), vec![Change::ReplaceDocument(second.clone())]).await;
    assert_eq!(late, Err(StoreError::DocumentChanged));
    second.version = 2;
    let read = store.document(&tenant(), "flute/session", "s1").await.unwrap();
    assert_eq!(read, Some(second));
    assert_eq!(store.document(&other_tenant(), "flute/session", "s1").await.unwrap(), None);
    let listed = store.documents(&tenant(), "flute/session", 10, 0).await.unwrap();
    assert_eq!((listed.items.len(), listed.total), (1, 1));
    let delete =
        || vec![Change::DeleteDocument { collection: "flute/session".to_owned(), id: "s1".to_owned() }];
    store.apply(&tenant(), delete()).await.unwrap();
    assert_eq!(store.apply(&tenant(), delete()).await, Err(StoreError::DocumentMissing));
}

pub(crate) async fn an_answer_is_kept_until_it_is_over(store: Arc<dyn Store>) {
    let answer = |sealed: u8, expires_at_ms| Remembered {
        mac: [1; 32],
        lookup_version: sealed.into(),
        digest: [2; 32],
        sealed: vec![sealed],
        expires_at_ms,
    };
    let keep = |answer, now_ms| vec![Change::Remember { answer, now_ms }];
    store.apply(&tenant(), keep(answer(1, NOW_MS + 10), NOW_MS)).await.unwrap();
    let second = store.apply(&tenant(), keep(answer(2, NOW_MS + 20), NOW_MS + 9)).await;
    assert_eq!(second, Err(StoreError::AnswerExists));
    assert_eq!(store.remembered(&tenant(), &[1; 32]).await.unwrap(), Some(answer(1, NOW_MS + 10)));
    assert_eq!(store.remembered(&other_tenant(), &[1; 32]).await.unwrap(), None);
    store.apply(&tenant(), keep(answer(3, NOW_MS + 30), NOW_MS + 10)).await.unwrap();
    assert_eq!(store.remembered(&tenant(), &[1; 32]).await.unwrap(), Some(answer(3, NOW_MS + 30)));
    let sweep = vec![Change::SweepExpired { now_ms: NOW_MS + 30, limit: 10 }];
    assert_eq!(store.apply(&tenant(), sweep).await, Ok(1));
    assert_eq!(store.remembered(&tenant(), &[1; 32]).await.unwrap(), None);
}
