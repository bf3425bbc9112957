import { inspect } from 'node:util';

import { ApprovalRequest, ApprovalToken, type ApprovalLike, type ApprovalRequestLike } from './approval';
import { known } from './argument';
import { asked, type Asked } from './broker';
import { Decision } from './decision';
import type { Written } from './document';
import { nativeDuration, type Duration } from './duration';
import { call, fromText, GaitError, inItem, invalidArgument, InvalidInput, isError, outOfBatch, settle } from './errors';
import { nativeGate, usesFiles, type GateOptions } from './gate-options';
import { addInputs, consults, GATE_OPTIONS, type GateEvaluateOptions } from './inputs';
import { Intent, type IntentLike } from './intent';
import { nativeMoment, type Moment } from './moment';
import { native, type Answer, type BatchHandle, type JudgeHandle, type NativeMoment } from './native';
import { addIntent, decide, decideGathered, decideRequest, gather, only, Policy, type Gathered } from './policy';

const MANY_OPTIONS: ReadonlySet<string> = new Set([...GATE_OPTIONS, 'errors']);

/** How many intents are decided about. */
export interface EvaluateManyOptions extends GateEvaluateOptions {
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

/** How long approvals are waited for. */
export interface WaitOptions {
  /** The moment at which approvals must be valid; the machine's clock by default. */
  now?: Moment | undefined;
  /** Gives up the wait. */
  signal?: AbortSignal | undefined;
}

/**
 * A policy with keys, counters and whatever else decisions consult: like `gait gate eval`, in process.
 *
 * Whether intents are read strictly follows the policy. Without further options limits are counted in memory, for this gate,
 * and a decision that needs an approval, a delegation token or a credential is held or blocked: nobody is trusted until the
 * gate is told whose signatures count.
 *
 * `evaluate` answers at once. With state files it looks at files and writes small ones (some tens of microseconds, longer
 * while another process holds their lock), and a broker may take seconds: servers with either better use `evaluateAsync`,
 * which leaves the event loop alone. Everything else that touches files returns promises.
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
  /** The broker, when it is a function. */
  readonly #asked: Asked | undefined;
  /** Whether a broker may take its time. */
  readonly #asks: boolean;
  /** The policy. */
  readonly policy: Policy;
  /** The id of the signing key; null without one. */
  readonly keyId: string | null;
  /** Whether a decision may have to wait for files or a broker. Servers then better use `evaluateAsync`. */
  readonly mayBlock: boolean;

  constructor(policy: Policy, options: GateOptions = {}) {
    const judge = Policy.handleOf(policy);
    const { signingKey, strict, broker } = options;
    if (strict !== undefined && strict !== policy.strict) {
      throw new InvalidInput(`the policy was parsed with strict: ${policy.strict}`, { code: 'strict_mismatch' });
    }
    this.#native = nativeGate(judge, options);
    this.#asked = typeof broker === 'function' ? asked(broker) : undefined;
    this.#asks = this.#asked !== undefined || broker === 'command';
    this.policy = policy;
    this.keyId = signingKey?.keyId ?? null;
    this.mayBlock = this.#asks || usesFiles(options);
  }

  /** Whether intents are read strictly; follows the policy. */
  get strict(): boolean {
    return this.policy.strict;
  }

