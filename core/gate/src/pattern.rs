//! Patterns of endpoint rules: which paths and domains they hit (02 §7.2).
//!
//! Compiled once, matched without an allocation. A star is tried from its shortest run on and never taken up again once
//! a later star matched: that is the contract's matching (Go's `path.Match`), and it bounds the work to pattern times
//! value.

use std::borrow::Cow;

use gait_base::text::fold;

/// A pattern of a path allow or deny list.
///
/// ```
/// use gait_gate::pattern::PathPattern;
///
/// assert!(PathPattern::new("/repo/**").matches("/repo/src/main.rs"));
/// assert!(PathPattern::new("/repo/*.txt").matches("/repo/a.txt"));
/// assert!(!PathPattern::new("/repo/*").matches("/repo/src/main.rs"));
/// ```
#[derive(Clone, Debug)]
pub struct PathPattern {
    text: String,
    glob: Option<Glob>,
}

impl PathPattern {
    /// Compiles a pattern. A malformed one is no error: it hits nothing but its own text.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        Self { text: pattern.to_owned(), glob: Glob::compile(pattern) }
    }

    /// Whether `path` is hit. Letters count as they stand, and `..` is a name like any other.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        path == self.text
            || self.text.strip_suffix("/**").is_some_and(|folder| lies_in(path, folder))
            || self.glob.as_ref().is_some_and(|glob| glob.matches(path))
    }
}

fn lies_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A pattern of a domain allow or deny list; letter case does not count.
///
/// ```
/// use gait_gate::pattern::DomainPattern;
///
/// let pattern = DomainPattern::new("*.Example.com");
/// assert!(pattern.matches("a.b.example.COM"));
/// assert!(!pattern.matches("example.com"));
/// ```
#[derive(Clone, Debug)]
pub struct DomainPattern {
    text: String,
    glob: Option<Glob>,
}

impl DomainPattern {
    /// Compiles a pattern. A malformed one is no error: it hits nothing but its own text.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        let text = fold(pattern);
        Self { glob: Glob::compile(&text), text }
    }

    /// Whether `domain` is hit.
    #[must_use]
    pub fn matches(&self, domain: &str) -> bool {
        // Domains of normalized targets are folded already.
        let lower = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
        let domain = if domain.bytes().all(lower) { Cow::Borrowed(domain) } else { fold(domain).into() };
        *domain == self.text
            || self.text.strip_prefix('*').is_some_and(|suffix| suffix.starts_with('.') && domain.ends_with(suffix))
            || self.glob.as_ref().is_some_and(|glob| glob.matches(&domain))
    }
}

/// A compiled glob. Texts without `*`, `?`, `[` and `\` have none: equality is all there is to them.
#[derive(Clone, Debug)]
struct Glob(Vec<Piece>);

#[derive(Clone, Debug)]
enum Piece {
    /// A byte of the pattern that stands for itself.
    Byte(u8),
    /// Any run without a slash.
    Star,
    /// One character but a slash.
    Any,
    /// One character of these ranges, or with `negated` one of none of them, a slash included.
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Glob {
    /// Nothing when the pattern is malformed or has no special character.
    fn compile(pattern: &str) -> Option<Self> {
        if !pattern.contains(['*', '?', '[', '\\']) {
            return None;
        }
        let mut pieces = Vec::with_capacity(pattern.len());
        let mut rest = pattern.chars();
        while let Some(c) = rest.next() {
            match c {
                '*' if matches!(pieces.last(), Some(Piece::Star)) => {}
                '*' => pieces.push(Piece::Star),
                '?' => pieces.push(Piece::Any),
                '[' => pieces.push(class(&mut rest)?),
                '\\' => push_literal(&mut pieces, rest.next()?),
                literal => push_literal(&mut pieces, literal),
            }
        }
        Some(Self(pieces))
    }

    /// Whether the glob hits all of `text`.
    fn matches(&self, text: &str) -> bool {
        let (mut piece, mut at) = (0, 0);
        // Where to go on when the run of the last star has to grow: the piece behind it, and the end of its run.
        let mut star: Option<(usize, usize)> = None;
        loop {
            let width = match self.0.get(piece) {
                Some(Piece::Star) => {
                    piece += 1;
                    star = Some((piece, at));
                    continue;
                }
                Some(single) => single.width_at(text, at),
                None if at == text.len() => return true,
                None => None,
            };
            if let Some(width) = width {
                piece += 1;
                at += width;
                continue;
            }
            match star {
                // A run grows byte by byte and never over a slash.
                Some((behind, end)) if text.as_bytes().get(end).is_some_and(|&byte| byte != b'/') => {
                    star = Some((behind, end + 1));
                    (piece, at) = (behind, end + 1);
                }
                _ => return false,
            }
        }
    }
}

impl Piece {
    /// How many bytes at `at` the piece takes, if it takes any.
    fn width_at(&self, text: &str, at: usize) -> Option<usize> {
        let first = *text.as_bytes().get(at)?;
        if let Self::Byte(byte) = self {
            return (first == *byte).then_some(1);
        }
        // After a run that ends within a character each of its other bytes counts as one (unknown) character.
        let (c, width) = match text.get(at..).and_then(|rest| rest.chars().next()) {
            Some(c) => (c, c.len_utf8()),
            None => (char::REPLACEMENT_CHARACTER, 1),
        };
        let taken = match self {
            Self::Byte(_) | Self::Star => false,
            Self::Any => c != '/',
            Self::Class { negated, ranges } => ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated,
        };
        taken.then_some(width)
    }
}

fn push_literal(pieces: &mut Vec<Piece>, c: char) {
    pieces.extend(c.encode_utf8(&mut [0; 4]).bytes().map(Piece::Byte));
}

/// Reads a class behind its opening bracket. Nothing when it is open, empty or holds a `-` without both ends.
fn class(rest: &mut std::str::Chars<'_>) -> Option<Piece> {
    let negated = rest.as_str().starts_with('^');
    if negated {
        rest.next();
    }
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty() && rest.as_str().starts_with(']') {
            rest.next();
            return Some(Piece::Class { negated, ranges });
        }
        let low = class_char(rest)?;
        let mut high = low;
        if rest.as_str().starts_with('-') {
            rest.next();
            high = class_char(rest)?;
        }
        ranges.push((low, high));
    }
}

