// Keys, signatures and traces.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';

import { compat, Gate, Intent, KeyMaterialError, Policy, SigningKey, Trace, verifyTrace, VerificationFailed, VerifyingKey } from 'gait';

import { intent, policy, POLICY, refused } from './examples.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'gait-'));
test.after(() => rmSync(folder, { recursive: true }));

const key = SigningKey.generate();
const now = '2026-03-01T10:00:00Z';
const trace = () => new Gate(policy, { signingKey: key }).evaluate(intent(), { now }).trace;

test('keys go through text, files and variables', async () => {
  const file = path.join(folder, 'private.key');
  writeFileSync(file, `${key.toBase64()}\n`);
  const again = [SigningKey.fromBase64(key.toBase64()), await SigningKey.load(file), await SigningKey.load(pathToFileURL(file))];
  process.env.GAIT_TEST_KEY = ` ${key.toBase64()} `;
  process.env.GAIT_TEST_PUBLIC = key.verifyingKey.toBase64();
  again.push(SigningKey.fromEnv('GAIT_TEST_KEY'));
  for (const { keyId } of again) assert.equal(keyId, key.keyId);
  assert(VerifyingKey.fromEnv('GAIT_TEST_PUBLIC').equals(key.verifyingKey));
  assert.equal(VerifyingKey.fromBase64(key.verifyingKey.toBase64()).keyId, key.keyId);
  writeFileSync(path.join(folder, 'public.key'), key.verifyingKey.toBase64());
  assert.equal((await VerifyingKey.load(path.join(folder, 'public.key'))).keyId, key.keyId);
  assert.notEqual(SigningKey.generate().keyId, key.keyId);
});

test('what is no key', async () => {
  refused(() => SigningKey.fromBase64('AAAA'), { code: 'key_malformed' });
  assert.throws(() => SigningKey.fromBase64('?'), KeyMaterialError);
  refused(() => SigningKey.fromBase64(7), { code: 'invalid_argument' });
  refused(() => VerifyingKey.fromBase64(''), { code: 'key_malformed' });
  refused(() => SigningKey.fromEnv('GAIT_TEST_UNSET'), { code: 'key_env_not_set', message: /GAIT_TEST_UNSET/ });
  await refused(SigningKey.load(path.join(folder, 'missing')), { code: 'key_unreadable', category: 'invalid_input' });
  await refused(SigningKey.load(7), { code: 'invalid_argument' });
  await refused(VerifyingKey.load(new URL('https://example.com/key')), { code: 'invalid_argument' });
});

