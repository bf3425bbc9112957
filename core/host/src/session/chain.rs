//! Verifying a chain of checkpoints with the runpacks that it names (04 §7.7).

use gait_base::key::VerifyingKey;
use gait_evidence::runpack::{SignatureStatus, VerifyOptions};
use gait_evidence::session::{Chain, Checkpoint};
use gait_gate::mode::Mode;

use crate::error::HostError;
use crate::runpack::{self, RunpackFileError};

/// What is demanded of a chain.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChainDemand<'a> {
    /// Checks the signatures of the runpacks.
    pub key: Option<&'a VerifyingKey>,
    /// Whether each runpack needs a signature that holds.
    pub require_signature: bool,
    /// Strict also minds gaps, and checkpoints and runpacks of other sessions.
    pub mode: Mode,
}

/// What verification of a chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a chain that does not hold is no error"]
pub struct ChainVerification {
    /// The session.
    pub session_id: String,
    /// The run.
    pub run_id: String,
    /// How many checkpoints there are.
    pub checkpoints_checked: usize,
    /// What is wrong with the links between them.
    pub linkage_errors: Vec<String>,
    /// What is wrong with their runpacks.
    pub checkpoint_errors: Vec<String>,
}

impl ChainVerification {
    /// Whether the chain holds.
    #[must_use]
    pub const fn ok(&self) -> bool {
        self.linkage_errors.is_empty() && self.checkpoint_errors.is_empty()
    }
}

/// Verifies the links of a chain and each runpack that it names, by paths relative to the working folder. What does not hold
/// is told in the outcome.
pub fn verify_chain(chain: &Chain, demand: &ChainDemand<'_>) -> ChainVerification {
    ChainVerification {
        session_id: chain.session_id.clone(),
        run_id: chain.run_id.clone(),
        checkpoints_checked: chain.checkpoints.len(),
        linkage_errors: chain.linkage_errors(demand.mode),
        checkpoint_errors: chain.checkpoints.iter().flat_map(|one| runpack_errors(chain, one, demand)).collect(),
    }
}

fn runpack_errors(chain: &Chain, checkpoint: &Checkpoint, demand: &ChainDemand<'_>) -> Vec<String> {
    let index = checkpoint.checkpoint_index;
    let options = VerifyOptions {
        key: demand.key,
        require_signature: demand.require_signature,
        mode: demand.mode,
        ..VerifyOptions::default()
    };
    let found = match runpack::verify(&checkpoint.runpack_path, &options) {
        Ok(found) => found,
        Err(error) => return vec![format!("checkpoint {index} verify error: {}", words(&error))],
    };
    let mut errors = Vec::new();
    let mut check = |holds: bool, what: &str| {
        if !holds {
            errors.push(format!("checkpoint {index} {what}"));
        }
    };
    check(found.manifest_digest == checkpoint.manifest_digest, "manifest digest mismatch");
    check(found.is_intact(), "runpack integrity failure");
    let signed = found.signatures.status == SignatureStatus::Verified;
    check(signed || !demand.require_signature, "signature verification failed");
    if demand.mode.is_strict() {
        check(found.run_id == chain.runpack_run_id(checkpoint), "runpack is of another run");
        check(found.undeclared_files.is_empty(), "runpack has entries that its manifest does not list");
    }
    errors
}

/// The words of an error. Those of the operating system stand in a list that programs compare: without their number, and
/// in small letters.
fn words(error: &RunpackFileError) -> String {
    match error {
        RunpackFileError::Host(HostError::Io { action, path, source }) if source.raw_os_error().is_some() => {
            let text = source.to_string();
            let text = text.split(" (os error").next().unwrap_or_default();
            format!("{action} {}: {}", path.display(), gait_base::text::fold(text))
        }
        error => error.to_string(),
    }
}
