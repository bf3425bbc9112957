//! Bash.

use std::fmt::Write as _;

use super::places;
use crate::table::{Flag, Offer};

const HEAD: &str = r#"# bash completion for gait; use: source <(gait completions bash)
_gait() {
    local cur prev place word next
    cur="${COMP_WORDS[COMP_CWORD]}"
    prev="${COMP_WORDS[COMP_CWORD-1]}"
    place=""
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        next="${place:+$place }$word"
        case "$next" in
"#;

const MIDDLE: &str = r#"        esac
    done
    COMPREPLY=()
    case "$place:${prev#-}" in
"#;

const TAIL: &str = r#"    esac
}
complete -o filenames -F _gait gait
"#;

pub(super) fn script() -> String {
    let mut out = String::from(HEAD);
    let places = places();
    for place in places.iter().skip(1) {
        let _ = writeln!(out, "            '{}') place=\"$next\" ;;", place.name());
    }
    out.push_str(MIDDLE);
    for place in &places {
        for flag in place.flags().into_iter().filter(|flag| flag.takes_value()) {
            let name = place.name();
            let _ = writeln!(out, "        '{name}:{0}'|'{name}:-{0}') {1}; return ;;", flag.name, reply(flag.offer));
        }
    }
    out.push_str("    esac\n    case \"$place\" in\n");
    for place in &places {
        let flags: Vec<String> = place.flags().into_iter().map(option).collect();
        let words: Vec<&str> = place.next.iter().map(|(word, _)| *word).collect();
        let _ = writeln!(
            out,
            "        '{}') if [[ $cur == -* ]]; then {}; else {}; {}; fi ;;",
            place.name(),
            words_reply(&flags.join(" ")),
            words_reply(&words.join(" ")),
            match place.offer() {
                Offer::Nothing => ":".to_owned(),
                offer => reply(offer),
            },
        );
    }
    out.push_str(TAIL);
    out
}

fn option(flag: &Flag) -> String {
    format!("--{}", flag.name)
}

fn reply(offer: Offer) -> String {
    match offer {
        Offer::Nothing => ":".to_owned(),
        Offer::Files => "COMPREPLY+=($(compgen -f -- \"$cur\"))".to_owned(),
        Offer::Folders => "COMPREPLY+=($(compgen -d -- \"$cur\"))".to_owned(),
        Offer::Words(words) => words_reply(&words.join(" ")),
    }
}

fn words_reply(words: &str) -> String {
    format!("COMPREPLY+=($(compgen -W '{words}' -- \"$cur\"))")
}
