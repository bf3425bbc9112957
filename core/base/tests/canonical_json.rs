//! Canonical JSON: the recorded table, properties over arbitrary input, and the limits.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod vectors;

use base64::prelude::{BASE64_STANDARD, Engine};
use gait_base::digest;
use gait_base::jcs::{self, CanonicalFault, canonicalize, canonicalize_strict};
use proptest::prelude::*;
use vectors::rows;

#[test]
fn recorded_table() {
    for row in rows("primitives/jcs.jsonl") {
        let input = BASE64_STANDARD.decode(row.input("b64")).unwrap();
        let result = canonicalize(&input);
        assert_eq!(result.is_ok(), row.ok(), "{}: {result:?}", row.name());
        let Ok(canonical) = result else {
            assert!(jcs::digest(&input).is_err());
            continue;
        };
        assert_eq!(BASE64_STANDARD.encode(&canonical), row.want("canonical_b64"), "{}", row.name());
        assert_eq!(digest::sha256(&canonical).to_hex(), row.want("sha256"), "{}", row.name());
        assert_eq!(jcs::digest(&input).unwrap().to_hex(), row.want("sha256"), "{}", row.name());
    }
}

#[test]
fn recorded_numbers() {
    for row in rows("primitives/numbers.jsonl") {
        let number = f64::from_bits(u64::from_str_radix(&row.input("bits"), 16).unwrap());
        // Seventeen digits identify a double, so its text reads back as the very same one.
        let result = canonicalize(format!("[{number:.17e}]").as_bytes());
        assert_eq!(result.is_ok(), row.ok(), "{}", row.name());
        if let Ok(text) = result {
            assert_eq!(String::from_utf8(text).unwrap(), format!("[{}]", row.want("jcs")), "{}", row.name());
        }
    }
}

/// `None`: refused.
fn compatible(input: &[u8]) -> Option<Vec<u8>> {
    canonicalize(input).ok()
}

#[test]
fn a_broken_key_ends_its_object() {
    let accepted: [(&[u8], &[u8]); 14] = [
        (b"{\"a", b"{}"),
        (b"{\"a\":1,\"", b"{\"a\":1}"),
        (b"{\"a\":1 , \"b\\u12", b"{\"a\":1}"),
        (b"{\"a\":1,\"b\\", b"{\"a\":1}"),
        (b"{\"a\":1,\"b\n \t\r", b"{\"a\":1}"),
        (b"{\"b\":2,\"a\":1,\"c\x01", b"{\"a\":1,\"b\":2}"),
        (b"[{\"a\":1,\"b\\q]", b"[{\"a\":1}]"),
        (b"[{\"b\\u1\":2]", b"[{}]"),
        (b"[{\"b\\ud800\"]", b"[{}]"),
        (b"[{\"b\\ud800\\x]", b"[{}]"),
        (b"[{\"b\\ud800\\u00zz]", b"[{}]"),
        // An object that ends at a broken key needs no brace of its own.
        (b"{\"x\":{\"a\":1,\"b\n,\"c\":3}", b"{\"c\":3,\"x\":{\"a\":1}}"),
        (b"[{\"a\":{\"b\n}]", b"[{\"a\":{}}]"),
        (b"[{\"\x00,{\"\x1f]", b"[{},{}]"),
    ];
    for (input, want) in accepted {
        let got = compatible(input);
        assert_eq!(got.as_deref(), Some(want), "{}", String::from_utf8_lossy(input));
        assert!(canonicalize_strict(input).is_err());
    }
    let refused: [&[u8]; 10] = [
        b"{\"a\":1,\"b\\q\":2}",
        b"{\"a\":1,",
        b"{",
        b"{\"a\":1,\"b\"",
        b"{\"a\":1,\"b\":",
        b"{\"a\":1,\"a\":2,\"b",
        b"{\"a\":1,\"b\\\xc3\xa9",
        b"{\"a\":1,\"b\\u00\xc3\xa9",
        b"[{\"a\":1,\"b",
        b"{\"a\":\"b\\q",
    ];
    for input in refused {
        assert_eq!(compatible(input), None, "{}", String::from_utf8_lossy(input));
    }
}

