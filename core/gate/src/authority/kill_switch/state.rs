//! The state in its normal form: reading it, changing it, writing it (03 §5.1, §5.2).

use gait_base::digest::sha256;
use gait_base::json::{self, EncodeError, Reading};
use gait_base::text::{sort_dedup, trim_fold_in_place, trim_in_place};
use gait_base::time::{TimeError, Timestamp};

use super::{KillSwitchEntry, KillSwitchError, KillSwitchState, SCHEMA_ID, SCHEMA_VERSION};
use crate::mode::Mode;
use crate::vocabulary::TARGET_KINDS;

const DEFAULT_PRODUCER_VERSION: &str = "0.0.0-dev";
/// Hex digits of a generated entry id: 12 bytes.
const ID_DIGITS: usize = 24;

impl KillSwitchState {
    /// A state without entries, started `now`.
    ///
    /// # Errors
    /// [`KillSwitchError::Time`] when `now` cannot be written in UTC.
    pub fn fresh(producer_version: &str, now: &Timestamp) -> Result<Self, KillSwitchError> {
        let now = now.to_utc()?;
        let mut state =
            Self { created_at: now, updated_at: now, producer_version: producer_version.to_owned(), ..Self::default() };
        state.normalize()?;
        Ok(state)
    }

    /// Reads a state file. Its entries come out sorted by id.
    ///
    /// # Errors
    /// [`KillSwitchError`]: malformed, of another type, or with an invalid entry.
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<Self, KillSwitchError> {
        let reading = if mode.is_strict() { Reading::STRICT } else { Reading::COMPAT };
        let mut state: Self = json::decode(bytes, reading)?;
        state.normalize()?;
        state.sort();
        Ok(state)
    }

    /// The state as it stands in its file: indented, entries sorted by id.
    ///
    /// # Errors
    /// [`EncodeError`] when a time has no written form.
    pub fn to_file(&self) -> Result<Vec<u8>, EncodeError> {
        let mut sorted = self.clone();
        sorted.sort();
        json::to_indented(&sorted)
    }

    /// Adds an entry, enabled, and returns it in normal form. Its id is derived from it when it has none.
    ///
    /// # Errors
    /// [`KillSwitchError`] when the entry is invalid; the state is then unchanged.
    pub fn add(&mut self, mut entry: KillSwitchEntry, now: &Timestamp) -> Result<&KillSwitchEntry, KillSwitchError> {
        let now = now.to_utc()?;
        entry.enabled = true;
        if entry.created_at.is_zero() {
            entry.created_at = now;
        }
        entry.normalize()?;
        if entry.entry_id.is_empty() {
            entry.entry_id = entry.derived_id();
        }
        self.updated_at = now;
        self.entries.push(entry);
        self.entries.last().ok_or(KillSwitchError::MissingEntryId)
    }

    /// Takes the first entry of that id out of force and returns it.
    ///
    /// # Errors
    /// [`KillSwitchError::MissingEntryId`], [`KillSwitchError::EntryNotFound`].
    pub fn disable(&mut self, entry_id: &str, now: &Timestamp) -> Result<&KillSwitchEntry, KillSwitchError> {
        self.change(entry_id, now, |entry| entry.enabled = false)
    }

    /// Lets the first entry of that id end at `expires_at`, which may lie in the future, and returns it.
    ///
    /// # Errors
    /// [`KillSwitchError::MissingEntryId`], [`KillSwitchError::EntryNotFound`], [`KillSwitchError::Time`].
    pub fn expire(
        &mut self,
        entry_id: &str,
        expires_at: &Timestamp,
        now: &Timestamp,
    ) -> Result<&KillSwitchEntry, KillSwitchError> {
        let expires_at = expires_at.to_utc()?;
        self.change(entry_id, now, |entry| entry.expires_at = expires_at)
    }

    fn change(
        &mut self,
        entry_id: &str,
        now: &Timestamp,
        change: impl FnOnce(&mut KillSwitchEntry),
    ) -> Result<&KillSwitchEntry, KillSwitchError> {
        let (entry_id, now) = (entry_id.trim(), now.to_utc()?);
        if entry_id.is_empty() {
            return Err(KillSwitchError::MissingEntryId);
        }
        let found = self.entries.iter_mut().find(|entry| entry.entry_id == entry_id);
        let entry = found.ok_or_else(|| KillSwitchError::EntryNotFound(entry_id.to_owned()))?;
        change(entry);
        self.updated_at = now;
        Ok(entry)
    }

