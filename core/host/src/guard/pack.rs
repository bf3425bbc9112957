//! Guard packs in files (05 §11.1, §11.2).

use std::path::{Path, PathBuf};

use gait_base::key::config::KeyConfig;
use gait_base::text::trim_fold;
use gait_evidence::guard::{BuildOptions, GuardPack, PackManifest, Template, build};
use gait_evidence::runpack::{self, Runpack};
use gait_gate::mode::Mode;

use super::{EvidencePaths, GuardFileError};
use crate::clock::Clock;
use crate::fs::{PRIVATE, clean_path, create_parents, write_replacing};
use crate::keys::load_signing_key;
use crate::runpack::open;
use crate::{environment, runpack_path};

/// What to build a guard pack of, and how.
#[derive(Clone, Copy, Debug)]
pub struct PackRequest<'a> {
    /// The runpack: a path or the id of a run.
    pub run: &'a str,
    /// Where the pack goes; blank for `evidence_pack_<pack id>.zip` beside the runpack.
    pub out: &'a str,
    /// The case that it is for.
    pub case_id: &'a str,
    /// The controls that it is indexed by.
    pub template: Template,
    /// What goes into it.
    pub evidence: &'a EvidencePaths,
    /// Whether it has a page for people.
    pub render_pdf: bool,
    /// The key that signs it.
    pub key: KeyConfig<'a>,
    /// Version of the program that builds it.
    pub producer_version: &'a str,
    /// How closely runpack and evidence are looked at.
    pub mode: Mode,
}

/// A pack that was written.
#[derive(Clone, Debug)]
pub struct Packed {
    /// Where it is.
    pub path: String,
    /// Its manifest.
    pub manifest: PackManifest,
    /// What the caller must be told.
    pub warnings: Vec<String>,
}

/// Builds a guard pack and writes it: whole or not at all, 0600.
///
/// # Errors
/// [`GuardFileError`]: a runpack or evidence that cannot be read, a key that cannot be used, a file that cannot be written.
pub fn pack(request: &PackRequest<'_>, clock: &dyn Clock) -> Result<Packed, GuardFileError> {
    let mode = trim_fold(request.key.mode);
    let loaded = load_signing_key(&KeyConfig { mode: &mode, ..request.key })?;
    let (runpack_path, runpack) = read_runpack(request.run, request.mode)?;
    let evidence = request.evidence.read(folder_of(&runpack_path), request.mode)?;
    let options = BuildOptions {
        case_id: request.case_id,
        template: request.template,
        producer_version: request.producer_version,
        render_pdf: request.render_pdf,
        key: Some(&loaded.key),
        incident: None,
        now: clock.now(),
    };
    let pack = build(&runpack, &evidence, &options)?;
    let path = write(request.out, &runpack_path, &pack)?;
    Ok(Packed { path, manifest: pack.manifest, warnings: loaded.warnings })
}

/// The runpack that a path or run id stands for, and where it lies.
pub(super) fn read_runpack(named: &str, mode: Mode) -> Result<(PathBuf, Runpack), GuardFileError> {
    let home = environment::variable("HOME");
    let path = runpack_path::resolve(named, home.as_deref())?;
    let runpack = runpack::read(open(&path)?, mode)?;
    Ok((path, runpack))
}

/// The folder that a file lies in; empty for the working folder.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// Writes a pack where a person said, or beside its runpack; tells where.
pub(super) fn write(out: &str, runpack: &Path, pack: &GuardPack) -> Result<String, GuardFileError> {
    let path = match out.trim() {
        "" => {
            let name = format!("evidence_pack_{}.zip", pack.manifest.pack_id);
            clean_path(&folder_of(runpack).join(name))
        }
        out => PathBuf::from(out),
    };
    create_parents(&path)?;
    write_replacing(&path, &pack.bytes, PRIVATE)?;
    Ok(path.display().to_string())
}
