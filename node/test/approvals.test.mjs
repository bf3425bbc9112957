// Approvals: asked for, granted, verified, used once.

import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { inspect } from 'node:util';

import { ApprovalRequest, ApprovalToken, approve, Decision, Gate, Intent, Policy, SigningKey, VerifyingKey } from 'gait';

import { folder, intentFor, LATER, NOW, PAYMENTS, refused } from './examples.mjs';

const policy = Policy.parse(PAYMENTS);
const [alice, bob, mallory] = [SigningKey.generate(), SigningKey.generate(), SigningKey.generate()];
const pay = intentFor('pay', { amount: 12 });
const wire = intentFor('wire', { amount: 12_000 });
const granting = { approver: 'alice', reason: 'ticket-7', ttl: '15m', now: NOW };

function held(gate, intent = pay) {
  const decision = gate.evaluate(intent, { now: NOW });
  assert.equal(decision.verdict, 'require_approval');
  return decision.approvalRequest();
}

test('a request turns into a token, and the token into an allow, once', () => {
  const gate = new Gate(policy, { approvers: alice.verifyingKey });
  const before = gate.evaluate(pay, { now: NOW });
  assert.equal(before.verdict, 'require_approval');
  assert.deepEqual(before.reasonCodes, ['approval_token_missing', 'matched_rule_payments']);
  assert.deepEqual([before.requiredApprovals, before.validApprovals, before.approvalRef], [1, 0, '']);
  const request = before.approvalRequest();
  assert(request instanceof ApprovalRequest);
  assert.equal(request.intentDigest, before.preparedIntentDigest);
  assert.equal(request.policyDigest, policy.digest);
  assert.deepEqual([request.toolName, request.identity, request.workspace, request.riskClass], ['pay', 'agent-7', '/srv', 'low']);
  assert.deepEqual([request.scope, request.targetCount, request.operationCount], [['tool:pay'], 1, 1]);
  assert.deepEqual([request.requiredApprovals, request.distinctApprovers, request.matchedRule], [1, false, 'payments']);
  assert.deepEqual(request.reasonCodes, before.reasonCodes);

  const token = approve(request, alice, granting);
  assert.deepEqual([token.approverIdentity, token.reasonCode, token.keyId], ['alice', 'ticket-7', alice.keyId]);
  assert.deepEqual([token.createdAt, token.expiresAt], [NOW, '2026-03-01T10:15:00Z']);
  assert.deepEqual([token.scope, token.maxTargets, token.maxOps, token.delegationBindingDigest], [['tool:pay'], 0, 0, '']);
  assert.match(token.tokenId, /^[0-9a-f]{24}$/);

  const granted = gate.evaluate(pay, { now: NOW, approvals: [token] });
  assert.equal(granted.verdict, 'allow');
  assert.equal(granted.approvalRequest(), null);
  assert.deepEqual([granted.validApprovals, granted.approvalRef], [1, token.tokenId]);
  assert.deepEqual(granted.approvals, [
    { tokenId: token.tokenId, approverIdentity: 'alice', reasonCode: 'ticket-7', scope: ['tool:pay'], expiresAt: token.expiresAt, valid: true },
  ]);
  assert.equal(granted.trace.toJSON().approval_token_ref, token.tokenId);

  const again = gate.evaluate(pay, { now: NOW, approvals: [token] });
  assert.equal(again.verdict, 'require_approval');
  assert(again.reasonCodes.includes('approval_token_replayed'));
  assert.equal(again.approvals[0].errorCode, 'approval_token_replayed');
});

