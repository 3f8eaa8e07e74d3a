//! Merchants, API keys, data keys, sealing keys.

use std::sync::Arc;

use vault::{
    domain::{ApiKey, CustomerId, KeyKind, Merchant, Origin, PaymentMethodId, Scope, TenantId},
    store::{Change, DataKey, DataKeyPurpose, Page, SealingKey, Store, StoreError},
};

use crate::samples::{NOW_MS, address, customer, other_tenant, payment_method, tenant};

pub(crate) async fn keys_and_merchants_are_kept(store: Arc<dyn Store>) {
    let merchant = Merchant { id: tenant(), created_at_ms: NOW_MS };
    let mut key = ApiKey {
        id: "123456789ABC".to_owned(),
        tenant: tenant(),
        kind: KeyKind::Publishable,
        mac: [4; 32],
        origins: vec![Origin::parse("https://a.example").unwrap()],
        created_at_ms: NOW_MS,
        scopes: vec![Scope::Tokenize],
        expires_at_ms: None,
        revoked_at_ms: None,
    };
    let data_key =
        DataKey { purpose: DataKeyPurpose::Lookup, version: 1, wrapped: vec![1, 2], created_at_ms: NOW_MS };
    let changes = vec![
        Change::InsertMerchant(merchant.clone()),
        Change::InsertKey(key.clone()),
        Change::InsertDataKey(data_key.clone()),
    ];
    store.apply(&tenant(), changes).await.unwrap();
    assert_eq!(store.merchants().await.unwrap(), std::slice::from_ref(&merchant));
    assert_eq!(store.api_key(&key.id).await.unwrap(), Some(key.clone()));
    assert_eq!(store.api_key("other").await.unwrap(), None);
    assert_eq!(store.data_keys(&tenant()).await.unwrap(), std::slice::from_ref(&data_key));
    assert_eq!(store.data_keys(&other_tenant()).await.unwrap(), []);
    for (change, refusal) in [
        (Change::InsertMerchant(merchant), StoreError::MerchantExists),
        (Change::InsertKey(key.clone()), StoreError::KeyExists),
        (Change::InsertDataKey(data_key), StoreError::KeyExists),
        (Change::SetOrigins { key_id: "other".to_owned(), origins: Vec::new() }, StoreError::KeyMissing),
    ] {
        assert_eq!(store.apply(&tenant(), vec![change]).await, Err(refusal));
    }
    key.origins =
        ["https://b.example", "http://localhost:8800"].map(|text| Origin::parse(text).unwrap()).to_vec();
    let set = vec![Change::SetOrigins { key_id: key.id.clone(), origins: key.origins.clone() }];
    assert_eq!(store.apply(&other_tenant(), set.clone()).await, Err(StoreError::KeyMissing));
    store.apply(&tenant(), set).await.unwrap();
    assert_eq!(store.api_key(&key.id).await.unwrap(), Some(key));

    let sealing = |id: u8, created_at_ms| SealingKey {
        id: [id; 8],
        wrapped: vec![id],
        created_at_ms,
        starts_at_ms: created_at_ms + 10,
        expires_at_ms: created_at_ms + 100,
        statement: None,
    };
    let changes =
        vec![Change::InsertSealingKey(sealing(1, 1000)), Change::InsertSealingKey(sealing(2, 2000))];
    store.apply(&TenantId::vault(), changes).await.unwrap();
    assert_eq!(store.sealing_keys().await.unwrap(), [sealing(2, 2000), sealing(1, 1000)]);
    let sign = |id: u8| vec![Change::SignSealingKey { id: [id; 8], statement: "signed".to_owned() }];
    assert_eq!(store.apply(&TenantId::vault(), sign(3)).await, Err(StoreError::KeyMissing));
    assert_eq!(store.apply(&TenantId::vault(), sign(2)).await, Ok(1));
    let signed = SealingKey { statement: Some("signed".to_owned()), ..sealing(2, 2000) };
    assert_eq!(store.sealing_keys().await.unwrap(), [signed.clone(), sealing(1, 1000)]);
    let over = vec![Change::DeleteSealingKeys { expired_before_ms: 2100 }];
    assert_eq!(store.apply(&TenantId::vault(), over).await, Ok(1));
    assert_eq!(store.sealing_keys().await.unwrap(), [signed]);
    store.check().await.unwrap();
}

