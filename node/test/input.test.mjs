// What must not be taken: every case is a classified error, none is a crash, a hang or a silent change.

import assert from 'node:assert/strict';
import test from 'node:test';
import vm from 'node:vm';

import { canonicalize, compat, digest, DocumentError, Gate, Intent, IntentError, Policy, PolicyError } from 'gait';

import { intent, intentFor, policy, POLICY, refused } from './examples.mjs';

const lenient = compat.Policy.parse(POLICY);
const both = [policy, lenient];

function refusedArgs(args, expected) {
  for (const judge of both) {
    for (const work of [
      () => judge.evaluate(intentFor('fs.read', args)),
      () => judge.evaluateRequest(intentFor('fs.read', args)),
      () => new Gate(judge).evaluateMany([intentFor('fs.read', args)]),
    ]) {
      refused(work, { category: 'invalid_input', code: 'intent_malformed', ...expected });
      assert.throws(work, IntentError);
    }
  }
}

test('values without a JSON form', () => {
  class Thing {
    x = 1;
  }
  const values = [
    NaN, Infinity, -Infinity, 1n, undefined, () => 1, Symbol('s'), new Date(0), new Map(), new Set(), new Thing(), /x/,
    new Number(1), new String('x'), new Uint8Array(2), Buffer.from('x'), Promise.resolve(), new Error('x'),
    Object.create({ inherited: 1 }),
  ];
  for (const value of values) {
    refusedArgs({ a: [{ b: value }] }, { detail: 'json_wrong_type', path: /(^|\])\.?args\.a\[0\]\.b$/, message: /no JSON form/ });
  }
  refusedArgs({ a: [1, , 3] }, { path: /args\.a\[1\]$/ });
  refusedArgs({ toJSON: () => ({}) }, { path: /args\.toJSON$/ });
});

test('toJSON is never called', () => {
  let called = 0;
  Object.defineProperty(Array.prototype, 'toJSON', { value: () => { called += 1; return []; }, configurable: true });
  try {
    const plain = policy.evaluate(intentFor('fs.read', { list: [1, 2] }));
    assert.equal(plain.argsDigest, digest('{"list":[1,2]}'));
  } finally {
    delete Array.prototype.toJSON;
  }
  assert.equal(called, 0);
});

test('values that have a JSON form are kept as they are', () => {
  const args = {
    text: 'é\u0001"\\\n\u2028😀',
    'key é"': [null, true, false, 0, -0, 1.5, 1e21, 5e-324, -1e-7, 2 ** 53],
    empty: [{}, [], ''],
    ['__proto__x']: JSON.parse('{"__proto__": 1, "constructor": 2}'),
    bare: Object.assign(Object.create(null), { x: 1 }),
    realm: vm.runInNewContext('({ x: [1, { y: 2 }] })'),
    long: 'x'.repeat(100_000),
    odd: 'ü'.repeat(50_000),
  };
  for (const judge of both) {
    const decision = judge.evaluate(intentFor('fs.read', args));
    assert.equal(decision.argsDigest, digest(JSON.stringify(args)));
    assert.equal(decision.argsDigest, judge.evaluate(JSON.stringify(intentFor('fs.read', args))).argsDigest);
  }
});

test('every value is read once', () => {
  let reads = 0;
  const args = { get x() { return reads++ === 0 ? 'first' : NaN; } };
  assert.equal(policy.evaluate(intentFor('fs.read', args)).argsDigest, digest('{"x":"first"}'));
  assert.equal(reads, 1);
  const proxied = new Proxy({ y: 1 }, {});
  assert.equal(policy.evaluate(intentFor('fs.read', proxied)).argsDigest, digest('{"y":1}'));
});

test('arrays that lie about their length', () => {
  for (const length of [NaN, undefined, 1.5, 1e300, 2 ** 40]) {
    const lying = new Proxy([1], { get: (array, name) => (name === 'length' ? length : array[name]) });
    refused(() => policy.evaluate(intentFor('fs.read', { lying })), { category: 'invalid_input' });
  }
});