    fn normalize(&mut self) -> Result<(), KillSwitchError> {
        for (member, value, expected) in [
            ("schema_id", &mut self.schema_id, SCHEMA_ID),
            ("schema_version", &mut self.schema_version, SCHEMA_VERSION),
        ] {
            if value.trim().is_empty() {
                expected.clone_into(value);
            } else if value != expected {
                return Err(KillSwitchError::Schema { member, value: value.clone() });
            }
        }
        require_utc(&mut self.created_at, "created_at")?;
        require_utc(&mut self.updated_at, "updated_at")?;
        if self.producer_version.trim().is_empty() {
            DEFAULT_PRODUCER_VERSION.clone_into(&mut self.producer_version);
        }
        self.entries.iter_mut().try_for_each(KillSwitchEntry::normalize)
    }

    /// Sorts by id; entries of the same id keep their order.
    fn sort(&mut self) {
        self.entries.sort_by(|a, b| a.entry_id.cmp(&b.entry_id));
    }
}

impl KillSwitchEntry {
    fn normalize(&mut self) -> Result<(), KillSwitchError> {
        for kept in [
            &mut self.entry_id,
            &mut self.agent_id,
            &mut self.identity,
            &mut self.target_value,
            &mut self.reason,
            &mut self.actor,
        ] {
            trim_in_place(kept);
        }
        for folded in [&mut self.tool_name, &mut self.target_kind, &mut self.environment] {
            trim_fold_in_place(folded);
        }
        clean_prefixes(&mut self.path_prefixes);
        clean_prefixes(&mut self.workspace_prefixes);
        if !self.target_kind.is_empty() && !TARGET_KINDS.contains(&self.target_kind.as_str()) {
            return Err(KillSwitchError::TargetKind(self.target_kind.clone()));
        }
        if self.entry_id.is_empty() && self.selects_everything() {
            return Err(KillSwitchError::NoSelector);
        }
        require_utc(&mut self.created_at, "entry created_at")?;
        self.expires_at = utc_or_zero(&self.expires_at)?;
        Ok(())
    }

    /// The id of an entry that was given none. Actor and expiry are no part of it.
    fn derived_id(&self) -> String {
        let (paths, workspaces) = (self.path_prefixes.join(","), self.workspace_prefixes.join(","));
        let created_at = self.created_at.to_string();
        let parts: [&str; 10] = [
            &self.agent_id,
            &self.identity,
            &self.tool_name,
            &self.target_kind,
            &self.target_value,
            &self.environment,
            &paths,
            &workspaces,
            &self.reason,
            &created_at,
        ];
        sha256(parts.join("\0").as_bytes()).short(ID_DIGITS)
    }
}

/// Trims and cleans each prefix; what names no place goes.
fn clean_prefixes(prefixes: &mut Vec<String>) {
    prefixes.iter_mut().for_each(|prefix| *prefix = gait_base::path::clean(prefix.trim()));
    prefixes.retain(|prefix| prefix != ".");
    sort_dedup(prefixes);
}

fn require_utc(time: &mut Timestamp, name: &'static str) -> Result<(), KillSwitchError> {
    if time.is_zero() {
        return Err(KillSwitchError::MissingTime(name));
    }
    *time = time.to_utc()?;
    Ok(())
}

