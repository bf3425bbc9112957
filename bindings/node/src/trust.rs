//! Whose signatures count, gathered key by key.

use std::cell::RefCell;

use gait_base::key::VerifyingKey;
use gait_gate::authority::token::TrustedKeys;
use napi::bindgen_prelude::External;
use napi_derive::napi;

/// Keys on their way to whoever trusts them.
#[derive(Default)]
pub(crate) struct Trust(RefCell<Vec<Holder>>);

/// A key and the names that its holder may sign as; anybody's when there is no list.
struct Holder {
    key: VerifyingKey,
    names: Option<Vec<String>>,
}

impl Trust {
    /// What was gathered. Nothing is left behind: Node frees handles only when the event loop turns.
    pub(crate) fn take(&self) -> TrustedKeys {
        self.0.take().into_iter().fold(TrustedKeys::default(), |keys, holder| match holder.names {
            None => keys.with_key(holder.key),
            Some(names) => keys.with_holder(holder.key, names),
        })
    }
}

/// Nobody is trusted yet.
#[napi(catch_unwind)]
pub(crate) fn trust_new() -> External<Trust> {
    External::new(Trust::default())
}

/// Trusts a key in the name of anybody.
#[napi(catch_unwind)]
pub(crate) fn trust_key(trust: &External<Trust>, key: &External<VerifyingKey>) {
    let key: &VerifyingKey = key.as_ref();
    trust.0.borrow_mut().push(Holder { key: key.clone(), names: None });
}

/// Trusts a key in one more name.
#[napi(catch_unwind)]
pub(crate) fn trust_holder(trust: &External<Trust>, key: &External<VerifyingKey>, name: String) {
    let key: &VerifyingKey = key.as_ref();
    let mut holders = trust.0.borrow_mut();
    let known = holders.iter_mut().find(|holder| holder.key == *key).and_then(|holder| holder.names.as_mut());
    match known {
        Some(names) => names.push(name),
        None => holders.push(Holder { key: key.clone(), names: Some(vec![name]) }),
    }
}
