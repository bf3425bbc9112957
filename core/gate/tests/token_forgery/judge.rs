//! Judging a file in every way that it is judged, all of which must agree.

use std::convert::Infallible;
use std::sync::LazyLock;

use gait_gate::authority::approval::{self, ApprovalExpectation, ApprovalToken};
use gait_gate::authority::approved_script::{ScriptEntryFault, ScriptMatch, ScriptRegistry, find};
use gait_gate::authority::delegation::{self, ChainDemand, DelegationExpectation, DelegationToken};
use gait_gate::authority::token::{
    AuthorityError, CheckEach, Presented, RememberedSignatures, SignatureCheck, TrustedKeys,
};
use gait_gate::authority::voice::{self, SayToken, SayTokenExpectation};
use gait_gate::mode::Mode;
use gait_gate::settle::{Settling, pre_approved};
use gait_gate::verdict::Verdict;

use crate::bench::{Kind, Prepared, Scene, key};

/// One memory for all rows, so that what one row was granted could help another, if it could.
static REMEMBERED: LazyLock<RememberedSignatures> = LazyLock::new(RememberedSignatures::default);

fn checks() -> [&'static dyn SignatureCheck; 2] {
    [&CheckEach, &*REMEMBERED]
}

/// `valid`, `unreadable`, or what is wrong with it: the reason code without the kind's prefix.
pub(crate) fn judge(kind: Kind, file: &[u8], mode: Mode, scene: &Scene) -> &'static str {
    match kind {
        Kind::Approval => approval(file, mode, scene),
        Kind::Delegation => delegation(file, mode, scene),
        Kind::Script => script(file, mode, scene),
        Kind::Say => say(file, mode, scene),
    }
}

/// Whether validation alone accepts it, remembering what it verified: for files by the ten thousand.
pub(crate) fn validates(kind: Kind, file: &[u8], mode: Mode, scene: &Scene) -> bool {
    let prepared = scene.prepared();
    let check = &*REMEMBERED;
    let key = Some(key(scene.key).verifying_key());
    let trusted = &trusted(scene);
    match kind {
        Kind::Approval => Presented::<ApprovalToken>::parse(file, mode)
            .is_ok_and(|token| approval::validate(&token, trusted, &approval_expectation(&prepared), check).is_ok()),
        Kind::Delegation => Presented::<DelegationToken>::parse(file, mode).is_ok_and(|token| {
            delegation::validate(&token, trusted, &prepared.now, &delegation_expectation(&prepared), check).is_ok()
        }),
        Kind::Script => ScriptRegistry::parse(file, mode)
            .is_ok_and(|registry| !registry.entries.is_empty() && registry.verify(key, &prepared.now, check).is_ok()),
        Kind::Say => SayToken::parse(file, mode).is_ok_and(|token| {
            voice::validate_with(&token, key, &prepared.now, &say_expectation(&prepared, scene), check).is_ok()
        }),
    }
}

fn trusted(scene: &Scene) -> TrustedKeys {
    key(scene.key).verifying_key().clone().into()
}

fn approval_expectation(prepared: &Prepared) -> ApprovalExpectation {
    let policy_digest = prepared.decision.policy_digest;
    ApprovalExpectation::of_intent(&prepared.intent, prepared.intent_digest, policy_digest, prepared.now)
}

fn delegation_expectation(prepared: &Prepared) -> DelegationExpectation {
    let link = &prepared.intent.request().delegation.as_ref().unwrap().chain[0];
    DelegationExpectation::new()
        .identities(&link.delegator_identity, &link.delegate_identity)
        .any_scope(prepared.decision.delegation_scopes.clone())
        .digests(&prepared.intent_digest.hex(), &prepared.decision.policy_digest.hex())
}

fn say_expectation(prepared: &Prepared, scene: &Scene) -> SayTokenExpectation {
    SayTokenExpectation::new()
        .digests(&prepared.intent_digest.hex(), &prepared.decision.policy_digest.hex())
        .call(scene.call_id)
        .place(Some(scene.turn_index), Some(1))
        .class(scene.class)
}

