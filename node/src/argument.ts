// What functions check about their arguments before anything crosses to the native half.

import { invalidArgument } from './errors';

/** @internal A text. */
export function text(value: unknown, argument: string): string {
  if (typeof value !== 'string') throw invalidArgument(`${argument} must be text, not ${typeof value}`);
  return value;
}

/** @internal A list of texts; none when it is not given. */
export function texts(values: unknown, argument: string): string[] {
  if (values === undefined) return [];
  if (!Array.isArray(values)) throw invalidArgument(`${argument} must be a list of texts`);
  return values.map((value) => text(value, argument));
}

/** @internal A count; 0 when it is not given. */
export function integer(value: unknown, argument: string): number {
  if (value === undefined) return 0;
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw invalidArgument(`${argument} must be a whole number from 0`);
  return value as number;
}

/** @internal Refuses members that are none: a misspelled name must not stand for what it does not say. */
export function known(options: object, names: ReadonlySet<string>): void {
  for (const name in options) if (!names.has(name)) throw unknownOption(name);
}

/** @internal A member that is no option. */
export function unknownOption(name: string): Error {
  return invalidArgument(`there is no option ${name}`);
}

/** @internal What signed records of this process name as their producer. */
export function producerVersion(): string {
  return process.env['GAIT_PRODUCER_VERSION'] ?? '';
}
