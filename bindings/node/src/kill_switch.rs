//! The kill switch in its file, read and changed on the thread pool.

use std::path::Path;

use gait_base::json::{Reading, decode};
use gait_base::time::Timestamp;
use gait_gate::authority::kill_switch::{KillSwitchEntry, KillSwitchState};
use gait_gate::mode::Mode;
use gait_host::error::HostError;
use gait_host::fs::create_folder;
use gait_host::kill_switch::{Missing, change, load_or};
use napi::bindgen_prelude::AsyncTask;
use napi_derive::napi;

use crate::document::{mode, to_json, written};
use crate::fault::{self, Subject};
use crate::judge::own_version;
use crate::moment::{Moment, moment};
use crate::work::Tell;

/// The folder of state by default names, which is made when it is missing.
const STATE_FOLDER: &str = ".gait-out";

fn failed(error: &HostError) -> napi::Error {
    fault::exception(error, Subject::Other)
}

/// Starts a state without entries where there is none.
#[napi(catch_unwind)]
pub(crate) fn kill_switch_start(
    path: String,
    strict: bool,
    now: Moment,
    producer_version: String,
) -> napi::Result<AsyncTask<Tell>> {
    let (now, version) = (moment(&now)?, own_version(&producer_version));
    Ok(changing(path, mode(strict), Some(version), now, |_, _| Ok(None)))
}

/// Adds an entry; gives it as JSON. A missing state is started.
#[napi(catch_unwind)]
pub(crate) fn kill_switch_add(
    path: String,
    strict: bool,
    bytes: &[u8],
    start: u32,
    end: u32,
    now: Moment,
    producer_version: String,
) -> napi::Result<AsyncTask<Tell>> {
    let entry: KillSwitchEntry = decode(written(bytes, start, end), Reading::STRICT)
        .map_err(|error| fault::exception(&error, Subject::Other))?;
    let (now, version) = (moment(&now)?, own_version(&producer_version));
    Ok(changing(path, mode(strict), Some(version), now, move |state, now| Ok(Some(state.add(entry, now)?.clone()))))
}

/// Takes an entry out of force; gives it as JSON.
#[napi(catch_unwind)]
pub(crate) fn kill_switch_disable(
    path: String,
    strict: bool,
    entry_id: String,
    now: Moment,
) -> napi::Result<AsyncTask<Tell>> {
    let now = moment(&now)?;
    Ok(changing(path, mode(strict), None, now, move |state, now| Ok(Some(state.disable(&entry_id, now)?.clone()))))
}

/// Lets an entry end; gives it as JSON.
#[napi(catch_unwind)]
pub(crate) fn kill_switch_expire(
    path: String,
    strict: bool,
    entry_id: String,
    at: Moment,
    now: Moment,
) -> napi::Result<AsyncTask<Tell>> {
    let (at, now) = (moment(&at)?, moment(&now)?);
    Ok(changing(path, mode(strict), None, now, move |state, now| Ok(Some(state.expire(&entry_id, &at, now)?.clone()))))
}

/// The state as JSON; one without entries when there is no file.
#[napi(catch_unwind)]
pub(crate) fn kill_switch_load(path: String, strict: bool, now: Moment) -> napi::Result<AsyncTask<Tell>> {
    let now = moment(&now)?;
    Ok(AsyncTask::new(Tell::new(move || {
        let missing = Missing::Start { producer_version: "", now: &now };
        to_json(&load_or(&path, mode(strict), missing).map_err(|error| failed(&error))?)
    })))
}

type Changed = Result<Option<KillSwitchEntry>, HostError>;

/// Changes the state under its lock. It is started where it is missing if there is a version to start it with.
fn changing(
    path: String,
    mode: Mode,
    version: Option<String>,
    now: Timestamp,
    act: impl FnOnce(&mut KillSwitchState, &Timestamp) -> Changed + Send + 'static,
) -> AsyncTask<Tell> {
    AsyncTask::new(Tell::new(move || {
        let missing = match &version {
            Some(version) => Missing::Start { producer_version: version, now: &now },
            None => Missing::Refuse,
        };
        let folder = Path::new(&path).parent().filter(|folder| folder.ends_with(STATE_FOLDER));
        if let (Some(folder), Missing::Start { .. }) = (folder, missing) {
            create_folder(folder).map_err(|error| failed(&error))?;
        }
        let (_, entry) =
            change(&path, mode, missing, |state| act(state, &now)).map_err(|error: HostError| failed(&error))?;
        entry.map_or_else(|| Ok(String::new()), |entry| to_json(&entry))
    }))
}
