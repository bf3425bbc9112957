//! Files that are whole or absent: atomic writes, locked appends, bounded reads (01 §11).
//!
//! | a file of 01 §11.4 | function |
//! |---|---|
//! | A: atomic, the path must be local or absolute | [`write_atomic`] |
//! | P: atomic too, any path | [`write_replacing`] |
//! | L: one line under a lock | [`append_line`] |
//! | read, change, write | [`FileLock::beside`] around both |
//! | read again and again | [`Watched`] |

mod append;
mod identity;
mod lock;
mod read;
mod replace;
mod rule;
mod watched;

pub use append::{Appended, append_line};
pub(crate) use identity::FileIdentity;
pub use lock::{FileLock, LockContent, LockProfile, StaleBy};
pub(crate) use read::read_regular;
pub use read::{exists, read_limited};
pub(crate) use replace::{Staged, sync_folder, write_cache};
pub use replace::{create_folder, create_parents, write_artifact, write_atomic, write_replacing};
pub use rule::{clean_path, local_path, output_path};
pub use watched::{Seen, Watched};

/// The mode of files unless 01 §11.4 says otherwise: the owner's alone.
pub const PRIVATE: u32 = 0o600;

/// The mode of folders that gait makes, less the umask.
pub const FOLDER: u32 = 0o750;