/// One end of a range: a character, escaped where it would mean something else.
fn class_char(rest: &mut std::str::Chars<'_>) -> Option<char> {
    match rest.next()? {
        '-' | ']' => None,
        '\\' => rest.next(),
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(pattern: &str, value: &str) -> bool {
        PathPattern::new(pattern).matches(value)
    }

    #[test]
    fn folders() {
        for (pattern, value, hit) in [
            ("/repo/**", "/repo", true),
            ("/repo/**", "/repo/", true),
            ("/repo/**", "/repository", false),
            ("/**", "", true),
            ("**", "a", true),
            ("**", "a/b", false),
            ("/a*/**", "/a*/x/y", true),
            ("/a*/**", "/ab/x", true),
            ("/a*/**", "/ab/x/y", false),
        ] {
            assert_eq!(path(pattern, value), hit, "{pattern} {value}");
        }
    }

    #[test]
    fn classes() {
        for (pattern, value, hit) in [
            ("[a-cx]", "b", true),
            ("[a-cx]", "x", true),
            ("[c-a]", "b", false),
            ("[^a-c]", "/", true),
            ("[/]", "/", true),
            ("[!a]", "!", true),
            (r"[\]\-]", "-", true),
            ("[[]", "[", true),
            ("[*]", "*", true),
            ("[*]", "x", false),
            ("[é-ü]", "ö", true),
            ("a]", "a]", true),
            ("[a]*]", "ax]", true),
        ] {
            assert_eq!(path(pattern, value), hit, "{pattern} {value}");
        }
    }

    #[test]
    fn malformed_patterns_hit_only_themselves() {
        for pattern in ["[", "[]", "[]a]", "[^]", "[a-]", "[-a]", "[a", "[a-", r"[\", r"a\", "*[", r"?\"] {
            assert!(path(pattern, pattern), "{pattern}");
            for value in ["", "a", "-", "]", "[", "x", "aa"] {
                assert!(!path(pattern, value) || pattern == value, "{pattern} {value}");
            }
        }
    }

    #[test]
    fn stars_do_not_cross_slashes_nor_take_back() {
        for (pattern, value, hit) in [
            ("*a*b", "xaxab", true),
            ("a*/b", "axx/b", true),
            ("*/*", "a/b", true),
            ("*/*", "a/b/c", false),
            ("*", "", true),
            ("*?", "", false),
            ("*.txt", "a.txt.txt", true),
            // The class could take the slash only if the first star took more, which it is not asked to.
            ("*[^x]*b", "aa/b", false),
            ("??", "é", false),
            ("*??", "€", true),
        ] {
            assert_eq!(path(pattern, value), hit, "{pattern} {value}");
        }
    }

    #[test]
    fn many_stars_cost_no_more_than_pattern_times_value() {
        assert!(!path(&"*a".repeat(5_000), &"a".repeat(4_999)));
        assert!(!path(&("*a".repeat(500) + "b"), &"a".repeat(20_000)));
    }

    #[test]
    fn domains() {
        let domain = |pattern: &str, value: &str| DomainPattern::new(pattern).matches(value);
        assert!(domain("*.ÉX.com", "A.éx.COM"));
        assert!(domain("*.x", "a.b.x") && domain("*.x", ".x") && !domain("*.x", "x"));
        assert!(domain("*.", "a.") && !domain("*.", "a"));
        assert!(domain("*x", "ax") && domain("*.a*c", "z.abc"));
    }
}
