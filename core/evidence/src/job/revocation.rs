//! Lists of identities that may no longer run jobs (05 §16.4).

use gait_base::json::{self, Reading};
use gait_gate::mode::Mode;

use super::error::JobError;

/// The identities of a list, trimmed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revocations(Vec<String>);

gait_base::record! {
    struct Lists {
        revoked_identities: Vec<String>,
        identities: Vec<String>,
    }
}

impl Revocations {
    /// Reads a list: a JSON list of texts, a JSON object with `revoked_identities` or `identities`, or lines, of which
    /// blank ones and those that start with `#` do not count.
    ///
    /// # Errors
    /// [`JobError::Revocations`], in strict mode only: what begins like a JSON list or object but is neither. Otherwise such
    /// a text counts as lines.
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<Self, JobError> {
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim();
        let reading = if mode.is_strict() { Reading::STRICT } else { Reading::COMPAT };
        let mut items = match text.as_bytes().first() {
            None => Vec::new(),
            Some(b'[') => match json::decode(text.as_bytes(), reading) {
                Ok(items) => items,
                Err(error) if mode.is_strict() => return Err(JobError::Revocations(error)),
                Err(_) => lines(text),
            },
            Some(b'{') => match json::decode::<Lists>(text.as_bytes(), reading) {
                Ok(lists) => [lists.revoked_identities, lists.identities].concat(),
                Err(error) if mode.is_strict() => return Err(JobError::Revocations(error)),
                Err(_) => lines(text),
            },
            Some(_) => lines(text),
        };
        items.iter_mut().for_each(gait_base::text::trim_in_place);
        items.retain(|item| !item.is_empty());
        Ok(Self(items))
    }

    /// Whether an identity, trimmed, stands in the list.
    #[must_use]
    pub fn contains(&self, identity: &str) -> bool {
        let identity = identity.trim();
        self.0.iter().any(|item| item == identity)
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<String> {
        Revocations::parse(text.as_bytes(), Mode::Compat).unwrap().0
    }

    #[test]
    fn three_forms_are_read() {
        assert_eq!(list(" \n"), [""; 0]);
        assert_eq!(list("[\" a \", \"b\", \"\"]"), ["a", "b"]);
        assert_eq!(list("{\"identities\": [\"a\"], \"Revoked_Identities\": [\"b\"], \"more\": 1}"), ["b", "a"]);
        assert_eq!(list("{}"), [""; 0]);
        assert_eq!(list("# all\n\n  a  \r\n #b\nc d"), ["a", "c d"]);
    }

    #[test]
    fn what_is_neither_counts_as_lines_unless_strict() {
        assert_eq!(list("[\"a\", 1]"), ["[\"a\", 1]"]);
        assert_eq!(list("\"a\""), ["\"a\""]);
        assert_eq!(list("[\na\n]"), ["[", "a", "]"]);
        for text in ["[\"a\", 1]", "{\"identities\": \"a\"}", "{\"revoked\": []}"] {
            assert!(Revocations::parse(text.as_bytes(), Mode::Strict).is_err(), "{text}");
        }
        assert!(Revocations::parse(b"[\"a\"]", Mode::Strict).unwrap().contains(" a "));
    }
}
