// The native half, as `bindings/node` makes it. Nothing of this is visible outside the package.

import { existsSync } from 'node:fs';
import path from 'node:path';

import { DependencyMissing, InternalFailure } from './errors';

declare const kind: unique symbol;

/** Something that only the native half can look into. */
export type Handle<Kind extends string> = { readonly [kind]: Kind };

export type JudgeHandle = Handle<'judge'>;
export type IntentHandle = Handle<'intent'>;
export type SigningKeyHandle = Handle<'signing key'>;
export type VerifyingKeyHandle = Handle<'verifying key'>;
export type BatchHandle = Handle<'batch'>;
export type TrustHandle = Handle<'trust'>;
export type PartsHandle = Handle<'parts'>;
export type ApprovalHandle = Handle<'approval token'>;
export type DelegationHandle = Handle<'delegation token'>;
export type EnvelopeHandle = Handle<'context envelope'>;
export type PatienceHandle = Handle<'patience'>;
export type ReplyHandle = Handle<'reply'>;

/** Milliseconds since 1970, or RFC 3339 text. */
export type NativeMoment = number | string;

/** Milliseconds, or text such as `15m`. */
export type NativeDuration = number | string;

/**
 * The place of the verdict, or that digit before all that the decision says as JSON; in a batch, also the text of an error.
 */
export type Answer = number | string;

export interface Native {
  version(): string;

  policyParse(bytes: Uint8Array, start: number, end: number, strict: boolean, producerVersion: string): JudgeHandle;
  policyLoad(path: string, strict: boolean, producerVersion: string): Promise<JudgeHandle>;
  policyDigest(judge: JudgeHandle): string;
  policyRules(judge: JudgeHandle): string[];
  policyLint(judge: JudgeHandle): string;
  policyFormat(judge: JudgeHandle): string;

  trustNew(): TrustHandle;
  trustKey(trust: TrustHandle, key: VerifyingKeyHandle): void;
  trustHolder(trust: TrustHandle, key: VerifyingKeyHandle, name: string): void;
  partsNew(): PartsHandle;
  partsSigningKey(parts: PartsHandle, key: SigningKeyHandle): void;
  partsApprovers(parts: PartsHandle, trust: TrustHandle): void;
  partsDelegators(parts: PartsHandle, trust: TrustHandle): void;
  partsScriptKeys(parts: PartsHandle, trust: TrustHandle): void;
  gateNew(policy: JudgeHandle, parts: PartsHandle, settings: Uint8Array, start: number, end: number): JudgeHandle;
  requestApproval(gate: JudgeHandle, request: string): Promise<string>;
  addApproval(gate: JudgeHandle, token: ApprovalHandle): Promise<string>;
  approvalRequests(gate: JudgeHandle): Promise<string>;
  patienceNew(): PatienceHandle;
  patienceEnd(patience: PatienceHandle): void;
  waitForApprovals(
    gate: JudgeHandle,
    request: string,
    spent: readonly string[],
    timeout: NativeDuration,
    now: NativeMoment,
    patience: PatienceHandle,
  ): Promise<string>;
  brokerReply(reply: ReplyHandle, answer: string | null): void;

