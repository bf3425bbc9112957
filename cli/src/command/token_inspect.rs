//! `gait approve inspect`, `gait delegate inspect`: what a token says, whether it is true or not.

use gait_base::json::{self, Encode, Map, Reading, Value};
use gait_base::signature::Signature;
use gait_base::time::Timestamp;
use gait_gate::authority::approval::ApprovalToken;
use gait_gate::authority::delegation::DelegationToken;
use gait_gate::authority::token::AuthorityError;

use super::token;
use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

gait_base::record! {
    /// What `approve inspect` and `delegate inspect` print.
    #[derive(Clone, Debug, PartialEq)]
    struct InspectOutput {
        /// Whether the file is a token; says nothing about whether the token counts.
        ok: bool,
        /// Always false: nothing is verified here.
        verified: bool,
        /// The file, as it was named.
        token_path: String,
        /// The token in normal form.
        token: Map,
        /// Digest of the normal form without its signature: what the signature must be over.
        content_digest: String,
        /// Whether there is a signature and the digest in it is this one. The signature itself may be anybody's.
        signed_digest_fits_content: bool,
        /// The key that the signature names; absent without one.
        key_id: String => omit,
        /// Whether the id is the one that minting derives from the content.
        id_fits_content: bool,
        /// When the token ends, to the second.
        expires_at: String,
        /// The same to the nanosecond.
        expires_at_exact: Timestamp,
        /// Whether that is over.
        expired: bool,
        /// That this is no verification.
        description: String,
    }
}

/// What both kinds of token have in common for a reader.
struct Inspected {
    command: &'static str,
    token: Map,
    content_digest: String,
    signature: Option<Signature>,
    id_fits_content: bool,
    expires_at: Timestamp,
}

pub(crate) fn approval(call: &Call<'_>) -> Answer {
    let path = token::path(call)?;
    let token = token::read(path, |bytes| {
        ApprovalToken::parse(bytes, call.mode()).map_err(AuthorityError::from)?.normalized()
    })?;
    let inspected = Inspected {
        command: "approve",
        token: members(&token)?,
        content_digest: token.content_digest()?.to_hex(),
        id_fits_content: token.id_fits_content()?,
        signature: token.signature,
        expires_at: token.expires_at,
    };
    report(call, path, inspected)
}

pub(crate) fn delegation(call: &Call<'_>) -> Answer {
    let path = token::path(call)?;
    let token = token::read(path, |bytes| {
        DelegationToken::parse(bytes, call.mode()).map_err(AuthorityError::from)?.normalized()
    })?;
    let inspected = Inspected {
        command: "delegate",
        token: members(&token)?,
        content_digest: token.content_digest()?.to_hex(),
        id_fits_content: token.id_fits_content()?,
        signature: token.signature,
        expires_at: token.expires_at,
    };
    report(call, path, inspected)
}

fn members(token: &impl Encode) -> Result<Map, Failure> {
    Ok(json::decode(&json::to_compact(token)?, Reading::COMPAT)?)
}

fn report(call: &Call<'_>, path: &str, inspected: Inspected) -> Answer {
    let now = token::any_moment(call)?;
    let verify = format!("gait {} verify", inspected.command);
    let signature = inspected.signature.unwrap_or_default();
    let expires_at = inspected.expires_at.to_utc()?;
    let record = InspectOutput {
        ok: true,
        verified: false,
        token_path: path.to_owned(),
        token: inspected.token,
        signed_digest_fits_content: signature.signed_digest == inspected.content_digest,
        content_digest: inspected.content_digest,
        key_id: signature.key_id,
        id_fits_content: inspected.id_fits_content,
        expires_at: expires_at.format_seconds()?,
        expires_at_exact: expires_at,
        expired: !now.is_before(&expires_at),
        description: format!("not verified: this is only what the file says; {verify} tells whether it holds"),
    };
    let mut text = Text::summary(&format!("{} inspect", inspected.command))
        .pair("verified", false)
        .pair("path", path)
        .pair("expired", record.expired)
        .pair("id_fits_content", record.id_fits_content)
        .pair("signed_digest_fits_content", record.signed_digest_fits_content)
        .line("note", &record.description)
        .line("content_digest", &record.content_digest);
    for (name, value) in record.token.iter() {
        text = text.line(name, &told(value));
    }
    Ok(Report::new(&record, text))
}

/// A member for a person.
fn told(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        other => json::to_compact(other).map_or_else(|_| String::new(), |bytes| String::from_utf8_lossy(&bytes).into()),
    }
}
