// Delegation, kill switches given by hand, brokers, inventories, approved scripts, context evidence, simulation.

import assert from 'node:assert/strict';
import { renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';

import { delegate, DelegationToken, Gate, Intent, Policy, SigningKey, VerifiedEnvelope } from 'gait';

import { elsewhere, folder, intentFor, LATER, NOW, PAYMENTS, refused } from './examples.mjs';

const [lead, other] = [SigningKey.generate(), SigningKey.generate()];

const delegating = Policy.parse(`
default_verdict: block
rules:
  - {name: handed, effect: allow, match: {tool_names: [deploy], require_delegation: true}}
`);

function delegated(...chain) {
  const links = chain.slice(1).map((delegate, index) => ({ delegator_identity: chain[index], delegate_identity: delegate }));
  return { ...intentFor('deploy'), delegation: { requester_identity: chain.at(-1), chain: links } };
}

test('delegation tokens cover a chain, link by link', () => {
  const gate = new Gate(delegating, { delegators: { lead: lead.verifyingKey, deputy: other.verifyingKey } });
  const terms = { delegator: 'lead', delegate: 'deputy', scope: ['*'], ttl: '1h', now: NOW };
  const first = delegate(lead, terms);
  const second = delegate(other, { ...terms, delegator: 'deputy', delegate: 'agent-7' });
  assert.deepEqual([first.delegatorIdentity, first.delegateIdentity, first.scope, first.scopeClass], ['lead', 'deputy', ['*'], '']);
  assert.deepEqual([first.createdAt, first.expiresAt, first.keyId], [NOW, '2026-03-01T11:00:00Z', lead.keyId]);
  const intent = delegated('lead', 'deputy', 'agent-7');
  const decide = (...delegations) => gate.evaluate(intent, { now: NOW, delegations });
  for (const forms of [[first, second], [second.toString(), first.toJSON()], [Buffer.from(first.toString()), DelegationToken.parse(second.toJSON())]]) {
    const decision = decide(...forms);
    assert.equal(decision.verdict, 'allow', decision.reasonCodes.join());
    assert.equal(decision.validDelegations, 2);
    assert.equal(decision.delegationRef, [first.tokenId, second.tokenId].sort().join());
    assert.deepEqual(decision.delegations.map(({ valid }) => valid), [true, true]);
    assert.equal(decision.trace.toJSON().delegation_ref.delegation_token_ref, decision.delegationRef);
  }
  const without = decide();
  assert.equal(without.verdict, 'block');
  assert(without.reasonCodes.includes('delegation_token_missing'));
  const half = decide(first);
  assert.deepEqual([half.verdict, half.validDelegations], ['block', 1]);
  const forged = decide(first, delegate(lead, { ...terms, delegator: 'deputy', delegate: 'agent-7' }));
  assert.equal(forged.verdict, 'block');
  assert(forged.delegations.some(({ errorCode }) => errorCode === 'delegation_token_signer_mismatch'));
  assert.equal(gate.evaluate(intent, { now: LATER, delegations: [first, second] }).verdict, 'block');
  // Without delegators, the approvers'.
  const trusting = new Gate(delegating, { approvers: [lead.verifyingKey, other.verifyingKey] });
  assert.equal(trusting.evaluate(intent, { now: NOW, delegations: [first, second] }).verdict, 'allow');
  assert.equal(new Gate(delegating).evaluate(intent, { now: NOW, delegations: [first, second] }).verdict, 'block');
});

test('a delegation token is verified against whatever it is held', async (context) => {
  const digest = Intent.parse(intentFor('deploy')).digest;
  const token = delegate(lead, {
    delegator: 'lead',
    delegate: 'agent-7',
    scope: ['Deploy', 'read'],
    scopeClass: 'Ops',
    intentDigest: digest,
    policyDigest: delegating.digest,
    ttl: 60_000,
    now: NOW,
  });
  assert.deepEqual([token.scope, token.scopeClass, token.intentDigest, token.policyDigest], [['deploy', 'read'], 'ops', digest, delegating.digest]);
  const all = { now: NOW, delegator: 'lead', delegate: 'agent-7', scope: ['read', 'write'], intentDigest: digest, policyDigest: delegating.digest };
  assert.equal(token.verify(lead.verifyingKey, all), token);
  for (const [keys, change, code] of [
    [other.verifyingKey, {}, 'delegation_token_signature_invalid'],
    [{ agent: lead.verifyingKey }, {}, 'delegation_token_signer_mismatch'],
    [lead.verifyingKey, { now: LATER }, 'delegation_token_expired'],
    [lead.verifyingKey, { delegator: 'boss' }, 'delegation_token_delegator_mismatch'],
    [lead.verifyingKey, { delegate: 'agent-8' }, 'delegation_token_delegate_mismatch'],
    [lead.verifyingKey, { scope: ['write'] }, 'delegation_token_scope_mismatch'],
    [lead.verifyingKey, { intentDigest: 'f'.repeat(64) }, 'delegation_token_intent_mismatch'],
    [lead.verifyingKey, { policyDigest: 'f'.repeat(64) }, 'delegation_token_policy_mismatch'],
  ]) {
    refused(() => token.verify(keys, { ...all, ...change }), { code, category: 'verification_failed' });
  }
  const path = folder(context);
  await token.write(join(path, 'token.json'));
  const loaded = await DelegationToken.load(join(path, 'token.json'));
  assert.equal(loaded.verify(lead.verifyingKey, all).toString(), token.toString());
  assert.match(inspect(loaded), /^DelegationToken\(/);
  for (const change of [{ delegator: '' }, { scope: [] }, { scope: 'all' }, { ttl: 0 }, { intentDigest: 'x' }]) {
    refused(() => delegate(lead, { delegator: 'a', delegate: 'b', scope: ['*'], ttl: '1h', ...change }), { category: 'invalid_input' });
  }
});

test('a kill switch can be handed in', () => {
  const gate = new Gate(Policy.parse('default_verdict: allow'));
  const entry = { entry_id: 'e', enabled: true, tool_name: 'mail.send', created_at: NOW, expires_at: '0001-01-01T00:00:00Z' };
  const state = {
    schema_id: 'gait.gate.kill_switch_state',
    schema_version: '1.0.0',
    created_at: NOW,
    updated_at: NOW,
    producer_version: '1',
    entries: [entry],
  };
  for (const judge of [gate, gate.policy]) {
    for (const killSwitch of [state, JSON.stringify(state), Buffer.from(JSON.stringify(state))]) {
      const stopped = judge.evaluate(intentFor('mail.send'), { now: NOW, killSwitch });
      assert.equal(stopped.verdict, 'block');
      assert.deepEqual(stopped.killSwitch.matchedEntryIds, ['e']);
      assert.equal(stopped.trace.toJSON().kill_switch.status, 'active');
      const passed = judge.evaluate(intentFor('fs.read'), { now: NOW, killSwitch });
      assert.deepEqual([passed.verdict, passed.killSwitch.status], ['allow', 'inactive']);
    }
    refused(() => judge.evaluate(intentFor('fs.read'), { killSwitch: { ...state, extra: 1 } }), { category: 'invalid_input' });
    refused(() => judge.evaluate(intentFor('fs.read'), { killSwitch: null }), { code: 'invalid_argument' });
  }
});

const brokered = Policy.parse(`
default_verdict: allow
rules:
  - name: clouds
    effect: allow
    require_broker_credential: true
    broker_reference: prod
    broker_scopes: [deploy]
    match: {tool_names: [cloud.deploy]}
`);
const deploy = intentFor('cloud.deploy');

test('a function issues credentials', async () => {
  const asked = [];
  const broker = (request) => {
    asked.push(request);
    return { credential_ref: 'vault:lease-1', issuer: 'vault.example', source: 'vault', access_type: 'jit', ttl_seconds: 300 };
  };
  const gate = new Gate(brokered, { broker });
  assert.equal(gate.mayBlock, true);
  assert.equal(gate.evaluate(intentFor('fs.read')).verdict, 'allow');
  assert.equal(asked.length, 0);
  const options = { now: NOW, credentialRef: 'staging', credentialScopes: ['read', 'deploy'] };
  for (const [decision, reference, scope] of [
    [gate.evaluate(deploy, { now: NOW }), 'prod', ['deploy']],
    [gate.evaluate(Intent.parse(deploy), options), 'staging', ['deploy', 'read']],
    [gate.evaluateRequest(deploy, { now: NOW }), 'prod', ['deploy']],
    [gate.evaluateMany([deploy], { now: NOW })[0], 'prod', ['deploy']],
    [await gate.evaluateAsync(deploy, { now: NOW }), 'prod', ['deploy']],
    [(await gate.evaluateManyAsync([deploy], options))[0], 'staging', ['deploy', 'read']],
  ]) {
    assert.equal(decision.verdict, 'allow', decision.reasonCodes.join());
    assert(decision.reasonCodes.includes('broker_credential_present'));
    const { credentialRef, issuer, source, accessType, ttlSeconds } = decision.credential;
    assert.deepEqual([credentialRef, issuer, source, accessType, ttlSeconds], ['vault:lease-1', 'vault.example', 'vault', 'jit', 300]);
    assert.equal(decision.trace.toJSON().broker_credential_ref, 'vault:lease-1');
    const request = asked.shift();
    assert.deepEqual([request.tool_name, request.identity, request.workspace, request.reference], ['cloud.deploy', 'agent-7', '/srv', reference]);
    assert.deepEqual(request.scope, scope);
    assert.equal(request.target_binding, Intent.parse(deploy).targetsDigest);
  }
  refused(() => gate.evaluate(deploy, { credentialScopes: ['a,b'] }), { code: 'invalid_argument' });
  refused(() => gate.evaluate(deploy, { credentialScopes: 'a' }), { code: 'invalid_argument' });
});

test('whatever goes wrong with a broker blocks, and tells no secrets', async () => {
  const secret = `ghp_${'a1B2'.repeat(9)}`;
  const fail = () => { throw new Error(secret); };
  for (const broker of [
    fail,
    async () => fail(),
    () => undefined,
    () => null,
    () => 7,
    () => '',
    () => 'not JSON',
    () => [],
    () => ({}),
    () => ({ credential_ref: '' }),
    () => ({ credential_ref: 'a\nb' }),
    () => ({ credential_ref: 'x'.repeat(300) }),
    () => ({ credential_ref: secret }),
    () => ({ credential_ref: 'r', token: secret }),
    () => ({ credential_ref: 'r', ttl_seconds: 'long' }),
    () => ({ credential_ref: 'r', expires_at: '2020-01-01T00:00:00Z' }),
    () => ({ credential_ref: 'r', issuer: 'x'.repeat(20_000) }),
    () => ({ credential_ref: 'r', scope: new Set() }),
    () => ({ get credential_ref() { return fail(); } }),
    () => new Proxy({}, { ownKeys: fail }),
    () => { throw undefined; },
  ]) {
    const gate = new Gate(brokered, { broker });
    for (const decision of [gate.evaluate(deploy, { now: NOW }), await gate.evaluateAsync(deploy, { now: NOW })]) {
      assert.equal(decision.verdict, 'block', broker.toString());
      assert.deepEqual(decision.violations, ['broker_credential_missing']);
      const told = JSON.stringify(decision) + decision.trace.toString() + inspect(decision);
      assert(!told.includes(secret.slice(4)));
    }
  }
  const mismatched = new Gate(brokered, { broker: () => ({ credential_ref: 'r', scope: ['other'] }) }).evaluate(deploy);
  assert.equal(mismatched.verdict, 'block');
  assert(mismatched.reasonCodes.includes('broker_scope_mismatch'));
  assert.equal(mismatched.credential.credentialRef, 'r');
});

test('evaluateAsync waits for a promise, evaluate does not', async () => {
  let running = 0;
  let most = 0;
  const broker = async ({ reference }) => {
    most = Math.max(most, ++running);
    // Needs a thread of libuv's pool, as names and files do.
    await (await import('node:fs/promises')).readFile(new URL(import.meta.url));
    await new Promise((resolve) => setTimeout(resolve, 30));
    running -= 1;
    if (reference === 'none') throw new Error('no');
    return { credential_ref: `ref:${reference}` };
  };
  const gate = new Gate(brokered, { broker });
  const many = Array.from({ length: 12 }, (_, index) => gate.evaluateAsync(deploy, { credentialRef: `r${index}` }));
  const decisions = await Promise.all(many);
  assert.deepEqual(decisions.map(({ credential }) => credential.credentialRef), decisions.map((_, index) => `ref:r${index}`));
  assert.equal(most, 12);
  assert.equal((await gate.evaluateAsync(deploy, { credentialRef: 'none' })).verdict, 'block');
  assert.equal(gate.evaluate(deploy).verdict, 'block');
  await new Promise((resolve) => setTimeout(resolve, 60));
});

test('a broker may decide itself', async () => {
  const inner = new Gate(brokered, { broker: () => ({ credential_ref: 'inner' }) });
  const broker = (request) => {
    const decision = inner.evaluate(deploy);
    return { credential_ref: `outer:${decision.credential.credentialRef}:${request.reference}` };
  };
  const outer = new Gate(brokered, { broker });
  assert.equal(outer.evaluate(deploy).credential.credentialRef, 'outer:inner:prod');
  assert.equal(outer.evaluate(deploy).credential.credentialRef, 'outer:inner:prod');
  assert.equal((await outer.evaluateAsync(deploy)).credential.credentialRef, 'outer:inner:prod');
});

test('a worker may stop while its broker is asked', async () => {
  const source = `
    import { parentPort, workerData } from 'node:worker_threads';
    const { Gate, Policy } = await import(workerData.gait);
    const broker = () => { parentPort.postMessage('asked'); return new Promise(() => undefined); };
    new Gate(Policy.parse(workerData.policy), { broker }).evaluateAsync(workerData.intent);
  `;
  const workerData = {
    gait: new URL('../dist/index.mjs', import.meta.url).href,
    policy: brokered.format(),
    intent: deploy,
  };
  for (let round = 0; round < 3; round++) {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { workerData });
    await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    const start = performance.now();
    await worker.terminate();
    assert(performance.now() - start < 5000);
  }
});

test('brokers by name', async (context) => {
  const stub = new Gate(brokered, { broker: 'stub' }).evaluate(deploy, { now: NOW });
  assert.match(stub.credential.credentialRef, /^stub:[0-9a-f]{24}$/);
  assert.deepEqual([stub.credential.issuedAt, stub.credential.ttlSeconds], [NOW, 300]);
  assert.equal(new Gate(brokered, { broker: 'off' }).evaluate(deploy).verdict, 'block');
  const env = new Gate(brokered, { broker: 'env', brokerEnvPrefix: 'NO_SUCH_VARIABLE_' }).evaluate(deploy);
  assert.deepEqual([env.verdict, env.reasonCodes.includes('broker_credential_missing')], ['block', true]);
  const program = join(folder(context), 'broker.sh');
  writeFileSync(program, '#!/bin/sh\ncat >/dev/null\necho "{\\"credential_ref\\": \\"cmd:$1\\"}"\n', { mode: 0o755 });
  const command = new Gate(brokered, { broker: 'command', brokerCommand: program, brokerArgs: ['seven'] });
  assert.equal(command.mayBlock, true);
  assert.equal(command.evaluate(deploy).credential.credentialRef, 'cmd:seven');
  assert.equal((await command.evaluateAsync(deploy)).credential.credentialRef, 'cmd:seven');
});

test('an inventory says what callers cannot, and is read again when it changes', async (context) => {
  const policy = Policy.parse(`
default_verdict: allow
rules:
  - {name: pii, effect: block, match: {context_data_classes: [pii]}}
`);
  const path = join(folder(context), 'inventory.json');
  const write = (dataClass) => {
    writeFileSync(`${path}.new`, JSON.stringify([{ tool_name: 'crm.read', data_class: dataClass }]));
    renameSync(`${path}.new`, path);
  };
  write('pii');
  const gate = new Gate(policy, { inventory: path });
  const verdict = () => gate.evaluate(intentFor('crm.read')).verdict;
  const stopped = gate.evaluate(intentFor('crm.read'));
  assert.deepEqual([stopped.verdict, stopped.matchedRule], ['block', 'pii']);
  assert.notEqual(stopped.preparedIntentDigest, stopped.intentDigest);
  assert.equal(stopped.trace.toJSON().intent_digest, stopped.preparedIntentDigest);
  assert.equal(gate.evaluate(intentFor('fs.read')).verdict, 'allow');
  write('public');
  assert.equal(verdict(), 'allow');
  assert.equal((await gate.evaluateAsync(intentFor('crm.read'))).verdict, 'allow');
  // Written in place, to the same length and time.
  write('pii');
  utimesSync(path, 0, 0);
  assert.equal(verdict(), 'block');
  for (const judge of [gate, policy]) {
    const given = judge.evaluate(intentFor('crm.read'), { inventory: [{ tool_name: 'crm.read', data_class: 'public' }] });
    assert.equal(given.verdict, 'allow');
    const closed = judge.evaluate(intentFor('fs.read'), { inventory: '[{"tool_name": "fs.read", "data_class": "pii"}]' });
    assert.deepEqual([closed.verdict, closed.matchedRule], ['block', 'pii']);
    assert.equal(closed.trace.toJSON().intent_digest, closed.preparedIntentDigest);
    refused(() => judge.evaluate(intentFor('fs.read'), { inventory: {} }), { category: 'invalid_input' });
  }
  writeFileSync(path, '{');
  refused(() => verdict(), { category: 'invalid_input' });
  await refused(gate.evaluateAsync(intentFor('crm.read')), { category: 'invalid_input' });
});

test('approved scripts pass, from a registry that is read again when it changes', (context) => {
  const policy = Policy.parse('default_verdict: block');
  const steps = ['a.read', 'b.write'].map((tool_name) => ({ tool_name, args: {}, targets: [] }));
  const script = (risk_class) => ({
    tool_name: '',
    args: {},
    targets: [],
    context: { identity: 'agent-7', workspace: '/srv', risk_class },
    script: { steps },
  });
  const entry = {
    schema_id: 'gait.gate.approved_script_entry',
    schema_version: '1.0.0',
    created_at: NOW,
    producer_version: '1',
    pattern_id: 'nightly',
    policy_digest: policy.digest,
    script_hash: Intent.parse(script('low')).scriptHash,
    tool_sequence: ['a.read', 'b.write'],
    approver_identity: 'lead',
    expires_at: LATER,
  };
  const path = join(folder(context), 'scripts.json');
  const write = (...entries) => writeFileSync(path, JSON.stringify({ entries }));
  write({ ...entry, signature: lead.signJson(JSON.stringify(entry)) });
  const gate = new Gate(policy, { approvedScripts: path, scriptKeys: lead.verifyingKey, signingKey: other });
  const decide = (risk = 'low', now = '2026-03-01T10:30:00Z') => gate.evaluate(script(risk), { now });
  const passed = decide();
  assert.deepEqual([passed.verdict, passed.preApproved, passed.patternId], ['allow', true, 'nightly']);
  assert.deepEqual(passed.reasonCodes, ['approved_script_match']);
  assert.equal(passed.registryReason, 'approved_script_match');
  assert.equal(passed.trace.toJSON().pattern_id, 'nightly');
  assert.equal(gate.evaluate(intentFor('a.read')).verdict, 'block');
  assert.equal(decide('low', LATER).verdict, 'block');
  const stranger = new Gate(policy, { approvedScripts: path, scriptKeys: other.verifyingKey });
  assert.equal(stranger.evaluate(script('low'), { now: NOW }).verdict, 'block');
  refused(() => stranger.evaluate(script('high'), { now: NOW }), { category: 'policy_blocked', code: 'script_entry_signature_invalid', name: 'GaitError' });
  write();
  assert.equal(decide().verdict, 'block');
});

test('context evidence takes the place of what an intent claims', async () => {
  const policy = Policy.parse(`
default_verdict: block
rules:
  - {name: proven, effect: allow, require_context_evidence: true, required_context_evidence_mode: required, match: {tool_names: [fs.read]}}
`);
  const envelope = {
    schema_id: 'gait.context.envelope',
    schema_version: '1.0.0',
    created_at: NOW,
    producer_version: '1',
    context_set_id: 'set-1',
    context_set_digest: '',
    evidence_mode: 'required',
    records: [
      {
        ref_id: 'r1',
        source_type: 'file',
        source_locator: '/srv/a',
        query_digest: 'a'.repeat(64),
        content_digest: 'b'.repeat(64),
        retrieved_at: NOW,
        redaction_mode: 'none',
        immutability: 'immutable',
      },
    ],
  };
  const verified = VerifiedEnvelope.parse(envelope);
  assert.match(verified.digest, /^[0-9a-f]{64}$/);
  assert.equal(VerifiedEnvelope.parse(verified), verified);
  const gate = new Gate(policy);
  for (const judge of [gate, policy]) {
    assert.equal(judge.evaluate(intentFor('fs.read'), { now: NOW }).verdict, 'block');
    for (const contextEnvelope of [envelope, JSON.stringify(envelope), verified]) {
      const decision = judge.evaluate(intentFor('fs.read'), { now: NOW, contextEnvelope });
      assert.equal(decision.verdict, 'allow', decision.reasonCodes.join());
      assert.equal(decision.contextSource, 'context_envelope');
      const trace = decision.trace.toJSON();
      assert.deepEqual([trace.context_set_digest, trace.context_ref_count], [verified.digest, 1]);
    }
  }
  const [first] = await gate.evaluateManyAsync([intentFor('fs.read')], { now: NOW, contextEnvelope: verified });
  assert.equal(first.verdict, 'allow');
  refused(() => VerifiedEnvelope.parse({ ...envelope, context_set_digest: 'c'.repeat(64) }), { name: 'DocumentError' });
  refused(() => gate.evaluate(intentFor('fs.read'), { contextEnvelope: {} }), { category: 'invalid_input' });
});

test('a simulating gate lets everything pass and tells what would have happened', () => {
  const gate = new Gate(Policy.parse(PAYMENTS), { simulate: true });
  for (const [tool, verdict, would] of [['pay', 'require_approval', true], ['delete', 'block', true]]) {
    const decision = gate.evaluate(intentFor(tool));
    assert.deepEqual([decision.verdict, decision.simulatedVerdict, decision.wouldHaveBlocked], ['allow', verdict, would]);
    assert(decision.reasonCodes.includes('simulate_mode_non_enforcing'));
    assert(decision.simulatedReasonCodes.length > 0);
    assert.equal(decision.approvalRequest(), null);
  }
  const real = new Gate(Policy.parse(PAYMENTS)).evaluate(intentFor('delete'));
  assert.deepEqual([real.simulatedVerdict, real.simulatedReasonCodes, real.wouldHaveBlocked], [null, [], false]);
});

test('limits tell how far they are', () => {
  const gate = new Gate(Policy.parse(`
default_verdict: block
rules:
  - {name: counted, effect: allow, match: {tool_names: [web.fetch]}, rate_limit: {requests: 2, window: minute, scope: tool_identity}}
`));
  const figures = () => {
    const { verdict, rateLimitUsed, rateLimitRemaining, rateLimitScope, rateLimitKey } = gate.evaluate(intentFor('web.fetch'), { now: NOW });
    return [verdict, rateLimitUsed, rateLimitRemaining, rateLimitScope, rateLimitKey];
  };
  const [scope, key] = figures().slice(3);
  assert.equal(scope, 'tool_identity');
  assert(key.includes('agent-7'));
  assert.deepEqual(figures(), ['allow', 2, 0, scope, key]);
  assert.deepEqual(figures(), ['block', 2, 0, scope, key]);
  const none = gate.evaluate(intentFor('fs.read'));
  assert.deepEqual([none.rateLimitUsed, none.rateLimitScope, none.destructiveBudgetUsed, none.destructiveBudgetKey], [null, null, null, null]);
});

test('local freeze windows are those of the machine', async () => {
  const script = `
    process.env.TZ = process.argv[1];
    const policy = gait.Policy.parse("default_verdict: block\\nrules: [{name: r, effect: allow, freeze_window: {timezone: Local, effect: require_approval, windows: [{start: '2026-07-01T00:00:00', end: '2026-07-02T00:00:00'}]}}]");
    const decision = policy.evaluate(process.argv[2], { now: '2026-06-30T23:00:00Z' });
    console.log(decision.verdict, decision.freezeWindowStatus);
  `;
  const intent = JSON.stringify(intentFor('t'));
  assert.equal(await elsewhere(script, 'Europe/Berlin', intent), 'require_approval active\n');
  assert.equal(await elsewhere(script, 'America/New_York', intent), 'allow inactive\n');
});