test('tokens come in every form, and in every way to decide', async () => {
  const gate = new Gate(policy, { approvers: [bob.verifyingKey, alice.verifyingKey], reusableApprovals: true });
  const token = approve(held(gate), alice, granting);
  const text = token.toString();
  for (const form of [token, text, Buffer.from(text), JSON.parse(text), token.toJSON(), ApprovalToken.parse(text)]) {
    const options = { now: NOW, approvals: [form] };
    for (const decision of [
      gate.evaluate(pay, options),
      gate.evaluate(JSON.stringify(pay), options),
      gate.evaluate(Intent.parse(pay), options),
      gate.evaluateRequest(pay, options),
      gate.evaluateMany([pay], options)[0],
      await gate.evaluateAsync(pay, options),
      await gate.evaluateRequestAsync(pay, options),
      (await gate.evaluateManyAsync([pay], options))[0],
    ]) {
      assert.equal(decision.verdict, 'allow');
      assert.equal(decision.trace.toJSON().approval_token_ref, token.tokenId);
      assert.deepEqual(decision.toJSON(), gate.evaluate(pay, options).toJSON());
    }
  }
  for (const [approvals, code] of [['no list', 'invalid_argument'], [[{ tokenid: 1 }], 'json_unknown_member'], [['{'], 'json_syntax'], [[7], 'invalid_argument']]) {
    refused(() => gate.evaluate(pay, { approvals }), { code });
    await refused(gate.evaluateAsync(pay, { approvals }), { code });
  }
});

test('what an approval does not cover stays held', () => {
  const gate = new Gate(policy, { approvers: alice.verifyingKey, reusableApprovals: true });
  const request = held(gate);
  const good = approve(request, alice, granting);
  const reasons = (token, intent = pay, now = NOW) => {
    const decision = gate.evaluate(intent, { now, approvals: [token] });
    assert.equal(decision.verdict, 'require_approval');
    return decision.approvals[0].errorCode;
  };
  assert.equal(reasons(approve(request, mallory, granting)), 'approval_token_signature_invalid');
  assert.equal(reasons(good, pay, LATER), 'approval_token_expired');
  assert.equal(reasons(good, pay, '2026-03-01T10:15:00Z'), 'approval_token_expired');
  assert.equal(reasons(good, intentFor('pay', { amount: 13 })), 'approval_token_intent_mismatch');
  assert.equal(reasons({ ...good.toJSON(), expires_at: '2036-03-01T10:15:00Z' }), 'approval_token_signature_invalid');
  const { signature, ...unsigned } = good.toJSON();
  assert.equal(typeof signature.sig, 'string');
  assert.equal(reasons(unsigned), 'approval_token_signature_missing');
  const other = new Gate(Policy.parse(`${PAYMENTS}# another\n  - {name: x, effect: block, match: {tool_names: [x]}}\n`), { approvers: alice.verifyingKey });
  assert.equal(reasons(approve(held(other), alice, granting)), 'approval_token_policy_mismatch');
  // Nobody is trusted until somebody is named, whatever signs the traces.
  const closed = new Gate(policy, { signingKey: alice });
  const refusedBy = closed.evaluate(pay, { now: NOW, approvals: [good] });
  assert.equal(refusedBy.approvals[0].errorCode, 'approval_token_signature_invalid');
  assert.equal(gate.evaluate(pay, { now: NOW, approvals: [good] }).verdict, 'allow');
});

test('two people must be two people', () => {
  for (const approvers of [
    { alice: alice.verifyingKey, bob: [bob.verifyingKey] },
    new Map([['alice', [alice.verifyingKey]], ['bob', bob.verifyingKey]]),
  ]) {
    const gate = new Gate(policy, { approvers });
    const request = held(gate, wire);
    assert.deepEqual([request.requiredApprovals, request.distinctApprovers], [2, true]);
    const byAlice = approve(request, alice, granting);
    const asBob = approve(request, alice, { ...granting, approver: 'bob' });
    const byBob = approve(request, bob, { ...granting, approver: 'bob' });
    const decide = (...approvals) => gate.evaluate(wire, { now: NOW, approvals });
    assert(decide(byAlice).reasonCodes.includes('approval_chain_insufficient'));
    assert(decide(byAlice, byAlice).reasonCodes.includes('approval_distinct_approvers_required'));
    const forged = decide(byAlice, asBob);
    assert.equal(forged.verdict, 'require_approval');
    assert.equal(forged.approvals[1].errorCode, 'approval_token_approver_mismatch');
    const granted = decide(byAlice, byBob);
    assert.deepEqual([granted.verdict, granted.validApprovals], ['allow', 2]);
    assert.equal(decide(byAlice, byBob).verdict, 'require_approval');
  }
  // A key without a name may claim any.
  const trusting = new Gate(policy, { approvers: alice.verifyingKey });
  const request = held(trusting, wire);
  const both = ['alice', 'bob'].map((approver) => approve(request, alice, { ...granting, approver }));
  assert.equal(trusting.evaluate(wire, { now: NOW, approvals: both }).verdict, 'allow');
  // One holder may have several names.
  const twice = new Gate(policy, { approvers: { alice: alice.verifyingKey, ada: alice.verifyingKey } });
  const named = approve(held(twice), alice, { ...granting, approver: 'ada' });
  assert.equal(twice.evaluate(pay, { now: NOW, approvals: [named] }).verdict, 'allow');
});

