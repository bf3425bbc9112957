// The same declarations through CommonJS.

import gait = require('gait');

const policy: gait.Policy = gait.Policy.parse('default_verdict: allow');
const gate: gait.Gate = new gait.Gate(policy);
const options: gait.EvaluateManyOptions = { errors: 'return' };
const answers: Array<gait.Decision | gait.GaitError> = gate.evaluateMany(['{}'], options);
const first: gait.Verdict | undefined = answers.map((answer) => (answer instanceof gait.GaitError ? 'block' : answer.verdict))[0];

export { first };
