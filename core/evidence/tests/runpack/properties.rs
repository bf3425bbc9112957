//! What holds for every run.

use std::io::Cursor;

use gait_base::json::{Map, Value};
use gait_base::time::Timestamp;
use gait_evidence::runpack::{
    self, DiffPrivacy, IntentRecord, Payload, RAW, REFERENCE, Receipt, RecordOptions, Refs, ResultRecord, Run,
    RunpackDraft, diff, migrate,
};
use gait_gate::mode::Mode;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::made::{key, recorded, verify, verify_signed};

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        // Strict readers refuse integers beyond 2^53, and canonical JSON writes large doubles like integers.
        any::<f64>().prop_filter("JSON has no others", |n| n.is_finite()).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![vec(inner.clone(), 0..4).prop_map(Value::from), map_of(inner).prop_map(Value::from),]
    })
}

fn map_of(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map> {
    vec((".{0,8}", value), 0..4).prop_map(Map::from_members)
}

prop_compose! {
    fn intent()(id in ".{0,6}", tool in ".{0,12}", args in map_of(value())) -> IntentRecord {
        IntentRecord { intent_id: id, tool_name: tool, args: Payload(Some(args)), ..IntentRecord::default() }
    }
}

prop_compose! {
    fn result()(id in ".{0,6}", status in ".{0,6}", result in map_of(value())) -> ResultRecord {
        ResultRecord { intent_id: id, status, result: Payload(Some(result)), ..ResultRecord::default() }
    }
}

prop_compose! {
    fn receipt()(id in "[a-z]{0,6}", locator in ".{0,8}", params in map_of(value()), seconds in 0_i64..4_000_000_000) -> Receipt {
        Receipt {
            ref_id: id,
            source_type: "doc".to_owned(),
            source_locator: locator,
            query_digest: "A1".to_owned(),
            content_digest: " b2".to_owned(),
            retrieved_at: Timestamp::from_unix(seconds, 7).unwrap(),
            retrieval_params: params,
            ..Receipt::default()
        }
    }
}

prop_compose! {
    fn draft()(
        run_id in ".{1,12}",
        intents in vec(intent(), 0..6),
        results in vec(result(), 0..6),
        receipts in vec(receipt(), 0..4),
        raw in any::<bool>(),
    ) -> RunpackDraft {
        RunpackDraft {
            run: Run { run_id, ..Run::default() },
            intents,
            results,
            refs: Refs { receipts, ..Refs::default() },
            capture_mode: if raw { RAW } else { REFERENCE }.to_owned(),
            ..RunpackDraft::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn what_is_recorded_verifies_and_comes_back(draft in draft()) {
        let bytes = recorded(draft.clone(), Some(&key()));
        prop_assert_eq!(&recorded(draft.clone(), Some(&key())), &bytes, "the same run, the same bytes");
        prop_assert!(verify_signed(&bytes, Mode::Compat).unwrap().ok());
        let read = runpack::read(Cursor::new(&bytes), Mode::Compat).unwrap();
        prop_assert_eq!(&read.run.run_id, &draft.run.run_id);
        prop_assert_eq!(read.intents.len(), draft.intents.len());
        for (read, given) in read.intents.iter().zip(&draft.intents) {
            prop_assert_eq!((&read.intent_id, &read.tool_name), (&given.intent_id, &given.tool_name));
            let expected = gait_base::jcs::digest_of(given.args.as_map().unwrap()).unwrap().to_hex();
            prop_assert_eq!(&read.args_digest, &expected);
            let kept = draft.capture_mode == RAW && given.args.has_members();
            let text = |args: &Payload| args.as_map().map(|map| gait_base::jcs::to_canonical(map).unwrap());
            prop_assert_eq!(text(&read.args), if kept { text(&given.args) } else { None });
        }
        prop_assert_eq!(read.refs.receipts.len(), draft.refs.receipts.len());
        prop_assert!(read.refs.receipts.is_sorted_by_key(|receipt| receipt.ref_id.clone()));
    }

    #[test]
    fn recording_again_changes_nothing(draft in draft()) {
        let bytes = recorded(draft, None);
        let read = runpack::read(Cursor::new(&bytes), Mode::Compat).unwrap();
        let options = RecordOptions { now: Timestamp::ZERO, signing_key: None };
        prop_assert_eq!(&runpack::record(migrate(read.clone()), &options).unwrap().bytes, &bytes);
        let same = diff(&read, &read, DiffPrivacy::Full).unwrap();
        prop_assert!(!same.changed());
    }

    #[test]
    fn a_changed_tool_is_a_changed_run(draft in draft(), other in "[a-z]{13}") {
        prop_assume!(!draft.intents.is_empty());
        let one = runpack::read(Cursor::new(&recorded(draft.clone(), None)), Mode::Compat).unwrap();
        let mut changed = draft;
        changed.intents.last_mut().unwrap().tool_name = other;
        let two = runpack::read(Cursor::new(&recorded(changed, None)), Mode::Compat).unwrap();
        prop_assert!(diff(&one, &two, DiffPrivacy::Full).unwrap().intents_changed);
        prop_assert!(diff(&two, &one, DiffPrivacy::Metadata).unwrap().intents_changed);
        prop_assert_ne!(one.manifest.manifest_digest, two.manifest.manifest_digest);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in vec(any::<u8>(), 0..400), at in any::<prop::sample::Index>(), len in 0..40_usize) {
        let _ = verify(&bytes, Mode::Compat);
        let mut archive = recorded(crate::made::small(), None);
        let at = at.index(archive.len());
        let end = (at + len).min(archive.len());
        archive.splice(at..end, bytes);
        let _ = verify(&archive, Mode::Strict);
        let _ = runpack::read(Cursor::new(&archive), Mode::Compat);
    }
}