test('secrets are not shown', () => {
  const secret = key.toBase64().slice(0, 20);
  for (const shown of [inspect(key), JSON.stringify(key), String(key), inspect({ key }, { showHidden: true, depth: 9 })]) {
    assert(!shown.includes(secret));
  }
  assert.match(inspect(key), /^SigningKey\(keyId=/);
});

test('signatures over bytes, documents and digests', () => {
  const { verifyingKey } = key;
  const bytes = key.signBytes('data');
  verifyingKey.verifyBytes(Buffer.from('data'), bytes);
  const document = key.signJson('{"a": 1}');
  verifyingKey.verifyJson(' {"a": 1.0} ', document);
  verifyingKey.verifyDigest(document.signed_digest, document);
  verifyingKey.verifyDigest(document.signed_digest, key.signDigest(document.signed_digest));
  refused(() => verifyingKey.verifyBytes('datum', bytes), { code: 'signature_invalid', category: 'verification_failed' });
  refused(() => verifyingKey.verifyJson('{"a": 2}', document), { code: 'signature_digest_mismatch' });
  refused(() => verifyingKey.verifyJson('{', document), { category: 'invalid_input', offset: 1 });
  refused(() => SigningKey.generate().verifyingKey.verifyBytes('data', bytes), { code: 'signature_key_mismatch' });
  refused(() => verifyingKey.verifyBytes('data', { ...bytes, alg: 'none' }), { code: 'signature_alg_unsupported' });
  refused(() => verifyingKey.verifyBytes('data', { ...bytes, extra: 1 }), { code: 'json_unknown_member' });
  refused(() => verifyingKey.verifyBytes('data', null), { code: 'invalid_argument' });
  refused(() => key.signDigest('abc'), { code: 'digest_malformed' });
  refused(() => key.signBytes({}), { code: 'invalid_argument' });
});

test('traces are verified as object, text, bytes and trace', () => {
  const signed = trace();
  assert.equal(signed.isSigned, true);
  assert.match(inspect(signed), /^Trace\([0-9a-f]{24}, verdict=allow, keyId=/);
  for (const form of [signed, signed.toJSON(), signed.toString(), Buffer.from(signed.toString()), JSON.stringify(signed)]) {
    const verified = verifyTrace(form, key.verifyingKey);
    assert.equal(verified.traceId, signed.traceId);
    assert.equal(verified.toString(), signed.toString());
  }
});

test('the same decision has the same trace from every form of its intent', () => {
  const gate = new Gate(policy, { signingKey: key });
  const forms = [intent(), JSON.stringify(intent()), Intent.parse(intent())];
  const texts = forms.map((form) => gate.evaluate(form, { now }).trace.toString());
  assert.equal(new Set([...texts, trace().toString()]).size, 1);
  assert.equal(gate.evaluateMany([intent()], { now })[0].trace.toString(), texts[0]);
});

test('traces that do not hold', () => {
  const failed = { category: 'verification_failed' };
  const signed = trace().toJSON();
  refused(() => verifyTrace({ ...signed, verdict: 'block' }, key.verifyingKey), { ...failed, code: 'signature_digest_mismatch' });
  refused(() => verifyTrace(signed, SigningKey.generate().verifyingKey), { ...failed, code: 'signature_key_mismatch' });
  refused(() => verifyTrace(policy.evaluate(intent()).trace, key.verifyingKey), { ...failed, code: 'trace_signature_missing' });
  const forged = { ...signed, signature: { ...signed.signature, sig: key.signBytes('x').sig } };
  assert.throws(() => verifyTrace(forged, key.verifyingKey), VerificationFailed);
  refused(() => verifyTrace({ ...signed, surprise: 1 }, key.verifyingKey), { code: 'json_unknown_member', path: 'surprise' });
  assert.equal(compat.verifyTrace({ ...signed, surprise: 1 }, key.verifyingKey).traceId, signed.trace_id);
  refused(() => verifyTrace('{', key.verifyingKey), { category: 'invalid_input', code: 'json_syntax' });
  refused(() => verifyTrace(signed, key), { code: 'invalid_argument' });
  refused(() => verifyTrace(undefined, key.verifyingKey), { code: 'invalid_argument' });
  refused(() => verifyTrace({ x: undefined }, key.verifyingKey), { code: 'json_wrong_type', path: 'x' });
});

test('traces go through files', async () => {
  const file = path.join(folder, 'sub/trace.json');
  const written = trace();
  assert.equal(await written.write(file), file);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(readFileSync(file, 'utf8'), written.toString());
  const loaded = await Trace.load(file);
  assert.equal(verifyTrace(loaded, key.verifyingKey).traceId, written.traceId);
  assert.equal((await compat.Trace.load(file)).toString(), written.toString());
  await refused(Trace.load(path.join(folder, 'missing.json')), { retryable: false });
  await refused(written.write('/proc/nowhere/trace.json'), { retryable: false });
});

test('policies and intents go through files', async () => {
  const [policyFile, intentFile] = ['policy.yaml', 'intent.json'].map((name) => path.join(folder, name));
  writeFileSync(policyFile, POLICY);
  writeFileSync(intentFile, JSON.stringify(intent()));
  const loaded = await Policy.load(policyFile);
  assert.equal(loaded.digest, policy.digest);
  assert.equal((await compat.Policy.load(pathToFileURL(policyFile))).strict, false);
  assert.equal(loaded.evaluate(await Intent.load(intentFile)).verdict, 'allow');
  assert.equal((await compat.Intent.load(intentFile)).strict, false);
  await refused(Policy.load(path.join(folder, 'missing.yaml')), { retryable: false, message: /missing\.yaml/ });
  await refused(Policy.load(intentFile), { category: 'invalid_input' });
  await refused(Intent.load(policyFile), { code: 'intent_malformed', offset: 1 });
});
