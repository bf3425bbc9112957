import { inspect } from 'node:util';

import { known, producerVersion, text, texts } from './argument';
import { filePath, written } from './document';
import { settle } from './errors';
import type { ReadOptions } from './intent';
import { momentText, nativeMoment, type Moment } from './moment';
import { native } from './native';
import { camelCased } from './values';

/** What an entry of a kill switch stops: whatever satisfies all selectors that are given. */
export interface KillSwitchSelectors {
  /** The agent. */
  agentId?: string | undefined;
  /** The identity; case counts. */
  identity?: string | undefined;
  /** The tool. */
  toolName?: string | undefined;
  /** Kind of some target. */
  targetKind?: string | undefined;
  /** Value of the same target. */
  targetValue?: string | undefined;
  /** The environment. */
  environment?: string | undefined;
  /** Some path target lies under one of these. */
  pathPrefixes?: readonly string[] | undefined;
  /** The workspace lies under one of these. */
  workspacePrefixes?: readonly string[] | undefined;
}

/** An entry to add. One without selectors needs an `entryId` and stops everything. */
export interface AddKillSwitchOptions extends KillSwitchSelectors {
  /** Its id; derived from it by default. */
  entryId?: string | undefined;
  /** Why. */
  reason?: string | undefined;
  /** Who adds it. */
  actor?: string | undefined;
  /** When it ends; never by default. */
  expiresAt?: Moment | undefined;
  /** The moment; the machine's clock by default. */
  now?: Moment | undefined;
}

/** When something about a kill switch happens. */
export interface KillSwitchOptions {
  /** The moment; the machine's clock by default. */
  now?: Moment | undefined;
}

/** An entry of a kill switch. */
export interface KillSwitchEntry extends KillSwitchSelectors {
  /** Its id; not necessarily unique. */
  readonly entryId: string;
  /** Whether it is in force, until it ends. */
  readonly enabled: boolean;
  /** Why it was added. */
  readonly reason?: string;
  /** Who added it. */
  readonly actor?: string;
  /** When it was added. */
  readonly createdAt: string;
  /** When it ends; null for never. */
  readonly expiresAt: string | null;
}

const NEVER = '0001-01-01T00:00:00Z';

const ADDED = new Set([
  'agentId',
  'identity',
  'toolName',
  'targetKind',
  'targetValue',
  'environment',
  'pathPrefixes',
  'workspacePrefixes',
  'entryId',
  'reason',
  'actor',
  'expiresAt',
  'now',
]);

function entryOf(value: unknown): KillSwitchEntry {
  const entry = camelCased<KillSwitchEntry & { expiresAt: string }>(value);
  return Object.freeze({ ...entry, expiresAt: entry.expiresAt === NEVER ? null : entry.expiresAt });
}

/**
 * The kill switch in a file that processes share: what its entries match is blocked, whatever a policy says, from the next
 * decision of every gate with this `killSwitchState`. Changes are made under the lock of the file, so that none is lost.
 *
 * ```js
 * const killSwitch = new KillSwitch('.gait-out/kill_switch_state.json');
 * const entry = await killSwitch.add({ toolName: 'mail.send', reason: 'leak', actor: 'alice' });
 * await killSwitch.disable(entry.entryId);
 * ```
 */
export class KillSwitch {
  /** The file. */
  readonly path: string;
  /** Whether the file is read strictly. */
  readonly strict: boolean;

  constructor(path: string | URL, { strict = true }: ReadOptions = {}) {
    this.path = filePath(path);
    this.strict = strict;
  }

  /**
   * Starts a state without entries, where there is none: a gate that is told of a kill switch takes a missing one for an
   * error. The folder must exist, but for one named `.gait-out`, which is made.
   */
  async start(options: KillSwitchOptions = {}): Promise<void> {
    const now = nativeMoment(options.now);
    await settle(async () => native.killSwitchStart(this.path, this.strict, now, producerVersion()));
  }

  /** Adds an entry, in force from now on; starts the state where there is none. */
  async add(options: AddKillSwitchOptions): Promise<KillSwitchEntry> {
    known(options, ADDED);
    const now = nativeMoment(options.now);
    const entry: Record<string, unknown> = {
      entry_id: text(options.entryId ?? '', 'entryId'),
      agent_id: text(options.agentId ?? '', 'agentId'),
      identity: text(options.identity ?? '', 'identity'),
      tool_name: text(options.toolName ?? '', 'toolName'),
      target_kind: text(options.targetKind ?? '', 'targetKind'),
      target_value: text(options.targetValue ?? '', 'targetValue'),
      environment: text(options.environment ?? '', 'environment'),
      path_prefixes: texts(options.pathPrefixes, 'pathPrefixes'),
      workspace_prefixes: texts(options.workspacePrefixes, 'workspacePrefixes'),
      reason: text(options.reason ?? '', 'reason'),
      actor: text(options.actor ?? '', 'actor'),
    };
    if (options.expiresAt !== undefined) entry['expires_at'] = momentText(options.expiresAt);
    const { bytes, start, end } = written(entry, 'terms');
    const added = settle(async () => {
      return native.killSwitchAdd(this.path, this.strict, bytes, start, end, now, producerVersion());
    });
    return entryOf(JSON.parse(await added));
  }

  /** Takes an entry out of force. */
  async disable(entryId: string, options: KillSwitchOptions = {}): Promise<KillSwitchEntry> {
    const [id, now] = [text(entryId, 'entryId'), nativeMoment(options.now)];
    return entryOf(JSON.parse(await settle(async () => native.killSwitchDisable(this.path, this.strict, id, now))));
  }

  /** Lets an entry end, now or at a moment to come. */
  async expire(entryId: string, at?: Moment, options: KillSwitchOptions = {}): Promise<KillSwitchEntry> {
    const [id, now] = [text(entryId, 'entryId'), nativeMoment(options.now)];
    const end = at === undefined ? now : nativeMoment(at);
    return entryOf(JSON.parse(await settle(async () => native.killSwitchExpire(this.path, this.strict, id, end, now))));
  }

  /** The entries, by id; none when there is no file. */
  async entries(): Promise<KillSwitchEntry[]> {
    const now = nativeMoment(undefined);
    const state = await settle(async () => native.killSwitchLoad(this.path, this.strict, now));
    return (JSON.parse(state) as { entries: unknown[] }).entries.map(entryOf);
  }

  [inspect.custom](): string {
    return `KillSwitch(${JSON.stringify(this.path)})`;
  }
}
