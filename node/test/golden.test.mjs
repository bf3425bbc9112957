// Every column of the tables of decisions, in compat mode, as an object, as text, as bytes and as a parsed intent.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { compat, Gate, IntentError, PolicyError } from 'gait';

const NOW = '2026-03-01T00:00:00Z';
const own = fileURLToPath(new URL('data/decisions.jsonl', import.meta.url));
const vectors = process.env.GAIT_VECTORS ?? fileURLToPath(new URL('../../../shared/vectors', import.meta.url));

function rows(path) {
  return readFileSync(path, 'utf8').split('\n').filter(Boolean).map((line) => ({ ...JSON.parse(line), line }));
}

const limit = (value) => value && [value.requests, value.window, value.scope];

function snakeCased(step) {
  const members = Object.entries(step).map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]);
  return Object.fromEntries(members);
}

/** The columns of a decision as the table has them: nothing where there is nothing. */
function columns(decision) {
  const all = {
    verdict: decision.verdict,
    reason_codes: decision.reasonCodes,
    violations: decision.violations,
    matched_rule: decision.matchedRule,
    intent_digest: decision.intentDigest,
    prepared_intent_digest:
      decision.preparedIntentDigest === decision.intentDigest ? undefined : decision.preparedIntentDigest,
    args_digest: decision.argsDigest,
    policy_digest: decision.policyDigest,
    script_hash: decision.scriptHash,
    exit: decision.exitCode,
    min_approvals: decision.minApprovals,
    require_distinct_approvers: decision.requireDistinctApprovers,
    require_broker_credential: decision.requireBrokerCredential,
    require_delegation: decision.requireDelegation,
    required_delegation_scopes: decision.requiredDelegationScopes,
    broker_reference: decision.brokerReference,
    broker_scopes: decision.brokerScopes,
    rate_limit: limit(decision.rateLimit),
    destructive_budget: limit(decision.destructiveBudget),
    dataflow_triggered: decision.dataflowTriggered,
    composite_risk_class: decision.compositeRiskClass,
    freeze_window_status: decision.freezeWindowStatus,
    sandbox_status: decision.sandboxStatus,
    step_verdicts: decision.stepVerdicts.map(snakeCased),
  };
  const always = ['verdict', 'reason_codes', 'violations', 'matched_rule', 'exit'];
  const present = Object.entries(all).filter(([name, value]) => {
    return always.includes(name) || !(value === undefined || value === null || value === false || value === 0 || value.length === 0);
  });
  return JSON.parse(JSON.stringify(Object.fromEntries(present)));
}

function replay({ line, policy_yaml: yaml, want }, whole) {
  if (want.error === 'policy') {
    assert.throws(() => compat.Policy.parse(yaml), (error) => error instanceof PolicyError && error.exitCode === 6);
    return;
  }
  const policy = compat.Policy.parse(yaml);
  const { intent } = JSON.parse(line);
  // The very text of the intent: parsing and writing it again would lose what only text can say.
  const [, text] = /"intent":\s*(\{.*\}),\s*"want":/.exec(line);
  if (want.policy_digest !== undefined) assert.equal(policy.digest, want.policy_digest);
  if (want.error === 'intent') {
    const isRefused = (error) => error instanceof IntentError && error.exitCode === 6 && error.category === 'invalid_input';
    for (const form of [intent, text, Buffer.from(text)]) {
      assert.throws(() => policy.evaluate(form, { now: NOW }), isRefused);
      if (want.library === undefined) {
        assert.throws(() => policy.evaluateRequest(form, { now: NOW }), isRefused);
        continue;
      }
      const decision = policy.evaluateRequest(form, { now: NOW });
      const { verdict, reasonCodes, violations } = decision;
      assert.deepEqual({ verdict, reason_codes: reasonCodes, violations }, want.library);
      assert.equal(decision.intentDigest, null);
      assert.equal(decision.evaluable, false);
      assert.throws(() => decision.trace, { code: 'intent_not_evaluable' });
    }
    return;
  }
  const parsed = compat.Intent.parse(text);
  assert.equal(createHash('sha256').update(parsed.canonical()).digest('hex'), parsed.digest);
  // Numbers beyond 2^53 are rounded before an object can be given.
  const isExact = !/\d{16}/.test(text);
  const forms = [text, Buffer.from(text), parsed, ...(isExact ? [intent] : [])];
  for (const form of forms) {
    for (const decision of [policy.evaluate(form, { now: NOW }), policy.evaluateRequest(form, { now: NOW })]) {
      const found = columns(decision);
      const compared = whole ? found : Object.fromEntries(Object.keys(want).map((name) => [name, found[name]]));
      assert.deepEqual(compared, want);
    }
    const [batched] = new Gate(policy).evaluateMany([form], { now: NOW });
    assert.equal(batched.preparedIntentDigest, policy.evaluate(form, { now: NOW }).preparedIntentDigest);
    const trace = new Gate(policy).evaluate(form, { now: NOW }).trace.toJSON();
    assert.equal(trace.policy_digest, policy.digest);
    assert.equal(trace.intent_digest, want.prepared_intent_digest ?? parsed.digest);
  }
}

for (const row of rows(own)) test(`own: ${row.name}`, () => replay(row, false));

const golden = `${vectors}/gate/eval.jsonl`;
const reason = existsSync(golden) ? false : `no golden cases at ${golden}; GAIT_VECTORS may name their folder`;
test('golden decisions', { skip: reason }, () => {
  const all = rows(golden);
  for (const row of all) {
    try {
      replay(row, true);
    } catch (error) {
      error.message = `${row.name}: ${error.message}`;
      throw error;
    }
  }
  console.log(`${all.length} golden decisions replayed`);
});
