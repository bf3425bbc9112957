// What several tests need: a policy, an intent that it allows, and what an error must be.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { GaitError, Policy } from 'gait';

export const POLICY = `
default_verdict: block
rules:
  - {name: reads, effect: allow, match: {tool_names: [fs.read]}}
  - {name: mails, effect: require_approval, match: {tool_names: [mail.send]}}
  - {name: rehearsals, effect: dry_run, match: {tool_names: [deploy.plan]}}
  - name: counted
    effect: allow
    match: {tool_names: [web.fetch]}
    rate_limit: {requests: 2, window: minute, scope: tool}
`;

export const policy = Policy.parse(POLICY);

export function intentFor(toolName, args = { path: '/srv/a' }) {
  return {
    tool_name: toolName,
    args,
    targets: [{ kind: 'path', value: '/srv/a', operation: 'read' }],
    context: { identity: 'agent-7', workspace: '/srv', risk_class: 'low' },
  };
}

/** A policy under which paying needs one approval, and wiring money two. */
export const PAYMENTS = `
default_verdict: block
rules:
  - {name: payments, effect: require_approval, match: {tool_names: [pay]}}
  - {name: wires, effect: require_approval, min_approvals: 2, match: {tool_names: [wire]}}
`;

export const NOW = '2026-03-01T10:00:00Z';
export const LATER = '2026-03-01T11:00:00Z';

/** A folder that goes when the test ends. */
export function folder(context) {
  const path = mkdtempSync(join(tmpdir(), 'gait-test-'));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Runs a script in another process, with the package as `gait`; gives what it prints. */
export function elsewhere(script, ...parameters) {
  const program = `import * as gait from ${JSON.stringify(new URL('../dist/index.mjs', import.meta.url).href)};\n${script}`;
  const options = { encoding: 'utf8', maxBuffer: 1 << 24 };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['--input-type=module', '-e', program, ...parameters], options, (error, stdout) => {
      if (error) reject(error);
      else resolve(stdout);
    });
  });
}

export const intent = () => intentFor('fs.read');

/** The error that `work` throws or rejects with: a classified one, of these properties. */
export function refused(work, expected) {
  const check = (error) => {
    assert(error instanceof GaitError, `not classified: ${error?.stack ?? error}`);
    assert.equal(typeof error.code, 'string');
    assert.equal(typeof error.retryable, 'boolean');
    assert(error.name !== 'Error' && error.stack.includes(error.message.split('\n')[0]));
    for (const [name, value] of Object.entries(expected)) {
      if (value instanceof RegExp) assert.match(error[name], value);
      else assert.deepEqual(error[name], value, `${name} of ${error.stack}`);
    }
    return true;
  };
  return work instanceof Promise ? assert.rejects(work, check) : assert.throws(work, check);
}
