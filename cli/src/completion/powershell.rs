//! PowerShell.

use std::fmt::Write as _;

use super::places;
use crate::table::Offer;

const HEAD: &str = r#"# PowerShell completion for gait; use: gait completions powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName gait -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $next = @{
"#;

const TAIL: &str = r#"    }
    $place = ''
    $previous = ''
    foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
        if ($element.Extent.EndOffset -ge $cursorPosition -and $wordToComplete -ne '') { break }
        $previous = $element.ToString()
        $deeper = "$place $previous".Trim()
        if ($next.ContainsKey($deeper)) { $place = $deeper }
    }
    $of = "$place " + $previous.TrimStart('-')
    $offers = if ($values.ContainsKey($of) -and $previous.StartsWith('-')) { $values[$of] } else { $next[$place] }
    $offers | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}
"#;

pub(super) fn script() -> String {
    let mut out = String::from(HEAD);
    let places = places();
    for place in &places {
        let words = place.next.iter().map(|(word, _)| (*word).to_owned());
        let offered = match place.offer() {
            Offer::Words(words) => words,
            _ => &[],
        };
        let flags = place.flags().into_iter().map(|flag| format!("--{}", flag.name));
        let all: Vec<String> = words.chain(offered.iter().map(|&word| word.to_owned())).chain(flags).collect();
        let _ = writeln!(out, "        '{}' = {}", place.name(), list(&all));
    }
    out.push_str("    }\n    $values = @{\n");
    for place in &places {
        for flag in place.flags() {
            if let Offer::Words(words) = flag.offer {
                let _ = writeln!(out, "        '{} {}' = {}", place.name(), flag.name, list(words));
            }
        }
    }
    out.push_str(TAIL);
    out
}

fn list<S: AsRef<str>>(words: &[S]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{}'", word.as_ref().replace('\'', "''"))).collect();
    format!("@({})", quoted.join(", "))
}
