import assert from 'node:assert/strict';
import test from 'node:test';
import { inspect } from 'node:util';

import { ApprovalRequired, DryRun, Gate, Intent, Policy, PolicyBlocked, SigningKey, VerdictError } from 'gait';

import { intent, intentFor, policy, POLICY, refused } from './examples.mjs';

test('a decision says everything, and the same each time', () => {
  const decision = policy.evaluate(intent(), { now: '2026-03-01T10:00:00.5Z' });
  assert.equal(decision.verdict, 'allow');
  assert.equal(decision.allowed, true);
  assert.equal(decision.exitCode, 0);
  assert.deepEqual(decision.reasonCodes, ['matched_rule_reads']);
  assert.equal(decision.matchedRule, 'reads');
  assert.equal(decision.toolName, 'fs.read');
  assert.equal(decision.policyDigest, policy.digest);
  assert.equal(decision.createdAt, '1980-01-01T00:00:00Z');
  assert.equal(decision.evaluatedAt, '2026-03-01T10:00:00.5Z');
  assert.equal(decision.intentDigest, Intent.parse(intent()).digest);
  assert.equal(decision.evaluable, true);
  assert.equal(decision.raiseForVerdict(), decision);
  assert.deepEqual(decision.toJSON(), policy.evaluate(JSON.stringify(intent()), { now: '2026-03-01T10:00:00.5Z' }).toJSON());
  assert.equal(Object.keys(JSON.parse(JSON.stringify(decision))).length, 55);
  assert.match(inspect(decision), /^Decision\(allow, reasonCodes=\["matched_rule_reads"\]/);
  assert.throws(() => decision.reasonCodes.push('x'), TypeError);
});

test('a decision stays what it was when its intent changes', () => {
  const proposed = intent();
  const bytes = Buffer.from(JSON.stringify(proposed));
  const decisions = [policy.evaluate(proposed), policy.evaluate(bytes)];
  proposed.tool_name = 'fs.delete';
  bytes.fill(0x20);
  for (let count = 0; count < 100; count++) policy.evaluate(intentFor('x'.repeat(count + 1)));
  for (const decision of decisions) {
    assert.equal(decision.toolName, 'fs.read');
    assert.equal(decision.trace.toJSON().tool_name, 'fs.read');
  }
});

test('verdicts other than allow raise', () => {
  for (const [tool, verdict, kind, category] of [
    ['fs.delete', 'block', PolicyBlocked, 'policy_blocked'],
    ['mail.send', 'require_approval', ApprovalRequired, 'approval_required'],
    ['deploy.plan', 'dry_run', DryRun, 'policy_blocked'],
  ]) {
    const decision = policy.evaluate(intentFor(tool));
    assert.equal(decision.verdict, verdict);
    assert.equal(decision.allowed, false);
    assert.throws(() => decision.raiseForVerdict(), (error) => {
      assert(error instanceof kind && error instanceof VerdictError);
      assert.equal(error.decision, decision);
      assert.equal(error.category, category);
      assert.equal(error.retryable, false);
      assert.match(error.message, new RegExp(tool));
      return true;
    });
  }
});

test('now is a Date, RFC 3339 text or the clock', () => {
  const at = (now) => policy.evaluate(intent(), { now }).evaluatedAt;
  assert.equal(at(new Date('2026-03-01T10:00:00.250Z')), '2026-03-01T10:00:00.25Z');
  assert.equal(at(new Date(-1)), '1969-12-31T23:59:59.999Z');
  assert.equal(at('2026-03-01T10:00:00.123456789+02:00'), '2026-03-01T10:00:00.123456789+02:00');
  const apart = Math.abs(new Date(at(undefined)) - new Date());
  assert(apart < 60_000, `the clock is ${apart} ms off`);
  refused(() => at(new Date(NaN)), { code: 'time_malformed', category: 'invalid_input' });
  refused(() => at('yesterday'), { code: 'time_malformed' });
  refused(() => at(new Date(8.64e15)), { category: 'invalid_input' });
  refused(() => at(17), { code: 'invalid_argument' });
});

test('gates count, policies do not', () => {
  const gate = new Gate(policy);
  const now = '2026-03-01T10:00:00Z';
  const verdicts = [1, 2, 3].map(() => gate.evaluate(intentFor('web.fetch'), { now }));
  assert.deepEqual(verdicts.map(({ verdict }) => verdict), ['allow', 'allow', 'block']);
  const [, , last] = verdicts;
  assert.deepEqual(last.reasonCodes, ['matched_rule_counted', 'rate_limit_exceeded']);
  assert.deepEqual(last.violations, ['rate_limit_exceeded']);
  assert.deepEqual(last.rateLimit, { requests: 2, window: 'minute', scope: 'tool' });
  // Asking again counts nothing.
  assert.equal(verdicts[0].trace.verdict, 'allow');
  assert.equal(last.trace.verdict, 'block');
  assert.deepEqual(last.trace.toJSON().violations, ['rate_limit_exceeded']);
  assert.equal(gate.evaluate(intentFor('web.fetch'), { now: '2026-03-01T10:01:00Z' }).verdict, 'allow');
  assert.equal(policy.evaluate(intentFor('web.fetch'), { now }).verdict, 'allow');
  assert.equal(new Gate(policy).evaluate(intentFor('mail.send')).reasonCodes[0], 'approval_token_missing');
});

test('gates sign, and say whom they follow', () => {
  const signingKey = SigningKey.generate();
  const gate = new Gate(policy, { signingKey, strict: true, producerVersion: '9.9', correlationId: 'task-1' });
  assert.equal(gate.keyId, signingKey.keyId);
  assert.equal(gate.strict, true);
  assert.equal(gate.policy, policy);
  const trace = gate.evaluate(intent(), { now: '2026-03-01T10:00:00Z' }).trace;
  assert.equal(trace.keyId, signingKey.keyId);
  assert.equal(trace.toJSON().producer_version, '9.9');
  assert.equal(trace.toJSON().correlation_id, 'task-1');
  assert.equal(trace.toJSON().observed_at, '2026-03-01T10:00:00Z');
  refused(() => new Gate(policy, { strict: false }), { code: 'strict_mismatch' });
  refused(() => new Gate('default_verdict: allow'), { code: 'invalid_argument' });
  refused(() => new Gate(policy, { signingKey: 'secret' }), { code: 'invalid_argument' });
});

test('many intents are decided about in their order', () => {
  const gate = new Gate(policy);
  const parsed = Intent.parse(intent());
  const decisions = gate.evaluateMany([intent(), parsed, JSON.stringify(intentFor('mail.send')), intentFor('web.fetch')]);
  assert.deepEqual(decisions.map(({ verdict }) => verdict), ['allow', 'allow', 'require_approval', 'allow']);
  assert.equal(new Set(decisions.map(({ evaluatedAt }) => evaluatedAt)).size, 1);
  assert.equal(decisions[1].intentDigest, parsed.digest);
  assert.deepEqual(gate.evaluateMany([]), []);
});

test('a batch fails as a whole before anything is counted, or in place', () => {
  const gate = new Gate(policy);
  const now = '2026-03-01T10:00:00Z';
  const fetch = intentFor('web.fetch');
  const bad = [intentFor('fs.read', { x: NaN }), '{', { ...intent(), context: {} }];
  const paths = ['[1].args.x', '[1]', '[1].context.identity'];
  for (const [index, intent] of bad.entries()) {
    for (let time = 0; time < 3; time++) {
      refused(() => gate.evaluateMany([fetch, intent], { now }), { path: paths[index], category: 'invalid_input' });
    }
  }
  const answers = gate.evaluateMany([fetch, ...bad, fetch, fetch], { now, errors: 'return' });
  const told = answers.map((answer) => answer.verdict ?? answer.path);
  assert.deepEqual(told, ['allow', '[1].args.x', '[2]', '[3].context.identity', 'allow', 'block']);
  assert.equal(answers[5].trace.verdict, 'block');
  refused(() => gate.evaluateMany([], { errors: 'ignore' }), { code: 'invalid_argument' });
});

test('the very moment and the policy are what a gate decides by', () => {
  const frozen = Policy.parse(`
default_verdict: block
rules:
  - name: reads
    effect: allow
    match: {tool_names: [fs.read]}
    freeze_window:
      timezone: UTC
      reason: holidays
      risk_classes: [low]
      windows: [{name: night, start: "2026-03-01T00:00:00", end: "2026-03-01T06:00:00"}]
`);
  const before = frozen.evaluate(intent(), { now: '2026-02-28T23:59:59Z' });
  const within = frozen.evaluate(intent(), { now: '2026-03-01T00:00:00Z' });
  assert.equal(before.verdict, 'allow');
  assert.equal(within.verdict, 'block');
  assert.equal(within.freezeWindow.windowName, 'night');
  assert.equal(within.freezeWindowStatus, within.freezeWindow.status);
});

test('policies tell about themselves', () => {
  assert.deepEqual(policy.rules, ['counted', 'mails', 'reads', 'rehearsals']);
  assert.equal(policy.digest, Policy.parse(Buffer.from(POLICY)).digest);
  assert.equal(policy.digest, Policy.parse(policy.format()).digest);
  const [lint] = Policy.parse('default_verdict: allow').lint();
  assert.equal(lint.code, 'default_allow_unchecked');
  assert.equal(lint.rule, null);
  assert.match(inspect(policy), /^Policy\(rules=4, strict=true/);
});

test('intents tell about themselves', () => {
  const parsed = Intent.parse({ ...intent(), tool_name: ' FS.Read ' });
  assert.equal(parsed.toolName, 'fs.read');
  assert.equal(parsed.strict, true);
  assert.match(parsed.digest, /^[0-9a-f]{64}$/);
  assert.match(parsed.argsDigest, /^[0-9a-f]{64}$/);
  assert.match(parsed.targetsDigest, /^[0-9a-f]{64}$/);
  assert.equal(parsed.scriptHash, null);
  assert.deepEqual(parsed.notices, []);
  assert.equal(parsed.toJSON().tool_name, 'fs.read');
  assert.equal(Intent.parse(parsed), parsed);
  assert.equal(policy.evaluate(parsed).intentDigest, parsed.digest);
});

test('what was kept of a lenient intent can be told again', () => {
  const lenient = Policy.parse(POLICY, { strict: false });
  const text = JSON.stringify({ ...intentFor('web.fetch'), extra: 1 }).replace('"risk_class"', '"credential_ttl_seconds":9007199254740993,"risk_class"');
  const decision = new Gate(lenient, { signingKey: SigningKey.generate() }).evaluate(text, { now: '2026-03-01T10:00:00Z' });
  assert.deepEqual([decision.verdict, decision.rateLimitUsed], ['allow', 1]);
  assert.match(decision.trace.toString(), /"credential_ttl_seconds": 9007199254740993/);
});
