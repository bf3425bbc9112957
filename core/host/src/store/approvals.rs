//! Approvals on their way, as files in a folder: requests that wait, tokens that answer them.
//!
//! | file | holds |
//! |---|---|
//! | `requests/<intent digest>-<policy digest>.json` | a request |
//! | `tokens/<intent digest>/<digest of the file>.json` | a token |
//!
//! No other text of a document becomes part of a path. Files of other names, such as a write that was cut off leaves, are
//! passed over; one of these names with another content is an error.

use std::fs::DirBuilder;
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use gait_base::digest::{Digest, sha256};
use gait_base::time::Timestamp;
use gait_gate::authority::approval::{ApprovalRequest, ApprovalToken};
use gait_gate::mode::Mode;
use gait_gate::state::{APPROVAL_CAPACITY, Revision, StateError, decision_digests};

use crate::clock::{Clock, SystemClock};
use crate::error::HostError;
use crate::fs::{PRIVATE, Staged, create_folder, exists, read_regular, write_atomic};

/// Larger than any request or token.
const LIMIT: u64 = 4 << 20;

/// Requests and tokens are the owner's alone.
const PRIVATE_FOLDER: u32 = 0o700;

/// How long tokens lie after their end. Long, because a clock that jumped ahead must not throw living ones away.
const KEPT_AFTER_END_SECONDS: i64 = 7 * 24 * 3600;

/// The folder.
pub(super) struct ApprovalFolder {
    path: PathBuf,
    /// Made when missing.
    made: Option<PathBuf>,
    mode: Mode,
}

impl ApprovalFolder {
    pub(super) fn new(path: PathBuf, made: Option<PathBuf>, mode: Mode) -> Self {
        Self { path, made, mode }
    }

    pub(super) fn request(&self, request: &ApprovalRequest) -> Result<(), StateError> {
        let (intent, policy) = decision_digests(&request.intent_digest, &request.policy_digest)?;
        let path = self.request_path(&intent, &policy);
        if exists(&path).map_err(failed)? {
            return Ok(());
        }
        let bytes = request.to_file().map_err(|error| StateError::of(&error))?;
        let folder = self.make("requests").map_err(failed)?;
        if entries(&folder).map_err(failed)?.len() >= APPROVAL_CAPACITY {
            return Err(StateError::full("approval requests", APPROVAL_CAPACITY));
        }
        // Placed, not replaced: the first of two that ask at once stays.
        Staged::prepare(&path, &bytes, PRIVATE).and_then(Staged::place).map_err(failed)?;
        Ok(())
    }

    pub(super) fn requests(&self) -> Result<Vec<ApprovalRequest>, StateError> {
        let folder = self.path.join("requests");
        let mut requests = Vec::new();
        for name in entries(&folder).map_err(failed)? {
            let Some((intent, policy)) = digests_of_request(&name) else { continue };
            let path = folder.join(&name);
            let Some(bytes) = read_unless_gone(&path).map_err(failed)? else { continue };
            let request = ApprovalRequest::parse(&bytes, self.mode).map_err(|error| StateError::of(&error))?;
            if decision_digests(&request.intent_digest, &request.policy_digest)? != (intent, policy) {
                return Err(failed(misplaced("approval request", path)));
            }
            requests.push(request);
        }
        requests.sort_by(|a, b| a.created_at.cmp_instant(&b.created_at));
        Ok(requests)
    }

    pub(super) fn withdraw(&self, intent: &Digest, policy: &Digest) -> Result<(), StateError> {
        let path = self.request_path(intent, policy);
        remove(&path).map_err(failed)
    }

    pub(super) fn add(&self, token: &ApprovalToken) -> Result<(), StateError> {
        let (intent, _) = decision_digests(&token.intent_digest, &token.policy_digest)?;
        let bytes = gait_base::json::to_indented(token).map_err(|error| StateError::of(&error))?;
        self.make("tokens").map_err(failed)?;
        let folder = self.make(&format!("tokens/{intent}")).map_err(failed)?;
        self.clear(&folder)?;
        if entries(&folder).map_err(failed)?.len() >= APPROVAL_CAPACITY {
            return Err(StateError::full("approvals of one intent", APPROVAL_CAPACITY));
        }
        write_atomic(folder.join(format!("{}.json", sha256(&bytes))), &bytes, PRIVATE).map_err(failed)
    }

