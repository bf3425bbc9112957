//! What both commands print (01c).

use gait_base::record;
use gait_gate::authority::voice::{CommitmentIntent, SayToken, SayTokenFault};

record! {
    /// The answer of `voice token mint` and `voice token verify`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct VoiceTokenOutput {
        /// Whether there is a token that may be used.
        pub ok: bool,
        /// `mint` or `verify`.
        pub operation: String => omit,
        /// The verdict about the commitment.
        pub verdict: String => omit,
        /// Why.
        pub reason_codes: Vec<String> => omit,
        /// What was violated.
        pub violations: Vec<String> => omit,
        /// Id of the token.
        pub token_id: String => omit,
        /// The token's file.
        pub token_path: String => omit,
        /// The call.
        pub call_id: String => omit,
        /// The turn of the call.
        pub turn_index: i64 => omit,
        /// The place among the commitments of the call.
        pub call_seq: i64 => omit,
        /// Class of the commitment.
        pub commitment_class: String => omit,
        /// Id of the trace.
        pub trace_id: String => omit,
        /// The trace's file.
        pub trace_path: String => omit,
        /// Digest of the policy.
        pub policy_digest: String => omit,
        /// Digest of the prepared intent.
        pub intent_digest: String => omit,
        /// Why the token does not count.
        pub error_code: String => omit,
        /// What the caller must be told about the key.
        pub warnings: Vec<String> => omit,
        /// Why there is no token, or why it does not count, for a person.
        pub error: String => omit,
    }
}

impl VoiceTokenOutput {
    /// What is said of a commitment in normal form, whatever the verdict.
    pub(super) fn of_commitment(commitment: &CommitmentIntent) -> Self {
        Self {
            operation: "mint".to_owned(),
            call_id: commitment.call_id.clone(),
            turn_index: commitment.turn_index,
            call_seq: commitment.call_seq,
            commitment_class: commitment.commitment_class.clone(),
            ..Self::default()
        }
    }

    /// What is said of a token, by its members as they were read.
    pub(super) fn of_token(token: &SayToken, path: &str, fault: Option<SayTokenFault>) -> Self {
        let mut output = Self {
            ok: fault.is_none(),
            operation: "verify".to_owned(),
            token_id: token.token_id.clone(),
            token_path: path.to_owned(),
            call_id: token.call_id.clone(),
            turn_index: token.turn_index,
            call_seq: token.call_seq,
            commitment_class: token.commitment_class.clone(),
            ..Self::default()
        };
        match fault {
            Some(fault) => {
                output.error_code = fault.as_str().to_owned();
                output.error = fault.to_string();
            }
            None => {
                output.policy_digest.clone_from(&token.policy_digest);
                output.intent_digest.clone_from(&token.intent_digest);
            }
        }
        output
    }
}
