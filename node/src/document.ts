// Documents on their way to the native half: texts and bytes as they are, objects written as JSON.
//
// Objects are not written by `JSON.stringify`. It would drop members that are undefined, functions or symbols, write NaN
// and the infinities as null, and call `toJSON`: an intent would be decided about that is not the one that was given.
// Here every value is read exactly once and written as it is, or refused. Bytes go straight into a buffer, which is
// faster than making a string and copying it, and stay there for as long as a decision may be asked about them.

import { fileURLToPath } from 'node:url';
import { types } from 'node:util';

import { DocumentError, IntentError, invalidArgument, type InvalidInput } from './errors';

/** JSON text as a string or bytes, or an object that has a JSON form. */
export type JsonDocument = string | Uint8Array | object;

/** What a document is, for errors about it. */
type Kind =
  | 'intent'
  | 'trace'
  | 'signature'
  | 'approval request'
  | 'approval token'
  | 'delegation token'
  | 'context envelope'
  | 'inventory'
  | 'kill switch'
  | 'broker answer'
  | 'settings'
  | 'terms';

/** A document as it crosses: a part of `bytes`, which nobody writes to again. */
export interface Written {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Whether places in the text mean something to the caller. */
  readonly placed: boolean;
}

/** How deep an object may nest; deeper documents go as text. */
const MAX_DEPTH = 1_000;
/** How many values an object may hold, as often as they are reached. */
const MAX_VALUES = 1_000_000;
/** More than any reader takes: spares handing it over. */
export const MAX_BYTES = 64 * 1024 * 1024;
/** Room for some documents of usual size: one that is kept alive keeps its neighbours' room alive, too. */
const CHUNK_BYTES = 16 * 1024;
/** A path is for a person: deeper levels and longer names are left out. */
const PATH_LEVELS = 32;
const PATH_NAME = 80;

/** Bytes that stand for themselves in a JSON string. */
const PLAIN = new Uint8Array(0x10000);
PLAIN.fill(1, 0x20, 0x7f);
PLAIN[0x22] = PLAIN[0x5c] = 0;

/** Why a value cannot be written. */
class Refusal {
  constructor(
    readonly code: 'json_wrong_type' | 'json_limit_exceeded',
    readonly problem: string,
    readonly depth: number,
  ) {}
}

/** Writes documents one behind the other, into one chunk after the other. */
class Writer {
  /** Getters and proxies may come back here while their object is written. */
  busy = false;
  private bytes = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  private start = 0;
  private end = 0;
  private values = 0;
  private readonly trail: Array<string | number> = [];

  object(object: object): Written {
    this.busy = true;
    this.end = this.start;
    this.values = 0;
    try {
      this.value(object, 0);
      return this.finish(false);
    } finally {
      this.busy = false;
    }
  }

  /** Copies bytes, so that their owner may go on writing to them. */
  copy(bytes: Uint8Array): Written {
    this.end = this.start;
    this.room(bytes.length);
    this.bytes.set(bytes, this.start);
    this.end += bytes.length;
    return this.finish(true);
  }

  private finish(placed: boolean): Written {
    const { bytes, start, end } = this;
    // What a large document needed is its own.
    if (bytes.length > CHUNK_BYTES) {
      this.bytes = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      this.start = 0;
    } else {
      this.start = end;
    }
    return { bytes, start, end, placed };
  }

  /** The path to the value at this depth. */
  path(depth: number): string {
    let path = '';
    for (const step of this.trail.slice(0, Math.min(depth, PATH_LEVELS))) {
      if (typeof step === 'number') path += `[${step}]`;
      else path += `${path === '' ? '' : '.'}${step.slice(0, PATH_NAME)}`;
    }
    return path;
  }

  private value(value: unknown, depth: number): void {
    switch (typeof value) {
      case 'string':
        this.string(value);
        return;
      case 'number':
        // NaN and the infinities are the numbers that differ from themselves by something else than 0.
        if (value - value !== 0) throw new Refusal('json_wrong_type', `the number ${value}`, depth);
        this.ascii(`${value}`);
        return;
      case 'boolean':
        this.ascii(value ? 'true' : 'false');
        return;
      case 'object':
        if (value === null) this.ascii('null');
        else if (Array.isArray(value)) this.items(value, depth);
        else this.members(value, depth);
        return;
      default:
        throw new Refusal('json_wrong_type', describe(value), depth);
    }
  }

  private items(array: readonly unknown[], depth: number): void {
    const count = array.length;
    // A proxy may say anything.
    if (!Number.isSafeInteger(count)) throw new Refusal('json_wrong_type', 'an array without a length', depth);
    this.enter(count, depth);
    this.byte(0x5b);
    for (let index = 0; index < count; index++) {
      if (index > 0) this.byte(0x2c);
      this.trail[depth] = index;
      this.value(array[index], depth + 1);
    }
    this.byte(0x5d);
  }

  private members(object: object, depth: number): void {
    if (!isPlain(object)) throw new Refusal('json_wrong_type', describe(object), depth);
    const names = Object.keys(object);
    const count = names.length;
    this.enter(count, depth);
    this.byte(0x7b);
    for (let index = 0; index < count; index++) {
      const name = names[index] as string;
      if (index > 0) this.byte(0x2c);
      this.trail[depth] = name;
      this.string(name);
      this.byte(0x3a);
      this.value((object as Record<string, unknown>)[name], depth + 1);
    }
    this.byte(0x7d);
  }

  private enter(values: number, depth: number): void {
    if (depth >= MAX_DEPTH) throw new Refusal('json_limit_exceeded', 'nested too deeply, or a circle', depth);
    this.values += values;
    if (this.values > MAX_VALUES || this.end - this.start > MAX_BYTES) {
      throw new Refusal('json_limit_exceeded', 'too large', depth);
    }
  }

