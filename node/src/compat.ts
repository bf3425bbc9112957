// The same vocabulary with gait v1.4's leniencies: unknown members are passed over, the case of names does not matter,
// the last repeat counts.

import {
  ApprovalRequest as StrictApprovalRequest,
  ApprovalToken as StrictApprovalToken,
  type ApprovalLike,
  type ApprovalRequestLike,
} from './approval';
import { DelegationToken as StrictDelegationToken, type DelegationLike } from './delegation';
import { VerifiedEnvelope as StrictVerifiedEnvelope, type EnvelopeLike } from './envelope';
import type { IntentLike, ReadOptions } from './intent';
import { Intent as StrictIntent } from './intent';
import type { VerifyingKey } from './key';
import { KillSwitch as StrictKillSwitch } from './kill-switch';
import { Policy as StrictPolicy } from './policy';
import { Trace as StrictTrace, verifyTrace as verify, type TraceLike } from './trace';

export { approve } from './approval';
export { delegate } from './delegation';
export { Gate } from './gate';
export { guard } from './guard';
export { canonicalize, digest } from './canonical';

/** `Policy`, read leniently unless told otherwise. */
export const Policy = {
  /** Reads a policy from YAML or JSON text. */
  parse(text: string | Uint8Array, options: ReadOptions = {}): StrictPolicy {
    return StrictPolicy.parse(text, { strict: options.strict ?? false });
  },
  /** Reads a policy file; the event loop goes on meanwhile. */
  load(path: string | URL, options: ReadOptions = {}): Promise<StrictPolicy> {
    return StrictPolicy.load(path, { strict: options.strict ?? false });
  },
};

/** `Intent`, read leniently unless told otherwise. */
export const Intent = {
  /** Reads an intent from an object, JSON text or bytes. */
  parse(document: IntentLike, options: ReadOptions = {}): StrictIntent {
    return StrictIntent.parse(document, { strict: options.strict ?? false });
  },
  /** Reads an intent file; the event loop goes on meanwhile. */
  load(path: string | URL, options: ReadOptions = {}): Promise<StrictIntent> {
    return StrictIntent.load(path, { strict: options.strict ?? false });
  },
};

/** `Trace`, read leniently unless told otherwise. */
export const Trace = {
  /** Reads a trace from an object, JSON text or bytes. Says nothing about its signature. */
  parse(document: TraceLike, options: ReadOptions = {}): StrictTrace {
    return StrictTrace.parse(document, { strict: options.strict ?? false });
  },
  /** Reads a trace file; the event loop goes on meanwhile. Says nothing about its signature. */
  load(path: string | URL, options: ReadOptions = {}): Promise<StrictTrace> {
    return StrictTrace.load(path, { strict: options.strict ?? false });
  },
};

/** `ApprovalRequest`, read leniently unless told otherwise. */
export const ApprovalRequest = {
  /** Reads a request from an object, JSON text or bytes. */
  parse(document: ApprovalRequestLike, options: ReadOptions = {}): StrictApprovalRequest {
    return StrictApprovalRequest.parse(document, { strict: options.strict ?? false });
  },
  /** Reads a request file; the event loop goes on meanwhile. */
  load(path: string | URL, options: ReadOptions = {}): Promise<StrictApprovalRequest> {
    return StrictApprovalRequest.load(path, { strict: options.strict ?? false });
  },
};

/** `ApprovalToken`, read leniently unless told otherwise. */
export const ApprovalToken = {
  /** Reads a token from an object, JSON text or bytes. Says nothing about its signature. */
  parse(document: ApprovalLike, options: ReadOptions = {}): StrictApprovalToken {
    return StrictApprovalToken.parse(document, { strict: options.strict ?? false });
  },
  /** Reads a token file; the event loop goes on meanwhile. Says nothing about its signature. */
  load(path: string | URL, options: ReadOptions = {}): Promise<StrictApprovalToken> {
    return StrictApprovalToken.load(path, { strict: options.strict ?? false });
  },
};

/** `DelegationToken`, read leniently unless told otherwise. */
export const DelegationToken = {
  /** Reads a token from an object, JSON text or bytes. Says nothing about its signature. */
  parse(document: DelegationLike, options: ReadOptions = {}): StrictDelegationToken {
    return StrictDelegationToken.parse(document, { strict: options.strict ?? false });
  },
  /** Reads a token file; the event loop goes on meanwhile. Says nothing about its signature. */
  load(path: string | URL, options: ReadOptions = {}): Promise<StrictDelegationToken> {
    return StrictDelegationToken.load(path, { strict: options.strict ?? false });
  },
};

/** `VerifiedEnvelope`, read leniently unless told otherwise. */
export const VerifiedEnvelope = {
  /** Reads a context envelope from an object, JSON text or bytes, and checks it. */
  parse(document: EnvelopeLike, options: ReadOptions = {}): StrictVerifiedEnvelope {
    return StrictVerifiedEnvelope.parse(document, { strict: options.strict ?? false });
  },
};

/** `KillSwitch`, whose file is read leniently unless told otherwise. */
export class KillSwitch extends StrictKillSwitch {
  constructor(path: string | URL, options: ReadOptions = {}) {
    super(path, { strict: options.strict ?? false });
  }
}

/** `verifyTrace` of a trace that is read leniently: members it does not have are not covered by the signature. */
export function verifyTrace(trace: TraceLike, key: VerifyingKey, options: ReadOptions = {}): StrictTrace {
  return verify(trace, key, { strict: options.strict ?? false });
}
