import { inspect } from 'node:util';

import { filePath, wholeBytes, written } from './document';
import { call, invalidArgument, settle } from './errors';
import { native, type SigningKeyHandle, type VerifyingKeyHandle } from './native';
import type { Signature } from './values';

function text(value: unknown, argument: string): string {
  if (typeof value !== 'string') throw invalidArgument(`${argument} must be text, not ${typeof value}`);
  return value;
}

/** The value of a variable; a name that is unset reads as empty, which keys treat alike. */
function variable(name: string): string {
  return process.env[text(name, 'name')] ?? '';
}

/** A private key. Never shown: neither `console.log` nor `JSON.stringify` gives its secret away. */
export class SigningKey {
  readonly #native: SigningKeyHandle;

  private constructor(native: SigningKeyHandle) {
    this.#native = native;
  }

  /** Makes a fresh key from the operating system's randomness. */
  static generate(): SigningKey {
    return new SigningKey(call(() => native.signingKeyGenerate()));
  }

  /** Reads a key file; the event loop goes on meanwhile. */
  static async load(path: string | URL): Promise<SigningKey> {
    return new SigningKey(await settle(() => native.signingKeyLoad(filePath(path))));
  }

  /** Reads base64 of the 64 bytes seed and public key. */
  static fromBase64(base64: string): SigningKey {
    return new SigningKey(call(() => native.signingKeyFromBase64(text(base64, 'base64'))));
  }

  /** Reads the key in an environment variable. */
  static fromEnv(name: string): SigningKey {
    return new SigningKey(call(() => native.signingKeyFromEnv(name, variable(name))));
  }

  /** @internal */
  static handleOf(key: SigningKey): SigningKeyHandle {
    if (typeof key !== 'object' || key === null || !(#native in key)) throw invalidArgument('signingKey must be a SigningKey');
    return key.#native;
  }

  /** The public half. */
  get verifyingKey(): VerifyingKey {
    return VerifyingKey.of(native.signingKeyPublic(this.#native));
  }

  /** The id of the pair, 64 hex digits. */
  get keyId(): string {
    return native.signingKeyId(this.#native);
  }

  /** The secret as text for a key file or variable. */
  toBase64(): string {
    return native.signingKeyToBase64(this.#native);
  }

  /** Signs bytes as they are (text as its UTF-8). */
  signBytes(data: Uint8Array | string): Signature {
    const bytes = wholeBytes(data, 'data');
    return JSON.parse(call(() => native.signBytes(this.#native, bytes))) as Signature;
  }

  /** Signs the digest of the canonical form of JSON text. */
  signJson(document: Uint8Array | string): Signature {
    const bytes = wholeBytes(document, 'document');
    return JSON.parse(call(() => native.signJson(this.#native, bytes))) as Signature;
  }

  /** Signs a digest of 64 hex digits. */
  signDigest(digest: string): Signature {
    return JSON.parse(call(() => native.signDigest(this.#native, text(digest, 'digest')))) as Signature;
  }

  [inspect.custom](): string {
    return `SigningKey(keyId=${this.keyId.slice(0, 12)}…)`;
  }
}

/** A public key. */
export class VerifyingKey {
  readonly #native: VerifyingKeyHandle;

  private constructor(native: VerifyingKeyHandle) {
    this.#native = native;
  }

  /** Reads a key file; the event loop goes on meanwhile. */
  static async load(path: string | URL): Promise<VerifyingKey> {
    return new VerifyingKey(await settle(() => native.verifyingKeyLoad(filePath(path))));
  }

  /** Reads base64 of the 32 bytes. */
  static fromBase64(base64: string): VerifyingKey {
    return new VerifyingKey(call(() => native.verifyingKeyFromBase64(text(base64, 'base64'))));
  }

  /** Reads the key in an environment variable. */
  static fromEnv(name: string): VerifyingKey {
    return new VerifyingKey(call(() => native.verifyingKeyFromEnv(name, variable(name))));
  }

  /** @internal */
  static of(handle: VerifyingKeyHandle): VerifyingKey {
    return new VerifyingKey(handle);
  }

  /** @internal */
  static handleOf(key: VerifyingKey): VerifyingKeyHandle {
    if (typeof key !== 'object' || key === null || !(#native in key)) throw invalidArgument('key must be a VerifyingKey');
    return key.#native;
  }

  /** The id of the key, 64 hex digits. */
  get keyId(): string {
    return native.verifyingKeyId(this.#native);
  }

  /** The key as text for a key file or variable. */
  toBase64(): string {
    return native.verifyingKeyToBase64(this.#native);
  }

  /** Whether both are the same key. */
  equals(other: VerifyingKey): boolean {
    return this.keyId === other.keyId;
  }

  /**
   * Checks a signature over bytes.
   *
   * @throws {VerificationFailed} when it does not hold.
   */
  verifyBytes(data: Uint8Array | string, signature: Signature): void {
    const { bytes, start, end } = written(signature, 'signature');
    const signed = wholeBytes(data, 'data');
    call(() => native.verifyBytes(this.#native, signed, bytes, start, end), false);
  }

  /**
   * Checks a signature over the canonical form of JSON text.
   *
   * @throws {VerificationFailed} when it does not hold.
   */
  verifyJson(document: Uint8Array | string, signature: Signature): void {
    const { bytes, start, end } = written(signature, 'signature');
    const signed = wholeBytes(document, 'document');
    call(() => native.verifyJson(this.#native, signed, bytes, start, end));
  }

  /**
   * Checks a signature over a digest of 64 hex digits.
   *
   * @throws {VerificationFailed} when it does not hold.
   */
  verifyDigest(digest: string, signature: Signature): void {
    const { bytes, start, end } = written(signature, 'signature');
    call(() => native.verifyDigest(this.#native, text(digest, 'digest'), bytes, start, end), false);
  }

  [inspect.custom](): string {
    return `VerifyingKey(keyId=${this.keyId.slice(0, 12)}…)`;
  }
}
