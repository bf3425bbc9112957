//! Credentials where only their names should stand. Compat mode looks at five fields of receipts, as the reference does;
//! strict mode at every text (03 §10.4, §18.10).

use crate::row::{Row, SECRETS, Want};

const EXPOSED: Want = Want::Fails("broker_secret_exposed");
const MALFORMED: Want = Want::Fails("broker_answer_malformed");

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for secret in SECRETS {
        // In these fields of a receipt in every mode.
        for field in ["credential_ref", "federated_credential_id", "session_arn", "broker_session_id", "lease_id"] {
            for value in [secret.to_owned(), format!("  {secret}")] {
                let answer = format!(r#"{{"provider":"vault","{field}":"{value}"}}"#);
                rows.push(Row::says(format!("receipt: {field} {value}"), answer, EXPOSED));
            }
        }
    }
    for secret in [SECRETS[0], SECRETS[4]] {
        // In other fields of a receipt, of which some become the reference.
        for (provider, field) in [
            ("vault", "issuer"),
            ("vault", "subject"),
            ("vault", "owner"),
            ("aws", "assumed_role_arn"),
            ("github", "repository"),
            ("gcp", "principal"),
            ("gcp", "workload_identity_provider"),
            ("azure", "service_principal_id"),
        ] {
            let lease = if provider == "vault" { r#""lease_id":"l/1","# } else { "" };
            let answer = format!(r#"{{"provider":"{provider}",{lease}"{field}":"{secret}"}}"#);
            let row = Row::says(format!("{provider}: {field} {secret}"), answer, Want::Allow);
            rows.push(row.but_strict(EXPOSED).leaks_in_compat());
        }
        rows.extend(plain(secret));
    }
    rows
}

/// In a plain answer.
fn plain(secret: &str) -> Vec<Row> {
    let says = |field: &str, value: &str, compat| {
        let reference = if field == "credential_ref" { "" } else { r#""credential_ref":"ref:1","# };
        let answer = format!(r#"{{{reference}"{field}":{value}}}"#);
        Row::says(format!("plain: {field} {value}"), answer, compat).but_strict(EXPOSED).leaks_in_compat()
    };
    let quoted = format!("\"{secret}\"");
    let mut rows: Vec<Row> = [
        "issued_by",
        "source",
        "access_type",
        "issuer",
        "subject",
        "owner",
        "credential_ref",
        "run_binding",
        "job_binding",
    ]
    .into_iter()
    .map(|field| says(field, &quoted, Want::Allow))
    .collect();
    rows.extend([
        says("target_binding", &quoted, Want::Misfits(&["broker_target_binding_mismatch"])),
        says("request_digest", &quoted, Want::Misfits(&["broker_request_digest_mismatch"])),
        says("scope", &format!(r#"["export",{quoted}]"#), Want::Allow),
        says("credential_ref", &format!(r#""ref:{secret}""#), Want::Allow),
        says("credential_ref", &format!(r#""acme/{secret}""#), Want::Allow),
        says("issuer", &format!(r#""https://user:{secret}@host.example""#), Want::Allow),
        says("owner", &format!(r#""\u00a0{secret}\n""#), Want::Allow),
        // As a name, or beside a fault that is reported.
        Row::says("as a member", format!(r#"{{"credential_ref":"ref:1",{quoted}:1}}"#), Want::Allow)
            .but_strict(MALFORMED),
        Row::says("as a member twice", format!(r#"{{"credential_ref":"ref:1",{quoted}:1,{quoted}:2}}"#), Want::Allow)
            .but_strict(MALFORMED),
        Row::says("as a type", format!(r#"{{"credential_ref":[{quoted}]}}"#), MALFORMED),
        Row::says("as a time", format!(r#"{{"credential_ref":"ref:1","issued_at":{quoted}}}"#), MALFORMED),
        Row::says(
            "as a receipt's time",
            format!(r#"{{"provider":"vault","lease_id":"x","issued_at":{quoted}}}"#),
            Want::Fails("broker_time_malformed"),
        ),
        Row::says("in half an answer", format!(r#"{{"credential_ref":{quoted}"#), MALFORMED),
        Row::says("as a provider", format!(r#"{{"provider":{quoted}}}"#), Want::Fails("broker_reference_missing"))
            .but_strict(MALFORMED),
        Row::says(
            "as a reference too long",
            format!(r#"{{"credential_ref":"ref:{}{secret}"}}"#, "x".repeat(256)),
            Want::Fails("broker_reference_malformed"),
        ),
        Row::says(
            "as a reference of two lines",
            format!(r#"{{"credential_ref":"ref:\n{secret}"}}"#),
            Want::Fails("broker_reference_malformed"),
        )
        .but_strict(EXPOSED),
    ]);
    rows
}
