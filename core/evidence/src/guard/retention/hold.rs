//! Legal holds: which files must stay, whatever the caps say.

use gait_base::error::{Category, Classify};
use gait_base::path::clean;
use gait_gate::pattern::PathPattern;

/// A file of this name holds what lies in its folder and below: what it lists, or all of it when it lists nothing.
pub const HOLD_FILE: &str = ".gait-hold";

/// The most bytes of a list.
pub const MAX_HOLD_BYTES: usize = 1 << 20;

/// Why a list cannot be used. Nothing may be removed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoldError {
    /// The list is too large.
    #[error("hold list has more than {MAX_HOLD_BYTES} bytes")]
    TooLarge,
    /// The list is not UTF-8.
    #[error("hold list is not UTF-8")]
    NotText,
    /// A line is no pattern.
    #[error("hold list line {line}: {reason}")]
    Line {
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl Classify for HoldError {
    fn code(&self) -> &'static str {
        "hold_list_malformed"
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}

/// What is under a legal hold.
///
/// A line each; blank ones and those that begin with `#` count for nothing. In a line `*` is any run of characters and `?`
/// any one, both but for `/`. A line without `/` holds files and folders of that name, at any depth; with one, the path
/// below the folder that the list is about, or an absolute path when it begins with `/`. A folder that is held holds
/// everything in it.
///
/// ```
/// use gait_evidence::guard::retention::HoldList;
///
/// let holds = HoldList::parse(b"# case 7\ntrace_ab*.json\n2026/03/\n")?;
/// assert!(holds.holds("x/trace_abc.json", None) && holds.holds("2026/03/y/trace_1.json", None));
/// assert!(!holds.holds("x/trace_b.json", None));
/// # Ok::<(), gait_evidence::guard::retention::HoldError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct HoldList {
    names: Vec<PathPattern>,
    paths: Vec<PathPattern>,
    absolute: Vec<PathPattern>,
}

impl HoldList {
    /// Reads a list.
    ///
    /// # Errors
    /// [`HoldError`]: a line that cannot be understood must not end in a file that is not held.
    pub fn parse(bytes: &[u8]) -> Result<Self, HoldError> {
        if bytes.len() > MAX_HOLD_BYTES {
            return Err(HoldError::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| HoldError::NotText)?;
        let mut list = Self::default();
        for (line, number) in text.trim_start_matches('\u{feff}').lines().zip(1_usize..) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let refused = |reason| HoldError::Line { line: number, reason };
            if line.contains(['[', ']', '\\']) {
                return Err(refused("brackets and backslashes have no meaning here; use * and ?"));
            }
            if line.split('/').any(|part| part == "..") {
                return Err(refused("a path must not climb"));
            }
            let cleaned = clean(line);
            if matches!(cleaned.as_str(), "." | "/") {
                return Err(refused("it names no file or folder; an empty .gait-hold holds a whole folder"));
            }
            let pattern = PathPattern::new(&cleaned);
            if cleaned.starts_with('/') {
                list.absolute.push(pattern);
            } else if line.trim_end_matches('/').contains('/') {
                list.paths.push(pattern);
            } else {
                list.names.push(pattern);
            }
        }
        Ok(list)
    }

    /// Whether the list names nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.paths.is_empty() && self.absolute.is_empty()
    }

    /// Whether a file is held: by its path below the folder that the list is about, and by its absolute path if known.
    #[must_use]
    pub fn holds(&self, path: &str, absolute: Option<&str>) -> bool {
        let by_name = || path.split('/').any(|name| self.names.iter().any(|pattern| pattern.matches(name)));
        let by_path = || hits(&self.paths, path);
        let by_absolute = || absolute.is_some_and(|path| hits(&self.absolute, path));
        by_name() || by_path() || by_absolute()
    }
}

/// Whether a pattern hits a path or a folder above it.
fn hits(patterns: &[PathPattern], path: &str) -> bool {
    if patterns.is_empty() {
        return false;
    }
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    ends.filter_map(|end| path.get(..end))
        .filter(|prefix| !prefix.is_empty())
        .any(|prefix| patterns.iter().any(|pattern| pattern.matches(prefix)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> HoldList {
        HoldList::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn names_hold_at_any_depth() {
        let holds = list("\u{feff}trace_?.json\r\n  case-7/  \n#trace_9x.json\n");
        for held in ["trace_1.json", "a/b/trace_2.json", "case-7/x.zip", "a/case-7/b/x.zip"] {
            assert!(holds.holds(held, None), "{held}");
        }
        for free in ["trace_12.json", "case-77/x.zip", "trace_9x.json", "Trace_1.json"] {
            assert!(!holds.holds(free, None), "{free}");
        }
    }

    #[test]
    fn paths_hold_below_the_folder_of_the_list() {
        let holds = list("./trace_1.json\n2026/*/trace_*.json\n2025/12\n");
        for held in ["trace_1.json", "2026/03/trace_1.json", "2025/12/a/b.zip", "2025/12"] {
            assert!(holds.holds(held, None), "{held}");
        }
        for free in ["2026/trace_1.json", "2026/03/04/trace_1.json", "2025/121/a.zip", "x/2025/12/a.zip"] {
            assert!(!holds.holds(free, None), "{free}");
        }
    }

    #[test]
    fn absolute_paths_hold_where_the_absolute_path_is_known() {
        let holds = list("/srv/evidence/2026\n");
        assert!(holds.holds("2026/a.zip", Some("/srv/evidence/2026/a.zip")));
        assert!(!holds.holds("2026/a.zip", Some("/srv/evidence/20261/a.zip")));
        assert!(!holds.holds("srv/evidence/2026/a.zip", Some("/x/srv/evidence/2026/a.zip")));
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        for bad in ["trace_[ab].json", "a\\b", "../x", "a/../b", ".", "/", "./"] {
            assert!(matches!(HoldList::parse(bad.as_bytes()), Err(HoldError::Line { line: 1, .. })), "{bad}");
        }
        assert_eq!(HoldList::parse(&[0xff]).unwrap_err(), HoldError::NotText);
        assert_eq!(HoldList::parse(&vec![b'\n'; MAX_HOLD_BYTES + 1]).unwrap_err(), HoldError::TooLarge);
        assert!(list("# nothing\n\n").is_empty());
    }
}
