//! The fingerprint of the environment that a job runs in (05 §15.2).

use gait_base::digest::sha256;

/// What of the environment counts: little enough that the same machine, binary and shell always give the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Environment<'a> {
    /// The operating system, such as `linux` or `darwin`.
    pub operating_system: &'a str,
    /// The processor architecture, such as `amd64` or `arm64`.
    pub architecture: &'a str,
    /// What the program was built with.
    pub toolchain: &'a str,
    /// The value of `SHELL`; empty when there is none.
    pub shell: &'a str,
}

impl Environment<'_> {
    /// `envfp:` and a digest.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut items = [
            format!("goos={}", self.operating_system),
            format!("goarch={}", self.architecture),
            format!("goversion={}", self.toolchain),
            format!("shell={}", self.shell.trim()),
        ];
        items.sort_unstable();
        format!("envfp:{}", sha256(items.join("|").as_bytes()).hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts_and_blanks_around_the_shell_do_not() {
        let one = Environment { operating_system: "linux", architecture: "amd64", toolchain: "t", shell: "/bin/sh" };
        let print = one.fingerprint();
        assert!(print.len() == 70 && print.starts_with("envfp:"));
        assert_eq!(Environment { shell: " /bin/sh\n", ..one }.fingerprint(), print);
        for other in [
            Environment { operating_system: "darwin", ..one },
            Environment { architecture: "arm64", ..one },
            Environment { toolchain: "u", ..one },
            Environment { shell: "", ..one },
        ] {
            assert_ne!(other.fingerprint(), print);
        }
    }
}
