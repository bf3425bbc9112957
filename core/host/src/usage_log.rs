//! The usage logs that a person may switch on: which commands ran, how they ended, how long they took (01 §12).
//!
//! Nothing here changes a command's output or exit code: what cannot be written becomes a warning.

use std::collections::BTreeMap;
use std::time::Instant;

use gait_base::error::{Category, ExitCode};
use gait_base::json::{self, Encode};
use gait_base::text::trim_fold;

use crate::clock::Clock;
use crate::environment::{architecture, operating_system};
use crate::fs::{PRIVATE, append_line, write_atomic};

mod event;

use event::{ADOPTION, HEALTH, OPERATIONAL, VERSION};
pub use event::{AdoptionEvent, AdoptionFault, EventEnvironment, OperationalEvent, StreamHealth, TelemetryHealth};

/// Commands whose second word belongs to their name.
const GROUPS: [&str; 26] = [
    "approve-script",
    "capture",
    "check",
    "contract",
    "delegate",
    "doctor",
    "enforce",
    "gate",
    "gateway",
    "guard",
    "incident",
    "init",
    "job",
    "keys",
    "list-scripts",
    "mcp",
    "pack",
    "policy",
    "regress",
    "registry",
    "report",
    "run",
    "scout",
    "test",
    "ui",
    "voice",
];

/// Where the logs go, as the environment says. A blank path switches its log off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageSettings {
    adoption: Option<String>,
    workflow: String,
    operational: Option<String>,
    health: Option<String>,
    silent: bool,
}

impl UsageSettings {
    /// The settings that `lookup` gives.
    #[must_use]
    pub fn from_environment(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let trimmed = |name: &str| lookup(name).map(|value| value.trim().to_owned()).unwrap_or_default();
        let path = |name: &str| Some(trimmed(name)).filter(|path| !path.is_empty());
        Self {
            adoption: path("GAIT_ADOPTION_LOG"),
            workflow: trimmed("GAIT_ADOPTION_WORKFLOW"),
            operational: path("GAIT_OPERATIONAL_LOG"),
            health: path("GAIT_TELEMETRY_HEALTH_PATH"),
            silent: trim_fold(&trimmed("GAIT_TELEMETRY_WARN")) == "off",
        }
    }

    /// Whether anything is written at all.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.adoption.is_some() || self.operational.is_some()
    }
}

/// The usage logs of one run of a command.
pub struct UsageLog<'c> {
    settings: UsageSettings,
    clock: &'c dyn Clock,
    started: Instant,
    producer_version: String,
    correlation_id: String,
    command: String,
    health: BTreeMap<String, StreamHealth>,
    warnings: Vec<String>,
}

impl<'c> UsageLog<'c> {
    /// Writes the start event. `arguments` begins with the program's name.
    #[must_use]
    pub fn start<S: AsRef<str>>(
        settings: UsageSettings,
        clock: &'c dyn Clock,
        producer_version: &str,
        correlation_id: &str,
        arguments: &[S],
    ) -> Self {
        let mut log = Self {
            settings,
            clock,
            started: Instant::now(),
            producer_version: producer_version.to_owned(),
            correlation_id: correlation_id.to_owned(),
            command: command_name(arguments),
            health: BTreeMap::new(),
            warnings: Vec::new(),
        };
        if log.settings.operational.is_some() {
            let event = log.operational_event("start", 0, 0);
            log.write("operational_start", log.settings.operational.clone(), &event);
            log.write_health();
        }
        log
    }

    /// Writes what belongs to the end of the command: first the adoption event, then the end event.
    pub fn finish(&mut self, exit_code: u8) {
        if !self.settings.is_on() {
            return;
        }
        let elapsed_ms = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        let adoption = AdoptionEvent {
            schema_id: ADOPTION.to_owned(),
            schema_version: VERSION.to_owned(),
            created_at: self.clock.now(),
            producer_version: self.producer_version.clone(),
            command: self.command.clone(),
            workflow_id: self.settings.workflow.clone(),
            success: exit_code == 0,
            exit_code: exit_code.into(),
            elapsed_ms,
            milestones: milestones(&self.command, exit_code),
            environment: environment(),
        };
        self.write("adoption", self.settings.adoption.clone(), &adoption);
        let operational = self.operational_event("end", exit_code, elapsed_ms);
        self.write("operational_end", self.settings.operational.clone(), &operational);
        self.write_health();
    }

