//! Lexical cleaning of paths, without asking the machine (01 §11.1).

/// The shortest path that names the same place, judged by its letters alone.
///
/// Repeated separators become one, `.` segments vanish, an inner `..` takes the segment before it, and a `..` right
/// after the root vanishes. A path that cleans to nothing is `.`; only the root keeps a final separator. Symbolic
/// links are not followed, so that the result may name another file than the original where links are involved.
///
/// ```
/// use gait_base::path::clean;
///
/// assert_eq!(clean("a//b/./c/../d/"), "a/b/d");
/// assert_eq!(clean("../x/.."), "..");
/// assert_eq!(clean("/../x"), "/x");
/// assert_eq!(clean(""), ".");
/// ```
#[must_use]
pub fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => match kept.last() {
                Some(&"..") => kept.push(".."),
                Some(_) => {
                    kept.pop();
                }
                None if rooted => {}
                None => kept.push(".."),
            },
            name => kept.push(name),
        }
    }
    let mut cleaned = String::with_capacity(path.len().max(1));
    if rooted {
        cleaned.push('/');
    }
    for (position, segment) in kept.iter().enumerate() {
        if position > 0 {
            cleaned.push('/');
        }
        cleaned.push_str(segment);
    }
    if cleaned.is_empty() {
        cleaned.push('.');
    }
    cleaned
}

/// Whether a path, once cleaned, is relative and leaves the folder it starts from.
///
/// ```
/// use gait_base::path::leaves_working_folder;
///
/// assert!(leaves_working_folder("a/../../b"));
/// assert!(!leaves_working_folder("a/../b"));
/// assert!(!leaves_working_folder("/etc"));
/// assert!(!leaves_working_folder("..a"));
/// ```
#[must_use]
pub fn leaves_working_folder(path: &str) -> bool {
    let cleaned = clean(path);
    cleaned == ".." || cleaned.starts_with("../")
}

/// Whether an id or name may become part of a path that is written (00 D6): not empty, no separator of any system, not
/// `..`, no leading `-`, no control character. Readers accept any id.
///
/// ```
/// use gait_base::path::is_plain_name;
///
/// assert!(is_plain_name("run_1") && is_plain_name("a..b") && is_plain_name("Run: A"));
/// assert!(!["", "a/b", "a\\b", "..", "-rf", "a\n"].into_iter().any(is_plain_name));
/// ```
#[must_use]
pub fn is_plain_name(name: &str) -> bool {
    !matches!(name, "" | ".." | ".")
        && !name.starts_with('-')
        && !name.contains(|c: char| matches!(c, '/' | '\\') || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::{clean, leaves_working_folder};

    #[test]
    fn cleaning_follows_the_letters_only() {
        let table = [
            ("", "."),
            (".", "."),
            ("./", "."),
            ("/", "/"),
            ("//", "/"),
            ("///a", "/a"),
            ("a", "a"),
            ("a/", "a"),
            ("a/b/..", "a"),
            ("a/..", "."),
            ("a/../..", ".."),
            ("../..", "../.."),
            ("../../a", "../../a"),
            ("/..", "/"),
            ("/../..", "/"),
            ("/a/../../b", "/b"),
            ("a/./b", "a/b"),
            ("./a", "a"),
            ("a//b", "a/b"),
            ("..a/b", "..a/b"),
            ("a../b", "a../b"),
            ("...", "..."),
            ("a/ b /c", "a/ b /c"),
            ("a\\..\\b", "a\\..\\b"),
            ("é/../ü", "ü"),
        ];
        for (given, expected) in table {
            assert_eq!(clean(given), expected, "{given:?}");
            assert_eq!(clean(&clean(given)), expected, "cleaning {given:?} twice");
        }
    }

    #[test]
    fn only_relative_paths_that_climb_leave() {
        for path in ["..", "../a", "a/../..", "./../x"] {
            assert!(leaves_working_folder(path), "{path}");
        }
        for path in ["", ".", "a", "a/..", "..a", "/..", "/../a", "a/../..b"] {
            assert!(!leaves_working_folder(path), "{path}");
        }
    }
}