  /**
   * Decides about one intent, counts it against its limits and settles what it asks for.
   *
   * @throws {IntentError} when the intent cannot be used; the errors of the store, classified. An error is never an allow.
   */
  evaluate(intent: IntentLike, options: GateEvaluateOptions = {}): Decision {
    if (!consults(options, GATE_OPTIONS) && this.#asked === undefined) return decide(this.#native, intent, options.now);
    return this.#consulting(gather(intent, this.strict, options));
  }

  /** As `evaluate`, but an intent that cannot be normalized is a block where the policy fails closed for its risk class. */
  evaluateRequest(intent: IntentLike, options: GateEvaluateOptions = {}): Decision {
    if (!consults(options, GATE_OPTIONS) && this.#asked === undefined) {
      return decideRequest(this.#native, intent, options.now);
    }
    return this.#consulting(gather(intent, this.strict, options, false));
  }

  #consulting(gathered: Gathered): Decision {
    return decideGathered(this.#native, gathered, (batch, now, throwing) => this.#decide(batch, now, throwing));
  }

  #decide(batch: BatchHandle, now: NativeMoment, throwing: boolean): Answer[] {
    const ask = this.#asked?.here;
    if (ask === undefined) return native.evaluateMany(this.#native, batch, now, throwing);
    return native.evaluateManyAsking(this.#native, batch, now, throwing, ask);
  }

  async #decideAsync(batch: BatchHandle, now: NativeMoment, throwing: boolean): Promise<Answer[]> {
    if (!this.#asks) return native.evaluateManyAsync(this.#native, batch, now, throwing);
    return native.evaluateManyApart(this.#native, batch, now, throwing, this.#asked?.there);
  }

  /** Decides about many intents in their order, at one moment. */
  evaluateMany(intents: Iterable<IntentLike>, options?: EvaluateManyOptions & { errors?: 'throw' | undefined }): Decision[];
  evaluateMany(intents: Iterable<IntentLike>, options: EvaluateManyOptions): Array<Decision | GaitError>;
  evaluateMany(intents: Iterable<IntentLike>, options: EvaluateManyOptions = {}): Array<Decision | GaitError> {
    const now = nativeMoment(options.now);
    const throwing = throws(options);
    const batch = this.#gather(intents, options, throwing);
    return this.#answers(batch, now, call(() => this.#decide(batch.handle, now, throwing)));
  }

  /**
   * As `evaluate`, on another thread. For gates with state files or a broker, whose function may then return a promise, and
   * for intents of many kilobytes; other decisions take microseconds, less than handing them over. The intent is taken as it
   * is at the time of the call.
   */
  async evaluateAsync(intent: IntentLike, options: GateEvaluateOptions = {}): Promise<Decision> {
    known(options, GATE_OPTIONS);
    return this.#consultingAsync(gather(intent, this.strict, options));
  }

  /** As `evaluateRequest`, on another thread. */
  async evaluateRequestAsync(intent: IntentLike, options: GateEvaluateOptions = {}): Promise<Decision> {
    known(options, GATE_OPTIONS);
    return this.#consultingAsync(gather(intent, this.strict, options, false));
  }

  async #consultingAsync(gathered: Gathered): Promise<Decision> {
    return only(this.#native, gathered, await settle(() => this.#decideAsync(gathered.batch, gathered.now, false)));
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
    const batch = this.#gather(intents, options, throwing);
    const answers = await settle(() => this.#decideAsync(batch.handle, now, throwing));
    return this.#answers(batch, now, answers);
  }

  /**
   * Leaves the request of a held decision where approvers find it; gives it back.
   *
   * @throws {InvalidInput} when no approval would help.
   */
  async requestApproval(decision: Decision): Promise<ApprovalRequest> {
    if (!(decision instanceof Decision)) throw invalidArgument('requestApproval takes a Decision');
    const request = decision.approvalRequest();
    if (request === null) {
      const message = `the verdict is ${decision.verdict}: no approval would help`;
      throw new InvalidInput(message, { code: 'approval_not_required' });
    }
    await settle(() => native.requestApproval(this.#native, request.toString()));
    return request;
  }

  /** Leaves an approval where the gate finds it when its intent is proposed again. Nothing is verified before. */
  async addApproval(token: ApprovalLike): Promise<void> {
    const handle = ApprovalToken.handleOf(ApprovalToken.parse(token, { strict: this.strict }));
    await settle(() => native.addApproval(this.#native, handle));
  }

  /** The requests that wait for approvers, oldest first. */
  async approvalRequests(): Promise<ApprovalRequest[]> {
    const requests = await settle(() => native.approvalRequests(this.#native));
    return (JSON.parse(requests) as object[]).map((request) => ApprovalRequest.parse(request));
  }

  /**
   * Waits until the gate's store holds as many valid approvals as a request asks for, or the time is over; gives those that
   * are there then, few or none after the time. `evaluate` finds them by itself. What the decision behind the request refused
   * because it was used before is not waited for again.
   *
   * ```js
   * const request = await gate.requestApproval(decision);
   * await gate.waitForApprovals(request, '10m');
   * gate.evaluate(intent); // with what came
   * ```
   */
  async waitForApprovals(
    request: ApprovalRequestLike,
    timeout: Duration,
    { now, signal }: WaitOptions = {},
  ): Promise<ApprovalToken[]> {
    const wanted = ApprovalRequest.parse(request);
    const [file, spent] = [wanted.toString(), ApprovalRequest.spentOf(wanted)];
    const [limit, moment] = [nativeDuration(timeout, 'timeout'), nativeMoment(now)];
    signal?.throwIfAborted();
    const patience = native.patienceNew();
    const giveUp = (): void => native.patienceEnd(patience);
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      const tokens = await settle(async () => {
        return native.waitForApprovals(this.#native, file, spent, limit, moment, patience);
      });
      signal?.throwIfAborted();
      return (JSON.parse(tokens) as object[]).map((token) => ApprovalToken.parse(token));
    } finally {
      signal?.removeEventListener('abort', giveUp);
      giveUp();
    }
  }

  #gather(intents: Iterable<IntentLike>, options: EvaluateManyOptions, throwing: boolean): Batch {
    const handle = native.batchNew();
    known(options, MANY_OPTIONS);
    addInputs(handle, this.strict, options);
    const gathered: Array<GaitError | Written | Intent> = [];
    for (const intent of intents) {
      try {
        gathered.push(addIntent(handle, intent));
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
