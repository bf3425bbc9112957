//! Mixed order: sorts arguments into flags, then positionals (01 §8.3).

use crate::table::Leaf;

/// The same words with every flag, and the word that goes with it, ahead of every positional. The first `--` is dropped;
/// all after it are positionals.
pub(super) fn flags_first<'a>(leaf: &Leaf, words: &'a [String]) -> Vec<&'a str> {
    let mut flags = Vec::with_capacity(words.len());
    let mut positionals = Vec::new();
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        if word == "--" {
            positionals.extend(words);
            break;
        }
        if word.len() < 2 || !word.starts_with('-') {
            positionals.push(word);
            continue;
        }
        flags.push(word);
        let takes_next =
            !word.contains('=') && leaf.flag(word.trim_start_matches('-')).is_some_and(|flag| flag.takes_value());
        if takes_next {
            flags.extend(words.next());
        }
    }
    flags.append(&mut positionals);
    flags
}
