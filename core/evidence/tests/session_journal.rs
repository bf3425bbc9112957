//! Journals: what is written is read back, what does not fit is refused, and a journal cut anywhere loses no whole line.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use gait_base::error::Classify;
use gait_base::time::Timestamp;
use gait_evidence::runpack::{RecordOptions, record};
use gait_evidence::session::{
    Chain, Checkpoint, CheckpointPlan, Compaction, Event, EventDraft, Header, JournalReader, Line, MAX_LINE_BYTES,
    Record, Renumbering, SessionError, Tail, checkpoint_digest,
};
use gait_gate::mode::Mode;

const NOW: Timestamp = Timestamp::EPOCH_1980;

fn header() -> Header {
    Header {
        schema_id: "gait.runpack.session_journal".into(),
        schema_version: "1.0.0".into(),
        created_at: NOW,
        producer_version: "1".into(),
        session_id: "s".into(),
        run_id: "run_s".into(),
        started_at: NOW,
        events: Some(Vec::new()),
        checkpoints: Vec::new(),
    }
}

fn event(sequence: i64) -> Event {
    let draft = EventDraft {
        tool_name: format!(" tool.{sequence} "),
        verdict: "block".into(),
        reason_codes: vec!["b".into(), "a".into(), "b".into()],
        policy_digest: " AB ".into(),
        trace_id: format!("t{sequence}"),
        ..EventDraft::default()
    };
    draft.normalized().into_event("s", "run_s", sequence, NOW, "1")
}

fn checkpoint(last: Option<&Checkpoint>, events: &[Event]) -> Checkpoint {
    let plan = CheckpointPlan::new(&header(), last, events, &NOW, "").unwrap();
    let recorded = record(plan.draft.clone(), &RecordOptions { now: NOW, signing_key: None }).unwrap();
    plan.into_record("cp.zip", &recorded.manifest.manifest_digest)
}

/// Three events, a checkpoint over them, one more event: the journal and where its lines end.
fn journal() -> (Vec<u8>, Vec<usize>) {
    let events: Vec<_> = (1..=4).map(event).collect();
    let checkpoint = checkpoint(None, &events[..3]);
    let header = header();
    let mut lines = vec![Line::Header(&header)];
    lines.extend(events[..3].iter().map(Line::Event));
    lines.extend([Line::Checkpoint(&checkpoint), Line::Event(&events[3])]);
    let (mut bytes, mut ends) = (Vec::new(), Vec::new());
    for line in lines {
        line.write_to(&mut bytes).unwrap();
        ends.push(bytes.len());
    }
    (bytes, ends)
}

fn read(bytes: &[u8]) -> (Result<Tail, SessionError>, JournalReader, Vec<Record>) {
    let (mut reader, mut records) = (JournalReader::new(Mode::Strict), Vec::new());
    let outcome = reader.read_all(bytes, |record| records.push(record));
    (outcome, reader, records)
}

#[test]
fn what_is_written_is_read_back() {
    let (bytes, ends) = journal();
    let (outcome, reader, records) = read(&bytes);
    assert_eq!(outcome.unwrap(), Tail::Closed);
    assert_eq!(records.len(), ends.len());
    let Record::Event(first) = &records[1] else { panic!("no event") };
    assert_eq!(**first, event(1));
    assert_eq!(first.reason_codes.0.as_deref().unwrap(), ["a", "b"]);
    let state = reader.state(7, &NOW).unwrap();
    assert_eq!((state.event_count, state.last_sequence, state.checkpoint_count), (4, 4, 1));
    assert_eq!((state.last_checkpoint_index, state.last_checkpoint_sequence), (1, 3));
    assert_eq!(state.next_sequence().unwrap(), 5);
}

#[test]
fn a_journal_cut_at_any_byte_keeps_every_whole_line_and_accepts_no_half_one() {
    let (bytes, ends) = journal();
    for cut in 0..=bytes.len() {
        let whole = ends.iter().filter(|&&end| end <= cut).count();
        let start = ends.iter().rev().find(|&&end| end <= cut).copied().unwrap_or(0);
        let (outcome, _, records) = read(&bytes[..cut]);
        let next_end = ends.get(whole).copied().unwrap_or(usize::MAX);
        match outcome {
            Ok(Tail::Closed) => assert!(cut == start && records.len() == whole, "cut at {cut}"),
            Ok(Tail::Open) => assert!(cut + 1 == next_end && records.len() == whole + 1, "cut at {cut}"),
            Err(SessionError::Torn { offset, .. }) => {
                assert!(cut > start && offset == start as u64 && records.len() == whole, "cut at {cut}");
            }
            Err(error) => panic!("cut at {cut}: {error}"),
        }
    }
}

