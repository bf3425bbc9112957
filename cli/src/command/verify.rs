//! `gait verify` (04 §8.2, 01 §10.3).

use gait_base::error::ExitCode;
use gait_base::key::VerifyingKey;
use gait_base::text::trim_fold;
use gait_evidence::runpack::{HashMismatch, SignatureStatus, VerifyOptions};
use gait_host::keys::MachineKeys;
use gait_host::runpack;

use super::keys_verify::key_flags;
use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

gait_base::record! {
    /// What `verify` prints.
    #[derive(Clone, Debug, PartialEq)]
    pub(super) struct VerifyOutput {
        /// Whether the runpack holds.
        pub(super) ok: bool,
        /// The file.
        pub(super) path: String => omit,
        /// The run.
        pub(super) run_id: String => omit,
        /// The digest that the manifest names.
        pub(super) manifest_digest: String => omit,
        /// How many entries the manifest lists.
        pub(super) files_checked: i64 => omit,
        /// Entries that are not there or not listed.
        pub(super) missing_files: Vec<String> => omit,
        /// Entries with another digest than listed.
        pub(super) hash_mismatches: Vec<HashMismatch> => omit,
        /// Entries that are not listed; told in strict mode only.
        pub(super) undeclared_files: Vec<String> => omit,
        /// `missing`, `skipped`, `verified` or `failed`.
        pub(super) signature_status: String => omit,
        /// What is wrong with signatures.
        pub(super) signature_errors: Vec<String> => omit,
        /// How many signatures there are.
        pub(super) signatures_total: i64 => omit,
        /// How many hold.
        pub(super) signatures_valid: i64 => omit,
        /// What that means.
        pub(super) signature_note: String => omit,
        /// What to do next.
        pub(super) next_commands: Vec<String> => omit,
    }
}

/// What the flags say about signatures: those of `verify`, `verify chain` and `verify session-chain`.
#[derive(Clone, Debug)]
pub(super) struct SignatureDemand {
    /// Checks them.
    pub(super) key: Option<VerifyingKey>,
    /// Whether one must hold.
    pub(super) required: bool,
}

impl SignatureDemand {
    /// Reads the flags.
    ///
    /// # Errors
    /// An unknown profile, the strict one without a key, a key that cannot be had.
    pub(super) fn of(call: &Call<'_>) -> Result<Self, Failure> {
        let profile = trim_fold(call.args.text("profile"));
        let strict = match profile.as_str() {
            "" | "standard" => false,
            "strict" => true,
            _ => return Err(Failure::usage(format!("unknown profile {profile:?}: there are standard and strict"))),
        };
        let config = key_flags(call);
        let has_source = config.has_public() || config.has_private();
        if strict && !has_source {
            return Err(Failure::usage("profile strict needs a key to verify with"));
        }
        let key = if has_source { Some(config.load_verify_key(&MachineKeys)?) } else { None };
        Ok(Self { key, required: strict || call.args.flag("require-signature") })
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let [named] = call.positionals("expected run_id or path")?;
    let demand = SignatureDemand::of(call)?;
    let record = of_runpack(call, named, &demand)?;
    let text = tell(&record);
    let report = Report::new(&record, text);
    Ok(if record.ok { report } else { report.exit(ExitCode::VerificationFailed) })
}

/// Verifies the runpack that is named.
pub(super) fn of_runpack(call: &Call<'_>, named: &str, demand: &SignatureDemand) -> Result<VerifyOutput, Failure> {
    let path = runpack::resolve(named)?;
    let options = VerifyOptions {
        key: demand.key.as_ref(),
        require_signature: demand.required,
        mode: call.mode(),
        ..VerifyOptions::default()
    };
    let found = runpack::verify(&path, &options)?;
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let status = found.signatures.status;
    let next_commands = if found.run_id.trim().is_empty() {
        Vec::new()
    } else {
        vec![
            format!("gait regress bootstrap --from {} --json --junit ./gait-out/junit.xml", found.run_id),
            "gait demo --durable".to_owned(),
            "gait demo --policy".to_owned(),
        ]
    };
    Ok(VerifyOutput {
        ok: found.ok(),
        path: path.display().to_string(),
        run_id: found.run_id,
        manifest_digest: found.manifest_digest,
        files_checked: count(found.files_checked),
        missing_files: found.missing_files,
        hash_mismatches: found.hash_mismatches,
        undeclared_files: if call.strict { found.undeclared_files } else { Vec::new() },
        signature_status: status.as_str().to_owned(),
        signature_errors: found.signatures.errors,
        signatures_total: count(found.signatures.total),
        signatures_valid: count(found.signatures.valid),
        signature_note: note(status, demand.required).to_owned(),
        next_commands,
    })
}

const fn note(status: SignatureStatus, required: bool) -> &'static str {
    match (status, required) {
        (SignatureStatus::Missing, false) => {
            "unsigned local/dev artifacts are expected by default; use --require-signature for strict verification"
        }
        (SignatureStatus::Missing, true) => {
            "signatures are required in this mode; provide signing keys and re-run verify"
        }
        (SignatureStatus::Skipped, false) => "signature checks were skipped because no verify key was provided",
        (SignatureStatus::Skipped, true) => {
            "signature checks were expected but skipped; provide a public key or private key source"
        }
        (SignatureStatus::Verified, _) => "signatures verified",
        (SignatureStatus::Failed, _) => {
            "signature verification failed; inspect signature_errors and re-run with the correct key"
        }
    }
}

/// The lines for a person.
pub(super) fn tell(output: &VerifyOutput) -> Text {
    let head = if output.ok { Text::ok("verify") } else { Text::failed("verify") };
    let mut text = head
        .pair("run_id", &output.run_id)
        .pair("path", &output.path)
        .pair("files", output.files_checked)
        .pair("signature", &output.signature_status);
    text = text.lines("missing", &output.missing_files);
    for one in &output.hash_mismatches {
        text = text.label("mismatch").words(&one.path).pair("expected", &one.expected).pair("actual", &one.actual);
    }
    text.lines("undeclared", &output.undeclared_files)
        .lines("signature error", &output.signature_errors)
        .line("note", &output.signature_note)
        .lines("next", &output.next_commands)
}
