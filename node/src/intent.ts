import { inspect } from 'node:util';

import { filePath, written } from './document';
import { call, invalidArgument, InvalidInput, settle } from './errors';
import { native, type IntentHandle } from './native';
import { noticesOf, type IntentDocument, type Notice } from './values';

/** How documents are read. */
export interface ReadOptions {
  /**
   * Refuse what is unknown, ambiguous or lossy: unknown, re-cased and repeated members, integers beyond 2^53, text that
   * is not Unicode. On by default; off means the leniencies of gait v1.4.
   */
  strict?: boolean | undefined;
}

/** Whatever an intent can be given as. */
export type IntentLike = Intent | IntentDocument | object | string | Uint8Array;

/**
 * A proposed tool call, read and normalized once; deciding about it again spares the reading. Immutable.
 *
 * It lives outside of JavaScript's memory, which Node takes back when the event loop turns. A loop that reads very many
 * intents without ever waiting does better to hand their documents to `evaluate`.
 *
 * ```js
 * const intent = Intent.parse({
 *   tool_name: 'fs.read',
 *   args: { path: '/srv/report.csv' },
 *   targets: [],
 *   context: { identity: 'agent-7', workspace: '/srv', risk_class: 'low' },
 * });
 * intent.digest; // 64 hex digits
 * ```
 */
export class Intent {
  readonly #native: IntentHandle;
  readonly #placed: boolean;
  /** Whether it was read strictly. */
  readonly strict: boolean;

  private constructor(native: IntentHandle, strict: boolean, placed: boolean) {
    this.#native = native;
    this.strict = strict;
    this.#placed = placed;
  }

  /**
   * Reads an intent from an object, JSON text or bytes.
   *
   * @throws {IntentError} when it is no usable intent; `path` and `offset` say where.
   */
  static parse(document: IntentLike, { strict = true }: ReadOptions = {}): Intent {
    if (document instanceof Intent) {
      if (strict && !document.strict) {
        // What was read leniently cannot be told apart from what strict reading would have refused.
        throw new InvalidInput('a compat intent cannot be made strict: read its document again', {
          code: 'strict_mismatch',
        });
      }
      return document;
    }
    const { bytes, start, end, placed } = written(document, 'intent');
    return new Intent(call(() => native.intentParse(bytes, start, end, strict), placed), strict, placed);
  }

  /** Reads an intent file; the event loop goes on meanwhile. */
  static async load(path: string | URL, { strict = true }: ReadOptions = {}): Promise<Intent> {
    return new Intent(await settle(() => native.intentLoad(filePath(path), strict)), strict, true);
  }

  /** @internal */
  static handleOf(intent: Intent): IntentHandle {
    if (!(#native in intent)) throw invalidArgument('not an Intent');
    return intent.#native;
  }

  /** The name of the tool, normalized. */
  get toolName(): string {
    return native.intentToolName(this.#native);
  }

  /** The digest of the request, 64 hex digits. */
  get digest(): string {
    return native.intentDigest(this.#native);
  }

  /** The digest of the arguments. */
  get argsDigest(): string {
    return native.intentArgsDigest(this.#native);
  }

  /** The digest of the steps of a script; null for a single call. */
  get scriptHash(): string | null {
    return native.intentScriptHash(this.#native);
  }

  /** The digest of the targets, which credentials are bound to. */
  get targetsDigest(): string {
    return native.intentTargetsDigest(this.#native);
  }

  /** What was not kept exactly (compat only). */
  get notices(): readonly Notice[] {
    const notices = JSON.parse(call(() => native.intentNotices(this.#native))) as Notice[];
    return noticesOf(notices, this.#placed);
  }

  /** The canonical bytes whose SHA-256 is `digest`. */
  canonical(): Buffer {
    return native.intentCanonical(this.#native);
  }

  /** The normalized request as a new object. */
  toJSON(): IntentDocument {
    return JSON.parse(call(() => native.intentRequest(this.#native))) as IntentDocument;
  }

  [inspect.custom](): string {
    return `Intent(toolName=${JSON.stringify(this.toolName)}, strict=${this.strict}, digest=${this.digest.slice(0, 12)}…)`;
  }
}
