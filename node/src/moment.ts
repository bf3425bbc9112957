// The moment of a decision: what `now` may be.

import { types } from 'node:util';

import { InvalidInput, invalidArgument } from './errors';
import { native, type NativeMoment } from './native';

/** A moment: a `Date`, or RFC 3339 text such as `2026-03-01T10:00:00Z`. */
export type Moment = Date | string;

/** @internal The moment as the native half takes it; the machine's by default. */
export function nativeMoment(now: Moment | undefined): NativeMoment {
  if (now === undefined) return native.clock();
  if (typeof now === 'string') return now;
  if (!types.isDate(now)) throw invalidArgument('now must be a Date or RFC 3339 text');
  const millis = Date.prototype.getTime.call(now);
  if (Number.isNaN(millis)) throw new InvalidInput('now is an invalid Date', { code: 'time_malformed' });
  return millis;
}

/** @internal The moment as documents have it. */
export function momentText(moment: Moment): string {
  const given = nativeMoment(moment);
  return typeof given === 'string' ? given : new Date(given).toISOString();
}
