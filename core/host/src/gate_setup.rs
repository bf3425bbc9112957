//! A gate with what lies on this machine: state files, inventories, registries, brokers. What the bindings' gate options
//! come down to.

use std::path::PathBuf;
use std::sync::Arc;

use gait_base::time::Timestamp;
use gait_gate::authority::broker::{BrokerFault, BrokerRequest, BrokerResponse};
use gait_gate::authority::token::TrustedKeys;
use gait_gate::gate::{CredentialBroker, Gate};
use gait_gate::mode::Mode;

use crate::broker::{ALLOW_LIST_VARIABLE, Broker, BrokerSettings, COMMAND_ENVIRONMENT_VARIABLE};
use crate::clock::{Clock, FixedClock};
use crate::environment;
use crate::error::HostError;
use crate::fs::{create_parents, exists};
use crate::inventory::WatchedInventory;
use crate::kill_switch::{self, Missing};
use crate::script_registry::WatchedRegistry;
use crate::store::{FileStore, FileStorePaths};

/// What of this machine a gate uses. Everything is off unless it is named.
#[derive(Clone, Debug, Default)]
pub struct GateSetup {
    /// State files that processes share; what is not named here is kept in memory.
    pub state: FileStorePaths,
    /// File of what a local inventory knows about tools.
    pub inventory: Option<PathBuf>,
    /// File of approved scripts, and whose signatures its entries must bear.
    pub approved_scripts: Option<(PathBuf, TrustedKeys)>,
    /// Name of the credential broker: `stub`, `env` or `command`; empty is none.
    pub broker: String,
    /// What the variables of the `env` broker begin with; empty for the default.
    pub broker_env_prefix: String,
    /// The program of the `command` broker.
    pub broker_command: String,
    /// Its arguments.
    pub broker_arguments: Vec<String>,
}

impl GateSetup {
    /// Gives a gate what is named here.
    ///
    /// # Errors
    /// [`HostError::PathNotLocal`] for a path out of the working folder, [`HostError::Broker`] for a broker that cannot be
    /// used. Files are opened when a decision needs them.
    pub fn furnish(self, mut gate: Gate, clock: &dyn Clock) -> Result<Gate, HostError> {
        let mode = gate.policy().mode();
        if self.state.is_named() {
            start_kill_switch(&self.state, mode, clock)?;
            gate = gate.with_store(Arc::new(FileStore::new(self.state, mode)?));
        }
        if let Some(path) = self.inventory {
            gate = gate.with_inventory(WatchedInventory::new(path, mode));
        }
        if let Some((path, keys)) = self.approved_scripts {
            gate = gate.with_approved_scripts(WatchedRegistry::new(path, mode), keys);
        }
        let settings = BrokerSettings {
            broker: &self.broker,
            env_prefix: &self.broker_env_prefix,
            command: &self.broker_command,
            command_arguments: &self.broker_arguments,
            allow_list: &environment::variable(ALLOW_LIST_VARIABLE).unwrap_or_default(),
            command_environment: &environment::variable(COMMAND_ENVIRONMENT_VARIABLE).unwrap_or_default(),
        };
        if let Some(broker) = Broker::choose(&settings, mode)? {
            gate = gate.with_broker(Arc::new(MachineBroker(broker)));
        }
        Ok(gate)
    }
}

/// Starts the kill switch of a folder that is the gate's own. One that was named by itself must be there: its absence is no
/// permission.
fn start_kill_switch(state: &FileStorePaths, mode: Mode, clock: &dyn Clock) -> Result<(), HostError> {
    let (Some(path), Some(made)) = (&state.kill_switch, &state.made) else { return Ok(()) };
    if !path.starts_with(made) || exists(path)? {
        return Ok(());
    }
    create_parents(path)?;
    let producer_version = environment::producer_version(environment::variable, env!("CARGO_PKG_VERSION"));
    let missing = Missing::Start { producer_version: &producer_version, now: &clock.now() };
    kill_switch::change(path, mode, missing, |_| Ok::<(), HostError>(())).map(|_| ())
}

/// A broker of this machine, asked with its environment.
struct MachineBroker(Broker);

impl CredentialBroker for MachineBroker {
    fn issue(&self, request: BrokerRequest, now: &Timestamp) -> Result<BrokerResponse, BrokerFault> {
        self.0.issue(request, &FixedClock::new(*now), &environment::variable)
    }
}