test('a token is verified against whatever it is held', () => {
  const gate = new Gate(policy, { approvers: alice.verifyingKey });
  const request = held(gate);
  const token = approve(request, alice, { ...granting, maxTargets: 2, maxOps: 1 });
  const { intentDigest, policyDigest } = request;
  const all = { now: NOW, intentDigest: ` ${intentDigest.toUpperCase()} `, policyDigest, scope: [' Tool:PAY '], targets: 2, ops: 1 };
  assert.equal(token.verify(alice.verifyingKey, all), token);
  assert.equal(token.verify({ alice: alice.verifyingKey }, { now: NOW }), token);
  const digest = '0'.repeat(64);
  for (const [keys, change, code] of [
    [alice.verifyingKey, { now: LATER }, 'approval_token_expired'],
    [mallory.verifyingKey, {}, 'approval_token_signature_invalid'],
    [[], {}, 'approval_token_signature_invalid'],
    [{ bob: alice.verifyingKey }, {}, 'approval_token_approver_mismatch'],
    [alice.verifyingKey, { intentDigest: digest }, 'approval_token_intent_mismatch'],
    [alice.verifyingKey, { policyDigest: digest }, 'approval_token_policy_mismatch'],
    [alice.verifyingKey, { delegationBindingDigest: digest }, 'approval_token_delegation_binding_mismatch'],
    [alice.verifyingKey, { scope: ['tool:other'] }, 'approval_token_scope_mismatch'],
    [alice.verifyingKey, { targets: 3 }, 'approval_token_max_targets_exceeded'],
    [alice.verifyingKey, { ops: 2 }, 'approval_token_max_ops_exceeded'],
  ]) {
    refused(() => token.verify(keys, { ...all, ...change }), { code, category: 'verification_failed', name: 'VerificationFailed', exitCode: 2 });
  }
  refused(() => token.verify(alice.verifyingKey, { intentDigest: 'x' }), { code: 'digest_malformed' });
  refused(() => token.verify(alice, {}), { code: 'invalid_argument' });
  refused(() => token.verify({ ' ': alice.verifyingKey }), { code: 'invalid_argument' });
  refused(() => token.verify(null), { code: 'invalid_argument' });
});

test('what nobody could use is not minted', () => {
  const request = held(new Gate(policy));
  for (const [change, code] of [
    [{ approver: ' ' }, undefined],
    [{ reason: '' }, undefined],
    [{ ttl: 0 }, undefined],
    [{ ttl: -1 }, undefined],
    [{ ttl: '1 day' }, 'duration_syntax'],
    [{ ttl: Infinity }, 'duration_out_of_range'],
    [{ ttl: NaN }, 'invalid_argument'],
    [{ ttl: undefined }, 'invalid_argument'],
    [{ approver: 7 }, 'invalid_argument'],
    [{ maxTargets: -1 }, 'invalid_argument'],
    [{ maxOps: 1.5 }, 'invalid_argument'],
    [{ now: 'soon' }, 'time_malformed'],
  ]) {
    refused(() => approve(request, alice, { ...granting, ...change }), code === undefined ? { category: 'invalid_input' } : { code });
  }
  refused(() => approve(request, alice.verifyingKey, granting), { code: 'invalid_argument' });
  refused(() => approve({}, alice, granting), { name: 'DocumentError' });
  refused(() => approve(request, alice), { code: 'invalid_argument' });
  assert.equal(approve(request, alice, { ...granting, ttl: 1500 }).expiresAt, '2026-03-01T10:00:01.5Z');
  assert.equal(approve(request, alice, { ...granting, now: new Date(NOW), ttl: '1h30m' }).expiresAt, '2026-03-01T11:30:00Z');
});

