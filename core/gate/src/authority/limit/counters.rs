//! The counters: what each window has admitted, as a take changes it and as its file holds it.

use std::collections::BTreeMap;

use gait_base::json::{self, EncodeError, Reading};
use gait_base::record;
use gait_base::time::Timestamp;

use super::{LimitDecision, LimitError};
use crate::mode::Mode;
use crate::policy::document::{Limit, LimitScope, LimitWindow};

const SCHEMA_ID: &str = "gait.gate.rate_limit_state";
const SCHEMA_VERSION: &str = "1.0.0";

/// The most counters that one window keeps. Beyond it a take is an error, so that nobody fills the memory with names.
pub const COUNTER_CAPACITY: usize = 1_000_000;

record! {
    /// The state document.
    #[derive(Clone, Debug)]
    struct StateDocument {
        schema_id: String,
        schema_version: String,
        counters: Vec<Counter>,
    }
}

record! {
    /// One counter of the document.
    #[derive(Clone, Debug)]
    struct Counter {
        key: String,
        count: i64,
    }
}

/// How many requests were admitted, by window, scope, bucket of time and who asked.
///
/// A clock may jump. In compat mode every take counts in the bucket that the clock shows, and drops those of other times
/// (03 §6). In strict mode time does not run backward: under a clock that shows an earlier bucket than one that was counted
/// already, the latest stays the current one, so that setting a clock back neither loses a counter nor frees a slot.
#[derive(Clone, Debug, Default)]
pub struct CounterState {
    mode: Mode,
    hour: Window,
    minute: Window,
    /// By whole key: counters of windows that only other tools know, and what is no counter of ours. Nothing is ever
    /// added after the file was read.
    others: BTreeMap<String, i64>,
}

/// The counters of one window kind, by the start of their bucket in Unix seconds; after a take there is one bucket.
#[derive(Clone, Debug, Default)]
struct Window {
    buckets: BTreeMap<i64, Bucket>,
    /// The bucket for which the counters of other tools were looked through.
    tidied: Option<i64>,
}

/// The counters of one bucket, by scope and scope key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Bucket {
    identity: BTreeMap<String, i64>,
    tool_identity: BTreeMap<String, i64>,
    tool: BTreeMap<String, i64>,
}

impl Bucket {
    const fn of(&self, scope: LimitScope) -> &BTreeMap<String, i64> {
        match scope {
            LimitScope::Identity => &self.identity,
            LimitScope::ToolIdentity => &self.tool_identity,
            LimitScope::Tool => &self.tool,
        }
    }

    const fn of_mut(&mut self, scope: LimitScope) -> &mut BTreeMap<String, i64> {
        match scope {
            LimitScope::Identity => &mut self.identity,
            LimitScope::ToolIdentity => &mut self.tool_identity,
            LimitScope::Tool => &mut self.tool,
        }
    }

    fn len(&self) -> usize {
        self.identity.len() + self.tool_identity.len() + self.tool.len()
    }
}

