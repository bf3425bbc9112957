//! The policy document: reading, normal form, digest, formatting (02 §2, §3, §13), and its compiled form.
//!
//! text → `yaml` tree → records of the file (`source`) → normal form ([`document`]) → digest, YAML text, compiled
//! policy.

pub(crate) mod compile;
mod decode;
mod digest;
pub mod document;
mod error;
mod format;
mod index;
mod legacy;
mod lint;
mod normalize;
mod restore;
mod source;
mod template;
mod yaml;

use std::borrow::Cow;

use gait_base::digest::Digest;

pub use compile::Policy;
pub use document::PolicyDocument;
pub use error::PolicyError;
pub use legacy::{MIGRATION_KIND, REPLACEMENTS, Replacement};
pub use lint::{Lint, lint};
pub use template::Template;
pub use yaml::{Position, YamlDocument, YamlNode, YamlTextError};

use crate::mode::Mode;

impl PolicyDocument {
    /// Reads a policy file: YAML, or JSON as YAML (02 §2). An empty text is a policy of defaults.
    ///
    /// In compat mode an invalid UTF-8 byte reads as U+FFFD; strict mode refuses it, refuses words in `match` that no
    /// intent carries, and refuses integers beyond 2^53, which a digest could not tell apart.
    ///
    /// # Errors
    /// [`PolicyError`], always invalid input; the first fault found.
    ///
    /// ```
    /// use gait_gate::mode::Mode;
    /// use gait_gate::policy::PolicyDocument;
    /// use gait_gate::verdict::Verdict;
    ///
    /// let policy = PolicyDocument::parse(b"default_verdict: block", Mode::Strict)?;
    /// assert_eq!(policy.default_verdict, Verdict::Block);
    /// assert!(policy.rules.is_empty());
    ///
    /// let error = PolicyDocument::parse(b"default_verdcit: block", Mode::Strict).unwrap_err();
    /// assert_eq!(error.to_string(), "policy: unknown field `default_verdcit` at line 1, column 1");
    /// # Ok::<(), gait_gate::policy::PolicyError>(())
    /// ```
    pub fn parse(text: &[u8], mode: Mode) -> Result<Self, PolicyError> {
        let text = decoded(text, mode)?;
        if text.starts_with('\u{FEFF}') {
            let detail = "a byte order mark before the first key".to_owned();
            return Err(PolicyError::Syntax { at: Position { line: 1, column: 1 }, detail });
        }
        let tree = yaml::read(&text, yaml::Limits::POLICY)?;
        let fields = legacy::fields_of(&tree);
        if !fields.is_empty() {
            return Err(PolicyError::LegacyFields { fields });
        }
        let (source, invalid_rule) = match tree.root() {
            Some(root) => decode::Reader::new(&tree, mode).read(root)?,
            None => (source::PolicySource::default(), None),
        };
        let policy = normalize::normalize(source)?;
        invalid_rule.map_or(Ok(policy), Err)
    }

    /// The policy digest (02 §3): equal for policies of equal meaning, however they are written.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest::digest(self)
    }

    /// The policy as YAML text, as `policy fmt` prints it (02 §13). Reading it gives the same digest.
    #[must_use]
    pub fn format(&self) -> String {
        format::format(self)
    }
}

/// The text of a file; each invalid byte is one U+FFFD in compat mode.
fn decoded(bytes: &[u8], mode: Mode) -> Result<Cow<'_, str>, PolicyError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(error) if mode.is_strict() => Err(PolicyError::NotUtf8 { offset: error.valid_up_to() }),
        Err(_) => {
            let mut text = String::with_capacity(bytes.len());
            for chunk in bytes.utf8_chunks() {
                text.push_str(chunk.valid());
                text.extend(std::iter::repeat_n('\u{FFFD}', chunk.invalid().len()));
            }
            Ok(Cow::Owned(text))
        }
    }
}
