//! Requests, answers and what is refused of them.

use gait_base::digest::sha256;
use gait_base::time::Timestamp;

use super::*;
use crate::intent::Context;
use crate::mode::Mode;
use crate::policy::document::CredentialRule;

fn now() -> Timestamp {
    Timestamp::parse("2026-03-01T08:00:00Z").unwrap()
}

fn list(items: &[&str]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

fn request() -> BrokerRequest {
    BrokerRequest {
        tool_name: " Tool.Write ".to_owned(),
        identity: "alice".to_owned(),
        run_id: "run-7".to_owned(),
        job_id: "job-9".to_owned(),
        reference: "egress".to_owned(),
        scope: list(&["Export", " ", "export", "a"]),
        target_binding: sha256(b"targets").to_hex(),
        ..BrokerRequest::default()
    }
    .normalized()
    .unwrap()
}

fn command(output: &str) -> Result<BrokerResponse, BrokerFault> {
    command_response(output.as_bytes(), b" \n", &request(), &now(), Mode::Compat)
}

fn strict_command(output: &str) -> Result<BrokerResponse, BrokerFault> {
    command_response(output.as_bytes(), b"", &request(), &now(), Mode::Strict)
}

#[test]
fn the_request_is_written_with_every_member() {
    let wire = String::from_utf8(request().wire_form().unwrap()).unwrap();
    assert_eq!(
        wire,
        format!(
            concat!(
                r#"{{"ToolName":"tool.write","Identity":"alice","Workspace":"","SessionID":"","RequestID":"","#,
                r#""RunID":"run-7","JobID":"job-9","Reference":"egress","Scope":["export","a"],"TargetBinding":"{}"}}"#
            ),
            sha256(b"targets")
        )
    );
    let nobody = BrokerRequest { identity: " ".to_owned(), ..request() };
    assert_eq!(nobody.normalized(), Err(BrokerFault::RequestIncomplete("identity")));
}

#[test]
fn the_callers_scopes_keep_their_case() {
    assert_eq!(requested_scope(&list(&["Export", "a"]), "b, Repo:Write ,,a"), ["Repo:Write", "a", "b", "export"]);
    assert!(requested_scope(&[], " , ").is_empty());
}

#[test]
fn brokers_and_commands_are_chosen() {
    assert_eq!(BrokerKind::parse(" OFF "), Ok(None));
    assert_eq!(BrokerKind::parse(""), Ok(None));
    assert_eq!(BrokerKind::parse("none"), Ok(None));
    assert_eq!(BrokerKind::parse("Command"), Ok(Some(BrokerKind::Command)));
    assert_eq!(BrokerKind::parse("vault"), Err(BrokerFault::UnknownBroker));
    for (command, allowed, passes) in [
        ("/bin/sh", "", true),
        ("/bin/sh", " , ", true),
        ("/bin/sh", "/bin/sh", true),
        ("/bin//./sh", "/usr/bin/x,/bin/sh", true),
        ("/opt/sh", "sh", true),
        ("/opt/sh", "/bin/sh", false),
        ("sh", "/bin/sh", false),
        ("/bin/shh", "sh", false),
        ("/", "sh", false),
    ] {
        assert_eq!(command_allowed(command, allowed, Mode::Compat), passes, "{command} {allowed}");
    }
    for (command, allowed, passes) in [
        ("/opt/evil/sh", " , ", true),
        ("sh", "sh", true),
        (" sh ", "a, sh ,b", true),
        ("/bin//./sh", "/usr/../bin/sh", true),
        ("/opt/evil/sh", "sh", false),
        ("sh", "./sh", false),
        ("./sh", "sh", false),
        ("./sh", "./sh", false),
        ("bin/sh", "bin/sh", false),
        ("sh", "/bin/sh", false),
        ("/sh", "sh", false),
        ("/bin/sh/", "/bin/sh", true),
        ("/bin/../opt/sh", "/bin/sh", false),
        ("Sh", "sh", false),
    ] {
        assert_eq!(command_allowed(command, allowed, Mode::Strict), passes, "{command} {allowed}");
    }
    assert_eq!(check_command(" /bin/sh "), Ok("/bin/sh"));
    assert_eq!(check_command("sh -c x"), Err(BrokerFault::CommandNotAWord));
    assert_eq!(check_command("sh\tx"), Err(BrokerFault::CommandNotAWord));
    assert_eq!(check_command(" "), Err(BrokerFault::CommandMissing));
}

#[test]
fn variables_are_named_after_the_reference() {
    for (reference, variable) in [
        (" my-ref.v2/é! ", "P_MY_REF_V2"),
        ("a--b..c", "P_A__B__C"),
        ("a /+b", "P_A_B"),
        ("a/-/b", "P_A___B"),
        ("straße", "P_STRA_E"),
        ("ıſ", "P_IS"),
        ("_x_", "P_X"),
        ("ü", "P_DEFAULT"),
        ("", "P_TOOL_WRITE"),
    ] {
        let request = BrokerRequest { reference: reference.to_owned(), ..request() };
        assert_eq!(env_variable("P_", &request), variable, "{reference}");
    }
}

#[test]
fn the_environment_gives_a_digest_of_the_value() {
    let lookup = |name: &str| (name == "P_EGRESS").then(|| " s3cret ".to_owned());
    let plain = env_response("P_", &request(), &now(), &lookup, Mode::Compat).unwrap();
    assert_eq!(plain.credential_ref, "env:P_EGRESS:1ec1c26b50d5d3c5");
    assert_eq!((plain.source.as_str(), plain.access_type.as_str(), plain.issuer.as_str()), ("env", "unknown", "env"));
    assert_eq!((plain.subject.as_str(), plain.ttl_seconds), ("alice", 0));
    assert_eq!(plain.scope, ["export", "a"]);
    assert!(plain.issued_at.is_zero() && plain.expires_at.is_zero());

    let sides = |name: &str| {
        let value = match name.strip_prefix("P_EGRESS")? {
            "" => "v",
            "_SOURCE" => " GitHub_OIDC ",
            "_ACCESS_TYPE" => " ",
            "_SCOPE" => ",",
            "_TTL_SECONDS" => "-4",
            "_ISSUED_AT" => "yesterday",
            "_EXPIRES_AT" => "2026-03-01T08:15:00.9Z",
            "_RUN_BINDING" => "run-8",
            _ => return None,
        };
        Some(value.to_owned())
    };
    let full = env_response("P_", &request(), &now(), &sides, Mode::Compat).unwrap();
    assert_eq!((full.source.as_str(), full.access_type.as_str()), ("github_oidc", "unknown"));
    assert!(full.scope.is_empty());
    assert_eq!((full.issued_at, full.ttl_seconds), (now(), 900));
    assert_eq!((full.run_binding.as_str(), full.job_binding.as_str()), ("run-8", "job-9"));

    for value in [None, Some(" ".to_owned())] {
        let blank = |_: &str| value.clone();
        assert_eq!(env_response("P_", &request(), &now(), &blank, Mode::Compat), Err(BrokerFault::VariableMissing));
    }
}

#[test]
fn plain_answers_inherit_what_they_leave_open() {
    let response = command(
        r#" {"credential_ref":" cmd:abc ","access_type":"JIT","ttl_seconds":60,"issued_at":"2026-03-01T08:00:00Z"}"#,
    );
    let response = response.unwrap();
    assert_eq!((response.credential_ref.as_str(), response.access_type.as_str()), ("cmd:abc", "jit"));
    assert_eq!((response.issued_by.as_str(), response.source.as_str()), ("command", "command"));
    assert_eq!((response.issuer.as_str(), response.issuer_shown()), ("", "command"));
    assert_eq!(response.scope, ["export", "a"]);
    assert_eq!(response.run_binding, "run-7");
    assert_eq!(response.target_binding, sha256(b"targets").to_hex());
    assert_eq!(response.request_digest, request().digest().unwrap().to_hex());
    assert_eq!(response.expires_at.to_string(), "2026-03-01T08:01:00Z");
    assert_eq!(response.subject, "");
}

#[test]
fn unusable_answers_are_failures() {
    let long = format!(r#"{{"credential_ref":"{}"}}"#, "0".repeat(257));
    for output in [
        "",
        " \n",
        "hello",
        "[]",
        "null",
        "{",
        "{}",
        r#"{"issued_by":"x"}"#,
        r#"{"credential_ref":" "}"#,
        r#"{"credential_ref":"a\tb"}"#,
        r#"{"credential_ref":"a\nb"}"#,
        r#"{"credential_ref":"a","expires_at":""}"#,
        r#"{"credential_ref":"a","ttl_seconds":1.5}"#,
        r#"{"credential_ref":"a","scope":"x"}"#,
        "\u{a0}{\"credential_ref\":\"a\"}",
        r#"{"credential_ref":"a"} x"#,
        &long,
        r#"{"credential_ref":"a","issued_at":"9999-12-31T23:59:59Z","ttl_seconds":60}"#,
    ] {
        assert!(command(output).is_err(), "{output}");
    }
    assert_eq!(
        command_response(br#"{"credential_ref":"a"}"#, b"warn", &request(), &now(), Mode::Compat),
        Err(BrokerFault::CommandFailed)
    );
    let padding = " ".repeat(COMMAND_OUTPUT_LIMIT);
    assert_eq!(command(&format!("{padding}{{}}")), Err(BrokerFault::OutputTooLarge));
    let fitting = format!(r#"{{"credential_ref":"{}"}}"#, "0".repeat(256));
    assert!(command(&fitting).is_ok());
}

#[test]
fn provider_receipts_give_derived_references() {
    for (receipt, reference, issuer) in [
        (r#"{"provider":"AWS","assumed_role_arn":"arn:x"}"#, "aws_sts:arn:x", "sts.amazonaws.com"),
        (r#"{"provider":"sts","session_arn":"arn:y"}"#, "aws_sts:arn:y", "sts.amazonaws.com"),
        (r#"{"provider":"oidc","repository":"o/r"}"#, "github_oidc:o/r", "token.actions.githubusercontent.com"),
        (
            r#"{"provider":"github","repository":"o/r","workflow_ref":"w"}"#,
            "github_oidc:o/r:w",
            "token.actions.githubusercontent.com",
        ),
        (r#"{"provider":" vault ","lease_id":"L/1"}"#, "vault_dynamic:L/1", "vault"),
        (r#"{"provider":"gcp","workload_identity_provider":"wip"}"#, "gcp_sts:wip", "sts.googleapis.com"),
        (
            r#"{"provider":"azure","service_principal_id":"sp","federated_credential_id":"f"}"#,
            "azure_federated:sp:f",
            "login.microsoftonline.com",
        ),
        (r#"{"provider":"cyberark","broker_session_id":"bs"}"#, "okta_cyberark:bs", "okta-cyberark"),
        (r#"{"provider":"file","credential_ref":"file:/x"}"#, "file:/x", "file"),
        (r#"{"provider":"vault","lease_id":"x","credential_ref":"a\tb"}"#, "a\tb", "vault"),
    ] {
        let response = command(receipt).unwrap();
        assert_eq!((response.credential_ref.as_str(), response.issuer.as_str()), (reference, issuer), "{receipt}");
        assert_eq!((response.access_type.as_str(), response.owner.as_str()), ("jit", "alice"));
        assert_eq!(response.source, response.issued_by);
    }
    let timed = command(
        r#"{"provider":"aws","session_arn":"s","issued_at":"2026-01-01T00:00:00Z","expires_at":"2026-01-01T00:15:00.5Z"}"#,
    );
    assert_eq!(timed.unwrap().ttl_seconds, 900);
    // An unknown provider is a plain answer.
    assert_eq!(command(r#"{"provider":"acme","credential_ref":"acme:1"}"#).unwrap().issued_by, "command");
}

#[test]
fn provider_receipts_with_secrets_or_gaps_are_failures() {
    for secret in ["ghp_a", "gho_a", "github_pat_a", "sk-a", "AKIA1", "ASIA1", " ghp_a"] {
        for field in ["credential_ref", "federated_credential_id", "session_arn", "broker_session_id", "lease_id"] {
            let receipt = format!(r#"{{"provider":"vault","{field}":"{secret}"}}"#);
            assert_eq!(command(&receipt), Err(BrokerFault::SecretExposed(field)), "{receipt}");
        }
    }
    for receipt in [
        r#"{"provider":"aws"}"#,
        r#"{"provider":"command"}"#,
        r#"{"provider":"file"}"#,
        r#"{"provider":"github","workflow_ref":"w"}"#,
        r#"{"provider":"azure","federated_credential_id":"f"}"#,
        r#"{"provider":"vault","lease_id":"x","issued_at":"yesterday"}"#,
        r#"{"provider":"vault","lease_id":1}"#,
        r#"{"provider":["vault"],"lease_id":"x"}"#,
    ] {
        assert!(command(receipt).is_err(), "{receipt}");
    }
    assert!(command(r#"{"provider":"vault","lease_id":"akia1"}"#).is_ok());
    assert!(command(r#"{"provider":"vault","credential_ref":"REF:ghp_a"}"#).is_ok());
}

#[test]
fn strict_mode_refuses_more() {
    let good = r#"{"credential_ref":"ref:1","issuer":"vault-1","expires_at":"2026-03-01T08:00:01Z"}"#;
    assert_eq!(strict_command(good), command(good));
    assert!(strict_command(r#"{"provider":"vault","lease_id":"a/9f8a7b6c5d4e3f2a1b0c"}"#).is_ok());
    for (answer, fault) in [
        (r#"{"credential_ref":"ref:1","note":""}"#, "a member that answers do not have"),
        (r#"{"credential_ref":"ref:1","provider":"acme"}"#, "a member that answers do not have"),
        (r#"{"provider":"vault","lease_id":"x","issued_by":"y"}"#, "a member that answers do not have"),
        (r#"{"Credential_Ref":"ref:1"}"#, "another case"),
        (r#"{"credential_ref":"ref:1","credential_ref":"ref:2"}"#, "twice"),
        (r#"{"credential_ref":"ref:1","issuer":"\ud800"}"#, "not Unicode"),
        (r#"{"credential_ref":"ref:1","subject":"AKIAIOSFODNN7EXAMPLE"}"#, "a secret in subject"),
        (r#"{"credential_ref":"ref:1","source":"ghp_1"}"#, "a secret in source"),
        (r#"{"credential_ref":"ghp_1"}"#, "a secret in credential_ref"),
        (r#"{"credential_ref":"ref:1","expires_at":"2026-03-01T08:00:00Z"}"#, "expired"),
        (r#"{"credential_ref":"ref:1","ttl_seconds":-1}"#, "expired"),
        (r#"{"credential_ref":"ref:1","ttl_seconds":60,"issued_at":"2026-03-01T07:00:00Z"}"#, "expired"),
    ] {
        let error = strict_command(answer).unwrap_err().to_string();
        assert!(error.contains(fault), "{answer}: {error}");
        assert!(command(answer).is_ok(), "{answer}");
    }
    // What the request says itself is no secret of the broker's.
    let named = BrokerRequest { identity: "deploybot0123456789".to_owned(), ..request() };
    let answer = br#"{"credential_ref":"ref:1","owner":"deploybot0123456789"}"#;
    assert!(command_response(answer, b"", &named, &now(), Mode::Strict).is_ok());
    assert!(command_response(answer, b"", &request(), &now(), Mode::Strict).is_err());
}

#[test]
fn faults_do_not_quote_the_answer() {
    let secret = "ghp_0123456789abcdef";
    for answer in [
        format!(r#"{{"{secret}":1}}"#),
        format!(r#"{{"credential_ref":"{secret}","{secret}":1,"{secret}":2}}"#),
        format!("{secret} {{"),
        format!(r#"{{"credential_ref":["{secret}"]}}"#),
        format!(r#"{{"provider":"vault","lease_id":"x","issued_at":"{secret}"}}"#),
    ] {
        let fault = strict_command(&answer).unwrap_err();
        assert!(!format!("{fault} {fault:?}").contains(secret), "{fault:?}");
    }
}

fn checked(response: &BrokerResponse, context: &Context, scope: &[&str], rules: &[CredentialRule]) -> Vec<String> {
    let scope = list(scope);
    let demand = ReceiptDemand {
        request_digest: request().digest().unwrap(),
        requested_scope: &scope,
        context,
        target_binding: sha256(b"targets"),
    };
    check_receipt(response, &demand, rules).to_strings()
}

fn claims() -> Context {
    Context { run_id: "run-7".to_owned(), job_id: "job-9".to_owned(), ..Context::default() }
}

#[test]
fn a_fitting_answer_passes_and_an_unfitting_one_says_why() {
    let good = stub_response(&request(), &now()).unwrap();
    assert!(checked(&good, &claims(), &["a", "export"], &[]).is_empty());
    assert!(checked(&good, &Context::default(), &[], &[CredentialRule::default()]).is_empty());
    assert_eq!(checked(&good, &claims(), &["Export"], &[]), ["broker_scope_mismatch"]);

    let bad = BrokerResponse {
        request_digest: "00".to_owned(),
        target_binding: "zz".to_owned(),
        run_binding: String::new(),
        job_binding: "job-1".to_owned(),
        scope: Vec::new(),
        ..good.clone()
    };
    let context = Context { credential_ref: "ref:1".to_owned(), ..claims() };
    assert_eq!(
        checked(&bad, &context, &["a"], &[]),
        [
            "broker_credential_ref_mismatch",
            "broker_job_binding_mismatch",
            "broker_request_digest_mismatch",
            "broker_run_binding_mismatch",
            "broker_scope_mismatch",
            "broker_target_binding_mismatch",
        ]
    );
    let undigested = BrokerResponse { request_digest: String::new(), ..good };
    assert_eq!(checked(&undigested, &claims(), &[], &[]), ["broker_request_digest_missing"]);
}

#[test]
fn every_matched_rule_is_held_against_the_answer() {
    let answer =
        BrokerResponse { access_type: String::new(), ttl_seconds: 0, ..stub_response(&request(), &now()).unwrap() };
    let strict = CredentialRule {
        block_standing: true,
        require_jit: true,
        sources: list(&["aws_sts"]),
        issuers: list(&["Stub"]),
        access_types: list(&["jit"]),
        max_ttl_seconds: 900,
    };
    let all = [
        "broker_ttl_exceeded",
        "credential_access_type_disallowed",
        "credential_issuer_disallowed",
        "credential_not_jit",
        "credential_source_disallowed",
        "standing_credential_disallowed",
    ];
    assert_eq!(checked(&answer, &claims(), &[], &[CredentialRule::default(), strict.clone()]), all);
    let long = BrokerResponse { ttl_seconds: 901, ..answer };
    let only_ttl = CredentialRule { max_ttl_seconds: 900, ..CredentialRule::default() };
    assert_eq!(checked(&long, &claims(), &[], &[only_ttl]), ["broker_ttl_exceeded"]);
}
