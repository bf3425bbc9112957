//! Keys, signatures and ids: the recorded tables, published known answers, key configuration, and tampering.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod vectors;

use std::collections::BTreeMap;

use base64::prelude::{BASE64_STANDARD, Engine};
use gait_base::digest::sha256;
use gait_base::error::{Category, Classify};
use gait_base::id::correlation_id;
use gait_base::json::{self, Reading};
use gait_base::key::config::{DEV_KEY_WARNING, KeyConfig, KeySource};
use gait_base::key::{Half, KeyError, SigningKey, VerifyingKey};
use gait_base::signature::{Signature, SignatureError};
use proptest::prelude::*;
use vectors::rows;
use zeroize::Zeroizing;

#[test]
fn recorded_signatures() {
    for row in rows("primitives/signing.jsonl") {
        let name = row.name();
        let private = || SigningKey::from_base64(&row.input("private_b64")).unwrap();
        let public = || VerifyingKey::from_base64(&row.input("public_b64")).unwrap();
        let signature: Signature = match row.input_value("signature") {
            serde_json::Value::Null => Signature::default(),
            value => json::decode(value.to_string().as_bytes(), Reading::CLOSED).unwrap(),
        };
        let document = row.input("json");
        let signed = match row.input("op").as_str() {
            "key_id" => {
                assert_eq!(public().key_id(), row.want("key_id"), "{name}");
                continue;
            }
            "sign_bytes" => Some(private().sign_bytes(&BASE64_STANDARD.decode(row.input("data_b64")).unwrap())),
            "sign_json" => private().sign_json(document.as_bytes()).ok(),
            "verify_json" => {
                check(&row, public().verify_json(&signature, document.as_bytes()));
                continue;
            }
            "verify_digest" => {
                check(&row, public().verify_digest(&signature));
                continue;
            }
            other => panic!("{name}: unknown operation {other}"),
        };
        assert_eq!(signed.is_some(), row.ok(), "{name}");
        if let Some(signed) = signed {
            let got: serde_json::Value = serde_json::from_slice(&json::to_compact(&signed).unwrap()).unwrap();
            assert_eq!(&got, row.want_value("signature"), "{name}");
        }
    }
}

/// Texts are compared as far as the contract fixes them: up to the detail of a decoder, and not those of the parser.
fn check(row: &vectors::Row, got: Result<bool, SignatureError>) {
    let name = row.name();
    assert_eq!(got == Ok(true), row.ok(), "{name}: {got:?}");
    let want = row.want("error");
    assert!(got.is_ok() || !want.is_empty(), "{name}: {got:?}");
    if want.is_empty() {
        return;
    }
    let error = got.unwrap_err();
    if matches!(error, SignatureError::Canonical(_)) {
        return;
    }
    let fixed = ["decode sig: ", "decode digest: "].into_iter().find(|prefix| want.starts_with(prefix));
    match fixed {
        Some(prefix) => assert!(error.to_string().starts_with(prefix), "{name}: {error}"),
        None => assert_eq!(error.to_string(), want, "{name}"),
    }
}

#[test]
fn recorded_key_files() {
    for row in rows("primitives/keyfiles.jsonl") {
        let text = row.input("text");
        if row.input_value("private").as_bool().unwrap() {
            let key = SigningKey::parse_file_text(text.as_bytes());
            assert_eq!(key.is_ok(), row.ok(), "{}: {key:?}", row.name());
            if let Ok(key) = key {
                assert_eq!(key.verifying_key().to_base64(), row.want("public_b64"), "{}", row.name());
            }
        } else {
            let key = VerifyingKey::parse_file_text(text.as_bytes());
            assert_eq!(key.is_ok(), row.ok(), "{}: {key:?}", row.name());
            if let Ok(key) = key {
                assert_eq!(key.key_id(), row.want("key_id"), "{}", row.name());
            }
        }
    }
}