  private byte(byte: number): void {
    this.room(1);
    this.bytes[this.end++] = byte;
  }

  private string(text: string): void {
    const count = text.length;
    this.room(count + 2);
    const bytes = this.bytes;
    let at = this.end;
    bytes[at++] = 0x22;
    for (let index = 0; index < count; index++) {
      const unit = text.charCodeAt(index);
      if (PLAIN[unit] === 0) {
        this.escaped(text);
        return;
      }
      bytes[at++] = unit;
    }
    bytes[at++] = 0x22;
    this.end = at;
  }

  /** Escapes what JSON wants escaped, half surrogate pairs too: the reader refuses or replaces those by its own rules. */
  private escaped(text: string): void {
    const literal = JSON.stringify(text);
    this.room(Buffer.byteLength(literal));
    this.end += this.bytes.write(literal, this.end, 'utf8');
  }

  private ascii(text: string): void {
    const count = text.length;
    this.room(count);
    const bytes = this.bytes;
    let at = this.end;
    for (let index = 0; index < count; index++) bytes[at++] = text.charCodeAt(index);
    this.end = at;
  }

  private room(count: number): void {
    if (this.end + count > this.bytes.length) this.move(count);
  }

  /** Moves the document to a new chunk; the others stay where they are. */
  private move(room: number): void {
    const length = this.end - this.start;
    const bytes = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, 2 * (length + room)));
    this.bytes.copy(bytes, 0, this.start, this.end);
    this.bytes = bytes;
    this.start = 0;
    this.end = length;
  }
}

const shared = new Writer();

/** Whether an object is nothing but its members. Objects of another realm (`node:vm`, test runners) count, too. */
export function isPlain(object: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(object);
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.prototype.hasOwnProperty.call(prototype, 'hasOwnProperty');
}

function describe(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'undefined; leave the member out instead';
    case 'bigint':
      return 'a BigInt; JSON numbers are doubles, so pass it as a number or text';
    case 'object': {
      if (types.isDate(value)) return 'a Date; pass toISOString() of it';
      const name: unknown = (value as object).constructor?.name;
      return `an object of class ${typeof name === 'string' && name !== '' ? name.slice(0, PATH_NAME) : 'without a name'}`;
    }
    default:
      return `a ${typeof value}`;
  }
}

/** A document for the native half. `what` names it in errors. */
export function written(document: unknown, what: Kind): Written {
  if (typeof document === 'string') return textDocument(document, what);
  if (typeof document !== 'object' || document === null) {
    throw invalidArgument(`${what} must be an object, JSON text or bytes, not ${nameOf(document)}`);
  }
  if (types.isUint8Array(document)) return bytesDocument(document, what);
  const writer = shared.busy ? new Writer() : shared;
  try {
    return writer.object(document);
  } catch (thrown) {
    if (thrown instanceof Refusal) throw unwritable(what, thrown, writer.path(thrown.depth));
    throw thrown;
  }
}

/** A text or bytes for the native half, which is done with them when it returns. */
export function wholeBytes(document: unknown, argument: string): Uint8Array {
  if (typeof document === 'string') return encode(document);
  if (types.isUint8Array(document)) return unshared(document);
  throw invalidArgument(`${argument} must be text or bytes (Uint8Array), not ${nameOf(document)}`);
}

function nameOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

/** Another thread may write to shared memory while it is read. */
function unshared(bytes: Uint8Array): Uint8Array {
  return bytes.buffer instanceof ArrayBuffer ? bytes : new Uint8Array(bytes);
}

function bytesDocument(bytes: Uint8Array, what: Kind): Written {
  if (bytes.length > MAX_BYTES) throw tooLarge(what);
  return (shared.busy ? new Writer() : shared).copy(bytes);
}

function textDocument(text: string, what: Kind): Written {
  if (text.length > MAX_BYTES) throw tooLarge(what);
  const bytes = encode(text);
  return { bytes, start: 0, end: bytes.length, placed: true };
}

function tooLarge(what: Kind): InvalidInput {
  return unwritable(what, new Refusal('json_limit_exceeded', 'too large', 0), '');
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** UTF-8. Half surrogate pairs have none: they become bytes that no UTF-8 has, which readers judge by their own rules. */
function encode(text: string): Uint8Array {
  if (!LONE_SURROGATE.test(text)) return Buffer.from(text, 'utf8');
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const { 0: half, index } of text.matchAll(/\p{Surrogate}/gu)) {
    const unit = half.charCodeAt(0);
    parts.push(Buffer.from(text.slice(from, index), 'utf8'));
    parts.push(Buffer.from([0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)]));
    from = index + 1;
  }
  parts.push(Buffer.from(text.slice(from), 'utf8'));
  return Buffer.concat(parts);
}

function unwritable(what: Kind, refusal: Refusal, path: string): InvalidInput {
  const where = path === '' ? '' : `${path}: `;
  const problem = refusal.code === 'json_wrong_type' ? `value has no JSON form: ${refusal.problem}` : refusal.problem;
  const message = `${what}: ${where}${problem}`;
  if (what === 'intent') {
    return new IntentError(message, { code: 'intent_malformed', detail: refusal.code, path: path || undefined });
  }
  return new DocumentError(message, { code: refusal.code, detail: refusal.code, path: path || undefined });
}

/** A path as the native half takes it. */
export function filePath(path: unknown): string {
  if (path instanceof URL) {
    if (path.protocol !== 'file:') throw invalidArgument('path must be a file: URL');
    return fileURLToPath(path);
  }
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw invalidArgument('path must be text, not empty and without NUL, or a file: URL');
  }
  return path;
}