#[test]
fn names_with_invalid_utf8() {
    // Each invalid byte sorts as U+FFFD of its own and is written as it came.
    assert_eq!(compatible(b"{\"\xff\":1,\"\xef\xbf\xbd\":2}"), None);
    assert_eq!(compatible(b"{\"\xff\":1,\"\\ufffd\":2}"), None);
    assert_eq!(compatible(b"{\"\xe2\x82\":1,\"\xff\xfe\":2}"), None);
    assert_eq!(
        compatible(b"{\"\xff\xff\":1,\"\xff\":2,\"z\":3}").as_deref(),
        Some(b"{\"z\":3,\"\xff\":2,\"\xff\xff\":1}".as_slice())
    );
    assert_eq!(
        compatible(b"{\"\xff\":1,\"\xf0\x9f\x98\x80\":2}").as_deref(),
        Some(b"{\"\xf0\x9f\x98\x80\":2,\"\xff\":1}".as_slice())
    );
    assert_eq!(compatible(b"{\"\\n\xff\":1,\"\\u000a\xfe\":2}"), None);
}

#[test]
fn names_are_compared_unescaped() {
    assert_eq!(compatible(br#"{"\"":1,"!":2}"#).as_deref(), Some(br#"{"!":2,"\"":1}"#.as_slice()));
    assert_eq!(compatible(br#"{"a":1,"\\":2}"#).as_deref(), Some(br#"{"\\":2,"a":1}"#.as_slice()));
    assert_eq!(
        compatible(br#"{" ":1,"\u001f":2,"\t":3}"#).as_deref(),
        Some(br#"{"\t":3,"\u001f":2," ":1}"#.as_slice())
    );
    assert_eq!(compatible(br#"{"\/":1,"/":2}"#), None);
}

#[test]
fn blanks_around_scalars() {
    for refused in
        [" 1", "1 ", "\ttrue", "null\n", "1 2", "t rue", "[1 2 x]", "[\"a\" \"b\"]", "[1\u{a0}]", "[tru\u{e9}]"]
    {
        assert_eq!(compatible(refused.as_bytes()), None, "{refused}");
    }
    assert_eq!(compatible(b"[ n u\tl\nl\r , 1 e 2 ]").as_deref(), Some(b"[null,100]".as_slice()));
    assert_eq!(compatible(b"{\"a\": - 1 }").as_deref(), Some(b"{\"a\":-1}".as_slice()));
    assert_eq!(canonicalize_strict(b"[ 1 , 2 ]").unwrap(), b"[1,2]");
    assert!(canonicalize_strict(b"[1 2]").is_err());
}

#[test]
fn faults_and_where_they_are() {
    let faults: [(&[u8], CanonicalFault, usize); 13] = [
        (b"", CanonicalFault::Empty, 0),
        (b" \n", CanonicalFault::Empty, 2),
        (b"[1,2", CanonicalFault::UnexpectedEnd, 4),
        (b"[1,]", CanonicalFault::UnexpectedByte, 3),
        (b"{} x", CanonicalFault::TrailingText, 3),
        (b"[1,tru]", CanonicalFault::InvalidToken, 3),
        (b"[1e400]", CanonicalFault::NumberRange, 1),
        (b"[\"a\\x\"]", CanonicalFault::InvalidEscape, 3),
        (b"[\"\\ud800x\"]", CanonicalFault::LoneSurrogate, 2),
        (b"[\"a\nb\"]", CanonicalFault::ControlByte, 3),
        (b"{\"b\":1,\"a\":2,\"b\":3,\"a\":4}", CanonicalFault::DuplicateKey, 13),
        (b"{\"a\" 1}", CanonicalFault::UnexpectedByte, 5),
        (b"{\"a\":}", CanonicalFault::UnexpectedByte, 5),
    ];
    for (input, fault, offset) in faults {
        let error = canonicalize(input).unwrap_err();
        assert_eq!((error.fault(), error.offset()), (fault, offset), "{}", String::from_utf8_lossy(input));
    }
    let strict: [(&[u8], CanonicalFault, usize); 8] = [
        (b"[\"a\xff\"]", CanonicalFault::InvalidUtf8, 3),
        (b"{\"\\ufffd\":1,\"\xff\":2}", CanonicalFault::InvalidUtf8, 13),
        (b"[\"\\ud800\\u0041\"]", CanonicalFault::LoneSurrogate, 2),
        (b"[\"a\\uffff\"]", CanonicalFault::Noncharacter, 3),
        ("[\"aé\u{fdd0}\"]".as_bytes(), CanonicalFault::Noncharacter, 5),
        (b"{\"a\":9007199254740993}", CanonicalFault::InexactInteger, 5),
        (b"[+1]", CanonicalFault::InvalidToken, 1),
        (b"{\"a", CanonicalFault::UnexpectedEnd, 3),
    ];
    for (input, fault, offset) in strict {
        let error = canonicalize_strict(input).unwrap_err();
        assert_eq!((error.fault(), error.offset()), (fault, offset), "{}", String::from_utf8_lossy(input));
    }
}

#[test]
fn a_million_levels() {
    const DEPTH: usize = 1_000_000;
    let arrays = [vec![b'['; DEPTH], vec![b']'; DEPTH]].concat();
    assert_eq!(canonicalize(&arrays).unwrap(), arrays);
    assert_eq!(canonicalize_strict(&arrays).unwrap(), arrays);
    assert!(canonicalize(&arrays[..DEPTH]).is_err());

    let objects = ["{\"b\":".repeat(DEPTH), "1".to_owned(), ",\"a\":2}".repeat(DEPTH)].concat();
    let sorted = ["{\"a\":2,\"b\":".repeat(DEPTH), "1".to_owned(), "}".repeat(DEPTH)].concat();
    assert_eq!(canonicalize(objects.as_bytes()).unwrap(), sorted.as_bytes());
    assert_eq!(jcs::digest(objects.as_bytes()).unwrap(), digest::sha256(sorted.as_bytes()));
}

#[test]
fn many_keys_in_reverse() {
    let member = |key: usize| format!("\"key{key:06}\":{key}");
    let count = 200_000;
    let input = format!("{{{}}}", (0..count).rev().map(member).collect::<Vec<_>>().join(","));
    let want = format!("{{{}}}", (0..count).map(member).collect::<Vec<_>>().join(","));
    assert!(canonicalize(input.as_bytes()).unwrap() == want.as_bytes());
}

/// Text made of the pieces that the grammar turns on.
fn jsonish() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\"",
        b"\"a\"",
        b"\"b\":",
        b"\"a\":",
        b"\"\\u00",
        b"\\ud83d",
        b"\\ude00",
        b"\\",
        b"\\n",
        b" ",
        b"\n",
        b"1",
        b"-0",
        b"1.5e3",
        b"0x1p4",
        b"1_0",
        b"true",
        b"null",
        b"\xff",
        b"\xc3\xa9",
        b"\x01",
        b"9007199254740993",
        b"1e400",
        b"\xf0\x9f\x98\x80",
        b"\xef\xac\xb3",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..24).prop_map(|parts| parts.concat())
}

fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i32>().prop_map(Into::into),
        prop::num::f64::NORMAL.prop_map(Into::into),
        ".{0,8}".prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Into::into),
            prop::collection::vec((".{0,4}", inner), 0..8).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

fn check(input: &[u8]) -> Result<(), TestCaseError> {
    let compatible = canonicalize(input);
    prop_assert_eq!(jcs::digest(input).ok(), compatible.as_ref().ok().map(|bytes| digest::sha256(bytes)));
    if let Ok(canonical) = &compatible {
        prop_assert!(canonical.len() <= input.len() * 6 + 2);
        prop_assert_eq!(canonicalize(canonical), Ok(canonical.clone()));
    }
    if let Ok(strict) = canonicalize_strict(input) {
        prop_assert_eq!(Ok(&strict), compatible.as_ref());
        prop_assert!(serde_json::from_slice::<serde_json::Value>(input).is_ok());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn holds_for_arbitrary_bytes(input in prop::collection::vec(any::<u8>(), 0..64)) {
        check(&input)?;
    }

    #[test]
    fn holds_for_what_looks_like_json(input in jsonish()) {
        check(&input)?;
    }

    #[test]
    fn holds_for_documents(value in value()) {
        let text = serde_json::to_vec(&value).unwrap();
        check(&text)?;
        let canonical = canonicalize(&text).unwrap();
        let back: serde_json::Value = serde_json::from_slice(&canonical).unwrap();
        prop_assert!(same(&value, &back), "{} {}", value, back);
        let pretty = serde_json::to_vec_pretty(&value).unwrap();
        if pretty.first().is_some_and(|first| b"[{\"".contains(first)) {
            prop_assert_eq!(canonicalize(&pretty).unwrap(), canonical);
        }
    }
}

/// Equal, but for the last bits of a number: serde_json reads doubles fast, not exactly.
fn same(a: &serde_json::Value, b: &serde_json::Value) -> bool {
    use serde_json::Value::{Array, Number, Object};
    match (a, b) {
        (Number(a), Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            (a - b).abs() <= a.abs() * 4.0 * f64::EPSILON
        }
        (Array(a), Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Object(a), Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}
