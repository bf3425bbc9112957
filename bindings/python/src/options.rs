//! What a gate is made of besides its policy: keys, state, documents, brokers.

use std::path::PathBuf;
use std::sync::Arc;

use gait_base::error::Category;
use gait_gate::gate::Gate;
use gait_host::clock::SystemClock;
use gait_host::gate_setup::GateSetup;
use gait_host::store::FileStorePaths;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::broker::FunctionBroker;
use crate::fault::{self, Subject};
use crate::trust::trusted_if_given;

/// The options as they are given.
pub(crate) struct Options<'a, 'py> {
    pub(crate) approvers: Option<&'a Bound<'py, PyAny>>,
    pub(crate) delegators: Option<&'a Bound<'py, PyAny>>,
    pub(crate) reusable_approvals: bool,
    pub(crate) state_dir: Option<PathBuf>,
    pub(crate) rate_limit_state: Option<PathBuf>,
    pub(crate) kill_switch_state: Option<PathBuf>,
    pub(crate) used_tokens: Option<PathBuf>,
    pub(crate) approvals_dir: Option<PathBuf>,
    pub(crate) inventory: Option<PathBuf>,
    pub(crate) approved_scripts: Option<PathBuf>,
    pub(crate) script_keys: Option<&'a Bound<'py, PyAny>>,
    pub(crate) broker: Option<&'a Bound<'py, PyAny>>,
    pub(crate) broker_env_prefix: &'a str,
    pub(crate) broker_command: &'a str,
    pub(crate) broker_args: Vec<String>,
    pub(crate) simulate: bool,
}

/// A gate with its options.
pub(crate) struct Furnished {
    pub(crate) gate: Gate,
    /// Whether a decision may wait for a file, a program or Python code.
    pub(crate) may_block: bool,
}

impl Options<'_, '_> {
    /// Gives a gate what is named.
    pub(crate) fn furnish(self, py: Python<'_>, mut gate: Gate) -> PyResult<Furnished> {
        let approvers = trusted_if_given(self.approvers, "approvers")?.unwrap_or_default();
        gate = gate.with_approvers(approvers);
        if let Some(delegators) = trusted_if_given(self.delegators, "delegators")? {
            gate = gate.with_delegators(delegators);
        }
        if self.reusable_approvals {
            gate = gate.with_reusable_approvals();
        }
        if self.simulate {
            gate = gate.simulating();
        }
        let mut broker = String::new();
        if let Some(given) = self.broker {
            if let Ok(name) = given.cast::<PyString>() {
                name.to_str()?.clone_into(&mut broker);
            } else if given.is_callable() {
                let mode = gate.policy().mode();
                gate = gate.with_broker(Arc::new(FunctionBroker::new(given.clone().unbind(), mode)));
            } else {
                return Err(PyTypeError::new_err("broker must be 'stub', 'env', 'command' or a callable"));
            }
        }
        let approved_scripts = match (self.approved_scripts, trusted_if_given(self.script_keys, "script_keys")?) {
            (Some(path), Some(keys)) => Some((path, keys)),
            (None, None) => None,
            _ => {
                let message = "approved_scripts and script_keys are given together or not at all";
                return Err(fault::plain(py, Category::InvalidInput, "script_keys_missing", message));
            }
        };
        let beneath = self.state_dir.map(FileStorePaths::beneath).unwrap_or_default();
        let state = FileStorePaths {
            counters: self.rate_limit_state.or(beneath.counters),
            used_tokens: self.used_tokens.or(beneath.used_tokens),
            kill_switch: self.kill_switch_state.or(beneath.kill_switch),
            approvals: self.approvals_dir.or(beneath.approvals),
            made: beneath.made,
        };
        let may_block =
            state.is_named() || self.inventory.is_some() || approved_scripts.is_some() || self.broker.is_some();
        let setup = GateSetup {
            state,
            inventory: self.inventory,
            approved_scripts,
            broker,
            broker_env_prefix: self.broker_env_prefix.to_owned(),
            broker_command: self.broker_command.to_owned(),
            broker_arguments: self.broker_args,
        };
        let gate = setup.furnish(gate, &SystemClock);
        let gate = gate.map_err(|error| fault::exception(py, &error, Subject::Other))?;
        Ok(Furnished { gate, may_block })
    }
}
