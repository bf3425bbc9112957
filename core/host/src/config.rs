//! The project's configuration `.gait/config.yaml`: what flags take when they are left blank (08 §3, 02 §15).

use std::path::{Path, PathBuf};

use gait_base::path::clean;
use gait_base::text::{trim_fold_in_place, trim_in_place};
use gait_gate::policy::{YamlDocument, YamlNode};

use crate::error::HostError;
use crate::fs::{exists, read_limited};

/// Where the configuration lies unless something else is said. Only this file may be missing.
pub const DEFAULT_CONFIG_PATH: &str = ".gait/config.yaml";

/// Larger than any configuration.
const CONFIG_LIMIT: u64 = 4 << 20;

/// Declares a section: its fields, all optional in the file, all named there as here.
macro_rules! section {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
        }

        impl $name {
            fn read(section: YamlNode<'_>) -> Result<Self, String> {
                let mut read = Self::default();
                $(if let Some(value) = section.member(stringify!($field)) {
                    read.$field = Setting::read(value).ok_or_else(|| refusal(stringify!($field), value))?;
                })*
                Ok(read)
            }
        }
    };
}

section! {
    /// `gate`: each fills the flag of its meaning when the flag is blank. Texts are trimmed; blank means not set.
    GateDefaults {
        /// `--policy`.
        policy: String,
        /// `--profile`.
        profile: String,
        /// `--key-mode`.
        key_mode: String,
        /// `--private-key`.
        private_key: String,
        /// `--private-key-env`.
        private_key_env: String,
        /// `--approval-public-key`.
        approval_public_key: String,
        /// `--approval-public-key-env`.
        approval_public_key_env: String,
        /// `--approval-private-key`.
        approval_private_key: String,
        /// `--approval-private-key-env`.
        approval_private_key_env: String,
        /// `--kill-switch-state`.
        kill_switch_state: String,
        /// `--rate-limit-state`.
        rate_limit_state: String,
        /// `--credential-broker`.
        credential_broker: String,
        /// `--credential-env-prefix`.
        credential_env_prefix: String,
        /// `--credential-ref`.
        credential_ref: String,
        /// `--credential-scopes`, comma-separated.
        credential_scopes: String,
        /// `--credential-command`.
        credential_command: String,
        /// `--credential-command-args`, comma-separated.
        credential_command_args: String,
        /// `--credential-evidence-out`.
        credential_evidence_path: String,
        /// `--trace-out`.
        trace_path: String,
        /// `--wrkr-inventory`.
        wrkr_inventory_path: String,
    }
}

section! {
    /// `mcp_serve`: checked by the doctor; the service itself takes flags alone.
    McpServeSettings {
        /// Whether the service is meant to run.
        enabled: bool,
        /// The address that it listens on.
        listen: String,
        /// How callers prove who they are; folded.
        auth_mode: String,
        /// The variable that holds their token.
        auth_token_env: String,
        /// The largest request, in bytes.
        max_request_bytes: i64,
        /// Whether verdicts show in the HTTP status; folded.
        http_verdict_status: String,
        /// Whether callers may name files to be written.
        allow_client_artifact_paths: bool,
    }
}

section! {
    /// `retention`: checked by the doctor. Durations as typed.
    RetentionSettings {
        /// How long traces are kept.
        trace_ttl: String,
        /// How long sessions are kept.
        session_ttl: String,
        /// How long exports are kept.
        export_ttl: String,
    }
}

/// The whole configuration; what the file leaves out is blank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectConfig {
    /// Defaults of `gait gate eval`.
    pub gate: GateDefaults,
    /// Settings of the MCP service.
    pub mcp_serve: McpServeSettings,
    /// How long artifacts are kept.
    pub retention: RetentionSettings,
    /// Whether strict mode is on for the project (00 D8).
    pub strict: bool,
}

impl ProjectConfig {
    /// Reads the configuration at `path`. The file may be missing only where the cleaned path is the default one.
    ///
    /// # Errors
    /// [`HostError::Argument`] for a blank path; [`HostError::Io`] for a file that is missing or unreadable;
    /// [`HostError::Malformed`] for what [`Self::parse`] refuses.
    pub fn load(path: &str) -> Result<Self, HostError> {
        let path = path.trim();
        if path.is_empty() {
            return Err(HostError::Argument("the path of the configuration is blank"));
        }
        if clean(path) == DEFAULT_CONFIG_PATH && !exists(path).unwrap_or(true) {
            return Ok(Self::default());
        }
        let bytes = read_limited(path, CONFIG_LIMIT)?;
        Self::parse(&bytes).map_err(|reason| HostError::Malformed {
            what: "configuration",
            path: PathBuf::from(path),
            reason,
        })
    }

