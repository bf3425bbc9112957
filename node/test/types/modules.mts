// A program that uses everything: it must compile, and the lines that are marked must not.

import {
  ApprovalRequest,
  ApprovalRequired,
  ApprovalToken,
  approve,
  canonicalize,
  compat,
  Decision,
  delegate,
  DelegationToken,
  digest,
  GaitError,
  Gate,
  guard,
  Intent,
  IntentError,
  KillSwitch,
  Policy,
  PolicyBlocked,
  SigningKey,
  Trace,
  VerdictError,
  VerifiedEnvelope,
  verifyTrace,
  VerifyingKey,
  version,
  type ApprovalFinding,
  type Broker,
  type Category,
  type CredentialFacts,
  type DecisionColumns,
  type IntentDocument,
  type KillSwitchEntry,
  type Limit,
  type TrustedKeys,
  type Verdict,
} from 'gait';

const policy: Policy = Policy.parse('default_verdict: allow', { strict: true });
const loaded: Promise<Policy> = Policy.load(new URL('file:///policy.yaml'));
const signingKey: SigningKey = SigningKey.generate();
const gate = new Gate(policy, { signingKey, strict: true, producerVersion: '1', correlationId: 'x' });

const document: IntentDocument = { tool_name: 't', args: { a: [1] }, targets: [], context: {} };
const decision: Decision = gate.evaluate(document, { now: new Date() });
const verdict: Verdict = decision.verdict;
const reasons: readonly string[] = decision.reasonCodes;
const limit: Limit | null = decision.rateLimit;
const columns: DecisionColumns = decision.toJSON();
const digests: Array<string | null> = [decision.intentDigest, decision.preparedIntentDigest, decision.argsDigest, columns.scriptHash];
const same: Decision = decision.raiseForVerdict();
const many: Decision[] = gate.evaluateMany([document, '{}', new Uint8Array(), Intent.parse(document)]);
const mixed: Array<Decision | GaitError> = gate.evaluateMany([document], { errors: 'return' });
const later: Promise<Decision> = gate.evaluateAsync(document, { now: '2026-03-01T00:00:00Z' });
const manyLater: Promise<Decision[]> = gate.evaluateManyAsync([document]);
const trace: Trace = verifyTrace(decision.trace.toString(), signingKey.verifyingKey, { strict: false });
const key: VerifyingKey = VerifyingKey.fromBase64(signingKey.verifyingKey.toBase64());
const bytes: Buffer = canonicalize('{}');
const hex: string = digest(bytes);
const lenient: Policy = compat.Policy.parse('default_verdict: allow');

const read = guard(async (args: { path: string }) => args.path.length, { gate, context: {}, toolName: 'fs.read' });
const length: Promise<number> = read({ path: '/srv' });
const add = guard((a: number, b: number) => a + b, { gate, context: () => ({}), args: (a, b) => ({ sum: a + b }) });
const sum: number = add(1, 2);

const approvers: TrustedKeys = { alice: key, bob: [key] };
const broker: Broker = async ({ reference, scope }) => ({ credential_ref: reference, scope, ttl_seconds: 60 });
const closed = new Gate(policy, { approvers, delegators: [key], stateDir: new URL('file:///var/lib/agent'), broker, simulate: false });
const request: ApprovalRequest | null = decision.approvalRequest();
const token: ApprovalToken = approve(request ?? '{}', signingKey, { approver: 'alice', reason: 'x', ttl: '15m', maxOps: 1 });
const handed: DelegationToken = delegate(signingKey, { delegator: 'a', delegate: 'b', scope: ['*'], ttl: 60_000 });
const same2: ApprovalToken = token.verify(approvers, { scope: ['tool:t'], now: new Date() });
const settled: Decision = closed.evaluate(document, {
  approvals: [token, '{}', token.toJSON()],
  delegations: [handed],
  contextEnvelope: VerifiedEnvelope.parse('{}'),
  killSwitch: '{}',
  inventory: [],
  credentialRef: 'r',
  credentialScopes: ['s'],
});
const findings: readonly ApprovalFinding[] = settled.approvals;
const credential: CredentialFacts | null = settled.credential;
const waited: Promise<ApprovalToken[]> = closed.waitForApprovals(request ?? '{}', '5m', { signal: AbortSignal.timeout(1) });
const entries: Promise<KillSwitchEntry[]> = new KillSwitch('kill.json').entries();
const asking = guard(async (args: { path: string }) => args.path, {
  gate: closed,
  context: {},
  toolName: 'fs.read',
  onApproval: async (wanted, intent) => (intent.toolName === 't' ? [approve(wanted, signingKey, { approver: 'a', reason: 'r', ttl: 1 })] : null),
});
const asked: Promise<string> = asking({ path: '/srv' });

try {
  decision.raiseForVerdict();
} catch (error) {
  if (error instanceof PolicyBlocked || error instanceof ApprovalRequired) {
    const refused: VerdictError = error;
    const why: Decision = refused.decision;
    void why;
  } else if (error instanceof IntentError) {
    const category: Category = error.category;
    const place: [string | undefined, number | undefined, boolean] = [error.path, error.offset, error.retryable];
    void [category, place];
  }
}

// @ts-expect-error a policy is not made by hand
new Policy();
// @ts-expect-error nor is a decision
new Decision();
// @ts-expect-error verdicts are known words
const wrong: Verdict = 'maybe';
// @ts-expect-error numbers are no moments
gate.evaluate(document, { now: 7 });
// @ts-expect-error handles stay inside
Policy.handleOf(policy);
// @ts-expect-error a guarded function takes what the function takes
read({ path: 7 });
// @ts-expect-error a policy alone counts no tokens
policy.evaluate(document, { approvals: [token] });
// @ts-expect-error a token needs an end
approve('{}', signingKey, { approver: 'a', reason: 'r' });
// @ts-expect-error keys are no text
new Gate(policy, { approvers: 'alice' });
// @ts-expect-error decisions do not change
decision.verdict = 'allow';

void [same2, findings, credential, waited, entries, asked, loaded, verdict, reasons, limit, digests, same, many, mixed, later, manyLater, trace, key, hex, lenient, length, sum, wrong, version];
