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

/** Milliseconds since 1970, or RFC 3339 text. */
export type NativeMoment = number | string;

/** The place of the verdict, or what settling made of the decision as JSON; in a batch, also the text of an error. */
export type Answer = number | string;

export interface Native {
  version(): string;

  policyParse(bytes: Uint8Array, start: number, end: number, strict: boolean, producerVersion: string): JudgeHandle;
  policyLoad(path: string, strict: boolean, producerVersion: string): Promise<JudgeHandle>;
  policyDigest(judge: JudgeHandle): string;
  policyRules(judge: JudgeHandle): string[];
  policyLint(judge: JudgeHandle): string;
  policyFormat(judge: JudgeHandle): string;
  gateNew(policy: JudgeHandle, producerVersion: string, correlationId: string): JudgeHandle;
  gateNewSigning(
    policy: JudgeHandle,
    key: SigningKeyHandle,
    producerVersion: string,
    correlationId: string,
  ): JudgeHandle;

  clock(): string;
  evaluate(judge: JudgeHandle, bytes: Uint8Array, start: number, end: number, now: NativeMoment): Answer;
  evaluateIntent(judge: JudgeHandle, intent: IntentHandle, now: NativeMoment): Answer;
  evaluateRequest(judge: JudgeHandle, bytes: Uint8Array, start: number, end: number, now: NativeMoment): Answer;
  batchNew(): BatchHandle;
  batchAdd(batch: BatchHandle, bytes: Uint8Array, start: number, end: number): void;
  batchAddIntent(batch: BatchHandle, intent: IntentHandle): void;
  evaluateMany(judge: JudgeHandle, batch: BatchHandle, now: NativeMoment, throwing: boolean): Answer[];
  evaluateManyAsync(judge: JudgeHandle, batch: BatchHandle, now: NativeMoment, throwing: boolean): Promise<Answer[]>;

  decisionFacts(
    judge: JudgeHandle,
    bytes: Uint8Array,
    start: number,
    end: number,
    now: NativeMoment,
    settled: string,
  ): string;
  decisionFactsOfIntent(judge: JudgeHandle, intent: IntentHandle, now: NativeMoment, settled: string): string;
  decisionTrace(
    judge: JudgeHandle,
    bytes: Uint8Array,
    start: number,
    end: number,
    now: NativeMoment,
    settled: string,
  ): string;
  decisionTraceOfIntent(judge: JudgeHandle, intent: IntentHandle, now: NativeMoment, settled: string): string;

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
