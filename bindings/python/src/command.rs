//! The `gait` command, run in this process.

use std::ffi::OsString;

use pyo3::prelude::*;

/// Runs the command over its arguments, without the program's name; returns the exit code.
#[pyfunction]
pub(crate) fn run_command(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| gait_cli::run(arguments))
}