    /// The warnings since the last call, for standard error.
    pub fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    fn operational_event(&self, phase: &str, exit_code: u8, elapsed_ms: i64) -> OperationalEvent {
        let category = category_of_exit(exit_code);
        OperationalEvent {
            schema_id: OPERATIONAL.to_owned(),
            schema_version: VERSION.to_owned(),
            created_at: self.clock.now(),
            producer_version: self.producer_version.clone(),
            correlation_id: self.correlation_id.clone(),
            command: self.command.clone(),
            phase: phase.to_owned(),
            exit_code: exit_code.into(),
            error_category: category.map_or("none", Category::as_str).to_owned(),
            retryable: category.is_some_and(Category::retryable),
            elapsed_ms,
            environment: environment(),
        }
    }

    fn write<T: Encode>(&mut self, stream: &str, path: Option<String>, event: &T) {
        let Some(path) = path else { return };
        let outcome = match json::to_compact(event) {
            Ok(line) => append_line(path, &line, PRIVATE).map(|_| ()).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let health = self.health.entry(stream.to_owned()).or_default();
        health.attempts += 1;
        match outcome {
            Ok(()) => health.success += 1,
            Err(error) => {
                health.failed += 1;
                self.warn(stream, &error);
            }
        }
    }

    fn write_health(&mut self) {
        let Some(path) = self.settings.health.clone() else { return };
        let health = TelemetryHealth {
            schema_id: HEALTH.to_owned(),
            schema_version: VERSION.to_owned(),
            created_at: self.clock.now(),
            producer_version: self.producer_version.clone(),
            streams: self.health.clone(),
        };
        let outcome = match json::to_indented(&health) {
            Ok(text) => write_atomic(path, &text, PRIVATE).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = outcome {
            self.warn("health", &error);
        }
    }

    fn warn(&mut self, stream: &str, error: &str) {
        if !self.settings.silent {
            self.warnings.push(format!("gait warning: telemetry stream={stream} write failed: {error}"));
        }
    }
}

fn environment() -> EventEnvironment {
    EventEnvironment { os: operating_system().to_owned(), arch: architecture().to_owned() }
}

fn milestones(command: &str, exit_code: u8) -> Vec<String> {
    let milestone = match command {
        "demo" => "A1",
        "verify" => "A2",
        "regress init" => "A3",
        "regress run" => "A4",
        _ => return Vec::new(),
    };
    if exit_code == 0 { vec![milestone.to_owned()] } else { Vec::new() }
}

/// What an exit code stands for; codes of wrapped commands count as internal failures unless they are ours.
fn category_of_exit(exit_code: u8) -> Option<Category> {
    let known = [
        ExitCode::Ok,
        ExitCode::VerificationFailed,
        ExitCode::PolicyBlocked,
        ExitCode::ApprovalRequired,
        ExitCode::InvalidInput,
        ExitCode::DependencyMissing,
    ];
    known.into_iter().find(|known| known.code() == exit_code).unwrap_or(ExitCode::InternalFailure).default_category()
}

/// The name of a command in the logs. `arguments` begins with the program's name.
#[must_use]
pub fn command_name<S: AsRef<str>>(arguments: &[S]) -> String {
    let Some(first) = arguments.get(1) else { return "version".to_owned() };
    let name = match first.as_ref().trim() {
        "" => "unknown",
        "--help" | "-h" | "help" => "help",
        "--version" | "-v" | "version" => "version",
        "--explain" => "explain",
        other => other,
    };
    let second = arguments.get(2).map_or("", |second| second.as_ref().trim());
    let in_group = GROUPS.contains(&name);
    if in_group && !second.is_empty() && !second.starts_with('-') {
        format!("{name} {second}")
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use gait_base::json::Reading;
    use gait_base::time::Timestamp;

    use super::*;
    use crate::clock::FixedClock;

    fn settings(pairs: &[(&str, &str)]) -> UsageSettings {
        UsageSettings::from_environment(|name| {
            pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn names_of_commands() {
        for (arguments, name) in [
            (&["gait"][..], "version"),
            (&["gait", " "], "unknown"),
            (&["gait", "-h", "x"], "help"),
            (&["gait", "-v"], "version"),
            (&["gait", "verify", "chain"], "verify"),
            (&["gait", "run", "session", "start"], "run session"),
            (&["gait", " voice ", " token "], "voice token"),
            (&["gait", "gate", "--json"], "gate"),
            (&["gait", "gate", " "], "gate"),
            (&["gait", "bogus", "x"], "bogus"),
        ] {
            assert_eq!(command_name(arguments), name);
        }
    }

    #[test]
    fn a_run_leaves_its_lines_and_its_health() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let settings = settings(&[
            ("GAIT_ADOPTION_LOG", &format!(" {} ", at("logs/adoption.jsonl"))),
            ("GAIT_OPERATIONAL_LOG", &at("logs/operational.jsonl")),
            ("GAIT_TELEMETRY_HEALTH_PATH", &at("health.json")),
            ("GAIT_ADOPTION_WORKFLOW", " flow-1 "),
        ]);
        let clock = FixedClock::new(Timestamp::EPOCH_1980);
        let mut log = UsageLog::start(settings, &clock, "1.2.3", "abc", &["gait", "verify", "run_x"]);
        log.finish(0);
        assert!(log.take_warnings().is_empty());
        let line = std::fs::read(at("logs/adoption.jsonl")).unwrap();
        let event = AdoptionEvent::parse(&line).unwrap();
        assert_eq!((event.command.as_str(), event.workflow_id.as_str(), event.exit_code), ("verify", "flow-1", 0));
        assert_eq!(event.milestones, ["A2"]);
        let lines = std::fs::read_to_string(at("logs/operational.jsonl")).unwrap();
        let phases: Vec<_> = lines
            .lines()
            .map(|line| json::decode::<OperationalEvent>(line.as_bytes(), Reading::CLOSED).unwrap())
            .map(|event| (event.phase, event.correlation_id, event.error_category))
            .collect();
        assert_eq!(
            phases,
            [("start", "abc", "none"), ("end", "abc", "none")].map(|(a, b, c)| (a.into(), b.into(), c.into()))
        );
        let health: TelemetryHealth =
            json::decode(&std::fs::read(at("health.json")).unwrap(), Reading::CLOSED).unwrap();
        assert_eq!(health.streams.keys().collect::<Vec<_>>(), ["adoption", "operational_end", "operational_start"]);
        assert!(health.streams.values().all(|stream| (stream.attempts, stream.success, stream.failed) == (1, 1, 0)));
    }

    #[test]
    fn failures_warn_unless_silenced() {
        let broken = [("GAIT_ADOPTION_LOG", "../outside.jsonl")];
        let clock = FixedClock::new(Timestamp::EPOCH_1980);
        let mut log = UsageLog::start(settings(&broken), &clock, "1", "c", &["gait"]);
        log.finish(1);
        assert!(log.take_warnings()[0].starts_with("gait warning: telemetry stream=adoption write failed: "));
        let silent = [broken[0], ("GAIT_TELEMETRY_WARN", " OFF ")];
        let mut log = UsageLog::start(settings(&silent), &clock, "1", "c", &["gait"]);
        log.finish(1);
        assert!(log.take_warnings().is_empty());
        assert!(!settings(&[("GAIT_ADOPTION_LOG", " "), ("GAIT_TELEMETRY_HEALTH_PATH", "x")]).is_on());
    }

    #[test]
    fn categories_follow_the_exit_code() {
        for (exit, category) in
            [(1, "internal_failure"), (2, "verification_failed"), (5, "internal_failure"), (77, "internal_failure")]
        {
            assert_eq!(category_of_exit(exit).map(Category::as_str), Some(category));
        }
        assert_eq!(category_of_exit(0), None);
    }
}
