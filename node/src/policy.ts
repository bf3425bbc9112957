import { inspect } from 'node:util';

import { Decision } from './decision';
import { filePath, MAX_BYTES, wholeBytes, written } from './document';
import { call, invalidArgument, PolicyError, settle, translate } from './errors';
import { Intent, type IntentLike, type ReadOptions } from './intent';
import { nativeMoment, type Moment } from './moment';
import { native, type JudgeHandle } from './native';
import type { Lint } from './values';

/** What a decision depends on besides policy and intent. */
export interface EvaluateOptions {
  /** The moment to decide for; the machine's clock by default. */
  now?: Moment | undefined;
}

/** What signed records of this process name as their producer. */
function producerVersion(): string {
  return process.env['GAIT_PRODUCER_VERSION'] ?? '';
}

/** @internal Decides about one intent. */
export function decide(judge: JudgeHandle, strict: boolean, intent: IntentLike, given: Moment | undefined): Decision {
  const now = nativeMoment(given);
  if (intent instanceof Intent) {
    const handle = Intent.handleOf(intent, strict);
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
export function decideRequest(
  judge: JudgeHandle,
  strict: boolean,
  intent: IntentLike,
  given: Moment | undefined,
): Decision {
  if (intent instanceof Intent) return decide(judge, strict, intent, given);
  const now = nativeMoment(given);
  const document = written(intent, 'intent');
  const { bytes, start, end, placed } = document;
  return Decision.of(judge, document, now, call(() => native.evaluateRequest(judge, bytes, start, end, now), placed));
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
    return decide(this.#native, this.strict, intent, options.now);
  }

  /** As `evaluate`, but an intent that cannot be normalized is a block where the policy fails closed for its risk class. */
  evaluateRequest(intent: IntentLike, options: EvaluateOptions = {}): Decision {
    return decideRequest(this.#native, this.strict, intent, options.now);
  }

  [inspect.custom](): string {
    return `Policy(rules=${this.rules.length}, strict=${this.strict}, digest=${this.digest.slice(0, 12)}…)`;
  }
}
