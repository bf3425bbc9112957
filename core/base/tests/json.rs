//! Reading and writing JSON: the golden tables, and the rules that they do not show.

#![allow(clippy::unwrap_used)]

mod vectors;

use gait_base::json::{self, Encode, JsonErrorKind, Map, NoticeKind, Reading, Value};
use gait_base::time::Timestamp;
use proptest::prelude::*;
use vectors::rows;

#[test]
fn generic_values_encode_like_the_table() {
    for row in rows("primitives/envelope-json.jsonl") {
        let got = json::parse(row.input("text").as_bytes(), Reading::COMPAT);
        assert_eq!(got.is_ok(), row.ok(), "{}", row.name());
        if let Ok(value) = got {
            let encoded = String::from_utf8(json::to_compact(&value).unwrap()).unwrap();
            assert_eq!(encoded, row.want("encoded"), "{}", row.name());
        }
    }
}

#[test]
fn numbers_print_like_the_table() {
    for row in rows("primitives/numbers.jsonl") {
        let value = Value::Number(f64::from_bits(u64::from_str_radix(&row.input("bits"), 16).unwrap()));
        let text =
            |bytes: Result<Vec<u8>, json::EncodeError>| bytes.ok().map(|bytes| String::from_utf8(bytes).unwrap());
        let (compact, canonical) = (text(json::to_compact(&value)), text(gait_base::jcs::to_canonical(&value)));
        assert_eq!(compact.is_some(), row.ok(), "{}", row.name());
        assert_eq!(compact.unwrap_or_default(), row.want("go_json"), "{}", row.name());
        assert_eq!(canonical.unwrap_or_default(), row.want("jcs"), "{}", row.name());
    }
}

gait_base::record! {
    /// A part.
    #[derive(Clone, Debug, PartialEq)]
    struct Part {
        /// Name.
        name: String,
        /// Size.
        size: i64 => omit,
    }
}

gait_base::record! {
    /// A document with a member of each shape.
    #[derive(Clone, Debug, PartialEq)]
    struct Document {
        /// Text.
        text: String,
        /// Time.
        at: Timestamp,
        /// Parts.
        parts: Vec<Part>,
        /// Optional part.
        part: Option<Part> => omit,
        /// Free-form.
        args: Map => omit,
        /// Null when unset.
        tags: Option<Vec<String>>,
        /// Renamed.
        from_ref: String as "from" => omit,
    }
}

fn read(text: &str) -> Document {
    json::decode(text.as_bytes(), Reading::COMPAT).unwrap()
}

fn compact(document: &Document) -> String {
    String::from_utf8(json::to_compact(document).unwrap()).unwrap()
}

