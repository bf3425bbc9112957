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
export { canonicalize, digest, type CanonicalOptions } from './canonical';
export * as compat from './compat';
export { Decision, type DecisionColumns } from './decision';
export { Gate, type EvaluateManyOptions, type GateOptions } from './gate';
export { guard, type Arguments, type GuardOptions } from './guard';
export { Intent, type IntentLike, type ReadOptions } from './intent';
export { SigningKey, VerifyingKey } from './key';
export type { Moment } from './moment';
export { Policy, type EvaluateOptions } from './policy';
export { Trace, verifyTrace, type TraceDocument, type TraceLike } from './trace';
export type {
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
