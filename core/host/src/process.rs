//! Running a child to its end with everything bounded: time, output, and what it leaves running.
//!
//! The child leads a process group of its own, so that what it started goes with it. One thread serves its three
//! pipes; the child is not reaped before the last signal is sent, so that its group's number cannot be somebody else's.

use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionbio};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// How often a child is looked after on systems that do not report its end.
const TICK: Duration = Duration::from_millis(10);

/// How long a killed group may take to vanish before its output is given up.
const AFTER_KILL: Duration = Duration::from_secs(1);

/// Bytes read from a pipe at a time.
const CHUNK: usize = 64 * 1024;

/// How much of the child's output is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capture {
    /// So many bytes of each stream; what comes after is read and dropped, and the child runs on.
    Each(usize),
    /// So many bytes of both streams together; beyond that the group is killed.
    Together(usize),
}

/// How a child is run.
#[derive(Clone, Copy, Debug)]
pub struct Bounds<'a> {
    /// What it reads on standard input.
    pub stdin: &'a [u8],
    /// How long it may run.
    pub timeout: Duration,
    /// How long its group has between being asked to end and being killed; zero kills at once.
    pub grace: Duration,
    /// What is kept of its output.
    pub capture: Capture,
}

/// A child that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Its exit code; −1 when a signal ended it.
    pub exit_code: i32,
    /// Its time was up before it ended and closed its output. (A child of its own that keeps the output open counts.)
    pub timed_out: bool,
    /// More was written than is kept.
    pub overflowed: bool,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
    /// How long it ran.
    pub elapsed: Duration,
}

