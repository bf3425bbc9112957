// What decisions consult besides policy and intent, on its way to the native half.

import { ApprovalToken, type ApprovalLike } from './approval';
import { text, texts, unknownOption } from './argument';
import { DelegationToken, type DelegationLike } from './delegation';
import { written } from './document';
import { VerifiedEnvelope, type EnvelopeLike } from './envelope';
import { call, invalidArgument } from './errors';
import type { Moment } from './moment';
import { native, type BatchHandle } from './native';

/** What a decision depends on besides policy and intent. */
export interface EvaluateOptions {
  /** The moment to decide for; the machine's clock by default. */
  now?: Moment | undefined;
  /** The state of a kill switch (its document), in place of the one that the gate consults. */
  killSwitch?: object | string | Uint8Array | undefined;
  /** What the agent had read. Its claims replace those of the intent. */
  contextEnvelope?: EnvelopeLike | undefined;
  /** What is known about tools (an inventory document), in place of the gate's. */
  inventory?: object | string | Uint8Array | undefined;
}

/** What a gate's decision depends on besides policy, intent and the gate itself. */
export interface GateEvaluateOptions extends EvaluateOptions {
  /** Approvals at hand, besides those in the gate's store. */
  approvals?: readonly ApprovalLike[] | undefined;
  /** Delegation tokens at hand. */
  delegations?: readonly DelegationLike[] | undefined;
  /** What to ask of the broker, in place of what the rules say. */
  credentialRef?: string | undefined;
  /** Scopes to ask of the broker besides those of the rules. */
  credentialScopes?: readonly string[] | undefined;
}

/** @internal Names of the options of a policy's decisions. */
export const POLICY_OPTIONS: ReadonlySet<string> = new Set(['now', 'killSwitch', 'contextEnvelope', 'inventory']);
/** @internal Names of the options of a gate's decisions. */
export const GATE_OPTIONS: ReadonlySet<string> = new Set([
  ...POLICY_OPTIONS,
  'approvals',
  'delegations',
  'credentialRef',
  'credentialScopes',
]);

/** @internal Whether anything besides the moment is given. A name that is none is an error. */
export function consults(options: GateEvaluateOptions, names: ReadonlySet<string>): boolean {
  let consulted = false;
  for (const name in options) {
    if (name === 'now') continue;
    if (!names.has(name)) throw unknownOption(name);
    if (options[name as keyof GateEvaluateOptions] !== undefined) consulted = true;
  }
  return consulted;
}

/** @internal Adds what is given to a batch. */
export function addInputs(batch: BatchHandle, strict: boolean, options: GateEvaluateOptions): void {
  const { killSwitch, contextEnvelope, inventory, credentialRef, credentialScopes } = options;
  for (const token of list(options.approvals, 'approvals')) {
    if (token instanceof ApprovalToken) {
      native.batchApprovalToken(batch, ApprovalToken.handleOf(token));
    } else {
      const { bytes, start, end, placed } = written(token, 'approval token');
      call(() => native.batchApproval(batch, bytes, start, end, strict), placed);
    }
  }
  for (const token of list(options.delegations, 'delegations')) {
    if (token instanceof DelegationToken) {
      native.batchDelegationToken(batch, DelegationToken.handleOf(token));
    } else {
      const { bytes, start, end, placed } = written(token, 'delegation token');
      call(() => native.batchDelegation(batch, bytes, start, end, strict), placed);
    }
  }
  if (killSwitch !== undefined) {
    const { bytes, start, end, placed } = written(killSwitch, 'kill switch');
    call(() => native.batchKillSwitch(batch, bytes, start, end, strict), placed);
  }
  if (inventory !== undefined) {
    const { bytes, start, end, placed } = written(inventory, 'inventory');
    call(() => native.batchInventory(batch, bytes, start, end, strict), placed);
  }
  if (contextEnvelope !== undefined) {
    native.batchEnvelope(batch, VerifiedEnvelope.handleOf(VerifiedEnvelope.parse(contextEnvelope, { strict })));
  }
  if (credentialRef !== undefined || credentialScopes !== undefined) {
    const scopes = texts(credentialScopes, 'credentialScopes');
    if (scopes.some((scope) => scope.includes(','))) throw invalidArgument('credentialScopes: a scope holds no comma');
    native.batchCredential(batch, text(credentialRef ?? '', 'credentialRef'), scopes.join(','));
  }
}

function list<Item>(items: readonly Item[] | undefined, argument: string): readonly Item[] {
  if (items === undefined) return [];
  if (!Array.isArray(items)) throw invalidArgument(`${argument} must be a list of tokens`);
  return items as readonly Item[];
}
