//! The one line by which a ticket names a runpack (04 §8.7).

use super::RunpackError;

/// The footer of a ticket, whatever the run id.
#[must_use]
pub fn ticket_footer(run_id: &str, manifest_digest: &str) -> String {
    format!("GAIT run_id={run_id} manifest=sha256:{manifest_digest} verify=\"gait verify {run_id}\"")
}

/// The footer of a ticket, if other tools can read it back.
///
/// # Errors
/// [`RunpackError::TicketFooter`] for a run id of other characters than letters, digits, `_` and `-`, and for a digest
/// that is not 64 lower-case hex digits.
pub fn checked_ticket_footer(run_id: &str, manifest_digest: &str) -> Result<String, RunpackError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if run_id.is_empty() || !run_id.bytes().all(plain) || !gait_base::text::is_lower_hex_digest(manifest_digest) {
        return Err(RunpackError::TicketFooter);
    }
    Ok(ticket_footer(run_id, manifest_digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_ids_and_lower_case_digests_have_a_footer() {
        let digest = "a".repeat(64);
        assert_eq!(
            checked_ticket_footer("run_A-1", &digest).unwrap(),
            format!("GAIT run_id=run_A-1 manifest=sha256:{digest} verify=\"gait verify run_A-1\"")
        );
        for id in ["", "a b", "a.b", "é", "a\n"] {
            assert!(checked_ticket_footer(id, &digest).is_err(), "{id:?}");
        }
        assert!(checked_ticket_footer("run", &digest.to_uppercase()).is_err());
    }
}
