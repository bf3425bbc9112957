//! Credential material where a broker should only have named a credential (03 §10.4, §18.10).

use super::provider::is_provider;
use super::{BrokerFault, BrokerRequest, BrokerResponse};
use crate::intent::looks_like_material;
use crate::vocabulary::SECRET_PREFIXES;

/// From this length in bytes on a word may be a credential wherever it stands in a text.
const MIN_WORD: usize = 16;

/// What a reference may begin with besides a provider's name, so that it cannot be mistaken for a credential.
const REFERENCE_MARKS: &[&str] = &["ref", "stub", "cmd", "env", "file", "sha256"];

/// Whether the text begins like the credentials of a well-known issuer.
pub(super) fn begins_like_secret(text: &str) -> bool {
    SECRET_PREFIXES.iter().any(|prefix| text.starts_with(prefix))
}

/// Refuses an answer that shows credential material in any of its texts, all of which may end in traces and evidence.
/// What merely repeats the request is no news and is passed over.
///
/// # Errors
/// [`BrokerFault::SecretExposed`] with the name of the member.
pub(super) fn refuse_material(response: &BrokerResponse, request: &BrokerRequest) -> Result<(), BrokerFault> {
    let is_news = |text: &str| !repeats(text, request);
    let reference = response.credential_ref.trim();
    if is_news(reference) && reference_shows_material(reference) {
        return Err(BrokerFault::SecretExposed("credential_ref"));
    }
    let texts = [
        ("issued_by", &response.issued_by),
        ("source", &response.source),
        ("access_type", &response.access_type),
        ("issuer", &response.issuer),
        ("subject", &response.subject),
        ("owner", &response.owner),
        ("target_binding", &response.target_binding),
        ("run_binding", &response.run_binding),
        ("job_binding", &response.job_binding),
        ("request_digest", &response.request_digest),
    ];
    let scope = response.scope.iter().map(|value| ("scope", value));
    for (name, text) in texts.into_iter().chain(scope) {
        let text = text.trim();
        if is_news(text) && name_shows_material(text) {
            return Err(BrokerFault::SecretExposed(name));
        }
    }
    Ok(())
}

fn repeats(text: &str, request: &BrokerRequest) -> bool {
    let said = [
        &request.tool_name,
        &request.identity,
        &request.workspace,
        &request.session_id,
        &request.request_id,
        &request.run_id,
        &request.job_id,
        &request.reference,
        &request.target_binding,
    ];
    said.into_iter().chain(&request.scope).any(|own| own == text)
}

/// A reference says what it is by its mark; without one, whatever looks like material is taken for it.
fn reference_shows_material(reference: &str) -> bool {
    if holds_secret_word(reference) {
        return true;
    }
    match reference.split_once(':') {
        Some((mark, rest)) if is_mark(mark) => begins_like_secret(rest.trim_start()),
        _ => looks_like_material(reference),
    }
}

fn is_mark(mark: &str) -> bool {
    REFERENCE_MARKS.iter().any(|known| mark.eq_ignore_ascii_case(known)) || is_provider(mark)
}

/// Names are hosts, paths, addresses and identifiers made of short pieces; a long piece of letters and digits is none.
fn name_shows_material(name: &str) -> bool {
    let pieces = || name.split(|c: char| !c.is_ascii_alphanumeric());
    holds_secret_word(name) || pieces().any(|piece| piece.len() >= MIN_WORD && looks_like_material(piece))
}

/// Whether the text begins like a credential, or a longer word within it does.
fn holds_secret_word(text: &str) -> bool {
    let words = || text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')));
    begins_like_secret(text) || words().any(|word| word.len() >= MIN_WORD && begins_like_secret(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_need_a_mark_or_look_harmless() {
        for reference in [
            "ref:9f8a7b6c5d4e3f2a1b0c",
            "ENV:GAIT_X:1ec1c26b50d5d3c5",
            "stub:0123456789abcdef01234567",
            "vault_dynamic:aws/creds/deploy/9f8a7b6c5d4e3f2a1b0c",
            "aws:arn:aws:sts::123456789012:assumed-role/deploy/i-0abcd1234ef567890",
            "acme:1",
            "egress",
            "a reference with 12 words",
            "",
        ] {
            assert!(!reference_shows_material(reference), "{reference}");
        }
        for reference in [
            "ghp_x",
            "ref:ghp_x",
            "ref: AKIA1",
            "acme:ghp_0123456789abcdef",
            "github_oidc:o/r:github_pat_0123456789abcdef",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "acme:wJalrXUtnFEMI/K7MDENG",
            "hvs.CAESIJ0123456789",
        ] {
            assert!(reference_shows_material(reference), "{reference}");
        }
    }

    #[test]
    fn names_may_hold_digits_but_no_long_words_of_them() {
        for name in [
            "sts.us-east-1.amazonaws.com",
            "https://token.actions.githubusercontent.com/enterprise-7",
            "arn:aws:iam::123456789012:role/deploy-2024",
            "repo:org/app1:ref:refs/heads/main",
            "550e8400-e29b-41d4-a716-446655440000",
            "svc-agent-build-0042@prod-eu-1.example.com",
            "emea/ASIA",
            "task-force",
            "ask-me",
            &"0a".repeat(32),
            "",
        ] {
            assert!(!name_shows_material(name), "{name}");
        }
        for name in [
            "ghp_x",
            "AKIAIOSFODNN7EXAMPLE",
            "svc (AKIAIOSFODNN7EXAMPLE)",
            "https://x-access-token:ghp_0123456789abcdef@github.com",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlMTIz",
            "user:0123456789abcdef0123456789abcdef",
        ] {
            assert!(name_shows_material(name), "{name}");
        }
    }
}
