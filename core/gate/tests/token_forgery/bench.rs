//! The four kinds of tokens, an honest one of each, and the scene that it is good for.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use gait_base::digest::{Digest, sha256};
use gait_base::json;
use gait_base::key::SigningKey;
use gait_base::time::Timestamp;
use gait_gate::authority::approval::{ApprovalTerms, ApprovalToken};
use gait_gate::authority::approved_script::ApprovedScriptEntry;
use gait_gate::authority::delegation::{DelegationTerms, DelegationToken};
use gait_gate::authority::voice::{SayToken, SayTokenTerms};
use gait_gate::evaluate::{Decision, Inputs};
use gait_gate::intent::Intent;
use gait_gate::mode::Mode;
use gait_gate::policy::Policy;
use serde_json::Value;

pub(crate) const MODES: [Mode; 2] = [Mode::Compat, Mode::Strict];
pub(crate) const KINDS: [Kind; 4] = [Kind::Approval, Kind::Delegation, Kind::Script, Kind::Say];

pub(crate) const CREATED: &str = "2026-03-01T08:00:00Z";
pub(crate) const NOW: &str = "2026-03-01T08:30:00Z";
pub(crate) const EXPIRES: &str = "2026-03-01T09:00:00Z";
const HOUR: i64 = 3_600_000_000_000;

/// A signed document that gives authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Approval,
    Delegation,
    Script,
    Say,
}

/// What a token is held against.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) now: String,
    pub(crate) policy: String,
    pub(crate) intent: String,
    /// Seed of the trusted key.
    pub(crate) key: u8,
    pub(crate) call_id: &'static str,
    pub(crate) turn_index: i64,
    pub(crate) class: &'static str,
}

/// A scene, and what the policy says of it before any token is looked at.
pub(crate) struct Prepared {
    pub(crate) policy: Policy,
    pub(crate) intent: Intent,
    pub(crate) decision: Decision,
    pub(crate) intent_digest: Digest,
    pub(crate) now: Timestamp,
}

/// A row: a file, the scene it is brought to, and what must be found in compat and in strict mode.
pub(crate) struct Attack {
    pub(crate) name: String,
    pub(crate) file: Vec<u8>,
    pub(crate) scene: Scene,
    pub(crate) want: [&'static str; 2],
}

/// The trusted key (1), and a stranger's (2).
pub(crate) fn key(seed: u8) -> &'static SigningKey {
    static KEYS: LazyLock<[SigningKey; 2]> = LazyLock::new(|| [1, 2].map(|seed| SigningKey::from_seed(&[seed; 32])));
    &KEYS[usize::from(seed) - 1]
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub(crate) fn digest(of: &str) -> String {
    sha256(of.as_bytes()).to_hex()
}

impl Kind {
    pub(crate) fn scene(self) -> Scene {
        let context = r#""context": {"identity": "worker", "workspace": "/w", "risk_class": "low"}"#;
        let (policy, intent) = match self {
            Self::Approval => (
                "default_verdict: block\nrules: [{name: r, effect: require_approval, match: {tool_names: [fs.write]}}]",
                r#""tool_name": "fs.write", "args": {"n": 1}, "targets": [{"kind": "path", "value": "/a"}]"#,
            ),
            Self::Delegation => (
                "default_verdict: block\nrules: [{name: r, effect: allow, match: {tool_names: [fs.write], require_delegation: true, delegation_scopes: [write]}}]",
                r#""tool_name": "fs.write", "args": {"n": 1}, "delegation": {"requester_identity": "worker", "scope_class": "write", "chain": [{"delegator_identity": "lead", "delegate_identity": "worker"}]}"#,
            ),
            Self::Script => (
                "default_verdict: block",
                r#""script": {"steps": [{"tool_name": "fs.read"}, {"tool_name": "fs.write"}]}"#,
            ),
            Self::Say => ("default_verdict: allow", r#""tool_name": "voice.commitment.quote", "args": {"n": 1}"#),
        };
        Scene {
            now: NOW.to_owned(),
            policy: policy.to_owned(),
            intent: format!("{{{intent}, {context}}}"),
            key: 1,
            call_id: "call-1",
            turn_index: 2,
            class: "quote",
        }
    }
}

impl Scene {
    /// Policy, intent and decision.
    pub(crate) fn prepared(&self) -> Arc<Prepared> {
        // The same few scenes are judged a hundred thousand times.
        static KNOWN: LazyLock<Mutex<BTreeMap<[String; 3], Arc<Prepared>>>> = LazyLock::new(Mutex::default);
        let name = [self.policy.clone(), self.intent.clone(), self.now.clone()];
        if let Some(prepared) = KNOWN.lock().unwrap().get(&name) {
            return Arc::clone(prepared);
        }
        let policy = Policy::parse(self.policy.as_bytes(), Mode::Strict).unwrap();
        let intent = Intent::parse(self.intent.as_bytes(), Mode::Strict).unwrap();
        let now = at(&self.now);
        let decision = policy.evaluate(&intent, &Inputs::at(now)).unwrap();
        let intent_digest = decision.intent_digest.unwrap_or_else(|| intent.digest());
        let prepared = Arc::new(Prepared { policy, intent, decision, intent_digest, now });
        KNOWN.lock().unwrap().insert(name, Arc::clone(&prepared));
        prepared
    }