test('requests and tokens travel as files', async (context) => {
  const path = folder(context);
  const request = held(new Gate(policy));
  assert.equal(await request.write(join(path, 'request.json')), join(path, 'request.json'));
  const read = await ApprovalRequest.load(join(path, 'request.json'));
  assert.equal(read.toString(), request.toString());
  assert.deepEqual(read.toJSON(), request.toJSON());
  const token = approve(await ApprovalRequest.load(join(path, 'request.json')), alice, granting);
  await token.write(join(path, 'token.json'));
  assert.equal(statSync(join(path, 'token.json')).mode & 0o777, 0o600);
  assert.equal(readFileSync(join(path, 'token.json'), 'utf8'), token.toString());
  const loaded = await ApprovalToken.load(join(path, 'token.json'));
  loaded.verify(alice.verifyingKey, { now: NOW });
  assert.deepEqual(loaded.toJSON(), JSON.parse(JSON.stringify(token)));
  assert.equal(ApprovalToken.parse(loaded), loaded);
  assert.equal(ApprovalRequest.parse(read), read);
  writeFileSync(join(path, 'wrong.json'), JSON.stringify({ ...token.toJSON(), extra: 1 }));
  await refused(ApprovalToken.load(join(path, 'wrong.json')), { code: 'json_unknown_member', path: 'extra' });
  assert.equal((await ApprovalToken.load(join(path, 'wrong.json'), { strict: false })).tokenId, token.tokenId);
  await refused(ApprovalToken.load(join(path, 'none.json')), { code: 'file_unusable' });
  await refused(ApprovalRequest.load(join(path, 'token.json')), { category: 'invalid_input' });
  await refused(ApprovalRequest.load(7), { code: 'invalid_argument' });
  assert.match(inspect(token), /^ApprovalToken\(/);
  assert.match(inspect(request), /^ApprovalRequest\(toolName="pay"/);
  assert.equal(VerifyingKey.fromBase64(alice.verifyingKey.toBase64()).equals(alice.verifyingKey), true);
});

test('a policy asks as well, and only a held decision asks', () => {
  const decision = policy.evaluate(pay, { now: NOW });
  assert.equal(decision.approvalRequest().intentDigest, Intent.parse(pay).digest);
  assert.equal(policy.evaluate(Intent.parse(pay), { now: NOW }).approvalRequest().toString(), decision.approvalRequest().toString());
  assert.equal(policy.evaluate(intentFor('other')).approvalRequest(), null);
  const token = approve(decision.approvalRequest(), alice, granting);
  const gate = new Gate(policy, { approvers: alice.verifyingKey });
  assert.equal(gate.evaluate(pay, { now: NOW, approvals: [token] }).verdict, 'allow');
  // A policy alone counts no tokens, and says so.
  refused(() => policy.evaluate(pay, { approvals: [token] }), { code: 'invalid_argument' });
});

test('approvals wait in the store of a gate', async () => {
  const gate = new Gate(policy, { approvers: alice.verifyingKey });
  const decision = gate.evaluate(pay, { now: NOW });
  const request = await gate.requestApproval(decision);
  await gate.requestApproval(decision);
  assert.deepEqual((await gate.approvalRequests()).map(String), [request.toString()]);
  assert.deepEqual(await gate.waitForApprovals(request, 0), []);
  await gate.addApproval(approve(request, alice, granting));
  const [token] = await gate.waitForApprovals(request, '10s', { now: NOW });
  token.verify(alice.verifyingKey, { now: NOW });
  assert.equal(gate.evaluate(pay, { now: NOW }).verdict, 'allow');
  assert.deepEqual(await gate.approvalRequests(), [], 'what was granted waits no longer');
  const again = gate.evaluate(pay, { now: NOW });
  assert(again.reasonCodes.includes('approval_token_replayed'));
  // The used token still lies there; waiting for it would be in vain.
  const start = performance.now();
  await gate.waitForApprovals(again.approvalRequest(), 50, { now: NOW });
  assert(performance.now() - start >= 45);
  await refused(gate.requestApproval(gate.evaluate(intentFor('other'))), { code: 'approval_not_required' });
  await refused(gate.requestApproval({}), { code: 'invalid_argument' });
  await refused(gate.addApproval('{'), { name: 'DocumentError' });
  assert(again instanceof Decision);
});

test('a wait ends when the last approval comes, and the event loop goes on meanwhile', async () => {
  const gate = new Gate(policy, { approvers: { alice: alice.verifyingKey, bob: bob.verifyingKey } });
  const request = await gate.requestApproval(gate.evaluate(wire, { now: NOW }));
  // More waits than libuv has threads: files can be written all the same.
  const waits = Array.from({ length: 6 }, () => gate.waitForApprovals(request, '30s', { now: NOW }));
  const start = performance.now();
  await gate.addApproval(approve(request, mallory, { ...granting, approver: 'mallory' }));
  await gate.addApproval(approve(request, alice, granting));
  await new Promise((resolve) => setTimeout(resolve, 60));
  await gate.addApproval(approve(request, bob, { ...granting, approver: 'bob' }));
  const found = await Promise.all(waits);
  const took = performance.now() - start;
  assert(took >= 50 && took < 5000, `${took} ms`);
  for (const tokens of found) assert.equal(tokens.length, 3);
  assert.equal(gate.evaluate(wire, { now: NOW }).verdict, 'allow');
});

test('a wait can be given up', async () => {
  const gate = new Gate(policy, { approvers: alice.verifyingKey });
  const request = held(gate);
  const controller = new AbortController();
  const pending = gate.waitForApprovals(request, '1h', { signal: controller.signal });
  setTimeout(() => controller.abort(), 20);
  await assert.rejects(pending, { name: 'AbortError' });
  await assert.rejects(gate.waitForApprovals(request, '1h', { signal: AbortSignal.abort() }), { name: 'AbortError' });
  for (const timeout of [undefined, NaN, {}, 'soon']) await assert.rejects(gate.waitForApprovals(request, timeout), { category: 'invalid_input' });
});

test('options that do not exist are refused', () => {
  for (const options of [{ approver: alice.verifyingKey }, { killSwitch: 'x' }, { statedir: 'x' }]) {
    refused(() => new Gate(policy, options), { code: 'invalid_argument' });
  }
  const gate = new Gate(policy);
  refused(() => gate.evaluate(pay, { approval: [] }), { code: 'invalid_argument' });
  refused(() => gate.evaluateMany([pay], { killswitch: {} }), { code: 'invalid_argument' });
  for (const options of [
    { approvers: alice },
    { approvers: 'alice' },
    { approvers: { alice: 'key' } },
    { approvers: [alice.verifyingKey, null] },
    { approvers: { '': alice.verifyingKey } },
    { delegators: 7 },
    { reusableApprovals: 'yes' },
    { simulate: 1 },
    { stateDir: '' },
    { stateDir: 'a\0b' },
    { inventory: 7 },
    { approvedScripts: 'x.json' },
    { scriptKeys: alice.verifyingKey },
    { broker: 7 },
    { broker: 'vault' },
    { broker: 'stub', brokerCommand: 'x' },
    { broker: 'command' },
    { brokerArgs: ['x'] },
    { broker: 'command', brokerCommand: 'x', brokerArgs: 'y' },
  ]) {
    assert.throws(() => new Gate(policy, options), { category: 'invalid_input' }, Object.keys(options).join());
  }
});
