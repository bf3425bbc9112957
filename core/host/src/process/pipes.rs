//! The three pipes of a child, served without blocking.

use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read, Write};
use std::os::fd::AsFd;
use std::process::{Child, ChildStderr, ChildStdout, Stdio};

use rustix::io::ioctl_fionbio;

use super::Capture;

/// Bytes read from a pipe at a time.
const CHUNK: usize = 64 * 1024;

/// Both streams of the child.
pub(super) struct Output {
    pub(super) stdout: Stream<ChildStdout>,
    pub(super) stderr: Stream<ChildStderr>,
    capture: Capture,
    pub(super) overflowed: bool,
}

pub(super) struct Stream<P> {
    /// Until it is closed.
    pub(super) pipe: Option<P>,
    pub(super) kept: Vec<u8>,
}

impl Output {
    pub(super) fn of(child: &mut Child, capture: Capture) -> Self {
        Self {
            stdout: Stream { pipe: child.stdout.take(), kept: Vec::new() },
            stderr: Stream { pipe: child.stderr.take(), kept: Vec::new() },
            capture,
            overflowed: false,
        }
    }

    pub(super) fn unblock(&self) -> io::Result<()> {
        if let Some(pipe) = &self.stdout.pipe {
            ioctl_fionbio(pipe, true)?;
        }
        if let Some(pipe) = &self.stderr.pipe {
            ioctl_fionbio(pipe, true)?;
        }
        Ok(())
    }

    pub(super) fn is_closed(&self) -> bool {
        self.stdout.pipe.is_none() && self.stderr.pipe.is_none()
    }

    pub(super) fn is_too_much(&self) -> bool {
        self.overflowed && matches!(self.capture, Capture::Together(_))
    }

    pub(super) fn read(&mut self) -> io::Result<()> {
        let limits = |own: usize, other: usize| match self.capture {
            Capture::Each(limit) => limit.saturating_sub(own),
            Capture::Together(limit) => limit.saturating_sub(own).saturating_sub(other),
        };
        let room = limits(self.stdout.kept.len(), self.stderr.kept.len());
        self.overflowed |= self.stdout.read(room)?;
        let room = limits(self.stderr.kept.len(), self.stdout.kept.len());
        self.overflowed |= self.stderr.read(room)?;
        Ok(())
    }
}

impl<P: Read + AsFd> Stream<P> {
    /// Takes what is there now, keeping at most `room` bytes of it; tells whether there was more.
    fn read(&mut self, room: usize) -> io::Result<bool> {
        let Some(pipe) = &mut self.pipe else { return Ok(false) };
        let mut chunk = [0; CHUNK];
        match pipe.read(&mut chunk) {
            Ok(0) => {
                self.pipe = None;
                Ok(false)
            }
            Ok(count) => {
                let kept = count.min(room);
                self.kept.extend_from_slice(chunk.get(..kept).unwrap_or_default());
                Ok(kept < count)
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// What the child has still to be fed. The reading end stays open here too, so that a child which does not read costs
/// neither a signal nor an error.
pub(super) struct Feed<'a> {
    pub(super) writer: PipeWriter,
    _reader: PipeReader,
    rest: &'a [u8],
}

impl<'a> Feed<'a> {
    pub(super) fn prepare(input: &'a [u8]) -> io::Result<(Option<Self>, Stdio)> {
        if input.is_empty() {
            return Ok((None, Stdio::null()));
        }
        let (reader, writer) = io::pipe()?;
        ioctl_fionbio(&writer, true)?;
        let stdin = Stdio::from(reader.try_clone()?);
        Ok((Some(Self { writer, _reader: reader, rest: input }), stdin))
    }

    /// Writes what fits; tells whether all is written.
    pub(super) fn write(&mut self) -> io::Result<bool> {
        match self.writer.write(self.rest) {
            Ok(count) => self.rest = self.rest.get(count..).unwrap_or_default(),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(error) => return Err(error),
        }
        Ok(self.rest.is_empty())
    }
}
