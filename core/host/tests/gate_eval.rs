//! `gate eval` as a library call, where flags meet in ways that the recorded cases do not show.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::path::Path;

use gait_base::base64_for_tests as _;
