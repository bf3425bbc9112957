//! What `gate eval` is told: flags first, project defaults where they are blank, built-in defaults last (02 §11.1, §15).

use gait_base::key::config::{DEV_MODE, KeyConfig};
use gait_base::text::{set, split_csv};
use gait_gate::mode::Mode;

use crate::config::GateDefaults;
use crate::store;

/// The flags of `gate eval`; a blank text means that the flag is not given.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "each field is the flag of its name (02 §11.1)")]
pub struct GateEvalOptions {
    pub policy: String,
    pub intent: String,
    pub context_envelope: String,
    pub trace_out: String,
    pub approval_token_ref: String,
    pub approval_token: String,
    pub approval_token_chain: String,
    pub approval_audit_out: String,
    pub approval_request_out: String,
    pub delegation_token: String,
    pub delegation_token_chain: String,
    pub delegation_audit_out: String,
    pub approval_public_key: String,
    pub approval_public_key_env: String,
    pub approval_private_key: String,
    pub approval_private_key_env: String,
    pub delegation_public_key: String,
    pub delegation_public_key_env: String,
    pub delegation_private_key: String,
    pub delegation_private_key_env: String,
    pub key_mode: String,
    pub private_key: String,
    pub private_key_env: String,
    pub profile: String,
    pub evaluation_time: String,
    pub kill_switch_state: String,
    pub rate_limit_state: String,
    pub credential_broker: String,
    pub credential_env_prefix: String,
    pub credential_ref: String,
    pub credential_scopes: String,
    pub credential_command: String,
    pub credential_command_args: String,
    pub credential_evidence_out: String,
    pub wrkr_inventory: String,
    pub approved_script_registry: String,
    pub approved_script_public_key: String,
    pub approved_script_public_key_env: String,
    pub simulate: bool,
    /// How closely everything is looked at.
    pub mode: Mode,
}

impl GateEvalOptions {
    /// Fills what is blank from the project defaults.
    pub fn fill(&mut self, defaults: &GateDefaults) {
        let pairs = [
            (&mut self.policy, &defaults.policy),
            (&mut self.profile, &defaults.profile),
            (&mut self.key_mode, &defaults.key_mode),
            (&mut self.private_key, &defaults.private_key),
            (&mut self.private_key_env, &defaults.private_key_env),
            (&mut self.approval_public_key, &defaults.approval_public_key),
            (&mut self.approval_public_key_env, &defaults.approval_public_key_env),
            (&mut self.approval_private_key, &defaults.approval_private_key),
            (&mut self.approval_private_key_env, &defaults.approval_private_key_env),
            (&mut self.kill_switch_state, &defaults.kill_switch_state),
            (&mut self.rate_limit_state, &defaults.rate_limit_state),
            (&mut self.credential_broker, &defaults.credential_broker),
            (&mut self.credential_env_prefix, &defaults.credential_env_prefix),
            (&mut self.credential_ref, &defaults.credential_ref),
            (&mut self.credential_scopes, &defaults.credential_scopes),
            (&mut self.credential_command, &defaults.credential_command),
            (&mut self.credential_command_args, &defaults.credential_command_args),
            (&mut self.credential_evidence_out, &defaults.credential_evidence_path),
            (&mut self.trace_out, &defaults.trace_path),
            (&mut self.wrkr_inventory, &defaults.wrkr_inventory_path),
        ];
        for (value, default) in pairs {
            if value.trim().is_empty() {
                default.clone_into(value);
            }
        }
    }

    /// The same options with every text trimmed and mode and profile folded, defaults in place.
    pub(super) fn normalized(&self) -> Self {
        let mut options = self.clone();
        for text in options.texts() {
            gait_base::text::trim_in_place(text);
        }
        gait_base::text::trim_fold_in_place(&mut options.key_mode);
        gait_base::text::trim_fold_in_place(&mut options.profile);
        if options.key_mode.is_empty() {
            DEV_MODE.clone_into(&mut options.key_mode);
        }
        if options.profile.is_empty() {
            "standard".clone_into(&mut options.profile);
        }
        options
    }

    fn texts(&mut self) -> [&mut String; 36] {
        [
            &mut self.policy,
            &mut self.intent,
            &mut self.context_envelope,
            &mut self.trace_out,
            &mut self.approval_token_ref,
            &mut self.approval_token,
            &mut self.approval_token_chain,
            &mut self.approval_audit_out,
            &mut self.approval_request_out,
            &mut self.delegation_token,
            &mut self.delegation_token_chain,
            &mut self.delegation_audit_out,
            &mut self.approval_public_key,
            &mut self.approval_public_key_env,
            &mut self.approval_private_key,
            &mut self.approval_private_key_env,
            &mut self.delegation_public_key,
            &mut self.delegation_public_key_env,
            &mut self.delegation_private_key,
            &mut self.delegation_private_key_env,
            &mut self.private_key,
            &mut self.private_key_env,
            &mut self.evaluation_time,
            &mut self.kill_switch_state,
            &mut self.rate_limit_state,
            &mut self.credential_broker,
            &mut self.credential_env_prefix,
            &mut self.credential_ref,
            &mut self.credential_scopes,
            &mut self.credential_command,
            &mut self.credential_command_args,
            &mut self.credential_evidence_out,
            &mut self.wrkr_inventory,
            &mut self.approved_script_registry,
            &mut self.approved_script_public_key,
            &mut self.approved_script_public_key_env,
        ]
    }

    pub(super) fn signing_key(&self) -> KeyConfig<'_> {
        KeyConfig {
            mode: &self.key_mode,
            private_path: &self.private_key,
            private_env: &self.private_key_env,
            ..KeyConfig::default()
        }
    }

    pub(super) fn approval_key(&self) -> KeyConfig<'_> {
        KeyConfig {
            mode: "",
            private_path: &self.approval_private_key,
            private_env: &self.approval_private_key_env,
            public_path: &self.approval_public_key,
            public_env: &self.approval_public_key_env,
        }
    }

    pub(super) fn delegation_key(&self) -> KeyConfig<'_> {
        KeyConfig {
            mode: "",
            private_path: &self.delegation_private_key,
            private_env: &self.delegation_private_key_env,
            public_path: &self.delegation_public_key,
            public_env: &self.delegation_public_key_env,
        }
    }

    pub(super) fn registry_key(&self) -> KeyConfig<'_> {
        KeyConfig {
            public_path: &self.approved_script_public_key,
            public_env: &self.approved_script_public_key_env,
            ..KeyConfig::default()
        }
    }

    pub(super) fn rate_limit_path(&self) -> &str {
        if self.rate_limit_state.is_empty() { store::DEFAULT_COUNTERS_PATH } else { &self.rate_limit_state }
    }

    pub(super) fn approval_tokens(&self) -> Vec<String> {
        token_paths(&self.approval_token, &self.approval_token_chain)
    }

    pub(super) fn delegation_tokens(&self) -> Vec<String> {
        token_paths(&self.delegation_token, &self.delegation_token_chain)
    }
}

/// The named paths as a sorted set: the order in which tokens are looked at.
fn token_paths(one: &str, chain: &str) -> Vec<String> {
    let mut paths = split_csv(chain);
    paths.push(one.to_owned());
    set(&mut paths);
    paths
}
