/**
 * libgait for Node: decide about a tool call before it runs, in process, and keep signed evidence of the answer.
 *
 * Everything here reads strictly: unknown, re-cased and repeated members and what cannot be kept exactly are errors.
 * With `strict: false`, or through `compat`, documents are read as gait v1.4 reads them.
 *
 * @packageDocumentation
 */

export {
  ApprovalRequired,
  DependencyMissing,
  DocumentError,
  DryRun,
  GaitError,
  IntentError,
  InternalFailure,
  InvalidInput,
  IoFailure,
  KeyMaterialError,
  NetworkPermanent,
  NetworkTransient,
  PolicyBlocked,
  PolicyError,
  StateContention,
  VerdictError,
  VerificationFailed,
  type Category,
  type FailureDetails,
} from './errors';
export {
  ApprovalRequest,
  ApprovalToken,
  approve,
  type ApprovalLike,
  type ApprovalRequestDocument,
  type ApprovalRequestLike,
  type ApprovalTokenDocument,
  type ApproveOptions,
  type VerifyApprovalOptions,
} from './approval';
export type { Broker, BrokerRequest, BrokerResponse } from './broker';
export { canonicalize, digest, type CanonicalOptions } from './canonical';
export * as compat from './compat';
export { Decision, type DecisionColumns } from './decision';
export {
  delegate,
  DelegationToken,
  type DelegateOptions,
  type DelegationLike,
  type DelegationTokenDocument,
  type VerifyDelegationOptions,
} from './delegation';
export type { Duration } from './duration';
export { VerifiedEnvelope, type EnvelopeLike } from './envelope';
export { Gate, type EvaluateManyOptions, type WaitOptions } from './gate';
export type { GateOptions } from './gate-options';
export { guard, type ApprovalAnswer, type Arguments, type GuardOptions } from './guard';
export type { EvaluateOptions, GateEvaluateOptions } from './inputs';
export { Intent, type IntentLike, type ReadOptions } from './intent';
export { SigningKey, VerifyingKey } from './key';
export {
  KillSwitch,
  type AddKillSwitchOptions,
  type KillSwitchEntry,
  type KillSwitchOptions,
  type KillSwitchSelectors,
} from './kill-switch';
export type { Moment } from './moment';
export { Policy } from './policy';
export { Trace, verifyTrace, type TraceDocument, type TraceLike } from './trace';
export type { TrustedKeys } from './trust';
export type {
  ApprovalFinding,
  CredentialFacts,
  DelegationFinding,
  FreezeWindowDecision,
  IntentDocument,
  KillSwitchDecision,
  Limit,
  Lint,
  Notice,
  SandboxDecision,
  Signature,
  StepVerdict,
  Verdict,
} from './values';

import { native } from './native';

/** The version of the package. */
export const version: string = native.version();
