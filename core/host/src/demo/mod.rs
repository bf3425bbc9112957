//! What `gait demo` makes: evidence to look at, below `gait-out` (04 §9).

mod durable;
mod policy;
mod standard;

pub use durable::{DURABLE_JOB_ID, DURABLE_PACK_PATH, DURABLE_ROOT, DurableDemo, DurableDemoError, durable};
pub use policy::{INTENT_PATH, POLICY_PATH, PolicyDemo, PolicyDemoError, policy};
pub use standard::{BUNDLE_PATH, StandardDemo, standard};
