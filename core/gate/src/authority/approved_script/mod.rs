//! Pre-approved scripts: signed entries of a registry which let one script pass under one policy without evaluation
//! (03 §4).

mod entry;
mod matching;
mod registry;

pub use entry::{ApprovedScriptEntry, ScriptEntryFault};
pub use matching::{ScriptMatch, find};
pub use registry::ScriptRegistry;

#[cfg(test)]
mod tests;