    /// The configuration of the project in `folder`, and whether its file is there.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_from(folder: &Path) -> Result<Option<Self>, HostError> {
        let path = folder.join(DEFAULT_CONFIG_PATH);
        if !exists(&path)? {
            return Ok(None);
        }
        let bytes = read_limited(&path, CONFIG_LIMIT)?;
        let parsed = Self::parse(&bytes);
        parsed.map(Some).map_err(|reason| HostError::Malformed { what: "configuration", path, reason })
    }

    /// Reads the text of a configuration. Unknown keys are passed over; repeated ones, keys that are no text, sections
    /// that are no mappings and values of a wrong type are refused.
    ///
    /// # Errors
    /// What is wrong, for a person.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = String::from_utf8_lossy(bytes);
        let document = YamlDocument::parse(&text).map_err(|error| error.to_string())?;
        let Some(root) = document.root() else { return Ok(Self::default()) };
        require_named_members("the configuration", root)?;
        let section = |name: &str| match root.member(name) {
            Some(value) if !value.is_null() => require_named_members(name, value).map(|()| Some(value)),
            _ => Ok(None),
        };
        let mut config = Self {
            gate: section("gate")?.map_or_else(|| Ok(GateDefaults::default()), GateDefaults::read)?,
            mcp_serve: section("mcp_serve")?.map_or_else(|| Ok(McpServeSettings::default()), McpServeSettings::read)?,
            retention: section("retention")?
                .map_or_else(|| Ok(RetentionSettings::default()), RetentionSettings::read)?,
            strict: false,
        };
        if let Some(value) = root.member("strict") {
            config.strict = Setting::read(value).ok_or_else(|| refusal("strict", value))?;
        }
        trim_fold_in_place(&mut config.mcp_serve.auth_mode);
        trim_fold_in_place(&mut config.mcp_serve.http_verdict_status);
        Ok(config)
    }
}

/// A key that is no text would be passed over in silence, and with it what stands under it (00 D6).
fn require_named_members(name: &str, node: YamlNode<'_>) -> Result<(), String> {
    let Some(mut members) = node.members() else {
        return Err(format!("{name} must be a mapping, not {} ({})", node.kind_name(), node.position()));
    };
    match members.find(|(key, _)| !key.is_text()) {
        Some((key, _)) => Err(format!("{name} has a key that is no text ({})", key.position())),
        None => Ok(()),
    }
}

fn refusal(name: &str, value: YamlNode<'_>) -> String {
    format!("{name} cannot be {} ({})", value.kind_name(), value.position())
}

/// What a value of the file becomes; null is what was not set.
trait Setting: Sized {
    fn read(value: YamlNode<'_>) -> Option<Self>;
}

impl Setting for String {
    fn read(value: YamlNode<'_>) -> Option<Self> {
        if value.is_null() {
            return Some(Self::new());
        }
        let mut text = value.text()?.into_owned();
        trim_in_place(&mut text);
        Some(text)
    }
}

impl Setting for i64 {
    fn read(value: YamlNode<'_>) -> Option<Self> {
        if value.is_null() { Some(0) } else { value.integer() }
    }
}

impl Setting for bool {
    fn read(value: YamlNode<'_>) -> Option<Self> {
        if value.is_null() { Some(false) } else { value.boolean() }
    }
}

#[cfg(test)]
mod tests {
    use gait_base::error::Classify;

    use super::*;

    #[test]
    fn sections_are_read_by_name() {
        let text = "gate:\n  policy: '  block.yaml  '\n  colour: red\n  key_mode: 42\nother: {a: 1}\nmcp_serve:\n  \
                    enabled: True\n  max_request_bytes: '1_000'\n  auth_mode: ' Token '\nretention:\nstrict: true\n";
        let config = ProjectConfig::parse(text.as_bytes()).unwrap();
        assert_eq!((config.gate.policy.as_str(), config.gate.key_mode.as_str()), ("block.yaml", "42"));
        assert_eq!((config.mcp_serve.enabled, config.mcp_serve.max_request_bytes), (true, 1000));
        assert_eq!(config.mcp_serve.auth_mode, "token");
        assert!(config.strict);
        assert_eq!(config.retention, RetentionSettings::default());
    }

    #[test]
    fn nothing_is_a_configuration_too() {
        for text in ["", "  \n\n", "# only this\n", "---\n", "gate:\n", "GATE:\n  policy: nope.yaml\n"] {
            assert_eq!(ProjectConfig::parse(text.as_bytes()), Ok(ProjectConfig::default()), "{text:?}");
        }
    }

    #[test]
    fn mistakes_are_refused() {
        for text in [
            "gate: [\n",
            "gate: 3\n",
            "- a\n",
            "text\n",
            "null\n",
            "gate:\n  policy: a\n  policy: b\n",
            "gate: {}\ngate: {}\n",
            "mcp_serve:\n  enabled: maybe\n",
            "mcp_serve:\n  enabled: yes\n",
            "mcp_serve:\n  max_request_bytes: lots\n",
            "gate:\n  policy: [a]\n",
            "1: x\n",
            "gate:\n  true: x\n",
            "gate: *nowhere\n",
            "\u{feff}gate: {}\n",
            "gate:\n\tpolicy: a\n",
            "a: 1\n---\nb: 1\nb: 2\n",
        ] {
            assert!(ProjectConfig::parse(text.as_bytes()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn aliases_and_line_ends_do_not_matter() {
        let text = "base: &b {policy: p.yaml}\r\ngate:\r\n  <<: *b\r\n  profile: standard\r\n";
        let config = ProjectConfig::parse(text.as_bytes()).unwrap();
        assert_eq!((config.gate.policy.as_str(), config.gate.profile.as_str()), ("p.yaml", "standard"));
    }

    #[test]
    fn only_the_default_file_may_be_missing() {
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("other.yaml");
        assert_eq!(ProjectConfig::load(other.to_str().unwrap()).unwrap_err().code(), "file_unusable");
        assert_eq!(ProjectConfig::load(" ").unwrap_err().code(), "invalid_argument");
        assert_eq!(ProjectConfig::load_from(folder.path()).unwrap(), None);
        assert_eq!(ProjectConfig::load("./.gait//config.yaml").unwrap(), ProjectConfig::default());
        std::fs::write(&other, "gate: {policy: x}").unwrap();
        assert_eq!(ProjectConfig::load(other.to_str().unwrap()).unwrap().gate.policy, "x");
        assert!(ProjectConfig::load(folder.path().to_str().unwrap()).is_err());
    }
}
