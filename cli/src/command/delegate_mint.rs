//! `gait delegate mint` (03 §3.2).

use gait_base::json;
use gait_base::text::split_csv;
use gait_gate::authority::delegation::{DelegationTerms, DelegationToken};

use super::token;
use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

const DESCRIPTION: &str =
    "signed delegation from one identity to another; hand it to gait gate eval --delegation-token";

gait_base::record! {
    /// What `delegate mint` and `delegate verify` print.
    #[derive(Clone, Debug, PartialEq)]
    pub(super) struct DelegateOutput {
        /// Whether the token was made, or counts.
        pub(super) ok: bool,
        /// Id of the token.
        pub(super) token_id: String => omit,
        /// Where it is.
        pub(super) token_path: String => omit,
        /// Who delegates.
        pub(super) delegator_identity: String => omit,
        /// To whom.
        pub(super) delegate_identity: String => omit,
        /// What is delegated.
        pub(super) scope: Vec<String> => omit,
        /// Class of what is delegated.
        pub(super) scope_class: String => omit,
        /// When it ends, to the second.
        pub(super) expires_at: String => omit,
        /// The key that signed it.
        pub(super) key_id: String => omit,
        /// What the caller must know.
        pub(super) warnings: Vec<String> => omit,
        /// Why it does not count.
        pub(super) error_code: String => omit,
        /// The same in words.
        pub(super) error: String => omit,
        /// What the file is, or what success means.
        pub(super) description: String => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let args = call.args;
    let terms = DelegationTerms {
        delegator_identity: args.text("delegator").to_owned(),
        delegate_identity: args.text("delegate").to_owned(),
        ttl_nanos: token::ttl(call)?,
        scope: split_csv(args.text("scope")),
        scope_class: args.text("scope-class").to_owned(),
        intent_digest: args.text("intent-digest").to_owned(),
        policy_digest: args.text("policy-digest").to_owned(),
        producer_version: call.producer_version.to_owned(),
    };
    if terms.scope.is_empty() {
        return Err(Failure::usage("--scope must name at least one value"));
    }
    let signer = token::signer(call)?;
    let delegation = DelegationToken::mint(terms, &signer.key, &token::moment(call)?)?;
    let default = format!("delegation_{}.json", delegation.token_id);
    let record = DelegateOutput {
        ok: true,
        token_path: token::write(call, default, &json::to_indented(&delegation)?)?,
        expires_at: delegation.expires_at.format_seconds()?,
        token_id: delegation.token_id,
        delegator_identity: delegation.delegator_identity,
        delegate_identity: delegation.delegate_identity,
        scope: delegation.scope,
        scope_class: delegation.scope_class,
        key_id: signer.key.key_id().to_owned(),
        warnings: signer.warnings,
        description: DESCRIPTION.to_owned(),
        ..DelegateOutput::default()
    };
    let text = told(Text::ok("delegate mint"), &record).lines("warning", &record.warnings);
    Ok(Report::new(&record, text))
}

/// The lines about a token that was made or counts.
pub(super) fn told(head: Text, record: &DelegateOutput) -> Text {
    let text = head
        .pair("token_id", &record.token_id)
        .pair("path", &record.token_path)
        .pair("expires_at", &record.expires_at)
        .pair("key_id", &record.key_id)
        .label("delegates")
        .pair("from", &record.delegator_identity)
        .pair("to", &record.delegate_identity)
        .pair("scope", record.scope.join(","));
    if record.scope_class.is_empty() { text } else { text.pair("scope_class", &record.scope_class) }
}