test('getters may decide meanwhile, and what they throw comes through', () => {
  const args = { a: 1, get b() { return policy.evaluate(intentFor('fs.read', { inner: 1 })).argsDigest; }, c: 2 };
  const expected = { a: 1, b: digest('{"inner":1}'), c: 2 };
  assert.equal(policy.evaluate(intentFor('fs.read', args)).argsDigest, digest(JSON.stringify(expected)));
  const failing = { get x() { throw new TypeError('mine'); } };
  assert.throws(() => policy.evaluate(intentFor('fs.read', failing)), { name: 'TypeError', message: 'mine' });
  assert.equal(policy.evaluate(intent()).verdict, 'allow');
});

test('circles, depth and size', () => {
  const limit = { detail: 'json_limit_exceeded' };
  const circle = {};
  circle.self = circle;
  refusedArgs(circle, limit);
  let deep = [];
  for (let level = 0; level < 100_000; level++) deep = [deep];
  refusedArgs({ deep }, limit);
  const deepText = `{"args": {"deep": ${'['.repeat(100_000)}${']'.repeat(100_000)}}}`;
  for (const judge of both) {
    for (const form of [deepText, Buffer.from(deepText)]) refused(() => judge.evaluate(form), { code: 'intent_malformed', ...limit });
  }
  // Few objects, reached very often.
  let shared = [];
  for (let level = 0; level < 60; level++) shared = [shared, shared];
  refusedArgs({ shared }, limit);
  refusedArgs({ wide: new Array(2_000_000).fill(0) }, limit);
});

test('64 MiB of text', () => {
  const size = 64 << 20;
  const text = `{"tool_name": "${'x'.repeat(size)}"}`;
  const bytes = Buffer.from(text);
  for (const judge of both) {
    for (const form of [text, bytes, text.slice(0, 20 << 20), bytes.subarray(0, 20 << 20)]) {
      refused(() => judge.evaluate(form), { code: 'intent_malformed', detail: 'json_limit_exceeded' });
    }
  }
  refused(() => policy.evaluate({ tool_name: 'x'.repeat(size) }), { category: 'invalid_input' });
  refused(() => Policy.parse('x'.repeat(size)), { category: 'invalid_input' });
  refused(() => Policy.parse(`a: ${'['.repeat(100_000)}`), { category: 'invalid_input' });
  refused(() => canonicalize('['.repeat(100_000)), { category: 'invalid_input' });
});

test('text that is no JSON, and where', () => {
  refused(() => policy.evaluate('{"tool_name": }'), { detail: 'json_syntax', offset: 14, code: 'intent_malformed' });
  refused(() => policy.evaluate(''), { category: 'invalid_input' });
  refused(() => policy.evaluate('[]'), { detail: 'json_wrong_type' });
  refused(() => policy.evaluate('{"tool_name": 1e999}'), { category: 'invalid_input' });
  refused(() => policy.evaluate([]), { detail: 'json_wrong_type', offset: undefined });
  for (const value of [undefined, null, 1, true, Symbol('s'), () => 1]) {
    refused(() => policy.evaluate(value), { code: 'invalid_argument' });
  }
});

test('objects have no offsets, texts do', () => {
  const wrong = { ...intent(), tool_name: 7 };
  refused(() => policy.evaluate(JSON.stringify(wrong)), { path: 'tool_name', offset: 13, message: /at byte 13/ });
  refused(() => policy.evaluate(wrong), { path: 'tool_name', offset: undefined, message: /expected a string$/ });
});

