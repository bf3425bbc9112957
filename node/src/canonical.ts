import { wholeBytes } from './document';
import { call } from './errors';
import { native } from './native';

/** How JSON text is looked at. */
export interface CanonicalOptions {
  /** Also refuse what RFC 8785 leaves open: invalid UTF-8, noncharacters, integers beyond 2^53. Off by default. */
  strict?: boolean | undefined;
}

/**
 * The canonical form (RFC 8785) of JSON text.
 *
 * @throws {DocumentError} when the text has none; `offset` says where.
 */
export function canonicalize(document: Uint8Array | string, { strict = false }: CanonicalOptions = {}): Buffer {
  const bytes = wholeBytes(document, 'document');
  return call(() => native.canonicalize(bytes, strict));
}

/**
 * The SHA-256 of the canonical form of JSON text, 64 hex digits.
 *
 * @throws {DocumentError} when the text has none; `offset` says where.
 */
export function digest(document: Uint8Array | string, { strict = false }: CanonicalOptions = {}): string {
  const bytes = wholeBytes(document, 'document');
  return call(() => native.digest(bytes, strict));
}
