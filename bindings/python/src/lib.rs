//! The native half of the Python package `gait`: translates between Python objects and the core, and nothing else.
//!
//! [`source`] reads Python objects as the core reads JSON text; [`fault`] turns classified errors into the exceptions of
//! `gait._errors`; the other modules each hold one class or one group of functions of the package.
#![deny(unsafe_code)]

mod approval;
mod broker;
mod canonical;
mod columns;
mod command;
mod decision;
mod delegation;
mod document;
mod envelope;
mod fault;
mod gate;
mod inputs;
mod intent;
mod key;
mod kill_switch;
mod moment;
mod options;
mod policy;
mod request;
mod settled;
mod source;
mod token;
mod trace;
mod trust;

use pyo3::prelude::*;

/// `gait._native`.
#[pymodule]
#[pyo3(name = "_native")]
mod native {
    use super::{Bound, PyModule, PyModuleMethods as _, PyResult};

    #[pymodule_export]
    use super::approval::{ApprovalToken, approve};
    #[pymodule_export]
    use super::canonical::{canonicalize, digest};
    #[pymodule_export]
    use super::command::run_command;
    #[pymodule_export]
    use super::decision::Decision;
    #[pymodule_export]
    use super::delegation::{DelegationToken, delegate};
    #[pymodule_export]
    use super::envelope::VerifiedEnvelope;
    #[pymodule_export]
    use super::gate::Gate;
    #[pymodule_export]
    use super::intent::Intent;
    #[pymodule_export]
    use super::key::{SigningKey, VerifyingKey};
    #[pymodule_export]
    use super::kill_switch::KillSwitch;
    #[pymodule_export]
    use super::policy::Policy;
    #[pymodule_export]
    use super::request::ApprovalRequest;
    #[pymodule_export]
    use super::trace::{Trace, verify_trace};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
