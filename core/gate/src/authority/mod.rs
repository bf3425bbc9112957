//! Where a decision takes authority from besides the policy: approvals, delegations, pre-approved scripts, credential
//! brokers, kill switches, limits, context evidence, the tool inventory and say tokens; and what proves it afterwards
//! (03). Pure rules: files, clocks and processes are the caller's.

pub mod approval;
pub mod approved_script;
pub mod audit;
pub mod authorization_bundle;
pub mod broker;
pub mod context_envelope;
pub mod delegation;
pub mod inventory;
pub mod kill_switch;
pub mod limit;
pub mod token;
pub mod voice;
