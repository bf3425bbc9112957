import { inspect } from 'node:util';

import type { Written } from './document';
import { call, refusal } from './errors';
import { Intent } from './intent';
import { native, type Answer, type JudgeHandle, type NativeMoment } from './native';
import { Trace } from './trace';
import {
  camelCased,
  noticesOf,
  type FreezeWindowDecision,
  type KillSwitchDecision,
  type Limit,
  type Notice,
  type SandboxDecision,
  type StepVerdict,
  type Verdict,
} from './values';

/** The order of the native half. */
const VERDICTS: readonly Verdict[] = ['allow', 'dry_run', 'require_approval', 'block'];

const EXIT_CODES: Record<Verdict, number> = { allow: 0, dry_run: 0, require_approval: 4, block: 3 };

/** What the native half tells. */
interface Facts {
  readonly reason_codes: readonly string[];
  readonly violations: readonly string[];
  readonly matched_rule: string;
  readonly tool_name: string | null;
  readonly created_at: string;
  readonly evaluated_at: string;
  readonly policy_digest: string;
  readonly intent_digest: string | null;
  readonly prepared_intent_digest: string | null;
  readonly args_digest: string | null;
  readonly script_hash: string | null;
  readonly min_approvals: number;
  readonly require_distinct_approvers: boolean;
  readonly require_broker_credential: boolean;
  readonly broker_reference: string;
  readonly broker_scopes: readonly string[];
  readonly require_delegation: boolean;
  readonly required_delegation_scopes: readonly string[];
  readonly rate_limit: Limit | null;
  readonly destructive_budget: Limit | null;
  readonly dataflow_triggered: boolean;
  readonly composite_risk_class: string | null;
  readonly step_verdicts: readonly object[];
  readonly context_source: string;
  readonly freeze_window: object | null;
  readonly sandbox: object | null;
  readonly kill_switch: object | null;
  readonly evaluable: boolean;
  readonly notices: readonly Notice[];
}

/** The columns of a decision, in the order of `toJSON`. */
const COLUMNS = [
  'verdict',
  'reasonCodes',
  'violations',
  'matchedRule',
  'toolName',
  'intentDigest',
  'preparedIntentDigest',
  'argsDigest',
  'policyDigest',
  'scriptHash',
  'exitCode',
  'createdAt',
  'evaluatedAt',
  'minApprovals',
  'requireDistinctApprovers',
  'requireBrokerCredential',
  'brokerReference',
  'brokerScopes',
  'requireDelegation',
  'requiredDelegationScopes',
  'rateLimit',
  'destructiveBudget',
  'dataflowTriggered',
  'compositeRiskClass',
  'stepVerdicts',
  'contextSource',
  'freezeWindow',
  'freezeWindowStatus',
  'sandbox',
  'sandboxStatus',
  'killSwitch',
  'evaluable',
  'notices',
] as const;

/** Everything that a decision says, as plain values. */
export type DecisionColumns = Pick<Decision, (typeof COLUMNS)[number]>;

/**
 * The answer about one intent, its grounds and its trace. Immutable.
 *
 * It keeps policy, intent and moment. Decisions are functions of these three, so whatever it is asked for besides its
 * verdict is computed then, and is the same whenever that happens.
 */
export class Decision {
  readonly #judge: JudgeHandle;
  readonly #about: Written | Intent;
  readonly #now: NativeMoment;
  /** What settling made of the verdict, the reasons and the violations; empty when there was nothing to settle. */
  readonly #settled: string;
  /** `allow`, `block`, `require_approval` or `dry_run`. */
  readonly verdict: Verdict;
  #facts: Facts | undefined;
  #steps: readonly StepVerdict[] | undefined;
  #trace: Trace | undefined;

  private constructor(judge: JudgeHandle, about: Written | Intent, now: NativeMoment, answer: Answer) {
    this.#judge = judge;
    this.#about = about;
    this.#now = now;
    if (typeof answer === 'number') {
      this.#settled = '';
      this.verdict = VERDICTS[answer] ?? 'block';
    } else {
      this.#settled = answer;
      this.verdict = (JSON.parse(answer) as { verdict: Verdict }).verdict;
    }
  }

  /** @internal */
  static of(judge: JudgeHandle, about: Written | Intent, now: NativeMoment, answer: Answer): Decision {
    return new Decision(judge, about, now, answer);
  }

  get #known(): Facts {
    return (this.#facts ??= JSON.parse(call(() => this.#ask(native.decisionFacts, native.decisionFactsOfIntent))) as Facts);
  }

