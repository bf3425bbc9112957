// What a gate is made with besides its policy.

import { known, text, texts } from './argument';
import type { Broker } from './broker';
import { filePath, written, type Written } from './document';
import { call, invalidArgument } from './errors';
import { SigningKey } from './key';
import { native, type JudgeHandle } from './native';
import { nativeTrust, type TrustedKeys } from './trust';

/** How a gate works. */
export interface GateOptions {
  /** What traces are signed with; without one they are unsigned. */
  signingKey?: SigningKey | undefined;
  /** Which of the two the policy is expected to be; anything else is an error. */
  strict?: boolean | undefined;
  /** What traces name as their producer; `GAIT_PRODUCER_VERSION`, else the version of this package, by default. */
  producerVersion?: string | undefined;
  /** Ties together what one task did. */
  correlationId?: string | undefined;
  /** Whose approvals count; nobody's by default. */
  approvers?: TrustedKeys | undefined;
  /** Whose delegation tokens count; the approvers' by default. */
  delegators?: TrustedKeys | undefined;
  /** Lets an approval serve as often as its intent is proposed. A strict gate otherwise accepts each once. */
  reusableApprovals?: boolean | undefined;
  /**
   * Keeps all state in files that processes share, by their default names, in `.gait-out` beneath this folder. The kill
   * switch among them (`.gait-out/kill_switch_state.json`) is started where there is none.
   */
  stateDir?: string | URL | undefined;
  /** File of the counters. Like the three below it goes before `stateDir`; what is not named is kept in memory. */
  rateLimitState?: string | URL | undefined;
  /**
   * File of the kill switch, asked before each decision. A missing one is an error, or a block where much is at risk:
   * `new KillSwitch(path).start()` makes it.
   */
  killSwitchState?: string | URL | undefined;
  /** File of the approvals that were used. */
  usedTokens?: string | URL | undefined;
  /** Folder of requests for approvals and of their answers. */
  approvalsDir?: string | URL | undefined;
  /** File of what is known about tools; read again when it changes. */
  inventory?: string | URL | undefined;
  /** File of approved scripts; read again when it changes. Needs `scriptKeys`. */
  approvedScripts?: string | URL | undefined;
  /** Whose signatures make a script approved. */
  scriptKeys?: TrustedKeys | undefined;
  /** Who issues the credentials that rules require: a broker by name, or a function. */
  broker?: 'off' | 'stub' | 'env' | 'command' | Broker | undefined;
  /** What the variables of the `env` broker begin with. */
  brokerEnvPrefix?: string | undefined;
  /** The program of the `command` broker. */
  brokerCommand?: string | undefined;
  /** Its arguments. */
  brokerArgs?: readonly string[] | undefined;
  /** Lets everything pass and tells what would have happened. */
  simulate?: boolean | undefined;
}

const OPTIONS: ReadonlySet<string> = new Set([
  'signingKey',
  'strict',
  'producerVersion',
  'correlationId',
  'approvers',
  'delegators',
  'reusableApprovals',
  'stateDir',
  'rateLimitState',
  'killSwitchState',
  'usedTokens',
  'approvalsDir',
  'inventory',
  'approvedScripts',
  'scriptKeys',
  'broker',
  'brokerEnvPrefix',
  'brokerCommand',
  'brokerArgs',
  'simulate',
]);

const FILES = ['stateDir', 'rateLimitState', 'killSwitchState', 'usedTokens', 'approvalsDir', 'inventory', 'approvedScripts'] as const;

/** The settings that are text or a switch, as the native half takes them. */
function settingsOf(options: GateOptions): Written {
  const path = (name: (typeof FILES)[number]): string => (options[name] === undefined ? '' : filePath(options[name]));
  const { broker } = options;
  return written(
    {
      producer_version: text(options.producerVersion ?? '', 'producerVersion'),
      correlation_id: text(options.correlationId ?? '', 'correlationId'),
      reusable_approvals: flag(options.reusableApprovals, 'reusableApprovals'),
      simulate: flag(options.simulate, 'simulate'),
      state_dir: path('stateDir'),
      rate_limit_state: path('rateLimitState'),
      kill_switch_state: path('killSwitchState'),
      used_tokens: path('usedTokens'),
      approvals_dir: path('approvalsDir'),
      inventory: path('inventory'),
      approved_scripts: path('approvedScripts'),
      broker: typeof broker === 'function' ? '' : text(broker ?? '', 'broker'),
      broker_env_prefix: text(options.brokerEnvPrefix ?? '', 'brokerEnvPrefix'),
      broker_command: text(options.brokerCommand ?? '', 'brokerCommand'),
      broker_args: texts(options.brokerArgs, 'brokerArgs'),
      asks_function: typeof broker === 'function',
    },
    'settings',
  );
}

function flag(value: unknown, argument: string): boolean {
  if (value === undefined) return false;
  if (typeof value !== 'boolean') throw invalidArgument(`${argument} must be true or false`);
  return value;
}

/** @internal Whether a decision may have to wait for files. */
export function usesFiles(options: GateOptions): boolean {
  return FILES.some((name) => options[name] !== undefined);
}

/** @internal The gate. */
export function nativeGate(policy: JudgeHandle, options: GateOptions): JudgeHandle {
  known(options, OPTIONS);
  fitting(options);
  const { signingKey, approvers, delegators, scriptKeys } = options;
  const { bytes, start, end } = settingsOf(options);
  const parts = native.partsNew();
  if (signingKey !== undefined) native.partsSigningKey(parts, SigningKey.handleOf(signingKey));
  if (approvers !== undefined) native.partsApprovers(parts, nativeTrust(approvers, 'approvers'));
  if (delegators !== undefined) native.partsDelegators(parts, nativeTrust(delegators, 'delegators'));
  if (scriptKeys !== undefined) native.partsScriptKeys(parts, nativeTrust(scriptKeys, 'scriptKeys'));
  return call(() => native.gateNew(policy, parts, bytes, start, end));
}

/** What belongs together. */
function fitting({ approvedScripts, scriptKeys, broker, brokerCommand, brokerArgs }: GateOptions): void {
  if ((approvedScripts === undefined) !== (scriptKeys === undefined)) {
    throw invalidArgument('approvedScripts and scriptKeys go together');
  }
  if ((brokerCommand !== undefined || brokerArgs !== undefined) && broker !== 'command') {
    throw invalidArgument("brokerCommand and brokerArgs need broker: 'command'");
  }
}
