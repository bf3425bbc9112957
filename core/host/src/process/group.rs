//! The process group of a child: whether its leader has ended, and signals to all of it.

use std::io;
use std::os::fd::OwnedFd;
use std::process::Child;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// The child and what it started.
pub(super) struct Group {
    leader: Pid,
    /// Readable once the leader has ended, on systems that have such a thing.
    pub(super) notice: Option<OwnedFd>,
}

impl Group {
    pub(super) fn of(child: &Child) -> Self {
        let leader = Pid::from_child(child);
        Self { leader, notice: end_notice(leader) }
    }

    /// Whether the leader has ended. It is left unreaped.
    pub(super) fn has_ended(&mut self) -> io::Result<bool> {
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
    pub(super) fn reports_its_end(&self, ended: bool) -> bool {
        ended || self.notice.is_some()
    }

    pub(super) fn signal(&self, signal: Signal) {
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