  clock(): string;
  evaluate(judge: JudgeHandle, bytes: Uint8Array, start: number, end: number, now: NativeMoment): Answer;
  evaluateIntent(judge: JudgeHandle, intent: IntentHandle, now: NativeMoment): Answer;
  evaluateRequest(judge: JudgeHandle, bytes: Uint8Array, start: number, end: number, now: NativeMoment): Answer;
  batchNew(): BatchHandle;
  batchAdd(batch: BatchHandle, bytes: Uint8Array, start: number, end: number): void;
  batchAddRequest(batch: BatchHandle, bytes: Uint8Array, start: number, end: number): void;
  batchAddIntent(batch: BatchHandle, intent: IntentHandle): void;
  batchApproval(batch: BatchHandle, bytes: Uint8Array, start: number, end: number, strict: boolean): void;
  batchApprovalToken(batch: BatchHandle, token: ApprovalHandle): void;
  batchDelegation(batch: BatchHandle, bytes: Uint8Array, start: number, end: number, strict: boolean): void;
  batchDelegationToken(batch: BatchHandle, token: DelegationHandle): void;
  batchKillSwitch(batch: BatchHandle, bytes: Uint8Array, start: number, end: number, strict: boolean): void;
  batchInventory(batch: BatchHandle, bytes: Uint8Array, start: number, end: number, strict: boolean): void;
  batchEnvelope(batch: BatchHandle, envelope: EnvelopeHandle): void;
  batchCredential(batch: BatchHandle, reference: string, scopes: string): void;
  evaluateMany(judge: JudgeHandle, batch: BatchHandle, now: NativeMoment, throwing: boolean): Answer[];
  evaluateManyAsking(
    judge: JudgeHandle,
    batch: BatchHandle,
    now: NativeMoment,
    throwing: boolean,
    ask: (request: string) => string | null,
  ): Answer[];
  evaluateManyAsync(judge: JudgeHandle, batch: BatchHandle, now: NativeMoment, throwing: boolean): Promise<Answer[]>;
  evaluateManyApart(
    judge: JudgeHandle,
    batch: BatchHandle,
    now: NativeMoment,
    throwing: boolean,
    ask: ((request: string, reply: ReplyHandle) => void) | undefined,
  ): Promise<Answer[]>;

  decisionFacts(judge: JudgeHandle, bytes: Uint8Array, start: number, end: number, now: NativeMoment): string;
  decisionFactsOfIntent(judge: JudgeHandle, intent: IntentHandle, now: NativeMoment): string;
  decisionTrace(judge: JudgeHandle, bytes: Uint8Array, start: number, end: number, now: NativeMoment): string;
  decisionTraceOfIntent(judge: JudgeHandle, intent: IntentHandle, now: NativeMoment): string;
  decisionRequest(judge: JudgeHandle, bytes: Uint8Array, start: number, end: number, now: NativeMoment): string | null;
  decisionRequestOfIntent(judge: JudgeHandle, intent: IntentHandle, now: NativeMoment): string | null;
  keptTrace(judge: JudgeHandle, answer: string): string;
  keptRequest(answer: string): string | null;

  approvalRequestParse(bytes: Uint8Array, start: number, end: number, strict: boolean): string;
  approvalRequestLoad(path: string, strict: boolean): Promise<string>;
  privateWrite(file: string, path: string): Promise<string>;
  approve(
    request: string,
    key: SigningKeyHandle,
    bytes: Uint8Array,
    start: number,
    end: number,
    ttl: NativeDuration,
    now: NativeMoment,
  ): ApprovalHandle;
  approvalParse(bytes: Uint8Array, start: number, end: number, strict: boolean): ApprovalHandle;
  approvalLoad(path: string, strict: boolean): Promise<ApprovalHandle>;
  approvalFile(token: ApprovalHandle): string;
  approvalVerify(
    token: ApprovalHandle,
    trust: TrustHandle,
    bytes: Uint8Array,
    start: number,
    end: number,
    now: NativeMoment,
  ): void;
  delegate(
    key: SigningKeyHandle,
    bytes: Uint8Array,
    start: number,
    end: number,
    ttl: NativeDuration,
    now: NativeMoment,
    producerVersion: string,
  ): DelegationHandle;
  delegationParse(bytes: Uint8Array, start: number, end: number, strict: boolean): DelegationHandle;
  delegationLoad(path: string, strict: boolean): Promise<DelegationHandle>;
  delegationFile(token: DelegationHandle): string;
  delegationVerify(
    token: DelegationHandle,
    trust: TrustHandle,
    bytes: Uint8Array,
    start: number,
    end: number,
    now: NativeMoment,
  ): void;
  envelopeParse(bytes: Uint8Array, start: number, end: number, strict: boolean): EnvelopeHandle;
  envelopeDigest(envelope: EnvelopeHandle): string;

