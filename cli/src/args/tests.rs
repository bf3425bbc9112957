//! Every row of 01 §8.2 and §8.3.

use super::*;
use crate::report::{Answer, Call, Failure};
use crate::table::{Offer, Positional};

fn nothing(_: &Call<'_>) -> Answer {
    Err(Failure::usage("not run"))
}

const FLAGS: &[Flag] = &[
    Flag::text("profile", "NAME", "").or("standard"),
    Flag::switch("require", ""),
    Flag { default: "true", ..Flag::switch("browser", "") },
    Flag { kind: Kind::Integer, ..Flag::text("limit", "N", "").or("5") },
    Flag { kind: Kind::Duration, ..Flag::text("delay", "D", "").or("200ms") },
];

const fn leaf(order: Order) -> Leaf {
    Leaf {
        path: &["sample"],
        summary: "",
        sentence: "",
        positionals: &[Positional { usage: "X", help: "", offer: Offer::Nothing }],
        order,
        flags: FLAGS,
        error_members: "",
        needs_dashes: false,
        run: nothing,
    }
}

static MIXED: Leaf = leaf(Order::Mixed);
static FIRST: Leaf = leaf(Order::FlagsFirst);
static LOOSE: Leaf = leaf(Order::Loose);

fn parse(leaf: &'static Leaf, line: &str) -> Result<Arguments, UsageError> {
    let words: Vec<String> = line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    Arguments::parse(leaf, &words)
}

fn fault(line: &str) -> UsageError {
    parse(&MIXED, line).unwrap_err()
}

#[test]
fn defaults_hold_until_something_is_given() {
    let args = parse(&MIXED, "").unwrap();
    assert_eq!((args.text("profile"), args.flag("require"), args.flag("browser")), ("standard", false, true));
    assert_eq!((args.integer("limit"), args.nanoseconds("delay")), (5, 200_000_000));
    assert_eq!(args.switch("browser"), None);
    assert!(args.positionals().is_empty());
}

#[test]
fn one_or_two_dashes_and_either_way_to_give_a_value() {
    for line in ["-profile strict", "--profile strict", "-profile=strict", "--profile=strict"] {
        assert_eq!(parse(&MIXED, line).unwrap().text("profile"), "strict", "{line}");
    }
    assert_eq!(parse(&MIXED, "--profile=").unwrap().text("profile"), "");
    assert_eq!(parse(&MIXED, "--profile=a=b").unwrap().text("profile"), "a=b");
    assert_eq!(parse(&MIXED, "--profile --json").unwrap().text("profile"), "--json");
}

#[test]
fn the_last_one_wins() {
    let args = parse(&MIXED, "--profile a --profile=b --json --json=false").unwrap();
    assert_eq!((args.text("profile"), args.flag("json")), ("b", false));
}

#[test]
fn switches_take_twelve_spellings_after_an_equals_sign_only() {
    for on in ["1", "t", "T", "true", "TRUE", "True"] {
        assert!(parse(&MIXED, &format!("--require={on}")).unwrap().flag("require"), "{on}");
    }
    for off in ["0", "f", "F", "false", "FALSE", "False"] {
        assert!(!parse(&MIXED, &format!("--browser={off}")).unwrap().flag("browser"), "{off}");
    }
    assert_eq!(fault("--require=yes").text, "invalid boolean value \"yes\" for -require: parse error");
    assert_eq!(fault("--require=").text, "invalid boolean value \"\" for -require: parse error");
    let args = parse(&MIXED, "--require false").unwrap();
    assert!(args.flag("require"));
    assert_eq!(args.positionals(), ["false"]);
}

#[test]
fn integers_take_prefixes_signs_and_underscores() {
    for (text, want) in [
        ("0", 0),
        ("+2", 2),
        ("-3", -3),
        ("0x2", 2),
        ("0X1f", 31),
        ("0x_1f", 31),
        ("0o17", 15),
        ("017", 15),
        ("0_17", 15),
        ("0b11", 3),
        ("1_0", 10),
        ("9223372036854775807", i64::MAX),
        ("-9223372036854775808", i64::MIN),
    ] {
        assert_eq!(parse_integer(text), Ok(want), "{text}");
    }
    for text in
        ["", "-", "+", "ten", "2.5", "1e3", " 1", "08", "0x", "0xg", "0b2", "1__0", "_1", "1_", "0x1_", "--1", "é"]
    {
        assert_eq!(parse_integer(text), Err(NumberError::Syntax), "{text}");
    }
    for text in ["9223372036854775808", "-9223372036854775809", "0xffffffffffffffffff"] {
        assert_eq!(parse_integer(text), Err(NumberError::Range), "{text}");
    }
    assert_eq!(fault("--limit ten").text, "invalid value \"ten\" for flag -limit: parse error");
    assert_eq!(fault("--limit 9223372036854775808").text.split(": ").last(), Some("value out of range"));
}

