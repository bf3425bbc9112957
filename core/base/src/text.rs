//! Text as the contract sees it: trimming, simple case mapping, sorted sets (02 §1).

use std::borrow::Cow;

/// Whether `text` has white space (Unicode White_Space) at either end.
#[must_use]
pub fn is_trimmed(text: &str) -> bool {
    text.len() == text.trim().len()
}

/// Trims in place; keeps the allocation.
pub fn trim_in_place(text: &mut String) {
    let end = text.trim_end().len();
    text.truncate(end);
    let start = text.len() - text.trim_start().len();
    if start > 0 {
        text.drain(..start);
    }
}

/// Maps one character to lower case with the *simple* mapping of Unicode 15.0: one code point to one code point,
/// without regard to context.
#[must_use]
pub fn lower_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    if is_cased_since_unicode_16(c) {
        return c;
    }
    // U+0130 is the only character whose full mapping is longer; its simple mapping is the first of the two.
    c.to_lowercase().next().unwrap_or(c)
}

/// Upper-case letters that entered Unicode after 15.0: the standard library maps them, the contract does not.
const fn is_cased_since_unicode_16(c: char) -> bool {
    matches!(
        c as u32,
        0x1C89 | 0xA7CB | 0xA7CC | 0xA7CE | 0xA7D2 | 0xA7D4 | 0xA7DA | 0xA7DC | 0x10D50..=0x10D65 | 0x16EA0..=0x16EB8
    )
}

/// Maps one character to upper case with the simple mapping of Unicode 15.0: one code point to one code point.
///
/// ```
/// use gait_base::text::upper_char;
///
/// assert_eq!(['a', 'ß', 'ı', 'ſ', 'ᾳ'].map(upper_char), ['A', 'ß', 'I', 'S', 'ᾼ']);
/// ```
#[must_use]
pub fn upper_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_uppercase();
    }
    let code = c as u32;
    // Greek letters with an iota below: their full mapping is two letters, their simple one the title-case letter.
    let titled = match code {
        0x1F80..=0x1F87 | 0x1F90..=0x1F97 | 0x1FA0..=0x1FA7 => Some(code + 8),
        0x1FB3 | 0x1FC3 | 0x1FF3 => Some(code + 9),
        _ => None,
    };
    if let Some(titled) = titled {
        return char::from_u32(titled).unwrap_or(c);
    }
    let mut mapped = c.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(upper), None) if !is_cased_since_unicode_16(upper) => upper,
        _ => c,
    }
}

/// Trims and upper-cases in place by the simple mapping, see [`upper_char`].
pub fn trim_upper_in_place(text: &mut String) {
    trim_in_place(text);
    if text.is_ascii() {
        text.make_ascii_uppercase();
    } else {
        *text = text.chars().map(upper_char).collect();
    }
}

/// Lower-cases by the simple mapping, see [`lower_char`].
///
/// ```
/// assert_eq!(gait_base::text::fold("ΟΔΟΣ"), "οδοσ");
/// assert_eq!(gait_base::text::fold("İ"), "i");
/// ```
#[must_use]
pub fn fold(text: &str) -> String {
    text.chars().map(lower_char).collect()
}

/// Trims and folds in place; allocates only when a non-ASCII letter changes.
pub fn trim_fold_in_place(text: &mut String) {
    trim_in_place(text);
    if text.is_ascii() {
        text.make_ascii_lowercase();
    } else if text.chars().any(|c| lower_char(c) != c) {
        *text = fold(text);
    }
}

/// As [`trim_fold_in_place`], for a text that may be a constant: one that is in normal form stays as it is.
pub fn trim_fold_cow(text: &mut Cow<'static, str>) {
    if !is_trimmed(text) || text.chars().any(|c| lower_char(c) != c) {
        trim_fold_in_place(text.to_mut());
    }
}

/// As [`trim_in_place`], for a text that may be a constant.
pub fn trim_cow(text: &mut Cow<'static, str>) {
    if !is_trimmed(text) {
        trim_in_place(text.to_mut());
    }
}

