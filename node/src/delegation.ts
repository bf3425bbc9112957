import { inspect } from 'node:util';

import { producerVersion, text, texts } from './argument';
import { filePath, written, type Written } from './document';
import { nativeDuration, type Duration } from './duration';
import { call, invalidArgument, settle } from './errors';
import type { ReadOptions } from './intent';
import { SigningKey } from './key';
import { nativeMoment, type Moment } from './moment';
import { native, type DelegationHandle } from './native';
import { nativeTrust, type TrustedKeys } from './trust';
import type { Signature } from './values';

/** What a delegation token says. */
export interface DelegateOptions {
  /** Who delegates. */
  delegator: string;
  /** To whom. */
  delegate: string;
  /** What is delegated; `*` is everything. */
  scope: readonly string[];
  /** How long the token lives. */
  ttl: Duration;
  /** Class of what is delegated; counts as one more scope value. */
  scopeClass?: string | undefined;
  /** Binds it to one intent. */
  intentDigest?: string | undefined;
  /** Binds it to one policy. */
  policyDigest?: string | undefined;
  /** When it begins; the machine's clock by default. */
  now?: Moment | undefined;
}

/** What a delegation token is held against. What is not given is not compared. */
export interface VerifyDelegationOptions {
  /** The moment; the machine's clock by default. */
  now?: Moment | undefined;
  /** Who must delegate. */
  delegator?: string | undefined;
  /** To whom. */
  delegate?: string | undefined;
  /** Of these it must cover one. */
  scope?: readonly string[] | undefined;
  /** The intent that it must be for, where it is bound to one. */
  intentDigest?: string | undefined;
  /** The policy that it must be for, where it is bound to one. */
  policyDigest?: string | undefined;
}

function terms(options: VerifyDelegationOptions & { scopeClass?: string | undefined }): Written {
  return written(
    {
      delegator: text(options.delegator ?? '', 'delegator'),
      delegate: text(options.delegate ?? '', 'delegate'),
      scope: texts(options.scope, 'scope'),
      scope_class: text(options.scopeClass ?? '', 'scopeClass'),
      intent_digest: text(options.intentDigest ?? '', 'intentDigest'),
      policy_digest: text(options.policyDigest ?? '', 'policyDigest'),
    },
    'terms',
  );
}

/**
 * Hands over authority: makes and signs a token for one link of a delegation chain.
 *
 * ```js
 * const token = delegate(leadKey, { delegator: 'lead', delegate: 'agent-7', scope: ['*'], ttl: '1h' });
 * ```
 *
 * @throws {InvalidInput} when the token would say nothing of use.
 */
export function delegate(key: SigningKey, options: DelegateOptions): DelegationToken {
  const { bytes, start, end } = terms(options);
  const [ttl, now] = [nativeDuration(options.ttl, 'ttl'), nativeMoment(options.now)];
  const handle = SigningKey.handleOf(key);
  return DelegationToken.of(call(() => native.delegate(handle, bytes, start, end, ttl, now, producerVersion())));
}

/** The members of a delegation token, as they stand in the file. */
export interface DelegationTokenDocument {
  readonly schema_id: string;
  readonly schema_version: string;
  readonly created_at: string;
  readonly producer_version: string;
  readonly token_id: string;
  readonly delegator_identity: string;
  readonly delegate_identity: string;
  readonly scope: readonly string[];
  readonly scope_class?: string;
  readonly intent_digest?: string;
  readonly policy_digest?: string;
  readonly expires_at: string;
  readonly signature?: Signature;
}

/** Whatever a delegation token can be given as. */
export type DelegationLike = DelegationToken | DelegationTokenDocument | object | string | Uint8Array;

/** A signed hand-over of authority. Immutable. */
export class DelegationToken {
  readonly #native: DelegationHandle;
  readonly #file: string;
  #members: DelegationTokenDocument | undefined;

  private constructor(native: DelegationHandle, file: string) {
    this.#native = native;
    this.#file = file;
  }

  /** Reads a token from an object, JSON text or bytes. Says nothing about its signature. */
  static parse(document: DelegationLike, { strict = true }: ReadOptions = {}): DelegationToken {
    if (document instanceof DelegationToken) return document;
    const { bytes, start, end, placed } = written(document, 'delegation token');
    return DelegationToken.of(call(() => native.delegationParse(bytes, start, end, strict), placed));
  }

  /** Reads a token file; the event loop goes on meanwhile. Says nothing about its signature. */
  static async load(path: string | URL, { strict = true }: ReadOptions = {}): Promise<DelegationToken> {
    return DelegationToken.of(await settle(async () => native.delegationLoad(filePath(path), strict)));
  }

  /** @internal */
  static of(handle: DelegationHandle): DelegationToken {
    return new DelegationToken(handle, call(() => native.delegationFile(handle)));
  }

  /** @internal */
  static handleOf(token: DelegationToken): DelegationHandle {
    if (!(#native in token)) throw invalidArgument('not a DelegationToken');
    return token.#native;
  }

  get #document(): DelegationTokenDocument {
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

  /** Who delegates. */
  get delegatorIdentity(): string {
    return this.#document.delegator_identity;
  }

  /** To whom. */
  get delegateIdentity(): string {
    return this.#document.delegate_identity;
  }

  /** What is delegated; `*` is everything. */
  get scope(): readonly string[] {
    return Object.freeze(this.#document.scope);
  }

  /** Class of what is delegated. */
  get scopeClass(): string {
    return this.#document.scope_class ?? '';
  }

  /** The prepared intent that it is for; empty when it is bound to none. */
  get intentDigest(): string {
    return this.#document.intent_digest ?? '';
  }

  /** The policy that it is for; empty when it is bound to none. */
  get policyDigest(): string {
    return this.#document.policy_digest ?? '';
  }

  /** The id of the key that signed it; null when it is unsigned. */
  get keyId(): string | null {
    return this.#document.signature?.key_id ?? null;
  }

  /**
   * Checks signature, end, and whatever it is held against; gives the token back.
   *
   * @throws {VerificationFailed} with the code of the first check that failed, such as `delegation_token_expired`.
   */
  verify(keys: TrustedKeys, options: VerifyDelegationOptions = {}): this {
    const trust = nativeTrust(keys, 'keys');
    const { bytes, start, end } = terms(options);
    const now = nativeMoment(options.now);
    call(() => native.delegationVerify(this.#native, trust, bytes, start, end, now));
    return this;
  }

  /** The text of the file: indented JSON with a final line break. */
  toString(): string {
    return this.#file;
  }

  /** The members as a new object. */
  toJSON(): DelegationTokenDocument {
    return JSON.parse(this.#file) as DelegationTokenDocument;
  }

  /** Writes the file, readable for its owner only; gives its path. The event loop goes on meanwhile. */
  async write(path: string | URL): Promise<string> {
    return settle(async () => native.privateWrite(this.#file, filePath(path)));
  }

  [inspect.custom](): string {
    const [from, to] = [JSON.stringify(this.delegatorIdentity), JSON.stringify(this.delegateIdentity)];
    return `DelegationToken(${this.tokenId}, delegatorIdentity=${from}, delegateIdentity=${to}, expiresAt=${this.expiresAt})`;
  }
}
