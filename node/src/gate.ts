import { inspect } from 'node:util';

import { Decision } from './decision';
import { written, type Written } from './document';
import { call, fromText, GaitError, IntentError, invalidArgument, InvalidInput, isError, settle } from './errors';
import { Intent, type IntentLike } from './intent';
import { SigningKey } from './key';
import { nativeMoment } from './moment';
import { native, type Answer, type BatchHandle, type JudgeHandle, type NativeMoment } from './native';
import { decide, decideRequest, Policy, type EvaluateOptions } from './policy';

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
}

/** How many intents are decided about. */
export interface EvaluateManyOptions extends EvaluateOptions {
  /**
   * What becomes of an intent that cannot be used: `throw` (the default) throws the first such error, before anything is
   * counted if it cannot be read; `return` puts the error in the place of its decision.
   */
  errors?: 'throw' | 'return' | undefined;
}

/** Intents on their way, each with what is to become of it: an error, or the decision about what was written. */
interface Batch {
  readonly handle: BatchHandle;
  readonly intents: ReadonlyArray<GaitError | Written | Intent>;
}

/**
 * A policy with a key and counters, ready to decide: like `gait gate eval`, in process.
 *
 * Whether intents are read strictly follows the policy. Limits are counted in memory, for this gate. Approvals,
 * delegation tokens and brokers are not consulted: a decision that needs them holds (`require_approval`) or blocks, and
 * its reason codes say so.
 *
 * ```js
 * const gate = new Gate(policy, { signingKey: SigningKey.generate() });
 * const decision = gate.evaluate({
 *   tool_name: 'fs.read',
 *   args: { path: '/srv/report.csv' },
 *   targets: [{ kind: 'path', value: '/srv/report.csv', operation: 'read' }],
 *   context: { identity: 'agent-7', workspace: '/srv', risk_class: 'low' },
 * });
 * decision.verdict; // 'allow'
 * decision.trace.toString(); // the signed record
 * ```
 */
export class Gate {
  readonly #native: JudgeHandle;
  /** The policy. */
  readonly policy: Policy;
  /** The id of the signing key; null without one. */
  readonly keyId: string | null;

  constructor(policy: Policy, { signingKey, strict, producerVersion = '', correlationId = '' }: GateOptions = {}) {
    const judge = Policy.handleOf(policy);
    if (strict !== undefined && strict !== policy.strict) {
      throw new InvalidInput(`the policy was parsed with strict: ${policy.strict}`, { code: 'strict_mismatch' });
    }
    if (typeof producerVersion !== 'string' || typeof correlationId !== 'string') {
      throw invalidArgument('producerVersion and correlationId must be text');
    }
    if (signingKey === undefined) {
      this.#native = call(() => native.gateNew(judge, producerVersion, correlationId));
    } else {
      const key = SigningKey.handleOf(signingKey);
      this.#native = call(() => native.gateNewSigning(judge, key, producerVersion, correlationId));
    }
    this.policy = policy;
    this.keyId = signingKey?.keyId ?? null;
  }

  /** Whether intents are read strictly; follows the policy. */
  get strict(): boolean {
    return this.policy.strict;
  }

