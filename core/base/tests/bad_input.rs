//! JSON, canonical JSON, keys, times and durations from hands that mean no good: an error with its place, never a panic.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use gait_base::duration::parse_duration;
use gait_base::error::{Category, Classify};
use gait_base::json::{self, Reading};
use gait_base::key::{SigningKey, VerifyingKey};
use gait_base::time::Timestamp;
use gait_base::{jcs, signature::Signature};

const READINGS: [Reading; 3] = [Reading::COMPAT, Reading::CLOSED, Reading::STRICT];
const SAMPLE: &str = r#"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00\n",null,true,{"b":{}}],"c":"é"}"#;

#[test]
fn values_cut_anywhere_are_refused_with_their_place() {
    for end in 0..SAMPLE.len() {
        let bytes = &SAMPLE.as_bytes()[..end];
        for reading in READINGS {
            let error = json::parse(bytes, reading).unwrap_err();
            assert_eq!(error.category(), Category::InvalidInput);
            assert!(error.offset().is_some_and(|at| at <= end), "cut at {end}: {error}");
        }
        // Canonicalization ends an object at a key that is cut off: the contract's leniency (01 §2.2).
        let in_key = matches!(jcs::canonicalize(bytes), Ok(canonical) if canonical.ends_with(b"}"));
        assert!(in_key || jcs::canonicalize(bytes).is_err(), "cut at {end}");
    }
}

#[test]
fn values_with_flipped_bits_are_read_or_refused() {
    for at in 0..SAMPLE.len() {
        for bit in 0..8 {
            let mut bytes = SAMPLE.as_bytes().to_vec();
            bytes[at] ^= 1 << bit;
            for reading in READINGS {
                let _ = json::parse(&bytes, reading);
            }
            if let Ok(canonical) = jcs::canonicalize(&bytes) {
                assert_eq!(jcs::canonicalize(&canonical).unwrap(), canonical, "canonical text is its own");
            }
        }
    }
}

#[test]
fn depth_ends_in_an_error_and_not_in_the_stack() {
    for unit in ["[", "{\"a\":", "[{\"a\":"] {
        let text = unit.repeat(100_000);
        for reading in READINGS {
            assert!(json::parse(text.as_bytes(), reading).is_err());
        }
        assert!(jcs::canonicalize(text.as_bytes()).is_err());
    }
    let balanced = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(json::parse(balanced.as_bytes(), Reading::COMPAT).is_err());
}

#[test]
fn keys_that_are_none() {
    let good = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let texts = ["", " ", "=", "AAAA", "\u{0}", "not base64!", "é", &good[1..], &good.repeat(2), &"A".repeat(1 << 20)];
    for text in texts {
        for error in [
            SigningKey::parse_file_text(text.as_bytes()).err(),
            SigningKey::parse_env_text(text).err(),
            VerifyingKey::parse_file_text(text.as_bytes()).err(),
            VerifyingKey::parse_env_text(text).err(),
        ] {
            let error = error.unwrap_or_else(|| unreachable!("{text:?} is a key"));
            assert_eq!(error.category(), Category::InvalidInput);
            assert!(text.trim().len() < 4 || !error.to_string().contains(text), "an error repeats a key");
        }
    }
    assert!(SigningKey::parse_file_text(&[0xFF; 88]).is_err());
}

#[test]
fn signatures_that_are_none() {
    let key = SigningKey::from_seed(&[1; 32]);
    let digest = gait_base::digest::sha256(b"x");
    let good = key.sign_digest(&digest);
    type Spoil = fn(&mut Signature);
    let spoiled: [(&str, Spoil); 7] = [
        ("no digest", |signature| signature.signed_digest.clear()),
        ("another digest", |signature| signature.signed_digest = "0".repeat(64)),
        ("another algorithm", |signature| signature.alg = "none".to_owned()),
        ("another key", |signature| signature.key_id = "0".repeat(64)),
        ("no signature", |signature| signature.sig.clear()),
        ("half a signature", |signature| signature.sig.truncate(44)),
        ("no base64", |signature| signature.sig = "!".repeat(88)),
    ];
    assert_eq!(key.verifying_key().verify_computed(&good, &digest), Ok(true));
    for (what, spoil) in spoiled {
        let mut signature = good.clone();
        spoil(&mut signature);
        assert!(key.verifying_key().verify_computed(&signature, &digest).is_err(), "{what}");
    }
}

#[test]
fn times_and_durations_that_are_none() {
    let sample = "2026-03-01T10:00:00.123456789+01:30";
    for end in 0..sample.len() {
        assert!(Timestamp::parse(&sample[..end]).is_err(), "{}", &sample[..end]);
    }
    for text in ["9999-12-31T23:59:60Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "99999-01-01T00:00:00Z", "é"]
    {
        assert!(Timestamp::parse(text).is_err(), "{text}");
    }
    for text in
        ["", "1", "s", "1d", "1e9h", "9223372036854775808ns", "--1s", "1.2.3s", "é", "1s ", &"9".repeat(100_000)]
    {
        assert!(parse_duration(text).is_err(), "{}", &text[..text.len().min(20)]);
    }
}