#[test]
fn recorded_correlation_ids() {
    for row in rows("primitives/correlation-id.jsonl") {
        let argv: Vec<&str> =
            row.input_value("argv").as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        assert_eq!(correlation_id(&argv), row.want("correlation_id"), "{}", row.name());
    }
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn known_answers_of_rfc_8032() {
    let cases = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ];
    for (seed, public, message, signature) in cases {
        let key = SigningKey::from_seed(&unhex(seed).try_into().unwrap());
        assert_eq!(key.verifying_key().as_bytes().as_slice(), unhex(public));
        let signed = key.sign_bytes(&unhex(message));
        assert_eq!(BASE64_STANDARD.decode(&signed.sig).unwrap(), unhex(signature));
        assert_eq!(key.verifying_key().verify_bytes(&signed, &unhex(message)), Ok(true));
    }
}

#[test]
fn unusual_public_keys() {
    // Not a point of the curve: a key all the same, but nothing verifies with it.
    let off_curve = VerifyingKey::from_bytes(&{
        let mut bytes = [0; 32];
        bytes[0] = 2;
        bytes
    });
    let mut signature = SigningKey::from_seed(&[1; 32]).sign_bytes(b"x");
    assert_eq!(off_curve.verify_bytes(&signature, b"x"), Err(SignatureError::KeyIdMismatch));
    signature.key_id.clear();
    assert_eq!(off_curve.verify_bytes(&signature, b"x"), Ok(false));

    // The neutral element, of small order, in canonical and in non-canonical encoding, is not refused: with R the
    // neutral element and S = 0 the equation holds.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let mut unreduced = [0xff; 32];
    (unreduced[0], unreduced[31]) = (0xee, 0x7f);
    let mut sig = [0; 64];
    sig[0] = 1;
    let signature = Signature { alg: "ed25519".into(), sig: BASE64_STANDARD.encode(sig), ..Signature::default() };
    for key in [neutral, unreduced] {
        assert_eq!(VerifyingKey::from_bytes(&key).verify_bytes(&signature, b"anything"), Ok(true));
    }
}

#[test]
fn a_private_key_of_two_pairs_is_refused() {
    let (a, b) = (SigningKey::from_seed(&[1; 32]), SigningKey::from_seed(&[2; 32]));
    let mixed = [&[1; 32], b.verifying_key().as_bytes().as_slice()].concat();
    let text = BASE64_STANDARD.encode(mixed);
    let error = SigningKey::from_base64(&text).unwrap_err();
    assert_eq!(error, KeyError::Inconsistent);
    assert_eq!((error.code(), error.category()), ("key_inconsistent", Category::InvalidInput));
    assert_ne!(a.key_id(), b.key_id());
}

#[test]
fn secrets_stay_out_of_sight() {
    let key = SigningKey::from_seed(&[0x5a; 32]);
    let secret = key.to_base64();
    assert_eq!(format!("{key:?}"), format!("SigningKey({})", key.key_id()));
    for bad in [format!("{}!", *secret), secret[..80].to_owned(), format!("{} {}", &secret[..40], &secret[40..])] {
        let error = SigningKey::from_base64(&bad).unwrap_err();
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!text.contains(&secret[..6]) && !text.contains('!'), "{text}");
        }
    }
}

#[test]
fn each_way_of_giving_a_key_trims_its_own_blanks() {
    let text = SigningKey::from_seed(&[3; 32]).to_base64();
    let wide = format!("\u{a0}\u{2003}{}\u{b}", *text);
    assert!(SigningKey::parse_env_text(&wide).is_ok());
    assert!(SigningKey::parse_file_text(wide.as_bytes()).is_err());
    assert!(SigningKey::parse_file_text(format!(" \t{}\r\n", *text).as_bytes()).is_ok());
    assert!(SigningKey::from_base64(&format!(" {}", *text)).is_err());
    assert_eq!(SigningKey::parse_env_text(" \u{2028}").unwrap_err(), KeyError::Blank { half: Half::Private });
    assert_eq!(VerifyingKey::parse_file_text(b"").unwrap_err().to_string(), "invalid public key length: 0");
    assert_eq!(SigningKey::from_base64(&text[..44]).unwrap_err().to_string(), "invalid private key length: 33");
}