  killSwitchStart(path: string, strict: boolean, now: NativeMoment, producerVersion: string): Promise<string>;
  killSwitchAdd(
    path: string,
    strict: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
    now: NativeMoment,
    producerVersion: string,
  ): Promise<string>;
  killSwitchDisable(path: string, strict: boolean, entryId: string, now: NativeMoment): Promise<string>;
  killSwitchExpire(path: string, strict: boolean, entryId: string, at: NativeMoment, now: NativeMoment): Promise<string>;
  killSwitchLoad(path: string, strict: boolean, now: NativeMoment): Promise<string>;

  intentParse(bytes: Uint8Array, start: number, end: number, strict: boolean): IntentHandle;
  intentLoad(path: string, strict: boolean): Promise<IntentHandle>;
  intentToolName(intent: IntentHandle): string;
  intentDigest(intent: IntentHandle): string;
  intentArgsDigest(intent: IntentHandle): string;
  intentScriptHash(intent: IntentHandle): string | null;
  intentTargetsDigest(intent: IntentHandle): string;
  intentCanonical(intent: IntentHandle): Buffer;
  intentRequest(intent: IntentHandle): string;
  intentNotices(intent: IntentHandle): string;

  traceParse(bytes: Uint8Array, start: number, end: number, strict: boolean): string;
  traceLoad(path: string, strict: boolean): Promise<string>;
  traceWrite(file: string, path: string): Promise<string>;
  traceVerify(bytes: Uint8Array, start: number, end: number, strict: boolean, key: VerifyingKeyHandle): string;

  signingKeyGenerate(): SigningKeyHandle;
  signingKeyLoad(path: string): Promise<SigningKeyHandle>;
  signingKeyFromBase64(text: string): SigningKeyHandle;
  signingKeyFromEnv(name: string, value: string): SigningKeyHandle;
  signingKeyPublic(key: SigningKeyHandle): VerifyingKeyHandle;
  signingKeyId(key: SigningKeyHandle): string;
  signingKeyToBase64(key: SigningKeyHandle): string;
  signBytes(key: SigningKeyHandle, bytes: Uint8Array): string;
  signJson(key: SigningKeyHandle, bytes: Uint8Array): string;
  signDigest(key: SigningKeyHandle, digest: string): string;
  verifyingKeyLoad(path: string): Promise<VerifyingKeyHandle>;
  verifyingKeyFromBase64(text: string): VerifyingKeyHandle;
  verifyingKeyFromEnv(name: string, value: string): VerifyingKeyHandle;
  verifyingKeyId(key: VerifyingKeyHandle): string;
  verifyingKeyToBase64(key: VerifyingKeyHandle): string;
  verifyBytes(key: VerifyingKeyHandle, bytes: Uint8Array, signature: Uint8Array, start: number, end: number): void;
  verifyJson(key: VerifyingKeyHandle, bytes: Uint8Array, signature: Uint8Array, start: number, end: number): void;
  verifyDigest(key: VerifyingKeyHandle, digest: string, signature: Uint8Array, start: number, end: number): void;

  canonicalize(bytes: Uint8Array, strict: boolean): Buffer;
  digest(bytes: Uint8Array, strict: boolean): string;
}

function load(): Native {
  const { version } = require('../package.json') as { version: string };
  const platform = `${process.platform}-${process.arch}`;
  const addon = path.join(__dirname, '..', 'native', `gait.${platform}.node`);
  if (!existsSync(addon)) {
    throw new DependencyMissing(`this build of gait has no native half for ${platform}: ${addon} is missing`, {
      code: 'native_missing',
    });
  }
  const native = require(addon) as Native;
  if (native.version() !== version) {
    const message = `the native half is of version ${native.version()}, the package of ${version}: build it again`;
    throw new InternalFailure(message, { code: 'native_version' });
  }
  return native;
}

export const native: Native = load();
