//! `gait.KillSwitch`: the state file by which anybody may stop tools at once.

use std::path::PathBuf;

use gait_base::time::Timestamp;
use gait_gate::authority::kill_switch::{KillSwitchEntry, KillSwitchState};
use gait_gate::mode::Mode;
use gait_host::error::HostError;
use gait_host::kill_switch::{Missing, change, load_or};
use pyo3::prelude::*;

use crate::document::{mode, to_object};
use crate::fault::{self, Subject};
use crate::moment::{moment, moment_of};
use crate::token::producer;

/// A kill switch in a file that processes share. Changes are made under its lock.
#[pyclass(frozen, subclass, module = "gait")]
pub(crate) struct KillSwitch {
    path: PathBuf,
    mode: Mode,
}

type Changed = Result<KillSwitchEntry, HostError>;

impl KillSwitch {
    fn change<'py>(
        &self,
        py: Python<'py>,
        missing: Missing<'_>,
        edit: impl FnOnce(&mut KillSwitchState) -> Changed + Send,
    ) -> PyResult<Bound<'py, PyAny>> {
        let changed = py.detach(|| change(&self.path, self.mode, missing, edit).map(|(_, entry)| entry));
        to_object(py, &changed.map_err(|error| fault::exception(py, &error, Subject::Other))?)
    }
}

#[pymethods]
impl KillSwitch {
    #[new]
    #[pyo3(signature = (path, *, strict = true))]
    fn new(path: PathBuf, strict: bool) -> Self {
        Self { path, mode: mode(strict) }
    }

    /// The path of the state file.
    #[getter]
    fn path(&self) -> PathBuf {
        self.path.clone()
    }

    /// Makes the file, without entries, where there is none.
    #[pyo3(signature = (*, now = None))]
    fn start(&self, py: Python<'_>, now: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let (now, producer) = (moment(now)?, producer());
        let missing = Missing::Start { producer_version: &producer, now: &now };
        let started = py.detach(|| change(&self.path, self.mode, missing, |_| Ok::<(), HostError>(())));
        started.map(drop).map_err(|error| fault::exception(py, &error, Subject::Other))
    }

    /// Adds an entry, in force at once.
    #[pyo3(signature = (*, entry_id = "", agent_id = "", identity = "",
        tool_name = "", target_kind = "", target_value = "",
        environment = "", path_prefixes = None, workspace_prefixes = None, reason = "",
        actor = "", expires_at = None, now = None))]
    #[expect(clippy::too_many_arguments, reason = "Python names them")]
    fn add<'py>(
        &self,
        py: Python<'py>,
        entry_id: &str,
        agent_id: &str,
        identity: &str,
        tool_name: &str,
        target_kind: &str,
        target_value: &str,
        environment: &str,
        path_prefixes: Option<Vec<String>>,
        workspace_prefixes: Option<Vec<String>>,
        reason: &str,
        actor: &str,
        expires_at: Option<&Bound<'py, PyAny>>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let now = moment(now)?;
        let entry = KillSwitchEntry {
            entry_id: entry_id.to_owned(),
            agent_id: agent_id.to_owned(),
            identity: identity.to_owned(),
            tool_name: tool_name.to_owned(),
            target_kind: target_kind.to_owned(),
            target_value: target_value.to_owned(),
            environment: environment.to_owned(),
            path_prefixes: path_prefixes.unwrap_or_default(),
            workspace_prefixes: workspace_prefixes.unwrap_or_default(),
            reason: reason.to_owned(),
            actor: actor.to_owned(),
            expires_at: expires_at.map_or(Ok(Timestamp::ZERO), |end| moment_of(end, "expires_at"))?,
            ..KillSwitchEntry::default()
        };
        let missing = Missing::Start { producer_version: &producer(), now: &now };
        self.change(py, missing, move |state| Ok(state.add(entry, &now)?.clone()))
    }

    /// Takes the entry of that id out of force.
    #[pyo3(signature = (entry_id, *, now = None))]
    fn disable<'py>(
        &self,
        py: Python<'py>,
        entry_id: &str,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let now = moment(now)?;
        self.change(py, Missing::Refuse, move |state| Ok(state.disable(entry_id, &now)?.clone()))
    }

    /// Lets the entry of that id end at a moment.
    #[pyo3(signature = (entry_id, at, *, now = None))]
    fn expire<'py>(
        &self,
        py: Python<'py>,
        entry_id: &str,
        at: &Bound<'py, PyAny>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (at, now) = (moment_of(at, "at")?, moment(now)?);
        self.change(py, Missing::Refuse, move |state| Ok(state.expire(entry_id, &at, &now)?.clone()))
    }

    /// The entries, by id; none where there is no file.
    fn entries<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let (now, producer) = (moment(None)?, producer());
        let missing = Missing::Start { producer_version: &producer, now: &now };
        let state = py.detach(|| load_or(&self.path, self.mode, missing));
        let state = state.map_err(|error| fault::exception(py, &error, Subject::Other))?;
        to_object(py, state.entries.as_slice())
    }

    fn __repr__(&self) -> String {
        format!("KillSwitch({:?})", self.path)
    }
}
