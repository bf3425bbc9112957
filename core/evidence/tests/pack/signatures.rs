//! Signatures of other documents, of other packs, of other keys: none of them speaks for this pack.

use gait_base::jcs;
use gait_base::json::{self, Reading};
use gait_base::key::SigningKey;
use gait_base::proof::ProofRecord;
use gait_base::signature::Signature;
use gait_evidence::pack::{self, MANIFEST_PATH, Manifest, PROOF_RECORDS_PATH, VerifyOptions};
use gait_evidence::runpack::SignatureStatus;
use gait_gate::mode::Mode;

use crate::made::{
    Entries, authorization_pack, content, each, entries, job_pack, key, other_key, passes, run_pack, verify_signed,
    zipped,
};

fn manifest(entries: &mut Entries) -> Manifest {
    Manifest::parse(content(entries, MANIFEST_PATH), Mode::Strict).unwrap()
}

/// A pack with these signatures in its manifest; the id does not cover them.
fn with_signatures(bytes: &[u8], signatures: Vec<Signature>) -> Vec<u8> {
    let mut changed = entries(bytes);
    let manifest = Manifest { signatures, ..manifest(&mut changed) };
    *content(&mut changed, MANIFEST_PATH) = jcs::to_canonical(&manifest).unwrap();
    zipped(&changed)
}

fn signature_of(bytes: &[u8]) -> Signature {
    manifest(&mut entries(bytes)).signatures.remove(0)
}

/// The errors that a pack with this one signature gives.
fn errors(bytes: &[u8], signature: Signature) -> Vec<String> {
    for mode in [Mode::Compat, Mode::Strict] {
        let found = verify_signed(&with_signatures(bytes, vec![signature.clone()]), mode).unwrap();
        assert!(!found.ok() && found.signatures.status == SignatureStatus::Failed && found.signatures.valid == 0);
        if mode == Mode::Strict {
            return found.signatures.errors;
        }
    }
    unreachable!()
}

#[test]
fn no_signature_moves_between_packs() {
    let packs = each(Some(&key()));
    for (kind, built) in &packs {
        for (other, from) in packs.iter().filter(|(other, _)| other != kind) {
            let moved = errors(&built.bytes, signature_of(&from.bytes));
            assert_eq!(moved, ["signature verification failed", "signed_digest mismatch"], "{other} on {kind}");
        }
    }
}

#[test]
fn no_signature_of_another_document_speaks_for_a_manifest() {
    let (key, target) = (key(), job_pack(Some(&key())));
    let digest = signature_of(&target.bytes).signed_digest;
    // What the same key said of something else, told as if it had been said of this manifest.
    let other_artifacts: [(&str, Signature); 4] = [
        ("a trace", key.sign_json(crate::made::TRACE.as_bytes()).unwrap()),
        ("bytes", key.sign_bytes(b"anything")),
        ("the text of the digest", key.sign_bytes(digest.as_bytes())),
        ("the canonical text of the manifest", {
            let mut unsigned = manifest(&mut entries(&target.bytes));
            unsigned.signatures.clear();
            key.sign_bytes(&jcs::to_canonical(&unsigned).unwrap())
        }),
    ];
    for (what, signature) in other_artifacts {
        let moved = Signature { signed_digest: digest.clone(), ..signature };
        assert_eq!(errors(&target.bytes, moved), ["signature verification failed"], "{what}");
    }
    // The signature of the embedded runpack's manifest, of a proof record.
    let run = run_pack(Some(&key));
    let first = content(&mut entries(&run.bytes), PROOF_RECORDS_PATH).clone();
    let line = first.split(|byte| *byte == b'\n').next().unwrap();
    let record: ProofRecord = json::decode(line, Reading::STRICT).unwrap();
    let sig = record.integrity.signature.strip_prefix("base64:").unwrap().to_owned();
    let moved = Signature { sig, ..signature_of(&run.bytes) };
    assert_eq!(errors(&run.bytes, moved), ["signature verification failed"]);
}

