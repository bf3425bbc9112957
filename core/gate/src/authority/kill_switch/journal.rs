//! The line that an active kill switch leaves in its journal (03 §5.5).

use gait_base::json::{self, EncodeError};
use gait_base::record;
use gait_base::time::Timestamp;

use super::SCHEMA_VERSION;
use crate::finding::KillSwitchDecision;
use crate::intent::IntentRequest;

/// Name of the journal, which lies in the folder of the state file.
pub const JOURNAL_FILE_NAME: &str = "kill_switch_journal.jsonl";

const SCHEMA_ID: &str = "gait.gate.kill_switch_journal";

record! {
    /// One line of the journal.
    #[derive(Clone, Debug, PartialEq)]
    pub struct KillSwitchJournalRecord {
        /// Kind of document.
        pub schema_id: String,
        /// Version of the document type.
        pub schema_version: String,
        /// Creation time of the decision, which is the intent's.
        pub created_at: Timestamp,
        /// Version of the program that decided.
        pub producer_version: String,
        /// Which surface decided: `gate_eval` or `mcp_proxy`.
        pub source: String,
        /// Id of the trace.
        pub trace_id: String => omit,
        /// Job of the intent.
        pub job_id: String => omit,
        /// Name of the tool.
        pub tool_name: String => omit,
        /// Id of the agent.
        pub agent_id: String => omit,
        /// Who asked.
        pub identity: String => omit,
        /// Why it was stopped.
        pub reason_codes: Vec<String> => omit,
        /// Ids of the entries that stopped it.
        pub matched_entry_ids: Vec<String> => omit,
    }
}

impl KillSwitchJournalRecord {
    /// The record of an active decision about an intent in normal form: `source` is the surface that decided,
    /// `created_at` the creation time of the decision.
    #[must_use]
    pub fn new(
        decision: &KillSwitchDecision,
        request: &IntentRequest,
        source: &str,
        trace_id: &str,
        producer_version: &str,
        created_at: &Timestamp,
    ) -> Self {
        Self {
            schema_id: SCHEMA_ID.to_owned(),
            schema_version: SCHEMA_VERSION.to_owned(),
            created_at: *created_at,
            producer_version: producer_version.to_owned(),
            source: source.to_owned(),
            trace_id: trace_id.to_owned(),
            job_id: request.context.job_id.clone(),
            tool_name: request.tool_name.clone(),
            agent_id: request.context.agent_id.clone(),
            identity: request.context.identity.clone(),
            reason_codes: decision.reason_codes.clone(),
            matched_entry_ids: decision.matched_entry_ids.clone(),
        }
    }

    /// The line, without its line end.
    ///
    /// # Errors
    /// [`EncodeError`] when the creation time has no written form.
    pub fn to_line(&self) -> Result<Vec<u8>, EncodeError> {
        json::to_compact(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intent::Context;

    #[test]
    fn a_line_leaves_out_what_is_not_known() {
        let context = Context { identity: "alice".into(), ..Context::default() };
        let request = IntentRequest { tool_name: "tool.write".into(), context, ..IntentRequest::default() };
        let decision = KillSwitchDecision {
            reason_codes: vec!["kill_switch_active".into()],
            matched_entry_ids: vec!["k1".into()],
            ..KillSwitchDecision::default()
        };
        let record = KillSwitchJournalRecord::new(&decision, &request, "gate_eval", "t", "1", &Timestamp::EPOCH_1980);
        let line = String::from_utf8(record.to_line().unwrap()).unwrap();
        let expected = concat!(
            r#"{"schema_id":"gait.gate.kill_switch_journal","schema_version":"1.0.0","created_at":"1980-01-01T00:00:00Z","#,
            r#""producer_version":"1","source":"gate_eval","trace_id":"t","tool_name":"tool.write","identity":"alice","#,
            r#""reason_codes":["kill_switch_active"],"matched_entry_ids":["k1"]}"#
        );
        assert_eq!(line, expected);
    }
}
