// Other threads: libuv's pool, workers, and what is left in memory after many decisions.

import assert from 'node:assert/strict';
import test from 'node:test';
import { Worker } from 'node:worker_threads';

import { approve, Gate, Intent, Policy, SigningKey, verifyTrace, VerifyingKey } from 'gait';

import { intent, intentFor, policy, POLICY, refused } from './examples.mjs';

const BROKERED = 'default_verdict: block\nrules: [{name: b, effect: allow, require_broker_credential: true, match: {tool_names: [mail.send]}}]';

test('asynchronous decisions are those of their twins', async () => {
  const gate = new Gate(policy);
  const now = '2026-03-01T10:00:00Z';
  for (const form of [intent(), JSON.stringify(intent()), Intent.parse(intent()), intentFor('mail.send')]) {
    const decision = await gate.evaluateAsync(form, { now });
    assert.deepEqual(decision.toJSON(), gate.evaluate(form, { now }).toJSON());
  }
  const decisions = await gate.evaluateManyAsync([intent(), intentFor('mail.send')], { now });
  assert.deepEqual(decisions.map(({ verdict }) => verdict), ['allow', 'require_approval']);
});

test('asynchronous calls reject, they do not throw', async () => {
  const gate = new Gate(policy);
  await refused(gate.evaluateAsync(intentFor('fs.read', { x: NaN })), { path: 'args.x' });
  await refused(gate.evaluateAsync('{'), { code: 'intent_malformed', path: undefined, offset: 1 });
  await refused(gate.evaluateAsync({ ...intent(), context: {} }), { path: 'context.identity' });
  await refused(gate.evaluateAsync(intent(), { now: 'x' }), { code: 'time_malformed' });
  await refused(gate.evaluateManyAsync([intent(), '{']), { path: '[1]' });
  const [good, bad] = await gate.evaluateManyAsync([intent(), { ...intent(), tool_name: '' }], { errors: 'return' });
  assert.equal(good.verdict, 'allow');
  assert.equal(bad.path, '[1].tool_name');
});

test('the intent is taken as it is at the time of the call', async () => {
  const proposed = intent();
  const bytes = Buffer.from(JSON.stringify(proposed));
  const pending = [new Gate(policy).evaluateAsync(proposed), new Gate(policy).evaluateAsync(bytes)];
  proposed.tool_name = 'fs.delete';
  bytes.fill(0);
  for (const decision of await Promise.all(pending)) {
    assert.equal(decision.verdict, 'allow');
    assert.equal(decision.toolName, 'fs.read');
  }
});

test('the event loop goes on meanwhile', async () => {
  const gate = new Gate(policy);
  const large = intentFor('fs.read', { list: Array.from({ length: 300_000 }, (_, index) => `item ${index}`) });
  const batch = Array.from({ length: 4 }, () => Intent.parse(JSON.stringify(large), {}));
  const start = performance.now();
  gate.evaluateMany(batch);
  const blocking = performance.now() - start;
  let turns = 0;
  let done = false;
  const pending = gate.evaluateManyAsync(batch).then(() => { done = true; });
  while (!done) {
    await new Promise((resolve) => setImmediate(resolve));
    turns += 1;
  }
  await pending;
  assert(turns > 3, `${turns} turns of the event loop in some ${blocking.toFixed()} ms`);
});

test('limits hold across threads', async () => {
  const gate = new Gate(policy);
  const now = '2026-03-01T10:00:00Z';
  const many = Array.from({ length: 40 }, () => gate.evaluateAsync(intentFor('web.fetch'), { now }));
  const allowed = (await Promise.all(many)).filter((decision) => decision.allowed);
  assert.equal(allowed.length, 2);
});

test('workers have the package to themselves', async () => {
  const key = SigningKey.generate();
  const source = `
    import { parentPort, workerData } from 'node:worker_threads';
    const { Gate, Policy, SigningKey } = await import(workerData.gait);
    const signingKey = SigningKey.fromBase64(workerData.key);
    const gate = new Gate(Policy.parse(workerData.policy), { signingKey });
    for (let count = 0; count < 2000; count++) gate.evaluate(workerData.intent);
    const decisions = await gate.evaluateManyAsync([workerData.intent, workerData.intent]);
    parentPort.postMessage(decisions.map((decision) => decision.trace.toString()));
  `;
  const workerData = { gait: import.meta.resolve?.('gait') ?? new URL('../dist/index.mjs', import.meta.url).href, key: key.toBase64(), policy: POLICY, intent: intent() };
  const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  const answers = await Promise.all(Array.from({ length: 4 }, () => new Promise((resolve, reject) => {
    const worker = new Worker(url, { workerData });
    worker.once('message', resolve);
    worker.once('error', reject);
  })));
  const publicKey = VerifyingKey.fromBase64(key.verifyingKey.toBase64());
  for (const text of answers.flat()) assert.equal(verifyTrace(text, publicKey).verdict, 'allow');
});

test('a worker may stop in the middle of its work', async () => {
  const source = `
    import { parentPort, workerData } from 'node:worker_threads';
    const { Gate, Policy } = await import(workerData.gait);
    const gate = new Gate(Policy.parse(workerData.policy));
    parentPort.postMessage('started');
    for (;;) await gate.evaluateManyAsync(Array(100).fill(workerData.intent));
  `;
  const workerData = { gait: new URL('../dist/index.mjs', import.meta.url).href, policy: POLICY, intent: intent() };
  for (let round = 0; round < 4; round++) {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { workerData });
    await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    await worker.terminate();
  }
});

test('memory stays after 100,000 decisions in one go', () => {
  const gate = new Gate(Policy.parse(POLICY), { signingKey: SigningKey.generate() });
  const proposed = intentFor('fs.read', { path: '/srv/a', text: 'x'.repeat(500) });
  const decide = (times) => {
    for (let time = 0; time < times; time++) {
      const decision = gate.evaluate(proposed);
      if (time % 50 === 0) assert.equal(decision.trace.isSigned, true);
      if (time % 10 === 0) assert.equal(decision.reasonCodes.length, 1);
    }
  };
  decide(20_000);
  const before = process.memoryUsage().rss;
  decide(100_000);
  const grown = (process.memoryUsage().rss - before) / (1 << 20);
  assert(grown < 64, `${grown.toFixed(1)} MiB more`);
});

test('memory stays after 30,000 decisions that consult something, in one go', () => {
  const alice = SigningKey.generate();
  const gate = new Gate(Policy.parse(POLICY), { approvers: alice.verifyingKey, reusableApprovals: true });
  const asking = new Gate(Policy.parse(BROKERED), { broker: () => ({ credential_ref: 'r' }) });
  const mail = intentFor('mail.send');
  const token = approve(gate.evaluate(mail).approvalRequest(), alice, { approver: 'alice', reason: 'r', ttl: '1h' });
  const text = token.toString();
  const decide = (times) => {
    for (let time = 0; time < times; time++) {
      const decision = gate.evaluate(mail, { approvals: [time % 2 === 0 ? token : text] });
      if (time % 50 === 0) assert.equal(decision.trace.toJSON().approval_token_ref, token.tokenId);
      assert.equal(asking.evaluate(mail).verdict, 'allow');
    }
  };
  decide(10_000);
  const before = process.memoryUsage().rss;
  decide(30_000);
  const grown = (process.memoryUsage().rss - before) / (1 << 20);
  assert(grown < 64, `${grown.toFixed(1)} MiB more`);
});
