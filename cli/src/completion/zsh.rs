//! Zsh.

use std::fmt::Write as _;

use super::places;
use crate::table::Offer;

const HEAD: &str = r#"#compdef gait
# zsh completion for gait; use: source <(gait completions zsh), or save it as _gait in a folder of fpath
_gait() {
    local place="" word next
    for word in "${(@)words[2,CURRENT-1]}"; do
        next="${place:+$place }$word"
        case "$next" in
"#;

const MIDDLE: &str = r#"                place="$next" ;;
        esac
    done
    local -a entries
    case "$place:${${words[CURRENT-1]}#-}" in
"#;

const TAIL: &str = r#"    esac
}
if [[ "$funcstack[1]" == _gait ]]; then _gait "$@"; else compdef _gait gait; fi
"#;

pub(super) fn script() -> String {
    let mut out = String::from(HEAD);
    let places = places();
    let names: Vec<String> = places.iter().skip(1).map(|place| quote(&place.name())).collect();
    let _ = writeln!(out, "            {})", names.join("|"));
    out.push_str(MIDDLE);
    for place in &places {
        for flag in place.flags().into_iter().filter(|flag| flag.takes_value()) {
            let one = quote(&format!("{}:{}", place.name(), flag.name));
            let two = quote(&format!("{}:-{}", place.name(), flag.name));
            let _ = writeln!(out, "        {one}|{two}) {}; return ;;", action(flag.offer));
        }
    }
    out.push_str("    esac\n    case \"$place\" in\n");
    for place in &places {
        let _ = writeln!(out, "        {})", quote(&place.name()));
        let flags: Vec<String> =
            place.flags().into_iter().map(|flag| entry(&format!("--{}", flag.name), flag.help)).collect();
        let words: Vec<String> = place.next.iter().map(|(word, summary)| entry(word, summary)).collect();
        let _ = writeln!(out, "            entries=({})", flags.join(" "));
        let _ = writeln!(out, "            if [[ $PREFIX == -* ]]; then _describe flag entries; return; fi");
        if !words.is_empty() {
            let _ = writeln!(out, "            entries=({})\n            _describe command entries", words.join(" "));
        }
        let _ = writeln!(out, "            {} ;;", action(place.offer()));
    }
    out.push_str(TAIL);
    out
}

fn action(offer: Offer) -> String {
    match offer {
        Offer::Nothing => ":".to_owned(),
        Offer::Files => "_files".to_owned(),
        Offer::Folders => "_files -/".to_owned(),
        Offer::Words(words) => format!("compadd -- {}", words.join(" ")),
    }
}

fn entry(word: &str, help: &str) -> String {
    quote(&format!("{}:{help}", word.replace(':', "\\:")))
}

fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