#[test]
fn zero_times_and_unset_lists_are_written() {
    assert_eq!(compact(&read("{}")), r#"{"text":"","at":"0001-01-01T00:00:00Z","parts":[],"tags":null}"#);
    let indented = json::to_indented(&read(r#"{"parts":[{"name":"a"}],"tags":[]}"#)).unwrap();
    assert_eq!(
        String::from_utf8(indented).unwrap(),
        "{\n  \"text\": \"\",\n  \"at\": \"0001-01-01T00:00:00Z\",\n  \"parts\": [\n    {\n      \"name\": \"a\"\n    }\n  ],\n  \"tags\": []\n}\n"
    );
}

#[test]
fn names_match_without_case_and_repeats_merge() {
    let document =
        read(r#"{"TEXT":"a","part":{"name":"n","size":1},"Part":{"SIZE":2},"from":"x","unknown":[1e999,{}]}"#);
    assert_eq!(
        compact(&document),
        r#"{"text":"a","at":"0001-01-01T00:00:00Z","parts":[],"part":{"name":"n","size":2},"tags":null,"from":"x"}"#
    );
    let blended = read(r#"{"parts":[{"name":"a","size":1},{"name":"b"}],"parts":[{"size":3}]}"#);
    assert_eq!(blended.parts, [Part { name: "a".into(), size: 3 }]);
    let united = read(r#"{"args":{"a":{"x":1},"b":1},"args":{"a":{"y":2}}}"#);
    assert_eq!(json::to_compact(&united.args).unwrap(), br#"{"a":{"y":2},"b":1}"#);
}

#[test]
fn null_keeps_scalars_and_empties_containers() {
    let document = read(
        r#"{"text":"a","text":null,"args":{"a":1},"args":null,"part":{"name":"n"},"part":null,"tags":["a"],"tags":null}"#,
    );
    assert_eq!(compact(&document), r#"{"text":"a","at":"0001-01-01T00:00:00Z","parts":[],"tags":null}"#);
}

#[test]
fn errors_name_the_member_and_the_place() {
    let error = json::decode::<Document>(br#"{"parts":[{"name":"a"},{"size":1.0}]}"#, Reading::COMPAT).unwrap_err();
    assert_eq!((error.path(), error.offset()), ("parts[1].size", Some(31)));
    for (text, offset) in [
        ("", 0),
        ("{", 1),
        ("{\"a\" 1}", 5),
        ("[1,]", 3),
        ("nul", 3),
        ("[1 2]", 3),
        ("\"\t\"", 1),
        ("{}x", 2),
        ("01", 1),
        ("\u{feff}{}", 0),
    ] {
        assert_eq!(json::parse(text.as_bytes(), Reading::COMPAT).unwrap_err().offset(), Some(offset), "{text:?}");
    }
}

#[test]
fn strict_reading_refuses_what_compat_passes_over() {
    let kind = |text: &[u8]| json::decode::<Document>(text, Reading::STRICT).unwrap_err().kind().clone();
    assert_eq!(kind(br#"{"Text":""}"#), JsonErrorKind::RecasedMember("Text".into()));
    assert_eq!(kind(br#"{"text":"","text":""}"#), JsonErrorKind::DuplicateMember("text".into()));
    assert_eq!(kind(br#"{"txet":""}"#), JsonErrorKind::UnknownMember("txet".into()));
    assert_eq!(kind(br#"{"args":{"a":{"b":1,"b":2}}}"#), JsonErrorKind::DuplicateMember("b".into()));
    assert_eq!(kind(br#"{"args":{"a":9007199254740993}}"#), JsonErrorKind::LossyInteger);
    assert_eq!(kind(b"{\"text\":\"\xff\"}"), JsonErrorKind::LossyText);
    assert_eq!(kind(br#"{"text":"\ud800"}"#), JsonErrorKind::LossyText);
}

#[test]
fn notices_tell_what_was_not_kept() {
    let (document, notices) = json::decode_with_notices::<Document>(
        br#"{"args":{"n":12345678901234567890},"text":"\ud800"}"#,
        Reading::COMPAT,
    )
    .unwrap();
    assert_eq!(document.text, "\u{fffd}");
    assert_eq!(
        notices.iter().map(|notice| notice.kind).collect::<Vec<_>>(),
        [NoticeKind::IntegerRounded, NoticeKind::TextReplaced]
    );
}

#[test]
fn depth_is_limited_and_costs_no_stack() {
    let nest = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let check = move || {
        let value = json::parse(nest(10_000).as_bytes(), Reading::COMPAT).unwrap();
        assert_eq!(json::to_compact(&value).unwrap().len(), 20_000);
        assert_eq!(*json::parse(nest(10_001).as_bytes(), Reading::COMPAT).unwrap_err().kind(), JsonErrorKind::TooDeep);
        assert_eq!(
            *json::parse("{\"a\":".repeat(100_000).as_bytes(), Reading::COMPAT).unwrap_err().kind(),
            JsonErrorKind::TooDeep
        );
    };
    std::thread::Builder::new().stack_size(256 * 1024).spawn(check).unwrap().join().unwrap();
}

#[test]
fn large_documents_are_refused_before_they_are_read() {
    let big = vec![b' '; Reading::COMPAT.max_bytes + 1];
    assert_eq!(*json::parse(&big, Reading::COMPAT).unwrap_err().kind(), JsonErrorKind::TooLarge);
    let many = format!("[{}1]", "1,".repeat(Reading::COMPAT.max_values));
    assert_eq!(*json::parse(many.as_bytes(), Reading::COMPAT).unwrap_err().kind(), JsonErrorKind::TooLarge);
}

#[test]
fn canonical_names_sort_by_utf16() {
    let map: Map = ["\u{1F600}", "\u{FB33}", "a"].iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    assert_eq!(
        gait_base::jcs::to_canonical(&map).unwrap(),
        "{\"a\":null,\"\u{1F600}\":null,\"\u{FB33}\":null}".as_bytes()
    );
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(|n| Value::Number(if n == 0.0 {
            0.0
        } else {
            n
        })),
        ".*".prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|items| Value::Array(items.into())),
            prop::collection::vec((".*", inner), 0..6).prop_map(|members| Value::Object(Map::from_members(members))),
        ]
    })
}

proptest! {
    #[test]
    fn written_values_read_back(value in any_value()) {
        for bytes in [json::to_compact(&value).unwrap(), json::to_indented(&value).unwrap(), gait_base::jcs::to_canonical(&value).unwrap()] {
            prop_assert_eq!(&json::parse(&bytes, Reading::COMPAT).unwrap(), &value);
        }
        prop_assert!(!value.is_empty_value() || value.is_null());
    }

    #[test]
    fn any_bytes_give_a_value_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = json::parse(&bytes, Reading::COMPAT);
        let _ = json::decode::<Document>(&bytes, Reading::STRICT);
    }

    #[test]
    fn agrees_with_serde_json_on_syntax(text in r#"[\[\]{}",:0-9a-e.\\ntrue -]{0,24}"#) {
        let ours = json::parse(text.as_bytes(), Reading::COMPAT).is_ok();
        let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
        prop_assert_eq!(ours, theirs, "{}", text);
    }
}