    pub(super) fn tokens(&self, intent: &Digest, policy: &Digest) -> Result<Vec<ApprovalToken>, StateError> {
        let policy = Some(*policy);
        let mut tokens: Vec<_> = self.read_tokens(&self.path.join(format!("tokens/{intent}")))?;
        tokens.retain(|(_, token)| {
            decision_digests(&token.intent_digest, &token.policy_digest).ok().map(|(_, named)| named) == policy
        });
        tokens.sort_by(|(a_path, a), (b_path, b)| a.token_id.cmp(&b.token_id).then_with(|| a_path.cmp(b_path)));
        Ok(tokens.into_iter().map(|(_, token)| token).collect())
    }

    /// The digest of all names. They follow from what the files hold, so that equal names mean equal content.
    pub(super) fn revision(&self) -> Result<Revision, StateError> {
        let mut names = entries(&self.path.join("requests")).map_err(failed)?;
        names.retain(|name| digests_of_request(name).is_some());
        let tokens = self.path.join("tokens");
        for intent in entries(&tokens).map_err(failed)? {
            if Digest::parse_hex(&intent).is_some() {
                let found = entries(&tokens.join(&intent)).map_err(failed)?;
                let found = found.into_iter().filter(|name| digest_of_token(name).is_some());
                names.extend(found.map(|name| format!("{intent}/{name}")));
            }
        }
        names.sort_unstable();
        Ok(Revision((!names.is_empty()).then(|| sha256(names.join("\n").as_bytes()))))
    }

    /// Removes the tokens of a folder that ended long ago.
    fn clear(&self, folder: &Path) -> Result<(), StateError> {
        let now: Timestamp = SystemClock.now();
        for (path, token) in self.read_tokens(folder)? {
            if now.seconds_since(&token.expires_at) > KEPT_AFTER_END_SECONDS {
                remove(&path).map_err(failed)?;
            }
        }
        Ok(())
    }

    fn read_tokens(&self, folder: &Path) -> Result<Vec<(PathBuf, ApprovalToken)>, StateError> {
        let mut tokens = Vec::new();
        for name in entries(folder).map_err(failed)? {
            let Some(digest) = digest_of_token(&name) else { continue };
            let path = folder.join(&name);
            let Some(bytes) = read_unless_gone(&path).map_err(failed)? else { continue };
            if sha256(&bytes) != digest {
                return Err(failed(misplaced("approval token", path)));
            }
            let token = ApprovalToken::parse(&bytes, self.mode).map_err(|error| StateError::of(&error))?;
            tokens.push((path, token));
        }
        Ok(tokens)
    }

    fn request_path(&self, intent: &Digest, policy: &Digest) -> PathBuf {
        self.path.join(format!("requests/{intent}-{policy}.json"))
    }

    /// Makes a folder within this one.
    fn make(&self, inner: &str) -> Result<PathBuf, HostError> {
        if let Some(folder) = &self.made {
            create_folder(folder)?;
        }
        let inner = self.path.join(inner);
        for folder in [&self.path, &inner] {
            match DirBuilder::new().mode(PRIVATE_FOLDER).create(folder) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                    return Err(HostError::io("create folder", folder, error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(inner)
    }
}

fn failed(error: HostError) -> StateError {
    StateError::of(&error)
}

fn misplaced(what: &'static str, path: PathBuf) -> HostError {
    HostError::Malformed { what, path, reason: "its name and its content disagree".to_owned() }
}

fn digests_of_request(name: &str) -> Option<(Digest, Digest)> {
    let (intent, policy) = name.strip_suffix(".json")?.split_once('-')?;
    Some((Digest::parse_hex(intent)?, Digest::parse_hex(policy)?))
}

fn digest_of_token(name: &str) -> Option<Digest> {
    Digest::parse_hex(name.strip_suffix(".json")?)
}

/// The names in a folder, sorted; none when it is missing.
fn entries(folder: &Path) -> Result<Vec<String>, HostError> {
    let unreadable = |error| HostError::io("list", folder, error);
    let listed = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed.map_err(unreadable)?,
    };
    let mut names = Vec::new();
    for entry in listed {
        names.extend(entry.map_err(unreadable)?.file_name().into_string());
    }
    names.sort_unstable();
    Ok(names)
}

/// A file's content; `None` when somebody took it away since it was listed.
fn read_unless_gone(path: &Path) -> Result<Option<Vec<u8>>, HostError> {
    match read_regular(path, LIMIT) {
        Err(_) if !exists(path)? => Ok(None),
        read => read.map(|(bytes, _)| Some(bytes)),
    }
}

fn remove(path: &Path) -> Result<(), HostError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(HostError::io("remove", path, error)),
        Ok(()) | Err(_) => Ok(()),
    }
}
