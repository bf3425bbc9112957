import assert from 'node:assert/strict';
import test from 'node:test';

import { ApprovalRequired, DryRun, Gate, guard, PolicyBlocked, SigningKey } from 'gait';

import { policy, refused } from './examples.mjs';

const gate = new Gate(policy, { signingKey: SigningKey.generate() });
const context = { identity: 'agent-7', workspace: '/srv', risk_class: 'low' };

function tool() {
  const calls = [];
  return { calls, fn: (...parameters) => { calls.push(parameters); return parameters.length; } };
}

test('the function runs on allow only', () => {
  for (const [toolName, kind] of [['fs.delete', PolicyBlocked], ['mail.send', ApprovalRequired], ['deploy.plan', DryRun]]) {
    const { calls, fn } = tool();
    const guarded = guard(fn, { gate, toolName, context });
    assert.throws(() => guarded({ path: '/srv/a' }), kind);
    assert.equal(calls.length, 0);
  }
  const { calls, fn } = tool();
  const parameter = { path: '/srv/a' };
  assert.equal(guard(fn, { gate, toolName: 'fs.read', context })(parameter), 1);
  assert.equal(calls[0][0], parameter);
});

test('async functions reject', async () => {
  let ran = 0;
  const fn = async function write({ path }) { ran += 1; return path; };
  const blocked = guard(fn, { gate, toolName: 'fs.delete', context })({ path: '/srv/a' });
  assert(blocked instanceof Promise);
  await assert.rejects(blocked, PolicyBlocked);
  await refused(guard(fn, { gate, toolName: 'fs.read', context })({ path: undefined }), { path: 'args.path' });
  assert.equal(ran, 0);
  assert.equal(await guard(fn, { gate, toolName: 'fs.read', context })({ path: '/srv/b' }), '/srv/b');
});

test('this, name and length are kept', () => {
  const object = { n: 2, times(x) { return x.by * this.n; } };
  const guarded = guard(object.times, { gate, toolName: 'fs.read', context });
  assert.equal(guarded.call(object, { by: 21 }), 42);
  assert.equal(guarded.name, 'times');
  assert.equal(guarded.length, 1);
  const named = { 'fs.read'() { return 1; } };
  assert.equal(guard(named['fs.read'], { gate, context })(), 1);
});

test('what is decided about', () => {
  const seen = [];
  const intents = [];
  const spy = { evaluate: (intent, options) => { intents.push(intent); return gate.evaluate(intent, options); } };
  const guarded = guard((path, count) => `${path}${count}`, {
    gate: spy,
    toolName: 'fs.read',
    parameters: ['path', 'count'],
    context: ({ path }) => ({ ...context, workspace: path }),
    targets: [{ kind: 'path', value: '{path}/{count}', operation: 'read' }],
    riskClass: 'medium',
    argProvenance: { path: 'user', missing: 'external' },
    extra: { skill_provenance: undefined },
    onDecision: (decision) => seen.push(decision.verdict),
    clock: () => '2026-03-01T10:00:00Z',
  });
  refused(() => guarded('/srv', 3), { path: 'skill_provenance' });
  assert.deepEqual(intents[0].args, { path: '/srv', count: 3 });
  assert.deepEqual(intents[0].targets, [{ kind: 'path', value: '/srv/3', operation: 'read' }]);
  assert.deepEqual(intents[0].context, { identity: 'agent-7', workspace: '/srv', risk_class: 'medium' });
  assert.deepEqual(intents[0].arg_provenance, [{ arg_path: '$.path', source: 'user' }]);
  assert.deepEqual(seen, []);
  const mapped = guard((a, b) => a + b, {
    gate: spy,
    toolName: 'fs.read',
    context,
    args: (a, b) => ({ sum: a + b }),
    targets: (args) => [{ kind: 'other', value: `${args.sum}`, operation: 'read' }],
    onDecision: (decision) => seen.push(decision.verdict),
  });
  assert.equal(mapped(1, 2), 3);
  assert.deepEqual(intents[1].args, { sum: 3 });
  assert.deepEqual(seen, ['allow']);
});

test('dry runs go elsewhere when there is somewhere to go', () => {
  const { calls, fn } = tool();
  const guarded = guard(fn, { gate, toolName: 'deploy.plan', context, onDryRun: () => 'rehearsed' });
  assert.equal(guarded({ path: '/srv' }), 'rehearsed');
  assert.equal(calls.length, 0);
});

test('nothing runs when anything is wrong', () => {
  const { calls, fn } = tool();
  const options = { gate, toolName: 'fs.read', context };
  for (const [guarded, parameters] of [
    [guard(fn, options), ['/srv/a']],
    [guard(fn, options), [{}, {}]],
    [guard(fn, { ...options, parameters: ['path'] }), [1, 2]],
    [guard(fn, { ...options, context: {} }), [{}]],
    [guard(fn, { ...options, targets: [{ kind: 'path', value: '{nothing}', operation: 'read' }] }), [{}]],
    [guard(fn, options), [{ x: NaN }]],
  ]) {
    refused(() => guarded(...parameters), { category: 'invalid_input' });
  }
  assert.throws(() => guard(fn, { ...options, onDecision: () => { throw new RangeError('no'); } })({}), RangeError);
  assert.equal(calls.length, 0);
  refused(() => guard('x', options), { code: 'guard_arguments' });
  refused(() => guard(fn, { ...options, gate: {} }), { code: 'guard_arguments' });
  refused(() => guard(() => 1, { ...options, toolName: undefined }), { code: 'guard_arguments' });
});
