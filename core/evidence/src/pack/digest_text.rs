//! Digests as texts of documents that others wrote.

use gait_base::digest::Digest;

/// Whether a text is a digest as documents of packs may have it: 64 hex digits of either case, blanks around them.
pub(super) fn is_digest(text: &str) -> bool {
    let text = text.trim();
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a text is this very digest, in hex of either case.
pub(super) fn tells(text: &str, digest: &Digest) -> bool {
    text.eq_ignore_ascii_case(&digest.hex())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_case_are_free_all_else_is_not() {
        for (text, holds) in [
            ("a".repeat(64), true),
            (format!(" {}\n", "A".repeat(64)), true),
            ("a".repeat(63), false),
            ("g".repeat(64), false),
            (format!("{} {}", "a".repeat(31), "b".repeat(32)), false),
            (String::new(), false),
        ] {
            assert_eq!(is_digest(&text), holds, "{text:?}");
        }
        let digest = gait_base::digest::sha256(b"");
        assert!(tells(&digest.to_hex().to_uppercase(), &digest) && !tells(&format!(" {digest}"), &digest));
    }
}