#[test]
fn reading_on_from_a_state_is_reading_all() {
    let (bytes, ends) = journal();
    let (_, whole, _) = read(&bytes);
    let whole = whole.state(9, &NOW).unwrap();
    for &end in &ends {
        let (_, reader, _) = read(&bytes[..end]);
        let state = reader.state(1, &NOW).unwrap();
        let mut rest = JournalReader::resume(&state, Mode::Strict);
        assert_eq!(rest.read_all(&bytes[end..], |_| {}).unwrap(), Tail::Closed);
        assert_eq!(rest.state(9, &NOW).unwrap(), whole, "from {end}");
    }
}

#[test]
fn garbage_inside_is_refused_and_garbage_at_the_end_is_torn() {
    let (bytes, ends) = journal();
    for garbage in [&b"{\"record_type\":"[..], b"\0\0\0\0", b"\xff\xfe", b"{}}", b"x"] {
        let mut inside = bytes[..ends[2]].to_vec();
        inside.extend_from_slice(garbage);
        assert!(matches!(read(&inside).0, Err(SessionError::Torn { line: 4, .. })), "{garbage:?}");
        inside.push(b'\n');
        inside.extend_from_slice(&bytes[ends[2]..]);
        let error = read(&inside).0.unwrap_err();
        assert!(matches!(error, SessionError::Parse { line: 4, .. }), "{garbage:?}: {error}");
        assert_eq!(error.code(), "session_journal_invalid");
    }
    // Whole JSON is nobody's torn line, whatever it says.
    let mut wrong = bytes.clone();
    wrong.extend_from_slice(b"{\"record_type\":\"event\"}");
    assert!(matches!(read(&wrong).0, Err(SessionError::PayloadMissing { .. })));
    let mut blank = bytes[..ends[1]].to_vec();
    blank.extend_from_slice(b"\n \t\n");
    blank.extend_from_slice(&bytes[ends[1]..]);
    assert_eq!(read(&blank).0.unwrap(), Tail::Closed);
}

#[test]
fn lines_have_a_limit_for_readers_and_writers() {
    let (mut bytes, ends) = journal();
    let long = EventDraft { tool_name: "x".repeat(MAX_LINE_BYTES), ..EventDraft::default() };
    let long = long.normalized().into_event("s", "run_s", 5, NOW, "1");
    let before = bytes.clone();
    assert!(matches!(Line::Event(&long).write_to(&mut bytes), Err(SessionError::RecordTooLong { .. })));
    assert_eq!(bytes, before, "nothing of it stays");
    bytes.resize(before.len() + MAX_LINE_BYTES + 10, b'x');
    let error = read(&bytes).0.unwrap_err();
    assert!(matches!(error, SessionError::Torn { offset, .. } if offset == ends[5] as u64), "{error}");
    bytes.push(b'\n');
    assert!(matches!(read(&bytes).0, Err(SessionError::LineTooLong { line: 7 })));
}

#[test]
fn records_out_of_place_are_refused() {
    let write = |lines: &[Line<'_>]| {
        let mut bytes = Vec::new();
        lines.iter().for_each(|line| line.write_to(&mut bytes).unwrap());
        read(&bytes).0.unwrap_err()
    };
    let (header, one, two, three) = (header(), event(1), event(2), event(3));
    let nameless = Header { run_id: " ".into(), ..header.clone() };
    let foreign = Event { run_id: "run_t".into(), ..one.clone() };
    let first = checkpoint(None, std::slice::from_ref(&one));
    let sealed = |mut checkpoint: Checkpoint| {
        checkpoint.checkpoint_digest = checkpoint_digest(&checkpoint);
        checkpoint
    };
    let skipping = sealed(Checkpoint { checkpoint_index: 2, ..first.clone() });
    let backwards = sealed(Checkpoint { sequence_start: 2, ..first.clone() });
    let again = sealed(Checkpoint { checkpoint_index: 2, ..first.clone() });
    let unlinked = sealed(Checkpoint { checkpoint_index: 2, sequence_start: 2, sequence_end: 2, ..first.clone() });
    let forged = Checkpoint { manifest_digest: "00".into(), ..first.clone() };
    let text = |error: SessionError| error.to_string();
    let (h, e) = (Line::Header(&header), |event| Line::Event(event));
    assert!(text(write(&[h, h])).contains("duplicate header"));
    assert!(text(write(&[e(&one), h])).contains("event encountered before header"));
    assert!(text(write(&[Line::Checkpoint(&first)])).contains("checkpoint encountered before header"));
    assert!(text(write(&[Line::Header(&nameless)])).contains("missing session_id or run_id"));
    assert_eq!(text(write(&[h, e(&one), e(&three)])), "session event sequence mismatch line 3: got 3 want 2");
    assert!(text(write(&[h, e(&two)])).contains("got 2 want 1"));
    assert!(text(write(&[h, e(&foreign)])).contains("event identity mismatch at line 2"));
    let c = |checkpoint| Line::Checkpoint(checkpoint);
    assert!(text(write(&[h, e(&one), c(&skipping)])).contains("index mismatch"));
    assert!(text(write(&[h, e(&one), c(&backwards)])).contains("range invalid"));
    assert!(text(write(&[h, e(&one), c(&first), c(&again)])).contains("overlap"));
    assert!(text(write(&[h, e(&one), c(&first), e(&two), c(&unlinked)])).contains("linkage mismatch"));
    assert!(text(write(&[h, e(&one), c(&forged)])).contains("digest invalid"));
}