impl CounterState {
    /// No counters yet. The mode says how clocks that jump are taken.
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        Self { mode, ..Self::default() }
    }

    /// Reads a state file. Counters with a blank key or nothing counted are passed over.
    ///
    /// # Errors
    /// [`LimitError`] when the file is malformed.
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<Self, LimitError> {
        let reading = if mode.is_strict() { Reading::STRICT } else { Reading::COMPAT };
        let document: StateDocument = json::decode(bytes, reading)?;
        let mut state = Self::new(mode);
        for Counter { key, count } in document.counters {
            if key.trim().is_empty() || count <= 0 {
                continue;
            }
            match Place::of(&key) {
                Some(Place { window, scope, start, scope_key }) => {
                    let counters = state.window_mut(window).buckets.entry(start).or_default().of_mut(scope);
                    counters.insert(scope_key.to_owned(), count);
                }
                None => {
                    state.others.insert(key, count);
                }
            }
        }
        Ok(state)
    }

    /// The state as it stands in its file: indented, counters sorted by key.
    ///
    /// # Errors
    /// None in practice: nothing in a state lacks a written form.
    pub fn to_file(&self) -> Result<Vec<u8>, EncodeError> {
        json::to_indented(&StateDocument {
            schema_id: SCHEMA_ID.to_owned(),
            schema_version: SCHEMA_VERSION.to_owned(),
            counters: self.counters(),
        })
    }

    /// Admits a request and counts it, or refuses it and leaves the state as it is.
    ///
    /// Counting also drops the counters of past windows of the same length, and those that are none.
    ///
    /// # Errors
    /// [`LimitError::Full`] when this would be one counter more than [`COUNTER_CAPACITY`]; nothing is counted then.
    pub fn take(
        &mut self,
        limit: &Limit,
        tool_name: &str,
        identity: &str,
        now: &Timestamp,
    ) -> Result<LimitDecision, LimitError> {
        let start = self.current_bucket(limit.window, now);
        let scope_key = scope_key(limit.scope, tool_name, identity);
        let window = self.window_mut(limit.window);
        let bucket = window.buckets.get_mut(&start);
        let full = bucket.as_ref().is_some_and(|bucket| bucket.len() >= COUNTER_CAPACITY);
        let counter = bucket.and_then(|bucket| bucket.of_mut(limit.scope).get_mut(&scope_key));
        let used = counter.as_deref().copied().unwrap_or(0);
        let decision = |allowed, used: i64, scope_key| LimitDecision {
            allowed,
            limit: limit.requests,
            used,
            remaining: limit.requests.saturating_sub(used).max(0),
            scope: limit.scope,
            scope_key,
        };
        if used >= limit.requests {
            return Ok(decision(false, used, scope_key));
        }
        let used = used.saturating_add(1);
        match counter {
            Some(counter) => *counter = used,
            None if full => return Err(LimitError::Full),
            None => {
                let counters = window.buckets.entry(start).or_default().of_mut(limit.scope);
                counters.insert(scope_key.clone(), used);
            }
        }
        self.tidy(limit.window, start);
        Ok(decision(true, used, scope_key))
    }

    /// The bucket in which a window counts now.
    fn current_bucket(&self, window: LimitWindow, now: &Timestamp) -> i64 {
        let shown = bucket_start(window, now);
        match self.window(window).buckets.last_key_value() {
            Some((&latest, _)) if self.mode.is_strict() => shown.max(latest),
            _ => shown,
        }
    }

    /// Drops what counting in a bucket drops. Free of cost while the bucket stays the same.
    fn tidy(&mut self, kind: LimitWindow, start: i64) {
        let window = self.window_mut(kind);
        if window.buckets.len() > 1 {
            window.buckets.retain(|bucket, _| *bucket == start);
        }
        if window.tidied.replace(start) == Some(start) || self.others.is_empty() {
            return;
        }
        let (name, bucket) = (kind.as_str(), bucket_name(start));
        self.others.retain(|key, _| match parts(key) {
            Some([of_window, _, of_bucket, _]) => of_window != name || of_bucket == bucket,
            None => false,
        });
    }

    /// All counters, sorted by key.
    fn counters(&self) -> Vec<Counter> {
        let mut counters = Vec::new();
        // In the order of the whole keys, so that sorting below finds nothing to do.
        for window in [LimitWindow::Hour, LimitWindow::Minute] {
            for scope in [LimitScope::Identity, LimitScope::ToolIdentity, LimitScope::Tool] {
                for (start, bucket) in &self.window(window).buckets {
                    let prefix = format!("{}|{}|{}|", window.as_str(), scope.as_str(), bucket_name(*start));
                    let counted = bucket.of(scope).iter();
                    counters
                        .extend(counted.map(|(key, &count)| Counter { key: [&prefix, key.as_str()].concat(), count }));
                }
            }
        }
        counters.extend(self.others.iter().map(|(key, &count)| Counter { key: key.clone(), count }));
        counters.sort_by(|a, b| a.key.cmp(&b.key));
        counters
    }

    const fn window(&self, window: LimitWindow) -> &Window {
        match window {
            LimitWindow::Hour => &self.hour,
            LimitWindow::Minute => &self.minute,
        }
    }

    const fn window_mut(&mut self, window: LimitWindow) -> &mut Window {
        match window {
            LimitWindow::Hour => &mut self.hour,
            LimitWindow::Minute => &mut self.minute,
        }
    }
}

/// Equal states count the same so far, whatever their modes and whatever was looked through.
impl PartialEq for CounterState {
    fn eq(&self, other: &Self) -> bool {
        self.hour.buckets == other.hour.buckets
            && self.minute.buckets == other.minute.buckets
            && self.others == other.others
    }
}

impl Eq for CounterState {}

/// Where a counter of ours belongs.
struct Place<'a> {
    window: LimitWindow,
    scope: LimitScope,
    start: i64,
    scope_key: &'a str,
}

impl<'a> Place<'a> {
    /// Reads a key that a take could have made; `None` for every other text.
    fn of(key: &'a str) -> Option<Self> {
        let [window, scope, bucket, scope_key] = parts(key)?;
        let window = [LimitWindow::Hour, LimitWindow::Minute].into_iter().find(|known| known.as_str() == window)?;
        let scopes = [LimitScope::Identity, LimitScope::ToolIdentity, LimitScope::Tool];
        let scope = scopes.into_iter().find(|known| known.as_str() == scope)?;
        let time = Timestamp::parse(bucket).ok()?;
        let start = bucket_start(window, &time);
        (bucket_name(start) == bucket).then_some(Self { window, scope, start, scope_key })
    }
}

/// The four parts of a counter's key.
fn parts(key: &str) -> Option<[&str; 4]> {
    let mut parts = key.splitn(4, '|');
    Some([parts.next()?, parts.next()?, parts.next()?, parts.next()?])
}

/// The start of the minute or hour that `now` lies in, in Unix seconds.
fn bucket_start(window: LimitWindow, now: &Timestamp) -> i64 {
    let length = match window {
        LimitWindow::Minute => 60,
        LimitWindow::Hour => 3600,
    };
    let start = |seconds: i64| seconds.saturating_sub(seconds.rem_euclid(length));
    // A time whose year in UTC is before 0 or after 9999 has no bucket that can be written: it shares the first or last.
    start(now.unix_seconds().clamp(YEAR_0, YEAR_9999_END))
}

/// 0000-01-01T00:00:00Z.
const YEAR_0: i64 = -62_167_219_200;
/// 9999-12-31T23:59:59Z.
const YEAR_9999_END: i64 = 253_402_300_799;

/// The bucket as it stands in keys.
fn bucket_name(start: i64) -> String {
    Timestamp::from_unix(start, 0).unwrap_or_default().to_string()
}

fn scope_key(scope: LimitScope, tool_name: &str, identity: &str) -> String {
    match scope {
        LimitScope::Tool => tool_name.to_owned(),
        LimitScope::Identity => identity.to_owned(),
        LimitScope::ToolIdentity => [tool_name, "|", identity].concat(),
    }
}

#[cfg(test)]
mod tests;
