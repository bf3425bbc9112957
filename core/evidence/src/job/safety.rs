//! The safety ledger: what a job was bound to when it was submitted (05 §14.3).

use gait_base::digest::sha256;

use super::state::PolicyBinding;

/// The version of the rules below.
pub const SAFETY_INVARIANT_VERSION: &str = "1";

/// What holds for every job. The words are constants of the format.
const FIXED: [&str; 3] = ["control_boundary=runtime_go", "default_privacy=reference_receipts", "fail_closed=true"];

/// The invariants of a job bound to a policy and an identity, sorted; what is blank binds to nothing.
#[must_use]
pub fn safety_invariants(policy: &PolicyBinding, identity: &str) -> Vec<String> {
    let mut list: Vec<String> = FIXED.map(str::to_owned).into();
    for (name, value) in
        [("policy_digest", &*policy.digest), ("policy_ref", &*policy.reference), ("identity", identity)]
    {
        let value = value.trim();
        if !value.is_empty() {
            list.push(format!("{name}={value}"));
        }
    }
    list.sort_unstable();
    list
}

/// The digest of a list of invariants, whatever its order; repeats count.
#[must_use]
pub fn safety_invariant_hash<S: AsRef<str>>(invariants: &[S]) -> String {
    let mut items: Vec<&str> =
        invariants.iter().map(|item| item.as_ref().trim()).filter(|item| !item.is_empty()).collect();
    items.sort_unstable();
    sha256(items.join("|").as_bytes()).to_hex()
}
