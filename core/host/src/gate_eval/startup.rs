//! What `gate eval` reads before it decides, in the order in which failures count (02 §11.2).

use gait_base::key::VerifyingKey;
use gait_base::text::{split_csv, trim_fold};
use gait_base::time::Timestamp;
use gait_gate::authority::approved_script::ScriptRegistry;
use gait_gate::authority::context_envelope::VerifiedEnvelope;
use gait_gate::authority::inventory::Inventory;
use gait_gate::authority::kill_switch::KillSwitchState;
use gait_gate::authority::token::CheckEach;
use gait_gate::intent::{IntentRequest, decode_request};
use gait_gate::mode::Mode;
use gait_gate::policy::Policy;
use gait_gate::policy::document::Rule;
use gait_gate::verdict::Verdict;

use super::error::GateEvalError;
use super::options::GateEvalOptions;
use crate::broker::{ALLOW_LIST_VARIABLE, Broker, BrokerSettings, COMMAND_ENVIRONMENT_VARIABLE};
use crate::clock::Clock;
use crate::fs::{local_path, read_limited};
use crate::keys::MachineKeys;
use crate::{environment, inventory, kill_switch, script_registry, timezone};

/// Larger than any policy or intent that is read; both have tighter limits of their own.
const INPUT_LIMIT: u64 = 64 << 20;
/// Larger than any context envelope.
const ENVELOPE_LIMIT: u64 = 2 << 20;

/// The kill switch as it was found.
pub(super) enum KillSwitch {
    Off,
    Unavailable,
    State(KillSwitchState),
}

/// Everything that is needed to decide.
pub(super) struct Startup {
    pub(super) options: GateEvalOptions,
    pub(super) mode: Mode,
    pub(super) is_oss_prod: bool,
    pub(super) simulate: bool,
    /// The moment to decide for.
    pub(super) now: Timestamp,
    /// Whether `now` stands for every clock: in strict mode, when it was given (00 D9).
    pub(super) governs_all: bool,
    pub(super) policy: Policy,
    /// The request as it was decoded.
    pub(super) request: IntentRequest,
    /// Whether what is missing must block: by profile, or because the request calls itself high or critical.
    pub(super) fails_closed: bool,
    pub(super) kill_switch: KillSwitch,
    pub(super) envelope: Option<VerifiedEnvelope>,
    pub(super) inventory: Option<Inventory>,
    pub(super) broker: Option<Broker>,
    pub(super) registry: Option<ScriptRegistry>,
    pub(super) warnings: Vec<String>,
}

impl Startup {
    pub(super) fn new(given: &GateEvalOptions, clock: &dyn Clock) -> Result<Self, GateEvalError> {
        let options = given.normalized();
        let refuse = |text: &str| Err(GateEvalError::Option(text.to_owned()));
        if options.policy.is_empty() || options.intent.is_empty() {
            return refuse("both --policy and --intent are required");
        }
        let is_oss_prod = match options.profile.as_str() {
            "standard" => false,
            "oss-prod" => true,
            other => return refuse(&format!("unsupported profile {other:?}: expected standard or oss-prod")),
        };
        let time_given = !options.evaluation_time.is_empty();
        let now = if time_given {
            Timestamp::parse(&options.evaluation_time)
                .and_then(|time| time.to_utc())
                .map_err(|error| GateEvalError::Option(format!("--evaluation-time: {error}")))?
        } else {
            clock.now()
        };
        if is_oss_prod {
            if options.simulate {
                return refuse("--simulate is not allowed with profile oss-prod");
            }
            if !super::is_prod(&options.key_mode) {
                return refuse("profile oss-prod requires --key-mode prod");
            }
            if !options.signing_key().has_private() {
                return refuse("profile oss-prod requires a private key source");
            }
        }
        let mode = options.mode;
        let policy = Policy::parse(&read_limited(&options.policy, INPUT_LIMIT)?, mode)?;
        let policy = match timezone::local_zone() {
            Some(zone) => policy.with_local_zone(&zone),
            None => policy,
        };
        if is_oss_prod && policy.document().default_verdict == Verdict::Allow {
            return refuse("profile oss-prod refuses default_verdict allow");
        }
        let (request, _) = decode_request(&read_limited(&options.intent, INPUT_LIMIT)?, mode)?;
        let risk_class = trim_fold(&request.context.risk_class);
        let fails_closed = is_oss_prod || matches!(risk_class.as_str(), "high" | "critical");

        let kill_switch = match options.kill_switch_state.as_str() {
            "" => KillSwitch::Off,
            path => match kill_switch::load(path, mode) {
                Ok(state) => KillSwitch::State(state),
                Err(_) if fails_closed => KillSwitch::Unavailable,
                Err(error) => return Err(error.into()),
            },
        };
        let envelope = match options.context_envelope.as_str() {
            "" => None,
            path => {
                let bytes = read_limited(local_path(path.as_ref())?, ENVELOPE_LIMIT)?;
                Some(VerifiedEnvelope::parse(&bytes, mode)?)
            }
        };
        let mut warnings = Vec::new();
        let inventory = load_inventory(&options, fails_closed, &mut warnings)?;
        let broker = choose_broker(&options, is_oss_prod, policy.document().rules.as_slice())?;
        let governs_all = mode.is_strict() && time_given;
        let wall_clock = if governs_all { now } else { clock.now() };
        let registry = load_registry(&options, fails_closed, &wall_clock, &mut warnings)?;
        Ok(Self {
            mode,
            is_oss_prod,
            simulate: options.simulate,
            now,
            governs_all,
            policy,
            request,
            fails_closed,
            kill_switch,
            envelope,
            inventory,
            broker,
            registry,
            warnings,
            options,
        })
    }
}