fn utc_or_zero(time: &Timestamp) -> Result<Timestamp, TimeError> {
    if time.is_zero() { Ok(Timestamp::ZERO) } else { time.to_utc() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-03-04T05:06:07.089Z";

    fn now() -> Timestamp {
        Timestamp::parse(NOW).unwrap()
    }

    fn entry(change: impl FnOnce(&mut KillSwitchEntry)) -> KillSwitchEntry {
        let mut entry = KillSwitchEntry::default();
        change(&mut entry);
        entry
    }

    fn state() -> KillSwitchState {
        KillSwitchState::fresh("", &now()).unwrap()
    }

    #[test]
    fn a_fresh_state_is_complete() {
        let text = String::from_utf8(state().to_file().unwrap()).unwrap();
        let expected = "{\n  \"schema_id\": \"gait.gate.kill_switch_state\",\n  \"schema_version\": \"1.0.0\",\n  \
                        \"created_at\": \"2026-03-04T05:06:07.089Z\",\n  \"updated_at\": \"2026-03-04T05:06:07.089Z\",\n  \
                        \"producer_version\": \"0.0.0-dev\",\n  \"entries\": []\n}\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn derived_ids_do_not_depend_on_actor_and_expiry() {
        let mut state = state();
        let first = state.add(entry(|e| e.identity = " alice ".into()), &now()).unwrap().entry_id.clone();
        assert_eq!(first, "a64bf597b26aeb2f2a32ba8b");
        let other = entry(|e| {
            e.identity = "alice".into();
            e.actor = "me".into();
            e.expires_at = now();
        });
        assert_eq!(state.add(other, &now()).unwrap().entry_id, first);
    }

    #[test]
    fn what_is_added_comes_out_in_normal_form() {
        let mut state = state();
        let given = entry(|e| {
            e.tool_name = " Tool.X ".into();
            e.target_kind = "PATH".into();
            e.environment = "Prod".into();
            e.path_prefixes = ["/b/", "a//c", ".", " ", "/b"].map(String::from).to_vec();
            e.workspace_prefixes = vec!["/w/../w2".into()];
            e.expires_at = Timestamp::parse("2026-03-04T08:06:07.089+02:00").unwrap();
        });
        let added = state.add(given, &now()).unwrap();
        assert!(added.enabled);
        assert_eq!(added.tool_name, "tool.x");
        assert_eq!(added.target_kind, "path");
        assert_eq!(added.environment, "prod");
        assert_eq!(added.path_prefixes, ["/b", "a/c"]);
        assert_eq!(added.workspace_prefixes, ["/w2"]);
        assert_eq!(added.expires_at.to_string(), "2026-03-04T06:06:07.089Z");
    }

    #[test]
    fn what_selects_nothing_and_has_no_id_is_refused() {
        let mut state = state();
        let before = state.clone();
        let reason_only = entry(|e| e.reason = "r".into());
        assert_eq!(state.add(reason_only, &now()).unwrap_err(), KillSwitchError::NoSelector);
        let dot = entry(|e| e.path_prefixes = vec!["./".into()]);
        assert_eq!(state.add(dot, &now()).unwrap_err(), KillSwitchError::NoSelector);
        let moon = entry(|e| {
            e.identity = "a".into();
            e.target_kind = "moon".into();
        });
        assert_eq!(state.add(moon, &now()).unwrap_err(), KillSwitchError::TargetKind("moon".into()));
        assert_eq!(state, before);
        let bare = state.add(entry(|e| e.entry_id = " bare ".into()), &now()).unwrap();
        assert_eq!(bare.entry_id, "bare");
        assert!(bare.selects_everything());
    }

    #[test]
    fn added_entries_stand_last_until_the_file_is_written() {
        let mut state = state();
        for id in ["z1", "a1"] {
            state.add(entry(|e| e.entry_id = id.into()), &now()).unwrap();
        }
        let ids = |state: &KillSwitchState| state.entries.iter().map(|e| e.entry_id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&state), ["z1", "a1"]);
        let read = KillSwitchState::parse(&state.to_file().unwrap(), Mode::Strict).unwrap();
        assert_eq!(ids(&read), ["a1", "z1"]);
    }

    #[test]
    fn changes_reach_the_first_of_equal_ids() {
        let mut state = state();
        state.add(entry(|e| e.entry_id = "e".into()), &now()).unwrap();
        state.add(entry(|e| e.entry_id = "e".into()), &now()).unwrap();
        let later = Timestamp::parse("2026-03-05T00:00:00+01:00").unwrap();
        assert!(!state.disable(" e ", &later).unwrap().enabled);
        assert!(state.entries[1].enabled);
        assert_eq!(state.updated_at.to_string(), "2026-03-04T23:00:00Z");
        let expired = state.expire("e", &later, &now()).unwrap();
        assert_eq!(expired.expires_at.to_string(), "2026-03-04T23:00:00Z");
        assert_eq!(state.disable("x", &now()).unwrap_err(), KillSwitchError::EntryNotFound("x".into()));
        assert_eq!(state.expire(" ", &now(), &now()).unwrap_err(), KillSwitchError::MissingEntryId);
    }

    #[test]
    fn files_are_checked() {
        let parse = |text: &str| KillSwitchState::parse(text.as_bytes(), Mode::Compat);
        let times = r#""created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T01:00:00+01:00""#;
        let good = parse(&format!("{{{times}}}")).unwrap();
        assert_eq!(good.updated_at, good.created_at);
        assert_eq!(good.schema_id, SCHEMA_ID);
        assert!(matches!(parse(r#"{"schema_id":"wrong"}"#), Err(KillSwitchError::Schema { .. })));
        assert!(matches!(parse(&format!(r#"{{"schema_version":"2",{times}}}"#)), Err(KillSwitchError::Schema { .. })));
        assert_eq!(parse("{}"), Err(KillSwitchError::MissingTime("created_at")));
        assert!(matches!(parse("["), Err(KillSwitchError::Json(_))));
        assert_eq!(
            parse(&format!(r#"{{{times},"entries":[{{"entry_id":"e"}}]}}"#)),
            Err(KillSwitchError::MissingTime("entry created_at"))
        );
        let unnamed = format!(r#"{{{times},"entries":[{{"identity":"a","created_at":"2026-01-01T00:00:00Z"}}]}}"#);
        assert_eq!(parse(&unnamed).unwrap().entries[0].entry_id, "");
        let recased = format!(r#"{{"Entries":[],{times}}}"#);
        assert!(parse(&recased).is_ok());
        assert!(KillSwitchState::parse(recased.as_bytes(), Mode::Strict).is_err());
    }
}
