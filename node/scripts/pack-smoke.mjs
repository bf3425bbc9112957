// Packs the package, installs it into an empty project away from the checkout, and runs the README's examples there.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const project = mkdtempSync(path.join(tmpdir(), 'gait-pack-'));

function run(command, args, cwd = project) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

const EXPECTED = [
  "allow [ 'matched_rule_reads' ]\nallow true\n",
  "approval_required [ 'approval_token_missing', 'matched_rule_mails' ]\n",
  `allow
[
  'approval_chain_insufficient',
  'approval_token_replayed',
  'default_require_approval'
]
paid 7
`,
  'block active\n',
];

const COMMONJS = `
const { Policy, version } = require('gait');
const context = { identity: 'a', workspace: '/w', risk_class: 'low' };
const intent = { tool_name: 't', args: {}, targets: [], context };
console.log(version, Policy.parse('default_verdict: dry_run').evaluate(intent).verdict);
`;

try {
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--silent', '--pack-destination', project], root));
  const names = packed.files.map(({ path: name }) => name);
  for (const name of ['LICENSE', 'README.md', 'package.json', 'dist/index.js', 'dist/index.mjs', 'dist/index.d.ts', 'dist/index.d.mts']) {
    assert(names.includes(name), `${name} is not packed`);
  }
  assert(names.some((name) => name.endsWith('.node')), 'the native half is not packed');
  assert(!names.some((name) => /^(src|test|scripts|bench|node_modules)\//.test(name)), names.join(', '));

  writeFileSync(path.join(project, 'package.json'), '{"name": "empty", "private": true}\n');
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', '--silent', path.join(project, packed.filename)]);

  const examples = [...readFileSync(path.join(root, 'README.md'), 'utf8').matchAll(/```js\n(.*?)```/gs)];
  assert.equal(examples.length, EXPECTED.length);
  for (const [index, [, example]] of examples.entries()) {
    writeFileSync(path.join(project, 'example.mjs'), example);
    assert.equal(run(process.execPath, ['example.mjs']), EXPECTED[index]);
  }
  writeFileSync(path.join(project, 'example.cjs'), COMMONJS);
  assert.equal(run(process.execPath, ['example.cjs']), `${packed.version} dry_run\n`);
  console.log(`pack: ${packed.filename}, ${(packed.size / 1024).toFixed()} KiB, ${names.length} files; README examples ok`);
} finally {
  rmSync(project, { recursive: true, force: true });
}
