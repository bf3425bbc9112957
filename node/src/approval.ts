import { inspect } from 'node:util';

import { filePath, written } from './document';
import { nativeDuration, type Duration } from './duration';
import { call, invalidArgument, settle } from './errors';
import type { ReadOptions } from './intent';
import { SigningKey } from './key';
import { nativeMoment, type Moment } from './moment';
import { native, type ApprovalHandle } from './native';
import { integer, producerVersion, text, texts } from './argument';
import { nativeTrust, type TrustedKeys } from './trust';
import type { Signature } from './values';

/** The members of an approval request, as they stand in the file. */
export interface ApprovalRequestDocument {
  readonly schema_id: string;
  readonly schema_version: string;
  readonly created_at: string;
  readonly tool_name: string;
  readonly identity: string;
  readonly workspace?: string;
  readonly risk_class?: string;
  readonly intent_digest: string;
  readonly policy_digest: string;
  readonly delegation_binding_digest?: string;
  readonly scope: readonly string[];
  readonly target_count: number;
  readonly operation_count: number;
  readonly required_approvals: number;
  readonly distinct_approvers: boolean;
  readonly matched_rule?: string;
  readonly reason_codes: readonly string[];
}

/** Whatever an approval request can be given as. */
export type ApprovalRequestLike = ApprovalRequest | ApprovalRequestDocument | object | string | Uint8Array;

/**
 * What a held decision asks of approvers: a document that travels to them. It is not signed and proves nothing. Immutable.
 *
 * `decision.approvalRequest()` makes one; {@link approve} answers it.
 */
export class ApprovalRequest {
  readonly #file: string;
  /** Ids of the approvals that the decision refused because they were used before: waiting for them is in vain. */
  readonly #spent: readonly string[];
  #members: ApprovalRequestDocument | undefined;

  private constructor(file: string, spent: readonly string[] = []) {
    this.#file = file;
    this.#spent = spent;
  }

  /** Reads a request from an object, JSON text or bytes. */
  static parse(document: ApprovalRequestLike, { strict = true }: ReadOptions = {}): ApprovalRequest {
    if (document instanceof ApprovalRequest) return document;
    const { bytes, start, end, placed } = written(document, 'approval request');
    return new ApprovalRequest(call(() => native.approvalRequestParse(bytes, start, end, strict), placed));
  }

  /** Reads a request file; the event loop goes on meanwhile. */
  static async load(path: string | URL, { strict = true }: ReadOptions = {}): Promise<ApprovalRequest> {
    return new ApprovalRequest(await settle(async () => native.approvalRequestLoad(filePath(path), strict)));
  }

  /** @internal */
  static of(file: string, spent: readonly string[]): ApprovalRequest {
    return new ApprovalRequest(file, spent);
  }

  /** @internal */
  static spentOf(request: ApprovalRequest): readonly string[] {
    return request.#spent;
  }

  get #document(): ApprovalRequestDocument {
    return (this.#members ??= this.toJSON());
  }

  /** When the intent was made. */
  get createdAt(): string {
    return this.#document.created_at;
  }

  /** The tool that wants to run. */
  get toolName(): string {
    return this.#document.tool_name;
  }

  /** On whose behalf. */
  get identity(): string {
    return this.#document.identity;
  }

  /** Where. */
  get workspace(): string {
    return this.#document.workspace ?? '';
  }

  /** How risky the caller says it is. */
  get riskClass(): string {
    return this.#document.risk_class ?? '';
  }

  /** The prepared intent: what a token binds to. */
  get intentDigest(): string {
    return this.#document.intent_digest;
  }

  /** The policy: what a token binds to. */
  get policyDigest(): string {
    return this.#document.policy_digest;
  }

  /** The delegation that a token must name; empty when the intent has none. */
  get delegationBindingDigest(): string {
    return this.#document.delegation_binding_digest ?? '';
  }

