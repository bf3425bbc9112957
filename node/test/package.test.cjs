// The package as CommonJS, as ES modules and as TypeScript sees it.

'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const path = require('node:path');
const test = require('node:test');

const gait = require('gait');

const root = path.dirname(__dirname);

test('both kinds of modules have the same things', async () => {
  const modules = await import('gait');
  const names = Object.keys(modules).filter((name) => name !== 'default' && name !== 'module.exports').sort();
  assert.deepEqual(names, Object.keys(gait).sort());
  for (const name of names) assert.equal(modules[name], gait[name], name);
  assert.equal(gait.version, require('gait/package.json').version);
  assert.deepEqual(Object.keys(gait.compat).sort(), [
    'ApprovalRequest',
    'ApprovalToken',
    'DelegationToken',
    'Gate',
    'Intent',
    'KillSwitch',
    'Policy',
    'Trace',
    'VerifiedEnvelope',
    'approve',
    'canonicalize',
    'delegate',
    'digest',
    'guard',
    'verifyTrace',
  ]);
});

test('CommonJS decides', () => {
  const policy = gait.Policy.parse('default_verdict: dry_run');
  const context = { identity: 'a', workspace: '/w', risk_class: 'low' };
  assert.equal(policy.evaluate({ tool_name: 't', args: {}, targets: [], context }).verdict, 'dry_run');
});

test('the declarations are those of what is exported, and hold under strict TypeScript', () => {
  const tsc = require.resolve('typescript/bin/tsc');
  const checked = spawnSync(process.execPath, [tsc, '-p', path.join(root, 'test/types')], { encoding: 'utf8' });
  assert.equal(checked.status, 0, checked.stdout);
});

test('every native function is declared, and only those', () => {
  const addon = require(path.join(root, `native/gait.${process.platform}-${process.arch}.node`));
  const source = readFileSync(path.join(root, 'src/native.ts'), 'utf8');
  const declared = source.slice(source.indexOf('interface Native')).matchAll(/^ {2}(\w+)\(/gm);
  assert.deepEqual(Object.keys(addon).sort(), [...declared].map(([, name]) => name).sort());
});

test('errors are told apart by class, code and name', () => {
  const error = (() => {
    try {
      return gait.Policy.parse('{');
    } catch (thrown) {
      return thrown;
    }
  })();
  assert(error instanceof gait.PolicyError && error instanceof gait.InvalidInput && error instanceof gait.GaitError);
  assert.equal(error.name, 'PolicyError');
  assert.equal(error.code, 'policy_syntax');
  assert.equal(error.exitCode, 6);
  assert.match(error.stack, /package\.test\.cjs/);
});