    /// The token of that kind that is good for this scene, signed by the key with that seed.
    pub(crate) fn token(&self, kind: Kind, signer: u8, change: impl FnOnce(&mut Terms)) -> Value {
        let mut terms = Terms {
            who: "carol",
            to: "worker",
            scope: match kind {
                Kind::Approval => &["tool:fs.write", "phase:apply"],
                Kind::Delegation => &["read", "write"],
                Kind::Script | Kind::Say => &["risk:low"],
            },
            max_targets: 3,
            expires_at: EXPIRES,
        };
        if kind == Kind::Delegation {
            terms.who = "lead";
        }
        change(&mut terms);
        let prepared = self.prepared();
        let (intent_digest, policy_digest) =
            (prepared.intent_digest.to_hex(), prepared.decision.policy_digest.to_hex());
        let (created, key) = (at(CREATED), key(signer));
        let scope = terms.scope.iter().map(ToString::to_string).collect();
        let text = match kind {
            Kind::Approval => json::to_compact(
                &ApprovalToken::mint(
                    ApprovalTerms {
                        approver_identity: terms.who.to_owned(),
                        reason_code: "CHG-7".to_owned(),
                        intent_digest,
                        policy_digest,
                        delegation_binding_digest: String::new(),
                        scope,
                        max_targets: terms.max_targets,
                        max_ops: 0,
                        ttl_nanos: HOUR,
                        producer_version: String::new(),
                    },
                    key,
                    &created,
                )
                .unwrap(),
            ),
            Kind::Delegation => json::to_compact(
                &DelegationToken::mint(
                    DelegationTerms {
                        delegator_identity: terms.who.to_owned(),
                        delegate_identity: terms.to.to_owned(),
                        scope,
                        scope_class: "files".to_owned(),
                        intent_digest,
                        policy_digest,
                        ttl_nanos: HOUR,
                        producer_version: String::new(),
                    },
                    key,
                    &created,
                )
                .unwrap(),
            ),
            Kind::Script => json::to_compact(
                &ApprovedScriptEntry {
                    created_at: created,
                    producer_version: "0.0.0-dev".to_owned(),
                    pattern_id: "pat".to_owned(),
                    policy_digest,
                    script_hash: prepared.intent.script_hash().unwrap().to_hex(),
                    tool_sequence: vec!["fs.read".to_owned(), "fs.write".to_owned()],
                    scope,
                    approver_identity: terms.who.to_owned(),
                    expires_at: at(terms.expires_at),
                    ..ApprovedScriptEntry::default()
                }
                .signed(key)
                .unwrap(),
            ),
            Kind::Say => json::to_compact(
                &SayToken::mint(
                    SayTokenTerms {
                        commitment_class: self.class.to_owned(),
                        intent_digest,
                        policy_digest,
                        call_id: self.call_id.to_owned(),
                        turn_index: self.turn_index,
                        call_seq: 1,
                        currency: "EUR".to_owned(),
                        quote_min_cents: 100,
                        quote_max_cents: 900,
                        refund_ceiling_cents: 0,
                        ttl_nanos: HOUR,
                        producer_version: String::new(),
                    },
                    key,
                    &created,
                )
                .unwrap(),
            ),
        };
        serde_json::from_slice(&text.unwrap()).unwrap()
    }
}

/// What a token of a scene says that rows vary.
pub(crate) struct Terms {
    pub(crate) who: &'static str,
    pub(crate) to: &'static str,
    pub(crate) scope: &'static [&'static str],
    pub(crate) max_targets: i64,
    /// Of script entries; tokens live for an hour.
    pub(crate) expires_at: &'static str,
}

/// The document that an attack starts from.
pub(crate) fn honest(kind: Kind) -> Value {
    static HONEST: LazyLock<[Value; 4]> = LazyLock::new(|| KINDS.map(|kind| kind.scene().token(kind, 1, |_| {})));
    HONEST[kind as usize].clone()
}

/// The file of a document; an entry's is a registry.
pub(crate) fn file(kind: Kind, document: &Value) -> Vec<u8> {
    let mut text = serde_json::to_string_pretty(document).unwrap();
    if kind == Kind::Script {
        text = format!("{{\"entries\": [{text}]}}");
    }
    (text + "\n").into_bytes()
}

/// The document signed anew by a key, with whatever content it has.
pub(crate) fn resigned(mut document: Value, signer: u8) -> Value {
    document.as_object_mut().unwrap().remove("signature");
    let signature = key(signer).sign_json(&serde_json::to_vec(&document).unwrap()).unwrap();
    document["signature"] = serde_json::from_slice(&json::to_compact(&signature).unwrap()).unwrap();
    document
}
