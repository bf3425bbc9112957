import { isPlain } from './document';
import { invalidArgument } from './errors';
import { VerifyingKey } from './key';
import { native, type TrustHandle } from './native';

/**
 * Whose signatures count: one key, several, or keys by the name of their holder.
 *
 * A key without a name lets its holder sign as anybody. Where two people must approve, give each a key bound to one name:
 * `{ 'alice@example.com': aliceKey, 'bob@example.com': bobKey }`.
 */
export type TrustedKeys =
  | VerifyingKey
  | readonly VerifyingKey[]
  | Readonly<Record<string, VerifyingKey | readonly VerifyingKey[]>>
  | ReadonlyMap<string, VerifyingKey | readonly VerifyingKey[]>;

/** @internal The keys as the native half takes them. */
export function nativeTrust(keys: TrustedKeys, argument: string): TrustHandle {
  const trust = native.trustNew();
  if (keys instanceof VerifyingKey || Array.isArray(keys)) {
    for (const key of listed(keys)) native.trustKey(trust, handle(key, argument));
    return trust;
  }
  if (typeof keys !== 'object' || keys === null || !(keys instanceof Map || isPlain(keys))) throw unusable(argument);
  for (const [name, held] of keys instanceof Map ? keys : Object.entries(keys)) {
    if (typeof name !== 'string' || name.trim() === '') throw invalidArgument(`${argument}: a holder needs a name`);
    for (const key of listed(held as VerifyingKey | readonly VerifyingKey[])) {
      native.trustHolder(trust, handle(key, argument), name);
    }
  }
  return trust;
}

function listed(keys: VerifyingKey | readonly VerifyingKey[]): readonly VerifyingKey[] {
  return Array.isArray(keys) ? (keys as readonly VerifyingKey[]) : [keys as VerifyingKey];
}

function handle(key: unknown, argument: string): ReturnType<typeof VerifyingKey.handleOf> {
  if (!(key instanceof VerifyingKey)) throw unusable(argument);
  return VerifyingKey.handleOf(key);
}

function unusable(argument: string): Error {
  return invalidArgument(`${argument} must be a VerifyingKey, a list of them, or an object from names to them`);
}
