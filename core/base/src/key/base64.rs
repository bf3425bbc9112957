//! Base64 as keys and signatures are written: standard alphabet, padding required, line breaks anywhere passed over,
//! other blanks refused, unused bits of the last digit tolerated (01 §4.2).

use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, Engine as _, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// The text is not base64. Says nothing of what stands there: it may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not standard base64 with padding")]
pub struct Base64Error;

/// Bytes as base64.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

/// The bytes that base64 stands for. They and what is copied on the way are wiped when dropped.
///
/// # Errors
/// [`Base64Error`].
pub fn decode(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, Base64Error> {
    let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let joined;
    let digits = if text.iter().any(is_break) {
        // Reserved at once, so that no part of a secret stays behind in a buffer that was outgrown.
        let mut buffer = Vec::with_capacity(text.len());
        buffer.extend(text.iter().filter(|byte| !is_break(byte)));
        joined = Zeroizing::new(buffer);
        joined.as_slice()
    } else {
        text
    };
    ENGINE.decode(digits).map(Zeroizing::new).map_err(|_| Base64Error)
}

/// The 64 bytes of a signature that is written without line breaks: no secret, so that nothing need be allocated or wiped.
/// Nothing for any other text; [`decode`] tells what it is.
pub(crate) fn decode_signature(text: &[u8]) -> Option<[u8; 64]> {
    // Room for what 88 digits may stand for at most.
    let mut buffer = [0; 66];
    match ENGINE.decode_slice(text, &mut buffer) {
        Ok(64) => buffer.first_chunk().copied(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_accepted() {
        for (text, want) in
            [("", ""), ("QQ==", "A"), ("QR==", "A"), ("Q\nU\rI=\r\n", "AB"), ("QQ=\n=", "A"), ("QUJD", "ABC")]
        {
            assert_eq!(decode(text.as_bytes()).unwrap().as_slice(), want.as_bytes(), "{text:?}");
        }
        let signature = encode(&[0xA5; 64]);
        assert_eq!(decode_signature(signature.as_bytes()), Some([0xA5; 64]));
        for other in [&signature[..87], &format!("{signature}\n"), &encode(&[0; 63]), &encode(&[0; 65]), ""] {
            assert_eq!(decode_signature(other.as_bytes()), None, "{other:?}");
        }
        for text in
            ["QQ", "QQ=", "Q", "QQ===", "QQ== ", " QQ==", "Q Q==", "QQ==QQ==", "QUJD====", "-_==", "QQ==\t", "Q=Q="]
        {
            assert_eq!(decode(text.as_bytes()).map(|_| ()), Err(Base64Error), "{text:?}");
        }
    }
}
