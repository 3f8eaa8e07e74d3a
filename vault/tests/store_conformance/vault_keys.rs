//! Merchants, API keys, data keys, sealing keys.

use std::sync::Arc;

use vault::{
    domain::{
        ApiKey, CustomerId, KeyKind, Merchant, Origin, PaymentMethod, PaymentMethodId, Scope, TenantId, Token,
    },
    keyring::Fixed,
    store::{
        Attempt, Change, DataKey, DataKeyPurpose, LookupNeeds, Page, Remembered, SealingKey, Store,
        StoreError,
    },
};

use crate::samples::{NOW_MS, address, customer, other_tenant, payment_method, tenant, token};

pub(crate) async fn keys_and_merchants_are_kept(store: Arc<dyn Store>) {
    let merchant = Merchant { id: tenant(), created_at_ms: NOW_MS };
    let mut key = ApiKey {
        id: "123456789ABC".to_owned(),
        tenant: tenant(),
        kind: KeyKind::Publishable,
        mac: [4; 32],
        lookup_version: 1,
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
        suite: id,
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
        lookup_version: 1,
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

pub(crate) async fn a_wrapped_key_is_replaced_only_as_it_was_read(store: Arc<dyn Store>) {
    let data_key =
        |purpose, version| DataKey { purpose, version, wrapped: vec![1, 2], created_at_ms: NOW_MS };
    let sealing = SealingKey {
        id: [1; 8],
        suite: 2,
        wrapped: vec![7],
        created_at_ms: NOW_MS,
        starts_at_ms: NOW_MS,
        expires_at_ms: NOW_MS + 100,
        statement: None,
    };
    let insert = vec![
        Change::InsertDataKey(data_key(DataKeyPurpose::Encryption, 1)),
        Change::InsertDataKey(data_key(DataKeyPurpose::Encryption, 2)),
    ];
    store.apply(&tenant(), insert).await.unwrap();
    store.apply(&TenantId::vault(), vec![Change::InsertSealingKey(sealing)]).await.unwrap();
    let rewrap = |was: &[u8], version| {
        let (was, wrapped) = (was.to_vec(), vec![3, 4]);
        vec![Change::RewrapDataKey { purpose: DataKeyPurpose::Encryption, version, was, wrapped }]
    };
    for (owner, change) in [
        (tenant(), rewrap(&[9], 1)),
        (tenant(), rewrap(&[1, 2], 3)),
        (other_tenant(), rewrap(&[1, 2], 1)),
        (TenantId::vault(), vec![Change::RewrapSealingKey { id: [1; 8], was: vec![8], wrapped: vec![9] }]),
        (TenantId::vault(), vec![Change::RewrapSealingKey { id: [2; 8], was: vec![7], wrapped: vec![9] }]),
    ] {
        assert_eq!(store.apply(&owner, change).await, Err(StoreError::KeyMissing));
    }
    assert_eq!(store.apply(&tenant(), rewrap(&[1, 2], 1)).await, Ok(1));
    assert_eq!(store.apply(&tenant(), rewrap(&[1, 2], 1)).await, Err(StoreError::KeyMissing));
    let sealing = Change::RewrapSealingKey { id: [1; 8], was: vec![7], wrapped: vec![9] };
    assert_eq!(store.apply(&TenantId::vault(), vec![sealing]).await, Ok(1));
    let wrapped: Vec<_> =
        store.data_keys(&tenant()).await.unwrap().into_iter().map(|key| key.wrapped).collect();
    assert_eq!(wrapped, [vec![3, 4], vec![1, 2]]);
    assert_eq!(store.sealing_keys().await.unwrap()[0].wrapped, [9]);
}

pub(crate) async fn an_encryption_key_is_destroyed_when_nothing_needs_it(store: Arc<dyn Store>) {
    let data_key = |version| DataKey {
        purpose: DataKeyPurpose::Encryption,
        version,
        wrapped: vec![1],
        created_at_ms: NOW_MS,
    };
    let mut method = payment_method("p1", None);
    method.sealed = [&1_u32.to_be_bytes()[..], b"old"].concat();
    let mut archived = payment_method("p2", None);
    archived.sealed = [&2_u32.to_be_bytes()[..], b"new"].concat();
    let changes = vec![
        Change::InsertDataKey(data_key(1)),
        Change::InsertDataKey(data_key(2)),
        Change::InsertPaymentMethod(method.clone()),
        Change::InsertPaymentMethod(archived.clone()),
        Change::ArchivePaymentMethod { id: archived.id.clone(), now_ms: NOW_MS },
    ];
    store.apply(&tenant(), changes).await.unwrap();
    let destroy = |version| vec![Change::DestroyEncryptionKey { version }];
    assert_eq!(store.apply(&tenant(), destroy(1)).await, Err(StoreError::KeyNeeded));
    let every = store.every_payment_method(&tenant(), None, 9).await.unwrap();
    assert_eq!(every.iter().map(|method| method.id.as_str()).collect::<Vec<_>>(), ["p1", "p2"]);
    let behind = store.every_payment_method(&tenant(), Some(&method.id), 9).await.unwrap();
    assert_eq!(behind.len(), 1);
    assert_eq!(store.every_payment_method(&other_tenant(), None, 9).await.unwrap(), []);

    let reseal = |was: &[u8]| {
        let sealed = [&2_u32.to_be_bytes()[..], b"anew"].concat();
        vec![Change::ResealPaymentMethod { id: method.id.clone(), was: was.to_vec(), sealed }]
    };
    assert_eq!(store.apply(&tenant(), reseal(b"x")).await, Err(StoreError::PaymentMethodChanged));
    assert_eq!(
        store.apply(&other_tenant(), reseal(&method.sealed)).await,
        Err(StoreError::PaymentMethodChanged)
    );
    assert_eq!(store.apply(&tenant(), reseal(&method.sealed)).await, Ok(1));
    let resealed = store.payment_method(&tenant(), &method.id).await.unwrap().unwrap();
    assert_eq!(&resealed.sealed[4..], b"anew");
    assert_eq!(resealed, PaymentMethod { sealed: resealed.sealed.clone(), ..method.clone() });

    for table in ["token", "attempt", "answer"] {
        let sealed = [&1_u32.to_be_bytes()[..], b"old"].concat();
        let held = match table {
            "token" => Change::InsertToken(Token { sealed: Some(sealed), ..token(1) }),
            "attempt" => {
                let (mac, lookup_version, expires_at_ms) = ([2; 32], 1, NOW_MS + 10);
                Change::InsertAttempt(Attempt { mac, lookup_version, sealed: Some(sealed), expires_at_ms })
            }
            _ => {
                let (mac, lookup_version, digest, expires_at_ms) = ([3; 32], 1, [3; 32], NOW_MS + 10);
                let answer = Remembered { mac, lookup_version, digest, sealed, expires_at_ms };
                Change::Remember { answer, now_ms: NOW_MS }
            }
        };
        store.apply(&tenant(), vec![held]).await.unwrap();
        assert_eq!(store.apply(&tenant(), destroy(1)).await, Err(StoreError::KeyNeeded), "{table}");
        let sweep = Change::SweepExpired { now_ms: NOW_MS + 90 * 86_400_000, limit: 9 };
        store.apply(&TenantId::vault(), vec![sweep]).await.unwrap();
    }
    assert_eq!(store.apply(&other_tenant(), destroy(1)).await, Err(StoreError::KeyMissing));
    assert_eq!(store.apply(&tenant(), destroy(1)).await, Ok(1));
    assert_eq!(store.apply(&tenant(), destroy(1)).await, Err(StoreError::KeyMissing));
    store
        .apply(&tenant(), vec![Change::DeletePaymentMethod { id: method.id, now_ms: NOW_MS }])
        .await
        .unwrap();
    let versions: Vec<_> =
        store.data_keys(&tenant()).await.unwrap().into_iter().map(|key| key.version).collect();
    assert_eq!(versions, [2], "the newest is never destroyed");
}

pub(crate) async fn a_lookup_key_is_destroyed_when_nothing_needs_it(store: Arc<dyn Store>) {
    let data_key = |purpose, version| {
        Change::InsertDataKey(DataKey { purpose, version, wrapped: vec![1], created_at_ms: NOW_MS })
    };
    let changes = [1, 2].map(|version| data_key(DataKeyPurpose::Lookup, version));
    store.apply(&tenant(), changes.to_vec()).await.unwrap();
    let later_ms = NOW_MS + 1000;
    let destroy = |version| vec![Change::DestroyLookupKey { version, now_ms: later_ms }];
    // What stays when it goes is not kept by itself yet.
    assert_eq!(store.apply(&tenant(), destroy(1)).await, Err(StoreError::KeyMissing));
    let fixed = Fixed::ALL.into_iter().map(|fixed| data_key(DataKeyPurpose::Fixed, fixed.number()));
    store.apply(&tenant(), fixed.collect()).await.unwrap();

    let mut key = ApiKey {
        id: "a".to_owned(),
        tenant: tenant(),
        kind: KeyKind::Secret,
        mac: [4; 32],
        lookup_version: 1,
        origins: Vec::new(),
        created_at_ms: NOW_MS,
        scopes: vec![Scope::Read],
        expires_at_ms: None,
        revoked_at_ms: None,
    };
    let mut method = payment_method("p1", None);
    method.fingerprint_version = 1;
    let mut newer = payment_method("p2", None);
    newer.fingerprint_version = 2;
    let answer = Remembered {
        mac: [3; 32],
        lookup_version: 1,
        digest: [3; 32],
        sealed: vec![1],
        expires_at_ms: NOW_MS + 10,
    };
    let attempt = Attempt { mac: [2; 32], lookup_version: 1, sealed: None, expires_at_ms: NOW_MS + 10 };
    let changes = vec![
        Change::InsertKey(key.clone()),
        // Good for nothing any more, so nobody needs to recognise it.
        Change::InsertKey(ApiKey { id: "b".to_owned(), expires_at_ms: Some(later_ms), ..key.clone() }),
        Change::InsertKey(ApiKey { id: "c".to_owned(), revoked_at_ms: Some(NOW_MS), ..key.clone() }),
        Change::InsertPaymentMethod(method.clone()),
        Change::InsertPaymentMethod(newer),
        Change::ArchivePaymentMethod { id: method.id.clone(), now_ms: NOW_MS },
        Change::InsertToken(Token { lookup_version: 1, ..token(1) }),
        Change::InsertToken(Token { lookup_version: 2, ..token(2) }),
        Change::InsertAttempt(attempt),
        Change::Remember { answer, now_ms: NOW_MS },
    ];
    store.apply(&tenant(), changes).await.unwrap();
    let needs = async |version| store.lookup_needs(&tenant(), version, later_ms).await.unwrap();
    let mut expected = LookupNeeds { tokens: 1, attempts: 1, answers: 1, api_keys: 1, payment_methods: 1 };
    assert_eq!(needs(1).await, expected);
    let of_second = LookupNeeds { tokens: 1, payment_methods: 1, ..LookupNeeds::default() };
    assert_eq!(needs(2).await, of_second);
    assert_eq!(store.lookup_needs(&tenant(), 1, NOW_MS).await.unwrap().api_keys, 2);
    assert_eq!(store.lookup_needs(&other_tenant(), 1, NOW_MS).await.unwrap(), LookupNeeds::default());

    let refused = Err(StoreError::KeyNeeded);
    assert_eq!(store.apply(&tenant(), destroy(1)).await, refused);
    // Each is made anew only as it was read.
    let rehash =
        |was| vec![Change::RehashKey { key_id: "a".to_owned(), was, mac: [7; 32], lookup_version: 2 }];
    assert_eq!(store.apply(&tenant(), rehash([5; 32])).await, Err(StoreError::KeyMissing));
    assert_eq!(store.apply(&other_tenant(), rehash([4; 32])).await, Err(StoreError::KeyMissing));
    assert_eq!(store.apply(&tenant(), rehash([4; 32])).await, Ok(1));
    (key.mac, key.lookup_version) = ([7; 32], 2);
    assert_eq!(store.api_key("a").await.unwrap(), Some(key));
    expected.api_keys = 0;
    assert_eq!(needs(1).await, expected);
    assert_eq!(store.apply(&tenant(), destroy(1)).await, refused);
    let refingerprint = |was: &str| {
        vec![Change::RefingerprintPaymentMethod {
            id: method.id.clone(),
            was: was.to_owned(),
            fingerprint: "anew".to_owned(),
            fingerprint_version: 2,
        }]
    };
    let changed = Err(StoreError::PaymentMethodChanged);
    assert_eq!(store.apply(&tenant(), refingerprint("x")).await, changed);
    assert_eq!(store.apply(&other_tenant(), refingerprint("fingerprint")).await, changed);
    let before = store.any_payment_method(&tenant(), &method.id).await.unwrap().unwrap();
    assert_eq!(store.apply(&tenant(), refingerprint("fingerprint")).await, Ok(1));
    let renewed = store.any_payment_method(&tenant(), &method.id).await.unwrap().unwrap();
    let fingerprint = "anew".to_owned();
    assert_eq!(renewed, PaymentMethod { fingerprint, fingerprint_version: 2, ..before });
    assert_eq!(store.apply(&tenant(), destroy(1)).await, refused);
    // The attempt and the answer are over first; the token is told apart from an unknown one for a while.
    for (days, tokens) in [(1, 1), (90, 0)] {
        let sweep = Change::SweepExpired { now_ms: NOW_MS + days * 86_400_000, limit: 9 };
        store.apply(&TenantId::vault(), vec![sweep]).await.unwrap();
        assert_eq!(needs(1).await, LookupNeeds { tokens, ..LookupNeeds::default() });
        let outcome = store.apply(&tenant(), destroy(1)).await;
        assert_eq!(outcome, if tokens == 0 { Ok(1) } else { refused });
    }
    assert_eq!(store.apply(&tenant(), destroy(1)).await, Err(StoreError::KeyMissing));
    assert_eq!(store.apply(&tenant(), destroy(2)).await, Err(StoreError::KeyNeeded));
    let delete = |id: &str| Change::DeletePaymentMethod { id: PaymentMethodId::new(id), now_ms: NOW_MS };
    let revoke = Change::RevokeKey { key_id: "a".to_owned(), now_ms: NOW_MS };
    store.apply(&tenant(), vec![delete("p1"), delete("p2"), revoke]).await.unwrap();
    let newest = Err(StoreError::KeyMissing);
    assert_eq!(store.apply(&tenant(), destroy(2)).await, newest, "the newest is never destroyed");
}