/// Files and variables by name.
#[derive(Default)]
struct Fake(BTreeMap<&'static str, String>);

impl KeySource for Fake {
    fn read_file(&self, path: &str) -> Result<Zeroizing<Vec<u8>>, String> {
        let content = self.0.get(path).ok_or("no such file")?;
        Ok(Zeroizing::new(content.as_bytes().to_vec()))
    }

    fn read_env(&self, name: &str) -> Option<Zeroizing<String>> {
        self.0.get(name).cloned().map(Zeroizing::new)
    }
}

#[test]
fn key_configuration() {
    let (a, b) = (SigningKey::from_seed(&[1; 32]), SigningKey::from_seed(&[2; 32]));
    let source = Fake(BTreeMap::from([
        ("a.key", a.to_base64().to_string()),
        ("a.pub", a.verifying_key().to_base64()),
        ("b.pub", b.verifying_key().to_base64()),
        ("A_KEY", format!(" {}\n", *a.to_base64())),
        ("BLANK", " \n".to_owned()),
    ]));
    let seed = || Ok(Zeroizing::new([9; 32]));
    let sign = |config: KeyConfig<'_>| config.load_signing_key(&source, seed).map_err(|error| error.to_string());
    let verify = |config: KeyConfig<'_>| {
        config.load_verify_key(&source).map(|key| key.key_id().to_owned()).map_err(|error| error.to_string())
    };
    let none = KeyConfig::default();

    let dev = sign(KeyConfig { mode: "dev", ..none }).unwrap();
    assert_eq!(dev.warnings, [DEV_KEY_WARNING]);
    assert_eq!(dev.key.key_id(), SigningKey::from_seed(&[9; 32]).key_id());
    for config in [
        KeyConfig { private_path: " ", ..none },
        KeyConfig { private_env: "A_KEY", ..none },
        KeyConfig { public_path: "a.pub", ..none },
        KeyConfig { public_env: "x", ..none },
    ] {
        assert!(sign(KeyConfig { mode: "dev", ..config }).unwrap_err().starts_with("key mode dev takes no key"));
    }
    let failed = KeyConfig { mode: "dev", ..none }.load_signing_key(&source, || Err("no entropy".to_owned()));
    assert_eq!(failed.unwrap_err().category(), Category::InternalFailure);

    for mode in ["prod", ""] {
        let prod = KeyConfig { mode, ..none };
        let key = sign(KeyConfig { private_path: "a.key", ..prod }).unwrap();
        assert_eq!((key.key.key_id(), key.warnings.len()), (a.key_id(), 0));
        assert!(sign(KeyConfig { private_env: "A_KEY", public_path: "a.pub", ..prod }).is_ok());
        for (config, error) in [
            (KeyConfig { public_path: "a.pub", ..prod }, "private key not configured"),
            (KeyConfig { private_path: "a.key", private_env: "A_KEY", ..prod }, "private key: give a path or"),
            (
                KeyConfig { private_path: "a.key", public_path: "a.pub", public_env: "x", ..prod },
                "public key: give a path or",
            ),
            (KeyConfig { private_path: "a.key", public_path: "b.pub", ..prod }, "public key does not belong"),
            (KeyConfig { private_path: "none", ..prod }, "read private key: no such file"),
            (KeyConfig { private_path: "a.pub", ..prod }, "invalid private key length: 32"),
            (KeyConfig { private_path: "BLANK", ..prod }, "invalid private key length: 0"),
            (KeyConfig { private_env: "UNSET", ..prod }, "private key env not set: UNSET"),
            (KeyConfig { private_env: "BLANK", ..prod }, "private key env not set: BLANK"),
            (KeyConfig { private_path: "a.key", public_env: "UNSET", ..prod }, "public key env not set: UNSET"),
        ] {
            let got = sign(config).unwrap_err();
            assert!(got.starts_with(error), "{config:?}: {got}");
        }
    }
    for mode in ["DEV", " prod", "none"] {
        assert!(sign(KeyConfig { mode, ..none }).unwrap_err().starts_with("unsupported key mode"));
    }

    assert_eq!(verify(none).unwrap_err(), "public key not configured");
    assert_eq!(verify(KeyConfig { private_env: "A_KEY", ..none }).unwrap(), a.key_id());
    // A public key of another pair wins, and the private one is not even read.
    assert_eq!(verify(KeyConfig { private_path: "none", public_path: "b.pub", ..none }).unwrap(), b.key_id());
    let both = KeyConfig { public_path: "b.pub", private_path: "a.key", private_env: "A_KEY", ..none };
    assert!(verify(both).unwrap_err().starts_with("private key: give a path"));
    assert!(verify(KeyConfig { public_env: "x", ..both }).unwrap_err().starts_with("public key: give a path"));
}