fn approval(file: &[u8], mode: Mode, scene: &Scene) -> &'static str {
    let Ok(token) = Presented::<ApprovalToken>::parse(file, mode) else { return "unreadable" };
    let prepared = scene.prepared();
    let Prepared { policy, intent, decision, now, .. } = &*prepared;
    let trusted = trusted(scene);
    assert_eq!(decision.verdict, Verdict::RequireApproval);
    let expectation = approval_expectation(&prepared);
    let mut codes = Vec::new();
    for check in checks() {
        let code = match approval::validate(&token, &trusted, &expectation, check) {
            Ok(()) => "valid",
            Err(fault) => fault.as_str().strip_prefix("approval_token_").unwrap(),
        };
        codes.push(code);
        let outcome = approval::count(std::slice::from_ref(&token), &trusted, &expectation, 1, check, &[]);
        assert_eq!((outcome.granted, outcome.valid), (code == "valid", i64::from(code == "valid")), "{code}");
        assert_eq!(outcome.reasons.contains(&format!("approval_token_{code}")), code != "valid", "{code}");

        let mut settling = Settling::new(policy, intent, decision.clone());
        let Ok(()) = settling.approve::<Infallible>(std::slice::from_ref(&token), &trusted, now, check, None);
        let settled = settling.finish();
        let wanted = if code == "valid" { Verdict::Allow } else { Verdict::RequireApproval };
        assert_eq!(settled.verdict, wanted, "{code}");
        assert_eq!(settled.violations.contains("approval_not_granted"), code != "valid", "{code}");
    }
    assert_eq!(codes[0], codes[1], "a remembered signature must change nothing");
    codes[0]
}

fn delegation(file: &[u8], mode: Mode, scene: &Scene) -> &'static str {
    let Ok(token) = Presented::<DelegationToken>::parse(file, mode) else { return "unreadable" };
    let prepared = scene.prepared();
    let Prepared { policy, intent, decision, intent_digest, now } = &*prepared;
    let trusted = trusted(scene);
    assert!(decision.require_delegation && decision.verdict == Verdict::Allow);
    let chain = intent.request().delegation.as_ref().unwrap();
    let demand = ChainDemand {
        delegation: chain,
        required_scope: &decision.delegation_scopes,
        intent_digest: *intent_digest,
        policy_digest: decision.policy_digest,
        now: *now,
    };
    let expectation = delegation_expectation(&prepared);
    let mut codes = Vec::new();
    for check in checks() {
        let code = match delegation::validate(&token, &trusted, now, &expectation, check) {
            Ok(()) => "valid",
            Err(fault) => fault.as_str().strip_prefix("delegation_token_").unwrap(),
        };
        codes.push(code);
        let outcome = delegation::verify_chain(std::slice::from_ref(&token), &trusted, &demand, check);
        assert_eq!(outcome.complete, code == "valid", "{code}");
        assert_eq!(outcome.reasons.contains(&format!("delegation_token_{code}")), code != "valid", "{code}");

        let mut settling = Settling::new(policy, intent, decision.clone());
        settling.delegate(std::slice::from_ref(&token), &trusted, now, check);
        let settled = settling.finish();
        assert_eq!(settled.verdict, if code == "valid" { Verdict::Allow } else { Verdict::Block }, "{code}");
        assert_eq!(settled.violations.contains("delegation_not_granted"), code != "valid", "{code}");
    }
    assert_eq!(codes[0], codes[1], "a remembered signature must change nothing");
    codes[0]
}

fn script(file: &[u8], mode: Mode, scene: &Scene) -> &'static str {
    let registry = match ScriptRegistry::parse(file, mode) {
        Ok(registry) if registry.entries.is_empty() => return "empty",
        Ok(registry) => registry,
        Err(AuthorityError::RegistryEntry { .. }) => return "invalid",
        Err(_) => return "unreadable",
    };
    let prepared = scene.prepared();
    let Prepared { policy, intent, now, .. } = &*prepared;
    let key = key(scene.key);
    let verify = |check| registry.verify(Some(key.verifying_key()), now, check);
    let [verified, remembered] = checks().map(verify);
    assert_eq!(verified, remembered, "a remembered signature must change nothing");
    let found = find(&registry.entries, intent.request(), intent.script_hash(), &policy.digest(), now);
    let (decision, code) = match (verified, found) {
        (Ok(()), ScriptMatch::Found(entry)) => (pre_approved(policy, intent, entry, now).unwrap(), "valid"),
        (verified, _) => {
            let code = match verified {
                Ok(()) => "not_found",
                Err(ScriptEntryFault::SignatureMissing) => "signature_missing",
                Err(ScriptEntryFault::Expired) => "expired",
                Err(ScriptEntryFault::SignatureInvalid) => "signature_invalid",
                Err(_) => "invalid",
            };
            (prepared.decision.clone(), code)
        }
    };
    let settled = Settling::new(policy, intent, decision).finish();
    assert_eq!(settled.verdict, if code == "valid" { Verdict::Allow } else { Verdict::Block }, "{code}");
    code
}

fn say(file: &[u8], mode: Mode, scene: &Scene) -> &'static str {
    let Ok(token) = SayToken::parse(file, mode) else { return "unreadable" };
    let prepared = scene.prepared();
    let (key, expectation) = (key(scene.key), say_expectation(&prepared, scene));
    let [one, other] = checks().map(|check| {
        match voice::validate_with(&token, Some(key.verifying_key()), &prepared.now, &expectation, check) {
            Ok(()) => "valid",
            Err(fault) => fault.as_str().strip_prefix("say_token_").unwrap(),
        }
    });
    assert_eq!(one, other, "a remembered signature must change nothing");
    one
}
