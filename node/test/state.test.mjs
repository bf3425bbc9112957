// State in files that processes share: kill switch, counters, used approvals, approvals on their way.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { approve, Gate, KillSwitch, Policy, SigningKey } from 'gait';

import { elsewhere, folder, intentFor, NOW, PAYMENTS, refused } from './examples.mjs';

const policy = Policy.parse(PAYMENTS);
const open = Policy.parse('default_verdict: allow');
const alice = SigningKey.generate();
const pay = intentFor('pay', { amount: 12 });

test('a kill switch that another process sets is seen by the next decision', async (context) => {
  const path = join(folder(context), 'kill.json');
  const killSwitch = new KillSwitch(path);
  assert.deepEqual(await killSwitch.entries(), []);
  await killSwitch.start();
  await killSwitch.start();
  const gate = new Gate(open, { killSwitchState: path });
  const mail = (risk_class = 'low') => ({ ...intentFor('mail.send'), context: { identity: 'agent-7', workspace: '/srv', risk_class } });
  const before = gate.evaluate(mail());
  assert.deepEqual([before.verdict, before.killSwitch.status], ['allow', 'inactive']);
  const script = `
    const entry = await new gait.KillSwitch(process.argv[1]).add({ toolName: ' Mail.Send ', reason: 'leak', actor: 'alice', expiresAt: '2099-01-01T00:00:00Z' });
    console.log(JSON.stringify(entry));
  `;
  const entry = JSON.parse(await elsewhere(script, path));
  assert.deepEqual([entry.toolName, entry.enabled, entry.reason, entry.actor, entry.expiresAt], ['mail.send', true, 'leak', 'alice', '2099-01-01T00:00:00Z']);
  const stopped = gate.evaluate(mail());
  assert.equal(stopped.verdict, 'block');
  assert.deepEqual(stopped.killSwitch.matchedEntryIds, [entry.entryId]);
  // What was decided stays what it was, whatever the file says now.
  await elsewhere('await new gait.KillSwitch(process.argv[1]).disable(process.argv[2])', path, entry.entryId);
  assert.equal(gate.evaluate(mail()).verdict, 'allow');
  assert.equal((await gate.evaluateAsync(mail())).verdict, 'allow');
  assert.deepEqual(stopped.killSwitch.matchedEntryIds, [entry.entryId]);
  assert.equal(stopped.trace.toJSON().verdict, 'block');
  assert.deepEqual((await killSwitch.entries()).map(({ entryId, enabled }) => [entryId, enabled]), [[entry.entryId, false]]);
});

test('entries are added, disabled and let end', async (context) => {
  const path = folder(context);
  const killSwitch = new KillSwitch(join(path, '.gait-out', 'kill_switch_state.json'));
  const all = { agentId: 'a', identity: 'i', toolName: 't', targetKind: 'path', targetValue: 'v', environment: 'prod', pathPrefixes: ['/b', '/a'], workspacePrefixes: ['/w'] };
  const added = await killSwitch.add({ ...all, now: new Date(NOW) });
  assert.deepEqual({ ...added, entryId: '' }, { ...all, pathPrefixes: ['/a', '/b'], entryId: '', enabled: true, createdAt: NOW, expiresAt: null });
  assert.equal((await killSwitch.expire(added.entryId, '2030-01-01T00:00:00Z')).expiresAt, '2030-01-01T00:00:00Z');
  const ended = await killSwitch.expire(added.entryId);
  assert(new Date(ended.expiresAt) <= new Date());
  await killSwitch.add({ entryId: 'everything', reason: 'stop' });
  assert.equal((await killSwitch.entries()).length, 2);
  await refused(killSwitch.disable('none'), { code: 'kill_switch_entry_not_found' });
  await refused(killSwitch.add({}), { code: 'kill_switch_selector_missing' });
  await refused(killSwitch.add({ targetKind: 'planet' }), { code: 'kill_switch_target_kind_unknown' });
  await refused(killSwitch.add({ toolname: 'x' }), { code: 'invalid_argument' });
  await refused(killSwitch.add({ toolName: 7 }), { code: 'invalid_argument' });
  await refused(new KillSwitch(join(path, 'none.json')).disable('x'), { code: 'file_unusable' });
  await refused(new KillSwitch(join(path, 'no', 'folder.json')).add({ toolName: 'x' }), { category: 'invalid_input' });
  assert.throws(() => new KillSwitch(''), { code: 'invalid_argument' });
  const many = Array.from({ length: 12 }, (_, index) => killSwitch.add({ toolName: `t${index}` }));
  await Promise.all(many);
  assert.equal((await killSwitch.entries()).length, 14);
});