/// Trims and folds a borrowed text.
#[must_use]
pub fn trim_fold(text: &str) -> String {
    fold(text.trim())
}

/// Whether `text`, trimmed and folded, is `folded`; without an allocation.
///
/// ```
/// assert!(gait_base::text::folds_to(" Prod", "prod"));
/// assert!(!gait_base::text::folds_to("prod", "Prod"));
/// ```
#[must_use]
pub fn folds_to(text: &str, folded: &str) -> bool {
    text.trim().chars().map(lower_char).eq(folded.chars())
}

/// Sorts by bytes and drops repeats.
pub fn sort_dedup(list: &mut Vec<String>) {
    if list.windows(2).all(|pair| pair[0] < pair[1]) {
        return;
    }
    list.sort_unstable();
    list.dedup();
}

/// `set` of 02 §1: trims each, drops empty ones, sorts, drops repeats.
///
/// ```
/// let mut list = vec![" b".to_owned(), "a".to_owned(), "b".to_owned(), " ".to_owned()];
/// gait_base::text::set(&mut list);
/// assert_eq!(list, ["a", "b"]);
/// ```
pub fn set(list: &mut Vec<String>) {
    list.iter_mut().for_each(trim_in_place);
    list.retain(|item| !item.is_empty());
    sort_dedup(list);
}

/// `set-fold` of 02 §1: as [`set`], each folded too.
pub fn set_fold(list: &mut Vec<String>) {
    list.iter_mut().for_each(trim_fold_in_place);
    list.retain(|item| !item.is_empty());
    sort_dedup(list);
}

/// Splits at commas, trims each part and drops blank ones; order and repeats stay (01 §8.4).
#[must_use]
pub fn split_csv(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Whether `text` is exactly 64 lower-case hex digits.
#[must_use]
pub fn is_lower_hex_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a member name is `expected` (ASCII) without regard to case, by simple folding: U+017F counts as `s`, U+212A as `k`.
#[must_use]
pub fn eq_name_fold(name: &str, expected: &str) -> bool {
    if name.is_ascii() {
        return name.eq_ignore_ascii_case(expected);
    }
    let fold_one = |c: char| match c {
        '\u{17F}' => 's',
        '\u{212A}' => 'k',
        other => other.to_ascii_lowercase(),
    };
    name.chars().map(fold_one).eq(expected.chars().map(fold_one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trims_unicode_white_space_only() {
        let mut text = "\u{85}\u{a0}\u{3000}x\u{200b}\u{2028}".to_owned();
        trim_in_place(&mut text);
        assert_eq!(text, "x\u{200b}");
    }

    #[test]
    fn folds_by_simple_mapping() {
        assert_eq!(fold("ẞİΣ"), "ßiσ");
        let mut text = " Ünïcode ".to_owned();
        trim_fold_in_place(&mut text);
        assert_eq!(text, "ünïcode");
    }

    #[test]
    fn letters_newer_than_unicode_15_stay() {
        assert_eq!(lower_char('\u{A7CB}'), '\u{A7CB}');
        assert_eq!(lower_char('\u{10D50}'), '\u{10D50}');
    }

    #[test]
    fn upper_case_is_one_letter_for_one() {
        let mut text = "\u{a0}usd ßﬁıſ ǆǅ ŉ ა ᾀᾧῃ ".to_owned();
        trim_upper_in_place(&mut text);
        assert_eq!(text, "USD ßﬁIS ǄǄ ŉ Ა ᾈᾯῌ");
        // Their capitals came with Unicode 16.
        for c in ['\u{264}', '\u{19B}', '\u{1C8A}', '\u{10D70}'] {
            assert_eq!(upper_char(c), c);
        }
    }

    #[test]
    fn member_names_fold_long_s_and_kelvin() {
        assert!(eq_name_fold("\u{17F}chema_id", "schema_id"));
        assert!(eq_name_fold("to\u{212A}en", "token"));
        assert!(!eq_name_fold("töken", "token"));
    }
}
