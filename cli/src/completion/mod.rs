//! Completion scripts for shells, from the table.
//!
//! Every script works the same way: it walks the words before the cursor to find the command, then offers the words that
//! may follow, the command's flags, or what fits the flag before the cursor.

mod bash;
mod fish;
mod powershell;
mod zsh;

use crate::table::{self, Flag, Leaf, Offer};

/// The script for a shell of [`table::SHELLS`]; nothing for another.
pub(crate) fn script(shell: &str) -> Option<String> {
    Some(match shell {
        "bash" => bash::script(),
        "zsh" => zsh::script(),
        "fish" => fish::script(),
        "powershell" => powershell::script(),
        _ => return None,
    })
}

/// A place in the tree of commands: its words, what may follow, and the command there, if any.
struct Place {
    words: Vec<&'static str>,
    next: Vec<(&'static str, &'static str)>,
    leaf: Option<&'static Leaf>,
}

impl Place {
    /// The words, joined by blanks.
    fn name(&self) -> String {
        self.words.join(" ")
    }

    /// The flags of the command there, its own first.
    fn flags(&self) -> Vec<&'static Flag> {
        self.leaf.map_or_else(Vec::new, |leaf| leaf.flags.iter().chain(leaf.common_flags()).collect())
    }

    /// What may stand for its first positional.
    fn offer(&self) -> Offer {
        self.leaf.and_then(|leaf| leaf.positionals.first()).map_or(Offer::Nothing, |one| one.offer)
    }
}

/// Every place, the root first.
fn places() -> Vec<Place> {
    let mut paths: Vec<&'static [&'static str]> = vec![&[]];
    paths.extend(table::groups().map(|group| group.path));
    paths.extend(table::leaves().map(|leaf| leaf.path));
    let mut places: Vec<Place> = Vec::with_capacity(paths.len());
    for path in paths {
        if places.iter().all(|place| place.words != path) {
            places.push(Place {
                words: path.to_vec(),
                next: table::children(path),
                leaf: table::leaves().find(|leaf| leaf.path == path),
            });
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_has_a_script_that_names_every_command_and_flag() {
        for shell in table::SHELLS {
            let script = script(shell).unwrap();
            for leaf in table::leaves() {
                for word in leaf.path {
                    assert!(script.contains(word), "{shell}: {word}");
                }
                for flag in leaf.flags {
                    assert!(script.contains(flag.name), "{shell}: {}", flag.name);
                }
            }
        }
        assert_eq!(script("tcsh"), None);
    }
}
