// How long a decision takes from Node. Prints one JSON object: medians in nanoseconds, by the names of perf/budgets.json.

import { readFileSync } from 'node:fs';

import { Gate, Intent, Policy } from '../dist/index.mjs';

const data = new URL('../../perf/data/', import.meta.url);
const policy = Policy.parse(readFileSync(new URL('policy.yaml', data)));
const intent = JSON.parse(readFileSync(new URL('intent.json', data), 'utf8'));
const text = JSON.stringify(intent);
const bytes = Buffer.from(text);
const parsed = Intent.parse(intent);
const gate = new Gate(policy);
const now = new Date('2026-03-01T10:00:00Z');
const many = Array.from({ length: 100 }, () => intent);

if (policy.evaluate(intent, { now }).verdict !== 'allow') throw new Error('the example must be allowed');

const CASES = {
  'node/json_stringify': [1, () => JSON.stringify(intent).length],
  'node/object_to_decision': [1, () => policy.evaluate(intent, { now }).verdict],
  'node/object_to_reasons': [1, () => policy.evaluate(intent, { now }).reasonCodes.length],
  'node/text_to_decision': [1, () => policy.evaluate(text, { now }).verdict],
  'node/bytes_to_decision': [1, () => policy.evaluate(bytes, { now }).verdict],
  'node/parsed_intent': [1, () => policy.evaluate(parsed, { now }).verdict],
  'node/gate_object_to_decision': [1, () => gate.evaluate(intent, { now }).verdict],
  'node/evaluate_many': [many.length, () => gate.evaluateMany(many, { now }).length],
};

const ROUNDS = 41;
const ROUND_NANOSECONDS = 8e6;

function round(work, times) {
  const start = process.hrtime.bigint();
  for (let time = 0; time < times; time++) work();
  return Number(process.hrtime.bigint() - start) / times;
}

const samples = new Map();
const counts = new Map();
for (const [name, [, work]] of Object.entries(CASES)) {
  round(work, 2000);
  counts.set(name, Math.max(10, Math.round(ROUND_NANOSECONDS / round(work, 200))));
  samples.set(name, []);
}
// Interleaved, so that a slow moment of the machine meets all of them.
for (let count = 0; count < ROUNDS; count++) {
  for (const [name, [, work]] of Object.entries(CASES)) samples.get(name).push(round(work, counts.get(name)));
}

const figures = {};
for (const [name, [size]] of Object.entries(CASES)) {
  const sorted = samples.get(name).sort((a, b) => a - b);
  figures[name] = Math.round(sorted[sorted.length >> 1] / size);
}
console.log(JSON.stringify(figures));
