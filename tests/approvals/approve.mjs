// Approvals from Node: `request POLICY INTENT OUT`, `approve REQUEST PRIVATE_KEY APPROVER REASON OUT`,
// `decide POLICY INTENT PUBLIC_KEY TOKEN…`. Exit codes as `gait gate eval`; 6 for what cannot be used.

import { readFileSync } from 'node:fs';

import { ApprovalRequest, ApprovalToken, approve, GaitError, Gate, Intent, Policy, SigningKey, VerifyingKey } from '../../node/dist/index.mjs';

const COMMANDS = {
  async request([policy, intent, out]) {
    const decision = new Gate(await Policy.load(policy)).evaluate(await Intent.load(intent));
    await decision.approvalRequest()?.write(out);
    return decision.exitCode;
  },

  async approve([request, key, approver, reason, out]) {
    const signingKey = await SigningKey.load(key);
    await approve(await ApprovalRequest.load(request), signingKey, { approver, reason, ttl: '1h' }).write(out);
    return 0;
  },

  async decide([policy, intent, key, ...tokens]) {
    const gate = new Gate(await Policy.load(policy), { approvers: await VerifyingKey.load(key) });
    const approvals = await Promise.all(tokens.map((token) => ApprovalToken.load(token)));
    const decision = gate.evaluate(readFileSync(intent), { approvals });
    console.log(`${decision.verdict} ${decision.reasonCodes.join(',')}`);
    return decision.exitCode;
  },
};

const [name, ...parameters] = process.argv.slice(2);
const command = COMMANDS[name];
if (command === undefined) {
  console.error('approve.mjs request|approve|decide …');
  process.exitCode = 6;
} else {
  try {
    process.exitCode = await command(parameters);
  } catch (error) {
    if (!(error instanceof GaitError)) throw error;
    console.error(`${error.code}: ${error.message}`);
    process.exitCode = error.exitCode;
  }
}
