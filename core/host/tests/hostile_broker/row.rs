//! A row of the tables, and the traps that it is played in.

use std::path::Path;
use std::time::{Duration, Instant};

use gait_gate::mode::Mode;

/// Looks like credentials of well-known issuers; belongs to nobody.
pub(crate) const SECRETS: [&str; 6] = [
    "ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "gho_0123456789abcdefghijABCDEFGHIJ012345",
    "github_pat_11AAAAAAA0123456789abcdef",
    "sk-0123456789abcdefghijABCDEFGHIJ",
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAIOSFODNN7EXAMPLE",
];

/// What a plain answer says that is accepted.
pub(crate) const ANSWER: &str = r#"{"credential_ref":"ref:1","access_type":"jit","expires_at":"2026-03-01T00:05:00Z"}"#;

/// What must come of a row.
#[derive(Clone, Copy)]
pub(crate) enum Want {
    /// A credential is issued and fits.
    Allow,
    /// No credential is issued, for this fault.
    Fails(&'static str),
    /// A credential is issued and does not fit, for these reasons.
    Misfits(&'static [&'static str]),
}

/// What a program does.
pub(crate) struct Row {
    pub(crate) name: String,
    /// A shell script; `@DIR@` stands for its folder.
    script: String,
    /// What `@DIR@/answer` holds.
    answer: Vec<u8>,
    /// More members of the rule, beginning with a comma.
    pub(crate) rule: &'static str,
    /// More members of the intent's context, beginning with a comma.
    pub(crate) context: &'static str,
    compat: Want,
    strict: Want,
    leaks_in_compat: bool,
}

impl Row {
    /// A program that does something.
    pub(crate) fn does(name: impl Into<String>, script: impl Into<String>, want: Want) -> Self {
        Self {
            name: name.into(),
            script: script.into(),
            answer: ANSWER.into(),
            rule: "",
            context: "",
            compat: want,
            strict: want,
            leaks_in_compat: false,
        }
    }

    /// A program that answers.
    pub(crate) fn says(name: impl Into<String>, answer: impl Into<Vec<u8>>, want: Want) -> Self {
        Self { answer: answer.into(), ..Self::does(name, "cat '@DIR@/answer'", want) }
    }

    pub(crate) fn answering(self, answer: impl Into<Vec<u8>>) -> Self {
        Self { answer: answer.into(), ..self }
    }

    pub(crate) fn but_strict(self, strict: Want) -> Self {
        Self { strict, ..self }
    }

    pub(crate) fn under(self, rule: &'static str, context: &'static str) -> Self {
        Self { rule, context, ..self }
    }

    /// In compat mode the reference's five fields and six prefixes are all that is looked at.
    pub(crate) fn leaks_in_compat(self) -> Self {
        Self { leaks_in_compat: true, ..self }
    }

    pub(crate) fn want(&self, mode: Mode) -> Want {
        if mode.is_strict() { self.strict } else { self.compat }
    }

    pub(crate) fn is_leaky(&self, mode: Mode) -> bool {
        self.leaks_in_compat && !mode.is_strict()
    }

    /// Writes script and answer; gives the script's path. The script leads a process group and says which.
    pub(crate) fn install(&self, folder: &Path) -> String {
        let bin = folder.join("bin");
        std::fs::create_dir(&bin).unwrap();
        let dir = bin.to_str().unwrap();
        let script = format!("echo $$ > '@DIR@/pid'\n{}\n", self.script).replace("@DIR@", dir);
        std::fs::write(bin.join("answer"), &self.answer).unwrap();
        let path = bin.join("script");
        std::fs::write(&path, script).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Nothing of the script's group is left. What left the group said its name, and is ended here.
    pub(crate) fn nothing_runs(&self, folder: &Path, label: &str) {
        if let Some(escaped) = number_in(&folder.join("bin/escaped")) {
            let pid = rustix::process::Pid::from_raw(escaped).unwrap();
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
        let group = number_in(&folder.join("bin/pid")).unwrap_or_else(|| panic!("{label}: the program never ran"));
        let deadline = Instant::now() + Duration::from_secs(2);
        while let Some(left) = one_of_group(group) {
            assert!(Instant::now() < deadline, "{label}: {left} is left");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn number_in(file: &Path) -> Option<i32> {
    std::fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// A process of the group that is not dead, where the system shows its processes as files.
fn one_of_group(group: i32) -> Option<String> {
    std::fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        // After the name, which may hold anything: state, parent, group.
        let (start, rest) = stat.rsplit_once(") ")?;
        let mut fields = rest.split(' ');
        let (state, _, own) = (fields.next()?, fields.next()?, fields.next()?);
        (own.parse() == Ok(group) && !matches!(state, "Z" | "X")).then(|| start.to_owned())
    })
}
