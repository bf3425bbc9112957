//! What a command is given and what it gives back: one record, told in two ways.

use gait_base::error::{Category, Classify, ExitCode};
use gait_base::json::{self, Encode, EncodeError, Value};
use gait_gate::mode::Mode;
use gait_gate::policy::{MIGRATION_KIND, PolicyError};
use gait_host::error::HostError;

use crate::args::Arguments;
use crate::text::Text;

/// One call of a command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    /// The arguments.
    pub(crate) args: &'a Arguments,
    /// Written into every artifact and output that names its producer (01 §3.4).
    pub(crate) producer_version: &'a str,
    /// Ties the outputs of one call together (01 §9).
    pub(crate) correlation_id: &'a str,
    /// Whether leniencies are refused (00 D8).
    pub(crate) strict: bool,
}

impl<'a> Call<'a> {
    /// How closely input is looked at.
    pub(crate) const fn mode(&self) -> Mode {
        if self.strict { Mode::Strict } else { Mode::Compat }
    }

    /// Exactly `N` positionals.
    ///
    /// # Errors
    /// The usage error `missing` when there are fewer or more.
    pub(crate) fn positionals<const N: usize>(&self, missing: &str) -> Result<&'a [String; N], Failure> {
        self.args.positionals().try_into().map_err(|_| Failure::usage(missing))
    }
}

/// What a command ends with.
pub(crate) type Answer = Result<Report, Failure>;

/// The stable class of an error, for strict mode (01 §7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Class {
    pub(crate) code: &'static str,
    pub(crate) category: Category,
    pub(crate) retryable: bool,
}

impl Class {
    /// The class of any error of the libraries.
    pub(crate) fn of(error: &dyn Classify) -> Self {
        Self { code: error.code(), category: error.category(), retryable: error.retryable() }
    }
}

/// The result of a command that did what it was asked for, whatever the answer.
#[derive(Debug)]
pub(crate) struct Report {
    /// The record of 01c in struct JSON; nothing for what is text even with `--json`.
    pub(crate) record: Option<Result<Vec<u8>, EncodeError>>,
    /// The same for a person.
    pub(crate) text: Text,
    /// The exit code.
    pub(crate) exit: u8,
    /// The class of the error that the record holds, if it holds one.
    pub(crate) class: Option<Class>,
}

impl Report {
    /// A success.
    pub(crate) fn new<T: Encode>(record: &T, text: Text) -> Self {
        Self { record: Some(json::to_compact(record)), ..Self::page(text) }
    }

    /// A page of help: text even with `--json`.
    pub(crate) const fn page(text: Text) -> Self {
        Self { record: None, text, exit: ExitCode::Ok.code(), class: None }
    }

    /// The same with another exit code.
    pub(crate) fn exit(self, exit: ExitCode) -> Self {
        self.exit_with(exit.code())
    }

    /// The same with the exit code of a child.
    pub(crate) fn exit_with(self, exit: u8) -> Self {
        Self { exit, ..self }
    }

    /// The same with the class of the error that the record holds.
    pub(crate) fn classified(self, error: &dyn Classify) -> Self {
        Self { class: Some(Class::of(error)), ..self }
    }
}

/// A command that could not do what it was asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What went wrong, in words.
    pub(crate) text: String,
    /// The exit code.
    pub(crate) exit: ExitCode,
    /// The class of the error, where it has one of its own.
    pub(crate) class: Option<Class>,
    /// What replaces what the caller used (01 §7.5).
    pub(crate) migration: Option<Box<Migration>>,
    /// Strict mode is on for a reason that arguments and environment do not show.
    pub(crate) strict: bool,
}

impl Failure {
    /// Arguments that make no sense: exit 6.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self { text: text.into(), exit: ExitCode::InvalidInput, class: None, migration: None, strict: false }
    }

    /// A policy that cannot be used.
    pub(crate) fn of_policy(error: &PolicyError) -> Self {
        Self { migration: Migration::of_policy(error).map(Box::new), ..Self::of(error) }
    }

    /// A new file that could not be made by a command that has `--force`.
    pub(crate) fn of_new_file(error: &HostError) -> Self {
        let mut failure = Self::of(error);
        if matches!(error, HostError::Exists { .. }) {
            failure.text.push_str("; --force replaces it");
        }
        failure
    }

    /// An error of the libraries, told with its causes' own words.
    pub(crate) fn of(error: &dyn Classify) -> Self {
        Self { exit: error.category().exit_code(), class: Some(Class::of(error)), ..Self::usage(error.to_string()) }
    }
}

impl<E: Classify> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::of(&error)
    }
}

/// What replaces the fields of an older proposal for policies (01 §7.5).
const POLICY_HINT: &str = "use the repo-root `.gait.yaml` contract: `schema_id`, `schema_version`, `default_verdict`, optional `fail_closed`, optional `mcp_trust`, and `rules`";

/// Guidance from an old spelling to the new one (01 §7.5).
#[derive(Debug)]
pub(crate) struct Migration {
    /// What to do, in one line.
    pub(crate) hint: String,
    /// The `migration` member.
    pub(crate) record: Value,
}

impl Migration {
    /// A policy of an older proposal.
    pub(crate) fn of_policy(error: &PolicyError) -> Option<Self> {
        let text_list = |list: &[&str]| Value::from(list.iter().map(|&item| Value::from(item)).collect::<Vec<_>>());
        let legacy = error.legacy_fields();
        if legacy.is_empty() {
            return None;
        }
        let replacements: Vec<Value> = legacy
            .iter()
            .map(|one| {
                let mut map = json::Map::new();
                map.insert("field".to_owned(), Value::from(one.field));
                if !one.replacement_fields.is_empty() {
                    map.insert("replacement_fields".to_owned(), text_list(one.replacement_fields));
                }
                if !one.note.is_empty() {
                    map.insert("note".to_owned(), Value::from(one.note));
                }
                Value::Object(map)
            })
            .collect();
        let fields: Vec<&str> = legacy.iter().map(|one| one.field).collect();
        let mut record = json::Map::new();
        record.insert("kind".to_owned(), Value::from(MIGRATION_KIND));
        record.insert("deprecated_fields".to_owned(), text_list(&fields));
        record.insert("field_replacements".to_owned(), Value::from(replacements));
        Some(Self { hint: POLICY_HINT.to_owned(), record: Value::Object(record) })
    }

    /// A command that has another name now.
    pub(crate) fn of_command(old: &str, new: &str) -> Failure {
        Self::of_spelling("command", old, new)
    }

    /// A flag that has another name now.
    pub(crate) fn of_flag(old: &str, new: &str) -> Failure {
        Self::of_spelling("flag", old, new)
    }

    fn of_spelling(kind: &str, old: &str, new: &str) -> Failure {
        let record: json::Map =
            [("kind".to_owned(), kind), (format!("deprecated_{kind}"), old), (format!("replacement_{kind}"), new)]
                .map(|(name, value)| (name, Value::from(value)))
                .into_iter()
                .collect();
        Failure {
            migration: Some(Box::new(Self { hint: format!("use `{new}` instead"), record: Value::Object(record) })),
            ..Failure::usage(format!("deprecated {kind} spelling: {old} -> {new}"))
        }
    }
}