fn load_inventory(
    options: &GateEvalOptions,
    fails_closed: bool,
    warnings: &mut Vec<String>,
) -> Result<Option<Inventory>, GateEvalError> {
    if options.wrkr_inventory.is_empty() {
        return Ok(None);
    }
    match inventory::load(&options.wrkr_inventory, options.mode) {
        Ok(inventory) => Ok(Some(inventory)),
        Err(error) if fails_closed => Err(GateEvalError::Blocked(format!("wrkr inventory unavailable: {error}"))),
        Err(_) => {
            warnings.push("wrkr inventory unavailable; continuing without context enrichment".to_owned());
            Ok(None)
        }
    }
}

/// The broker, and what profile oss-prod asks of rules and broker (03 §10.1).
fn choose_broker(
    options: &GateEvalOptions,
    is_oss_prod: bool,
    rules: &[Rule],
) -> Result<Option<Broker>, GateEvalError> {
    let allow_list = environment::variable(ALLOW_LIST_VARIABLE).unwrap_or_default();
    let command_environment = environment::variable(COMMAND_ENVIRONMENT_VARIABLE).unwrap_or_default();
    let settings = BrokerSettings {
        broker: &options.credential_broker,
        env_prefix: &options.credential_env_prefix,
        command: &options.credential_command,
        command_arguments: &split_csv(&options.credential_command_args),
        allow_list: &allow_list,
        command_environment: &command_environment,
    };
    let broker = Broker::choose(&settings, options.mode)?;
    if is_oss_prod {
        let high_risk = |rule: &&Rule| {
            let risky = |class: &String| class == "high" || class == "critical";
            rule.effect != Verdict::Block && rule.conditions.risk_classes.iter().any(risky)
        };
        if let Some(rule) = rules.iter().filter(high_risk).find(|rule| !rule.require_broker_credential) {
            return Err(GateEvalError::Option(format!(
                "profile oss-prod requires require_broker_credential for high-risk rule {:?}",
                rule.name
            )));
        }
        if broker.is_none() && rules.iter().any(|rule| high_risk(&rule)) {
            return Err(GateEvalError::Option(
                "profile oss-prod requires a credential broker for high-risk rules".to_owned(),
            ));
        }
    }
    Ok(broker)
}

/// The registry of approved scripts if it can be trusted; where it cannot, high-risk requests are refused (03 §4.6).
fn load_registry(
    options: &GateEvalOptions,
    fails_closed: bool,
    now: &Timestamp,
    warnings: &mut Vec<String>,
) -> Result<Option<ScriptRegistry>, GateEvalError> {
    if options.approved_script_registry.is_empty() {
        return Ok(None);
    }
    let mut give_up = |reason: String, warning: &str| {
        if fails_closed {
            return Err(GateEvalError::Blocked(reason));
        }
        warnings.push(warning.to_owned());
        Ok(None)
    };
    let registry = match script_registry::load(&options.approved_script_registry, options.mode) {
        Ok(registry) => registry,
        Err(error) => {
            return give_up(
                format!("approved script registry unavailable: {error}"),
                "approved script registry unavailable; continuing without fast-path pre-approval",
            );
        }
    };
    let sources = [options.registry_key(), options.approval_key()];
    let Some(source) = sources.iter().find(|source| source.has_public() || source.has_private()) else {
        return give_up(
            "approved script registry verify key is not configured".to_owned(),
            "approved script fast-path disabled because registry verify key is not configured",
        );
    };
    let key: VerifyingKey = source.load_verify_key(&MachineKeys)?;
    match registry.verify(Some(&key), now, &CheckEach) {
        Ok(()) => Ok(Some(registry)),
        Err(fault) => give_up(
            format!("approved script registry entry failed verification: {fault}"),
            "approved script registry entry failed verification; fast-path disabled",
        ),
    }
}
