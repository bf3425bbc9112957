//! The `gait` command; everything it does stands in the library beside it.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    gait_cli::main()
}
