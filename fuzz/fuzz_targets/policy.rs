#![no_main]
//! A policy that is read has a digest that formatting keeps, and answers without a panic.

use gait_base::time::Timestamp;
use gait_gate::evaluate::Inputs;
use gait_gate::intent::Intent;
use gait_gate::mode::Mode;
use gait_gate::policy::{Policy, PolicyDocument};
use libfuzzer_sys::fuzz_target;

const INTENT: &[u8] = br#"{"tool_name":"fs.read","args":{},"targets":[{"kind":"path","value":"/a","operation":"read"}],
    "context":{"identity":"a","workspace":"/w","risk_class":"low"}}"#;

fuzz_target!(|data: &[u8]| {
    for mode in [Mode::Strict, Mode::Compat] {
        let Ok(policy) = Policy::parse(data, mode) else { continue };
        let again = PolicyDocument::parse(policy.document().format().as_bytes(), mode).expect("formatted policies are policies");
        assert_eq!(again.digest(), policy.digest());
        let intent = Intent::parse(INTENT, mode).expect("the intent is valid");
        let _ = policy.evaluate(&intent, &Inputs::at(Timestamp::EPOCH_1980));
    }
});
