// What the native half tells of a decision.

import type { Limit, Notice, Verdict } from './values';

/** @internal What the native half tells of a decision. */
export interface Facts {
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
  readonly required_approvals: number;
  readonly valid_approvals: number;
  readonly approvals: readonly object[];
  readonly approval_ref: string;
  readonly valid_delegations: number;
  readonly delegations: readonly object[];
  readonly delegation_ref: string;
  readonly rate_limit_taken: Taken | null;
  readonly destructive_budget_taken: Taken | null;
  readonly credential: object | null;
  readonly pre_approved: boolean;
  readonly pattern_id: string;
  readonly registry_reason: string;
  readonly simulated_verdict: Verdict | null;
  readonly simulated_reason_codes: readonly string[];
  readonly would_have_blocked: boolean;
  readonly evaluable: boolean;
  readonly notices: readonly Notice[];
}

/** What a limit said. */
interface Taken {
  readonly scope: string;
  readonly key: string;
  readonly used: number;
  readonly remaining: number;
}

/** The columns of a decision, in the order of `toJSON`. */
export const COLUMNS = [
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
  'requiredApprovals',
  'validApprovals',
  'approvals',
  'approvalRef',
  'validDelegations',
  'delegations',
  'delegationRef',
  'rateLimitScope',
  'rateLimitKey',
  'rateLimitUsed',
  'rateLimitRemaining',
  'destructiveBudgetScope',
  'destructiveBudgetKey',
  'destructiveBudgetUsed',
  'destructiveBudgetRemaining',
  'credential',
  'preApproved',
  'patternId',
  'registryReason',
  'simulatedVerdict',
  'simulatedReasonCodes',
  'wouldHaveBlocked',
  'evaluable',
  'notices',
] as const;