pub(crate) async fn a_key_ends_once_and_for_its_merchant_only(store: Arc<dyn Store>) {
    let key = |id: &str, scopes: &[Scope]| ApiKey {
        id: id.to_owned(),
        tenant: tenant(),
        kind: KeyKind::Secret,
        mac: [4; 32],
        origins: Vec::new(),
        created_at_ms: NOW_MS,
        scopes: scopes.to_vec(),
        expires_at_ms: None,
        revoked_at_ms: None,
    };
    let mut keys = [key("a", &Scope::ALL), key("b", &[Scope::Read, Scope::Payments]), key("c", &[])];
    store.apply(&tenant(), keys.iter().cloned().map(Change::InsertKey).collect()).await.unwrap();
    assert_eq!(store.api_keys(&tenant()).await.unwrap(), keys);
    assert_eq!(store.api_keys(&other_tenant()).await.unwrap(), []);
    let expire = |id: &str| vec![Change::ExpireKey { key_id: id.to_owned(), expires_at_ms: NOW_MS + 9 }];
    let revoke = |id: &str| vec![Change::RevokeKey { key_id: id.to_owned(), now_ms: NOW_MS + 5 }];
    for foreign in [expire("a"), revoke("a")] {
        assert_eq!(store.apply(&other_tenant(), foreign).await, Err(StoreError::KeyMissing));
    }
    store.apply(&tenant(), expire("a")).await.unwrap();
    store.apply(&tenant(), revoke("b")).await.unwrap();
    for late in [expire("a"), expire("b"), revoke("b"), expire("x"), revoke("x")] {
        assert_eq!(store.apply(&tenant(), late).await, Err(StoreError::KeyMissing));
    }
    keys[0].expires_at_ms = Some(NOW_MS + 9);
    keys[1].revoked_at_ms = Some(NOW_MS + 5);
    assert_eq!(store.api_keys(&tenant()).await.unwrap(), keys);
    assert!(keys[0].is_good(NOW_MS + 8) && !keys[0].is_good(NOW_MS + 9));
    assert!(!keys[1].is_good(NOW_MS) && keys[2].is_good(i64::MAX));
    // A replaced one can still be revoked.
    store.apply(&tenant(), revoke("a")).await.unwrap();
    assert_eq!(store.api_key("a").await.unwrap().unwrap().revoked_at_ms, Some(NOW_MS + 5));
}

pub(crate) async fn tenants_do_not_see_each_other(store: Arc<dyn Store>) {
    let (c1, p1) = (CustomerId::new("c1"), PaymentMethodId::new("p1"));
    let changes = || {
        vec![
            Change::InsertCustomer(customer("c1")),
            Change::InsertAddress(address("a1", "c1")),
            Change::InsertPaymentMethod(payment_method("p1", Some("c1"))),
        ]
    };
    store.apply(&tenant(), changes()).await.unwrap();
    let page = Page { limit: 9, after: None };
    assert_eq!(store.customer(&other_tenant(), &c1).await.unwrap(), None);
    assert_eq!(store.addresses(&other_tenant(), &c1).await.unwrap(), []);
    assert_eq!(store.payment_method(&other_tenant(), &p1).await.unwrap(), None);
    assert_eq!(store.customers(&other_tenant(), &page).await.unwrap().items, []);
    let cursor = Page { limit: 9, after: Some("c1".to_owned()) };
    assert_eq!(store.customers(&other_tenant(), &cursor).await, Err(StoreError::CursorUnknown));
    for change in [
        Change::UpdateCustomer(customer("c1")),
        Change::DeleteCustomer(c1.clone()),
        Change::InsertPaymentMethod(payment_method("p2", Some("c1"))),
        Change::InsertAddress(address("a2", "c1")),
    ] {
        assert_eq!(store.apply(&other_tenant(), vec![change]).await, Err(StoreError::CustomerMissing));
    }
    // Both may use the same ids, and deleting one leaves the other.
    store.apply(&other_tenant(), changes()).await.unwrap();
    store.apply(&other_tenant(), vec![Change::DeleteCustomer(c1.clone())]).await.unwrap();
    assert!(store.customer(&tenant(), &c1).await.unwrap().is_some());
    assert!(store.payment_method(&tenant(), &p1).await.unwrap().is_some());
    assert_eq!(store.addresses(&tenant(), &c1).await.unwrap().len(), 1);
}