#[test]
fn durations_are_numbers_with_units() {
    let args = parse(&MIXED, "--delay 1m0.5s --delay=-1.5ms").unwrap();
    assert_eq!(args.nanoseconds("delay"), -1_500_000);
    for text in ["5", "1d", "9223372036854775808ns"] {
        assert_eq!(
            fault(&format!("--delay {text}")).text,
            format!("invalid value \"{text}\" for flag -delay: parse error")
        );
    }
}

#[test]
fn faults_have_their_exact_texts() {
    for (line, want) in [
        ("--bogus", "flag provided but not defined: -bogus"),
        ("-bogus=1", "flag provided but not defined: -bogus"),
        ("--profile", "flag needs an argument: -profile"),
        ("---x", "bad flag syntax: ---x"),
        ("-=x", "bad flag syntax: -=x"),
        ("--=x", "bad flag syntax: --=x"),
    ] {
        assert_eq!(fault(line).text, want);
    }
}

#[test]
fn json_counts_for_a_fault_only_when_read_before_it() {
    assert!(fault("--json --bogus").json);
    assert!(!fault("--bogus --json").json);
    assert!(!fault("--json --json=0 --bogus").json);
    assert!(fault("--strict --bogus").strict);
    assert!(!fault("--bogus --strict").strict);
}

#[test]
fn a_lone_dash_is_a_positional() {
    assert_eq!(parse(&MIXED, "-").unwrap().positionals(), ["-"]);
    assert_eq!(parse(&FIRST, "- --json").unwrap().positionals(), ["-", "--json"]);
}

#[test]
fn flags_end_at_the_first_positional_unless_mixed() {
    let args = parse(&FIRST, "--json x --profile strict").unwrap();
    assert!(args.flag("json"));
    assert_eq!(args.positionals(), ["x", "--profile", "strict"]);
    let args = parse(&FIRST, "--json -- --profile").unwrap();
    assert_eq!(args.positionals(), ["--profile"]);

    let args = parse(&MIXED, "x --json y --profile strict z").unwrap();
    assert!(args.flag("json"));
    assert_eq!((args.text("profile"), args.positionals().join(" ").as_str()), ("strict", "x y z"));
}

#[test]
fn mixed_order_pulls_in_a_positional_as_a_missing_value() {
    let args = parse(&MIXED, "x --json --profile").unwrap();
    assert_eq!(args.text("profile"), "x");
    assert!(args.positionals().is_empty());
}

#[test]
fn after_dashes_a_dash_word_is_a_positional_only_behind_another() {
    assert_eq!(parse(&MIXED, "--json -- x").unwrap().positionals(), ["x"]);
    assert_eq!(parse(&MIXED, "x -- --bogus").unwrap().positionals(), ["x", "--bogus"]);
    assert_eq!(fault("--json -- -nothere").text, "flag provided but not defined: -nothere");
    assert_eq!(parse(&MIXED, "-- cmd -x -- y").unwrap().positionals(), ["cmd", "-x", "--", "y"]);
}

#[test]
fn help_has_two_names() {
    for line in ["-h", "--help", "-help", "--h", "--json -h", "-h --help=true"] {
        assert!(parse(&MIXED, line).unwrap().flag("help"), "{line}");
    }
    assert!(!parse(&MIXED, "-h --help=false").unwrap().flag("help"));
    assert_eq!(fault("--help --bogus").text, "flag provided but not defined: -bogus");
    assert_eq!(fault("-h=x").text, "invalid boolean value \"x\" for -h: parse error");
}

#[test]
fn loose_order_looks_for_json_only() {
    let args = parse(&LOOSE, "extra --bogus --json").unwrap();
    assert!(args.flag("json"));
    assert_eq!(args.positionals(), ["extra"]);
    assert!(!parse(&LOOSE, "--json=true").unwrap().flag("json"));
}

#[test]
fn quoting_shows_what_cannot_be_seen() {
    assert_eq!(quoted("a\"\\\n\u{1b}\u{7f}\u{2028}é "), r#""a\"\\\n\x1b\x7f\u2028é ""#);
}