#[test]
fn order_of_the_checks() {
    let key = SigningKey::from_seed(&[1; 32]);
    let digest = sha256(b"document");
    let good = key.sign_digest(&digest);
    let error =
        |signature: &Signature| key.verifying_key().verify_computed(signature, &digest).unwrap_err().to_string();
    assert_eq!(key.verifying_key().verify_computed(&good, &digest), Ok(true));
    assert_eq!(key.verifying_key().verify_digest(&good), Ok(true));

    let mut bad = Signature::default();
    assert_eq!(error(&bad), "missing signed_digest");
    bad.signed_digest = digest.to_hex().to_uppercase();
    assert_eq!(error(&bad), "signed_digest mismatch");
    bad.signed_digest = digest.to_hex();
    assert_eq!(error(&bad), "unsupported alg: ");
    bad.alg = "ed25519".into();
    bad.key_id = "x".into();
    bad.sig = "?".into();
    assert_eq!(error(&bad), "key id mismatch");
    bad.key_id = String::new();
    assert!(error(&bad).starts_with("decode sig: "));
    bad.sig = "AAAA".into();
    assert_eq!(error(&bad), "invalid signature length: 3");
    bad.sig = good.sig;
    assert_eq!(key.verifying_key().verify_computed(&bad, &digest), Ok(true));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_signed_verifies_and_nothing_else(seed: [u8; 32], data in prop::collection::vec(any::<u8>(), 1..64), bit in 0..512_usize) {
        let key = SigningKey::from_seed(&seed);
        let signature = key.sign_bytes(&data);
        prop_assert_eq!(key.verifying_key().verify_bytes(&signature, &data), Ok(true));

        let mut sig = BASE64_STANDARD.decode(&signature.sig).unwrap();
        sig[bit / 8] ^= 1 << (bit % 8);
        let flipped = Signature { sig: BASE64_STANDARD.encode(sig), ..signature.clone() };
        prop_assert_eq!(key.verifying_key().verify_bytes(&flipped, &data), Ok(false));

        let mut other = data.clone();
        other[bit % data.len()] ^= 1;
        prop_assert_eq!(key.verifying_key().verify_bytes(&signature, &other), Ok(false));
    }

    #[test]
    fn keys_survive_their_text(seed: [u8; 32]) {
        let key = SigningKey::from_seed(&seed);
        let again = SigningKey::from_base64(&key.to_base64()).unwrap();
        prop_assert_eq!(again.key_id(), key.key_id());
    }

    #[test]
    fn no_text_panics(text in any::<String>(), bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let _ = SigningKey::from_base64(&text);
        let _ = SigningKey::parse_file_text(&bytes);
        let _ = VerifyingKey::parse_env_text(&text);
    }
}