test('processes share the folder of state', async (context) => {
  const stateDir = folder(context);
  const gate = new Gate(policy, { stateDir, approvers: alice.verifyingKey });
  const request = await gate.requestApproval(gate.evaluate(pay, { now: NOW }));
  // Somebody else finds the request and answers it.
  const script = `
    const [stateDir, policy, key] = process.argv.slice(1);
    const alice = gait.SigningKey.fromBase64(key);
    const gate = new gait.Gate(gait.Policy.parse(policy), { stateDir, approvers: alice.verifyingKey });
    const [request] = await gate.approvalRequests();
    await gate.addApproval(gait.approve(request, alice, { approver: 'alice', reason: 'ok', ttl: '1h', now: '${NOW}' }));
    console.log(request.toString());
  `;
  const waiting = gate.waitForApprovals(request, '30s', { now: NOW });
  assert.equal(await elsewhere(script, stateDir, PAYMENTS, alice.toBase64()), `${request}\n`);
  const [token] = await waiting;
  assert.equal(token.verify(alice.verifyingKey, { now: NOW }).approverIdentity, 'alice');
  // Whichever process is first uses it up for both.
  const decide = `
    const [stateDir, policy, key, intent] = process.argv.slice(1);
    const { verifyingKey } = gait.SigningKey.fromBase64(key);
    const gate = new gait.Gate(gait.Policy.parse(policy), { stateDir, approvers: verifyingKey });
    console.log((await gate.evaluateAsync(intent, { now: '${NOW}' })).verdict);
  `;
  const verdicts = Array.from({ length: 3 }, () => elsewhere(decide, stateDir, PAYMENTS, alice.toBase64(), JSON.stringify(pay)));
  verdicts.push(gate.evaluateAsync(pay, { now: NOW }).then(({ verdict }) => `${verdict}\n`));
  assert.deepEqual((await Promise.all(verdicts)).sort(), ['allow\n', 'require_approval\n', 'require_approval\n', 'require_approval\n']);
  assert.deepEqual(readdirSync(join(stateDir, '.gait-out')).filter((name) => !name.endsWith('.lock')).sort(), [
    'approvals',
    'gate_used_tokens.json',
    'kill_switch_state.json',
  ]);
});

test('a limit holds for all processes together', async (context) => {
  const path = join(folder(context), 'counters.json');
  const text = 'default_verdict: block\nrules: [{name: c, effect: allow, match: {tool_names: [web.fetch]}, rate_limit: {requests: 5, window: hour, scope: tool}}]';
  const script = `
    const [path, policy, intent] = process.argv.slice(1);
    const gate = new gait.Gate(gait.Policy.parse(policy), { rateLimitState: path });
    const decisions = await Promise.all(Array.from({ length: 6 }, () => gate.evaluateAsync(intent, { now: '${NOW}' })));
    console.log(decisions.filter(({ allowed }) => allowed).length);
  `;
  const counts = await Promise.all([0, 1, 2].map(() => elsewhere(script, path, text, JSON.stringify(intentFor('web.fetch')))));
  assert.equal(counts.reduce((sum, count) => sum + Number(count), 0), 5);
  const gate = new Gate(Policy.parse(text), { rateLimitState: path });
  const full = gate.evaluate(intentFor('web.fetch'), { now: NOW });
  assert.deepEqual([full.verdict, full.rateLimitUsed], ['block', 5]);
});