#[test]
fn compaction_keeps_what_no_checkpoint_covers_and_never_resets_the_sequence() {
    let (bytes, ends) = journal();
    let compacted = Compaction::of(&bytes[..], Mode::Strict).unwrap();
    assert_eq!((compacted.events_before, compacted.events_after, compacted.checkpoints), (4, 1, 1));
    let (outcome, reader, _) = read(&compacted.bytes);
    outcome.unwrap();
    assert_eq!(reader.state(0, &NOW).unwrap().last_sequence, 4);
    assert_eq!(Compaction::of(&compacted.bytes[..], Mode::Strict).unwrap().bytes, compacted.bytes);
    // All events covered: the numbers go on all the same.
    let covered = Compaction::of(&bytes[..ends[4]], Mode::Strict).unwrap();
    assert_eq!(covered.events_after, 0);
    let (_, reader, _) = read(&covered.bytes);
    let state = reader.state(0, &NOW).unwrap();
    assert_eq!((state.event_count, state.last_sequence, state.next_sequence().unwrap()), (0, 3, 4));
    let mut next = covered.bytes;
    Line::Event(&event(4)).write_to(&mut next).unwrap();
    assert_eq!(read(&next).0.unwrap(), Tail::Closed);
}

#[test]
fn chains_are_checked_compared_and_looked_up() {
    let events: Vec<_> = (1..=4).map(event).collect();
    let first = checkpoint(None, &events[..2]);
    let second = checkpoint(Some(&first), &events[2..]);
    let chain = Chain::of(&header(), vec![first.clone(), second.clone()]).unwrap();
    let chain = Chain::parse(&chain.to_file().unwrap(), Mode::Strict).unwrap();
    assert!(chain.linkage_errors(Mode::Strict).is_empty());
    assert_eq!(chain.resolve(" LATEST ").unwrap(), &second);
    assert_eq!(chain.resolve("1x").unwrap(), &first);
    assert!(matches!(chain.resolve("3"), Err(SessionError::CheckpointMissing(3))));
    for reference in ["x", "0", "-1", "+"] {
        assert!(matches!(chain.resolve(reference), Err(SessionError::Reference(_))), "{reference}");
    }
    let shorter = Chain { checkpoints: vec![first.clone()], ..chain.clone() };
    assert_eq!(chain.diff(&shorter).left_only, [2]);
    assert_eq!(shorter.diff(&chain).right_only, [2]);
    assert!(chain.diff(&chain).is_empty());
    let gap = Checkpoint { sequence_start: 9, sequence_end: 9, ..second.clone() };
    let gap = Checkpoint { checkpoint_digest: checkpoint_digest(&gap), ..gap };
    let gap = Chain { checkpoints: vec![first, gap], ..chain };
    assert!(gap.linkage_errors(Mode::Compat).is_empty());
    assert_eq!(gap.linkage_errors(Mode::Strict), ["sequence gap before checkpoint 2"]);
    assert!(matches!(
        Chain::parse(b"{\"session_id\":\"s\",\"run_id\":\"r\"}", Mode::Compat),
        Err(SessionError::ChainEmpty)
    ));
    assert!(matches!(Chain::parse(b"{\"schema_id\":\"x\"}", Mode::Compat), Err(SessionError::ChainSchema)));
    assert!(matches!(Chain::parse(b"{}", Mode::Compat), Err(SessionError::ChainIds)));
}

#[test]
fn numbers_that_an_older_compaction_started_anew_are_mended() {
    let (bytes, ends) = journal();
    let mut reset = Compaction::of(&bytes[..ends[4]], Mode::Strict).unwrap().bytes;
    Line::Event(&event(1)).write_to(&mut reset).unwrap();
    Line::Event(&event(2)).write_to(&mut reset).unwrap();
    assert!(matches!(read(&reset).0, Err(SessionError::Sequence { got: 1, want: 4, .. })));
    let mended = Renumbering::of(&reset[..], Mode::Strict).unwrap();
    assert_eq!(mended.events, 2);
    let (outcome, reader, records) = read(&mended.bytes);
    outcome.unwrap();
    assert_eq!(reader.state(0, &NOW).unwrap().last_sequence, 5);
    assert!(matches!(&records[2], Record::Event(event) if event.sequence == 4 && event.tool_name == "tool.1"));
    // Other gaps stay what they are.
    let mut gap = bytes.clone();
    Line::Event(&event(9)).write_to(&mut gap).unwrap();
    assert!(matches!(Renumbering::of(&gap[..], Mode::Strict), Err(SessionError::Sequence { .. })));
    assert_eq!(Renumbering::of(&bytes[..], Mode::Strict).unwrap().events, 0);
}