  /**
   * Decides about one intent and counts it against its limits.
   *
   * @throws {IntentError} when the intent cannot be used. An error is never an allow.
   */
  evaluate(intent: IntentLike, options: EvaluateOptions = {}): Decision {
    return decide(this.#native, this.policy.strict, intent, options.now);
  }

  /** As `evaluate`, but an intent that cannot be normalized is a block where the policy fails closed for its risk class. */
  evaluateRequest(intent: IntentLike, options: EvaluateOptions = {}): Decision {
    return decideRequest(this.#native, this.policy.strict, intent, options.now);
  }

  /** Decides about many intents in their order, at one moment. */
  evaluateMany(intents: Iterable<IntentLike>, options?: EvaluateManyOptions & { errors?: 'throw' | undefined }): Decision[];
  evaluateMany(intents: Iterable<IntentLike>, options: EvaluateManyOptions): Array<Decision | GaitError>;
  evaluateMany(intents: Iterable<IntentLike>, options: EvaluateManyOptions = {}): Array<Decision | GaitError> {
    const now = nativeMoment(options.now);
    const throwing = throws(options);
    const batch = this.#gather(intents, throwing);
    return this.#answers(batch, now, call(() => native.evaluateMany(this.#native, batch.handle, now, throwing)));
  }

  /**
   * As `evaluate`, on another thread. A decision takes microseconds, less than handing it over: this is for intents of
   * many kilobytes. The intent is taken as it is at the time of the call.
   */
  async evaluateAsync(intent: IntentLike, options: EvaluateOptions = {}): Promise<Decision> {
    const now = nativeMoment(options.now);
    const handle = native.batchNew();
    const about = this.#add(handle, intent);
    const [answer] = await settle(() => native.evaluateManyAsync(this.#native, handle, now, false));
    const decided = this.#answer(about, now, answer as Answer);
    if (decided instanceof GaitError) throw outOfBatch(decided);
    return decided;
  }

  /** As `evaluateMany`, on another thread. The intents are taken as they are at the time of the call. */
  async evaluateManyAsync(
    intents: Iterable<IntentLike>,
    options?: EvaluateManyOptions & { errors?: 'throw' | undefined },
  ): Promise<Decision[]>;
  async evaluateManyAsync(
    intents: Iterable<IntentLike>,
    options: EvaluateManyOptions,
  ): Promise<Array<Decision | GaitError>>;
  async evaluateManyAsync(
    intents: Iterable<IntentLike>,
    options: EvaluateManyOptions = {},
  ): Promise<Array<Decision | GaitError>> {
    const now = nativeMoment(options.now);
    const throwing = throws(options);
    const batch = this.#gather(intents, throwing);
    const answers = await settle(() => native.evaluateManyAsync(this.#native, batch.handle, now, throwing));
    return this.#answers(batch, now, answers);
  }

  #add(batch: BatchHandle, intent: IntentLike): Written | Intent {
    if (intent instanceof Intent) {
      native.batchAddIntent(batch, Intent.handleOf(intent, this.policy.strict));
      return intent;
    }
    const document = written(intent, 'intent');
    native.batchAdd(batch, document.bytes, document.start, document.end);
    return document;
  }

  #gather(intents: Iterable<IntentLike>, throwing: boolean): Batch {
    const handle = native.batchNew();
    const gathered: Array<GaitError | Written | Intent> = [];
    for (const intent of intents) {
      try {
        gathered.push(this.#add(handle, intent));
      } catch (thrown) {
        if (!(thrown instanceof GaitError)) throw thrown;
        const error = inItem(thrown, gathered.length);
        if (throwing) throw error;
        gathered.push(error);
      }
    }
    return { handle, intents: gathered };
  }

  /** The answers are those of the intents that could be written, in their order. */
  #answers(batch: Batch, now: NativeMoment, answers: readonly Answer[]): Array<Decision | GaitError> {
    let next = 0;
    return batch.intents.map((intent, index) => {
      if (intent instanceof GaitError) return intent;
      const decided = this.#answer(intent, now, answers[next++] as Answer);
      return decided instanceof GaitError ? inItem(outOfBatch(decided), index) : decided;
    });
  }

  #answer(about: Written | Intent, now: NativeMoment, answer: Answer): Decision | GaitError {
    if (isError(answer)) return fromText(answer, about instanceof Intent || about.placed);
    return Decision.of(this.#native, about, now, answer);
  }

  [inspect.custom](): string {
    const key = this.keyId === null ? 'none' : `${this.keyId.slice(0, 12)}…`;
    return `Gate(policy=${this.policy.digest.slice(0, 12)}…, signingKey=${key})`;
  }
}

function throws({ errors = 'throw' }: EvaluateManyOptions): boolean {
  if (errors !== 'throw' && errors !== 'return') throw invalidArgument("errors must be 'throw' or 'return'");
  return errors === 'throw';
}

/** The error with the place of its intent before its path. */
function inItem(error: GaitError, index: number): GaitError {
  const path = error.path ?? '';
  return relocated(error, `[${index}]${path === '' || path.startsWith('[') ? path : `.${path}`}`);
}

/** The error without a place in a batch before its path. */
function outOfBatch(error: GaitError): GaitError {
  return relocated(error, (error.path ?? '').replace(/^\[\d+\]\.?/, '') || undefined);
}

function relocated(error: GaitError, path: string | undefined): GaitError {
  const kind = error instanceof IntentError ? IntentError : error instanceof InvalidInput ? InvalidInput : undefined;
  return kind === undefined ? error : new kind(error.message, { ...error, path, cause: error.cause });
}