/// Why a child has no result.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// It could not be started.
    #[error("start: {0}")]
    Start(#[source] io::Error),
    /// It was started, but its end could not be awaited.
    #[error("wait: {0}")]
    Wait(#[source] io::Error),
}

/// Runs a command to its end, or to the end of its time.
///
/// Pipes, process group and standard input are set here; program, arguments, folder and environment are the caller's.
///
/// # Errors
/// [`ProcessError`] when the command cannot be started or awaited; the group is killed then.
pub fn run(command: &mut Command, bounds: &Bounds<'_>) -> Result<Finished, ProcessError> {
    let started = Instant::now();
    let (feed, stdin) = Feed::prepare(bounds.stdin).map_err(ProcessError::Start)?;
    command.process_group(0).stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(ProcessError::Start)?;
    let mut group = Group::of(&child);
    let mut output = Output::of(&mut child, bounds.capture);
    let watched = watch(&mut group, &mut output, feed, started, bounds);
    if watched.is_err() {
        group.signal(Signal::KILL);
    }
    let status = child.wait();
    let timed_out = watched.map_err(ProcessError::Wait)?;
    Ok(Finished {
        exit_code: status.map_err(ProcessError::Wait)?.code().unwrap_or(-1),
        timed_out,
        overflowed: output.overflowed,
        stdout: output.stdout.kept,
        stderr: output.stderr.kept,
        elapsed: started.elapsed(),
    })
}

/// Serves the pipes until the child has ended and its output is closed; tells whether its time was up before.
fn watch(
    group: &mut Group,
    output: &mut Output,
    mut feed: Option<Feed<'_>>,
    started: Instant,
    bounds: &Bounds<'_>,
) -> io::Result<bool> {
    output.unblock()?;
    let mut deadline = started.checked_add(bounds.timeout);
    let mut stage = Stage::Running;
    let mut timed_out = false;
    loop {
        let ended = group.has_ended()?;
        if ended {
            feed = None;
        }
        if ended && output.is_closed() {
            return Ok(timed_out);
        }
        if output.is_too_much() && stage != Stage::Killed {
            group.signal(Signal::KILL);
            (stage, deadline) = (Stage::Killed, Instant::now().checked_add(AFTER_KILL));
        }
        let left = match deadline {
            Some(deadline) => deadline.saturating_duration_since(Instant::now()),
            None => TICK,
        };
        if left.is_zero() {
            timed_out |= stage == Stage::Running;
            let (signal, next, wait) = match stage {
                Stage::Running if !bounds.grace.is_zero() => (Signal::TERM, Stage::Asked, bounds.grace),
                Stage::Running | Stage::Asked => (Signal::KILL, Stage::Killed, AFTER_KILL),
                // What still holds the output open has left the group: nothing more will be read of it.
                Stage::Killed if ended => return Ok(timed_out),
                Stage::Killed => return Err(io::Error::from(ErrorKind::TimedOut)),
            };
            group.signal(signal);
            (stage, deadline) = (next, Instant::now().checked_add(wait));
            continue;
        }
        let pause = if group.reports_its_end(ended) { left } else { left.min(TICK) };
        wait_for_any(group, output, feed.as_ref(), ended, pause)?;
        output.read()?;
        if let Some(fed) = &mut feed
            && fed.write()?
        {
            feed = None;
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Running,
    Asked,
    Killed,
}

/// Sleeps until a pipe is ready, the child has ended, or the pause is over.
fn wait_for_any(
    group: &Group,
    output: &Output,
    feed: Option<&Feed<'_>>,
    ended: bool,
    pause: Duration,
) -> io::Result<()> {
    let mut ready: Vec<PollFd<'_>> = Vec::with_capacity(4);
    if let Some(pipe) = &output.stdout.pipe {
        ready.push(PollFd::new(pipe, PollFlags::IN));
    }
    if let Some(pipe) = &output.stderr.pipe {
        ready.push(PollFd::new(pipe, PollFlags::IN));
    }
    if let Some(feed) = feed {
        ready.push(PollFd::new(&feed.writer, PollFlags::OUT));
    }
    if let (Some(notice), false) = (&group.notice, ended) {
        ready.push(PollFd::new(notice, PollFlags::IN));
    }
    let pause = Timespec::try_from(pause).map_err(io::Error::other)?;
    match poll(&mut ready, Some(&pause)) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The child and what it started.
struct Group {
    leader: Pid,
    /// Readable once the leader has ended, on systems that have such a thing.
    notice: Option<OwnedFd>,
}

impl Group {
    fn of(child: &Child) -> Self {
        let leader = Pid::from_child(child);
        Self { leader, notice: end_notice(leader) }
    }

    /// Whether the leader has ended. It is left unreaped.
    fn has_ended(&mut self) -> io::Result<bool> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        loop {
            match waitid(WaitId::Pid(self.leader), options) {
                Ok(status) => return Ok(status.is_some()),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Whether a sleep on the pipes needs no ticks: the end wakes it, or is behind us.
    fn reports_its_end(&self, ended: bool) -> bool {
        ended || self.notice.is_some()
    }

    fn signal(&self, signal: Signal) {
        // Fails only when nothing of the group is left.
        let _ = kill_process_group(self.leader, signal);
    }
}

#[cfg(target_os = "linux")]
fn end_notice(leader: Pid) -> Option<OwnedFd> {
    rustix::process::pidfd_open(leader, rustix::process::PidfdFlags::empty()).ok()
}

#[cfg(not(target_os = "linux"))]
fn end_notice(_: Pid) -> Option<OwnedFd> {
    None
}

/// Both streams of the child.
struct Output {
    stdout: Stream<ChildStdout>,
    stderr: Stream<ChildStderr>,
    capture: Capture,
    overflowed: bool,
}

struct Stream<P> {
    /// Until it is closed.
    pipe: Option<P>,
    kept: Vec<u8>,
}

impl Output {
    fn of(child: &mut Child, capture: Capture) -> Self {
        Self {
            stdout: Stream { pipe: child.stdout.take(), kept: Vec::new() },
            stderr: Stream { pipe: child.stderr.take(), kept: Vec::new() },
            capture,
            overflowed: false,
        }
    }

    fn unblock(&self) -> io::Result<()> {
        if let Some(pipe) = &self.stdout.pipe {
            ioctl_fionbio(pipe, true)?;
        }
        if let Some(pipe) = &self.stderr.pipe {
            ioctl_fionbio(pipe, true)?;
        }
        Ok(())
    }

    fn is_closed(&self) -> bool {
        self.stdout.pipe.is_none() && self.stderr.pipe.is_none()
    }

    fn is_too_much(&self) -> bool {
        self.overflowed && matches!(self.capture, Capture::Together(_))
    }

    fn read(&mut self) -> io::Result<()> {
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
struct Feed<'a> {
    writer: PipeWriter,
    _reader: PipeReader,
    rest: &'a [u8],
}

impl<'a> Feed<'a> {
    fn prepare(input: &'a [u8]) -> io::Result<(Option<Self>, Stdio)> {
        if input.is_empty() {
            return Ok((None, Stdio::null()));
        }
        let (reader, writer) = io::pipe()?;
        ioctl_fionbio(&writer, true)?;
        let stdin = Stdio::from(reader.try_clone()?);
        Ok((Some(Self { writer, _reader: reader, rest: input }), stdin))
    }

    /// Writes what fits; tells whether all is written.
    fn write(&mut self) -> io::Result<bool> {
        match self.writer.write(self.rest) {
            Ok(count) => self.rest = self.rest.get(count..).unwrap_or_default(),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(error) => return Err(error),
        }
        Ok(self.rest.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(timeout: u64) -> Bounds<'static> {
        Bounds {
            stdin: b"",
            timeout: Duration::from_millis(timeout),
            grace: Duration::from_millis(200),
            capture: Capture::Each(1 << 20),
        }
    }

    fn shell(script: &str, bounds: &Bounds<'_>) -> Finished {
        run(Command::new("sh").args(["-c", script]), bounds).unwrap()
    }

    #[test]
    fn streams_and_exit_code_come_back_apart() {
        let finished = shell("cat; echo out; echo err >&2; exit 3", &bounds(5000));
        assert_eq!((finished.exit_code, finished.timed_out, finished.overflowed), (3, false, false));
        assert_eq!((&finished.stdout[..], &finished.stderr[..]), (&b"out\n"[..], &b"err\n"[..]));
        assert_eq!(shell("kill -9 $$", &bounds(5000)).exit_code, -1);
    }

    #[test]
    fn a_large_input_is_fed_whole_and_an_unread_one_harms_nobody() {
        let input = vec![b'x'; 1 << 20];
        let finished = shell("wc -c", &Bounds { stdin: &input, ..bounds(5000) });
        assert_eq!(String::from_utf8(finished.stdout).unwrap().trim(), "1048576");
        let finished = shell("exec <&-; echo deaf", &Bounds { stdin: &input, ..bounds(5000) });
        assert_eq!((finished.exit_code, &finished.stdout[..]), (0, &b"deaf\n"[..]));
    }

    #[test]
    fn the_whole_group_ends_when_the_time_is_up() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("mark");
        let script = format!(
            "(trap '' TERM; sleep 1; echo late > {}) & trap '' TERM; sleep 30 & wait; sleep 30",
            mark.display()
        );
        let finished = shell(&script, &bounds(100));
        assert!(finished.timed_out);
        assert!(finished.elapsed < Duration::from_millis(900), "{:?}", finished.elapsed);
        std::thread::sleep(Duration::from_millis(1200));
        assert!(!mark.exists(), "a child of the child outlived the group");
    }

    #[test]
    fn a_child_that_ends_when_asked_keeps_its_words() {
        let finished = shell("trap 'echo bye; exit 5' TERM; sleep 30 & wait", &bounds(100));
        assert!(finished.timed_out);
        assert_eq!((finished.exit_code, &finished.stdout[..]), (5, &b"bye\n"[..]));
    }

    #[test]
    fn floods_are_bounded() {
        let flood = "head -c 50000000 /dev/zero; echo end >&2; exit 4";
        let finished = shell(flood, &bounds(20_000));
        assert_eq!((finished.exit_code, finished.overflowed, finished.stdout.len()), (4, true, 1 << 20));
        assert_eq!(finished.stderr, b"end\n");

        let finished = shell("cat /dev/zero", &Bounds { capture: Capture::Together(1000), ..bounds(20_000) });
        assert!(finished.overflowed && !finished.timed_out);
        assert_eq!((finished.exit_code, finished.stdout.len()), (-1, 1000));
        assert!(finished.elapsed < Duration::from_secs(5));
    }

    #[test]
    fn a_child_that_closes_its_output_is_still_awaited() {
        let finished = shell("exec >&- 2>&-; sleep 0.2; exit 6", &bounds(5000));
        assert_eq!(finished.exit_code, 6);
        assert!(finished.elapsed >= Duration::from_millis(200));
    }

    #[test]
    fn what_cannot_be_started_says_so() {
        let failed = run(&mut Command::new("/nowhere/at/all"), &bounds(1000));
        assert!(matches!(failed, Err(ProcessError::Start(_))));
    }
}
