//! Running a child to its end with everything bounded: time, output, and what it leaves running.
//!
//! The child leads a process group of its own, so that what it started goes with it. One thread serves its three
//! pipes; the child is not reaped before the last signal is sent, so that its group's number cannot be somebody else's.

mod group;
mod pipes;

use std::io::{self, ErrorKind};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::Signal;

use group::Group;
use pipes::{Feed, Output};

/// How often a child is looked after on systems that do not report its end.
const TICK: Duration = Duration::from_millis(10);

/// How long a killed group may take to vanish before its output is given up.
const AFTER_KILL: Duration = Duration::from_secs(1);

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
    /// Whether what it leaves running in its group is killed when it has ended. What left the group is out of reach.
    pub sweep: bool,
}

/// A child that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Its exit code; −1 when a signal ended it.
    pub exit_code: i32,
    /// The signal that ended it.
    pub signal: Option<i32>,
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
    if watched.is_err() || bounds.sweep {
        group.signal(Signal::KILL);
    }
    let status = match &watched {
        Ok(_) => child.wait(),
        Err(_) => reap_in_time(&mut child),
    };
    let timed_out = watched.map_err(ProcessError::Wait)?;
    let status = status.map_err(ProcessError::Wait)?;
    Ok(Finished {
        exit_code: status.code().unwrap_or(-1),
        signal: status.signal(),
        timed_out,
        overflowed: output.overflowed,
        stdout: output.stdout.kept,
        stderr: output.stderr.kept,
        elapsed: started.elapsed(),
    })
}

/// Awaits a killed child, but not for ever: one that hangs in the kernel ends when it pleases.
fn reap_in_time(child: &mut Child) -> io::Result<ExitStatus> {
    let deadline = Instant::now() + AFTER_KILL;
    loop {
        match child.try_wait()? {
            Some(status) => return Ok(status),
            None if Instant::now() >= deadline => return Err(io::Error::from(ErrorKind::TimedOut)),
            None => std::thread::sleep(TICK),
        }
    }
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

#[cfg(test)]
mod tests;
