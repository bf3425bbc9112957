//! The C ABI of libgait, which `include/gait.h` declares.
//!
//! One module a concept. Two rooms carry everything that is not safe Rust by itself: [`handle`] turns what C holds into
//! references, [`border`] reads arguments, writes results and lets no panic through. The rest translates.
//!
//! Rules that hold for every function stand at the top of the header; see `cbindgen.toml`.
#![deny(unsafe_op_in_unsafe_fn)]
#![warn(clippy::undocumented_unsafe_blocks)]
// The names of the ABI are C names.
#![allow(non_camel_case_types)]

mod approval;
mod awaiting;
mod border;
mod broker;
mod buffer;
mod canonical;
mod decision;
mod delegation;
mod error;
mod failure;
mod gate;
mod handle;
mod inputs;
mod intent;
mod key;
mod kill_switch;
mod mode;
mod options;
mod policy;
mod signature;
mod status;
mod time;
mod trace;
mod trust;
mod version;
mod view;

pub use approval::{
    gait_approval_expectation, gait_approval_terms, gait_approval_token, gait_approval_token_approver,
    gait_approval_token_expires_at, gait_approval_token_free, gait_approval_token_id, gait_approval_token_parse,
    gait_approval_token_to_json, gait_approval_token_verify, gait_approve, gait_decision_approval_request,
};
pub use awaiting::{gait_gate_add_approval, gait_gate_approval_requests, gait_gate_request_approval};
pub use broker::{gait_broker_answer, gait_broker_answer_set, gait_broker_function, gait_release_function};
pub use buffer::{gait_buffer, gait_buffer_bytes, gait_buffer_free};
pub use canonical::{gait_canonicalize, gait_digest, gait_digest_bytes, gait_digest_json};
pub use decision::*;
pub use delegation::{
    gait_delegate, gait_delegation_expectation, gait_delegation_terms, gait_delegation_token,
    gait_delegation_token_delegate, gait_delegation_token_delegator, gait_delegation_token_expires_at,
    gait_delegation_token_free, gait_delegation_token_id, gait_delegation_token_parse, gait_delegation_token_to_json,
    gait_delegation_token_verify,
};
pub use error::{
    gait_error, gait_error_category, gait_error_code, gait_error_free, gait_error_member, gait_error_message,
    gait_error_place, gait_error_retryable, gait_error_status, gait_place,
};
pub use gate::{
    gait_gate, gait_gate_evaluate, gait_gate_evaluate_intent, gait_gate_evaluate_many, gait_gate_evaluate_request,
    gait_gate_free, gait_gate_new,
};
pub use handle::gait_live_handles;
pub use inputs::{
    GAIT_INPUTS_KILL_SWITCH_UNAVAILABLE, gait_context_envelope, gait_context_envelope_free,
    gait_context_envelope_parse, gait_inputs, gait_inventory, gait_inventory_free, gait_inventory_parse,
};
pub use intent::{
    gait_intent, gait_intent_args_digest, gait_intent_canonical, gait_intent_digest, gait_intent_free,
    gait_intent_notice, gait_intent_notice_count, gait_intent_parse, gait_intent_script_hash, gait_intent_tool_name,
    gait_notice,
};
pub use key::{
    gait_signing_key, gait_signing_key_free, gait_signing_key_from_seed, gait_signing_key_generate,
    gait_signing_key_id, gait_signing_key_parse, gait_signing_key_to_base64, gait_signing_key_verifying_key,
    gait_verifying_key, gait_verifying_key_free, gait_verifying_key_from_bytes, gait_verifying_key_id,
    gait_verifying_key_parse, gait_verifying_key_to_base64,
};
pub use kill_switch::{
    gait_kill_switch, gait_kill_switch_add, gait_kill_switch_disable, gait_kill_switch_expire, gait_kill_switch_file,
    gait_kill_switch_free, gait_kill_switch_load, gait_kill_switch_parse, gait_kill_switch_start,
    gait_kill_switch_to_json,
};
pub use mode::gait_mode;
pub use options::*;
pub use policy::{
    gait_policy, gait_policy_digest, gait_policy_evaluate, gait_policy_evaluate_intent, gait_policy_evaluate_request,
    gait_policy_free, gait_policy_lint, gait_policy_parse, gait_policy_rule_count,
};
pub use signature::{gait_sign_bytes, gait_sign_json, gait_verify_bytes, gait_verify_json};
pub use status::{gait_status, gait_status_exit_code, gait_status_name};
pub use time::{gait_time, gait_time_now, gait_time_parse};
pub use trace::{gait_emission, gait_gate_trace, gait_trace_verify};
pub use trust::{
    gait_trusted_keys, gait_trusted_keys_add, gait_trusted_keys_add_holder, gait_trusted_keys_count,
    gait_trusted_keys_free, gait_trusted_keys_new,
};
pub use version::{GAIT_ABI_VERSION, gait_abi_version, gait_version};
pub use view::{gait_bytes, gait_str};
