import { invalidArgument } from './errors';

/** A span of time: a number of milliseconds, or text such as `90s`, `15m`, `1h30m`. */
export type Duration = number | string;

/** @internal The span as the native half takes it. */
export function nativeDuration(duration: unknown, argument: string): Duration {
  if (typeof duration === 'string' || (typeof duration === 'number' && !Number.isNaN(duration))) return duration;
  throw invalidArgument(`${argument} must be milliseconds, or text such as '15m'`);
}
