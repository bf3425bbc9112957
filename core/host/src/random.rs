//! Random numbers of the operating system: seeds of keys, names of temporary files, nonces.

use zeroize::Zeroizing;

use crate::error::HostError;

/// A seed for a signing key, wiped from memory when dropped.
///
/// # Errors
/// [`HostError::Random`] when the operating system has none to give.
pub fn seed() -> Result<Zeroizing<[u8; 32]>, HostError> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut()).map_err(HostError::Random)?;
    Ok(bytes)
}

/// A number for a name that nobody else has picked.
///
/// # Errors
/// [`HostError::Random`] when the operating system has none to give.
pub fn number() -> Result<u64, HostError> {
    getrandom::u64().map_err(HostError::Random)
}

/// The nonce of one encryption, never to be used again.
///
/// # Errors
/// [`HostError::Random`] when the operating system has none to give.
pub fn nonce() -> Result<[u8; 12], HostError> {
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).map_err(HostError::Random)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #[test]
    fn seeds_differ() {
        assert_ne!(*super::seed().unwrap(), *super::seed().unwrap());
        assert_ne!(super::number().unwrap(), super::number().unwrap());
        assert_ne!(super::nonce().unwrap(), super::nonce().unwrap());
    }
}