  /** What a token must cover. */
  get scope(): readonly string[] {
    return Object.freeze(this.#document.scope);
  }

  /** How many targets the intent has. */
  get targetCount(): number {
    return this.#document.target_count;
  }

  /** How many operations it counts as. */
  get operationCount(): number {
    return this.#document.operation_count;
  }

  /** How many approvals are needed. */
  get requiredApprovals(): number {
    return this.#document.required_approvals;
  }

  /** Whether they must be of different people, each with a token of their own. */
  get distinctApprovers(): boolean {
    return this.#document.distinct_approvers;
  }

  /** The rule that asks. */
  get matchedRule(): string {
    return this.#document.matched_rule ?? '';
  }

  /** Why it asks. */
  get reasonCodes(): readonly string[] {
    return Object.freeze(this.#document.reason_codes);
  }

  /** The text of the file: indented JSON with a final line break. */
  toString(): string {
    return this.#file;
  }

  /** The members as a new object. */
  toJSON(): ApprovalRequestDocument {
    return JSON.parse(this.#file) as ApprovalRequestDocument;
  }

  /** Writes the file, readable for its owner only; gives its path. The event loop goes on meanwhile. */
  async write(path: string | URL): Promise<string> {
    return settle(async () => native.privateWrite(this.#file, filePath(path)));
  }

  [inspect.custom](): string {
    return `ApprovalRequest(toolName=${JSON.stringify(this.toolName)}, requiredApprovals=${this.requiredApprovals}, intentDigest=${this.intentDigest.slice(0, 12)}…)`;
  }
}

/** What an approver adds to a request. */
export interface ApproveOptions {
  /** Who approves. */
  approver: string;
  /** Why: a ticket, a code. */
  reason: string;
  /** How long the token lives. */
  ttl: Duration;
  /** The most targets; 0, the default, is no limit. */
  maxTargets?: number | undefined;
  /** The most operations; 0, the default, is no limit. */
  maxOps?: number | undefined;
  /** When it begins; the machine's clock by default. */
  now?: Moment | undefined;
}

/**
 * Grants a request: makes and signs a token that lets exactly this intent pass under exactly this policy.
 *
 * ```js
 * const token = approve(request, aliceKey, { approver: 'alice@example.com', reason: 'ticket-7', ttl: '15m' });
 * ```
 *
 * @throws {InvalidInput} when the token would say nothing of use.
 */
export function approve(request: ApprovalRequestLike, key: SigningKey, options: ApproveOptions): ApprovalToken {
  const asked = ApprovalRequest.parse(request).toString();
  const { bytes, start, end } = written(
    {
      approver: text(options?.approver, 'approver'),
      reason: text(options.reason, 'reason'),
      max_targets: integer(options.maxTargets, 'maxTargets'),
      max_ops: integer(options.maxOps, 'maxOps'),
      producer_version: producerVersion(),
    },
    'terms',
  );
  const [ttl, now] = [nativeDuration(options.ttl, 'ttl'), nativeMoment(options.now)];
  const handle = SigningKey.handleOf(key);
  return ApprovalToken.of(call(() => native.approve(asked, handle, bytes, start, end, ttl, now)));
}

/** The members of an approval token, as they stand in the file. */
export interface ApprovalTokenDocument {
  readonly schema_id: string;
  readonly schema_version: string;
  readonly created_at: string;
  readonly producer_version: string;
  readonly token_id: string;
  readonly approver_identity: string;
  readonly reason_code: string;
  readonly intent_digest: string;
  readonly policy_digest: string;
  readonly delegation_binding_digest?: string;
  readonly scope: readonly string[];
  readonly max_targets?: number;
  readonly max_ops?: number;
  readonly expires_at: string;
  readonly signature?: Signature;
}

/** Whatever an approval token can be given as. */
export type ApprovalLike = ApprovalToken | ApprovalTokenDocument | object | string | Uint8Array;

/** What an approval token is held against. What is not given is not compared. */
export interface VerifyApprovalOptions {
  /** The moment; the machine's clock by default. */
  now?: Moment | undefined;
  /** The intent that it must be for. */
  intentDigest?: string | undefined;
  /** The policy that it must be for. */
  policyDigest?: string | undefined;
  /** The delegation that it must name. */
  delegationBindingDigest?: string | undefined;
  /** What it must cover, all of it. */
  scope?: readonly string[] | undefined;
  /** How many targets it must allow. */
  targets?: number | undefined;
  /** How many operations it must allow. */
  ops?: number | undefined;
}

/** A signed approval of one intent under one policy. Immutable. */
export class ApprovalToken {
  readonly #native: ApprovalHandle;
  readonly #file: string;
  #members: ApprovalTokenDocument | undefined;

  private constructor(native: ApprovalHandle, file: string) {
    this.#native = native;
    this.#file = file;
  }

  /** Reads a token from an object, JSON text or bytes. Says nothing about its signature. */
  static parse(document: ApprovalLike, { strict = true }: ReadOptions = {}): ApprovalToken {
    if (document instanceof ApprovalToken) return document;
    const { bytes, start, end, placed } = written(document, 'approval token');
    return ApprovalToken.of(call(() => native.approvalParse(bytes, start, end, strict), placed));
  }

  /** Reads a token file; the event loop goes on meanwhile. Says nothing about its signature. */
  static async load(path: string | URL, { strict = true }: ReadOptions = {}): Promise<ApprovalToken> {
    return ApprovalToken.of(await settle(async () => native.approvalLoad(filePath(path), strict)));
  }

  /** @internal */
  static of(handle: ApprovalHandle): ApprovalToken {
    return new ApprovalToken(handle, call(() => native.approvalFile(handle)));
  }

  /** @internal */
  static handleOf(token: ApprovalToken): ApprovalHandle {
    if (!(#native in token)) throw invalidArgument('not an ApprovalToken');
    return token.#native;
  }

  get #document(): ApprovalTokenDocument {
    return (this.#members ??= this.toJSON());
  }

  /** Its id: 24 hex digits over what it says. */
  get tokenId(): string {
    return this.#document.token_id;
  }

  /** When it was made. */
  get createdAt(): string {
    return this.#document.created_at;
  }

  /** When it ends. */
  get expiresAt(): string {
    return this.#document.expires_at;
  }

  /** Version of the program that made it. */
  get producerVersion(): string {
    return this.#document.producer_version;
  }

  /** Who approves. */
  get approverIdentity(): string {
    return this.#document.approver_identity;
  }

  /** Why. */
  get reasonCode(): string {
    return this.#document.reason_code;
  }

  /** The prepared intent that it is for. */
  get intentDigest(): string {
    return this.#document.intent_digest;
  }

  /** The policy that it is for. */
  get policyDigest(): string {
    return this.#document.policy_digest;
  }

  /** The delegation that it is for; empty when it is bound to none. */
  get delegationBindingDigest(): string {
    return this.#document.delegation_binding_digest ?? '';
  }

  /** What it lets pass; `*` is everything. */
  get scope(): readonly string[] {
    return Object.freeze(this.#document.scope);
  }

  /** The most targets; 0 is no limit. */
  get maxTargets(): number {
    return this.#document.max_targets ?? 0;
  }

  /** The most operations; 0 is no limit. */
  get maxOps(): number {
    return this.#document.max_ops ?? 0;
  }

  /** The id of the key that signed it; null when it is unsigned. */
  get keyId(): string | null {
    return this.#document.signature?.key_id ?? null;
  }

  /**
   * Checks signature, end, and whatever it is held against; gives the token back.
   *
   * @throws {VerificationFailed} with the code of the first check that failed, such as `approval_token_expired`.
   */
  verify(keys: TrustedKeys, options: VerifyApprovalOptions = {}): this {
    const trust = nativeTrust(keys, 'keys');
    const { bytes, start, end } = written(
      {
        intent_digest: text(options.intentDigest ?? '', 'intentDigest'),
        policy_digest: text(options.policyDigest ?? '', 'policyDigest'),
        delegation_binding_digest: text(options.delegationBindingDigest ?? '', 'delegationBindingDigest'),
        scope: texts(options.scope, 'scope'),
        targets: integer(options.targets, 'targets'),
        ops: integer(options.ops, 'ops'),
      },
      'terms',
    );
    const now = nativeMoment(options.now);
    call(() => native.approvalVerify(this.#native, trust, bytes, start, end, now));
    return this;
  }

  /** The text of the file: indented JSON with a final line break. */
  toString(): string {
    return this.#file;
  }

  /** The members as a new object. */
  toJSON(): ApprovalTokenDocument {
    return JSON.parse(this.#file) as ApprovalTokenDocument;
  }

  /** Writes the file, readable for its owner only; gives its path. The event loop goes on meanwhile. */
  async write(path: string | URL): Promise<string> {
    return settle(async () => native.privateWrite(this.#file, filePath(path)));
  }

  [inspect.custom](): string {
    return `ApprovalToken(${this.tokenId}, approverIdentity=${JSON.stringify(this.approverIdentity)}, expiresAt=${this.expiresAt})`;
  }
}
