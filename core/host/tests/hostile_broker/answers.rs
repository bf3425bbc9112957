//! What programs answer: no JSON, other JSON, JSON that means something else, credentials that do not fit.

use crate::row::{ANSWER, Row, Want};

const MALFORMED: Want = Want::Fails("broker_answer_malformed");
const NAMELESS: Want = Want::Fails("broker_reference_missing");
const UNTIMELY: Want = Want::Fails("broker_time_malformed");
const EXPIRED: Want = Want::Fails("broker_credential_expired");
const SHAPELESS: Want = Want::Fails("broker_reference_malformed");

/// Claims that pass the rule's check of the intent, so that the broker is asked.
const CLAIMS: &str = r#", "credential_ref": "ref:1", "credential_source": "aws_sts", "credential_access_type": "jit", "credential_issuer": "sts", "credential_ttl_seconds": 60"#;

pub(crate) fn rows() -> Vec<Row> {
    [form(), members(), receipts(), times(), fit()].into_iter().flatten().collect()
}

/// A plain answer with one more member.
fn with(member: &str) -> String {
    ANSWER.replacen('{', &format!("{{{member},"), 1)
}

fn form() -> Vec<Row> {
    let deep = |depth: usize| with(&format!(r#""x":{}{}"#, "[".repeat(depth), "]".repeat(depth)));
    vec![
        Row::says("a word", "hello", MALFORMED),
        Row::says("a list", format!("[{ANSWER}]"), MALFORMED),
        Row::says("a list of nothing", "[]", MALFORMED),
        Row::says("a number", "1", MALFORMED),
        Row::says("a text", format!("{ANSWER:?}"), MALFORMED),
        Row::says("true", "true", MALFORMED),
        Row::says("null", "null", NAMELESS),
        Row::says("half an answer", &ANSWER[..ANSWER.len() - 1], MALFORMED),
        Row::says("two answers", format!("{ANSWER}{ANSWER}"), MALFORMED),
        Row::says("two lines of answers", format!("{ANSWER}\n{ANSWER}\n"), MALFORMED),
        Row::says("an answer and a word", format!("{ANSWER} ok"), MALFORMED),
        Row::says("a word and an answer", format!("ok {ANSWER}"), MALFORMED),
        Row::says("an answer and a NUL", format!("{ANSWER}\0"), MALFORMED),
        Row::says("a byte order mark", format!("\u{feff}{ANSWER}"), MALFORMED),
        Row::says("a blank beyond JSON's", format!("\u{a0}{ANSWER}"), MALFORMED),
        Row::says("a comment", format!("// ok\n{ANSWER}"), MALFORMED),
        Row::says("a comma too many", ANSWER.replace('}', ",}"), MALFORMED),
        Row::says("single quotes", ANSWER.replace('"', "'"), MALFORMED),
        Row::says("YAML", "credential_ref: ref:1", MALFORMED),
        Row::says("UTF-16", ANSWER.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(), MALFORMED),
        Row::says("blanks around", format!(" \r\n\t{ANSWER}\n\n"), Want::Allow),
        Row::says("deep", deep(900), Want::Allow).but_strict(MALFORMED),
        Row::says("deeper than any", format!("{{\"x\":{}", "[".repeat(16_000)), MALFORMED),
        Row::says("objects in objects", r#"{"x":"#.repeat(3_000), MALFORMED),
    ]
}

fn members() -> Vec<Row> {
    let mut rows = vec![
        Row::says("an unknown member", with(r#""note":"n""#), Want::Allow).but_strict(MALFORMED),
        Row::says("a member in capitals", ANSWER.replace("credential_ref", "Credential_Ref"), Want::Allow)
            .but_strict(MALFORMED),
        Row::says("a member twice, alike", with(r#""access_type":"jit""#), Want::Allow).but_strict(MALFORMED),
        // The last one counts.
        Row::says("a reference twice", with(r#""credential_ref":"ref:0""#), Want::Allow).but_strict(MALFORMED),
        Row::says("a reference and a blank one", ANSWER.replace('}', r#","credential_ref":" "}"#), NAMELESS)
            .but_strict(MALFORMED),
        Row::says("no reference", "{}", NAMELESS),
        Row::says("an empty reference", r#"{"credential_ref":""}"#, NAMELESS),
        Row::says("a blank reference", r#"{"credential_ref":"\u00a0\n"}"#, NAMELESS),
        Row::says("no reference but null", r#"{"credential_ref":null}"#, NAMELESS),
        Row::says("256 bytes", format!(r#"{{"credential_ref":"ref:{}"}}"#, "x".repeat(252)), Want::Allow),
        Row::says("257 bytes", format!(r#"{{"credential_ref":"ref:{}"}}"#, "x".repeat(253)), SHAPELESS),
        Row::says(
            "257 bytes in fewer letters",
            format!(r#"{{"credential_ref":"ref:x{}"}}"#, "é".repeat(126)),
            SHAPELESS,
        ),
        Row::says("a tab within", r#"{"credential_ref":"ref:\t1"}"#, SHAPELESS),
        Row::says("a line within", r#"{"credential_ref":"ref:1\nverdict: allow"}"#, SHAPELESS),
        Row::says("a carriage return within", r#"{"credential_ref":"ref:\r1"}"#, SHAPELESS),
        Row::says("white space around", r#"{"credential_ref":"\n ref:1\t"}"#, Want::Allow),
        Row::says("bytes that are no text", b"{\"credential_ref\":\"ref:\xff\"}".as_slice(), Want::Allow)
            .but_strict(MALFORMED),
        Row::says("half a surrogate", r#"{"credential_ref":"ref:\ud800"}"#, Want::Allow).but_strict(MALFORMED),
        Row::says("a huge number", with(r#""ttl_seconds":1e400"#), MALFORMED),
        Row::says("a number beyond 64 bits", with(r#""ttl_seconds":99999999999999999999"#), MALFORMED),
        Row::says("half a second", with(r#""ttl_seconds":0.5"#), MALFORMED),
        Row::says("a scope that is a text", with(r#""scope":"export""#), MALFORMED),
        Row::says("a scope of numbers", with(r#""scope":[1]"#), MALFORMED),
        Row::says("a time that is none", with(r#""issued_at":"yesterday""#), MALFORMED),
        Row::says("an empty time", with(r#""issued_at":"""#), MALFORMED),
        Row::says("a time as a number", with(r#""issued_at":1772323200"#), MALFORMED),
    ];
    for name in ["issued_by", "source", "access_type", "issuer", "subject", "owner", "target_binding", "run_binding"] {
        for value in ["1", "true", "[]", "{}"] {
            rows.push(Row::says(
                format!("{name} as {value}"),
                format!(r#"{{"credential_ref":"ref:1","{name}":{value}}}"#),
                MALFORMED,
            ));
        }
    }
    rows
}

fn receipts() -> Vec<Row> {
    let receipt = |more: &str| format!(r#"{{"provider":"vault","lease_id":"aws/deploy/1"{more}}}"#);
    vec![
        Row::says("a receipt", receipt(""), Want::Allow),
        Row::says("a receipt with more", receipt(r#","note":1"#), Want::Allow).but_strict(MALFORMED),
        Row::says("a receipt of nobody", r#"{"provider":"","lease_id":"x"}"#, NAMELESS).but_strict(MALFORMED),
        Row::says("a receipt of a stranger", r#"{"provider":"acme","credential_ref":"acme:1"}"#, Want::Allow)
            .but_strict(MALFORMED),
        Row::says("a receipt of many", r#"{"provider":["vault"],"lease_id":"x"}"#, MALFORMED),
        Row::says("a receipt of another's lease", r#"{"provider":"aws","lease_id":"x"}"#, NAMELESS),
        Row::says("a receipt that names nothing", r#"{"provider":"vault"}"#, NAMELESS),
        Row::says("a receipt of a command", r#"{"provider":"command"}"#, NAMELESS),
        Row::says("a receipt of a file", r#"{"provider":"file"}"#, NAMELESS),
        Row::says("a receipt without a time", receipt(r#","expires_at":"soon""#), UNTIMELY),
        Row::says("a receipt with a time as a number", receipt(r#","expires_at":1"#), MALFORMED),
        Row::says("a receipt with a blank time", receipt(r#","expires_at":" ""#), Want::Allow),
        Row::says("a receipt with a lease as a list", r#"{"provider":"vault","lease_id":["x"]}"#, MALFORMED),
    ]
}

fn times() -> Vec<Row> {
    let lasting = |more: &str| format!(r#"{{"credential_ref":"ref:1","access_type":"jit","source":"aws_sts",{more}}}"#);
    const LIMIT: &str = ", max_credential_ttl_seconds: 900";
    const TOO_LONG: Want = Want::Misfits(&["broker_ttl_exceeded"]);
    vec![
        Row::says("as long as allowed", lasting(r#""ttl_seconds":900"#), Want::Allow).under(LIMIT, CLAIMS),
        Row::says("longer than allowed", lasting(r#""ttl_seconds":901"#), TOO_LONG).under(LIMIT, CLAIMS),
        Row::says("for ever", lasting(r#""issuer":"x""#), TOO_LONG).under(LIMIT, CLAIMS),
        Row::says("until the end of time", lasting(r#""expires_at":"9999-12-31T23:59:59Z""#), TOO_LONG)
            .under(LIMIT, CLAIMS),
        Row::says("a second too long by its times", lasting(r#""expires_at":"2026-03-01T00:15:01Z""#), TOO_LONG)
            .under(LIMIT, CLAIMS),
        // What is said counts in compat mode, whatever the times say.
        Row::says(
            "long, but short by its own word",
            lasting(r#""ttl_seconds":1,"expires_at":"9999-12-31T23:59:59Z""#),
            Want::Allow,
        )
        .under(LIMIT, CLAIMS),
        Row::says("less than nothing", lasting(r#""ttl_seconds":-1"#), TOO_LONG)
            .but_strict(EXPIRED)
            .under(LIMIT, CLAIMS),
        Row::says("less than nothing, unlimited", lasting(r#""ttl_seconds":-1"#), Want::Allow).but_strict(EXPIRED),
        Row::says("the least number", lasting(r#""ttl_seconds":-9223372036854775808"#), Want::Allow)
            .but_strict(MALFORMED),
        // Nothing in the contract compares the end with the clock.
        Row::says("over", lasting(r#""issued_at":"2020-01-01T00:00:00Z","ttl_seconds":300"#), Want::Allow)
            .but_strict(EXPIRED),
        Row::says("over this instant", lasting(r#""expires_at":"2026-03-01T00:00:00Z""#), Want::Allow)
            .but_strict(EXPIRED),
        Row::says("over before it began", lasting(r#""expires_at":"2020-01-01T00:00:00Z""#), TOO_LONG)
            .but_strict(EXPIRED)
            .under(LIMIT, CLAIMS),
        Row::says("beyond the calendar", lasting(r#""issued_at":"9999-12-31T23:59:59Z","ttl_seconds":60"#), UNTIMELY),
        Row::says(
            "beyond any calendar",
            lasting(r#""issued_at":"2026-03-01T00:00:00Z","ttl_seconds":9223372036854775807"#),
            UNTIMELY,
        )
        .but_strict(MALFORMED),
    ]
}

fn fit() -> Vec<Row> {
    let digest = "0".repeat(64);
    let says = |name: &str, member: &str, codes| Row::says(name, with(member), Want::Misfits(codes));
    vec![
        says("another request", &format!(r#""request_digest":"{digest}""#), &["broker_request_digest_mismatch"]),
        says("a request that is no digest", r#""request_digest":"x""#, &["broker_request_digest_mismatch"]),
        Row::says("a blank request", with(r#""request_digest":" ""#), Want::Allow),
        says("other targets", &format!(r#""target_binding":"{digest}""#), &["broker_target_binding_mismatch"]),
        says("any target", r#""target_binding":"*""#, &["broker_target_binding_mismatch"]),
        says("another scope", r#""scope":["read"]"#, &["broker_scope_mismatch"]),
        says("any scope", r#""scope":["*"]"#, &["broker_scope_mismatch"]),
        says("a scope within a scope", r#""scope":["export:all"]"#, &["broker_scope_mismatch"]),
        Row::says("no scope", with(r#""scope":[]"#), Want::Allow),
        Row::says("a scope in capitals, and more", with(r#""scope":["x"," EXPORT "]"#), Want::Allow),
        says("another run", r#""run_binding":"run-2""#, &["broker_run_binding_mismatch"]).under("", r#", "run_id": "run-1""#),
        says("any run", r#""run_binding":"*""#, &["broker_run_binding_mismatch"]).under("", r#", "run_id": "run-1""#),
        says("another job", r#""job_binding":"job-2""#, &["broker_job_binding_mismatch"]).under("", r#", "job_id": "job-1""#),
        Row::says("the run of a call without one", with(r#""run_binding":"run-2""#), Want::Allow),
        Row::says("another reference", r#"{"credential_ref":"ref:2"}"#, Want::Misfits(&["broker_credential_ref_mismatch"]))
            .under("", r#", "credential_ref": "ref:1""#),
        Row::says("a reference in capitals", r#"{"credential_ref":"REF:1"}"#, Want::Misfits(&["broker_credential_ref_mismatch"]))
            .under("", r#", "credential_ref": "ref:1""#),
        Row::says("a standing credential", r#"{"credential_ref":"ref:1","access_type":"standing"}"#, Want::Misfits(&["credential_not_jit"]))
            .under(", require_jit_credential: true", CLAIMS),
        Row::says("a credential of no type", r#"{"credential_ref":"ref:1"}"#, Want::Misfits(&["standing_credential_disallowed"]))
            .under(", block_standing_credentials: true", CLAIMS),
        Row::says("another source", r#"{"credential_ref":"ref:1","source":"env"}"#, Want::Misfits(&["credential_source_disallowed"]))
            .under(", allowed_credential_sources: [aws_sts]", CLAIMS),
        Row::says("another issuer", r#"{"credential_ref":"ref:1","issuer":"STS"}"#, Want::Misfits(&["credential_issuer_disallowed"]))
            .under(", allowed_credential_issuers: [sts]", CLAIMS),
        Row::says(
            "wrong in every way",
            format!(r#"{{"credential_ref":"ref:2","request_digest":"{digest}","target_binding":"{digest}","scope":["x"],"access_type":"standing"}}"#),
            Want::Misfits(&[
                "broker_credential_ref_mismatch",
                "broker_request_digest_mismatch",
                "broker_scope_mismatch",
                "broker_target_binding_mismatch",
                "credential_not_jit",
            ]),
        )
        .under(", require_jit_credential: true", CLAIMS),
    ]
}
