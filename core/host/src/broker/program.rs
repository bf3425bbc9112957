//! A program that serves as a broker: found, started with what it may see, bounded, and nothing of it left behind.

use std::env;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use gait_gate::authority::broker::{BrokerFault, BrokerRequest, COMMAND_OUTPUT_LIMIT, COMMAND_SECONDS, check_command};
use rustix::fs::{Access, access};

use crate::process::{self, Bounds, Capture};

/// What a program sees of the environment in strict mode whatever is listed.
const MINIMAL_ENVIRONMENT: [&str; 4] = ["PATH", "HOME", "LANG", "TMPDIR"];

/// A program, and how it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Program {
    /// Its path, or a name to look up in `PATH`.
    pub(super) name: String,
    pub(super) arguments: Vec<String>,
    /// The variables it sees besides the minimal ones; all when there is no list.
    pub(super) environment: Option<Vec<String>>,
}

impl Program {
    /// Puts the question; gives standard output and standard error of a program that ended well and in time.
    pub(super) fn ask(&self, request: &BrokerRequest) -> Result<(Vec<u8>, Vec<u8>), BrokerFault> {
        let name = check_command(&self.name)?;
        let question = request.wire_form()?;
        let file = locate(name, env::var_os("PATH")).ok_or(BrokerFault::CommandFailed)?;
        let mut command = Command::new(file);
        command.arg0(name).args(&self.arguments);
        if let Some(listed) = &self.environment {
            command.env_clear().envs(visible(listed));
        }
        let bounds = Bounds {
            stdin: &question,
            timeout: Duration::from_secs(COMMAND_SECONDS),
            grace: Duration::ZERO,
            capture: Capture::Together(COMMAND_OUTPUT_LIMIT),
            sweep: true,
        };
        let finished = process::run(&mut command, &bounds).map_err(|_| BrokerFault::CommandFailed)?;
        if finished.timed_out {
            Err(BrokerFault::CommandTimedOut)
        } else if finished.overflowed {
            Err(BrokerFault::OutputTooLarge)
        } else if finished.exit_code != 0 {
            Err(BrokerFault::CommandFailed)
        } else {
            Ok((finished.stdout, finished.stderr))
        }
    }
}

/// The file that is meant. A name without a slash is looked up in `search`, a list of folders; found through a folder
/// that is not absolute, it would be the working folder's choice what runs, and nothing is found.
///
/// The operating system's own search would look into such folders, and would give a file that is no program to a shell.
pub(crate) fn locate(name: &str, search: Option<OsString>) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(PathBuf::from(name));
    }
    let found = env::split_paths(&search?).map(|folder| folder.join(name)).find(|file| is_program(file))?;
    found.is_absolute().then_some(found)
}

fn is_program(file: &Path) -> bool {
    file.is_file() && access(file, Access::EXEC_OK).is_ok()
}

fn visible(listed: &[String]) -> impl Iterator<Item = (&str, OsString)> {
    let names = MINIMAL_ENVIRONMENT.into_iter().chain(listed.iter().map(String::as_str));
    // Names that cannot exist would be a panic of the standard library's.
    names.filter(|name| !name.contains(['=', '\0'])).filter_map(|name| env::var_os(name).map(|value| (name, value)))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn names_are_looked_up_in_absolute_folders_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["one/tool", "two/tool", "three/tool/x"] {
            fs::create_dir_all(path(name).parent().unwrap()).unwrap();
            fs::write(path(name), "").unwrap();
        }
        fs::set_permissions(path("two/tool"), Permissions::from_mode(0o755)).unwrap();
        let search = |folders: &[&Path]| Some(env::join_paths(folders).unwrap());
        let all = search(&[&path("none"), &path("one"), &path("three"), &path("two")]);
        assert_eq!(locate("tool", all.clone()), Some(path("two/tool")));
        assert_eq!(locate("", all.clone()), None);
        assert_eq!(locate("other", all), None);
        assert_eq!(locate("a/tool", None), Some(PathBuf::from("a/tool")));
        assert_eq!(locate("sh", None), None);
        assert_eq!(locate("sh", Some(OsString::new())), None);

        // Up from the working folder and down again: relative, but there.
        let depth = env::current_dir().unwrap().components().count() - 1;
        let up: PathBuf = std::iter::repeat_n("..", depth).collect();
        let relative = up.join(path("two").strip_prefix("/").unwrap());
        assert!(is_program(&relative.join("tool")));
        assert_eq!(locate("tool", search(&[&relative, &path("two")])), None);
    }
}