#[test]
fn another_key_is_another_signer_whatever_it_calls_itself() {
    let pack = job_pack(Some(&other_key()));
    let named = errors(&pack.bytes, signature_of(&pack.bytes));
    assert!(
        named.contains(&"key id mismatch".to_owned()) && named.contains(&"signature verification failed".to_owned())
    );
    let renamed = Signature { key_id: key().key_id().to_owned(), ..signature_of(&pack.bytes) };
    assert!(errors(&pack.bytes, renamed).contains(&"signature verification failed".to_owned()));
}

#[test]
fn one_good_signature_among_bad_ones_is_enough_but_all_are_told() {
    let pack = authorization_pack(Some(&key()));
    let good = signature_of(&pack.bytes);
    let bad = Signature { signed_digest: "0".repeat(64), ..good.clone() };
    let found = verify_signed(&with_signatures(&pack.bytes, vec![bad, good]), Mode::Strict).unwrap();
    assert!(found.ok());
    assert_eq!((found.signatures.total, found.signatures.valid), (2, 1));
    assert_eq!(found.signatures.errors, ["signed_digest mismatch"]);
}

#[test]
fn bits_of_base64_that_stand_for_nothing_do_not_stand_in_strict_mode() {
    let pack = job_pack(Some(&key()));
    let good = signature_of(&pack.bytes);
    let mut digits = good.sig.clone().into_bytes();
    let last = digits.len() - 3;
    // 64 bytes leave four bits of the last digit unused.
    digits[last] = match digits[last] {
        b'A' => b'B',
        b'Q' => b'R',
        b'g' => b'h',
        _ => b'x',
    };
    let padded = Signature { sig: String::from_utf8(digits).unwrap(), ..good.clone() };
    let broken = Signature { sig: format!("{}\n{}", &good.sig[..40], &good.sig[40..]), ..good };
    for altered in [padded, broken] {
        let bytes = with_signatures(&pack.bytes, vec![altered]);
        assert!(passes(verify_signed(&bytes, Mode::Compat)));
        let strict = verify_signed(&bytes, Mode::Strict).unwrap();
        assert!(!strict.ok() && strict.signatures.valid == 0);
    }
}

#[test]
fn proof_records_of_another_signer_fail_a_strict_profile() {
    // The same pack, its records signed by another key, its manifest by ours.
    let (ours, theirs) = (key(), other_key());
    let forge = |records_by: &SigningKey| {
        let mut changed = entries(&job_pack(Some(records_by)).bytes);
        let mut manifest = manifest(&mut changed);
        manifest.signatures =
            vec![ours.sign_digest(&Manifest { signatures: Vec::new(), ..manifest.clone() }.signable_digest().unwrap())];
        *content(&mut changed, MANIFEST_PATH) = jcs::to_canonical(&manifest).unwrap();
        zipped(&changed)
    };
    assert!(passes(verify_signed(&forge(&ours), Mode::Strict)));
    let found = verify_signed(&forge(&theirs), Mode::Strict).unwrap();
    assert!(!found.ok() && found.signatures.status == SignatureStatus::Failed && found.signatures.valid == 1);
    assert_eq!(found.signatures.errors.len(), 3);
    // Without a required signature the records' own are not looked at.
    let options = VerifyOptions { key: Some(ours.verifying_key()), mode: Mode::Compat, ..VerifyOptions::default() };
    let found = pack::verify(std::io::Cursor::new(forge(&theirs)), &options).unwrap();
    assert!(found.ok());
}

#[test]
fn unsigned_packs_pass_only_where_nobody_asks() {
    for (kind, built) in each(None) {
        let found = verify_signed(&built.bytes, Mode::Strict).unwrap();
        assert!(!found.ok(), "{kind}");
        // The records have no signatures either, so that the pack does not merely lack one.
        assert_eq!(found.signatures.status, SignatureStatus::Failed);
        assert!(found.signatures.errors.contains(&"manifest has no signatures".to_owned()));
    }
}
