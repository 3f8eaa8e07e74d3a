//! Drafts become instruments, instruments become bytes, bytes become drafts again.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test should stop at once")]

use instrument::bank::mandate::{EnteredTerms, Mandate, Terms};
use instrument::bank::{AccountType, HolderType, SecCode, swapped_hint, wordings};
use instrument::card::{Expiry, SecurityCode};
use instrument::record::{MAX_LEN, RecordError, decode, decode_code, encode, encode_code, encode_entry};
use instrument::{
    BankAccount, BankDraft, Card, CardDraft, Draft, Entry, FieldName, Instrument, Kind, Reason, Rejected,
    Secret, YearMonth,
};
use proptest::prelude::*;

fn today() -> YearMonth {
    YearMonth::new(2026, 11).unwrap()
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn card_draft() -> CardDraft {
    CardDraft {
        number: secret("4111 1111 1111 1111"),
        expiry: secret("12 / 30"),
        code: Some(secret("007")),
        holder: Some(secret(" Ada Lovelace ")),
        preferred_scheme: None,
    }
}

#[test]
fn the_scheme_that_a_holder_picks_is_one_that_the_card_carries() {
    let picked = |number: &str, scheme: &str| {
        card(|draft| {
            draft.number = secret(number);
            draft.preferred_scheme = Some(scheme.to_owned());
        })
    };
    let good = picked("4571994000062336", "dankort").unwrap();
    assert_eq!(good.number().scheme().id, "visa");
    assert_eq!(good.preferred_scheme().map(|scheme| scheme.id), Some("dankort"));
    let Draft::Card(read) = decode(&encode(&Instrument::Card(good))).unwrap() else { panic!("a card") };
    assert_eq!(read.preferred_scheme.as_deref(), Some("dankort"));
    for (number, scheme) in [
        ("4571994000062336", "mastercard"),
        ("4571994000062336", "dancard"),
        ("4111111111111111", "visa"),
        ("4111111111111111", "dankort"),
    ] {
        let refused = picked(number, scheme).unwrap_err();
        assert_eq!(
            (refused.field, refused.reason),
            (FieldName::PreferredScheme, Reason::UnknownChoice),
            "{scheme}"
        );
    }
}

fn bank_draft() -> BankDraft {
    BankDraft {
        routing_number: secret("021000021"),
        account_number: secret("000-123-456-789"),
        account_type: "checking".to_owned(),
        account_holder_type: None,
        holder: Some(secret("Ada Lovelace")),
        sec_code: None,
        mandate: None,
    }
}

fn card(change: impl FnOnce(&mut CardDraft)) -> Result<Card, Rejected> {
    let mut draft = card_draft();
    change(&mut draft);
    draft.finish(today())
}

fn account(change: impl FnOnce(&mut BankDraft)) -> Result<BankAccount, Rejected> {
    let mut draft = bank_draft();
    change(&mut draft);
    draft.finish()
}

fn terms(merchant: &str, contact: &str, amount: &str, frequency: &str) -> Option<Terms> {
    let (currency, date) = ("USD", "2026-12-01");
    EnteredTerms { merchant, contact, amount, currency, frequency, date }.finish().ok()
}

fn mandate() -> Mandate {
    let terms = terms("Blue Bottle Books", "billing@bluebottle.example", "25.00", "monthly").unwrap();
    let wording = wordings::find("en", 1).unwrap();
    Mandate::accept(&terms, &wording, SecCode::Web, 1_796_000_000_123).unwrap()
}

#[test]
fn a_good_card_is_made_of_its_parts() {
    let card = card(|_| {}).unwrap();
    assert_eq!(card.number().masked(), "411111******1111");
    assert_eq!((card.expiry().month(), card.expiry().year()), (12, 2030));
    assert_eq!(card.code().unwrap().expose(), "007");
    assert_eq!(card.holder().unwrap().as_str(), "Ada Lovelace");
    let renewed = Expiry::new(1, 2031, today()).unwrap();
    let card = card.without_code().with_expiry(renewed);
    assert!(card.code().is_none());
    assert_eq!(card.expiry(), renewed);
}

#[test]
fn a_wrong_part_of_a_card_is_named() {
    let refusal = |change: fn(&mut CardDraft)| {
        let rejected = card(change).unwrap_err();
        (rejected.field, rejected.reason)
    };
    assert_eq!(refusal(|draft| draft.number = secret("4111111111111112")), (FieldName::Number, Reason::Luhn));
    assert_eq!(refusal(|draft| draft.number = secret("")), (FieldName::Number, Reason::Required));
    assert_eq!(refusal(|draft| draft.expiry = secret("10/26")), (FieldName::Expiry, Reason::Expired));
    assert_eq!(refusal(|draft| draft.code = Some(secret("1234"))), (FieldName::Code, Reason::TooLong));
    assert_eq!(refusal(|draft| draft.code = Some(secret(""))), (FieldName::Code, Reason::Required));
    assert_eq!(
        refusal(|draft| draft.holder = Some(secret("4111111111111111"))),
        (FieldName::Holder, Reason::ContainsCardNumber)
    );
}

#[test]
fn a_code_may_be_missing_where_it_can_be() {
    assert!(card(|draft| draft.code = None).unwrap().code().is_none());
    assert!(card(|draft| draft.holder = Some(secret(" "))).unwrap().holder().is_none());
    let maestro = |code: Option<&str>| {
        card(|draft| {
            draft.number = secret("6759649826438453");
            draft.code = code.map(secret);
        })
    };
    assert!(maestro(None).unwrap().code().is_none());
    assert!(maestro(Some("")).unwrap().code().is_none());
    assert_eq!(maestro(Some("123")).unwrap().code().unwrap().expose(), "123");
    assert_eq!(maestro(Some("12")).unwrap_err().reason, Reason::TooShort);
    let amex = |code| {
        card(|draft| {
            draft.number = secret("378282246310005");
            draft.code = Some(secret(code));
        })
    };
    assert_eq!(amex("1234").unwrap().code().unwrap().expose(), "1234");
    assert_eq!(amex("123").unwrap_err().reason, Reason::TooShort);
}

#[test]
fn a_good_account_is_made_of_its_parts() {
    let personal = account(|_| {}).unwrap();
    assert_eq!(personal.routing().expose(), "021000021");
    assert_eq!(personal.account().expose(), "000123456789");
    assert_eq!(personal.account_type(), AccountType::Checking);
    assert_eq!((personal.holder_type(), personal.sec_code()), (HolderType::Personal, SecCode::Web));
    let business = account(|draft| draft.account_holder_type = Some("business".to_owned())).unwrap();
    assert_eq!((business.holder_type(), business.sec_code()), (HolderType::Business, SecCode::Ccd));
    let telephone = account(|draft| draft.sec_code = Some("TEL".to_owned())).unwrap();
    assert_eq!(telephone.sec_code(), SecCode::Tel);
}

#[test]
fn a_wrong_part_of_an_account_is_named() {
    let refusal = |change: fn(&mut BankDraft)| {
        let rejected = account(change).unwrap_err();
        (rejected.field, rejected.reason)
    };
    let unknown = Reason::UnknownChoice;
    assert_eq!(
        refusal(|draft| draft.routing_number = secret("021000022")),
        (FieldName::RoutingNumber, Reason::Checksum)
    );
    assert_eq!(
        refusal(|draft| draft.account_number = secret("12")),
        (FieldName::AccountNumber, Reason::TooShort)
    );
    assert_eq!(refusal(|draft| draft.account_type.clear()), (FieldName::AccountType, Reason::Required));
    assert_eq!(refusal(|draft| draft.account_type = "current".to_owned()), (FieldName::AccountType, unknown));
    assert_eq!(
        refusal(|draft| draft.account_holder_type = Some("none".to_owned())),
        (FieldName::AccountHolderType, unknown)
    );
    assert_eq!(refusal(|draft| draft.sec_code = Some("pop".to_owned())), (FieldName::SecCode, unknown));
}

#[test]
fn swapped_numbers_are_hinted_at() {
    assert_eq!(swapped_hint("000123456789", "021000021"), Some(Reason::Swapped));
    assert_eq!(swapped_hint("021000021", "021000021"), None);
    assert_eq!(swapped_hint("021000021", "000123456789"), None);
    assert_eq!(swapped_hint("", "021000021"), None);
    assert_eq!(swapped_hint("021000022", "123456"), None);
}

#[test]
fn a_record_reads_back_to_the_same_instrument() {
    let Draft::Card(draft) = decode(&encode(&Instrument::Card(card(|_| {}).unwrap()))).unwrap() else {
        unreachable!("a card was written")
    };
    let again = draft.finish(today()).unwrap();
    assert_eq!(again.number().expose(), "4111111111111111");
    assert_eq!((again.expiry().month(), again.expiry().year()), (12, 2030));
    assert_eq!(again.code().unwrap().expose(), "007");
    assert_eq!(again.holder().unwrap().as_str(), "Ada Lovelace");

    let instrument = Instrument::BankAccount(
        account(|draft| {
            draft.account_holder_type = Some("business".to_owned());
            draft.sec_code = Some("ppd".to_owned());
            draft.account_type = "savings".to_owned();
        })
        .unwrap(),
    );
    let draft = decode(&encode(&instrument)).unwrap();
    assert_eq!(draft.kind(), Kind::BankAccount);
    let Instrument::BankAccount(again) = draft.finish(today()).unwrap() else {
        unreachable!("an account was written")
    };
    assert_eq!(again.routing().expose(), "021000021");
    assert_eq!(again.account().expose(), "000123456789");
    assert_eq!(again.account_type(), AccountType::Savings);
    assert_eq!((again.holder_type(), again.sec_code()), (HolderType::Business, SecCode::Ppd));
    assert_eq!(again.holder().unwrap().as_str(), "Ada Lovelace");
}

#[test]
fn the_longest_record_fits() {
    let card = card(|draft| {
        draft.number = secret("6205500000000000004");
        draft.holder = Some(secret(&"é".repeat(100)));
    });
    let len = encode(&Instrument::Card(card.unwrap())).len();
    assert_eq!(len, 2 + 4 * 2 + 19 + 7 + 3 + 200);
    assert!(len < MAX_LEN);
    let wording = wordings::find("en", 1).unwrap();
    let longest = terms(&"é".repeat(50), &"x".repeat(70), "99999999.99", "on_request").unwrap();
    let account = account(|draft| {
        draft.account_number = secret("12345678901234567");
        draft.account_holder_type = Some("personal".to_owned());
        draft.holder = Some(secret(&"é".repeat(100)));
        draft.mandate = Mandate::accept(&longest, &wording, SecCode::Web, 0).map(Box::new);
    });
    let len = encode(&Instrument::BankAccount(account.unwrap())).len();
    // A name of a language has at most eleven letters; this one has two.
    assert_eq!(len + 11 - 2, 2 + 7 * 2 + 9 + 17 + 8 + 8 + 3 + 200 + 245);
    assert!(len + 11 - 2 < MAX_LEN);
}

#[test]
fn the_stored_form_does_not_change() {
    let bytes = encode(&Instrument::Card(card(|_| {}).unwrap()));
    assert_eq!(&bytes[..], b"\x01\x01\x01\x104111111111111111\x02\x0712/2030\x03\x03007\x04\x0cAda Lovelace");
    let bytes = encode(&Instrument::BankAccount(account(|_| {}).unwrap()));
    assert_eq!(
        &bytes[..],
        b"\x01\x02\x05\x09021000021\x06\x0c000123456789\x07\x08checking\x08\x08personal\x09\x03web\x04\x0cAda Lovelace"
    );
}

#[test]
fn a_mandate_travels_with_its_account() {
    let agreed = account(|draft| draft.mandate = Some(Box::new(mandate()))).unwrap();
    let bytes = encode(&Instrument::BankAccount(agreed));
    let Instrument::BankAccount(again) = decode(&bytes).unwrap().finish(today()).unwrap() else {
        unreachable!("an account was written")
    };
    assert_eq!(again.mandate(), Some(&mandate()));
    let plain = encode(&Instrument::BankAccount(account(|_| {}).unwrap()));
    assert_eq!(bytes[..plain.len()], plain[..], "what was there before stands where it stood");
    assert_eq!(bytes[plain.len()], 10);

    let twice = [&bytes[..], &bytes[plain.len()..]].concat();
    assert_eq!(decode(&twice).unwrap_err(), RecordError::WrongFields);
    let with_a_card = [&encode(&Instrument::Card(card(|_| {}).unwrap()))[..], &bytes[plain.len()..]].concat();
    assert_eq!(decode(&with_a_card).unwrap_err(), RecordError::WrongFields);
    for len in plain.len() + 1..bytes.len() {
        assert!(decode(&bytes[..len]).is_err(), "{len}");
    }
}

#[test]
fn bad_records_are_refused() {
    for (bytes, error) in [
        (&b""[..], RecordError::Truncated),
        (b"\x01", RecordError::Truncated),
        (b"\x02\x01", RecordError::UnknownVersion),
        (b"\x01\x03", RecordError::UnknownKind),
        (b"\x01\x01", RecordError::WrongFields),
        (b"\x01\x01\x01", RecordError::Truncated),
        (b"\x01\x01\x01\x054111", RecordError::Truncated),
        (b"\x01\x01\x00\x00", RecordError::WrongFields),
        (b"\x01\x01\x0a\x00", RecordError::WrongFields),
        (b"\x01\x01\x01\x014\x01\x014", RecordError::WrongFields),
        (b"\x01\x01\x01\x014\x02\x011\x05\x011", RecordError::WrongFields),
        (b"\x01\x01\x01\x01\xff", RecordError::NotText),
    ] {
        assert_eq!(decode(bytes).unwrap_err(), error, "{bytes:?}");
    }
}

#[test]
fn a_stored_card_is_checked_with_its_own_month() {
    let bytes = encode(&Instrument::Card(card(|_| {}).unwrap()));
    let later = YearMonth::new(2032, 1).unwrap();
    assert_eq!(decode(&bytes).unwrap().finish(later).unwrap_err().reason, Reason::Expired);
    assert!(decode(&bytes).unwrap().finish(today()).is_ok());
}

#[test]
fn nothing_is_printed() {
    let printed = format!(
        "{:?} {:?} {:?} {:?} {:?}",
        card_draft(),
        card(|_| {}).unwrap(),
        Instrument::Card(card(|_| {}).unwrap()),
        Draft::BankAccount(bank_draft()),
        account(|_| {}).unwrap(),
    );
    for secret in ["4111", "007", "0210", "1234", "Ada", "12 / 30"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80), kind in 1_u8..=2) {
        let _ = decode(&bytes);
        let mut framed = vec![1, kind];
        framed.extend(bytes);
        if let Ok(draft) = decode(&framed) {
            let _ = draft.finish(today());
        }
    }

    #[test]
    fn a_damaged_record_never_becomes_another_card(at in 0_usize..48, bit in 0_u8..8) {
        let mut bytes = encode(&Instrument::Card(card(|_| {}).unwrap())).to_vec();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        if let Ok(draft) = decode(&bytes)
            && let Ok(Instrument::Card(card)) = draft.finish(today())
        {
            prop_assert_eq!(card.number().expose(), "4111111111111111");
        }
    }

    #[test]
    fn no_bytes_of_a_mandate_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..250)) {
        let mut framed = encode(&Instrument::BankAccount(account(|_| {}).unwrap())).to_vec();
        framed.extend([10, bytes.len() as u8]);
        framed.extend(bytes);
        if let Ok(Draft::BankAccount(draft)) = decode(&framed) {
            let read = draft.finish().unwrap();
            let wording = wordings::find("en", 1).unwrap();
            prop_assert!(read.mandate().unwrap().text(&wording, SecCode::Web).is_err());
        }
    }

    /// Whatever is changed of what an owner agreed to, the text is not made again from it.
    #[test]
    fn a_damaged_mandate_gives_no_text(at in 0_usize..300, bit in 0_u8..8) {
        let agreed = account(|draft| draft.mandate = Some(Box::new(mandate()))).unwrap();
        let from = encode(&Instrument::BankAccount(account(|_| {}).unwrap())).len() + 2;
        let mut bytes = encode(&Instrument::BankAccount(agreed)).to_vec();
        let at = from + at % (bytes.len() - from);
        bytes[at] ^= 1 << bit;
        if let Ok(Draft::BankAccount(draft)) = decode(&bytes) {
            let read = draft.finish().unwrap();
            let wording = wordings::find("en", 1).unwrap();
            prop_assert!(read.mandate().unwrap().text(&wording, SecCode::Web).is_err());
        }
    }

    #[test]
    fn any_terms_read_back(
        merchant in "[A-Za-z&é李 ]{1,30}",
        contact in "[a-z@.]{0,40}",
        cents in 1_u64..=9_999_999_999,
        varying in any::<bool>(),
        at in 0_usize..8,
    ) {
        use instrument::bank::mandate::Frequency;
        let amount = if varying { "varying".to_owned() } else { format!("{}.{:02}", cents / 100, cents % 100) };
        let Some(terms) = terms(&merchant, &contact, &amount, Frequency::ALL[at].as_str()) else {
            prop_assert!(merchant.trim().is_empty());
            return Ok(());
        };
        let wording = wordings::find("en", 1).unwrap();
        let mandate = Mandate::accept(&terms, &wording, SecCode::Ppd, cents).unwrap();
        let agreed = account(|draft| {
            draft.sec_code = Some("ppd".to_owned());
            draft.mandate = Some(Box::new(mandate.clone()));
        }).unwrap();
        let bytes = encode(&Instrument::BankAccount(agreed));
        let Instrument::BankAccount(again) = decode(&bytes).unwrap().finish(today()).unwrap() else {
            return Err(TestCaseError::fail("an account was written"));
        };
        prop_assert_eq!(again.mandate(), Some(&mandate));
        prop_assert!(mandate.text(&wording, SecCode::Ppd).is_ok());
    }

    #[test]
    fn any_account_reads_back(account_number in "[0-9A-Z]{4,17}", holder in "[A-Za-zé李 ]{0,50}") {
        let account = account(|draft| {
            draft.account_number = secret(&account_number);
            draft.holder = Some(secret(&holder));
        }).unwrap();
        let bytes = encode(&Instrument::BankAccount(account));
        prop_assert!(bytes.len() <= MAX_LEN);
        let Instrument::BankAccount(again) = decode(&bytes).unwrap().finish(today()).unwrap() else {
            return Err(TestCaseError::fail("an account was written"));
        };
        prop_assert_eq!(again.account().expose(), account_number);
        prop_assert_eq!(again.holder().map_or("", |holder| holder.as_str()), holder.trim());
    }

    #[test]
    fn exactly_one_check_digit_in_ten_fits(first in "[0-9]{8}") {
        use instrument::bank::RoutingNumber;
        let fitting = (0..10)
            .filter(|digit| !matches!(
                RoutingNumber::parse(&format!("{first}{digit}")),
                Err(Reason::Checksum)
            ))
            .count();
        prop_assert_eq!(fitting, 1);
    }

    #[test]
    fn a_card_number_anywhere_in_a_name_is_found(before in "[a-z ]{0,9}", gap in "[ -]?", after in "( [a-z]{1,9})?") {
        let number = ["4111", "1111", "1111", "1111"].join(&gap);
        let name = format!("{before}{number}{after}");
        prop_assert!(instrument::card::contains_card_number(&name));
        prop_assert_eq!(instrument::card::HolderName::parse(&name).unwrap_err(), Reason::ContainsCardNumber);
    }
}

