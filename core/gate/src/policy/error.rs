//! Why a text is no policy.

use gait_base::error::{Category, Classify};

use super::legacy::Replacement;
use super::yaml::{Position, YamlError, YamlFault};

/// Why a text is no policy. All of it is invalid input (02 §2.5).
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The text is not UTF-8 (strict mode only).
    #[error("policy: the text is not UTF-8 from byte {offset} on")]
    NotUtf8 {
        /// Where the first invalid byte stands.
        offset: usize,
    },
    /// The text is not well-formed YAML.
    #[error("policy: {detail} at {at}")]
    Syntax {
        /// Where.
        at: Position,
        /// What is wrong.
        detail: String,
    },
    /// The text costs more than any policy should.
    #[error("policy: too large at {at}: {what}")]
    TooLarge {
        /// Where the limit was passed.
        at: Position,
        /// What there is too much of.
        what: &'static str,
    },
    /// A key stands twice in one mapping.
    #[error("policy: duplicate key `{key}` at {at}")]
    DuplicateKey {
        /// Where it stands again.
        at: Position,
        /// The key.
        key: String,
    },
    /// A mapping has a key that is no string.
    #[error("policy: {}the key `{key}` at {at} is not a string", prefix(.path))]
    NonStringKey {
        /// Where.
        at: Position,
        /// The mapping that holds it; empty for the root.
        path: String,
        /// The key.
        key: String,
    },
    /// A key that no field has.
    #[error("policy: {}unknown field `{field}` at {at}", prefix(.path))]
    UnknownField {
        /// Where.
        at: Position,
        /// The mapping that holds it; empty for the root.
        path: String,
        /// The key.
        field: String,
    },
    /// A value of another type than the field's.
    #[error("policy: {}expected {expected}, found {found} at {at}", prefix(.path))]
    WrongType {
        /// Where.
        at: Position,
        /// The field; empty for the root.
        path: String,
        /// What the field takes.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A number that the field cannot hold.
    #[error("policy: {}`{value}` is out of range at {at}", prefix(.path))]
    OutOfRange {
        /// Where.
        at: Position,
        /// The field.
        path: String,
        /// The number as written.
        value: String,
    },
    /// Fields of an older proposal.
    #[error("legacy policy proposal fields are not supported [{}]", .fields.iter().map(|legacy| legacy.field).collect::<Vec<_>>().join(", "))]
    LegacyFields {
        /// The fields found, with what replaces them.
        fields: Vec<&'static Replacement>,
    },
    /// A root setting that cannot be.
    #[error("policy: {setting}: {problem}")]
    InvalidSetting {
        /// The field.
        setting: String,
        /// What is wrong with which value.
        problem: String,
    },
    /// A setting of a rule that cannot be.
    #[error("policy: rule `{rule}`: {setting}: {problem}")]
    InvalidRule {
        /// The rule's name.
        rule: String,
        /// The field.
        setting: String,
        /// What is wrong with which value.
        problem: String,
    },
    /// A rule without a name.
    #[error("policy: rules[{index}]: a rule name is required")]
    UnnamedRule {
        /// Its place in the file, from 0.
        index: usize,
    },
}

fn prefix(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("{path}: ") }
}

impl PolicyError {
    /// Where in the text the error lies, when it lies at one place.
    #[must_use]
    pub const fn position(&self) -> Option<Position> {
        match self {
            Self::Syntax { at, .. }
            | Self::TooLarge { at, .. }
            | Self::DuplicateKey { at, .. }
            | Self::NonStringKey { at, .. }
            | Self::UnknownField { at, .. }
            | Self::WrongType { at, .. }
            | Self::OutOfRange { at, .. } => Some(*at),
            _ => None,
        }
    }

    /// The legacy fields found, with what replaces them (02 §2.6); empty for every other error.
    #[must_use]
    pub fn legacy_fields(&self) -> &[&'static Replacement] {
        match self {
            Self::LegacyFields { fields } => fields,
            _ => &[],
        }
    }
}

impl From<YamlError> for PolicyError {
    fn from(error: YamlError) -> Self {
        let at = error.at;
        match error.fault {
            YamlFault::Syntax(detail) => Self::Syntax { at, detail },
            YamlFault::DuplicateKey(key) => Self::DuplicateKey { at, key },
            YamlFault::ComplexKey => Self::Syntax { at, detail: "a mapping or list as a key".to_owned() },
            YamlFault::TooLarge(what) => Self::TooLarge { at, what },
        }
    }
}

impl Classify for PolicyError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotUtf8 { .. } | Self::Syntax { .. } => "policy_syntax",
            Self::TooLarge { .. } => "policy_too_large",
            Self::DuplicateKey { .. } => "policy_duplicate_key",
            Self::NonStringKey { .. } => "policy_non_string_key",
            Self::UnknownField { .. } => "policy_unknown_field",
            Self::WrongType { .. } => "policy_wrong_type",
            Self::LegacyFields { .. } => "policy_legacy_fields",
            Self::OutOfRange { .. }
            | Self::InvalidSetting { .. }
            | Self::InvalidRule { .. }
            | Self::UnnamedRule { .. } => "policy_invalid_value",
        }
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}
