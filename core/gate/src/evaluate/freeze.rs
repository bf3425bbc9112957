//! Is this a time in which a rule is stricter? (03 §7)
//!
//! Zone and times are resolved once, when the policy is compiled. What cannot be resolved does not fail the policy: it
//! becomes a decision of status `invalid`, which blocks, at the place where the evaluation meets it.

use gait_base::text;
use gait_base::time::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::finding::FreezeWindowDecision;
use crate::intent::Context;
use crate::policy::document::{FreezeWindow, Window};
use crate::verdict::Verdict;

const INACTIVE: &str = "inactive";
const ACTIVE: &str = "active";
const INVALID: &str = "invalid";

/// The first and last second of the years that a time can be written in, as Unix seconds.
const WRITABLE_SECONDS: (i64, i64) = (-62_167_219_200, 253_402_300_799);

/// The freeze windows of a rule, resolved to instants.
#[derive(Clone, Debug)]
pub(crate) struct CompiledFreeze {
    timezone: String,
    effect: Verdict,
    reason: String,
    environments: Vec<String>,
    risk_classes: Vec<String>,
    /// None when the zone is unknown.
    windows: Option<Vec<CompiledWindow>>,
}

#[derive(Clone, Debug)]
struct CompiledWindow {
    name: String,
    /// Start (inclusive) and end (exclusive) in UTC; none when they are no times or in the wrong order.
    span: Option<(Timestamp, Timestamp)>,
}

impl CompiledFreeze {
    /// Resolves zone and windows against the time zone database that comes with the program.
    ///
    /// `zone` is the IANA name of the rule's zone; none when the rule means the machine's and nobody knows it.
    pub(crate) fn compile(rule: &FreezeWindow, zone: Option<&str>) -> Self {
        let windows = zone.and_then(find_zone).map(|zone| {
            let compile = |window: &Window| CompiledWindow {
                name: window.name.clone(),
                span: resolve(&zone, &window.start, &window.end),
            };
            rule.windows.iter().map(compile).collect()
        });
        Self {
            timezone: rule.timezone.clone(),
            effect: rule.effect,
            reason: rule.reason.clone(),
            environments: rule.environments.clone(),
            risk_classes: rule.risk_classes.clone(),
            windows,
        }
    }

    /// What the windows say about an action of this context at `now`.
    pub(crate) fn decide(&self, context: &Context, now: &Timestamp) -> FreezeWindowDecision {
        let mut decision = FreezeWindowDecision {
            status: INACTIVE.to_owned(),
            effect: self.effect.as_str().to_owned(),
            timezone: self.timezone.clone(),
            evaluated_at: now.to_utc().unwrap_or(*now),
            ..FreezeWindowDecision::default()
        };
        let concerns = |list: &[String], value| list.is_empty() || list.iter().any(|item| text::folds_to(value, item));
        if !concerns(&self.environments, &context.environment) || !concerns(&self.risk_classes, &context.risk_class) {
            return decision;
        }
        let Some(windows) = &self.windows else {
            decision.status = INVALID.to_owned();
            decision.reason = "freeze window timezone could not be loaded".to_owned();
            decision.reason_code = "freeze_window_invalid_timezone".to_owned();
            return decision;
        };
        for window in windows {
            let Some((start, end)) = &window.span else {
                decision.status = INVALID.to_owned();
                decision.window_name.clone_from(&window.name);
                decision.reason = "freeze window has an invalid range".to_owned();
                decision.reason_code = "freeze_window_invalid_window".to_owned();
                return decision;
            };
            if !now.is_before(start) && now.is_before(end) {
                decision.status = ACTIVE.to_owned();
                decision.window_name.clone_from(&window.name);
                decision.window_start = *start;
                decision.window_end = *end;
                decision.reason.clone_from(if self.reason.is_empty() { &window.name } else { &self.reason });
                decision.reason_code = format!("freeze_window_active_{}", self.effect);
                return decision;
            }
        }
        decision
    }
}

/// A zone by its exact name; the database would also take other spellings of it.
fn find_zone(name: &str) -> Option<TimeZone> {
    let zone = TimeZoneDatabase::bundled().get(name).ok()?;
    (zone.iana_name() == Some(name) && !zone.is_unknown()).then_some(zone)
}

fn resolve(zone: &TimeZone, start: &str, end: &str) -> Option<(Timestamp, Timestamp)> {
    let instant = |text: &str| {
        // A local time is an RFC 3339 time without its zone; read as UTC it names the seconds on the wall.
        let wall = Timestamp::parse(&format!("{text}Z")).ok()?;
        Some((instant_of_wall(zone, wall.unix_seconds()), wall.nanos()))
    };
    let (start, end) = (instant(start)?, instant(end)?);
    if end <= start {
        return None;
    }
    Some((written(start), written(end)))
}

