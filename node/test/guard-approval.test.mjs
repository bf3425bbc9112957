// Guarded functions that get the approval they need.

import assert from 'node:assert/strict';
import test from 'node:test';

import { ApprovalRequest, ApprovalRequired, approve, Gate, guard, Intent, Policy, PolicyBlocked, SigningKey } from 'gait';

import { folder, NOW, PAYMENTS, refused } from './examples.mjs';

const [alice, mallory] = [SigningKey.generate(), SigningKey.generate()];
const gate = () => new Gate(Policy.parse(PAYMENTS), { approvers: { alice: alice.verifyingKey } });
const context = { identity: 'agent-7', workspace: '/srv', risk_class: 'low' };
const granting = { approver: 'alice', reason: 'ticket-7', ttl: '15m', now: NOW };

/** A guarded function that counts its calls, sync or not. */
function paying(options) {
  const calls = [];
  const verdicts = [];
  const all = { toolName: 'pay', context, clock: () => NOW, onDecision: ({ verdict }) => verdicts.push(verdict), gate: gate(), ...options };
  const pay = (parameters) => { calls.push(parameters); return parameters.amount; };
  return { calls, verdicts, now: guard(pay, all), later: guard(async (parameters) => pay(parameters), all) };
}

test('the function runs when the approval is granted', async () => {
  const asked = [];
  const onApproval = (request, intent) => {
    asked.push([request, intent]);
    return approve(request, alice, granting);
  };
  const { calls, verdicts, now, later } = paying({ onApproval });
  assert.equal(now({ amount: 1 }), 1);
  assert.equal(await later({ amount: 2 }), 2);
  const { later: patient } = paying({ onApproval: async (...parameters) => [onApproval(...parameters)] });
  assert.equal(await patient({ amount: 3 }), 3);
  assert.deepEqual(calls, [{ amount: 1 }, { amount: 2 }]);
  assert.deepEqual(verdicts, ['require_approval', 'allow', 'require_approval', 'allow']);
  const [request, intent] = asked[0];
  assert(request instanceof ApprovalRequest && intent instanceof Intent);
  assert.deepEqual(intent.toJSON().args, { amount: 1 });
  assert.equal(request.intentDigest, intent.digest);
});

test('every form of a token will do', async () => {
  for (const form of [(token) => token, String, (token) => token.toJSON(), (token) => [Buffer.from(String(token))]]) {
    const { now, later } = paying({ onApproval: (request) => form(approve(request, alice, granting)) });
    assert.equal(now({ amount: 1 }), 1);
    assert.equal(await later({ amount: 2 }), 2);
  }
});

test('it does not run when the approval is refused, wrong, or fails', async () => {
  for (const [answer, kind] of [
    [() => null, ApprovalRequired],
    [() => undefined, ApprovalRequired],
    [() => false, ApprovalRequired],
    [() => [], ApprovalRequired],
    [(request) => approve(request, mallory, granting), ApprovalRequired],
    [(request) => approve(request, alice, { ...granting, approver: 'bob' }), ApprovalRequired],
    [(request) => approve(request, alice, { ...granting, now: '2025-01-01T00:00:00Z' }), ApprovalRequired],
    [(request) => approve({ ...request.toJSON(), intent_digest: '0'.repeat(64) }, alice, granting), ApprovalRequired],
    [() => { throw new RangeError('nobody there'); }, RangeError],
    [() => true, { code: 'invalid_argument' }],
    [() => 'yes', { name: 'DocumentError' }],
  ]) {
    const sync = paying({ onApproval: answer });
    assert.throws(() => sync.now({ amount: 1 }), kind);
    await assert.rejects(sync.later({ amount: 1 }), kind);
    const patient = paying({ onApproval: async (request) => answer(request) });
    await assert.rejects(patient.later({ amount: 1 }), kind);
    // One that is not async cannot wait.
    refused(() => patient.now({ amount: 1 }), { code: 'guard_arguments' });
    assert.deepEqual([...sync.calls, ...patient.calls], []);
  }
});

test('the refusal carries the last decision', async () => {
  const { later, verdicts } = paying({ onApproval: (request) => approve(request, mallory, granting) });
  const error = await later({ amount: 1 }).catch((thrown) => thrown);
  assert(error.decision.reasonCodes.includes('approval_token_signature_invalid'));
  assert.deepEqual(verdicts, ['require_approval', 'require_approval']);
});

test('nobody is asked where no approval would help', async () => {
  const onApproval = () => assert.fail('asked');
  const { now, later } = paying({ onApproval, toolName: 'delete' });
  assert.throws(() => now({ amount: 1 }), PolicyBlocked);
  await assert.rejects(later({ amount: 1 }), PolicyBlocked);
  const open = paying({ onApproval, gate: new Gate(Policy.parse('default_verdict: allow')) });
  assert.equal(open.now({ amount: 1 }), 1);
  assert.equal(await open.later({ amount: 2 }), 2);
});

test('what was decided about is what runs', async () => {
  for (const change of [(args) => { args.amount = 1_000_000; }, (args) => { args.to = 'mallory'; }, (args) => { delete args.amount; }]) {
    const args = { amount: 1 };
    const onApproval = (request) => {
      change(args);
      return approve(request, alice, granting);
    };
    const { calls, now, later } = paying({ onApproval });
    refused(() => now(args), { code: 'guard_arguments_changed' });
    Object.assign(args, { amount: 1 });
    delete args.to;
    await refused(later(args), { code: 'guard_arguments_changed' });
    assert.deepEqual(calls, []);
  }
  const { calls, later } = paying({ onApproval: async (request) => approve(request, alice, granting) });
  const args = { amount: 1 };
  const pending = later(args);
  args.amount = 7;
  await refused(pending, { code: 'guard_arguments_changed' });
  assert.deepEqual(calls, []);
});

test('an approval serves one call', async () => {
  let token;
  const { later } = paying({ onApproval: (request) => (token ??= approve(request, alice, granting)) });
  assert.equal(await later({ amount: 1 }), 1);
  await assert.rejects(later({ amount: 1 }), ApprovalRequired);
});

test('the approvers of another process are asked through the store', async (context_) => {
  const own = new Gate(Policy.parse(PAYMENTS), { stateDir: folder(context_), approvers: { alice: alice.verifyingKey } });
  const { calls, later } = paying({
    gate: own,
    clock: undefined,
    onApproval: async (request) => {
      setTimeout(async () => {
        const [waiting] = await own.approvalRequests();
        await own.addApproval(approve(waiting, alice, { ...granting, now: undefined }));
      }, 20);
      await own.requestApproval(own.evaluate({ tool_name: 'pay', args: { amount: 5 }, targets: [], context }));
      return own.waitForApprovals(request, '20s');
    },
  });
  assert.equal(await later({ amount: 5 }), 5);
  assert.equal(calls.length, 1);
});

test('async functions leave the event loop alone while a gate may block', async () => {
  const policy = Policy.parse(`
default_verdict: block
rules:
  - {name: clouds, effect: allow, require_broker_credential: true, match: {tool_names: [pay]}}
`);
  const broker = async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return { credential_ref: 'r' };
  };
  const { calls, now, later } = paying({ gate: new Gate(policy, { broker }) });
  assert.equal(await later({ amount: 4 }), 4);
  assert.throws(() => now({ amount: 4 }), PolicyBlocked);
  const args = { amount: 1 };
  const pending = later(args);
  args.amount = 2;
  await refused(pending, { code: 'guard_arguments_changed' });
  assert.equal(calls.length, 1);
});
