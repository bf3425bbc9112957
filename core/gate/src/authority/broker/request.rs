//! What a broker is asked (03 §10.2).

use gait_base::digest::Digest;
use gait_base::jcs;
use gait_base::json::{self, EncodeError};
use gait_base::record;
use gait_base::text::{set, set_fold, split_csv, trim_fold_in_place, trim_in_place};

use super::BrokerFault;

record! {
    /// What a broker is asked: standard input of a command, and what the request digest is over.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct BrokerRequest {
        /// Name of the tool.
        pub tool_name: String as "ToolName",
        /// For whom.
        pub identity: String as "Identity",
        /// Where the agent works.
        pub workspace: String as "Workspace",
        /// Session.
        pub session_id: String as "SessionID",
        /// Request.
        pub request_id: String as "RequestID",
        /// Run.
        pub run_id: String as "RunID",
        /// Job.
        pub job_id: String as "JobID",
        /// Which credential is meant.
        pub reference: String as "Reference",
        /// What it must be good for.
        pub scope: Vec<String> as "Scope",
        /// Digest of the targets it is for.
        pub target_binding: String as "TargetBinding",
    }
}

record! {
    /// What a function that serves as broker is asked: the request by the names that answers use, with its digest.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct BrokerQuestion {
        /// Name of the tool.
        pub tool_name: String,
        /// For whom.
        pub identity: String,
        /// Where the agent works.
        pub workspace: String,
        /// Session.
        pub session_id: String,
        /// Request.
        pub request_id: String,
        /// Run.
        pub run_id: String,
        /// Job.
        pub job_id: String,
        /// Which credential is meant.
        pub reference: String,
        /// What it must be good for.
        pub scope: Vec<String>,
        /// Digest of the targets it is for.
        pub target_binding: String,
        /// Digest of the request, which an answer may repeat.
        pub request_digest: String,
    }
}

impl BrokerQuestion {
    /// Asks what a request in normal form asks.
    ///
    /// # Errors
    /// None in practice: a request holds text only.
    pub fn of(request: &BrokerRequest) -> Result<Self, EncodeError> {
        let request_digest = request.digest()?.to_hex();
        let request = request.clone();
        Ok(Self {
            tool_name: request.tool_name,
            identity: request.identity,
            workspace: request.workspace,
            session_id: request.session_id,
            request_id: request.request_id,
            run_id: request.run_id,
            job_id: request.job_id,
            reference: request.reference,
            scope: request.scope,
            target_binding: request.target_binding,
            request_digest,
        })
    }
}

impl BrokerRequest {
    /// Brings the request into normal form.
    ///
    /// # Errors
    /// [`BrokerFault::RequestIncomplete`] without tool name or identity.
    pub fn normalized(mut self) -> Result<Self, BrokerFault> {
        trim_fold_in_place(&mut self.tool_name);
        for text in [
            &mut self.identity,
            &mut self.workspace,
            &mut self.session_id,
            &mut self.request_id,
            &mut self.run_id,
            &mut self.job_id,
            &mut self.reference,
            &mut self.target_binding,
        ] {
            trim_in_place(text);
        }
        fold_in_order(&mut self.scope);
        if self.tool_name.is_empty() {
            return Err(BrokerFault::RequestIncomplete("tool name"));
        }
        if self.identity.is_empty() {
            return Err(BrokerFault::RequestIncomplete("identity"));
        }
        Ok(self)
    }

    /// What a command reads on standard input: compact, without a newline.
    ///
    /// # Errors
    /// Never for text; the writer's own.
    pub fn wire_form(&self) -> Result<Vec<u8>, EncodeError> {
        json::to_compact(self)
    }

    /// The digest by which an answer shows that it answers this request.
    ///
    /// # Errors
    /// Never for text; the writer's own.
    pub fn digest(&self) -> Result<Digest, EncodeError> {
        jcs::digest_of(self)
    }
}

/// The scope to ask for: what the rules name, and what the caller adds as a comma-separated list, whose case is kept.
#[must_use]
pub fn requested_scope(rule_scopes: &[String], added: &str) -> Vec<String> {
    let mut scope = rule_scopes.to_vec();
    set_fold(&mut scope);
    scope.extend(split_csv(added));
    set(&mut scope);
    scope
}

/// Trims and folds each, drops empty ones and repeats; order is kept.
pub(super) fn fold_in_order(list: &mut Vec<String>) {
    list.iter_mut().for_each(trim_fold_in_place);
    let mut seen = std::collections::BTreeSet::new();
    list.retain(|item| !item.is_empty() && seen.insert(item.clone()));
}