test('bytes that are not UTF-8 and half surrogate pairs', () => {
  const [before, after] = JSON.stringify(intentFor('fs.read', { a: '#' })).split('#');
  const bytes = Buffer.concat([Buffer.from(before), Buffer.from([0xff]), Buffer.from(after)]);
  for (const form of [bytes, intentFor('fs.read', { a: '\ud800' }), `${before}\ud800${after}`, `${before}\\ud800${after}`]) {
    refused(() => policy.evaluate(form), { detail: 'json_lossy_text' });
    const decision = lenient.evaluate(form);
    assert.equal(decision.notices[0].kind, 'text_replaced');
    assert.equal(typeof decision.notices[0].offset, typeof form === 'object' && !Buffer.isBuffer(form) ? 'undefined' : 'number');
  }
  assert.equal(
    lenient.evaluate(intentFor('fs.read', { a: '\udc00x' })).argsDigest,
    digest(JSON.stringify({ a: '\ufffdx' })),
  );
  refused(() => Policy.parse(Buffer.from([0x61, 0xff])), { code: 'policy_syntax' });
  refused(() => Policy.parse('default_verdict: "\ud800"'), { category: 'invalid_input' });
});

test('strict refuses what compat passes over', () => {
  const text = JSON.stringify(intent());
  const cases = {
    json_unknown_member: text.replace('{', '{"surprise": 1,'),
    json_duplicate_member: text.replace('{', '{"tool_name": "fs.delete",'),
    json_recased_member: text.replace('tool_name', 'Tool_Name'),
    json_lossy_integer: text.replace('"path":"/srv/a"', '"n":9007199254740993'),
  };
  for (const [detail, form] of Object.entries(cases)) {
    refused(() => policy.evaluate(form), { detail, code: 'intent_malformed' });
    assert.equal(lenient.evaluate(form).verdict, 'allow', detail);
  }
  refused(() => policy.evaluate({ ...intent(), surprise: 1 }), { detail: 'json_unknown_member', path: 'surprise' });
  refused(() => policy.evaluate(intentFor('fs.read', { n: 2 ** 60 })), { detail: 'json_lossy_integer' });
  assert.deepEqual(lenient.evaluate(cases.json_lossy_integer).notices.map(({ kind }) => kind), ['integer_rounded']);
});

test('a compat intent does not pass a strict policy', () => {
  const loose = compat.Intent.parse({ ...intent(), surprise: 1 });
  assert.equal(lenient.evaluate(loose).verdict, 'allow');
  assert.equal(lenient.evaluate(Intent.parse(intent())).verdict, 'allow');
  refused(() => policy.evaluate(loose), { code: 'strict_mismatch' });
  refused(() => new Gate(policy).evaluateMany([loose]), { code: 'strict_mismatch', path: '[0]' });
  refused(() => Intent.parse(loose), { code: 'strict_mismatch' });
});

test('policies in error say where', () => {
  refused(() => Policy.parse('default_verdict: allow\nsurprise: 1'), { code: 'policy_unknown_field', line: 2, column: 1 });
  refused(() => Policy.parse('a: 1\na: 2'), { code: 'policy_duplicate_key', line: 2 });
  assert.throws(() => Policy.parse('{'), PolicyError);
  for (const value of [undefined, null, 7, {}]) refused(() => Policy.parse(value), { code: 'invalid_argument' });
});

test('bytes in memory that threads share', () => {
  const text = JSON.stringify(intent());
  const bytes = new Uint8Array(new SharedArrayBuffer(text.length));
  bytes.set(Buffer.from(text));
  assert.equal(policy.evaluate(bytes).verdict, 'allow');
  assert.equal(canonicalize(bytes).length, text.length);
});

test('canonical JSON', () => {
  assert.equal(canonicalize('{"b": 1.0, "a": "\\u00e9"}').toString(), '{"a":"é","b":1}');
  assert.equal(canonicalize(Buffer.from('[1e2]')).toString(), '[100]');
  assert.equal(digest('{}'), '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  refused(() => canonicalize('{"a":1,"a":2}'), { offset: 7, category: 'invalid_input' });
  assert.throws(() => digest('{'), DocumentError);
  refused(() => digest('[9007199254740993]', { strict: true }), { category: 'invalid_input' });
  refused(() => canonicalize({}), { code: 'invalid_argument' });
});