#[test]
fn a_code_alone_is_written_and_read_as_nothing_else() {
    let code = SecurityCode::parse("007", None).unwrap();
    let bytes = encode_code(&code);
    assert_eq!(&bytes[..], b"\x01\x03\x03\x03007");
    assert_eq!(decode_code(&bytes).unwrap().expose(), "007");
    assert_eq!(encode_entry(&Entry::from(code)), bytes);
    assert_eq!(decode(&bytes).unwrap_err(), RecordError::UnknownKind);
    let card = encode(&Instrument::Card(card(|_| {}).unwrap()));
    assert_eq!(decode_code(&card).unwrap_err(), RecordError::UnknownKind);
    for (bytes, error) in [
        (&b"\x01\x03"[..], RecordError::WrongFields),
        (b"\x01\x03\x02\x0712/2030", RecordError::WrongFields),
        (b"\x01\x03\x03\x03007\x04\x01A", RecordError::WrongFields),
        (b"\x01\x03\x03\x04007", RecordError::Truncated),
        (b"\x02\x03\x03\x03007", RecordError::UnknownVersion),
    ] {
        assert_eq!(decode_code(bytes).unwrap_err(), error, "{bytes:?}");
    }
}

#[test]
fn a_stored_card_takes_a_code_of_its_own_size() {
    let with = |number: &str, code| {
        let card = card(|draft| {
            draft.number = secret(number);
            draft.code = None;
        });
        let card = card.unwrap().with_code(&SecurityCode::parse(code, None).unwrap());
        card.map(|card| card.code().unwrap().expose().to_owned())
    };
    assert_eq!(with("4111111111111111", "737"), Ok("737".to_owned()));
    assert_eq!(with("378282246310005", "1234"), Ok("1234".to_owned()));
    assert_eq!(with("4111111111111111", "7371"), Err(Reason::TooLong));
    assert_eq!(with("378282246310005", "123"), Err(Reason::TooShort));
}
