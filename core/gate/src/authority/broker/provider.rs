//! Receipts of well-known credential providers (03 §10.4).

use gait_base::record;
use gait_base::text::trim_fold;
use gait_base::time::{TimeError, Timestamp};

use super::response::default_to;
use super::secret::begins_like_secret;
use super::{BrokerFault, BrokerRequest, BrokerResponse};

record! {
    /// A provider's receipt as it was printed.
    #[derive(Clone, Debug, PartialEq)]
    pub(super) struct ProviderReceipt {
        pub(super) provider: String,
        pub(super) source: String => omit,
        pub(super) access_type: String => omit,
        pub(super) issuer: String => omit,
        pub(super) subject: String => omit,
        pub(super) owner: String => omit,
        pub(super) scope: Vec<String> => omit,
        pub(super) credential_ref: String => omit,
        pub(super) target_binding: String => omit,
        pub(super) run_binding: String => omit,
        pub(super) job_binding: String => omit,
        pub(super) request_digest: String => omit,
        pub(super) issued_at: String => omit,
        pub(super) expires_at: String => omit,
        pub(super) ttl_seconds: i64 => omit,
        pub(super) assumed_role_arn: String => omit,
        pub(super) session_arn: String => omit,
        pub(super) repository: String => omit,
        pub(super) workflow_ref: String => omit,
        pub(super) lease_id: String => omit,
        pub(super) principal: String => omit,
        pub(super) workload_identity_provider: String => omit,
        pub(super) service_principal_id: String => omit,
        pub(super) federated_credential_id: String => omit,
        pub(super) broker_session_id: String => omit,
    }
}

/// The providers whose receipts are understood.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Provider {
    AwsSts,
    GithubOidc,
    VaultDynamic,
    GcpSts,
    AzureFederated,
    OktaCyberark,
    Command,
    File,
}

/// Whether a provider goes by that name.
pub(super) fn is_provider(name: &str) -> bool {
    Provider::parse(name).is_some()
}

impl Provider {
    fn parse(name: &str) -> Option<Self> {
        Some(match trim_fold(name).as_str() {
            "aws" | "aws_sts" | "sts" => Self::AwsSts,
            "github" | "github_oidc" | "oidc" => Self::GithubOidc,
            "vault" | "vault_dynamic" => Self::VaultDynamic,
            "gcp" | "gcp_sts" => Self::GcpSts,
            "azure" | "azure_federated" => Self::AzureFederated,
            "okta" | "cyberark" | "okta_cyberark" => Self::OktaCyberark,
            "command" => Self::Command,
            "file" => Self::File,
            _ => return None,
        })
    }

    const fn name(self) -> &'static str {
        match self {
            Self::AwsSts => "aws_sts",
            Self::GithubOidc => "github_oidc",
            Self::VaultDynamic => "vault_dynamic",
            Self::GcpSts => "gcp_sts",
            Self::AzureFederated => "azure_federated",
            Self::OktaCyberark => "okta_cyberark",
            Self::Command => "command",
            Self::File => "file",
        }
    }

    const fn issuer(self) -> &'static str {
        match self {
            Self::AwsSts => "sts.amazonaws.com",
            Self::GithubOidc => "token.actions.githubusercontent.com",
            Self::VaultDynamic => "vault",
            Self::GcpSts => "sts.googleapis.com",
            Self::AzureFederated => "login.microsoftonline.com",
            Self::OktaCyberark => "okta-cyberark",
            Self::Command => "command",
            Self::File => "file",
        }
    }

    /// The reference that follows from what the receipt says of the credential.
    fn derived_reference(self, receipt: &ProviderReceipt) -> Option<String> {
        let (main, detail) = match self {
            Self::AwsSts => (first_given(&receipt.assumed_role_arn, &receipt.session_arn), ""),
            Self::GithubOidc => (receipt.repository.trim(), receipt.workflow_ref.trim()),
            Self::VaultDynamic => (receipt.lease_id.trim(), ""),
            Self::GcpSts => (first_given(&receipt.principal, &receipt.workload_identity_provider), ""),
            Self::AzureFederated => (receipt.service_principal_id.trim(), receipt.federated_credential_id.trim()),
            Self::OktaCyberark => (receipt.broker_session_id.trim(), ""),
            Self::Command | Self::File => return None,
        };
        match (main, detail) {
            ("", _) => None,
            (main, "") => Some(format!("{}:{main}", self.name())),
            (main, detail) => Some(format!("{}:{main}:{detail}", self.name())),
        }
    }
}

/// The answer that a receipt amounts to, not yet in normal form; nothing when its provider is not a known one.
///
/// # Errors
/// A secret in place of a reference, a malformed time, or no reference.
pub(super) fn provider_response(
    receipt: ProviderReceipt,
    request: &BrokerRequest,
) -> Result<Option<BrokerResponse>, BrokerFault> {
    let Some(provider) = Provider::parse(&receipt.provider) else { return Ok(None) };
    refuse_secrets(&receipt)?;
    let issued_at = optional_time(&receipt.issued_at)?;
    let expires_at = optional_time(&receipt.expires_at)?;
    let credential_ref = if receipt.credential_ref.trim().is_empty() {
        provider.derived_reference(&receipt).ok_or(BrokerFault::ReferenceMissing)?
    } else {
        receipt.credential_ref
    };
    let mut response = BrokerResponse {
        issued_by: provider.name().to_owned(),
        source: receipt.source,
        access_type: receipt.access_type,
        issuer: receipt.issuer,
        subject: receipt.subject,
        owner: receipt.owner,
        scope: receipt.scope,
        credential_ref,
        target_binding: receipt.target_binding,
        run_binding: receipt.run_binding,
        job_binding: receipt.job_binding,
        request_digest: receipt.request_digest,
        issued_at,
        expires_at,
        ttl_seconds: receipt.ttl_seconds,
    };
    default_to(&mut response.source, provider.name());
    default_to(&mut response.access_type, "jit");
    default_to(&mut response.issuer, provider.issuer());
    default_to(&mut response.subject, &request.identity);
    default_to(&mut response.owner, &request.identity);
    response.inherit_bindings(request);
    Ok(Some(response))
}

/// References that begin like a secret are refused. A reference with a scheme (`ref:`, `env:`, `vault_dynamic:`…) does
/// not begin like one, and needs no exception.
fn refuse_secrets(receipt: &ProviderReceipt) -> Result<(), BrokerFault> {
    let fields = [
        ("credential_ref", &receipt.credential_ref),
        ("federated_credential_id", &receipt.federated_credential_id),
        ("session_arn", &receipt.session_arn),
        ("broker_session_id", &receipt.broker_session_id),
        ("lease_id", &receipt.lease_id),
    ];
    for (name, value) in fields {
        if begins_like_secret(value.trim_start()) {
            return Err(BrokerFault::SecretExposed(name));
        }
    }
    Ok(())
}

fn optional_time(text: &str) -> Result<Timestamp, TimeError> {
    match text.trim() {
        "" => Ok(Timestamp::ZERO),
        given => Timestamp::parse(given),
    }
}

fn first_given<'t>(first: &'t str, second: &'t str) -> &'t str {
    match first.trim() {
        "" => second.trim(),
        given => given,
    }
}
