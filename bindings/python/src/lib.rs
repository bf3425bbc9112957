//! The native half of the Python package `gait`: translates between Python objects and the core, and nothing else.
//!
//! [`source`] reads Python objects as the core reads JSON text; [`fault`] turns classified errors into the exceptions of
//! `gait._errors`; the other modules each hold one class or one group of functions of the package.
#![deny(unsafe_code)]

mod canonical;
mod command;
mod decision;
mod document;
mod fault;
mod gate;
mod intent;
mod key;
mod moment;
mod policy;
mod source;
mod trace;

use pyo3::prelude::*;

/// `gait._native`.
#[pymodule]
#[pyo3(name = "_native")]
mod native {
    use super::{Bound, PyModule, PyModuleMethods as _, PyResult};

    #[pymodule_export]
    use super::canonical::{canonicalize, digest};
    #[pymodule_export]
    use super::command::run_command;
    #[pymodule_export]
    use super::decision::Decision;
    #[pymodule_export]
    use super::gate::Gate;
    #[pymodule_export]
    use super::intent::Intent;
    #[pymodule_export]
    use super::key::{SigningKey, VerifyingKey};
    #[pymodule_export]
    use super::policy::Policy;
    #[pymodule_export]
    use super::trace::{Trace, verify_trace};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
