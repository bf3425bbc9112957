//! Prints the reference page of the command line: `cargo run -p gait-cli --example reference > docs/cli.md`.

fn main() {
    print!("{}", gait_cli::reference::markdown());
}
