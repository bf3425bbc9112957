//! Building a pack of what a person names (05 §3, §4).

use std::path::{Path, PathBuf};

use gait_base::key::SigningKey;
use gait_base::key::config::{DEV_MODE, KeyConfig, PROD_MODE};
use gait_base::text::trim_fold;
use gait_evidence::archive::Limits;
use gait_evidence::pack::{self, BuildOptions, BuiltPack, CallRecord, MAX_RECORD_BYTES, PackError, PackType};
use gait_gate::mode::Mode;

use super::error::PackFileError;
use super::output::PackOutput;
use super::source::PackFile;
use crate::fs::{PRIVATE, clean_path, create_parents, output_path, read_limited, write_artifact, write_replacing};
use crate::job::{self, JobStore};
use crate::keys::load_signing_key;
use crate::{environment, runpack};

/// Where packs of jobs go unless something else is said.
const JOB_PACK_FOLDER: &str = "gait-out";

/// What `pack build` is told. Texts are as they were typed.
#[derive(Clone, Debug)]
pub struct BuildRequest {
    /// The name of a [`PackType`], in any case.
    pub kind: String,
    /// A run id, runpack or chain of checkpoints; a job's id, folder or state; a call record; an authorization bundle.
    pub from: String,
    /// Where the pack goes; a default place when blank.
    pub out: String,
    /// Where jobs lie.
    pub job_root: String,
    /// `none`, `dev` or `prod`, in any case; blank is `none`. With `none` a given key signs all the same.
    pub key_mode: String,
    /// The private key's file.
    pub private_key: String,
    /// The variable that holds the private key.
    pub private_key_env: String,
    /// How closely sources are looked at.
    pub mode: Mode,
}

impl Default for BuildRequest {
    fn default() -> Self {
        Self {
            kind: PackType::Run.as_str().to_owned(),
            from: String::new(),
            out: String::new(),
            job_root: job::DEFAULT_ROOT.to_owned(),
            key_mode: String::new(),
            private_key: String::new(),
            private_key_env: String::new(),
            mode: Mode::Strict,
        }
    }
}

/// Builds a pack and writes it.
///
/// # Errors
/// [`PackFileError`]: a source that is not there or does not hold, a key that cannot be used, a place that cannot be
/// written to.
pub fn build(request: &BuildRequest, producer_version: &str) -> Result<PackOutput, PackFileError> {
    let from = request.from.trim();
    if from.is_empty() {
        return Err(PackFileError::option("the source of the pack is required: --from"));
    }
    let (key, mut warnings) = signing_key(request)?;
    let kind = match trim_fold(&request.kind).as_str() {
        "" => PackType::Run,
        named => PackType::parse(named).ok_or_else(|| {
            PackFileError::option(format!("pack type must be run, job, call or authorization, not {named:?}"))
        })?,
    };
    let options = BuildOptions { producer_version, signing_key: key.as_ref(), mode: request.mode };
    let Source { folder, built } = match kind {
        PackType::Run => run(from, &options)?,
        PackType::Job => job(from, request, &options, &mut warnings)?,
        PackType::Call => call(from, &options)?,
        PackType::Authorization => authorization(from, &options)?,
    };
    let path = if request.out.trim().is_empty() {
        let path = clean_path(&folder.join(format!("pack_{}.zip", built.manifest.pack_id)));
        create_parents(&path)?;
        write_replacing(&path, &built.bytes, PRIVATE)?;
        path
    } else {
        write_artifact(&request.out, &built.bytes, PRIVATE)?
    };
    Ok(PackOutput {
        path: path.display().to_string(),
        pack_id: built.manifest.pack_id,
        pack_type: built.manifest.pack_type,
        source_ref: built.manifest.source_ref,
        warnings,
        ..PackOutput::new("build", true)
    })
}

/// The key to sign with, if any, and what the caller must be told about it.
fn signing_key(request: &BuildRequest) -> Result<(Option<SigningKey>, Vec<String>), PackFileError> {
    let mode = trim_fold(&request.key_mode);
    let mut config = KeyConfig {
        mode: &mode,
        private_path: request.private_key.trim(),
        private_env: request.private_key_env.trim(),
        ..KeyConfig::default()
    };
    match mode.as_str() {
        "" | "none" if !config.has_private() => return Ok((None, Vec::new())),
        "" | "none" => config.mode = PROD_MODE,
        DEV_MODE | PROD_MODE => {}
        other => {
            return Err(PackFileError::option(format!("--key-mode must be none, dev or prod, not {other:?}")));
        }
    }
    let loaded = load_signing_key(&config)?;
    Ok((Some(loaded.key), loaded.warnings))
}

/// A pack, and the folder that it goes to.
struct Source {
    folder: PathBuf,
    built: BuiltPack,
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

fn run(from: &str, options: &BuildOptions<'_>) -> Result<Source, PackFileError> {
    let ends_in_json = from.len() >= 5 && from.as_bytes()[from.len() - 5..].eq_ignore_ascii_case(b".json");
    let named = if ends_in_json {
        let chain = runpack::read_chain(from, options.mode)?;
        chain.checkpoints.last().map(|last| last.runpack_path.clone()).unwrap_or_default()
    } else {
        runpack::resolve(from)?.display().to_string()
    };
    let path = output_path(&named)?;
    let built = pack::build_run_pack(PackFile::open(&path)?.reader(), options)?;
    Ok(Source { folder: folder_of(&path), built })
}

fn job(
    from: &str,
    request: &BuildRequest,
    options: &BuildOptions<'_>,
    warnings: &mut Vec<String>,
) -> Result<Source, PackFileError> {
    let root = match request.job_root.trim() {
        "" => job::DEFAULT_ROOT,
        root => root,
    };
    let (root, job_id) = job::locate(from, Path::new(root));
    let history = JobStore::new(root, options.mode)?.inspect(&job_id)?;
    warnings.extend(history.notices.iter().filter(|notice| notice.is_damage()).map(ToString::to_string));
    let here = job::environment_fingerprint("", environment::variable);
    let built = pack::build_job_pack(history.state, &history.events, &here, options)?;
    Ok(Source { folder: PathBuf::from(JOB_PACK_FOLDER), built })
}

fn call(from: &str, options: &BuildOptions<'_>) -> Result<Source, PackFileError> {
    let folder = folder_of(Path::new(from));
    let bytes = read_limited(from, MAX_RECORD_BYTES as u64)?;
    let record = CallRecord::parse(&bytes, options.mode).map_err(PackError::from)?;
    let named = record.runpack_path.trim();
    // The record says so itself when it names none.
    let runpack = if named.is_empty() { Vec::new() } else { entry_file(&folder.join(named))? };
    let built = pack::build_call_pack(record, runpack, options)?;
    Ok(Source { folder, built })
}

fn authorization(from: &str, options: &BuildOptions<'_>) -> Result<Source, PackFileError> {
    let folder = folder_of(Path::new(from));
    let bytes = read_limited(from, MAX_RECORD_BYTES as u64)?;
    let built = pack::build_authorization_pack(&bytes, &|path| entry_file(&folder.join(path)), options)?;
    Ok(Source { folder, built })
}

/// A file that becomes an entry as it is.
fn entry_file(path: &Path) -> Result<Vec<u8>, crate::error::HostError> {
    read_limited(path, Limits::default().entry_bytes)
}
