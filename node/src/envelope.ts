import { inspect } from 'node:util';

import { written } from './document';
import { call, invalidArgument } from './errors';
import type { ReadOptions } from './intent';
import { native, type EnvelopeHandle } from './native';

/** Whatever a context envelope can be given as. */
export type EnvelopeLike = VerifiedEnvelope | object | string | Uint8Array;

/**
 * What an agent had read when it proposed a call, checked against the digest of its records. Reading it once spares doing so
 * for each decision. Immutable.
 */
export class VerifiedEnvelope {
  readonly #native: EnvelopeHandle;

  private constructor(native: EnvelopeHandle) {
    this.#native = native;
  }

  /**
   * Reads a context envelope from an object, JSON text or bytes, and checks it.
   *
   * @throws {DocumentError} when it is none or its digest is not that of its records.
   */
  static parse(document: EnvelopeLike, { strict = true }: ReadOptions = {}): VerifiedEnvelope {
    if (document instanceof VerifiedEnvelope) return document;
    const { bytes, start, end, placed } = written(document, 'context envelope');
    return new VerifiedEnvelope(call(() => native.envelopeParse(bytes, start, end, strict), placed));
  }

  /** @internal */
  static handleOf(envelope: VerifiedEnvelope): EnvelopeHandle {
    if (!(#native in envelope)) throw invalidArgument('not a VerifiedEnvelope');
    return envelope.#native;
  }

  /** The digest of its records, 64 hex digits. */
  get digest(): string {
    return native.envelopeDigest(this.#native);
  }

  [inspect.custom](): string {
    return `VerifiedEnvelope(digest=${this.digest.slice(0, 12)}…)`;
  }
}
