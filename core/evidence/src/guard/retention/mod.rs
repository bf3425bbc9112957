//! Which artifacts may go: by age, by number and by size, unless they are held (05 §13.1).
//!
//! [`ArtifactKind::of`] tells artifacts by their names, [`RetentionPolicy::plan`] decides over all of a folder at once,
//! [`RetentionReport`] is what is written down about it, before anything goes. Finding and removing files is not done here.

mod hold;
mod plan;
mod report;

pub use hold::{HOLD_FILE, HoldError, HoldList, MAX_HOLD_BYTES};
pub use plan::{Artifact, ArtifactKind, Caps, Fate, Reason, RetentionPolicy};
pub use report::{ReportState, RetentionEvent, RetentionReport};
