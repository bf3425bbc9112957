//! What a gate is made of besides its policy.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;

use gait_base::json::{Reading, decode};
use gait_base::key::SigningKey;
use gait_base::record;
use gait_gate::authority::token::TrustedKeys;
use gait_gate::gate::Gate;
use gait_host::clock::SystemClock;
use gait_host::gate_setup::GateSetup;
use gait_host::store::FileStorePaths;
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::broker::FunctionBroker;
use crate::document::written;
use crate::fault::{self, Subject};
use crate::judge::{Judge, Manner};
use crate::trust::Trust;

record! {
    /// Everything about a gate that is text or a switch. An empty text stands for what was not given.
    #[derive(Clone, Debug, PartialEq)]
    struct Settings {
        producer_version: String,
        correlation_id: String,
        reusable_approvals: bool,
        simulate: bool,
        state_dir: String,
        rate_limit_state: String,
        kill_switch_state: String,
        used_tokens: String,
        approvals_dir: String,
        inventory: String,
        approved_scripts: String,
        broker: String,
        broker_env_prefix: String,
        broker_command: String,
        broker_args: Vec<String>,
        /// Whether the broker is a function.
        asks_function: bool,
    }
}

fn given(path: &str) -> Option<PathBuf> {
    (!path.is_empty()).then(|| PathBuf::from(path))
}

impl Settings {
    /// Single paths go before the folder.
    fn state(&self) -> FileStorePaths {
        let beneath = given(&self.state_dir).map(FileStorePaths::beneath).unwrap_or_default();
        FileStorePaths {
            counters: given(&self.rate_limit_state).or(beneath.counters),
            used_tokens: given(&self.used_tokens).or(beneath.used_tokens),
            kill_switch: given(&self.kill_switch_state).or(beneath.kill_switch),
            approvals: given(&self.approvals_dir).or(beneath.approvals),
            made: beneath.made,
        }
    }

    fn setup(&self, script_keys: TrustedKeys) -> GateSetup {
        GateSetup {
            state: self.state(),
            inventory: given(&self.inventory),
            approved_scripts: given(&self.approved_scripts).map(|path| (path, script_keys)),
            broker: self.broker.clone(),
            broker_env_prefix: self.broker_env_prefix.clone(),
            broker_command: self.broker_command.clone(),
            broker_arguments: self.broker_args.clone(),
        }
    }
}

/// The parts of a gate that are handles.
#[derive(Default)]
pub(crate) struct Parts(RefCell<Keys>);

#[derive(Default)]
struct Keys {
    signing: Option<SigningKey>,
    approvers: TrustedKeys,
    delegators: Option<TrustedKeys>,
    scripts: TrustedKeys,
}

/// No key at all.
#[napi(catch_unwind)]
pub(crate) fn parts_new() -> External<Parts> {
    External::new(Parts::default())
}

/// What traces are signed with.
#[napi(catch_unwind)]
pub(crate) fn parts_signing_key(parts: &External<Parts>, key: &External<SigningKey>) {
    let key: &SigningKey = key.as_ref();
    parts.0.borrow_mut().signing = Some(key.clone());
}

/// Whose approvals count.
#[napi(catch_unwind)]
pub(crate) fn parts_approvers(parts: &External<Parts>, trust: &External<Trust>) {
    parts.0.borrow_mut().approvers = trust.take();
}

/// Whose delegation tokens count.
#[napi(catch_unwind)]
pub(crate) fn parts_delegators(parts: &External<Parts>, trust: &External<Trust>) {
    parts.0.borrow_mut().delegators = Some(trust.take());
}

/// Whose approved scripts count.
#[napi(catch_unwind)]
pub(crate) fn parts_script_keys(parts: &External<Parts>, trust: &External<Trust>) {
    parts.0.borrow_mut().scripts = trust.take();
}

/// A gate of a policy. An empty version leaves that of the policy.
#[napi(catch_unwind)]
pub(crate) fn gate_new(
    policy: &External<Arc<Judge>>,
    parts: &External<Parts>,
    settings: &[u8],
    start: u32,
    end: u32,
) -> napi::Result<External<Arc<Judge>>> {
    let settings: Settings = decode(written(settings, start, end), Reading::STRICT)
        .map_err(|error| fault::exception(&error, Subject::Other))?;
    let keys = parts.0.take();
    let mut gate = Gate::new(policy.policy().clone()).with_approvers(keys.approvers);
    if let Some(delegators) = keys.delegators {
        gate = gate.with_delegators(delegators);
    }
    if let Some(key) = keys.signing {
        gate = gate.with_signing_key(key);
    }
    if settings.reusable_approvals {
        gate = gate.with_reusable_approvals();
    }
    gate = settings
        .setup(keys.scripts)
        .furnish(gate, &SystemClock)
        .map_err(|error| fault::exception(&error, Subject::Other))?;
    if settings.asks_function {
        let mode = gate.policy().mode();
        gate = gate.with_broker(Arc::new(FunctionBroker(mode)));
    }
    if settings.simulate {
        gate = gate.simulating();
    }
    let manner = Manner {
        enriches: !settings.inventory.is_empty(),
        producer_version: settings.producer_version,
        correlation_id: settings.correlation_id,
    };
    Ok(External::new(Arc::new(Judge::of_gate(gate, policy, manner))))
}
