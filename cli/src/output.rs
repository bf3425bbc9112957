//! Standard output: one line of JSON, or text that is coloured only on a terminal (NO_COLOR and CLICOLOR are heeded).
//! The errors of some commands go to standard error instead.

use std::io::{self, Write};

use crate::text::Text;

/// What a call prints, and how it exits.
#[derive(Debug)]
pub(crate) struct Printed {
    /// What is printed.
    pub(crate) body: Body,
    /// The exit code.
    pub(crate) exit: u8,
}

/// What is printed.
#[derive(Debug)]
pub(crate) enum Body {
    /// One line of JSON, without its newline.
    Json(Vec<u8>),
    /// Text, with colours where they help.
    Text(Text),
    /// Text for standard error.
    Complaint(Text),
}

impl Printed {
    /// Text and an exit code.
    pub(crate) fn text(text: Text, exit: u8) -> Self {
        Self { body: Body::Text(text), exit }
    }

    /// Prints. Success that nobody could read is none: if standard output fails, exit code 0 becomes 1.
    pub(crate) fn print(self) -> u8 {
        let written = match self.body {
            Body::Json(mut line) => {
                line.push(b'\n');
                let mut out = io::stdout().lock();
                out.write_all(&line).and_then(|()| out.flush())
            }
            Body::Text(text) => {
                // A child's own complaints; nobody waits for them as for an answer.
                let _ = io::stderr().lock().write_all(text.error_output().as_bytes());
                let mut out = anstream::stdout().lock();
                out.write_all(text.finish().as_bytes()).and_then(|()| out.flush())
            }
            Body::Complaint(text) => {
                let mut out = anstream::stderr().lock();
                out.write_all(text.finish().as_bytes()).and_then(|()| out.flush())
            }
        };
        match written {
            Ok(()) => self.exit,
            Err(_) => self.exit.max(1),
        }
    }
}
