import { inspect } from 'node:util';

import { producerVersion } from './argument';
import { Decision } from './decision';
import { filePath, MAX_BYTES, wholeBytes, written, type Written } from './document';
import { call, fromText, invalidArgument, isError, outOfBatch, PolicyError, settle, translate } from './errors';
import { addInputs, consults, POLICY_OPTIONS, type EvaluateOptions, type GateEvaluateOptions } from './inputs';
import { Intent, type IntentLike, type ReadOptions } from './intent';
import { nativeMoment, type Moment } from './moment';
import { native, type Answer, type BatchHandle, type JudgeHandle, type NativeMoment } from './native';
import type { Lint } from './values';

/** @internal Decides about one intent. */
export function decide(judge: JudgeHandle, intent: IntentLike, given: Moment | undefined): Decision {
  const now = nativeMoment(given);
  if (intent instanceof Intent) {
    const handle = Intent.handleOf(intent);
    return Decision.of(judge, intent, now, call(() => native.evaluateIntent(judge, handle, now)));
  }
  const document = written(intent, 'intent');
  try {
    return Decision.of(judge, document, now, native.evaluate(judge, document.bytes, document.start, document.end, now));
  } catch (thrown) {
    throw translate(thrown, document.placed);
  }
}

/** @internal Decides about one intent that may turn out not to be usable. */
export function decideRequest(judge: JudgeHandle, intent: IntentLike, given: Moment | undefined): Decision {
  if (intent instanceof Intent) return decide(judge, intent, given);
  const now = nativeMoment(given);
  const document = written(intent, 'intent');
  const { bytes, start, end, placed } = document;
  return Decision.of(judge, document, now, call(() => native.evaluateRequest(judge, bytes, start, end, now), placed));
}

/** @internal Decides about the batch; how many intents it holds and what it consults are its own. */
export type Evaluate = (batch: BatchHandle, now: NativeMoment, throwing: boolean) => Answer[];

/** @internal One intent with all that its decision consults. */
export interface Gathered {
  readonly batch: BatchHandle;
  readonly about: Written | Intent;
  readonly now: NativeMoment;
}

/** A batch that is empty again. Node frees handles only when the event loop turns, so that a loop had better use one. */
let spare: BatchHandle | undefined;

/** @internal Gathers one intent; `usable` says that it must be one. */
export function gather(intent: IntentLike, strict: boolean, options: GateEvaluateOptions, usable = true): Gathered {
  const now = nativeMoment(options.now);
  const batch = spare ?? native.batchNew();
  // Getters may come back here, and what goes wrong leaves it half full.
  spare = undefined;
  addInputs(batch, strict, options);
  return { batch, about: addIntent(batch, intent, usable), now };
}

/** @internal Adds an intent to a batch. */
export function addIntent(batch: BatchHandle, intent: IntentLike, usable = true): Written | Intent {
  if (intent instanceof Intent) {
    native.batchAddIntent(batch, Intent.handleOf(intent));
    return intent;
  }
  const document = written(intent, 'intent');
  const add = usable ? native.batchAdd : native.batchAddRequest;
  add(batch, document.bytes, document.start, document.end);
  return document;
}

/** @internal The decision about the one intent of a batch. */
export function only(judge: JudgeHandle, { about, now }: Gathered, answers: readonly Answer[]): Decision {
  const answer = answers[0] as Answer;
  if (isError(answer)) throw outOfBatch(fromText(answer, about instanceof Intent || about.placed));
  return Decision.of(judge, about, now, answer);
}

/** @internal Decides about one intent with all that is consulted. */
export function decideGathered(judge: JudgeHandle, gathered: Gathered, evaluate: Evaluate): Decision {
  const answers = call(() => evaluate(gathered.batch, gathered.now, false));
  spare = gathered.batch;
  return only(judge, gathered, answers);
}

/**
 * A policy, parsed and compiled once. Immutable.
 *
 * ```js
 * const policy = Policy.parse(`
 * default_verdict: block
 * rules:
 *   - {name: reads, effect: allow, match: {tool_names: [fs.read]}}
 * `);
 * policy.evaluate(intent).verdict;
 * ```
 */
export class Policy {
  readonly #native: JudgeHandle;
  /** Whether this policy and its intents are read strictly. */
  readonly strict: boolean;

  private constructor(native: JudgeHandle, strict: boolean) {
    this.#native = native;
    this.strict = strict;
  }

  /**
   * Reads a policy from YAML or JSON text.
   *
   * @throws {PolicyError} with `line` and `column` where they are known.
   */
  static parse(text: string | Uint8Array, { strict = true }: ReadOptions = {}): Policy {
    const bytes = wholeBytes(text, 'text');
    if (bytes.length > MAX_BYTES) throw new PolicyError('policy: too large', { code: 'policy_too_large' });
    return new Policy(call(() => native.policyParse(bytes, 0, bytes.length, strict, producerVersion())), strict);
  }

  /** Reads a policy file; the event loop goes on meanwhile. */
  static async load(path: string | URL, { strict = true }: ReadOptions = {}): Promise<Policy> {
    return new Policy(await settle(() => native.policyLoad(filePath(path), strict, producerVersion())), strict);
  }

  /** @internal */
  static handleOf(policy: Policy): JudgeHandle {
    if (typeof policy !== 'object' || policy === null || !(#native in policy)) {
      throw invalidArgument('policy must be a Policy: Policy.parse(text) makes one');
    }
    return policy.#native;
  }

  /** The policy digest, 64 hex digits. */
  get digest(): string {
    return native.policyDigest(this.#native);
  }

  /** The names of the rules, in the order in which they are evaluated. */
  get rules(): string[] {
    return native.policyRules(this.#native);
  }

  /** What in the policy probably does not do what its author thinks. */
  lint(): Lint[] {
    return JSON.parse(call(() => native.policyLint(this.#native))) as Lint[];
  }

  /** The policy as YAML in the form of `gait policy fmt`; reading it gives the same digest. */
  format(): string {
    return native.policyFormat(this.#native);
  }

  /**
   * Decides about an intent; nothing is counted, nothing is asked for.
   *
   * @throws {IntentError} when the intent cannot be used. An error is never an allow.
   */
  evaluate(intent: IntentLike, options: EvaluateOptions = {}): Decision {
    if (!consults(options, POLICY_OPTIONS)) return decide(this.#native, intent, options.now);
    return this.#consulting(gather(intent, this.strict, options));
  }

  /** As `evaluate`, but an intent that cannot be normalized is a block where the policy fails closed for its risk class. */
  evaluateRequest(intent: IntentLike, options: EvaluateOptions = {}): Decision {
    if (!consults(options, POLICY_OPTIONS)) return decideRequest(this.#native, intent, options.now);
    return this.#consulting(gather(intent, this.strict, options, false));
  }

  #consulting(gathered: Gathered): Decision {
    return decideGathered(this.#native, gathered, (batch, now, throwing) => {
      return native.evaluateMany(this.#native, batch, now, throwing);
    });
  }

  [inspect.custom](): string {
    return `Policy(rules=${this.rules.length}, strict=${this.strict}, digest=${this.digest.slice(0, 12)}…)`;
  }
}
