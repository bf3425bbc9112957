import { inspect } from 'node:util';

import { ApprovalRequest } from './approval';
import type { Written } from './document';
import { call, refusal } from './errors';
import { COLUMNS, type Facts } from './facts';
import { Intent } from './intent';
import { native, type Answer, type IntentHandle, type JudgeHandle, type NativeMoment } from './native';
import { Trace } from './trace';
import {
  camelCased,
  noticesOf,
  type ApprovalFinding,
  type CredentialFacts,
  type DelegationFinding,
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

/** Everything that a decision says, as plain values. */
export type DecisionColumns = Pick<Decision, (typeof COLUMNS)[number]>;

/**
 * The answer about one intent, its grounds and its trace. Immutable.
 *
 * A decision that consulted nothing else is a function of policy, intent and moment. It keeps these three, so whatever it is
 * asked for besides its verdict is computed then, and is the same whenever that happens. What limits, tokens, brokers and
 * files said is kept as it was.
 */
export class Decision {
  readonly #judge: JudgeHandle;
  readonly #about: Written | Intent;
  readonly #now: NativeMoment;
  /** All that it says, when that cannot be computed again; else empty. */
  readonly #kept: string;
  /** `allow`, `block`, `require_approval` or `dry_run`. */
  readonly verdict: Verdict;
  #facts: Facts | undefined;
  #steps: readonly StepVerdict[] | undefined;
  #trace: Trace | undefined;

  private constructor(judge: JudgeHandle, about: Written | Intent, now: NativeMoment, answer: Answer) {
    this.#judge = judge;
    this.#about = about;
    this.#now = now;
    this.#kept = typeof answer === 'number' ? '' : answer;
    this.verdict = VERDICTS[typeof answer === 'number' ? answer : Number(answer[0])] ?? 'block';
  }

  /** @internal */
  static of(judge: JudgeHandle, about: Written | Intent, now: NativeMoment, answer: Answer): Decision {
    return new Decision(judge, about, now, answer);
  }

  get #known(): Facts {
    return (this.#facts ??= this.#tell());
  }

  #tell(): Facts {
    if (this.#kept !== '') return (JSON.parse(this.#kept.slice(1)) as { facts: Facts }).facts;
    return JSON.parse(this.#ask(native.decisionFacts, native.decisionFactsOfIntent)) as Facts;
  }

  #ask<Told>(
    ofDocument: (judge: JudgeHandle, bytes: Uint8Array, start: number, end: number, now: NativeMoment) => Told,
    ofIntent: (judge: JudgeHandle, intent: IntentHandle, now: NativeMoment) => Told,
  ): Told {
    const about = this.#about;
    return call(() => {
      if (about instanceof Intent) return ofIntent(this.#judge, Intent.handleOf(about), this.#now);
      return ofDocument(this.#judge, about.bytes, about.start, about.end, this.#now);
    });
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

  /** How many approvals are needed; 0 when none is. */
  get requiredApprovals(): number {
    return this.#known.required_approvals;
  }

  /** How many of the approvals at hand are valid. */
  get validApprovals(): number {
    return this.#known.valid_approvals;
  }

  /** What became of each approval at hand, where some were asked for. */
  get approvals(): readonly ApprovalFinding[] {
    return camelCased(this.#known.approvals);
  }

  /** Ids of the approvals that let it pass, joined by commas. */
  get approvalRef(): string {
    return this.#known.approval_ref;
  }

  /** How many links of the intent's delegation are covered by tokens. */
  get validDelegations(): number {
    return this.#known.valid_delegations;
  }

  /** What became of each link and each delegation token, where some were asked for. */
  get delegations(): readonly DelegationFinding[] {
    return camelCased(this.#known.delegations);
  }

  /** Ids of the delegation tokens that cover the delegation, joined by commas. */
  get delegationRef(): string {
    return this.#known.delegation_ref;
  }

  /** What the rate limit counts together; null when none was asked. */
  get rateLimitScope(): string | null {
    return this.#known.rate_limit_taken?.scope ?? null;
  }

  /** Whose requests the rate limit counts together. */
  get rateLimitKey(): string | null {
    return this.#known.rate_limit_taken?.key ?? null;
  }

  /** How many requests the rate limit's window has admitted, this one included. */
  get rateLimitUsed(): number | null {
    return this.#known.rate_limit_taken?.used ?? null;
  }

  /** How many more it admits. */
  get rateLimitRemaining(): number | null {
    return this.#known.rate_limit_taken?.remaining ?? null;
  }

  /** What the budget of destructive calls counts together; null when none was asked. */
  get destructiveBudgetScope(): string | null {
    return this.#known.destructive_budget_taken?.scope ?? null;
  }

  /** Whose calls the budget counts together. */
  get destructiveBudgetKey(): string | null {
    return this.#known.destructive_budget_taken?.key ?? null;
  }

  /** How many calls the budget's window has admitted, this one included. */
  get destructiveBudgetUsed(): number | null {
    return this.#known.destructive_budget_taken?.used ?? null;
  }

  /** How many more it admits. */
  get destructiveBudgetRemaining(): number | null {
    return this.#known.destructive_budget_taken?.remaining ?? null;
  }

  /** The credential that a broker issued, accepted or not: its reference, never the secret. */
  get credential(): CredentialFacts | null {
    return camelCased(this.#known.credential);
  }

  /** Whether an approved script let it pass. */
  get preApproved(): boolean {
    return this.#known.pre_approved;
  }

  /** Which approved script. */
  get patternId(): string {
    return this.#known.pattern_id;
  }

  /** What the registry of approved scripts said; empty when it was not asked. */
  get registryReason(): string {
    return this.#known.registry_reason;
  }

  /** The verdict without simulation; null when the gate does not simulate. */
  get simulatedVerdict(): Verdict | null {
    return this.#known.simulated_verdict;
  }

  /** The reasons without simulation. */
  get simulatedReasonCodes(): readonly string[] {
    return Object.freeze(this.#known.simulated_reason_codes);
  }

  /** Whether the tool would not have run without simulation. */
  get wouldHaveBlocked(): boolean {
    return this.#known.would_have_blocked;
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
    return (this.#trace ??= Trace.of(this.#write()));
  }

  #write(): string {
    if (this.#kept !== '') return call(() => native.keptTrace(this.#judge, this.#kept));
    return this.#ask(native.decisionTrace, native.decisionTraceOfIntent);
  }

  /** What approvers must sign for a held decision to become an allow; null when no approval would help. */
  approvalRequest(): ApprovalRequest | null {
    if (this.verdict !== 'require_approval') return null;
    const kept = this.#kept;
    const file = kept === '' ? this.#ask(native.decisionRequest, native.decisionRequestOfIntent) : call(() => native.keptRequest(kept));
    if (file === null) return null;
    const spent = this.approvals.filter(({ errorCode }) => errorCode === 'approval_token_replayed');
    return ApprovalRequest.of(file, spent.map(({ tokenId }) => tokenId ?? ''));
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