  #ask(ofDocument: typeof native.decisionFacts, ofIntent: typeof native.decisionFactsOfIntent): string {
    const about = this.#about;
    if (about instanceof Intent) {
      return ofIntent(this.#judge, Intent.handleOf(about, false), this.#now, this.#settled);
    }
    return ofDocument(this.#judge, about.bytes, about.start, about.end, this.#now, this.#settled);
  }

  /** Whether the tool may run. */
  get allowed(): boolean {
    return this.verdict === 'allow';
  }

  /** The exit code of `gait policy test` for this verdict. */
  get exitCode(): number {
    return EXIT_CODES[this.verdict];
  }

  /** Why, sorted. */
  get reasonCodes(): readonly string[] {
    return Object.freeze(this.#known.reason_codes);
  }

  /** What was violated, sorted. */
  get violations(): readonly string[] {
    return Object.freeze(this.#known.violations);
  }

  /** Names of the rules that matched, joined by commas; empty when the default verdict decided. */
  get matchedRule(): string {
    return this.#known.matched_rule;
  }

  /** The normalized name of the tool; null when the intent could not be normalized. */
  get toolName(): string | null {
    return this.#known.tool_name;
  }

  /** Digest of the request. */
  get intentDigest(): string | null {
    return this.#known.intent_digest;
  }

  /** Digest of the intent as it was evaluated: unproven context claims removed, proven ones added. */
  get preparedIntentDigest(): string | null {
    return this.#known.prepared_intent_digest;
  }

  /** Digest of the arguments. */
  get argsDigest(): string | null {
    return this.#known.args_digest;
  }

  /** Digest of the policy. */
  get policyDigest(): string {
    return this.#known.policy_digest;
  }

  /** Digest of the steps of a script. */
  get scriptHash(): string | null {
    return this.#known.script_hash;
  }

  /** The intent's creation time in UTC, or 1980 when it has none. */
  get createdAt(): string {
    return this.#known.created_at;
  }

  /** The moment that was decided for. */
  get evaluatedAt(): string {
    return this.#known.evaluated_at;
  }

  /** How many approvals the matched rules ask for. */
  get minApprovals(): number {
    return this.#known.min_approvals;
  }

  /** Whether they must come from different people. */
  get requireDistinctApprovers(): boolean {
    return this.#known.require_distinct_approvers;
  }

  /** Whether a broker must issue a credential. */
  get requireBrokerCredential(): boolean {
    return this.#known.require_broker_credential;
  }

  /** The reference for the broker. */
  get brokerReference(): string {
    return this.#known.broker_reference;
  }

  /** The scopes to ask of the broker. */
  get brokerScopes(): readonly string[] {
    return Object.freeze(this.#known.broker_scopes);
  }

  /** Whether delegation tokens must cover the intent's delegation. */
  get requireDelegation(): boolean {
    return this.#known.require_delegation;
  }

  /** The scopes of which a delegation token must hold one. */
  get requiredDelegationScopes(): readonly string[] {
    return Object.freeze(this.#known.required_delegation_scopes);
  }

  /** The rate limit that counts. */
  get rateLimit(): Limit | null {
    return Object.freeze(this.#known.rate_limit);
  }

  /** The budget of destructive calls that counts. */
  get destructiveBudget(): Limit | null {
    return Object.freeze(this.#known.destructive_budget);
  }

  /** Whether tainted data would have reached a destination. */
  get dataflowTriggered(): boolean {
    return this.#known.dataflow_triggered;
  }

  /** `low`, `medium` or `high` for a script. */
  get compositeRiskClass(): string | null {
    return this.#known.composite_risk_class;
  }

  /** The answer for each step of a script. */
  get stepVerdicts(): readonly StepVerdict[] {
    return (this.#steps ??= camelCased<readonly StepVerdict[]>(this.#known.step_verdicts));
  }

  /** Where context came from; empty for the intent alone. */
  get contextSource(): string {
    return this.#known.context_source;
  }

  /** What the freeze windows said. */
  get freezeWindow(): FreezeWindowDecision | null {
    return camelCased(this.#known.freeze_window);
  }

  /** The outcome of the freeze windows. */
  get freezeWindowStatus(): string | null {
    return this.freezeWindow?.status ?? null;
  }

  /** What the sandbox check said. */
  get sandbox(): SandboxDecision | null {
    return camelCased(this.#known.sandbox);
  }

  /** The outcome of the sandbox check. */
  get sandboxStatus(): string | null {
    return this.sandbox?.status ?? null;
  }

  /** What the kill switch said. */
  get killSwitch(): KillSwitchDecision | null {
    return camelCased(this.#known.kill_switch);
  }

  /** Whether the intent could be evaluated at all. */
  get evaluable(): boolean {
    return this.#known.evaluable;
  }

  /** What of the intent was not kept exactly (compat only). */
  get notices(): readonly Notice[] {
    return this.#about instanceof Intent ? this.#about.notices : noticesOf(this.#known.notices, this.#about.placed);
  }

  /**
   * The trace, made and signed when it is first asked for.
   *
   * @throws {InvalidInput} when the intent could not be normalized: there is nothing to tell about it.
   */
  get trace(): Trace {
    return (this.#trace ??= Trace.of(call(() => this.#ask(native.decisionTrace, native.decisionTraceOfIntent))));
  }

  /**
   * Returns the decision if the tool may run.
   *
   * @throws {PolicyBlocked} for `block`.
   * @throws {ApprovalRequired} for `require_approval`.
   * @throws {DryRun} for `dry_run`.
   */
  raiseForVerdict(): this {
    if (this.allowed) return this;
    throw refusal(this);
  }

  /** Everything that the decision says, as a new object of plain values; the trace is not among them. */
  toJSON(): DecisionColumns {
    return Object.fromEntries(COLUMNS.map((name) => [name, this[name]])) as DecisionColumns;
  }

  [inspect.custom](): string {
    return `Decision(${this.verdict}, reasonCodes=${JSON.stringify(this.reasonCodes)}, matchedRule=${JSON.stringify(this.matchedRule)})`;
  }
}
