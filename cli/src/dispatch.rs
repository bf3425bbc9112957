//! From the words of a command line to what is printed (01 §8.1).

use gait_base::error::ExitCode;
use gait_host::environment::{asks_for_strict, correlation_id, producer_version, variable};

use crate::args::{Arguments, UsageError};
use crate::envelope::{self, Surroundings};
use crate::help;
use crate::output::{Body, Printed};
use crate::report::{Call, Failure, Migration};
use crate::table::{self, Leaf, Node};
use crate::text::Text;

/// What is the same for everything that one process does.
#[derive(Debug)]
pub(crate) struct Process {
    /// The words after the program's name.
    pub(crate) words: Vec<String>,
    /// See [`Call::producer_version`].
    pub(crate) producer_version: String,
    /// See [`Call::correlation_id`].
    pub(crate) correlation_id: String,
    /// Whether the environment asks for strict mode (00 D8); a flag cannot take that back.
    strict: bool,
}

impl Process {
    /// Reads the environment.
    pub(crate) fn new(words: Vec<String>) -> Self {
        Self {
            producer_version: producer_version(variable, env!("CARGO_PKG_VERSION")),
            correlation_id: correlation_id(variable, &line(&words)),
            strict: asks_for_strict(variable),
            words,
        }
    }

    /// The command line. The program is called `gait`, whatever name it was started by (00 D10).
    pub(crate) fn line(&self) -> Vec<&str> {
        line(&self.words)
    }

    /// Does what the words say.
    pub(crate) fn run(&self) -> Printed {
        let Some((first, rest)) = self.words.split_first() else {
            return plain(format!("gait {}", self.producer_version));
        };
        match (first.as_str(), first.trim()) {
            (_, "--help" | "-h") => return help_page(&[]),
            ("--explain", _) => return plain(table::SENTENCE),
            ("mcp-verify", _) => {
                return self.root_error(&Migration::of_command("gait mcp-verify", "gait mcp verify"));
            }
            _ => {}
        }
        let name = match (first.as_str(), first.trim()) {
            ("--version" | "-v", _) => "version",
            (_, "help") => "help",
            (name, _) => name,
        };
        let words: Vec<&str> = std::iter::once(name).chain(rest.iter().map(String::as_str)).collect();
        match table::find(&words) {
            Some(node) => self.at(node, &words),
            None => self.root_error(&Failure::usage(format!("unknown command: {}", first.trim()).trim_end())),
        }
    }

    fn at(&self, node: Node, words: &[&str]) -> Printed {
        let asks_why = words.iter().skip(1).any(|word| word.trim() == "--explain");
        match node {
            Node::Leaf(leaf) if asks_why && leaf.flag("explain").is_some() => self.leaf(leaf, words),
            node if asks_why => plain(node.sentence()),
            Node::Leaf(leaf) => self.leaf(leaf, words),
            Node::Group(group) => {
                let asks_help = matches!(words.get(group.path.len()), Some(&("--help" | "-h" | "help")));
                let exit = if asks_help { ExitCode::Ok } else { ExitCode::InvalidInput };
                Printed::text(help::page(group.path), exit.code())
            }
        }
    }

    fn leaf(&self, leaf: &'static Leaf, words: &[&str]) -> Printed {
        let words: Vec<String> = words.iter().skip(leaf.path.len()).map(|word| (*word).to_owned()).collect();
        if let Some((old, new)) = table::renamed_flag(leaf, &words) {
            return self.failed(leaf, &Migration::of_flag(old, new), self.wants_json(), self.strict);
        }
        let args = match Arguments::parse(leaf, &words) {
            Ok(args) => args,
            Err(UsageError { text, json, strict }) => {
                return self.failed(leaf, &Failure::usage(text), json, strict || self.strict);
            }
        };
        if args.flag("help") {
            return help_page(leaf.path);
        }
        let json = args.flag("json");
        let strict = args.flag("strict") || self.strict;
        let call = Call {
            args: &args,
            producer_version: &self.producer_version,
            correlation_id: &self.correlation_id,
            strict,
        };
        let takes_none = leaf.positionals.is_empty() && leaf.order != table::Order::Loose;
        let answer = if takes_none && !args.positionals().is_empty() {
            Err(Failure::usage("unexpected positional arguments"))
        } else {
            (leaf.run)(&call)
        };
        match answer {
            Ok(report) if json && report.record.is_some() => {
                let line = envelope::of_report(&report, self.surroundings(strict));
                Printed { body: Body::Json(line.json), exit: line.exit }
            }
            Ok(report) => Printed::text(report.text, report.exit),
            Err(failure) => self.failed(leaf, &failure, json, strict || failure.strict),
        }
    }

    fn failed(&self, leaf: &Leaf, failure: &Failure, json: bool, strict: bool) -> Printed {
        if json {
            let line = envelope::of_failure(failure, leaf.error_members, self.surroundings(strict));
            return Printed { body: Body::Json(line.json), exit: line.exit };
        }
        let mut text = Text::error(&leaf.name(), &failure.text);
        if let Some(migration) = &failure.migration {
            text = text.line("hint", &migration.hint);
        } else if failure.class.is_none() {
            text = text.line("usage", &help::usage_line(leaf));
        }
        let body = if leaf.complains_on_stderr() { Body::Complaint(text) } else { Body::Text(text) };
        Printed { body, exit: failure.exit.code() }
    }

    /// An error before any command: JSON if any word asks for it.
    fn root_error(&self, failure: &Failure) -> Printed {
        if self.wants_json() {
            let line = envelope::of_failure(failure, "", self.surroundings(self.strict));
            return Printed { body: Body::Json(line.json), exit: line.exit };
        }
        let text = Text::default().line("error", &failure.text);
        let text = match &failure.migration {
            Some(migration) => text.line("hint", &migration.hint),
            None => text.append(help::page::<&str>(&[])),
        };
        Printed::text(text, failure.exit.code())
    }

    /// What is told when the program itself is at fault: an internal failure, never an answer.
    pub(crate) fn defect(&self) -> Printed {
        let text = "internal defect; the message on standard error tells where";
        let failure = Failure { exit: ExitCode::InternalFailure, ..Failure::usage(text) };
        if self.wants_json() {
            let line = envelope::of_failure(&failure, "", self.surroundings(self.strict));
            return Printed { body: Body::Json(line.json), exit: line.exit };
        }
        Printed::text(Text::default().line("error", text), failure.exit.code())
    }

    /// Whether any word asks for JSON.
    fn wants_json(&self) -> bool {
        self.words.iter().any(|word| word.trim() == "--json")
    }

    const fn surroundings(&self, strict: bool) -> Surroundings<'_> {
        Surroundings { correlation_id: self.correlation_id.as_str(), strict }
    }
}

fn line(words: &[String]) -> Vec<&str> {
    std::iter::once("gait").chain(words.iter().map(String::as_str)).collect()
}

fn plain(text: impl Into<String>) -> Printed {
    Printed::text(Text::verbatim(text), ExitCode::Ok.code())
}

fn help_page(path: &[&str]) -> Printed {
    Printed::text(help::page(path), ExitCode::Ok.code())
}
