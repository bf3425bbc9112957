import { inspect } from 'node:util';

import { filePath, written } from './document';
import { call, settle } from './errors';
import type { ReadOptions } from './intent';
import { VerifyingKey } from './key';
import { native } from './native';
import type { Signature, Verdict } from './values';

/** The members of a trace document, as they stand in the file. */
export interface TraceDocument {
  readonly schema_id: string;
  readonly schema_version: string;
  readonly created_at: string;
  readonly observed_at: string;
  readonly producer_version: string;
  readonly trace_id: string;
  readonly tool_name: string;
  readonly args_digest: string;
  readonly intent_digest: string;
  readonly policy_digest: string;
  readonly verdict: Verdict;
  readonly violations?: readonly string[];
  readonly signature?: Signature;
  readonly [member: string]: unknown;
}

/** Whatever a trace can be given as. */
export type TraceLike = Trace | TraceDocument | object | string | Uint8Array;

/** The record of one decision, signed where the gate has a key. Immutable. */
export class Trace {
  readonly #file: string;
  #members: TraceDocument | undefined;

  private constructor(file: string) {
    this.#file = file;
  }

  /** Reads a trace from an object, JSON text or bytes. Says nothing about its signature. */
  static parse(document: TraceLike, { strict = true }: ReadOptions = {}): Trace {
    if (document instanceof Trace) return document;
    const { bytes, start, end, placed } = written(document, 'trace');
    return new Trace(call(() => native.traceParse(bytes, start, end, strict), placed));
  }

  /** Reads a trace file; the event loop goes on meanwhile. Says nothing about its signature. */
  static async load(path: string | URL, { strict = true }: ReadOptions = {}): Promise<Trace> {
    return new Trace(await settle(() => native.traceLoad(filePath(path), strict)));
  }

  /** @internal */
  static of(file: string): Trace {
    return new Trace(file);
  }

  get #document(): TraceDocument {
    return (this.#members ??= this.toJSON());
  }

  /** The id of the decision: the same for the same policy, intent and verdict. */
  get traceId(): string {
    return this.#document.trace_id;
  }

  /** The verdict. */
  get verdict(): Verdict {
    return this.#document.verdict;
  }

  /** The id of the key that signed it; null for an unsigned trace. */
  get keyId(): string | null {
    return this.#document.signature?.key_id ?? null;
  }

  /** Whether it carries a signature, good or bad. */
  get isSigned(): boolean {
    return this.#document.signature !== undefined;
  }

  /** The text of the trace file: indented JSON with a final line break. */
  toString(): string {
    return this.#file;
  }

  /** The members as a new object. */
  toJSON(): TraceDocument {
    return JSON.parse(this.#file) as TraceDocument;
  }

  /** Writes the trace file, readable for its owner only; gives its path. The event loop goes on meanwhile. */
  async write(path: string | URL): Promise<string> {
    return settle(async () => native.traceWrite(this.#file, filePath(path)));
  }

  [inspect.custom](): string {
    const signer = this.keyId === null ? 'unsigned' : `keyId=${this.keyId.slice(0, 12)}…`;
    return `Trace(${this.traceId}, verdict=${this.verdict}, ${signer})`;
  }
}

/**
 * Checks the signature of a trace; gives the trace back, so that only what was verified is used.
 *
 * ```js
 * const trace = verifyTrace(readFileSync('trace.json'), await VerifyingKey.load('gait_public.key'));
 * ```
 *
 * @throws {VerificationFailed} when it is unsigned, signed by another key, or changed since.
 * @throws {DocumentError} when it is no trace.
 */
export function verifyTrace(trace: TraceLike, key: VerifyingKey, { strict = true }: ReadOptions = {}): Trace {
  const handle = VerifyingKey.handleOf(key);
  const { bytes, start, end, placed } = written(trace instanceof Trace ? trace.toString() : trace, 'trace');
  return Trace.of(call(() => native.traceVerify(bytes, start, end, strict, handle), placed));
}
