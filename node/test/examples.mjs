// What several tests need: a policy, an intent that it allows, and what an error must be.

import assert from 'node:assert/strict';

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