test('single paths go before the folder, and the rest stays in memory', async (context) => {
  const path = folder(context);
  const gate = new Gate(policy, { stateDir: path, usedTokens: join(path, 'used.json'), approvers: alice.verifyingKey });
  const token = approve(gate.evaluate(pay, { now: NOW }).approvalRequest(), alice, { approver: 'alice', reason: 'r', ttl: '1h', now: NOW });
  assert.equal(gate.evaluate(pay, { now: NOW, approvals: [token] }).verdict, 'allow');
  assert(existsSync(join(path, 'used.json')));
  const other = new Gate(policy, { usedTokens: join(path, 'used.json'), approvers: alice.verifyingKey });
  assert.equal(other.evaluate(pay, { now: NOW, approvals: [token] }).verdict, 'require_approval');
  const forgetful = new Gate(policy, { approvalsDir: join(path, 'approvals'), approvers: alice.verifyingKey });
  assert.equal(forgetful.evaluate(pay, { now: NOW, approvals: [token] }).verdict, 'allow');
  await forgetful.requestApproval(forgetful.evaluate(pay, { now: NOW }));
  assert.equal((await new Gate(policy, { approvalsDir: join(path, 'approvals') }).approvalRequests()).length, 1);
  assert.equal(gate.mayBlock, true);
  assert.equal(new Gate(policy).mayBlock, false);
});

test('a store that fails lets nothing pass, and says how it failed', async (context) => {
  const path = folder(context);
  const at = (name) => join(path, name);
  const risky = { ...intentFor('fs.read'), context: { identity: 'a', workspace: '/w', risk_class: 'high' } };
  // A kill switch that is named must be there.
  const missing = new Gate(open, { killSwitchState: at('none.json') });
  refused(() => missing.evaluate(intentFor('fs.read')), { code: 'file_unusable', category: 'invalid_input', name: 'InvalidInput' });
  await refused(missing.evaluateAsync(intentFor('fs.read')), { code: 'file_unusable' });
  assert.deepEqual(missing.evaluate(risky).reasonCodes, ['kill_switch_state_unavailable']);
  const [failed] = missing.evaluateMany([intentFor('fs.read')], { errors: 'return' });
  assert.equal(failed.code, 'file_unusable');
  writeFileSync(at('kill.json'), '{"schema_id": "other"}');
  refused(() => new Gate(open, { killSwitchState: at('kill.json') }).evaluate(intentFor('fs.read')), { category: 'invalid_input' });
  // Approvals that cannot be remembered as used do not count.
  writeFileSync(at('used.json'), 'no ledger');
  const gate = new Gate(policy, { usedTokens: at('used.json'), approvers: alice.verifyingKey });
  const token = approve(gate.evaluate(pay, { now: NOW }).approvalRequest(), alice, { approver: 'alice', reason: 'r', ttl: '1h', now: NOW });
  refused(() => gate.evaluate(pay, { now: NOW, approvals: [token] }), { category: 'invalid_input' });
  assert.equal(readFileSync(at('used.json'), 'utf8'), 'no ledger');
  // Folders must be there.
  const nowhere = new Gate(policy, { usedTokens: at('no/folder.json'), approvers: alice.verifyingKey });
  refused(() => nowhere.evaluate(pay, { now: NOW, approvals: [token] }), { category: 'invalid_input' });
  writeFileSync(at('file'), '');
  const blocked = new Gate(policy, { approvalsDir: at('file/approvals') });
  await refused(blocked.requestApproval(policy.evaluate(pay)), { category: 'invalid_input' });
  refused(() => new Gate(policy, { usedTokens: '../outside.json' }), { code: 'path_not_local' });
});

test('somebody who keeps a lock is contention', { timeout: 60_000 }, async (context) => {
  const path = join(folder(context), 'counters.json');
  const text = 'default_verdict: block\nrules: [{name: c, effect: allow, match: {tool_names: [web.fetch]}, rate_limit: {requests: 5, window: hour, scope: tool}}]';
  const gate = new Gate(Policy.parse(text), { rateLimitState: path });
  writeFileSync(`${path}.lock`, '');
  let turns = 0;
  const timer = setInterval(() => { turns += 1; }, 10);
  await refused(gate.evaluateAsync(intentFor('web.fetch'), { now: NOW }), {
    code: 'rate_limit_lock_timeout',
    category: 'state_contention',
    name: 'StateContention',
    retryable: true,
  });
  clearInterval(timer);
  assert(turns > 20, 'the event loop went on meanwhile');
  rmSync(`${path}.lock`);
  assert.equal((await gate.evaluateAsync(intentFor('web.fetch'), { now: NOW })).verdict, 'allow');
});