/// The Unix seconds of a wall time, given as the Unix seconds it would have in UTC.
///
/// Two looks at the zone decide, also for times that do not exist or exist twice: the offset at the wall time read as
/// UTC gives a first guess, the offset at that guess the answer.
fn instant_of_wall(zone: &TimeZone, wall: i64) -> i64 {
    let guess = wall - offset_at(zone, wall);
    wall - offset_at(zone, guess)
}

fn offset_at(zone: &TimeZone, seconds: i64) -> i64 {
    let nearest = if seconds < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
    let instant = jiff::Timestamp::from_second(seconds).unwrap_or(nearest);
    i64::from(zone.to_offset(instant).seconds())
}

/// The instant as a time; one whose UTC year cannot be written becomes the nearest that can.
fn written((seconds, nanos): (i64, u32)) -> Timestamp {
    let (first, last) = WRITABLE_SECONDS;
    let fallback = if seconds < first { (first, 0) } else { (last, 999_999_999) };
    let within = |(seconds, nanos)| Timestamp::from_unix(seconds, nanos).ok();
    within((seconds, nanos)).or_else(|| within(fallback)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(name: &str, start: &str, end: &str) -> Window {
        Window { name: name.to_owned(), start: start.to_owned(), end: end.to_owned() }
    }

    fn rule(timezone: &str, windows: Vec<Window>) -> FreezeWindow {
        FreezeWindow {
            timezone: timezone.to_owned(),
            effect: Verdict::Block,
            reason: String::new(),
            environments: Vec::new(),
            risk_classes: Vec::new(),
            windows,
        }
    }

    fn compile(rule: &FreezeWindow) -> CompiledFreeze {
        CompiledFreeze::compile(rule, Some(&rule.timezone))
    }

    fn decide_at(freeze: &CompiledFreeze, now: &str) -> FreezeWindowDecision {
        freeze.decide(&Context::default(), &at(now))
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    /// The start of a window in this zone, or nothing when it is invalid.
    fn start(timezone: &str, start: &str) -> Option<String> {
        let freeze = compile(&rule(timezone, vec![window("w", start, "9000-01-01T00:00:00")]));
        freeze.windows.unwrap()[0].span.map(|(start, _)| start.to_string())
    }

    #[test]
    fn wall_times_become_instants() {
        let table = [
            ("UTC", "2026-01-01T00:00:00", "2026-01-01T00:00:00Z"),
            ("Europe/Berlin", "2026-07-01T00:00:00", "2026-06-30T22:00:00Z"),
            ("America/Toronto", "2026-03-10T09:00:00", "2026-03-10T13:00:00Z"),
            ("America/New_York", "2026-03-08T02:30:00", "2026-03-08T06:30:00Z"),
            ("America/New_York", "2026-11-01T01:30:00", "2026-11-01T05:30:00Z"),
            ("Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:30:00Z"),
            ("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T01:30:00Z"),
            ("Europe/London", "2026-10-25T01:30:00", "2026-10-25T01:30:00Z"),
            ("Europe/London", "2026-10-25T00:30:00", "2026-10-24T23:30:00Z"),
            ("EST", "2026-07-01T00:00:00", "2026-07-01T05:00:00Z"),
            ("Asia/Kolkata", "2026-07-01T00:00:00", "2026-06-30T18:30:00Z"),
            ("Europe/Berlin", "2080-07-01T00:00:00", "2080-06-30T22:00:00Z"),
            ("UTC", "2026-01-01T8:00:00,5", "2026-01-01T08:00:00.5Z"),
            ("UTC", "2026-01-01T08:00:00.25", "2026-01-01T08:00:00.25Z"),
            ("Asia/Tokyo", "0000-01-01T00:00:00", "0000-01-01T00:00:00Z"),
        ];
        for (zone, wall, expected) in table {
            assert_eq!(start(zone, wall).as_deref(), Some(expected), "{wall} in {zone}");
        }
        for wall in ["", "x", "2026-01-01", "2026-01-01 00:00:00", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00+01:00"]
        {
            assert_eq!(start("UTC", wall), None, "{wall}");
        }
    }

    #[test]
    fn zone_names_are_exact() {
        for name in ["UTC", "EST", "Europe/Berlin", "America/New_York", "Etc/UTC"] {
            assert!(find_zone(name).is_some(), "{name}");
        }
        for name in
            ["utc", "europe/berlin", "Mars/Base", "../UTC", "/UTC", "Europe\\Berlin", "", "Etc/Unknown", "Local"]
        {
            assert!(find_zone(name).is_none(), "{name}");
        }
    }

    #[test]
    fn start_is_inclusive_and_end_exclusive() {
        let windows = vec![window("q-end", "2026-03-10T09:00:00", "2026-03-10T12:00:00")];
        let freeze = compile(&rule("America/Toronto", windows));
        let status = |now| freeze.decide(&Context::default(), &at(now)).status;
        assert_eq!(status("2026-03-10T12:59:59.999999999Z"), "inactive");
        assert_eq!(status("2026-03-10T13:00:00Z"), "active");
        assert_eq!(status("2026-03-10T15:59:59.999Z"), "active");
        assert_eq!(status("2026-03-10T12:00:00-04:00"), "inactive");
    }

    #[test]
    fn an_active_window_tells_what_it_is() {
        let mut rule = rule("America/Toronto", vec![window("q-end", "2026-03-10T09:00:00", "2026-03-10T12:00:00")]);
        let decide = |rule: &FreezeWindow| {
            let freeze = compile(rule);
            decide_at(&freeze, "2026-03-10T15:00:00+01:00")
        };
        let decision = decide(&rule);
        let expected = FreezeWindowDecision {
            status: "active".to_owned(),
            effect: "block".to_owned(),
            timezone: "America/Toronto".to_owned(),
            evaluated_at: at("2026-03-10T14:00:00Z"),
            window_name: "q-end".to_owned(),
            window_start: at("2026-03-10T13:00:00Z"),
            window_end: at("2026-03-10T16:00:00Z"),
            reason: "q-end".to_owned(),
            reason_code: "freeze_window_active_block".to_owned(),
        };
        assert_eq!(decision, expected);
        rule.effect = Verdict::RequireApproval;
        rule.reason = "quarter end".to_owned();
        let decision = decide(&rule);
        assert_eq!(decision.effect, "require_approval");
        assert_eq!(decision.reason, "quarter end");
        assert_eq!(decision.reason_code, "freeze_window_active_require_approval");
    }

    #[test]
    fn what_cannot_be_resolved_blocks_where_it_is_met() {
        let windows = || vec![window("good", "2026-03-10T09:00:00", "2026-03-10T12:00:00"), window("bad", "x", "y")];
        let mut lenient = rule("UTC", windows());
        lenient.effect = Verdict::RequireApproval;
        let freeze = compile(&lenient);
        assert_eq!(decide_at(&freeze, "2026-03-10T10:00:00Z").status, "active");
        let outside = decide_at(&freeze, "2026-03-10T13:00:00Z");
        assert_eq!((outside.status.as_str(), outside.window_name.as_str()), ("invalid", "bad"));
        assert_eq!(outside.reason, "freeze window has an invalid range");
        assert_eq!(outside.reason_code, "freeze_window_invalid_window");
        assert!(outside.window_start.is_zero());

        for (first, last) in
            [("2026-03-10T12:00:00", "2026-03-10T12:00:00"), ("2026-03-11T00:00:00", "2026-03-10T12:00:00")]
        {
            let freeze = compile(&rule("UTC", vec![window("w", first, last)]));
            assert_eq!(freeze.decide(&Context::default(), &at("2026-03-10T12:00:00Z")).status, "invalid");
        }

        let freeze = compile(&rule("Mars/Base", windows()));
        let decision = decide_at(&freeze, "2026-03-10T10:00:00Z");
        assert_eq!(decision.status, "invalid");
        assert_eq!(decision.reason, "freeze window timezone could not be loaded");
        assert_eq!(decision.reason_code, "freeze_window_invalid_timezone");
        assert_eq!(decision.window_name, "");
    }

    #[test]
    fn environments_and_risk_classes_narrow_even_what_is_invalid() {
        let mut narrowed = rule("Mars/Base", vec![window("w", "x", "y")]);
        narrowed.environments = vec!["prod".to_owned()];
        narrowed.risk_classes = vec!["high".to_owned()];
        let freeze = compile(&narrowed);
        let status = |environment: &str, risk_class: &str| {
            let context = Context {
                environment: environment.to_owned(),
                risk_class: risk_class.to_owned(),
                ..Context::default()
            };
            freeze.decide(&context, &at("2026-03-10T10:00:00Z")).status
        };
        assert_eq!(status("Prod", "high"), "invalid");
        assert_eq!(status("dev", "high"), "inactive");
        assert_eq!(status("prod", "low"), "inactive");
        assert_eq!(status("", ""), "inactive");
    }

    #[test]
    fn local_is_the_zone_that_the_caller_names() {
        let local = rule("Local", vec![window("w", "2026-07-01T00:00:00", "2026-07-02T00:00:00")]);
        let decide =
            |zone| CompiledFreeze::compile(&local, zone).decide(&Context::default(), &at("2026-06-30T23:00:00Z"));
        let decision = decide(Some("Europe/Berlin"));
        assert_eq!((decision.status.as_str(), decision.timezone.as_str()), ("active", "Local"));
        assert_eq!(decide(Some("UTC")).status, "inactive");
        assert_eq!(decide(None).reason_code, "freeze_window_invalid_timezone");
        assert_eq!(decide(Some("Nowhere/X")).status, "invalid");
    }

    #[test]
    fn a_freeze_without_an_end_in_sight() {
        let windows = vec![window("forever", "2026-01-01T00:00:00", "9999-12-31T23:59:59")];
        let freeze = compile(&rule("America/New_York", windows));
        let decision = freeze.decide(&Context::default(), &at("2026-03-10T10:00:00Z"));
        assert_eq!(decision.status, "active");
        assert_eq!(decision.window_end.to_string(), "9999-12-31T23:59:59.999999999Z");
    }
}
