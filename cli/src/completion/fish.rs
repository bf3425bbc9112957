//! Fish.

use std::fmt::Write as _;

use super::{Place, places};
use crate::table::Offer;

const HEAD: &str = r#"# fish completion for gait; use: gait completions fish > ~/.config/fish/completions/gait.fish
function __gait_place
    set -l place
    for word in (commandline -opc)[2..-1]
        set -l next (string join ' ' $place $word)
        switch $next
"#;

const TAIL: &str = r#"                set -a place $word
        end
    end
    test "$place" = "$argv"
end
complete -c gait -f
"#;

pub(super) fn script() -> String {
    let mut out = String::from(HEAD);
    let places = places();
    let names: Vec<String> = places.iter().skip(1).map(|place| quote(&place.name())).collect();
    let _ = writeln!(out, "            case {}", names.join(" "));
    out.push_str(TAIL);
    for place in &places {
        for (word, summary) in &place.next {
            let _ = writeln!(out, "complete -c gait -n {} -a {} -d {}", condition(place), quote(word), quote(summary));
        }
        if let Some(argument) = argument(place.offer()) {
            let _ = writeln!(out, "complete -c gait -n {} {argument}", condition(place));
        }
        for flag in place.flags() {
            let value = match (flag.takes_value(), argument(flag.offer)) {
                (false, _) => String::new(),
                (true, Some(argument)) => format!(" -r {argument}"),
                (true, None) => " -x".to_owned(),
            };
            let short = if flag.name == "help" { " -s h" } else { "" };
            let _ = writeln!(
                out,
                "complete -c gait -n {} -l {}{short}{value} -d {}",
                condition(place),
                flag.name,
                quote(flag.help)
            );
        }
    }
    out
}

fn condition(place: &Place) -> String {
    quote(format!("__gait_place {}", place.name()).trim_end())
}

fn argument(offer: Offer) -> Option<String> {
    match offer {
        Offer::Nothing => None,
        Offer::Files => Some("-F".to_owned()),
        Offer::Folders => Some("-a '(__fish_complete_directories)'".to_owned()),
        Offer::Words(words) => Some(format!("-a {}", quote(&words.join(" ")))),
    }
}

fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
